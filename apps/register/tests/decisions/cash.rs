//! The drawer: opened, moved, counted and closed with the keyboard, and kept on the disk.

use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::{self, enter, happened, kept, take, till};
use tillwatch_register::state::cash::{CashField, CashInput, CashPage, NoteOf};
use tillwatch_register::state::forms::{Complaint, Part};
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::receipts::ReceiptsEffect;
use tillwatch_register::state::{Dialog, Kept};
use tillwatch_register::till_file::TillFile;
use tillwatch_register::{State, cash_report, update};
use tillwatch_shared::api::{CashMovementKind, CashReport, NewReturn, Payment, PaymentMethod};
use tillwatch_shared::cash::{DENOMINATIONS, Entry};
use tillwatch_shared::{CashSessionId, Cents, PersonId};

use crate::till::{sent_sale, typed};

fn cash(state: &mut State, input: CashInput) -> Vec<Effect> {
    take(state, Input::Cash(input))
}

fn field(state: &mut State, field: CashField, text: &str) -> Vec<Effect> {
    cash(state, CashInput::Text(field, text.to_owned()));
    cash(state, CashInput::Entered(field))
}

fn opened(float: &str) -> State {
    let mut state = till(Settings::default());
    cash(&mut state, CashInput::Open);
    assert_eq!(state.focus, Some(Part::Cash(CashField::Float)));
    field(&mut state, CashField::Float, float);
    kept(&mut state);
    assert!(state.dialog.is_none() && state.cash.open.is_some());
    state
}

fn sell(state: &mut State, method: PaymentMethod, amount: &str) -> Vec<Effect> {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(method));
    take(state, typed(Part::Debtor, "João"));
    take(state, typed(Part::Amount, amount));
    take(state, Input::Submit)
}

fn x(state: &State) -> CashReport {
    state.cash.open.as_ref().unwrap().report()
}

fn complaint(state: &State) -> Option<(CashField, Complaint)> {
    let Some(Dialog::Cash(form)) = &state.dialog else { panic!("no drawer: {:?}", state.dialog) };
    form.complaint
}

#[test]
fn a_day_at_the_drawer() {
    let mut state = opened("100");
    assert!(matches!(&state.outbox.parcels()[0].work,
        Work::CashOpen(new) if new.float_cents == Cents(10_000) && new.rename_if_open));
    let effects = sell(&mut state, PaymentMethod::Cash, "100");
    let (_, sale) = sent_sale(&effects);
    assert_eq!(sale.cash_session.map(|id| id.0), Some(state.outbox.parcels()[0].command.0));
    assert_eq!(x(&state).sales, 0, "it counts once it is on the disk");
    kept(&mut state);
    assert_eq!((x(&state).expected_cents, x(&state).total_cents), (Cents(16_233), Cents(6233)));

    cash(&mut state, CashInput::Open);
    cash(&mut state, CashInput::Page(CashPage::Move(CashMovementKind::Withdrawal)));
    field(&mut state, CashField::Amount, "50");
    assert_eq!(state.focus, Some(Part::Cash(CashField::Reason)));
    assert_eq!(field(&mut state, CashField::Reason, " "), []);
    assert_eq!(complaint(&state), Some((CashField::Reason, Complaint::ReasonMissing)));
    field(&mut state, CashField::Reason, "cofre");
    kept(&mut state);
    assert_eq!(x(&state).expected_cents, Cents(11_233));

    // Enter goes from note to coin; the last one asks once more, and then it is final.
    cash(&mut state, CashInput::Open);
    cash(&mut state, CashInput::Page(CashPage::Count));
    for place in 0..DENOMINATIONS.len() {
        assert_eq!(state.focus, Some(Part::Cash(CashField::Count(place))));
        field(&mut state, CashField::Count(place), if place == 1 { "1" } else { "" });
    }
    assert_eq!(state.focus, Some(Part::Cash(CashField::Reason)));
    let effects = cash(&mut state, CashInput::Entered(CashField::Reason));
    let Some(Effect::Keep(parcel)) = effects.last() else { panic!("{effects:?}") };
    let NoteOf::Closed(z) = &parcel.cash.as_ref().unwrap().of else { panic!("{parcel:?}") };
    let closing = z.closing.clone().unwrap();
    assert_eq!((closing.counted_cents, closing.difference_cents), (Cents(10_000), Cents(-1233)));
    kept(&mut state);
    assert!(state.cash.open.is_none());
    assert_eq!(state.cash.last.as_ref().map(|last| &last.report), Some(z), "Z stays on the screen");
    assert!(matches!(&state.dialog, Some(Dialog::Cash(form)) if form.page == CashPage::Z));
}

