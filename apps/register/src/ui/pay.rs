//! The pay panel in the cart's place, and the confirmation after it.

use egui::{Align, Key, Label, Layout, RichText, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Call, Field};
use tillwatch_desk::{Lang, failure, icons};
use tillwatch_shared::Cents;
use tillwatch_shared::api::PaymentMethod;

use super::words;
use crate::action::Action;
use crate::cash_texts::CashText;
use crate::input::{FormInput, Input};
use crate::state::cash::CashInput;
use crate::state::forms::{Part, PayForm};
use crate::state::{Confirmation, State};
use crate::texts::Text;

/// A window of this height has room for large buttons.
const ROOMY: f32 = 640.0;

/// What a customer hands over, with its key; the first is exactly what is open.
pub const NOTES: [(Key, &str, Option<Cents>); 7] = [
    (Key::F1, "F1", None),
    (Key::F2, "F2", Some(Cents(500))),
    (Key::F3, "F3", Some(Cents(1_000))),
    (Key::F4, "F4", Some(Cents(2_000))),
    (Key::F5, "F5", Some(Cents(5_000))),
    (Key::F6, "F6", Some(Cents(10_000))),
    (Key::F7, "F7", Some(Cents(20_000))),
];

pub fn ui(ui: &mut Ui, state: &State, pay: &PayForm, out: &mut Vec<Input>) {
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| panel(ui, state, pay, out));
}

fn panel(ui: &mut Ui, state: &State, pay: &PayForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let total = state.cart.total();
    let low = widgets::is_low(ui);
    ui.spacing_mut().item_spacing.y = if low { tokens::SPACE_4 } else { tokens::SPACE_12 };
    ui.horizontal(|ui| {
        widgets::title(ui, Text::Pay.get(lang));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if pay.trouble.waiting.is_none()
                && widgets::icon_button(ui, icons::X, Text::BackToCart.get(lang)).clicked()
            {
                out.push(Input::Close);
            }
        });
    });
    if !low {
        figure(ui, Text::Total.get(lang), total, tokens::title(), Tone::Neutral);
    }
    for payment in &pay.payments {
        figure(ui, words::method(payment.method, lang), payment.amount_cents, tokens::body(), Tone::Neutral);
    }
    if !low {
        ui.separator();
    }
    let (open, change) = (pay.open(total), pay.change(total));
    if pay.trouble.waiting.is_some() {
        if change > Cents::ZERO {
            figure(ui, Text::Change.get(lang), change, tokens::total(), Tone::Good);
        }
        widgets::loading(ui, Text::Recording.get(lang));
        return;
    }
    if let Some(method) = pay.method {
        if method == PaymentMethod::Account {
            customer(ui, pay, lang, state.focus == Some(Part::Debtor), out);
        }
        amount(ui, pay, method, total, lang, state.focus == Some(Part::Amount), out);
        if !low {
            another(ui, lang, out);
        }
        if method == PaymentMethod::Cash {
            notes(ui, lang, out);
        }
        // After the notes where there is room for one of them only.
        if low {
            another(ui, lang, out);
        }
    } else {
        figure(ui, Text::ToPay.get(lang), open, tokens::total(), Tone::Neutral);
        methods(ui, pay, open, lang, out);
    }
    closed_drawer(ui, state, pay, out);
    refused(ui, pay, lang);
}

/// The band after a sale: what was sold, and the change in the largest figures of the window.
pub fn confirmation(ui: &mut Ui, lang: Lang, confirmation: &Confirmation) {
    let palette = Palette::in_ui(ui);
    let tone = if confirmation.number.is_some() { Tone::Good } else { Tone::Attention };
    ui.horizontal(|ui| {
        let icon = RichText::new(widgets::tone_icon(tone)).size(tokens::SIZE_TOTAL);
        ui.label(icon.color(palette.tone(tone)));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            // Two lines beside an icon and figures of one: their middles on one height.
            ui.add_space(tokens::SPACE_8);
            let words = match confirmation.number {
                Some(number) => Text::SaleDone.with(lang, &[("n", &number)]),
                None => Text::SaleLater.get(lang).to_owned(),
            };
            let words = format!("{words} · {}", confirmation.total);
            ui.label(RichText::new(words).font(tokens::strong()).color(palette.text));
            ui.label(RichText::new(Text::NextScan.get(lang)).color(palette.text));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if confirmation.change > Cents::ZERO {
                let amount = RichText::new(confirmation.change.to_string()).font(tokens::total());
                ui.add(Label::new(amount.color(palette.text)).extend());
                let word = RichText::new(Text::Change.get(lang)).font(tokens::title());
                ui.label(word.color(palette.text));
            } else {
                let word = RichText::new(Text::NoChange.get(lang)).font(tokens::title());
                ui.label(word.color(palette.text));
            }
        });
    });
}

pub fn figure(ui: &mut Ui, label: &str, amount: Cents, font: egui::FontId, tone: Tone) {
    let palette = Palette::in_ui(ui);
    let colour = if tone == Tone::Neutral { palette.text } else { palette.tone(tone) };
    // The height is known before the figure stands there, so that the label stands in its middle.
    let size = Vec2::new(ui.available_width(), font.size * 1.3);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        let size = font.size.min(tokens::SIZE_TITLE);
        ui.label(RichText::new(label).size(size).color(palette.text_weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(Label::new(RichText::new(amount.plain()).font(font).color(colour)).extend());
        });
    });
}

