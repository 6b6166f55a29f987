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
use tillwatch_register::samples::{kept, take, till};
use tillwatch_register::state::receipts::{PrintJob, ReceiptsEffect};
use tillwatch_shared::api::PaymentMethod;

use crate::till::typed;

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
