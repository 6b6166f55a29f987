//! Slips are kept in the till's file when they are made, and printed again like receipts.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::printer::AfterSale;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::printer::PrintError;
use tillwatch_register::receipt::Document;
use tillwatch_register::samples::{self, NOW, happened, no_answer, take};
use tillwatch_register::state::papers::{SlipHere, SlipOf};
use tillwatch_register::state::receipts::{ReceiptsEffect, ReceiptsEvent, ReceiptsInput};
use tillwatch_register::state::sold::{Find, Found, SoldEffect, SoldHere};
use tillwatch_register::till_file::TillFile;
use tillwatch_shared::api::Sale;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, SaleId, StoreId, mark};
use uuid::Uuid;

use super::slips::give_back;
use super::{jobs, with_printer, words};

fn do_(state: &mut State, input: ReceiptsInput) -> Vec<Effect> {
    take(state, Input::Receipts(input))
}

fn issued(effects: &[Effect]) -> Vec<SlipHere> {
    let issue = |effect: &Effect| {
        if let Effect::Receipts(ReceiptsEffect::Issue(slip)) = effect { Some((**slip).clone()) } else { None }
    };
    effects.iter().filter_map(issue).collect()
}

/// The till's file answers what it is asked.
fn answered(state: &mut State, file: &TillFile, effects: &[Effect]) -> Vec<Effect> {
    let [Effect::Sold(SoldEffect::Find { store, find })] = effects else { panic!("{effects:?}") };
    let (store, find) = (*store, *find);
    let (sales, slips) = (Ok(file.sold(store, find).unwrap()), file.slips(store, find).unwrap());
    happened(state, Event::Sold(Found { store, find, sales, slips }))
}

/// The slip of a return, made without a printer that is wanted, in the till's file.
fn returned(after_sale: AfterSale, file: &TillFile) -> (State, SlipHere) {
    let mut state = with_printer(after_sale);
    give_back(&mut state);
    let effects = no_answer(&mut state);
    let [slip] = &issued(&effects)[..] else { panic!("one slip in {effects:?}") };
    file.issue_slip(slip).unwrap();
    (state, slip.clone())
}

#[test]
fn a_slip_that_did_not_come_out_is_in_the_list_and_prints_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let mut state = with_printer(AfterSale::Print);
    give_back(&mut state);
    let effects = no_answer(&mut state);
    let [slip] = &issued(&effects)[..] else { panic!("one slip in {effects:?}") };
    file.issue_slip(slip).unwrap();
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    let first = file.issue(job.id.unwrap(), &job.document, NOW).unwrap();
    happened(&mut state, Event::Receipts(ReceiptsEvent::Printed(Err(PrintError::NotFound))));
    drop(file);

    let file = TillFile::open(folder.path()).unwrap();
    let effects = do_(&mut state, ReceiptsInput::Open);
    answered(&mut state, &file, &effects);
    let effects = do_(&mut state, ReceiptsInput::Print);
    let [job] = jobs(&effects)[..] else { panic!("one document in {effects:?}") };
    assert_eq!((job.id, &job.document, job.open_drawer), (Some(slip.id), &first, false));
    assert!(words(&job.document).contains("COMPROVANTE DE DEVOLUÇÃO"));
    let effects = do_(&mut state, ReceiptsInput::SavePdf);
    let document = Box::new(first);
    assert_eq!(effects, [Effect::Receipts(ReceiptsEffect::SavePdf { id: Some(slip.id), document })]);
}

#[test]
fn without_a_printer_the_slip_is_made_all_the_same() {
    for settings in [with_printer(AfterSale::Nothing).settings, Settings::default()] {
        let mut state = samples::till(settings.clone());
        give_back(&mut state);
        let effects = no_answer(&mut state);
        assert!(jobs(&effects).is_empty());
        let [slip] = &issued(&effects)[..] else { panic!("one slip in {effects:?}") };
        assert!(words(&slip.document).contains("DEVOLVIDO R$ 10,98"));
        assert!(matches!(slip.of, SlipOf::Return { void: false, .. }));
        assert_eq!((slip.number, slip.total), (Some(1042), Cents(1098)));
        assert!(issued(&take(&mut state, Input::Tick)).is_empty(), "once");

        let mut state = samples::debts::paying(settings);
        take(&mut state, Input::Submit);
        samples::kept(&mut state);
        let effects = samples::debts::confirm(&mut state);
        let [slip] = &issued(&effects)[..] else { panic!("one slip in {effects:?}") };
        assert!(words(&slip.document).contains("PAGO R$ 35,00"));
        assert!(matches!(&slip.of, SlipOf::Debt { customer } if customer.starts_with("Maria do Carmo")));
    }
}

