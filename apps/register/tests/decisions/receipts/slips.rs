//! Reports of the drawer and slips of returns on paper, who owes, and what labels say.

use jiff::civil::Date;
use tillwatch_desk::Lang;
use tillwatch_desk::printer::AfterSale;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input, ReturnsInput};
use tillwatch_register::samples::{self, NOW, happened, kept, no_answer, take};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::cart::Allowed;
use tillwatch_register::state::carts::{Approver, Field};
use tillwatch_register::state::cash::{CashInput, CashPage};
use tillwatch_register::state::consent::Consented;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::labels::LabelsInput;
use tillwatch_register::state::receipts::{ReceiptsDialog, ReceiptsEffect, ReceiptsInput};
use tillwatch_register::state::returns::FindAtServer;
use tillwatch_register::state::sold::Find;
use tillwatch_register::till_file::TillFile;
use tillwatch_shared::api::{PaymentMethod, PriceList, PricePeriod, Role};
use tillwatch_shared::{Cents, PersonId, ReturnId};

use super::{jobs, pay, with_printer, words};
use crate::till::typed;

fn cash(state: &mut State, input: CashInput) -> Vec<Effect> {
    take(state, Input::Cash(input))
}

/// The drawer is open, with R$ 100 in it and a sale of R$ 62,33.
fn working(after_sale: AfterSale) -> State {
    let mut state = with_printer(after_sale);
    samples::cash::open_with(&mut state, "100");
    pay(&mut state);
    samples::sale_answer(&mut state);
    state
}

/// Counts R$ 160 and closes.
fn close(state: &mut State) {
    samples::cash::close_with(state, &[(1, "1"), (2, "1"), (4, "1")]);
}

#[test]
fn z_is_the_same_paper_whenever_it_is_printed() {
    let mut state = working(AfterSale::Nothing);
    close(&mut state);
    let effects = cash(&mut state, CashInput::Print);
    let [first] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    let text = words(&first.document);
    for line in [
        "Loja Centro",
        "NÃO É DOCUMENTO FISCAL",
        "Relatório Z",
        "Esperado 162,33",
        "Contado 160,00",
        "Diferença -2,33",
        "Dinheiro (1) 62,33",
        "1 × 100,00 100,00",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!first.open_drawer);

    // The program starts again, speaks English, and the clock goes on: the document that was issued counts.
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    for parcel in state.outbox.parcels() {
        file.keep(parcel).unwrap();
    }
    let id = first.id.unwrap();
    assert_eq!(file.issue(id, &first.document, NOW).unwrap(), first.document);
    let mut again = with_printer(AfterSale::Nothing);
    again.cash = file.cash().unwrap();
    assert_eq!(again.cash, state.cash);
    again.settings.lang = Lang::En;
    cash(&mut again, CashInput::Open);
    cash(&mut again, CashInput::Page(CashPage::Z));
    let effects = cash(&mut again, CashInput::Print);
    let [second] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert_eq!(second.id, Some(id));
    assert_ne!(second.document, first.document, "it is in another language");
    assert_eq!(file.issue(id, &second.document, NOW.plus(1)).unwrap(), first.document);
    let effects = cash(&mut again, CashInput::SavePdf);
    assert!(
        matches!(effects[..], [Effect::Receipts(ReceiptsEffect::SavePdf { id: Some(own), .. })] if own == id),
        "{effects:?}"
    );
}

#[test]
fn x_is_of_now_and_a_sellers_is_blind() {
    let mut state = working(AfterSale::Nothing);
    cash(&mut state, CashInput::Open);
    cash(&mut state, CashInput::Page(CashPage::X));
    let paper = |state: &mut State| {
        let effects = cash(state, CashInput::Print);
        let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
        assert_eq!(job.id, None, "the next one may say something else");
        words(&job.document)
    };
    let manager = paper(&mut state);
    assert!(manager.contains("Relatório X") && manager.contains("Emitido em 31/12/2026 21:05"), "{manager}");
    assert!(manager.contains("Esperado 162,33"), "{manager}");
    state.person.as_mut().unwrap().role = Role::Seller;
    let seller = paper(&mut state);
    assert!(seller.contains("Dinheiro (1) —") && !seller.contains("Esperado"), "{seller}");
    assert!(!seller.contains("62,33"), "{seller}");
}

