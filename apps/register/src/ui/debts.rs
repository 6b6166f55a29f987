//! The dialog for debts: whose, what of it is paid and how, and the change.

use egui::{Align, Context, Key, Layout, ScrollArea, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure, format};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{AccountEntry, Debt, PaymentMethod};

use super::{pay, words};
use crate::debts_texts::DebtsText;
use crate::input::Input;
use crate::state::State;
use crate::state::debts::{DebtComplaint, DebtStep, DebtsForm, DebtsInput, METHODS, Paid, PayDebt};
use crate::state::forms::Part;
use crate::update::debts::{debt, found, owed, understood, who};

/// The keys of the methods, in their order.
const KEYS: [(Key, &str); 4] = [(Key::F1, "F1"), (Key::F2, "F2"), (Key::F3, "F3"), (Key::F4, "F4")];

pub fn keys(ctx: &Context, form: &DebtsForm, out: &mut Vec<Input>) {
    let pressed = |key| tillwatch_desk::keys::pressed(ctx, key);
    match &form.step {
        DebtStep::Find { .. } => {
            for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, 8), (Key::PageUp, -8)]
            {
                if pressed(key) {
                    out.push(Input::Debts(DebtsInput::Move(by)));
                }
            }
        }
        DebtStep::Pay(_) => {
            for ((key, _), method) in KEYS.into_iter().zip(METHODS) {
                if pressed(key) {
                    out.push(Input::Debts(DebtsInput::Method(method)));
                }
            }
        }
        DebtStep::Done(_) => {
            if ctx.memory(|memory| memory.focused().is_none()) && pressed(Key::Enter) {
                out.push(Input::Submit);
            }
        }
    }
}

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &DebtsForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let owes = match &form.step {
        DebtStep::Pay(typed) => debt(state, typed.account),
        DebtStep::Find { .. } | DebtStep::Done(_) => None,
    };
    let title = match owes {
        Some(debt) => widgets::cut_middle(&name(debt, lang), 44).into_owned(),
        None => DebtsText::Title.get(lang).to_owned(),
    };
    let dialog = Dialog { id: "debts", title: &title, width: 600.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = if widgets::is_low(ui) { tokens::SPACE_4 } else { tokens::SPACE_8 };
        match (&form.step, owes) {
            (DebtStep::Find { wanted, row }, _) => find(ui, state, (wanted, *row), out),
            (DebtStep::Pay(typed), Some(debt)) => Payment { state, form, typed, debt, lang }.ui(ui, out),
            // It was paid at another till meanwhile.
            (DebtStep::Pay(_), None) => {
                widgets::status(ui, Tone::Good, DebtsText::Settled.get(lang));
                false
            }
            (DebtStep::Done(paid), _) => {
                done(ui, paid, lang);
                false
            }
        }
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| match (&form.step, owes) {
        (DebtStep::Find { .. }, _) => {
            let ready = !found(state).is_empty();
            next(ui, DebtsText::Continue.get(lang), ready, entered, out);
        }
        (DebtStep::Pay(typed), Some(debt)) => {
            Payment { state, form, typed, debt, lang }.foot(ui, entered, out);
        }
        (DebtStep::Pay(_), None) => {}
        (DebtStep::Done(_), _) => next(ui, DebtsText::Next.get(lang), true, entered, out),
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

fn next(ui: &mut Ui, words: &str, ready: bool, entered: bool, out: &mut Vec<Input>) {
    let pressed = widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Large, ready);
    if pressed.clicked() || entered {
        out.push(Input::Submit);
    }
}

fn name(debt: &Debt, lang: Lang) -> String {
    let who = who(debt);
    if who.is_empty() { DebtsText::Unnamed.get(lang).to_owned() } else { who }
}

/// `true` when Enter was pressed in the field.
fn find(ui: &mut Ui, state: &State, (wanted, row): (&str, usize), out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let field = Field::new("debts-wanted", DebtsText::Wanted.get(lang), wanted)
        .limit(80)
        .focus(state.focus == Some(Part::Debtor));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Debts(DebtsInput::Wanted(text))));
    trouble(ui, state);
    let known = state.store.as_ref().and_then(|store| state.debts.known(store.id));
    let rows = found(state);
    match known {
        None if state.debts.asking => {
            widgets::loading(ui, DebtsText::Loading.get(lang));
        }
        None => {
            widgets::weak(ui, DebtsText::NeverHeard.get(lang));
        }
        Some(known) if known.debts.is_empty() => {
            widgets::status(ui, Tone::Good, DebtsText::Nobody.get(lang));
        }
        Some(_) if rows.is_empty() => {
            widgets::weak(ui, DebtsText::NotFound.get(lang));
        }
        Some(_) => list(ui, state, &rows, row, out),
    }
    answer.entered
}