#[test]
fn counts_are_whole_and_another_person_says_why() {
    let mut state = opened("");
    state.cash.open.as_mut().unwrap().session.opened_by = PersonId::now();
    cash(&mut state, CashInput::Open);
    cash(&mut state, CashInput::Page(CashPage::Count));
    for bad in ["1,5", "-1", "abc", "1000001"] {
        cash(&mut state, CashInput::Text(CashField::Count(3), bad.to_owned()));
        cash(&mut state, CashInput::Submit);
        assert_eq!(complaint(&state), Some((CashField::Count(3), Complaint::NotACount)), "{bad}");
    }
    cash(&mut state, CashInput::Text(CashField::Count(3), String::new()));
    cash(&mut state, CashInput::Submit);
    assert_eq!(cash(&mut state, CashInput::Submit), []);
    assert_eq!(complaint(&state), Some((CashField::Reason, Complaint::ReasonMissing)));
    assert!(!field(&mut state, CashField::Reason, "Maria saiu").is_empty());
}

#[test]
fn a_refused_sale_is_not_in_the_drawer() {
    let mut state = opened("10");
    sell(&mut state, PaymentMethod::Cash, "62,33");
    kept(&mut state);
    samples::no_answer(&mut state);
    samples::refused_later(&mut state);
    assert_eq!(x(&state).sales, 1, "a person decides first");
    let command = state.outbox.parcels().last().unwrap().command;
    let effects = take(&mut state, Input::DiscardParcel(command));
    assert!(effects.contains(&Effect::DropCash(command)), "{effects:?}");
    assert_eq!((x(&state).sales, x(&state).expected_cents), (0, Cents(1000)));
}

/// The server's report counts what went back, and so does the till's.
#[test]
fn a_return_without_money_is_none_of_the_drawers() {
    let back = |refunds| NewReturn {
        void: true,
        lines: Vec::new(),
        reason: "engano".to_owned(),
        refunds,
        total_cents: Cents(500),
        till: None,
        returned_at: None,
        cash_session: Some(CashSessionId::now()),
        approved_by: None,
    };
    let cash = Payment { method: PaymentMethod::Cash, amount_cents: Cents(500) };
    assert!(update::cash::note_of_return(&back(vec![cash])).is_some());
    assert_eq!(update::cash::note_of_return(&back(Vec::new())), None);
}

#[test]
fn what_cannot_be_written_has_not_happened() {
    let mut state = till(Settings::default());
    cash(&mut state, CashInput::Open);
    field(&mut state, CashField::Float, "100");
    let command = samples::waiting(&state);
    happened(&mut state, Event::Kept { command, result: Err("disk full".to_owned()) });
    assert!(state.cash.open.is_none() && state.outbox.is_empty());
    assert!(!cash(&mut state, CashInput::Submit).is_empty(), "the form is there for another try");
}

#[test]
fn notes_add_up_and_fiado_needs_a_name() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    for (note, amount) in [(5000, "50,00"), (1000, "60,00"), (500, "65,00")] {
        assert_eq!(take(&mut state, Input::PayNote(Some(Cents(note)))), []);
        assert_eq!(state.pay.as_ref().unwrap().amount, amount);
    }
    take(&mut state, Input::Close);
    let effects = take(&mut state, Input::PayNote(None));
    assert_eq!(sent_sale(&effects).1.payments[0].amount_cents, Cents(6233), "exact");

    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Account));
    assert_eq!(state.focus, Some(Part::Debtor));
    assert_eq!(take(&mut state, Input::Submit), []);
    let trouble = &state.pay.as_ref().unwrap().trouble;
    assert_eq!(trouble.about(Part::Debtor), Some(Complaint::CustomerMissing));
    take(&mut state, typed(Part::Debtor, " João "));
    let effects = take(&mut state, Input::Submit);
    assert_eq!(sent_sale(&effects).1.customer_name.as_deref(), Some("João"));
}

