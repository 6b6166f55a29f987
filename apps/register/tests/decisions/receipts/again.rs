//! When receipts are printed, and again.

use tillwatch_desk::Lang;
use tillwatch_desk::printer::{AfterSale, LabelLayout, Printer};
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::printer::PrintError;
use tillwatch_register::receipt::Document;
use tillwatch_register::samples::{happened, no_answer, sale_answer, take, till};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::labels::{LabelComplaint, LabelsInput};
use tillwatch_register::state::receipts::{
    Elsewhere, ReceiptsDialog, ReceiptsEffect, ReceiptsEvent, ReceiptsInput,
};
use tillwatch_register::state::sold::{Find, Found, SoldEffect, SoldHere};
use tillwatch_register::update::receipts::shown_document;
use tillwatch_shared::SaleId;
use tillwatch_shared::api::Sale;
use uuid::Uuid;

use super::{jobs, pay, with_printer, words};

fn do_(state: &mut State, input: ReceiptsInput) -> Vec<Effect> {
    take(state, Input::Receipts(input))
}

#[test]
fn each_sale_is_printed_once_with_its_number() {
    let mut state = with_printer(AfterSale::Print);
    assert!(jobs(&pay(&mut state)).is_empty(), "nobody knows yet whether it counts");
    let effects = sale_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert!(job.open_drawer, "cash came in");
    assert_eq!(job.id, Some(state.confirmation.as_ref().unwrap().command.0));
    assert!(words(&job.document).contains("Venda 1042"), "{:?}", job.document);
    assert!(words(&job.document).contains("Troco 37,67"), "{:?}", job.document);
    assert!(jobs(&take(&mut state, Input::Tick)).is_empty(), "only once");
    assert_eq!(state.receipts.printing, 1);
    happened(&mut state, Event::Receipts(ReceiptsEvent::Printed(Ok(None))));
    assert_eq!(state.receipts.printing, 0);
}

#[test]
fn without_the_server_the_paper_says_that_the_number_is_awaited() {
    let mut state = with_printer(AfterSale::Print);
    pay(&mut state);
    let effects = no_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert!(words(&job.document).contains("Número: aguardando servidor"), "{:?}", job.document);
    assert!(jobs(&sale_answer(&mut state)).is_empty(), "not again when the number comes");
}

#[test]
fn offered_and_never() {
    let mut state = with_printer(AfterSale::Ask);
    pay(&mut state);
    assert!(jobs(&sale_answer(&mut state)).is_empty());
    let effects = do_(&mut state, ReceiptsInput::Open);
    assert_eq!(jobs(&effects).len(), 1, "the key prints what was just sold");
    let effects = do_(&mut state, ReceiptsInput::Open);
    assert!(
        matches!(effects[..], [Effect::Sold(SoldEffect::Find { find: Find::Newest, .. })]),
        "{effects:?}"
    );
    assert!(matches!(state.dialog, Some(Dialog::Receipts(ReceiptsDialog::List(_)))));

    let mut state = with_printer(AfterSale::Nothing);
    pay(&mut state);
    assert!(jobs(&sale_answer(&mut state)).is_empty());

    // Without a printer there is nothing to print with, and selling goes on.
    let mut state = till(Settings {
        printer: Printer { after_sale: AfterSale::Print, ..Printer::default() },
        ..Settings::default()
    });
    pay(&mut state);
    assert!(jobs(&sale_answer(&mut state)).is_empty());
    assert_eq!(state.toasts.texts().count(), 0);
}

/// The list, with the sale just made in it.
fn listed(state: &mut State) -> Sale {
    pay(state);
    sale_answer(state);
    let sale = (**state.receipts.last.as_ref().unwrap()).clone();
    take(state, Input::Close);
    do_(state, ReceiptsInput::List);
    found(state, Find::Newest, vec![sale.clone()]);
    sale
}

