//! The dialogs of the cart: a discount, who allows it, the customer's CPF.

use egui::{Context, Key, Ui};
use tillwatch_desk::failure;
use tillwatch_desk::keys::pressed;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_shared::{Cents, tax_id};

use super::aside;
use crate::cart_texts::Text;
use crate::input::Input;
use crate::state::State;
use crate::state::cart::{Discount, Scope};
use crate::state::carts::{
    ApprovalForm, CartDialog, CartInput, CustomerForm, DiscountForm, DiscountKind, Field as Place, Refusal,
};
use crate::state::forms::Part;
use crate::update::discounts::{above_own, wanted, with};

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, dialog: &CartDialog, out: &mut Vec<Input>) -> bool {
    match dialog {
        CartDialog::Discount(form) => discount(ctx, state, form, out),
        CartDialog::Approval(form) => approval(ctx, state, form, out),
        CartDialog::Customer(form) => customer(ctx, state, form, out),
        CartDialog::Aside(form) => aside::ui(ctx, state, form, out),
    }
}

/// What the keys do beyond the fields.
pub fn keys(ctx: &Context, state: &State, dialog: &CartDialog, out: &mut Vec<Input>) {
    let by = i32::from(pressed(ctx, Key::ArrowDown)) - i32::from(pressed(ctx, Key::ArrowUp));
    match dialog {
        CartDialog::Discount(form) if by != 0 => {
            out.push(Input::Cart(CartInput::Scope(moved(state, form.scope, by))));
        }
        CartDialog::Aside(form) => aside::keys(ctx, state, form, by, out),
        CartDialog::Discount(_) | CartDialog::Approval(_) | CartDialog::Customer(_) => {}
    }
}

/// The whole sale stands above its lines.
fn moved(state: &State, scope: Scope, by: i32) -> Scope {
    let lines = state.cart.lines().len();
    match scope {
        Scope::Whole if by > 0 => Scope::Line(state.cart.selected()),
        Scope::Whole => Scope::Whole,
        Scope::Line(0) if by < 0 => Scope::Whole,
        Scope::Line(line) if by < 0 => Scope::Line(line - 1),
        Scope::Line(line) => Scope::Line((line + 1).min(lines.saturating_sub(1))),
    }
}

fn discount(ctx: &Context, state: &State, form: &DiscountForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let panel = Dialog { id: "discount", title: Text::DiscountTitle.get(lang), width: 460.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y =
            if widgets::is_low(ui) { tokens::SPACE_8 } else { tokens::SPACE_12 };
        scopes(ui, state, form, out);
        discount_field(ui, state, form, out)
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| {
        let after = preview(ui, state, form);
        let nothing = after == Some(Discount::None);
        let action = if nothing { Text::TakeDiscount } else { Text::GiveDiscount };
        let button =
            widgets::primary_button(ui, action.get(lang), Some("Enter"), ButtonSize::Large, after.is_some());
        if button.clicked() || entered {
            out.push(Input::Submit);
        }
    };
    panel.show_with_foot(ctx, out, body, foot).closed
}

/// The whole sale, and the line that is meant or would be next.
fn scopes(ui: &mut Ui, state: &State, form: &DiscountForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let index = match form.scope {
        Scope::Whole => state.cart.selected(),
        Scope::Line(index) => index,
    };
    let name = state.cart.lines().get(index).map_or("", |line| line.name.as_str());
    let name = widgets::cut_middle(name, 26);
    let options = [(Scope::Whole, Text::DiscountWhole.get(lang)), (Scope::Line(index), name.as_ref())];
    let width = Some(ui.available_width());
    if let Some(scope) = widgets::segmented(ui, Some(form.scope), &options, width) {
        out.push(Input::Cart(CartInput::Scope(scope)));
    }
    widgets::small_weak(ui, Text::DiscountScopeHint.get(lang));
}

/// `true` when Enter was pressed in it.
fn discount_field(ui: &mut Ui, state: &State, form: &DiscountForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let error = form.wrong.then(|| Text::DiscountWrong.with(lang, &[("most", &price(state, form.scope))]));
    let label = match form.kind {
        DiscountKind::Percent => Text::PercentLabel,
        DiscountKind::Amount => Text::AmountLabel,
    };
    let options =
        [(DiscountKind::Percent, Text::Percent.get(lang)), (DiscountKind::Amount, Text::Amount.get(lang))];
    if let Some(kind) = widgets::segmented(ui, Some(form.kind), &options, Some(140.0)) {
        out.push(Input::Cart(CartInput::Kind(kind)));
    }
    let field = Field::new("discount-field", label.get(lang), &form.text)
        .right()
        .limit(20)
        .font(tokens::title(), 48.0)
        .error(error.as_deref())
        .select_all()
        .focus(state.focus == Some(Part::Discount));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Cart(CartInput::Text(Place::Discount, text))));
    answer.entered
}

/// What the discount is taken off.
fn price(state: &State, scope: Scope) -> Cents {
    match scope {
        Scope::Whole => state.cart.basket().subtotal(),
        Scope::Line(index) => state.cart.lines().get(index).map_or(Cents::ZERO, |line| line.undiscounted),
    }
}