fn methods(ui: &mut Ui, pay: &PayForm, open: Cents, lang: Lang, out: &mut Vec<Input>) {
    if open == Cents::ZERO {
        let words = Text::Confirm.with(lang, &[("amount", &pay.paid())]);
        if widgets::primary_button(ui, &words, Some("Enter"), ButtonSize::Large, true).clicked() {
            out.push(Input::Submit);
        }
    } else {
        if !widgets::is_low(ui) {
            widgets::weak(ui, Text::HowPaid.get(lang));
        }
        // All of them are seen at once, in a low window too.
        let roomy = ui.ctx().content_rect().height() >= ROOMY;
        let size = if roomy { ButtonSize::Large } else { ButtonSize::Wide };
        for (key, method) in ["1", "2", "3", "4", "5"].into_iter().zip(PaymentMethod::ALL) {
            let icon = match method {
                PaymentMethod::Cash => icons::MONEY,
                PaymentMethod::Pix => icons::PIX_LOGO,
                PaymentMethod::Credit | PaymentMethod::Debit => icons::CREDIT_CARD,
                PaymentMethod::Account => icons::USER,
            };
            let name = words::method(method, lang);
            let words = format!("{icon}  {name}");
            let button = widgets::secondary_button(ui, &words, Some(key), size, true);
            if button.accessible_name(name).clicked() {
                out.push(Input::PayMethod(method));
            }
        }
    }
    if !pay.payments.is_empty() {
        let button = widgets::quiet_button(ui, Text::TakeBack.get(lang), Some("Backspace"));
        if button.clicked() {
            out.push(Input::TakeBackPayment);
        }
    }
}

fn amount(
    ui: &mut Ui,
    pay: &PayForm,
    method: PaymentMethod,
    total: Cents,
    lang: Lang,
    focus: bool,
    out: &mut Vec<Input>,
) {
    let open = pay.open(total);
    let label = Text::AmountOf.with(lang, &[("method", &words::method(method, lang))]);
    let complaint = pay.trouble.about(Part::Amount).map(|c| words::complaint(c, open, lang));
    let field = Field::new("pay-amount", &label, &pay.amount)
        .right()
        .limit(20)
        .font(tokens::title(), if widgets::is_low(ui) { 36.0 } else { 48.0 })
        .error(complaint.as_deref())
        .select_all()
        .focus(focus);
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::Amount, text))));
    let given = Cents::parse(&pay.amount).unwrap_or_default();
    let change = Cents((given.0 - open.0).max(0));
    if given < open {
        let left = Cents(open.0 - given.0.max(0));
        figure(ui, Text::ToPay.get(lang), left, tokens::total(), Tone::Neutral);
    } else {
        figure(ui, Text::Change.get(lang), change, tokens::total(), Tone::Good);
    }
    let words = Text::Confirm.with(lang, &[("amount", &given)]);
    let clicked = widgets::primary_button(ui, &words, Some("Enter"), ButtonSize::Large, true).clicked();
    if clicked || answer.entered {
        out.push(Input::Submit);
    }
}

fn another(ui: &mut Ui, lang: Lang, out: &mut Vec<Input>) {
    if widgets::quiet_button(ui, Text::OtherMethod.get(lang), Some("Esc")).clicked() {
        out.push(Input::Close);
    }
}

/// Cash that is in no count: the drawer can be opened from here, and need not be.
fn closed_drawer(ui: &mut Ui, state: &State, pay: &PayForm, out: &mut Vec<Input>) {
    let store = state.store.as_ref().map(|store| store.id);
    let cash = pay.method.is_none_or(|method| method == PaymentMethod::Cash);
    if !cash || state.cash.here(store).is_some() || state.cash.open.is_some() {
        return;
    }
    let lang = state.lang();
    let call = Call { text: CashText::OpenIt.get(lang), key: state.keys.label(Action::Cash) };
    let text = CashText::NotOpen.get(lang);
    if (Banner { tone: Tone::Attention, text, call: Some(call) }).show(ui) {
        out.push(Input::Cash(CashInput::Open));
    }
}

/// The notes that customers hand over most.
fn notes(ui: &mut Ui, lang: Lang, out: &mut Vec<Input>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(tokens::SPACE_8);
        for (_, key, note) in NOTES {
            let words =
                note.map_or_else(|| Text::Exact.get(lang).to_owned(), |note| (note.0 / 100).to_string());
            if widgets::secondary_button(ui, &words, Some(key), ButtonSize::Normal, true).clicked() {
                out.push(Input::PayNote(note));
            }
        }
    });
}

fn customer(ui: &mut Ui, pay: &PayForm, lang: Lang, focus: bool, out: &mut Vec<Input>) {
    let complaint = pay.trouble.about(Part::Debtor).map(|c| words::complaint(c, Cents::ZERO, lang));
    let field = Field::new("pay-customer", Text::Customer.get(lang), &pay.customer)
        .error(complaint.as_deref())
        .focus(focus);
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::Debtor, text))));
    if answer.entered {
        out.push(Input::Submit);
    }
}

fn refused(ui: &mut Ui, pay: &PayForm, lang: Lang) {
    let Some(failure) = &pay.trouble.failure else { return };
    let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
    Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
}
