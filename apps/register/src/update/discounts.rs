//! Discounts, who allows more of them, and the customer's CPF.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::NewApproval;
use tillwatch_shared::discount::Percent;
use tillwatch_shared::tax_id::{self, TaxId};
use tillwatch_shared::{Cents, CommandId, SaleId, limits};

use super::{forms, pay};
use crate::action::Action;
use crate::cart_texts::Text;
use crate::input::Effect;
use crate::state::cart::{Allowed, Cart, Discount, Scope};
use crate::state::carts::{
    ApprovalForm, Approver, Ask, CartDialog, CartEffect, CartInput, CustomerForm, DiscountForm, DiscountKind,
    Field, Purpose, Refusal, works_in,
};
use crate::state::forms::Part;
use crate::state::{Dialog, State};

/// F6. The whole sale is offered, with the discount that it has.
pub fn open(state: &mut State) {
    if !state.cart.is_empty() {
        let form = form_of(state, Scope::Whole);
        forms::show(state, Dialog::Cart(CartDialog::Discount(form)), Part::Discount);
    }
}

fn form_of(state: &State, scope: Scope) -> DiscountForm {
    let now = match scope {
        Scope::Whole => state.cart.basket().discount,
        Scope::Line(index) => state.cart.lines().get(index).map(|line| line.discount).unwrap_or_default(),
    };
    let (kind, text) = match now {
        Discount::None => (DiscountKind::Percent, String::new()),
        Discount::Percent(percent) => {
            (DiscountKind::Percent, percent.to_string().trim_end_matches(['%', '\u{a0}']).to_owned())
        }
        Discount::Amount(amount) => (DiscountKind::Amount, amount.plain()),
    };
    DiscountForm { scope, kind, text, wrong: false }
}

/// F7.
pub fn open_customer(state: &mut State) {
    let text = state.cart.basket().customer.as_ref().map(TaxId::formatted).unwrap_or_default();
    let form = CustomerForm { text, wrong: false };
    forms::show(state, Dialog::Cart(CartDialog::Customer(form)), Part::Customer);
}

pub fn typed(state: &mut State, input: CartInput) {
    if let CartInput::Scope(scope) = input {
        let fresh = form_of(state, scope);
        if let Some(Dialog::Cart(CartDialog::Discount(form))) = &mut state.dialog {
            // What was typed for the one is meant for the other; nothing typed shows what is there.
            let keep = !form.text.trim().is_empty();
            *form = if keep { DiscountForm { scope, wrong: false, ..form.clone() } } else { fresh };
            state.focus = Some(Part::Discount);
        }
        return;
    }
    let Some(Dialog::Cart(dialog)) = &mut state.dialog else { return };
    match (dialog, input) {
        (CartDialog::Discount(form), CartInput::Kind(kind)) => {
            form.kind = kind;
            form.wrong = false;
            state.focus = Some(Part::Discount);
        }
        (CartDialog::Discount(form), CartInput::Text(Field::Discount, text)) => {
            form.wrong = false;
            // The sign says what is meant, and does not have to be taken out again.
            let marked = text.trim_end().ends_with('%');
            form.kind = if marked { DiscountKind::Percent } else { form.kind };
            text.trim_end_matches('%').clone_into(&mut form.text);
        }
        (CartDialog::Approval(form), CartInput::Text(field, text)) if form.waiting.is_none() => {
            form.refusal = None;
            match field {
                Field::Username => form.username = text,
                Field::Password => form.password = text,
                Field::Discount | Field::Customer | Field::Note => {}
            }
        }
        (CartDialog::Customer(form), CartInput::Text(Field::Customer, text)) => {
            form.text = tax_id::formatted(&text);
            form.wrong = false;
        }
        (
            CartDialog::Discount(_)
            | CartDialog::Approval(_)
            | CartDialog::Customer(_)
            | CartDialog::Aside(_),
            _,
        ) => {}
    }
}