/// What the total becomes, and whether somebody has to allow it. Says which discount is meant, if it is one.
fn preview(ui: &mut Ui, state: &State, form: &DiscountForm) -> Option<Discount> {
    let lang = state.lang();
    let before = state.cart.total().plain();
    let meant = wanted(form).and_then(|discount| Some((discount, with(&state.cart, form.scope, discount)?)));
    let Some((discount, cart)) = meant else {
        widgets::strong(ui, &Text::TotalStays.with(lang, &[("before", &before)]));
        return None;
    };
    let after = cart.total().plain();
    widgets::strong(ui, &Text::TotalBecomes.with(lang, &[("before", &before), ("after", &after)]));
    if above_own(state, &cart) {
        let limits = state.store.as_ref().map(|store| store.discount_limits).unwrap_or_default();
        let role = state.person.as_ref().map(|person| person.role);
        let limit = role.map_or(Cents::ZERO, |role| limits.allows(role, cart.basket().undiscounted()));
        widgets::status(ui, Tone::Attention, &Text::NeedsApproval.with(lang, &[("limit", &limit)]));
    }
    Some(discount)
}

fn approval(ctx: &Context, state: &State, form: &ApprovalForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let panel = Dialog { id: "approval", title: Text::ApprovalTitle.get(lang), width: 460.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y =
            if widgets::is_low(ui) { tokens::SPACE_8 } else { tokens::SPACE_12 };
        let name = state.person.as_ref().map_or("", |person| person.name.as_str());
        let name = widgets::cut_middle(name, 30);
        let figures: [(&str, &dyn std::fmt::Display); 3] =
            [("name", &name), ("own", &form.own), ("discount", &form.limit)];
        ui.label(Text::ApprovalWhy.with(lang, &figures));
        let fields = (form.username.as_str(), form.password.as_str(), form.waiting.is_none());
        let input = |place, text| Input::Cart(CartInput::Text(place, text));
        approval_fields(ui, state, fields, &input, out)
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| {
        if let Some(refusal) = &form.refusal {
            Banner { tone: Tone::Danger, text: &refusal_words(refusal, state), call: None }.show(ui);
        }
        if form.waiting.is_some() {
            let here = state.connection.is_offline() || state.offline.signed_in_here.is_some();
            let text = if here { Text::ApprovingHere } else { Text::Approving };
            widgets::loading(ui, text.get(lang));
            if widgets::secondary_button(
                ui,
                Text::ApprovingStop.get(lang),
                Some("Esc"),
                ButtonSize::Wide,
                true,
            )
            .clicked()
            {
                out.push(Input::Close);
            }
            return;
        }
        let action = Text::Approve.with(lang, &[("discount", &form.limit)]);
        let enabled = form.waiting.is_none();
        let button = widgets::primary_button(ui, &action, Some("Enter"), ButtonSize::Large, enabled);
        if button.clicked() || entered {
            out.push(Input::Submit);
        }
    };
    panel.show_with_foot(ctx, out, body, foot).closed
}

/// Name and secret of somebody who allows something; `true` when Enter was pressed in one of the fields.
pub fn approval_fields(
    ui: &mut Ui,
    state: &State,
    (username, password, enabled): (&str, &str, bool),
    input: &dyn Fn(Place, String) -> Input,
    out: &mut Vec<Input>,
) -> bool {
    let lang = state.lang();
    let user = Field::new("approval-user", Text::ApprovalUser.get(lang), username)
        .limit(tillwatch_shared::limits::USERNAME_CHARS)
        .enabled(enabled)
        .focus(state.focus == Some(Part::Supervisor))
        .show(ui);
    let secret = Field::new("approval-secret", Text::ApprovalSecret.get(lang), password)
        .password()
        .limit(tillwatch_shared::limits::PASSWORD_CHARS)
        .enabled(enabled)
        .select_all()
        .focus(state.focus == Some(Part::Pin))
        .show(ui);
    for (place, changed) in [(Place::Username, user.changed), (Place::Password, secret.changed)] {
        out.extend(changed.map(|text| input(place, text)));
    }
    user.entered || secret.entered
}

fn refusal_words(refusal: &Refusal, state: &State) -> String {
    let lang = state.lang();
    match refusal {
        Refusal::Server(problem) => {
            format!("{} {}", failure::what(problem, lang), failure::hint(problem, lang))
        }
        Refusal::Unknown => Text::ApproverUnknown.get(lang).to_owned(),
        Refusal::TooLow { name, limit } => {
            Text::ApproverTooLow.with(lang, &[("name", name), ("limit", limit)])
        }
    }
}

fn customer(ctx: &Context, state: &State, form: &CustomerForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let panel = Dialog { id: "customer", title: Text::CustomerTitle.get(lang), width: 420.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_12;
        let error = form.wrong.then(|| Text::CustomerWrong.get(lang));
        let field = Field::new("customer-field", Text::CustomerField.get(lang), &form.text)
            .limit(18)
            .font(tokens::title(), 48.0)
            .hint("000.000.000-00")
            .error(error)
            .shaped(tax_id::formatted)
            .focus(state.focus == Some(Part::Customer));
        // A wrong digit is mended, not the whole number typed again.
        let field = if form.wrong { field } else { field.select_all() };
        let answer = field.show(ui);
        out.extend(answer.changed.map(|text| Input::Cart(CartInput::Text(Place::Customer, text))));
        widgets::small_weak(ui, Text::CustomerHint.get(lang));
        let action = if form.text.is_empty() { Text::CustomerNone } else { Text::CustomerSet };
        let button = widgets::primary_button(ui, action.get(lang), Some("Enter"), ButtonSize::Large, true);
        if button.clicked() || answer.entered {
            out.push(Input::Submit);
        }
    });
    answer.closed
}