fn list(ui: &mut Ui, state: &State, rows: &[&Debt], row: usize, out: &mut Vec<Input>) {
    let lang = state.lang();
    let height = if widgets::is_low(ui) { 132.0 } else { 300.0 };
    ScrollArea::vertical().id_salt("debts").max_height(height).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        for (index, debt) in rows.iter().enumerate() {
            customer(ui, state, debt, (index, index == row), out);
        }
    });
    let total: Cents = rows.iter().map(|debt| owed(state, debt).left()).sum();
    let words = if rows.len() == 1 {
        DebtsText::SumOne.with(lang, &[("total", &total)])
    } else {
        DebtsText::Sum.with(lang, &[("n", &rows.len()), ("total", &total)])
    };
    widgets::weak(ui, &words);
}

fn customer(ui: &mut Ui, state: &State, debt: &Debt, (row, on): (usize, bool), out: &mut Vec<Input>) {
    let mut left = name(debt, state.lang());
    if let (Some(_), Some(cpf)) = (&debt.account.name, &debt.account.tax_id_masked) {
        left = format!("{left} · {cpf}");
    }
    let amount = owed(state, debt).left().to_string();
    let label = format!("{left}, {amount}");
    let shown = widgets::fit_middle(ui, &left, &tokens::body(), ui.available_width() - 180.0).into_owned();
    let button = egui::Button::selectable(on, shown)
        .right_text(amount)
        .min_size(Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT));
    let response = ui.add(button).on_hover_text(&label).accessible_name(&label);
    if on && !ui.is_rect_visible(response.rect) {
        response.scroll_to_me(None);
    }
    if response.clicked() {
        out.push(Input::Debts(DebtsInput::Pick(row)));
    }
}

/// How old the balances are while the server is away, or why it did not tell them.
fn trouble(ui: &mut Ui, state: &State) {
    let lang = state.lang();
    let known = state.store.as_ref().and_then(|store| state.debts.known(store.id));
    let away = state.connection.is_offline() || state.offline.signed_in_here.is_some();
    let silent = state.debts.failure.as_ref().is_some_and(failure::is_silence);
    if let Some(known) = known.filter(|_| away || silent) {
        let age = format::age(lang, state.now.since(known.heard_at));
        let text = DebtsText::Stale.with(lang, &[("age", &age)]);
        Banner { tone: Tone::Attention, text: &text, call: None }.show(ui);
    } else if let Some(failure) = state.debts.failure.as_ref().filter(|_| !silent) {
        let text = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        Banner { tone: Tone::Danger, text: &text, call: None }.show(ui);
    }
}

/// One customer's debt, and what is paid of it.
struct Payment<'a> {
    state: &'a State,
    form: &'a DebtsForm,
    typed: &'a PayDebt,
    debt: &'a Debt,
    lang: Lang,
}

