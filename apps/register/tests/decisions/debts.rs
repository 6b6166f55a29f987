//! Debts: who is found, what can be paid, and that no money is asked for twice.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input, ReturnsInput};
use tillwatch_register::samples::debts::{answer, confirm, debts, listed, paid, paying, step};
use tillwatch_register::samples::{self, NOW, answer_find, changes, happened, kept, take};
use tillwatch_register::state::debts::{DebtComplaint, DebtStep, DebtsEffect, DebtsInput, Known, Owed};
use tillwatch_register::state::outbox::{Outbox, Parcel, Work};
use tillwatch_register::state::returns::FindAtServer;
use tillwatch_register::state::sold::{Find, SoldHere};
use tillwatch_register::till_file::TillFile;
use tillwatch_register::update::debts::{debt, found, owed};
use tillwatch_shared::api::{AccountPayment, Change, Event as ChangeEvent, PaymentMethod, Sale};
use tillwatch_shared::{Cents, CommandId};

use crate::till::{enter, sent, typed};

fn go(state: &mut State, input: DebtsInput) -> Vec<Effect> {
    take(state, Input::Debts(input))
}

fn names_for(wanted: &str) -> Vec<String> {
    let mut state = listed(Settings::default());
    go(&mut state, DebtsInput::Wanted(wanted.to_owned()));
    let first = |debt: &&tillwatch_shared::api::Debt| {
        let name = debt.account.name.clone().or(debt.account.tax_id_masked.clone()).unwrap();
        name.split(' ').next().unwrap().to_owned()
    };
    found(&state).iter().map(first).collect()
}

fn of_maria(state: &State) -> Owed {
    let known = state.debts.known(state.store.as_ref().unwrap().id).unwrap();
    let maria = known.debts.iter().find(|debt| debt.account.name.as_deref() == Some("Maria do Carmo"));
    owed(state, maria.unwrap())
}

fn asks(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Debts(DebtsEffect::Ask(_))))
}

#[test]
fn a_customer_is_found_by_any_part_of_the_name_or_the_cpf() {
    for (wanted, expected) in [
        ("", vec!["***.444.777-**", "Antônio", "João", "Maria", "Restaurante"]),
        ("joao", vec!["João"]),
        ("CARMO mar", vec!["Maria"]),
        ("acougueiro", vec!["Antônio"]),
        ("982247", vec!["Maria"]),
        ("529.982.247-25", vec!["Maria"]),
        ("52998224725", vec!["Maria"]),
        ("123.456.789-09", vec![]),
        ("444", vec!["***.444.777-**"]),
        ("zezé", vec![]),
    ] {
        assert_eq!(names_for(wanted), expected, "{wanted}");
    }
}

#[test]
fn a_part_is_paid_in_cash_with_change_and_the_rest_stays() {
    let mut state = samples::till(Settings::default());
    samples::cash::open_with(&mut state, "100");
    go(&mut state, DebtsInput::Open);
    answer(&mut state);
    for input in [
        DebtsInput::Wanted("maria".to_owned()),
        DebtsInput::Pick(0),
        DebtsInput::Amount("35".to_owned()),
        DebtsInput::Received("50".to_owned()),
    ] {
        go(&mut state, input);
    }
    let effects = take(&mut state, Input::Submit);
    let Some(Effect::Keep(parcel)) = effects.last() else { panic!("{effects:?}") };
    let Work::DebtPaid(_, payment) = &parcel.work else { panic!("{parcel:?}") };
    assert_eq!((payment.amount_cents, payment.method), (Cents(3_500), PaymentMethod::Cash));
    assert_eq!((parcel.change, payment.paid_at), (Cents(1_500), Some(NOW)));
    assert_eq!(payment.cash_session, state.cash.open.as_ref().map(|book| book.session.id));
    assert_eq!(go(&mut state, DebtsInput::Submit), [], "it is under way");
    kept(&mut state);
    let x = state.cash.open.as_ref().unwrap().report();
    assert_eq!((x.debts_cents, x.expected_cents), (Cents(3_500), Cents(13_500)), "in the drawer at once");
    assert_eq!(of_maria(&state).left(), Cents(5_060), "before the server has answered");

    let effects = confirm(&mut state);
    assert!(asks(&effects));
    let Some(DebtStep::Done(paid)) = step(&state) else { panic!("{:?}", state.dialog) };
    assert_eq!((paid.amount, paid.change, paid.left), (Cents(3_500), Cents(1_500), Cents(5_060)));
    assert!(!paid.kept_here);
    assert_eq!(of_maria(&state), Owed { told: Cents(5_060), ..Owed::default() }, "taken off once");
    take(&mut state, Input::Submit);
    assert!(state.dialog.is_none());
}