fn found(state: &mut State, find: Find, sales: Vec<Sale>) -> Vec<Effect> {
    let store = state.store.as_ref().unwrap().id;
    let sales = Ok(sales.into_iter().map(|sale| SoldHere { sale }).collect());
    happened(state, Event::Sold(Found { store, find, sales, slips: Vec::new() }))
}

fn shown(state: &State) -> (Uuid, Document) {
    let Some(Dialog::Receipts(ReceiptsDialog::List(form))) = &state.dialog else {
        panic!("{:?}", state.dialog)
    };
    shown_document(state, form).unwrap()
}

#[test]
fn a_reprint_is_what_was_issued() {
    let mut state = with_printer(AfterSale::Ask);
    let sale = listed(&mut state);
    let (id, fresh) = shown(&state);
    assert_eq!(id, sale.id.0);
    let mut issued = fresh.clone();
    issued.centred("as it was", tillwatch_register::receipt::Style::Plain);
    let recalled = ReceiptsEvent::Recalled(sale.id, Some(Box::new(issued.clone())));
    happened(&mut state, Event::Receipts(recalled));
    let effects = do_(&mut state, ReceiptsInput::Find);
    let [job] = jobs(&effects)[..] else { panic!("Enter prints: {effects:?}") };
    assert_eq!((job.id, &job.document, job.open_drawer), (Some(sale.id.0), &issued, false));
    let effects = do_(&mut state, ReceiptsInput::SavePdf);
    let document = Box::new(issued);
    assert_eq!(effects, [Effect::Receipts(ReceiptsEffect::SavePdf { id: Some(sale.id.0), document })]);
}

#[test]
fn a_printer_that_fails_says_what_to_do_and_the_receipt_stays() {
    let mut state = with_printer(AfterSale::Ask);
    listed(&mut state);
    for error in [PrintError::TimedOut, PrintError::NotFound, PrintError::Busy, PrintError::Denied] {
        assert_eq!(jobs(&do_(&mut state, ReceiptsInput::Print)).len(), 1, "{error:?}");
        happened(&mut state, Event::Receipts(ReceiptsEvent::Printed(Err(error))));
        let told = format!("{:?}", state.toasts);
        assert!(told.contains("192.168.0.50"), "{told}");
        assert!(state.toasts.close_problem());
    }
    assert_eq!(state.receipts.printing, 0);
}

#[test]
fn sales_of_other_tills_come_from_the_server() {
    let mut state = with_printer(AfterSale::Ask);
    let sale = listed(&mut state);
    let store = state.store.as_ref().unwrap().id;
    do_(&mut state, ReceiptsInput::Wanted(" 77 ".to_owned()));
    let effects = do_(&mut state, ReceiptsInput::Find);
    assert_eq!(effects, [Effect::Sold(SoldEffect::Find { store, find: Find::Number(77) })]);
    let effects = found(&mut state, Find::Number(77), Vec::new());
    assert_eq!(effects, [Effect::Receipts(ReceiptsEffect::Fetch { store, find: Find::Number(77) })]);
    let other = Sale { id: SaleId::now(), number: 77, ..sale };
    let answer = Ok(Some(Box::new(other.clone())));
    happened(&mut state, Event::Receipts(ReceiptsEvent::Fetched { find: Find::Number(77), answer }));
    assert_eq!(shown(&state).0, other.id.0);
    assert!(words(&shown(&state).1).contains("Venda 77"));

    let elsewhere = |state: &State| match &state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::List(form))) => form.elsewhere.clone(),
        other => panic!("{other:?}"),
    };
    do_(&mut state, ReceiptsInput::Wanted("arroz".to_owned()));
    assert!(do_(&mut state, ReceiptsInput::Find).is_empty());
    assert_eq!(elsewhere(&state), Elsewhere::NotUnderstood);
    do_(&mut state, ReceiptsInput::Wanted("78".to_owned()));
    do_(&mut state, ReceiptsInput::Find);
    found(&mut state, Find::Number(78), Vec::new());
    let late = ReceiptsEvent::Fetched { find: Find::Number(77), answer: Ok(Some(Box::new(other))) };
    happened(&mut state, Event::Receipts(late));
    assert_eq!(elsewhere(&state), Elsewhere::Asked(Find::Number(78)), "an answer to an earlier question");
    happened(
        &mut state,
        Event::Receipts(ReceiptsEvent::Fetched { find: Find::Number(78), answer: Ok(None) }),
    );
    assert_eq!(elsewhere(&state), Elsewhere::Nowhere);
    let effects = do_(&mut state, ReceiptsInput::Wanted(String::new()));
    assert_eq!(effects, [Effect::Sold(SoldEffect::Find { store, find: Find::Newest })], "the list again");
}