impl Payment<'_> {
    fn enabled(&self) -> bool {
        self.form.trouble.waiting.is_none()
    }

    fn left(&self) -> Cents {
        owed(self.state, self.debt).left()
    }

    /// `true` when Enter was pressed in one of its fields.
    fn ui(&self, ui: &mut Ui, out: &mut Vec<Input>) -> bool {
        // Where there is little room, what is needed for paying comes first, and what explains the debt after it.
        let low = widgets::is_low(ui);
        if low && self.change() > Cents::ZERO {
            ui.columns_const(|[left, right]| {
                self.owes(left);
                self.returned(right);
            });
        } else if low {
            self.owes(ui);
        } else {
            trouble(ui, self.state);
            self.owes(ui);
            self.unsent(ui);
            self.entries(ui);
        }
        self.methods(ui, out);
        let entered = self.amounts(ui, out);
        if low {
            trouble(ui, self.state);
            self.unsent(ui);
            self.entries(ui);
        }
        entered
    }

    fn owes(&self, ui: &mut Ui) {
        pay::figure(ui, DebtsText::Owes.get(self.lang), self.left(), tokens::title(), Tone::Neutral);
    }

    fn change(&self) -> Cents {
        let understood = understood(self.typed, self.left());
        understood.map_or(Cents::ZERO, |(_, change)| change)
    }

    fn returned(&self, ui: &mut Ui) {
        pay::figure(ui, DebtsText::Change.get(self.lang), self.change(), tokens::title(), Tone::Good);
    }

    fn methods(&self, ui: &mut Ui, out: &mut Vec<Input>) {
        let lang = self.lang;
        let options = KEYS.map(|(_, key)| key);
        let named: Vec<(PaymentMethod, String)> = METHODS
            .into_iter()
            .zip(options)
            .map(|(method, key)| (method, format!("{key} {}", words::method(method, lang))))
            .collect();
        let options: Vec<(PaymentMethod, &str)> =
            named.iter().map(|(method, words)| (*method, words.as_str())).collect();
        let width = Some(ui.available_width());
        let chosen = ui
            .add_enabled_ui(self.enabled(), |ui| {
                widgets::segmented(ui, Some(self.typed.method), &options, width)
            })
            .inner;
        out.extend(chosen.map(|method| Input::Debts(DebtsInput::Method(method))));
    }

    /// What the server has not confirmed.
    fn unsent(&self, ui: &mut Ui) {
        let owed = owed(self.state, self.debt);
        for (amount, text) in [
            (owed.paid_here, DebtsText::PaidHere),
            (owed.returned_here, DebtsText::ReturnedHere),
            (owed.bought_here, DebtsText::BoughtHere),
        ] {
            if amount > Cents::ZERO {
                let words = text.with(self.lang, &[("amount", &amount)]);
                Banner { tone: Tone::Info, text: &words, call: None }.show(ui);
            }
        }
    }

    /// What the debt comes from, the newest first.
    fn entries(&self, ui: &mut Ui) {
        if self.debt.entries.is_empty() {
            widgets::weak(ui, DebtsText::NoEntries.get(self.lang));
            return;
        }
        ScrollArea::vertical().id_salt("debt-entries").max_height(150.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
            for entry in &self.debt.entries {
                self.entry(ui, entry);
            }
        });
    }

    fn entry(&self, ui: &mut Ui, entry: &AccountEntry) {
        let zone = format::zone(self.state.store.as_ref().map_or("", |store| store.zone.as_str()));
        let what = match (entry.method, entry.sale_number) {
            (Some(method), _) => {
                DebtsText::Payment.with(self.lang, &[("method", &words::method(method, self.lang))])
            }
            (None, number) => {
                let text = if entry.amount_cents < Cents::ZERO { DebtsText::Back } else { DebtsText::Sale };
                text.with(self.lang, &[("n", &number.unwrap_or_default())])
            }
        };
        ui.horizontal(|ui| {
            widgets::weak(ui, &format::date_time(entry.at, &zone));
            ui.label(what);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // Room for the bar of the list.
                ui.add_space(tokens::SPACE_12);
                widgets::money(ui, entry.amount_cents, tokens::body());
            });
        });
    }

    /// `true` when Enter was pressed in one of the fields.
    fn amounts(&self, ui: &mut Ui, out: &mut Vec<Input>) -> bool {
        let cash = self.typed.method == PaymentMethod::Cash;
        if !cash {
            return self.field(ui, Part::Amount, out);
        }
        ui.columns_const(|[left, right]| {
            self.field(left, Part::Amount, out) | self.field(right, Part::Received, out)
        })
    }

    fn field(&self, ui: &mut Ui, part: Part, out: &mut Vec<Input>) -> bool {
        let lang = self.lang;
        let typed = self.typed;
        let complaint = typed.complaint.filter(|complaint| place(*complaint) == part);
        let error = complaint.map(|complaint| self.words(complaint));
        let (id, label, value, hint) = if part == Part::Received {
            ("debt-received", DebtsText::Received, &typed.received, DebtsText::ReceivedHint.get(lang))
        } else {
            ("debt-amount", DebtsText::Amount, &typed.amount, "")
        };
        let answer = Field::new(id, label.get(lang), value)
            .hint(hint)
            .right()
            .limit(20)
            .error(error.as_deref())
            .enabled(self.enabled())
            .select_all()
            .focus(self.state.focus == Some(part))
            .show(ui);
        let input = |text| {
            if part == Part::Received { DebtsInput::Received(text) } else { DebtsInput::Amount(text) }
        };
        out.extend(answer.changed.map(|text| Input::Debts(input(text))));
        answer.entered
    }

    fn words(&self, complaint: DebtComplaint) -> String {
        let text = match complaint {
            DebtComplaint::AmountBad | DebtComplaint::ReceivedBad => DebtsText::AmountBad,
            DebtComplaint::MoreThanOwed if self.left() == Cents::ZERO => DebtsText::NothingLeft,
            DebtComplaint::MoreThanOwed => {
                return DebtsText::MoreThanOwed.with(self.lang, &[("left", &self.left())]);
            }
            DebtComplaint::TooLittle => DebtsText::TooLittle,
        };
        text.get(self.lang).to_owned()
    }

    fn foot(&self, ui: &mut Ui, entered: bool, out: &mut Vec<Input>) {
        let lang = self.lang;
        if self.typed.method == PaymentMethod::Cash {
            if !widgets::is_low(ui) {
                self.returned(ui);
            }
            let store = self.state.store.as_ref().map(|store| store.id);
            if self.state.cash.here(store).is_none() {
                widgets::status(ui, Tone::Attention, DebtsText::DrawerClosed.get(lang));
            }
        }
        if let Some(failure) = &self.form.trouble.failure {
            let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
            Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
        }
        if !self.enabled() {
            widgets::loading(ui, DebtsText::Sending.get(lang));
            return;
        }
        let amount = Cents::parse(&self.typed.amount).unwrap_or_default();
        let words = DebtsText::Take.with(lang, &[("amount", &amount)]);
        let clicked = widgets::primary_button(ui, &words, Some("Enter"), ButtonSize::Large, true).clicked();
        if clicked || entered {
            out.push(Input::Debts(DebtsInput::Submit));
        }
    }
}

/// The field that a complaint is about.
const fn place(complaint: DebtComplaint) -> Part {
    match complaint {
        DebtComplaint::AmountBad | DebtComplaint::MoreThanOwed => Part::Amount,
        DebtComplaint::ReceivedBad | DebtComplaint::TooLittle => Part::Received,
    }
}

fn done(ui: &mut Ui, paid: &Paid, lang: Lang) {
    let name = widgets::cut_middle(&paid.name, 44);
    let (tone, text) =
        if paid.kept_here { (Tone::Attention, DebtsText::DoneKept) } else { (Tone::Good, DebtsText::Done) };
    Banner { tone, text: &text.with(lang, &[("name", &name)]), call: None }.show(ui);
    pay::figure(ui, DebtsText::Paid.get(lang), paid.amount, tokens::title(), Tone::Neutral);
    if paid.change > Cents::ZERO {
        pay::figure(ui, DebtsText::Change.get(lang), paid.change, tokens::total(), Tone::Good);
    }
    if paid.left > Cents::ZERO {
        pay::figure(ui, DebtsText::Left.get(lang), paid.left, tokens::title(), Tone::Neutral);
    } else {
        widgets::status(ui, Tone::Good, DebtsText::Settled.get(lang));
    }
}
