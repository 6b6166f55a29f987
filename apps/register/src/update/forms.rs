//! The dialogs: a product, a stock entry, a line's quantity.

use jiff::civil::Date;
use tillwatch_desk::Lang;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{LotName, NewProduct, NewStockEntry, ProductChange, Role, StockEntryKind, Unit};
use tillwatch_shared::expiry::ExpiryError;
use tillwatch_shared::{Cents, ProductId, Quantity, barcode, expiry, limits, names};

use super::{amount, open, outbox, stock};
use crate::action::Action;
use crate::input::{Effect, FormInput};
use crate::search_line;
use crate::state::cart::CartError;
use crate::state::forms::{Complaint, EntryForm, Part, ProductForm, QuantityForm};
use crate::state::outbox::Work;
use crate::state::{Dialog, Notice, State};
use crate::texts::Text;

/// Products offered while one is looked for in a dialog.
pub(super) const HITS: usize = 6;

/// What was searched for and not found is what the new product is called.
pub fn open_product(state: &mut State) {
    let mut form = ProductForm::default();
    let wanted = match &state.search.notice {
        // Whatever else was found with a part of it.
        Some(Notice::NotFound(text)) => text.as_str(),
        _ if state.search.hits.is_empty() => search_line::wanted(&state.search.text),
        _ => "",
    };
    if !wanted.is_empty() {
        let is_code = wanted.chars().any(|c| c.is_ascii_digit()) && !wanted.contains(' ');
        if is_code { &mut form.code } else { &mut form.name }.push_str(wanted);
    }
    show(state, Dialog::Product(form), Part::Name);
}

/// What a product is called and costs is the managers' to change, as at the server.
pub fn may_change_products(state: &State) -> bool {
    state.person.as_ref().is_some_and(|person| person.role >= Role::Manager)
}

/// Whether it is refused, in words: the server would refuse it later.
pub(super) fn refuses_change(state: &mut State) -> bool {
    let refuses = !may_change_products(state);
    if refuses {
        let key = state.keys.word(Action::Lock);
        state.toasts.problem(Text::ChangeNeedsManager.with(state.lang(), &[("key", &key)]));
    }
    refuses
}

pub fn open_edit(state: &mut State) {
    if state.selected_product().is_none() || refuses_change(state) {
        return;
    }
    let Some(item) = state.selected_product() else { return };
    let product = &item.product;
    let form = ProductForm {
        editing: Some(product.id),
        name: product.name.clone(),
        code: product.code.as_deref().map(barcode::printed).unwrap_or_default().to_owned(),
        unit: product.unit,
        price: product.price_cents.plain(),
        minimum: product.minimum_thousandths.to_string(),
        ..ProductForm::default()
    };
    show(state, Dialog::Product(form), Part::Price);
}

/// The selected product is meant, unless the search is empty and it is only the first of all.
pub fn open_entry(state: &mut State, kind: StockEntryKind) {
    let searched = !search_line::wanted(&state.search.text).is_empty() || state.search.selected > 0;
    let alone = state.search.hits.len() == 1;
    let product = state.selected_product().filter(|_| searched || alone).map(|item| item.product.id);
    let mut form = EntryForm::new(kind);
    form.product = product;
    form.hits = hits(state, "", HITS);
    let focus = if product.is_some() { Part::Quantity } else { Part::Product };
    show(state, Dialog::Entry(form), focus);
}

pub fn open_quantity(state: &mut State) {
    if state.pay.is_some() {
        return;
    }
    let Some(line) = state.cart.selected_line() else { return };
    let form =
        QuantityForm { line: state.cart.selected(), quantity: line.quantity.to_string(), complaint: None };
    show(state, Dialog::Quantity(form), Part::Quantity);
}

pub(super) fn show(state: &mut State, dialog: Dialog, focus: Part) {
    if state.pay.is_none() && state.dialog.is_none() {
        open(state, dialog);
        state.focus = Some(focus);
    }
}

pub(super) fn hits(state: &State, text: &str, most: usize) -> Vec<ProductId> {
    let mut hits = state.catalogue.search(text);
    hits.truncate(most);
    hits
}