#[test]
fn what_cannot_be_paid_is_said_where_it_is_typed() {
    for (amount, method, received, expected) in [
        ("", PaymentMethod::Pix, "", Some(DebtComplaint::AmountBad)),
        ("0", PaymentMethod::Pix, "", Some(DebtComplaint::AmountBad)),
        ("85,61", PaymentMethod::Pix, "", Some(DebtComplaint::MoreThanOwed)),
        ("85,60", PaymentMethod::Pix, "10", None),
        ("85,60", PaymentMethod::Cash, "", None),
        ("35", PaymentMethod::Cash, "34,99", Some(DebtComplaint::TooLittle)),
        ("35", PaymentMethod::Cash, "abc", Some(DebtComplaint::ReceivedBad)),
        ("35", PaymentMethod::Account, "35", None),
    ] {
        let mut state = paying(Settings::default());
        go(&mut state, DebtsInput::Amount(amount.to_owned()));
        go(&mut state, DebtsInput::Received(received.to_owned()));
        go(&mut state, DebtsInput::Method(method));
        let effects = take(&mut state, Input::Submit);
        match expected {
            None => {
                let (_, Work::DebtPaid(_, payment)) = sent(&effects) else { panic!("{effects:?}") };
                assert_ne!(payment.method, PaymentMethod::Account, "a debt is not paid with a debt");
            }
            Some(complaint) => {
                assert_eq!(effects, [], "{amount} {received}");
                let Some(DebtStep::Pay(pay)) = step(&state) else { panic!("{:?}", state.dialog) };
                assert_eq!(pay.complaint, Some(complaint), "{amount} {received}");
            }
        }
    }
}

#[test]
fn without_the_server_what_was_paid_here_is_not_owed_a_second_time() {
    let mut state = paid(Settings::default());
    let Some(DebtStep::Done(done)) = step(&state) else { panic!("{:?}", state.dialog) };
    assert!(done.kept_here);
    assert_eq!(done.left, Cents(5_060));
    take(&mut state, Input::Submit);
    go(&mut state, DebtsInput::Open);
    go(&mut state, DebtsInput::Wanted("maria".to_owned()));
    go(&mut state, DebtsInput::Pick(0));
    let Some(DebtStep::Pay(pay)) = step(&state).cloned() else { panic!("{:?}", state.dialog) };
    assert_eq!(pay.amount, "50,60");
    go(&mut state, DebtsInput::Amount("50,61".to_owned()));
    assert_eq!(take(&mut state, Input::Submit), []);
    assert_eq!(of_maria(&state), Owed { told: Cents(8_560), paid_here: Cents(3_500), ..Owed::default() });

    // Refused: it is owed again, and the person finds it in the list of what was refused.
    samples::refused_later(&mut state);
    assert_eq!(of_maria(&state).left(), Cents(8_560));
    assert_eq!(state.outbox.rejected(), 1);
}

#[test]
fn what_is_bought_here_shows_before_the_server_has_it() {
    let mut state = samples::till(Settings::default());
    go(&mut state, DebtsInput::Open);
    answer(&mut state);
    take(&mut state, Input::Close);
    for (name, expected) in [("joao da SILVA", 6_233), ("João", 0)] {
        let mut state = state.clone();
        take(&mut state, Input::OpenPay);
        take(&mut state, Input::PayMethod(PaymentMethod::Account));
        take(&mut state, typed(tillwatch_register::state::forms::Part::Debtor, name));
        take(&mut state, Input::Submit);
        let known = state.debts.known(state.store.as_ref().unwrap().id).unwrap();
        let joao = known.debts.iter().find(|debt| debt.account.name.as_deref() == Some("João da Silva"));
        let owed = owed(&state, joao.unwrap());
        assert_eq!((owed.bought_here, owed.left()), (Cents(expected), Cents(2_745)), "{name}");
    }
}

/// What is in the cart, for 62,33, is bought on account; the till's record of it.
fn sold_to(state: &mut State, name: &str) -> Sale {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Account));
    take(state, typed(tillwatch_register::state::forms::Part::Debtor, name));
    take(state, Input::Submit);
    let sold = state.outbox.parcels().last().unwrap().sold.clone().unwrap();
    kept(state);
    samples::no_answer(state);
    take(state, Input::Close);
    *sold
}

/// One of the three packets of milk comes back, and 5,49 on account, as it was paid.
fn milk_back(state: &mut State, sale: Sale) -> Parcel {
    take(state, Input::Returns(ReturnsInput::Open));
    let question = FindAtServer { store: sale.store_id, find: Find::Id(sale.id) };
    answer_find(state, Find::Newest, vec![SoldHere { sale }]);
    take(state, Input::Returns(ReturnsInput::Pick(0)));
    happened(state, Event::SaleFound(question, Err(Failure::Unreachable)));
    for input in [
        ReturnsInput::Quantity(1, "1".to_owned()),
        ReturnsInput::Reason("troca".to_owned()),
        ReturnsInput::Submit,
    ] {
        take(state, Input::Returns(input));
    }
    kept(state);
    samples::no_answer(state);
    state.outbox.parcels().last().unwrap().clone()
}

