//! What the server has not confirmed yet, and what it has refused.

use egui::{Context, RichText, Ui};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog};
use tillwatch_desk::{Lang, failure, format};

use crate::cash_texts::CashText;
use crate::debts_texts::DebtsText;
use crate::input::Input;
use crate::returns_texts::ReturnsText;
use crate::state::State;
use crate::state::outbox::{OutboxForm, Parcel, Stage, Work};
use crate::state::stock::StockWork;
use crate::stock_texts::Text as Stock;
use crate::texts::Text;
use crate::update::corrections::{self, Way};

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: OutboxForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "outbox", title: Text::OutboxTitle.get(lang), width: 560.0, lang };
    let answer = dialog.show(ctx, |ui| {
        if state.outbox.is_empty() {
            widgets::status(ui, Tone::Good, Text::OutboxEmpty.get(lang));
            return;
        }
        widgets::weak(ui, Text::OutboxHint.get(lang));
        for parcel in state.outbox.parcels() {
            ui.separator();
            one(ui, state, parcel, out);
            if form.discarding == Some(parcel.command) {
                ask_discard(ui, parcel, lang, out);
            }
        }
    });
    answer.closed
}

fn one(ui: &mut Ui, state: &State, parcel: &Parcel, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.horizontal(|ui| {
        ui.label(RichText::new(subject(parcel, lang)).font(tokens::body_strong()));
        let (tone, stage) = match &parcel.stage {
            Stage::Sending => (Tone::Info, Text::StageSending),
            Stage::Keeping => (Tone::Info, Text::StageKeeping),
            Stage::Waiting(None) => (Tone::Attention, Text::StageWaiting),
            Stage::Waiting(Some(_)) => (Tone::Attention, Text::StageUnconfirmed),
            Stage::Rejected(_) => (Tone::Danger, Text::StageRejected),
        };
        widgets::status(ui, tone, stage.get(lang));
        widgets::weak(ui, &format::age(lang, state.now.since(parcel.made_at)));
    });
    let failure = match &parcel.stage {
        Stage::Keeping | Stage::Sending | Stage::Waiting(None) => return,
        Stage::Waiting(Some(failure)) | Stage::Rejected(failure) => failure,
    };
    let colour = Palette::in_ui(ui).text_weak;
    let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
    ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
    let way = corrections::way(state, parcel);
    if let Some(Way::OnlyAgain(why)) = way {
        widgets::weak(ui, why.get(lang));
    }
    ui.horizontal(|ui| {
        let again = Text::TryAgain.get(lang);
        if widgets::secondary_button(ui, again, None, ButtonSize::Normal, true).clicked() {
            out.push(Input::RetryParcel(parcel.command));
        }
        let rejected = parcel.is_rejected();
        let correct = Text::Correct.get(lang);
        if way == Some(Way::Form)
            && widgets::secondary_button(ui, correct, None, ButtonSize::Normal, true).clicked()
        {
            out.push(Input::CorrectParcel(parcel.command));
        }
        if way == Some(Way::Cart) {
            let words = Text::ReturnToCart.get(lang);
            if widgets::secondary_button(ui, words, None, ButtonSize::Normal, true).clicked() {
                out.push(Input::ReturnParcel(parcel.command));
            }
        }
        if rejected && widgets::danger_button(ui, Text::Discard.get(lang), None, ButtonSize::Normal).clicked()
        {
            out.push(Input::AskDiscard(Some(parcel.command)));
        }
    });
}

/// What the till did would be lost, so it is asked once; the safe answer comes first.
fn ask_discard(ui: &mut Ui, parcel: &Parcel, lang: Lang, out: &mut Vec<Input>) {
    let text = Text::DiscardAsk.with(lang, &[("what", &subject(parcel, lang))]);
    Banner { tone: Tone::Danger, text: &text, call: None }.show(ui);
    ui.horizontal(|ui| {
        let keep = Text::DiscardNo.get(lang);
        if widgets::secondary_button(ui, keep, None, ButtonSize::Normal, true).clicked() {
            out.push(Input::AskDiscard(None));
        }
        if widgets::danger_button(ui, Text::DiscardYes.get(lang), None, ButtonSize::Normal).clicked() {
            out.push(Input::DiscardParcel(parcel.command));
        }
    });
}

fn subject(parcel: &Parcel, lang: Lang) -> String {
    let name = widgets::cut_middle(&parcel.subject, 36);
    match &parcel.work {
        Work::Sale(sale) => Text::WorkSale.with(lang, &[("total", &sale.total_cents)]),
        Work::CashOpen(new) => CashText::WorkOpen.with(lang, &[("amount", &new.float_cents)]),
        Work::CashMove(_, new) => CashText::WorkMove.with(lang, &[("amount", &new.amount_cents)]),
        Work::DebtPaid(_, payment) => {
            DebtsText::Work.with(lang, &[("total", &payment.amount_cents), ("name", &name)])
        }
        Work::CashClose(..) => CashText::WorkClose.get(lang).to_owned(),
        Work::Return(_, back) => {
            let text = if back.void { ReturnsText::WorkVoid } else { ReturnsText::Work };
            text.with(lang, &[("total", &back.total_cents)])
        }
        Work::Entry(_) => Text::WorkEntry.with(lang, &[("name", &name)]),
        Work::Stock(work) => match work {
            StockWork::Count(_) => Stock::WorkCount.with(lang, &[("n", &name)]),
            StockWork::Send(_) => Stock::WorkSend.with(lang, &[("name", &name)]),
            StockWork::Arrive(..) => Stock::WorkArrive.with(lang, &[("name", &name)]),
            StockWork::TakeBack(..) => Stock::WorkTakeBack.with(lang, &[("name", &name)]),
        },
        Work::Product(_) | Work::ProductChange(..) => Text::WorkProduct.with(lang, &[("name", &name)]),
    }
}