pub fn typed(state: &mut State, input: FormInput) {
    let lang = state.lang();
    let found = match (&input, &state.dialog) {
        (FormInput::Text(Part::Product, text), Some(Dialog::Entry(_))) => Some(hits(state, text, HITS)),
        _ => None,
    };
    match &mut state.dialog {
        Some(Dialog::Product(form)) => typed_product(form, input),
        Some(Dialog::Entry(form)) => {
            if let Some(found) = found {
                form.hits = found;
                form.hit = 0;
            }
            state.focus = typed_entry(form, input, lang).or(state.focus);
        }
        Some(Dialog::Amount(form)) => amount::typed(form, state.stores.len(), input),
        Some(Dialog::Quantity(form)) => {
            if let FormInput::Text(_, text) = input {
                form.quantity = text;
                form.complaint = None;
            }
        }
        Some(Dialog::Menu) => {
            if let FormInput::Text(Part::TillName, text) = input {
                state.settings.till = Some(text).filter(|text| !text.trim().is_empty());
                state.settings_dirty = true;
            }
        }
        // What is typed in the dialogs of cart, drawer and receipts is an input of their own.
        Some(
            Dialog::Cart(_)
            | Dialog::Receipts(_)
            | Dialog::Cash(_)
            | Dialog::Debts(_)
            | Dialog::Return(_)
            | Dialog::Keys(_)
            | Dialog::Reader(_)
            | Dialog::Outbox(_)
            | Dialog::CancelSale
            | Dialog::Stock(_),
        ) => {}
        None => {
            if let (Some(pay), FormInput::Text(part, text)) = (&mut state.pay, input) {
                let field = if part == Part::Debtor { &mut pay.customer } else { &mut pay.amount };
                *field = text;
                pay.notes = false;
                pay.trouble.edited();
            }
        }
    }
}

fn typed_product(form: &mut ProductForm, input: FormInput) {
    form.trouble.edited();
    match input {
        FormInput::Text(Part::Name, text) => form.name = text,
        FormInput::Text(Part::Code, text) => form.code = text,
        FormInput::Text(Part::Price, text) => form.price = text,
        FormInput::Text(Part::Minimum, text) => form.minimum = text,
        FormInput::Unit(unit) => form.unit = unit,
        FormInput::Text(..)
        | FormInput::Kind(_)
        | FormInput::MoveHit(_)
        | FormInput::PickHit(_)
        | FormInput::OtherProduct => {}
    }
}

/// Says where the focus goes.
fn typed_entry(form: &mut EntryForm, input: FormInput, lang: Lang) -> Option<Part> {
    form.trouble.edited();
    match input {
        FormInput::Text(Part::Product, text) => form.search = text,
        FormInput::Text(Part::Quantity, text) => form.quantity = text,
        FormInput::Text(Part::Reason, text) => form.reason = stock::usual_reason(&text, lang).unwrap_or(text),
        FormInput::Text(Part::Lot, text) => form.lot = text,
        FormInput::Text(Part::Expiry, text) => form.expiry = text,
        FormInput::Kind(kind) => {
            form.kind = kind;
            return Some(if form.product.is_some() { Part::Quantity } else { Part::Product });
        }
        FormInput::MoveHit(by) => {
            form.hit = form.hit.saturating_add_signed(by).min(form.hits.len().saturating_sub(1));
        }
        FormInput::PickHit(hit) => {
            form.product = form.hits.get(hit).copied();
            return form.product.map(|_| Part::Quantity);
        }
        FormInput::OtherProduct => {
            form.product = None;
            return Some(Part::Product);
        }
        FormInput::Text(..) | FormInput::Unit(_) => {}
    }
    None
}

pub fn submit_product(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Product(form)) = &mut state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let work = match product_work(form) {
        Ok(work) => work,
        Err((part, complaint)) => {
            form.trouble.complaint = Some((part, complaint));
            state.focus = Some(part);
            return Vec::new();
        }
    };
    let subject = form.name.trim().to_owned();
    // Somebody else may have taken over the till since the form was opened.
    if matches!(work, Work::ProductChange(..)) && refuses_change(state) {
        return Vec::new();
    }
    if let Some(Dialog::Product(form)) = &mut state.dialog {
        form.trouble.waiting = Some(moment.fresh);
    }
    outbox::send(state, work, subject, Cents::ZERO, moment)
}

fn product_work(form: &ProductForm) -> Result<Work, (Part, Complaint)> {
    let name = names::clean(&form.name, limits::NAME_CHARS).ok_or((Part::Name, Complaint::NameMissing))?;
    let code = form.code.trim().to_owned();
    let price_cents = match form.price.trim() {
        "" => Cents::ZERO,
        text => Cents::parse(text)
            .ok()
            .filter(|price| (0..=limits::PRICE_CENTS).contains(&price.0))
            .ok_or((Part::Price, Complaint::PriceBad))?,
    };
    let minimum_thousandths = match form.minimum.trim() {
        "" => Quantity::ZERO,
        text => Quantity::parse(text)
            .ok()
            .filter(|minimum| (0..=limits::QUANTITY_THOUSANDTHS).contains(&minimum.0))
            .ok_or((Part::Minimum, Complaint::MinimumBad))?,
    };
    Ok(match form.editing {
        None => Work::Product(NewProduct {
            name,
            code: Some(code).filter(|code| !code.is_empty()),
            unit: form.unit,
            price_cents,
            minimum_thousandths,
        }),
        Some(id) => Work::ProductChange(
            id,
            ProductChange {
                name: Some(name),
                code: Some(code),
                unit: Some(form.unit),
                price_cents: Some(price_cents),
                minimum_thousandths: Some(minimum_thousandths),
                active: None,
            },
        ),
    })
}

