//! Receipts: a printer that is set up, and sales that this till made.

use tillwatch_desk::printer::{AfterSale, Printer, Way};
use tillwatch_desk::settings::Settings;
use tillwatch_shared::api::{PaymentMethod, Sale};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{Cents, SaleId};
use uuid::Uuid;

use super::{happened, kept, sale_answer, take, till};
use crate::input::{Event, FormInput, Input};
use crate::receipt::{Document, Style};
use crate::state::State;
use crate::state::forms::Part;
use crate::state::labels::LabelsInput;
use crate::state::papers::{SlipHere, SlipOf};
use crate::state::receipts::{ReceiptsEvent, ReceiptsInput};
use crate::state::sold::{Find, Found, SoldHere};

pub fn printer() -> Printer {
    Printer {
        way: Way::Network,
        address: "192.168.0.50".to_owned(),
        drawer: true,
        after_sale: AfterSale::Ask,
        ..Printer::default()
    }
}

/// The cart is paid in cash; the sale is on the disk.
pub fn paid(settings: Settings) -> State {
    let mut state = till(settings);
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Form(FormInput::Text(Part::Amount, "100".to_owned())));
    take(&mut state, Input::Submit);
    kept(&mut state);
    state
}

/// The list of receipts, with the sale just made and earlier ones.
pub fn listed(settings: Settings) -> State {
    let mut state = paid(settings);
    let sold = state.outbox.parcels().last().and_then(|parcel| parcel.sold.clone());
    sale_answer(&mut state);
    let Some(sold) = sold else { return state };
    take(&mut state, Input::Close);
    take(&mut state, Input::Receipts(ReceiptsInput::List));
    let waiting = std::iter::once(Sale { number: 0, ..(*sold).clone() });
    let numbered = (0_i64..40).map(|back| Sale {
        id: SaleId::now(),
        number: 1042 - back,
        sold_at: sold.sold_at.plus(-back * 7 * MINUTE),
        total_cents: Cents(sold.total_cents.0 + back * 113),
        ..(*sold).clone()
    });
    found(&mut state, waiting.chain(numbered).collect());
    state
}

/// The same with slips among them: of a sale that came back, of one without a number, and of a paid debt.
pub fn slips(settings: Settings) -> State {
    let mut state = listed(settings);
    let (Some((store, find)), Some(sales)) = (state.sold.asked, state.sold.sales.clone()) else {
        return state;
    };
    let Some(newest) = sales.first().map(|here| here.sale.clone()) else { return state };
    let customer = "Maria do Perpétuo Socorro de Albuquerque Cavalcanti".to_owned();
    let of = [
        (SlipOf::Return { sale: newest.id, void: false }, Some(1042)),
        (SlipOf::Return { sale: newest.id, void: true }, None),
        (SlipOf::Debt { customer }, None),
    ];
    let slips = of.into_iter().zip(1_u8..).map(|((of, number), place)| {
        let mut document = Document::new(format!("comprovante-{place}"));
        document.centred(format!("COMPROVANTE {place}"), Style::Strong);
        SlipHere {
            id: Uuid::from_u128(place.into()),
            store,
            at: newest.sold_at.plus(i64::from(place)),
            of,
            number,
            total: Cents(1098),
            document,
        }
    });
    let slips = slips.collect();
    happened(&mut state, Event::Sold(Found { store, find, sales: Ok(sales), slips }));
    state
}

/// The till's file tells these.
pub fn found(state: &mut State, sales: Vec<Sale>) {
    let Some((store, find)) = state.sold.asked else { return };
    let sales = Ok(sales.into_iter().map(|sale| SoldHere { sale }).collect());
    happened(state, Event::Sold(Found { store, find, sales, slips: Vec::new() }));
}

/// As [`listed`], with one that another till made: the server knows it.
pub fn elsewhere(settings: Settings) -> State {
    let mut state = listed(settings);
    let sold = state.sold.sales.as_ref().and_then(|sales| sales.last()).map(|sold| sold.sale.clone());
    let Some(sold) = sold else { return state };
    take(&mut state, Input::Receipts(ReceiptsInput::Wanted("77".to_owned())));
    take(&mut state, Input::Receipts(ReceiptsInput::Find));
    found(&mut state, Vec::new());
    let sale = Sale { id: SaleId::now(), number: 77, till: Some("Caixa 2".to_owned()), ..sold };
    let answer = Ok(Some(Box::new(sale)));
    happened(&mut state, Event::Receipts(ReceiptsEvent::Fetched { find: Find::Number(77), answer }));
    state
}

/// Labels of three products, the third with a long name.
pub fn labels(settings: Settings) -> State {
    let mut state = till(settings);
    let mut labels = |input| take(&mut state, Input::Receipts(ReceiptsInput::Labels(input)));
    labels(LabelsInput::Open);
    for line in ["24*7891000315507", "12*QM", "3*7891000055120"] {
        labels(LabelsInput::Search(line.to_owned()));
        labels(LabelsInput::Enter);
    }
    state
}
