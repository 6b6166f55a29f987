//! What stands on a receipt, read back from the printer's bytes.

mod again;
mod golden;
mod kept;
mod paper;
mod slips;

use tillwatch_desk::printer::{AfterSale, Printer, Way};
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Input};
use tillwatch_register::receipt::{Block, Document};
use tillwatch_register::samples::{kept, sale_answer, take, till};
use tillwatch_register::state::carts::CartInput;
use tillwatch_register::state::receipts::{PrintJob, ReceiptsEffect};
use tillwatch_shared::api::PaymentMethod;

use crate::till::{enter, typed};

fn with_printer(after_sale: AfterSale) -> State {
    let printer = Printer {
        way: Way::Network,
        address: "192.168.0.50".to_owned(),
        drawer: true,
        after_sale,
        ..Printer::default()
    };
    till(Settings { printer, ..Settings::default() })
}

/// Pays the cart; the sale is on the disk.
fn pay(state: &mut State) -> Vec<Effect> {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Cash));
    take(state, typed(tillwatch_register::state::forms::Part::Amount, "100"));
    take(state, Input::Submit);
    kept(state)
}

fn jobs(effects: &[Effect]) -> Vec<&PrintJob> {
    let job = |effect| {
        if let &Effect::Receipts(ReceiptsEffect::Print(ref job)) = effect { Some(&**job) } else { None }
    };
    effects.iter().filter_map(job).collect()
}

fn words(document: &Document) -> String {
    let words = document.blocks.iter().map(|block| match block {
        Block::Text { text, .. } => text.clone(),
        Block::Pair { left, right, .. } => format!("{left} {right}"),
        Block::Rule | Block::Gap => String::new(),
        Block::Barcode(digits) => digits.clone(),
    });
    words.collect::<Vec<_>>().join("\n")
}

/// Its id is older than the other's, for its cart was begun before.
#[test]
fn a_sale_that_waited_while_another_was_made_is_printed_like_any() {
    let mut state = with_printer(AfterSale::Print);
    take(&mut state, Input::Cart(CartInput::Suspend));
    enter(&mut state, "arroz");
    pay(&mut state);
    let other = sale_answer(&mut state);
    let [printed] = &jobs(&other)[..] else { panic!("not one receipt: {other:?}") };
    let other = printed.id;
    let waiting =
        state.carts.of_store(state.store.as_ref().unwrap().id).next().and_then(|cart| cart.basket.sale);
    take(&mut state, Input::Cart(CartInput::Recall(waiting.unwrap())));
    pay(&mut state);
    let paid = sale_answer(&mut state);
    let [printed] = &jobs(&paid)[..] else { panic!("not one receipt: {paid:?}") };
    assert_eq!(printed.id, waiting.map(|sale| sale.0));
    assert!(printed.id < other, "begun before");
}