/// By the number of the sale that goods came back of, by the code on its receipt, and by the customer's name.
#[test]
fn slips_are_found_as_sales_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let (mut state, back) = returned(AfterSale::Nothing, &file);
    let store = state.store.as_ref().unwrap().id;
    let debt = SlipHere {
        id: Uuid::from_u128(77),
        at: back.at.plus(1),
        of: SlipOf::Debt { customer: "João Batista".to_owned() },
        number: None,
        document: Document::new("fiado-1"),
        ..back.clone()
    };
    file.issue_slip(&debt).unwrap();
    file.issue_slip(&SlipHere { id: Uuid::from_u128(78), store: StoreId::now(), ..debt.clone() }).unwrap();
    let printed = |effects: &[Effect]| jobs(effects).first().and_then(|job| job.id);

    let effects = do_(&mut state, ReceiptsInput::List);
    answered(&mut state, &file, &effects);
    assert_eq!(printed(&do_(&mut state, ReceiptsInput::Print)), Some(debt.id), "the newest of this store");
    do_(&mut state, ReceiptsInput::Move(1));
    assert_eq!(printed(&do_(&mut state, ReceiptsInput::Print)), Some(back.id));

    for wanted in ["1042", &mark::of(back.sale().unwrap())] {
        do_(&mut state, ReceiptsInput::Wanted(wanted.to_owned()));
        let effects = do_(&mut state, ReceiptsInput::Find);
        let effects = answered(&mut state, &file, &effects);
        assert!(
            matches!(effects[..], [Effect::Receipts(ReceiptsEffect::Fetch { .. })]),
            "the sale itself is another till's: {effects:?}"
        );
        assert_eq!(printed(&do_(&mut state, ReceiptsInput::Print)), Some(back.id), "{wanted}");
    }
    // The sale comes from the server, and stands before its slip.
    let Some((_, find)) = state.sold.asked else { panic!() };
    let told = Sale { id: back.sale().unwrap(), ..(**state.receipts.last.as_ref().unwrap()).clone() };
    let answer = Ok(Some(Box::new(told.clone())));
    happened(&mut state, Event::Receipts(ReceiptsEvent::Fetched { find, answer }));
    assert_eq!(printed(&do_(&mut state, ReceiptsInput::Print)), Some(told.id.0));
    do_(&mut state, ReceiptsInput::Move(1));
    assert_eq!(printed(&do_(&mut state, ReceiptsInput::Print)), Some(back.id));

    let effects = do_(&mut state, ReceiptsInput::Wanted("joao".to_owned()));
    answered(&mut state, &file, &effects);
    assert_eq!(printed(&do_(&mut state, ReceiptsInput::Find)), Some(debt.id));
    do_(&mut state, ReceiptsInput::Wanted("ninguém".to_owned()));
    assert_eq!(do_(&mut state, ReceiptsInput::Find), []);

    // The number that the sale got later finds it as well.
    let sale = SaleId::now();
    let unnumbered =
        SlipHere { id: Uuid::from_u128(79), of: SlipOf::Return { sale, void: true }, number: None, ..back };
    file.issue_slip(&unnumbered).unwrap();
    assert_eq!(file.slips(store, Find::Number(2001)).unwrap(), []);
    file.confirm_sale(&Sale { id: sale, number: 2001, store_id: store, ..told }).unwrap();
    let numbered = SlipHere { number: Some(2001), ..unnumbered };
    assert_eq!(file.slips(store, Find::Number(2001)).unwrap(), std::slice::from_ref(&numbered));
    let SoldHere { sale: of } = file.sold(store, Find::Number(2001)).unwrap().remove(0);
    assert_eq!(file.slips(store, Find::Id(of.id)).unwrap(), [numbered]);
}

/// The server has refused the return after the customer had gone.
#[test]
fn a_slip_of_what_was_refused_is_no_slip() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let (state, slip) = returned(AfterSale::Nothing, &file);
    let parcel = state.outbox.parcels().iter().find(|parcel| parcel.command.0 == slip.id).unwrap();
    file.keep(parcel).unwrap();
    let listed = |file: &TillFile| file.slips(slip.store, Find::Newest).unwrap().len();
    assert_eq!(listed(&file), 1);
    let Failure::Problem(problem, _) = samples::problem(409, "returned_too_much", "Já voltou", "") else {
        panic!()
    };
    file.refuse(parcel.command, Some(&*problem)).unwrap();
    assert_eq!(listed(&file), 0);
    // Sent again it may happen.
    file.refuse(parcel.command, None).unwrap();
    assert_eq!(listed(&file), 1);
    file.refuse(parcel.command, Some(&*problem)).unwrap();
    // Thrown away.
    file.forget(parcel.command).unwrap();
    assert_eq!(listed(&file), 0);

    // One that has happened keeps it.
    file.keep(parcel).unwrap();
    file.issue_slip(&slip).unwrap();
    file.forget(parcel.command).unwrap();
    assert_eq!(listed(&file), 1);
}

#[test]
fn slips_are_kept_as_long_as_other_papers_and_a_full_disk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let (mut state, slip) = returned(AfterSale::Nothing, &file);
    let later = |days| SlipHere { id: Uuid::now_v7(), at: slip.at.plus(days * DAY), ..slip.clone() };
    file.issue_slip(&later(399)).unwrap();
    assert_eq!(file.slips(slip.store, Find::Newest).unwrap().len(), 2);
    file.issue_slip(&later(401)).unwrap();
    assert_eq!(file.slips(slip.store, Find::Newest).unwrap().len(), 2, "the first is gone");
    assert_eq!(file.issued(slip.id).unwrap(), None);
    happened(&mut state, Event::Receipts(ReceiptsEvent::NotIssued("disco cheio".to_owned())));
    assert!(state.toasts.texts().any(|text| text.contains("disco cheio")));
}