#[test]
fn the_mark_on_the_paper_finds_the_sale() {
    let mut state = with_printer(AfterSale::Ask);
    let sale = listed(&mut state);
    let store = state.store.as_ref().unwrap().id;
    do_(&mut state, ReceiptsInput::Wanted(tillwatch_shared::mark::of(sale.id)));
    let effects = do_(&mut state, ReceiptsInput::Find);
    let [Effect::Sold(SoldEffect::Find { store: asked, find: Find::Between(first, last) })] = effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(asked, store);
    assert!((first..=last).contains(&sale.id));
    found(&mut state, Find::Between(first, last), vec![sale.clone()]);
    assert_eq!(shown(&state).0, sale.id.0);
}

#[test]
fn the_receipts_language_is_its_own() {
    let mut state = with_printer(AfterSale::Ask);
    state.settings.printer.lang = Some(Lang::En);
    listed(&mut state);
    assert!(words(&shown(&state).1).contains("NOT A TAX DOCUMENT"));
}

fn labels(state: &mut State, input: LabelsInput) -> Vec<Effect> {
    do_(state, ReceiptsInput::Labels(input))
}

fn list_labels(state: &mut State, line: &str) {
    labels(state, LabelsInput::Search(line.to_owned()));
    labels(state, LabelsInput::Enter);
}

#[test]
fn labels_are_chosen_by_keyboard_and_scanner() {
    let mut state = till(Settings::default());
    labels(&mut state, LabelsInput::Open);
    list_labels(&mut state, "12*7891000315507");
    list_labels(&mut state, "7891000315507");
    list_labels(&mut state, "3*queijo");
    let Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) = &state.dialog else { panic!() };
    let copies: Vec<u32> = form.wanted.iter().map(|wanted| wanted.copies).collect();
    assert_eq!((copies.as_slice(), form.labels()), ([13, 3].as_slice(), 16));

    let complaint = |state: &State| match &state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) => form.complaint,
        other => panic!("{other:?}"),
    };
    for (line, expected) in [
        ("vinho do porto", LabelComplaint::NotFound),
        ("0,450*QM", LabelComplaint::CopiesBad),
        ("9999*QM", LabelComplaint::TooMany),
    ] {
        list_labels(&mut state, line);
        assert_eq!(complaint(&state), Some(expected), "{line}");
    }
    labels(&mut state, LabelsInput::Search(String::new()));
    labels(&mut state, LabelsInput::Layout(LabelLayout::By3x8));
    labels(&mut state, LabelsInput::Skip("24".to_owned()));
    assert!(labels(&mut state, LabelsInput::Save).is_empty());
    assert_eq!(complaint(&state), Some(LabelComplaint::SkipBad));
    labels(&mut state, LabelsInput::Skip("23".to_owned()));
    let effects = labels(&mut state, LabelsInput::Enter);
    let [Effect::Receipts(ReceiptsEffect::SaveLabels { labels: chosen, layout, skip, .. })] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((*layout, *skip), (LabelLayout::By3x8, 23));
    let told: Vec<_> =
        chosen.iter().map(|(label, copies)| (label.name.as_str(), label.price(), *copies)).collect();
    let rice = ("Arroz agulhinha tipo 1 5 kg", "R$ 27,90".to_owned(), 13);
    assert_eq!(told, [rice, ("Queijo minas", "R$ 39,90/kg".to_owned(), 3)]);
}