pub fn submit_entry(state: &mut State, moment: Moment) -> Vec<Effect> {
    let today = state.today();
    let Some(Dialog::Entry(form)) = &mut state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    if form.product.is_none() {
        // Enter in the product field takes the selected hit.
        if let Some(hit) = form.hits.get(form.hit).copied() {
            form.product = Some(hit);
            state.focus = Some(Part::Quantity);
        } else {
            form.trouble.complaint = Some((Part::Product, Complaint::ProductMissing));
        }
        return Vec::new();
    }
    let unit = form.product.and_then(|id| state.catalogue.get(id)).map(|item| item.product.unit);
    let store = state.store.as_ref().map(|store| store.id);
    let (Some(product_id), Some(store_id)) = (form.product, store) else { return Vec::new() };
    let entry = match entry_quantity(form, unit).and_then(|quantity| Ok((quantity, lot_name(form, today)?))) {
        Ok((quantity_thousandths, lot)) => NewStockEntry {
            kind: form.kind,
            store_id,
            product_id,
            quantity_thousandths,
            reason: Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
            lot,
            recorded_at: Some(moment.at),
        },
        Err((part, complaint)) => {
            form.trouble.complaint = Some((part, complaint));
            state.focus = Some(part);
            return Vec::new();
        }
    };
    form.trouble.waiting = Some(moment.fresh);
    let subject = state.catalogue.get(product_id).map(|item| item.product.name.clone()).unwrap_or_default();
    outbox::send(state, Work::Entry(entry), subject, Cents::ZERO, moment)
}

/// What is printed on goods that came in; nothing where neither is told.
fn lot_name(form: &EntryForm, today: Date) -> Result<Option<LotName>, (Part, Complaint)> {
    if form.kind != StockEntryKind::Receive {
        return Ok(None);
    }
    printed(&form.lot, &form.expiry, |text| expiry::parse(text, today))
}

/// The lot of which this is printed, the day read by `read`; nothing where neither is told.
pub fn printed(
    code: &str,
    day: &str,
    read: impl FnOnce(&str) -> Result<Date, ExpiryError>,
) -> Result<Option<LotName>, (Part, Complaint)> {
    let code = Some(code.trim()).filter(|code| !code.is_empty());
    let code = code
        .map(|code| names::clean(code, limits::LOT_CODE_CHARS).ok_or((Part::Lot, Complaint::LotBad)))
        .transpose()?;
    let expires_on = Some(day.trim())
        .filter(|text| !text.is_empty())
        .map(|text| read(text).map_err(|error| (Part::Expiry, Complaint::Expiry(error))))
        .transpose()?;
    let lot = LotName { code, expires_on };
    Ok(Some(lot).filter(|lot| *lot != LotName::default()))
}

fn entry_quantity(form: &EntryForm, unit: Option<Unit>) -> Result<Quantity, (Part, Complaint)> {
    let quantity = Quantity::parse(&form.quantity).map_err(|_| (Part::Quantity, Complaint::QuantityBad))?;
    let fits = match form.kind {
        StockEntryKind::Receive => quantity.0 > 0,
        StockEntryKind::Adjust => quantity.0 != 0,
        StockEntryKind::Count => quantity.0 >= 0,
    };
    if !fits {
        return Err((Part::Quantity, Complaint::QuantityBad));
    }
    if quantity.0.abs() > limits::QUANTITY_THOUSANDTHS {
        return Err((Part::Quantity, Complaint::TooMuch));
    }
    if unit == Some(Unit::Un) && quantity.as_whole().is_none() {
        return Err((Part::Quantity, Complaint::NotWhole));
    }
    if form.kind == StockEntryKind::Adjust && form.reason.trim().is_empty() {
        return Err((Part::Reason, Complaint::ReasonMissing));
    }
    Ok(quantity)
}

pub fn submit_quantity(state: &mut State) {
    let Some(Dialog::Quantity(form)) = &mut state.dialog else { return };
    let result = Quantity::parse(&form.quantity)
        .map_err(|_| CartError::NotPositive)
        .and_then(|quantity| state.cart.set_quantity(form.line, quantity));
    match result {
        Ok(()) => {
            state.dialog = None;
            state.focus = Some(Part::Search);
        }
        Err(error) => {
            form.complaint = Some(cart_complaint(error));
            state.focus = Some(Part::Quantity);
        }
    }
}

const fn cart_complaint(error: CartError) -> Complaint {
    match error {
        CartError::NotPositive => Complaint::QuantityBad,
        CartError::NotWhole => Complaint::NotWhole,
        CartError::TooMuch => Complaint::TooMuch,
        CartError::TooManyLines => Complaint::TooManyLines,
        CartError::TotalTooLarge => Complaint::TotalTooLarge,
    }
}