/// What the form says; nothing typed takes the discount away.
pub fn wanted(form: &DiscountForm) -> Option<Discount> {
    if form.text.trim().is_empty() {
        return Some(Discount::None);
    }
    let discount = match form.kind {
        DiscountKind::Percent => Discount::Percent(Percent::parse(&form.text)?),
        DiscountKind::Amount => {
            let amount = Cents::parse(&form.text).ok();
            Discount::Amount(amount.filter(|amount| (0..=limits::AMOUNT_CENTS).contains(&amount.0))?)
        }
    };
    let nothing = matches!(discount, Discount::Percent(Percent(0)) | Discount::Amount(Cents::ZERO));
    Some(if nothing { Discount::None } else { discount })
}

/// The cart as it would be with this discount. `None` where the discount is more than there is.
pub fn with(cart: &Cart, scope: Scope, discount: Discount) -> Option<Cart> {
    let mut cart = cart.clone();
    cart.set_discount(scope, discount);
    let price = match scope {
        Scope::Whole => cart.basket().subtotal(),
        Scope::Line(index) => cart.lines().get(index)?.undiscounted,
    };
    match discount {
        Discount::Amount(amount) if amount > price => None,
        Discount::Amount(_) | Discount::Percent(_) | Discount::None => Some(cart),
    }
}

pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    match &mut state.dialog {
        Some(Dialog::Cart(CartDialog::Discount(form))) => {
            let scope = form.scope;
            let given =
                wanted(form).and_then(|discount| Some((discount, with(&state.cart, scope, discount)?)));
            let Some((discount, cart)) = given else {
                form.wrong = true;
                state.focus = Some(Part::Discount);
                return Vec::new();
            };
            give(state, scope, discount, &cart);
            Vec::new()
        }
        Some(Dialog::Cart(CartDialog::Customer(_))) => {
            customer(state);
            Vec::new()
        }
        Some(Dialog::Cart(CartDialog::Approval(_))) => ask(state, moment),
        Some(_) | None => Vec::new(),
    }
}

/// Gives the discount, or asks for somebody who may.
fn give(state: &mut State, scope: Scope, discount: Discount, with_it: &Cart) {
    if needs_more(state, with_it) {
        let form = approval_form(state, with_it, Purpose::Give(scope, discount));
        state.dialog = Some(Dialog::Cart(CartDialog::Approval(form)));
        state.focus = Some(Part::Supervisor);
        return;
    }
    let before = state.cart.basket().discounts();
    state.cart.set_discount(scope, discount);
    if discount == Discount::None && before > Cents::ZERO {
        let off = Cents(before.0 - state.cart.basket().discounts().0);
        let key = state.keys.word(Action::UndoRemove);
        let text = Text::DiscountTaken.with(state.lang(), &[("amount", &off), ("key", &key)]);
        state.toasts.info(text, state.now);
    }
    state.dialog = None;
    state.focus = Some(Part::Search);
}

/// What the one who is signed in may take off this cart.
fn own_limit(state: &State, cart: &Cart) -> Cents {
    match (&state.person, &state.store) {
        (Some(person), Some(store)) => {
            store.discount_limits.allows(person.role, cart.basket().undiscounted())
        }
        (None, _) | (_, None) => Cents::ZERO,
    }
}

/// Whether the discounts are above what the seller may give.
pub fn above_own(state: &State, cart: &Cart) -> bool {
    cart.basket().discounts() > own_limit(state, cart)
}

/// Whether nobody has allowed them so far.
fn needs_more(state: &State, cart: &Cart) -> bool {
    let allowed = cart.basket().allowed.as_ref().map_or(Cents::ZERO, |allowed| allowed.limit);
    above_own(state, cart) && cart.basket().discounts() > allowed
}

/// Before paying: `true` when somebody has to allow the discounts first, and is asked to. Lines that were taken
/// out make a fixed discount a larger part of what is left.
pub fn stands_in_the_way(state: &mut State) -> bool {
    if !needs_more(state, &state.cart) {
        return false;
    }
    let form = approval_form(state, &state.cart, Purpose::Pay);
    forms::show(state, Dialog::Cart(CartDialog::Approval(form)), Part::Supervisor);
    true
}

