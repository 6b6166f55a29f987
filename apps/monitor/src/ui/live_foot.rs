//! Below an open row of the live log: what else there is to say of it, and the way to its record.

use egui_extras::TableRow;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{format, widgets};
use tillwatch_shared::ids::{CountId, TransferId};
use tillwatch_shared::{AlarmId, Cents};

use super::Screen;
use super::live::{blank, cell, fitted, right};
use super::rows;
use crate::input::{LogAct, ReportOf, User};
use crate::lists::{Filter as ListFilter, ListAct, Topic};
use crate::livelog::{Filter, Row, Told, What};
use crate::log_texts::Text as Words;
use crate::state::{Page, State};
use crate::stock::StockFilter;
use crate::stock_texts::Text as Goods;
use crate::texts::{self, Text};
use crate::update::lists;

/// What else there is to say of the open row.
pub fn show(row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, opened: &Row, narrow: bool) {
    row.set_selected(true);
    row.col(|_| {});
    let words = foot_words(screen, opened, narrow);
    let jump = record(screen.state, opened);
    cell(row, 0.0, |ui| {
        ui.add_space(46.0);
        if let Some(jump) = jump
            && widgets::link_button(ui, Words::SeeRecord.get(screen.lang())).clicked()
        {
            screen.act(jump);
        }
        fitted(ui, &words, true);
    });
    cell(row, 0.0, |ui| match &opened.what {
        What::Sale { total, .. } => right(ui, &total.plain(), true),
        What::Return { total, .. } => right(ui, &Cents(-total.0).plain(), true),
        What::Entry { .. }
        | What::Count { .. }
        | What::Transfer { .. }
        | What::Money { .. }
        | What::Alarm { .. }
        | What::Session { .. }
        | What::Coordinates(_) => {}
    });
    blank(row, narrow);
}

fn foot_words(screen: &Screen<'_>, row: &Row, narrow: bool) -> String {
    let lang = screen.lang();
    let mut parts: Vec<String> = Vec::new();
    // Where the column of stores has no room.
    if narrow {
        parts.push(rows::store(screen.state, row).to_owned());
    }
    match &row.what {
        What::Sale { change, till, payments, .. } => {
            for payment in payments {
                parts.push(format!("{} {}", texts::payment(payment.method).get(lang), payment.amount_cents));
            }
            if change.0 > 0 {
                parts.push(format!("{} {change}", screen.text(Text::Change)));
            }
            if let Some(till) = till {
                parts.push(till.to_string());
            }
        }
        What::Return { refunds, reason, till, .. } => {
            for refund in refunds {
                let method = texts::payment(refund.method).get(lang);
                parts.push(format!("{} {method} {}", screen.text(Text::Refunded), refund.amount_cents));
            }
            parts.push(format!("{}: {reason}", screen.text(Text::Reason)));
            parts.extend(till.as_ref().map(ToString::to_string));
        }
        What::Money { note, .. } | What::Alarm { note, .. } => {
            parts.extend(note.iter().map(ToString::to_string));
        }
        What::Session { .. } | What::Coordinates(_) => {}
        What::Count { worth, .. } => parts.push(Goods::Worth.with(lang, &[("amount", worth)])),
        What::Transfer { reason, .. } => {
            parts.extend(reason.iter().map(|reason| format!("{}: {reason}", screen.text(Text::Reason))));
        }
        What::Entry { unit, balance, reason, .. } => {
            parts.push(Text::BalanceAfter.with(lang, &[("balance", balance), ("unit", &unit.symbol())]));
            if let Some(reason) = reason {
                parts.push(format!("{}: {reason}", screen.text(Text::Reason)));
            }
        }
    }
    if row.came_late() {
        let at = format::date_time(row.at, &screen.state.zone(row.store_id));
        parts.push(Text::ArrivedAt.with(lang, &[("at", &at)]));
    }
    parts.join(" · ")
}

/// Where the record of the row is looked at closely, if this person may.
fn record(state: &State, row: &Row) -> Option<User> {
    let named = |topic, text: String| {
        let filter = ListFilter { store: row.store_id, text, ..ListFilter::default() };
        lists::may_see(state, topic).then_some(User::List(ListAct::Show(topic, filter)))
    };
    let record = |topic, of| lists::may_see(state, topic).then_some(User::List(ListAct::Record(topic, of)));
    let name = |id| state.log.name(id).to_owned();
    match &row.what {
        What::Alarm { .. } => {
            let open = lists::alarms(state).any(|alarm| alarm.id.0 == row.id);
            let topic = if open { Topic::Alarms } else { Topic::PastAlarms };
            record(topic, ReportOf::Alarm(AlarmId(row.id)))
        }
        What::Coordinates(_) => Some(User::Open(Page::Servers)),
        What::Session { .. } => named(Topic::People, name(row.person)),
        What::Return { sale_number, .. } => Some(sale(state, row, *sale_number)),
        What::Money { told: Told::Approved | Told::ReturnApproved, .. } | What::Sale { .. } => None,
        What::Money { told: Told::DebtPaid, note, .. } => {
            named(Topic::Accounts, note.as_deref().unwrap_or_default().to_owned())
        }
        What::Money { session, .. } => record(Topic::Sessions, ReportOf::Cash((*session)?)),
        What::Count { .. } => record(Topic::Counts, ReportOf::Count(CountId(row.id))),
        What::Transfer { .. } => record(Topic::Transfers, ReportOf::Transfer(TransferId(row.id))),
        What::Entry { product, .. } => Some(User::ShowStock(StockFilter {
            store: row.store_id,
            text: name(*product),
            ..StockFilter::default()
        })),
    }
}

/// The sale that goods came back of, with all that came back of it.
fn sale(state: &State, row: &Row, number: i64) -> User {
    let filter = Filter { store: row.store_id, text: format!("#{number}"), ..state.log.filter().clone() };
    User::Log(LogAct::Show(filter))
}
