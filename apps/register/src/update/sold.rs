//! Remembering the sales that this till makes, and looking them up.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{NewSale, NewSaleLine, Sale, SaleLine};
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::{Cents, SaleId, UtcMicros};

use crate::input::Effect;
use crate::state::State;
use crate::state::sold::{Find, Found, SoldEffect};
use crate::texts::Text;

/// Asks the till's file; the answer stands in `state.sold`.
pub fn look(state: &mut State, find: Find) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    state.sold.asked = Some((store, find));
    state.sold.sales = None;
    state.sold.slips.clear();
    vec![Effect::Sold(SoldEffect::Find { store, find })]
}

pub fn found(state: &mut State, found: Found) {
    if let Err(reason) = state.sold.take(found) {
        state.toasts.problem(Text::SoldUnread.with(state.lang(), &[("reason", &reason)]));
    }
}

/// The sale as the server will tell it, but for what only the server knows.
pub fn told_ahead(state: &State, sale: &NewSale, change_cents: Cents, moment: Moment) -> Option<Sale> {
    let person = state.person.as_ref()?;
    let store = state.stores.iter().chain(&state.store).find(|store| store.id == sale.store_id)?;
    let sold_at = sale.sold_at.unwrap_or(moment.at);
    let local = sold_at.timestamp().to_zoned(format::zone(&store.zone));
    Some(Sale {
        id: SaleId(moment.fresh.0),
        number: 0,
        store_id: store.id,
        store_name: store.name.clone(),
        person_id: person.id,
        person_name: person.name.clone(),
        till: sale.till.clone(),
        lines: sale
            .lines
            .iter()
            .zip(sale.shares())
            .map(|(line, share)| told_line(state, line, share))
            .collect(),
        payments: sale.payments.clone(),
        discount_cents: sale.discount_cents,
        total_cents: sale.total_cents,
        change_cents,
        approved_by: sale.approved_by,
        approved_by_name: None,
        customer_cpf: sale.customer_cpf.clone(),
        customer_cpf_masked: sale.customer_cpf.as_ref().map(TaxId::masked),
        business_day: local.date().to_string(),
        sold_at,
        received_at: UtcMicros(0),
        returned: None,
        cash_session: sale.cash_session,
        customer_name: sale.customer_name.clone(),
    })
}

/// Under the name that stands in the cart.
fn told_line(state: &State, line: &NewSaleLine, share_cents: Cents) -> SaleLine {
    let in_cart = state.cart.lines().iter().find(|own| own.product_id == line.product_id);
    let in_list = || state.catalogue.get(line.product_id).map(|item| item.product.name.clone());
    SaleLine {
        product_id: line.product_id,
        product_name: in_cart.map(|own| own.name.clone()).or_else(in_list).unwrap_or_default(),
        quantity_thousandths: line.quantity_thousandths,
        unit_price_cents: line.unit_price_cents,
        discount_cents: line.discount_cents,
        total_cents: line.total(),
        share_cents,
        lots: Vec::new(),
        counted_since: false,
    }
}