#[test]
fn without_a_printer_the_report_says_where_to_set_one_up() {
    let mut state = samples::cash::closed(tillwatch_desk::settings::Settings::default());
    assert!(jobs(&cash(&mut state, CashInput::Print)).is_empty());
    assert!(matches!(state.dialog, Some(Dialog::Receipts(ReceiptsDialog::Printer))));
    assert!(state.toasts.texts().any(|text| text.contains("impressora")));
}

/// Two of the milk come back for cash, one of them to be sold again.
pub fn give_back(state: &mut State) -> Vec<Effect> {
    let sale = samples::sell(state).unwrap();
    let store = state.store.as_ref().unwrap().id;
    take(state, Input::Returns(ReturnsInput::Open));
    take(state, Input::Returns(ReturnsInput::Wanted("1042".to_owned())));
    take(state, Input::Returns(ReturnsInput::Enter));
    let question = FindAtServer { store, find: Find::Number(1042) };
    happened(state, Event::SaleFound(question, Ok(Some(sale))));
    take(state, Input::Returns(ReturnsInput::Quantity(1, "2".to_owned())));
    take(state, Input::Returns(ReturnsInput::Restock(1, false)));
    take(state, Input::Returns(ReturnsInput::Reason("azedou".to_owned())));
    take(state, Input::Returns(ReturnsInput::Submit));
    kept(state)
}

#[test]
fn a_return_prints_its_slip_once() {
    let mut state = with_printer(AfterSale::Print);
    give_back(&mut state);
    let command = samples::waiting(&state);
    let effects = no_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert_eq!(job.id, Some(ReturnId(command.0).0));
    assert!(job.open_drawer, "cash goes out");
    let text = words(&job.document);
    for line in [
        "COMPROVANTE DE DEVOLUÇÃO",
        "Da venda 1042",
        "Leite integral 1 L\n  2 x 5,49 10,98\n  baixa",
        "DEVOLVIDO R$ 10,98",
        "Dinheiro 10,98",
        "Motivo: azedou",
        "Assinatura do cliente",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("Arroz"), "{text}");
    assert!(jobs(&take(&mut state, Input::Tick)).is_empty(), "only once");
}

#[test]
fn a_slip_that_is_offered_is_printed_by_the_key_of_receipts() {
    let mut state = with_printer(AfterSale::Ask);
    give_back(&mut state);
    assert!(jobs(&no_answer(&mut state)).is_empty());
    assert!(state.toasts.texts().any(|text| text.contains("Ctrl+P")), "{:?}", state.toasts);
    let effects = take(&mut state, Input::Receipts(ReceiptsInput::Open));
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert!(words(&job.document).contains("COMPROVANTE DE DEVOLUÇÃO"));

    let mut state = with_printer(AfterSale::Ask);
    give_back(&mut state);
    no_answer(&mut state);
    samples::enter(&mut state, "QM");
    pay(&mut state);
    no_answer(&mut state);
    let effects = take(&mut state, Input::Receipts(ReceiptsInput::Open));
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert!(words(&job.document).contains("Queijo minas"), "the sale since then: {job:?}");
}