fn of_joao(state: &State) -> Owed {
    let known = state.debts.known(state.store.as_ref().unwrap().id).unwrap();
    let joao = known.debts.iter().find(|debt| debt.account.name.as_deref() == Some("João da Silva"));
    owed(state, joao.unwrap())
}

#[test]
fn what_came_back_here_is_not_owed() {
    let mut state = samples::till(Settings::default());
    go(&mut state, DebtsInput::Open);
    answer(&mut state);
    take(&mut state, Input::Close);
    for (name, left) in [("joao da SILVA", 2_745 - 549), ("Joana", 2_745)] {
        // The server has the sale, and is away since.
        let mut confirmed = state.clone();
        let sale = sold_to(&mut confirmed, name);
        confirmed.outbox.take(CommandId(sale.id.0)).unwrap();
        let parcel = milk_back(&mut confirmed, sale);
        assert_eq!(of_joao(&confirmed).left(), Cents(left), "{name}");
        // After a restart the disk says whose it is.
        let folder = tempfile::tempdir().unwrap();
        let file = TillFile::open(folder.path()).unwrap();
        file.keep(&parcel).unwrap();
        assert_eq!(file.parcels().unwrap().last().unwrap().debtor, parcel.debtor);
        confirmed.outbox = Outbox::of(file.parcels().unwrap());
        assert_eq!(of_joao(&confirmed).left(), Cents(left), "{name}");
        // Refused: it is owed again.
        samples::refused_later(&mut confirmed);
        assert_eq!(of_joao(&confirmed).left(), Cents(2_745), "{name}");
    }
    // The server knows neither of the sale nor of what came back of it: the one makes up for the other.
    let sale = sold_to(&mut state, "João da Silva");
    milk_back(&mut state, sale);
    let owed = of_joao(&state);
    assert_eq!(
        (owed.returned_here, owed.bought_here, owed.left()),
        (Cents::ZERO, Cents(6_233 - 549), Cents(2_745))
    );
}

#[test]
fn the_list_is_asked_for_again_when_something_of_it_changes() {
    let mut state = listed(Settings::default());
    let store = state.store.as_ref().unwrap().id;
    let payment = |store_id| {
        let account = tillwatch_shared::api::Account { store_id, ..debts(&state)[0].account.clone() };
        let payment = AccountPayment {
            id: tillwatch_shared::ids::AccountPaymentId::now(),
            account,
            method: PaymentMethod::Pix,
            amount_cents: Cents(1),
            cash_session: None,
            person_id: state.person.as_ref().unwrap().id,
            person_name: String::new(),
            paid_at: NOW,
            received_at: NOW,
        };
        vec![Change {
            seq: 9,
            command_id: CommandId::now(),
            actor_id: None,
            store_id: Some(store_id),
            client_at: NOW,
            server_at: NOW,
            event: ChangeEvent::AccountPaid(payment),
        }]
    };
    let (own, other) = (payment(store), payment(tillwatch_shared::StoreId::now()));
    let round = state.feed.round;
    assert!(!asks(&happened(&mut state, changes(round, 9, other))));
    assert!(asks(&happened(&mut state, changes(round, 10, own.clone()))));
    assert!(!asks(&happened(&mut state, changes(round, 11, own))), "one question at a time");
    let answer = Ok(Vec::new());
    let effects = happened(&mut state, Event::Debts { store, answer });
    assert!(asks(&effects), "once more, for what came meanwhile");
    let effects = happened(&mut state, Event::Debts { store, answer: Err(Failure::Unreachable) });
    assert!(!asks(&effects) && state.connection.is_offline());
    assert_eq!(state.debts.known(store).unwrap().debts, [], "the last answer stays");
}

#[test]
fn escape_goes_back_to_the_customers_and_then_to_the_till() {
    let mut state = paying(Settings::default());
    take(&mut state, Input::Close);
    assert!(matches!(step(&state), Some(DebtStep::Find { .. })));
    take(&mut state, Input::Close);
    assert!(state.dialog.is_none());
    enter(&mut state, "7896036090244");
}

#[test]
fn who_owes_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state = listed(Settings::default());
    let store = state.store.as_ref().unwrap().id;
    let known = state.debts.known(store).unwrap();
    for balance in [Cents(1), known.debts[0].account.balance_cents] {
        let mut told: Known = known.clone();
        told.debts[0].account.balance_cents = balance;
        TillFile::open(folder.path()).unwrap().note_debts(store, &told).unwrap();
    }
    let kept = TillFile::open(folder.path()).unwrap().kept().unwrap();
    assert_eq!(kept.debts.known(store), Some(known));
    assert!(debt(&state, known.debts[0].account.id).is_some());
}