/// The till's file holds the same book as the state, at every moment.
#[test]
fn the_drawer_survives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let mut state = opened("10");
    let write = |file: &TillFile, state: &State| {
        let parcel = state.outbox.parcels().last().unwrap();
        file.keep(parcel).unwrap();
    };
    write(&file, &state);
    sell(&mut state, PaymentMethod::Cash, "100");
    write(&file, &state);
    kept(&mut state);
    samples::no_answer(&mut state);
    assert_eq!(file.cash().unwrap(), state.cash);
    drop(file);
    let file = TillFile::open(folder.path()).unwrap();
    let kept_cash = file.cash().unwrap();
    assert_eq!(kept_cash.open.as_ref().unwrap().report(), x(&state));
    assert!(matches!(kept_cash.open.as_ref().unwrap().entries[0].1, Entry::Sold(_)));
    let again = Kept { cash: kept_cash, ..Kept::default() };
    assert_eq!(State::new(Settings::default(), None, String::new(), again, samples::NOW).cash, state.cash);
    let command = samples::waiting(&state);
    file.drop_cash(command).unwrap();
    assert_eq!(file.cash().unwrap().open.unwrap().entries, []);
}

/// Every close that the till's file has can be shown and printed as it was issued, not the last one alone.
#[test]
fn earlier_closes_are_turned_to_and_print_the_same_paper() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let printer = samples::receipts::printer();
    let mut state = till(Settings { printer: printer.clone(), ..Settings::default() });
    let paper = |state: &mut State| {
        let effects = cash(state, CashInput::Print);
        let [Effect::Receipts(ReceiptsEffect::Print(job))] = &effects[..] else { panic!("{effects:?}") };
        (job.id.unwrap(), job.document.clone())
    };
    let mut papers = Vec::new();
    for float in ["10", "20", "30"] {
        samples::cash::open_with(&mut state, float);
        file.keep(state.outbox.parcels().last().unwrap()).unwrap();
        samples::cash::close_with(&mut state, &[(4, "1")]);
        file.keep(state.outbox.parcels().last().unwrap()).unwrap();
        let (id, document) = paper(&mut state);
        papers.push((id, file.issue(id, &document, samples::NOW).unwrap()));
        take(&mut state, Input::Close);
    }
    assert_eq!(file.cash().unwrap(), state.cash);

    // The program starts again, in another language.
    let again = Kept { cash: file.cash().unwrap(), ..Kept::default() };
    let mut state = till(Settings { printer, lang: tillwatch_desk::Lang::En, ..Settings::default() });
    state.cash = again.cash;
    cash(&mut state, CashInput::Open);
    cash(&mut state, CashInput::Page(CashPage::Z));
    let turn = |state: &mut State, by| {
        let effects = cash(state, CashInput::Turn(by));
        for effect in &effects {
            let Effect::EarlierClose(back) = effect else { panic!("{effect:?}") };
            happened(state, Event::EarlierClose(*back, Ok(file.earlier_close(*back).unwrap())));
        }
        let (id, document) = paper(state);
        (effects.len(), (id, file.issue(id, &document, samples::NOW).unwrap()))
    };
    let [first, second, third] = &papers[..] else { panic!("{papers:?}") };
    assert_eq!(turn(&mut state, -1), (0, third.clone()), "nothing is later than the last");
    assert_eq!(turn(&mut state, 1), (1, second.clone()));
    assert_eq!(turn(&mut state, 1), (1, first.clone()));
    assert_eq!(turn(&mut state, 1), (0, first.clone()), "nothing is earlier than the first");
    assert_eq!(turn(&mut state, -1), (1, second.clone()));
    assert_eq!(turn(&mut state, -1), (0, third.clone()));

    // An answer that nobody waits for any more, and a disk that does not read.
    cash(&mut state, CashInput::Turn(1));
    happened(&mut state, Event::EarlierClose(2, Ok(file.earlier_close(2).unwrap())));
    assert_eq!(paper(&mut state).0, third.0);
    happened(&mut state, Event::EarlierClose(1, Err("disk".to_owned())));
    assert_eq!(paper(&mut state).0, third.0);
    assert!(state.toasts.close_problem());
    assert_eq!(turn(&mut state, 1), (1, second.clone()), "another try");
}