#[test]
fn a_cancelled_sale_says_so_and_names_everything() {
    let mut state = with_printer(AfterSale::Print);
    let sale = samples::sell(&mut state).unwrap();
    let store = state.store.as_ref().unwrap().id;
    take(&mut state, Input::Returns(ReturnsInput::Open));
    take(&mut state, Input::Returns(ReturnsInput::Wanted("1042".to_owned())));
    take(&mut state, Input::Returns(ReturnsInput::Enter));
    let question = FindAtServer { store, find: Find::Number(1042) };
    happened(&mut state, Event::SaleFound(question, Ok(Some(sale))));
    take(&mut state, Input::Returns(ReturnsInput::All));
    take(&mut state, Input::Returns(ReturnsInput::Reason("erro".to_owned())));
    take(&mut state, Input::Returns(ReturnsInput::Submit));
    kept(&mut state);
    let effects = no_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    let text = words(&job.document);
    for line in [
        "COMPROVANTE DE CANCELAMENTO",
        "1 x 27,90 27,90",
        "3 x 5,49 16,47",
        "0,450 x 39,90 17,96",
        "DEVOLVIDO R$ 62,33",
        "Dinheiro 62,33",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn who_owes_stands_on_the_receipt_and_signs() {
    let mut state = with_printer(AfterSale::Print);
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Account));
    take(&mut state, typed(Part::Debtor, "João da Silva"));
    take(&mut state, Input::Submit);
    kept(&mut state);
    let effects = no_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    let text = words(&job.document);
    for line in ["Cliente: João da Silva", "Fiado 62,33", "Assinatura do cliente"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let mut cash = with_printer(AfterSale::Print);
    pay(&mut cash);
    let effects = no_answer(&mut cash);
    assert!(!words(&jobs(&effects)[0].document).contains("Assinatura"));
}

#[test]
fn labels_say_what_the_store_charges_today() {
    let mut state = samples::till(tillwatch_desk::settings::Settings::default());
    let day = Date::constant(2026, 12, 31);
    let mut product = state.catalogue.by_number(1).unwrap().product.clone();
    let period = PricePeriod { price_cents: Cents(2490), first_day: day, last_day: Some(day) };
    let store_id = state.store.as_ref().map(|store| store.id);
    product.price_lists.push(PriceList { store_id, periods: vec![period] });
    product.changed_at = product.changed_at.plus(1);
    let round = state.feed.round;
    happened(&mut state, Event::Products { round, items: vec![product] });
    let mut label = |input| take(&mut state, Input::Receipts(ReceiptsInput::Labels(input)));
    label(LabelsInput::Open);
    label(LabelsInput::Search("7891000315507".to_owned()));
    label(LabelsInput::Enter);
    let effects = label(LabelsInput::Save);
    let [Effect::Receipts(ReceiptsEffect::SaveLabels { labels, .. })] = &effects[..] else {
        panic!("labels in {effects:?}")
    };
    assert_eq!(labels[0].0.price, Cents(2490));
}

#[test]
fn a_slip_names_the_manager_who_allowed_the_return() {
    let settings = with_printer(AfterSale::Print).settings;
    let mut state = samples::consenting(settings);
    for (field, text) in [(Field::Username, "lucas"), (Field::Password, "4321")] {
        take(&mut state, Input::Returns(ReturnsInput::Consent(field, text.to_owned())));
    }
    let effects = take(&mut state, Input::Submit);
    let [Effect::Consent(ask)] = effects.as_slice() else { panic!("{effects:?}") };
    let allowed = Allowed { person: PersonId::now(), name: "Lucas Almeida".to_owned(), limit: Cents(9_999) };
    let answer = Ok(Approver::Server(allowed));
    happened(&mut state, Event::Consent(Box::new(Consented { command: ask.command, answer })));
    kept(&mut state);
    let effects = no_answer(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    let text = words(&job.document);
    assert!(text.contains("Maria das Dores\nAutorizado por Lucas Almeida"), "{text}");
}

#[test]
fn a_payment_of_a_debt_prints_what_was_paid_and_what_is_left() {
    let settings = with_printer(AfterSale::Print).settings;
    let mut state = samples::debts::paying(settings);
    take(&mut state, Input::Submit);
    kept(&mut state);
    let id = samples::waiting(&state).0;
    let effects = samples::debts::confirm(&mut state);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert_eq!((job.id, job.open_drawer), (Some(id), true));
    let text = words(&job.document);
    for line in [
        "RECIBO DE PAGAMENTO DE FIADO",
        "Cliente: Maria do Carmo",
        "PAGO R$ 35,00",
        "Dinheiro 50,00",
        "Troco 15,00",
        "Ainda deve 50,60",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
