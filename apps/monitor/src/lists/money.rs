//! Rows about money: the drawers of the tills from opening to close, and what customers owe.

use tillwatch_desk::format;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Account, CashSession};

use super::{Cell, Column, Context};
use crate::lists_texts::Text;

pub const SESSIONS: &[Column] = &[
    Column::wide(Text::Number, 52.0).always(),
    Column::wide(Text::Store, 0.0).always(),
    Column::wide(Text::Till, 110.0).always(),
    Column::wide(Text::OpenedBy, 0.0),
    Column::wide(Text::OpenedAt, 134.0).always(),
    Column::wide(Text::ClosedAt, 134.0),
    Column::wide(Text::Expected, 112.0).right(),
    Column::wide(Text::CountedCash, 112.0).right(),
    Column::wide(Text::Difference, 100.0).right().always(),
];

pub const ACCOUNTS: &[Column] = &[
    Column::wide(Text::Customer, 0.0).always(),
    Column::wide(Text::TaxId, 140.0),
    Column::wide(Text::Store, 200.0),
    Column::wide(Text::LastMove, 140.0).always(),
    Column::wide(Text::Owes, 130.0).right().always(),
];

pub fn session_passes(session: &CashSession, choice: usize) -> bool {
    match choice {
        1 => session.closing.is_none(),
        _ => session.closing.as_ref().is_some_and(|closing| closing.difference_cents != Cents::ZERO),
    }
}

pub const fn difference_tone(difference: Cents) -> Option<Tone> {
    match difference.0 {
        0 => None,
        ..0 => Some(Tone::Danger),
        1.. => Some(Tone::Attention),
    }
}

pub fn session(session: &CashSession, context: &Context) -> Vec<Cell> {
    let closing = session.closing.as_ref();
    let closed = closing.map_or_else(
        || Cell::number(context.text(Text::OpenNow), i64::MAX).tone(Tone::Info),
        |closing| context.when(closing.closed_at, session.store_id),
    );
    let difference = closing.map(|closing| closing.difference_cents);
    vec![
        Cell::number(session.number.to_string(), session.number),
        Cell::text(session.store_name.as_str()),
        Cell::text(session.till.as_str()),
        Cell::text(session.opened_by_name.as_str()),
        context.when(session.opened_at, session.store_id),
        closed,
        Cell::money(closing.map(|closing| closing.expected_cents)),
        Cell::money(closing.map(|closing| closing.counted_cents)),
        match difference {
            None => Cell::number(context.text(Text::OpenNow), i64::MIN).tone(Tone::Info),
            Some(cents) => Cell::money(difference).tone(difference_tone(cents)),
        },
    ]
}

pub fn account(account: &Account, context: &Context) -> Vec<Cell> {
    let name = account.name.as_deref().unwrap_or_else(|| context.text(Text::NoName));
    vec![
        Cell::text(name),
        Cell::text(account.tax_id_masked.as_deref().unwrap_or("–")),
        Cell::text(account.store_name.as_str()),
        Cell::number(
            format::date_time(account.changed_at, context.zone(account.store_id)),
            account.changed_at.0,
        ),
        Cell::money(Some(account.balance_cents)),
    ]
}