fn approval_form(state: &State, cart: &Cart, purpose: Purpose) -> ApprovalForm {
    ApprovalForm {
        purpose,
        limit: cart.basket().discounts(),
        undiscounted: cart.basket().undiscounted(),
        own: own_limit(state, cart),
        username: String::new(),
        password: String::new(),
        waiting: None,
        refusal: None,
    }
}

fn customer(state: &mut State) {
    let Some(Dialog::Cart(CartDialog::Customer(form))) = &mut state.dialog else { return };
    let typed = form.text.trim();
    let customer = if typed.is_empty() { Ok(None) } else { TaxId::parse(typed).map(Some) };
    let Ok(customer) = customer else {
        form.wrong = true;
        state.focus = Some(Part::Customer);
        return;
    };
    state.cart.set_customer(customer);
    state.dialog = None;
    state.focus = Some(Part::Search);
}

fn ask(state: &mut State, moment: Moment) -> Vec<Effect> {
    let here = state.offline.signed_in_here.is_some() || state.connection.is_offline();
    let (Some(store), Some(sale)) = (&state.store, state.cart.basket().sale) else { return Vec::new() };
    let Some(Dialog::Cart(CartDialog::Approval(form))) = &mut state.dialog else { return Vec::new() };
    if form.waiting.is_some() {
        return Vec::new();
    }
    if form.username.trim().is_empty() || form.password.is_empty() {
        let missing = if form.username.trim().is_empty() { Part::Supervisor } else { Part::Pin };
        state.focus = Some(missing);
        return Vec::new();
    }
    form.waiting = Some(moment.fresh);
    let body = NewApproval {
        username: form.username.trim().to_owned(),
        password: std::mem::take(&mut form.password),
        store_id: store.id,
        sale_id: SaleId(sale.0),
        limit_cents: form.limit,
        undiscounted_cents: form.undiscounted,
    };
    vec![Effect::Cart(CartEffect::Approve(Box::new(Ask { command: moment.fresh, body, here })))]
}

/// Somebody has proved who they are, or not.
pub fn approved(
    state: &mut State,
    command: CommandId,
    answer: Result<Approver, Failure>,
    moment: Moment,
) -> Vec<Effect> {
    let verdict = verdict(state, answer, moment);
    let Some(Dialog::Cart(CartDialog::Approval(form))) = &mut state.dialog else { return Vec::new() };
    if form.waiting != Some(command) {
        return Vec::new();
    }
    form.waiting = None;
    match verdict {
        Err(refusal) => {
            form.refusal = Some(refusal);
            state.focus = Some(Part::Pin);
            Vec::new()
        }
        Ok(allowed) => {
            let purpose = form.purpose;
            state.cart.allow(allowed);
            state.dialog = None;
            state.focus = Some(Part::Search);
            match purpose {
                Purpose::Give(scope, discount) => {
                    state.cart.set_discount(scope, discount);
                    Vec::new()
                }
                Purpose::Pay => pay::open(state, moment),
            }
        }
    }
}

fn verdict(state: &State, answer: Result<Approver, Failure>, moment: Moment) -> Result<Allowed, Refusal> {
    let known = match answer {
        Err(failure) => return Err(Refusal::Server(failure)),
        Ok(Approver::Server(allowed)) => return Ok(allowed),
        Ok(Approver::Nobody) => return Err(Refusal::Unknown),
        Ok(Approver::Known(known)) => known,
    };
    let (Some(store), Some(Dialog::Cart(CartDialog::Approval(form)))) = (&state.store, &state.dialog) else {
        return Err(Refusal::Unknown);
    };
    if moment.at > known.until || !works_in(&known, store.id) {
        return Err(Refusal::Unknown);
    }
    let limit = store.discount_limits.allows(known.person.role, form.undiscounted);
    let name = known.person.name.clone();
    if form.limit > limit {
        return Err(Refusal::TooLow { name, limit });
    }
    Ok(Allowed { person: known.person.id, name, limit: form.limit })
}