#[test]
fn a_report_is_plain_lines_and_a_seller_counts_blind() {
    let mut state = opened("100");
    sell(&mut state, PaymentMethod::Cash, "100");
    kept(&mut state);
    let zone = tillwatch_desk::format::zone("America/Sao_Paulo");
    let lang = tillwatch_desk::Lang::Pt;
    let lines = |blind| {
        let report = cash_report::report(&x(&state), blind, lang, &zone);
        report.lines.into_iter().map(|line| (line.label, line.value)).collect::<Vec<_>>()
    };
    let has = |lines: &[(String, String)], label: &str| lines.iter().any(|(own, _)| own == label);
    assert!(has(&lines(false), "Esperado") && !has(&lines(true), "Esperado"));
    assert!(lines(false).contains(&("Dinheiro (1)".to_owned(), "62,33".to_owned())));
    assert!(lines(false).contains(&("21:00 (1)".to_owned(), "62,33".to_owned())));
    assert!(lines(true).contains(&("Dinheiro (1)".to_owned(), "—".to_owned())));
    assert!(lines(true).contains(&("21:00 (1)".to_owned(), "—".to_owned())));
}

/// Whoever counts knows the float: with it, no amount that a seller's X tells leads to what should be in the drawer.
#[test]
fn what_should_be_in_the_drawer_follows_from_nothing_in_a_sellers_x() {
    let zone = tillwatch_desk::format::zone("America/Sao_Paulo");
    let lang = tillwatch_desk::Lang::Pt;
    let amounts = |cash: &str, moved: &str| {
        let mut state = opened("100");
        for (product, method, paid) in [
            (cash, PaymentMethod::Cash, "100"),
            (cash, PaymentMethod::Cash, "50"),
            ("QM", PaymentMethod::Pix, "39,90"),
        ] {
            enter(&mut state, product);
            sell(&mut state, method, paid);
            kept(&mut state);
            samples::sale_answer(&mut state);
        }
        cash_moves(&mut state, moved);
        let told = |blind| {
            let report = cash_report::report(&x(&state), blind, lang, &zone);
            report.lines.into_iter().map(|line| format!("{}: {}", line.label, line.value)).collect::<Vec<_>>()
        };
        (told(true), told(false))
    };
    // As many sales and movements, for other amounts.
    let (blind, whole) = amounts("7891910000197", "30");
    let (other_blind, other_whole) = amounts("7896036090244", "45");
    assert_eq!(blind, other_blind);
    assert_ne!(whole, other_whole);
    for line in ["Sangrias: ", "Dinheiro (2): —", "Pix (1): "] {
        assert!(blind.iter().any(|told| told.starts_with(line)), "{line} in {blind:?}");
    }
    let told: Vec<&String> = blind.iter().filter(|line| line.contains(',')).collect();
    assert_eq!(told, ["Pix (1): 39,90"], "every other amount has cash in it");
    assert!(whole.iter().any(|line| line.starts_with("Esperado: ")));
}

fn cash_moves(state: &mut State, amount: &str) {
    cash(state, CashInput::Open);
    cash(state, CashInput::Page(CashPage::Move(CashMovementKind::Withdrawal)));
    field(state, CashField::Amount, amount);
    field(state, CashField::Reason, "cofre");
    kept(state);
}
