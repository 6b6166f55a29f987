//! Goods that come back: the sale is found, what is left of it is offered, and one command goes out.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input, ReturnsInput};
use tillwatch_register::samples::{
    NOW, answer_find, empty, finding, happened, kept, problem, returning, sell, take, till, waiting,
};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::burst::{Stroke, StrokeKey};
use tillwatch_register::state::cart::Allowed;
use tillwatch_register::state::carts::{Approver, Field};
use tillwatch_register::state::consent::{AskConsent, Consented};
use tillwatch_register::state::offline::Known;
use tillwatch_register::state::outbox::{Done, Stage, Work};
use tillwatch_register::state::returns::{
    FindAtServer, LinesForm, Refund, ReturnComplaint, ReturnForm, ReturnPart, Step,
};
use tillwatch_register::state::sold::{Find, SoldEffect, SoldHere};
use tillwatch_shared::api::{NewReturn, Payment, PaymentMethod, Return, Role, Sale};
use tillwatch_shared::{Cents, CommandId, PersonId, Quantity, ReturnId, SaleId, StoreId, mark};

fn go(state: &mut State, input: ReturnsInput) -> Vec<Effect> {
    take(state, Input::Returns(input))
}

fn form(state: &State) -> &ReturnForm {
    let Some(Dialog::Return(form)) = &state.dialog else { panic!("no return: {:?}", state.dialog) };
    form
}

fn lines(state: &State) -> &LinesForm {
    let Step::Lines(lines) = &form(state).step else { panic!("no sale yet: {:?}", form(state)) };
    lines
}

fn quantity(state: &mut State, line: usize, text: &str) {
    go(state, ReturnsInput::Quantity(line, text.to_owned()));
}

/// Two of the milk go back, and the reason is told; nothing is sent yet.
fn two_of_the_milk(state: &mut State) {
    quantity(state, 1, "2");
    go(state, ReturnsInput::Reason("azedou".to_owned()));
}

fn sent(effects: &[Effect]) -> (SaleId, NewReturn, Sale) {
    let [Effect::Keep(parcel)] = effects else { panic!("one command expected in {effects:?}") };
    let Work::Return(sale, back) = &parcel.work else { panic!("a return expected in {parcel:?}") };
    (*sale, (**back).clone(), *parcel.sold.clone().unwrap())
}

fn there(state: &mut State, find: Find, answer: Result<Option<Sale>, Failure>) {
    let store = state.store.as_ref().unwrap().id;
    happened(state, Event::SaleFound(FindAtServer { store, find }, answer));
}

/// A sale that this till has made, and the till after it.
fn sold() -> (State, Sale) {
    let mut state = till(Settings::default());
    let sale = sell(&mut state).unwrap();
    take(&mut state, Input::Close);
    (state, sale)
}

#[test]
fn a_part_of_a_line_comes_back_for_its_part_of_the_price() {
    let mut state = returning(Settings::default());
    assert!(!lines(&state).till_alone, "the server was asked");
    assert_eq!(form(&state).focus, Some(ReturnPart::Line(0)));
    two_of_the_milk(&mut state);
    assert_eq!(lines(&state).total(), Cents(1098));
    let (sale, back, after) = sent(&go(&mut state, ReturnsInput::Submit));
    assert_eq!(sale, after.id);
    assert!(!back.void);
    let line = back.lines.first().unwrap();
    assert_eq!((line.position, line.quantity_thousandths, line.restock), (1, Quantity(2000), true));
    assert_eq!(back.refunds, [Payment { method: PaymentMethod::Cash, amount_cents: Cents(1098) }]);
    assert_eq!(
        (back.total_cents, back.reason.as_str(), back.returned_at),
        (Cents(1098), "azedou", Some(NOW))
    );
    assert_eq!(after.left(1), Quantity(1000), "the till remembers it with the command");
    assert_eq!(go(&mut state, ReturnsInput::Submit), [], "not twice");
}

#[test]
fn everything_on_the_same_day_cancels_the_sale() {
    let mut state = returning(Settings::default());
    go(&mut state, ReturnsInput::All);
    go(&mut state, ReturnsInput::Reason("erro".to_owned()));
    assert_eq!(lines(&state).refund, Refund::AsPaid);
    let mut other = state.clone();
    let (_, back, after) = sent(&go(&mut state, ReturnsInput::Submit));
    assert!(back.void && back.lines.is_empty());
    assert_eq!(
        back.refunds,
        [Payment { method: PaymentMethod::Cash, amount_cents: Cents(6233) }],
        "no change"
    );
    assert!(after.returned.unwrap().void);
    // What is written off of it makes it a return.
    go(&mut other, ReturnsInput::Restock(2, false));
    let (_, back, _) = sent(&go(&mut other, ReturnsInput::Submit));
    assert_eq!((back.void, back.lines.len(), back.lines[2].restock), (false, 3, false));
}

#[test]
fn what_is_not_told_or_not_possible_is_said_where_it_is() {
    let mut state = returning(Settings::default());
    let complaint = |state: &mut State| {
        assert_eq!(go(state, ReturnsInput::Submit), []);
        (form(state).complaint.clone().unwrap(), form(state).focus)
    };
    assert_eq!(complaint(&mut state), (ReturnComplaint::NothingChosen, Some(ReturnPart::Line(0))));
    quantity(&mut state, 1, "4");
    let too_much = ReturnComplaint::Quantity(1, Quantity(3000));
    assert_eq!(complaint(&mut state), (too_much, Some(ReturnPart::Line(1))));
    quantity(&mut state, 1, "1,5");
    assert_eq!(complaint(&mut state).0, ReturnComplaint::NotWhole(1), "pieces come back whole");
    quantity(&mut state, 1, "dois");
    assert!(matches!(complaint(&mut state).0, ReturnComplaint::Quantity(1, _)));
    quantity(&mut state, 1, "");
    quantity(&mut state, 2, "0,150");
    assert_eq!(complaint(&mut state), (ReturnComplaint::ReasonMissing, Some(ReturnPart::Reason)));
    go(&mut state, ReturnsInput::Move(1));
    assert_eq!(lines(&state).reason, "Com defeito", "the arrow keys offer the usual reasons");
    sent(&go(&mut state, ReturnsInput::Submit));
}

#[test]
fn by_the_keyboard_alone() {
    let mut state = finding(Settings::default());
    go(&mut state, ReturnsInput::Move(1));
    let asked = go(&mut state, ReturnsInput::Enter);
    let [Effect::FindSale(question)] = asked[..] else { panic!("{asked:?}") };
    let sale = state.sold.sales.as_ref().unwrap()[1].sale.clone();
    assert_eq!(question.find, Find::Id(sale.id));
    there(&mut state, question.find, Ok(Some(sale)));
    go(&mut state, ReturnsInput::Move(1));
    assert_eq!(form(&state).at, ReturnPart::Line(1));
    go(&mut state, ReturnsInput::Whole(1));
    assert_eq!(lines(&state).total(), Cents(1647));
    go(&mut state, ReturnsInput::Enter);
    assert_eq!(form(&state).at, ReturnPart::Reason);
    go(&mut state, ReturnsInput::Move(1));
    let (_, back, _) = sent(&take(&mut state, Input::Submit));
    assert_eq!(back.total_cents, Cents(1647));
}

#[test]
fn the_last_sale_is_two_keys_away() {
    let (mut state, sale) = sold();
    let asked = go(&mut state, ReturnsInput::OpenLast);
    assert!(matches!(asked[..], [Effect::Sold(SoldEffect::Find { find: Find::Newest, .. })]), "{asked:?}");
    let asked = answer_find(&mut state, Find::Newest, vec![SoldHere { sale: sale.clone() }]);
    assert!(matches!(asked[..], [Effect::FindSale(_)]), "{asked:?}");
    there(&mut state, Find::Id(sale.id), Ok(Some(sale)));
    assert_eq!(lines(&state).sale.number, 1042);
}

#[test]
fn without_the_server_the_tills_own_record_counts() {
    let (mut state, sale) = sold();
    state.connection.silent(NOW);
    go(&mut state, ReturnsInput::Open);
    go(&mut state, ReturnsInput::Wanted("1042".to_owned()));
    let asked = go(&mut state, ReturnsInput::Enter);
    assert!(
        matches!(asked[..], [Effect::Sold(SoldEffect::Find { find: Find::Number(1042), .. })]),
        "{asked:?}"
    );
    answer_find(&mut state, Find::Number(1042), vec![SoldHere { sale: sale.clone() }]);
    assert!(lines(&state).till_alone);
    two_of_the_milk(&mut state);
    let (_, _, after) = sent(&go(&mut state, ReturnsInput::Submit));
    let told = kept(&mut state);
    assert!(state.dialog.is_none(), "the next customer comes: {told:?}");
    assert!(state.toasts.texts().any(|text| text.contains("10,98")), "what to hand over is said");

    // The next return knows of it, by what the file says.
    go(&mut state, ReturnsInput::Open);
    answer_find(&mut state, Find::Newest, vec![SoldHere { sale: after }]);
    go(&mut state, ReturnsInput::Enter);
    assert_eq!(lines(&state).sale.left(1), Quantity(1000));
    go(&mut state, ReturnsInput::Whole(1));
    assert_eq!(lines(&state).total(), Cents(549), "the rest of what was paid");
}

#[test]
fn what_the_server_does_not_know_yet_counts_as_well() {
    let (mut state, sale) = sold();
    state.connection.silent(NOW);
    go(&mut state, ReturnsInput::Open);
    answer_find(&mut state, Find::Newest, vec![SoldHere { sale: sale.clone() }]);
    go(&mut state, ReturnsInput::Enter);
    two_of_the_milk(&mut state);
    go(&mut state, ReturnsInput::Submit);
    let command = waiting(&state);
    kept(&mut state);
    state.connection.answered(NOW, 0);
    go(&mut state, ReturnsInput::Open);
    answer_find(&mut state, Find::Newest, vec![SoldHere { sale: sale.clone() }]);
    go(&mut state, ReturnsInput::Enter);
    there(&mut state, Find::Id(sale.id), Ok(Some(sale.clone())));
    assert_eq!(lines(&state).sale.left(1), Quantity(1000), "one return is still on its way");

    // The server refuses it; once it is thrown away, nothing of it counts any longer.
    take(&mut state, Input::Close);
    let refusal = problem(409, "returned_already", "Isto já foi devolvido.", "");
    happened(&mut state, Event::Sent { command, answer: Err(refusal) });
    assert!(matches!(state.outbox.get(command).unwrap().stage, Stage::Rejected(_)));
    let effects = take(&mut state, Input::DiscardParcel(command));
    assert!(
        matches!(&effects[..], [Effect::Sold(SoldEffect::ReturnDropped(id, _)), Effect::Forget(_)] if *id == sale.id),
        "{effects:?}"
    );
    go(&mut state, ReturnsInput::Open);
    answer_find(&mut state, Find::Newest, vec![SoldHere { sale: sale.clone() }]);
    go(&mut state, ReturnsInput::Enter);
    there(&mut state, Find::Id(sale.id), Ok(Some(sale)));
    assert_eq!(lines(&state).sale.left(1), Quantity(3000));
}

#[test]
fn the_answer_closes_the_form_and_a_refusal_stays_in_it() {
    let mut state = returning(Settings::default());
    two_of_the_milk(&mut state);
    go(&mut state, ReturnsInput::Submit);
    kept(&mut state);
    let command = waiting(&state);
    let refusal = problem(409, "returned_already", "Isto já foi devolvido.", "");
    happened(&mut state, Event::Sent { command, answer: Err(refusal.clone()) });
    assert_eq!(form(&state).trouble.failure, Some(refusal));
    assert!(state.outbox.is_empty(), "nothing happened");

    let (sale, back, _) = sent(&go(&mut state, ReturnsInput::Submit));
    kept(&mut state);
    let done = answer_of(&state, sale, &back);
    let command = waiting(&state);
    happened(&mut state, Event::Sent { command, answer: Ok(Done::Return(Box::new(done))) });
    assert!(state.dialog.is_none() && state.outbox.is_empty());
    assert!(state.toasts.texts().any(|text| text.contains("1042") && text.contains("10,98")));
}

fn answer_of(state: &State, sale_id: SaleId, back: &NewReturn) -> Return {
    let (person, store) = (state.person.as_ref().unwrap(), state.store.as_ref().unwrap());
    Return {
        id: ReturnId::now(),
        number: 1,
        sale_id,
        sale_number: 1042,
        store_id: store.id,
        store_name: store.name.clone(),
        person_id: person.id,
        person_name: person.name.clone(),
        approved_by: back.approved_by,
        approved_by_name: None,
        seller_id: person.id,
        seller_name: person.name.clone(),
        till: back.till.clone(),
        void: back.void,
        lines: Vec::new(),
        reason: back.reason.clone(),
        refunds: back.refunds.clone(),
        total_cents: back.total_cents,
        business_day: "2026-12-31".to_owned(),
        returned_at: NOW,
        cash_session: None,
        received_at: NOW,
    }
}

#[test]
fn what_was_allowed_when_the_sale_was_found_is_looked_at_again() {
    let (mut state, mut sale) = sold();
    sale.business_day = "2026-12-30".to_owned();
    let role = |state: &mut State, role| state.person.as_mut().unwrap().role = role;
    role(&mut state, Role::Manager);
    go(&mut state, ReturnsInput::Open);
    go(&mut state, ReturnsInput::Wanted(sale.id.to_string()));
    go(&mut state, ReturnsInput::Enter);
    there(&mut state, Find::Id(sale.id), Ok(Some(sale)));
    two_of_the_milk(&mut state);
    // Somebody else has come, who may not take back what was sold yesterday.
    role(&mut state, Role::Seller);
    assert_eq!(go(&mut state, ReturnsInput::Submit), []);
    assert!(form(&state).consent.is_some());
    role(&mut state, Role::Manager);
    let (_, back, _) = sent(&go(&mut state, ReturnsInput::Submit));
    assert_eq!(back.approved_by, None, "nobody had to");
}

#[test]
fn a_sale_that_cannot_come_back_here_says_why() {
    let looked_up = |change: &dyn Fn(&mut Sale, &mut State)| {
        let (mut state, mut sale) = sold();
        change(&mut sale, &mut state);
        go(&mut state, ReturnsInput::Open);
        go(&mut state, ReturnsInput::Wanted(sale.id.to_string()));
        go(&mut state, ReturnsInput::Enter);
        there(&mut state, Find::Id(sale.id), Ok(Some(sale)));
        form(&state).complaint.clone()
    };
    assert_eq!(looked_up(&|_, _| {}), None);
    let elsewhere = looked_up(&|sale, _| sale.store_id = StoreId::now());
    assert_eq!(elsewhere, Some(ReturnComplaint::OtherStore("Loja Centro".to_owned())));
    let yesterday = |sale: &mut Sale, state: &mut State, role: Role| {
        sale.business_day = "2026-12-30".to_owned();
        state.person.as_mut().unwrap().role = role;
    };
    assert_eq!(
        looked_up(&|sale, state| yesterday(sale, state, Role::Seller)),
        None,
        "a manager is asked later"
    );
    assert_eq!(looked_up(&|sale, state| yesterday(sale, state, Role::Manager)), None);
    let all_back = looked_up(&|sale, _| {
        let all = NewReturn {
            void: true,
            lines: Vec::new(),
            reason: String::new(),
            refunds: Vec::new(),
            total_cents: Cents::ZERO,
            till: None,
            returned_at: None,
            cash_session: None,
            approved_by: None,
        };
        *sale = sale.after_return(&all).unwrap();
    });
    assert_eq!(all_back, Some(ReturnComplaint::NothingLeft));
}

/// As fast as a reader sends it.
fn scan(state: &mut State, code: &str) -> Vec<Effect> {
    let keys = code.chars().map(StrokeKey::Char).chain([StrokeKey::End]);
    let strokes = keys.zip(0..).map(|(key, place)| Stroke::at(NOW.0 + place * 5_000, key));
    take(state, Input::Keyed(strokes.collect()))
}

#[test]
fn a_scanned_receipt_finds_its_sale_and_scanned_goods_their_line() {
    let (mut state, sale) = sold();
    go(&mut state, ReturnsInput::Open);
    let asked = scan(&mut state, &mark::of(sale.id));
    let found = |effect: &Effect| {
        let Effect::FindSale(FindAtServer { find: Find::Between(first, last), .. }) = effect else {
            return None;
        };
        (*first..=*last).contains(&sale.id).then_some(Find::Between(*first, *last))
    };
    let find = asked.iter().find_map(found).unwrap_or_else(|| panic!("{asked:?}"));
    there(&mut state, find, Ok(Some(sale)));
    scan(&mut state, "7896036090244");
    assert_eq!(form(&state).focus, Some(ReturnPart::Line(1)), "the milk");
    assert!(lines(&state).lines.iter().all(|line| line.quantity.is_empty()), "nothing is typed by a scan");
}

#[test]
fn nothing_found_is_said_and_the_form_stays() {
    let mut state = empty(Settings::default());
    go(&mut state, ReturnsInput::Open);
    answer_find(&mut state, Find::Newest, Vec::new());
    assert_eq!(go(&mut state, ReturnsInput::Enter), [], "there is no sale to pick");
    go(&mut state, ReturnsInput::Wanted("abc".to_owned()));
    go(&mut state, ReturnsInput::Enter);
    assert_eq!(form(&state).complaint, Some(ReturnComplaint::NotANumber));
    go(&mut state, ReturnsInput::Wanted("77".to_owned()));
    go(&mut state, ReturnsInput::Enter);
    answer_find(&mut state, Find::Number(77), Vec::new());
    assert_eq!(form(&state).complaint, None, "the server has not answered");
    there(&mut state, Find::Number(77), Ok(None));
    assert_eq!(form(&state).complaint, Some(ReturnComplaint::NotFound));
    go(&mut state, ReturnsInput::Enter);
    there(&mut state, Find::Number(77), Err(Failure::Unreachable));
    answer_find(&mut state, Find::Number(77), Vec::new());
    assert_eq!(form(&state).complaint, Some(ReturnComplaint::NotAnswered(Failure::Unreachable)));
}

/// A seller takes back two packets of what was sold yesterday, and is asked for a manager.
fn asking() -> State {
    let (mut state, mut sale) = sold();
    "2026-12-30".clone_into(&mut sale.business_day);
    state.person.as_mut().unwrap().role = Role::Seller;
    go(&mut state, ReturnsInput::Open);
    go(&mut state, ReturnsInput::Wanted(sale.id.to_string()));
    go(&mut state, ReturnsInput::Enter);
    there(&mut state, Find::Id(sale.id), Ok(Some(sale)));
    two_of_the_milk(&mut state);
    assert_eq!(go(&mut state, ReturnsInput::Submit), [], "nothing is sent before somebody allows it");
    state
}

fn proves(state: &mut State) -> AskConsent {
    for (field, text) in [(Field::Username, " gerente "), (Field::Password, "4321")] {
        go(state, ReturnsInput::Consent(field, text.to_owned()));
    }
    let effects = take(state, Input::Submit);
    let [Effect::Consent(ask)] = effects.as_slice() else { panic!("{effects:?}") };
    (**ask).clone()
}

fn manager() -> Allowed {
    Allowed { person: PersonId::now(), name: "Lucas".to_owned(), limit: Cents(1098) }
}

#[test]
fn a_manager_allows_a_return_of_another_day_under_the_id_that_it_gets() {
    let mut state = asking();
    assert_eq!(take(&mut state, Input::Submit), [], "nobody is named yet");
    let ask = proves(&mut state);
    assert_eq!((ask.body.username.as_str(), ask.body.limit_cents, ask.here), ("gerente", Cents(1098), false));
    assert_eq!(take(&mut state, Input::Submit), [], "it is under way");
    let refused = Err(problem(403, "return_approver_not_allowed", "", ""));
    let told = Consented { command: ask.command, answer: refused };
    assert_eq!(happened(&mut state, Event::Consent(Box::new(told))), []);
    assert!(form(&state).consent.as_ref().unwrap().refusal.is_some());

    let again = proves(&mut state);
    assert_eq!(again.body.return_id, ask.body.return_id);
    let (allowed, other) = (manager(), CommandId::now());
    let told = |command| {
        Event::Consent(Box::new(Consented { command, answer: Ok(Approver::Server(allowed.clone())) }))
    };
    assert_eq!(happened(&mut state, told(other)), [], "an answer to another question");
    let effects = happened(&mut state, told(again.command));
    let (_, back, _) = sent(&effects);
    assert_eq!(back.approved_by, Some(allowed.person));
    assert_eq!(state.outbox.parcels().last().unwrap().command.0, ask.body.return_id.0);
}

#[test]
fn without_the_server_the_till_looks_among_the_people_it_knows() {
    let known = |role: Role, here: bool| {
        let state = till(Settings::default());
        let person = tillwatch_shared::api::Person { id: PersonId::now(), role, ..state.person.unwrap() };
        Known {
            person,
            stores: if here { state.stores } else { Vec::new() },
            until: NOW,
            mandate_until: None,
        }
    };
    for (approver, allowed) in [
        (Approver::Nobody, false),
        (Approver::Known(Box::new(known(Role::Seller, true))), false),
        (Approver::Known(Box::new(known(Role::Manager, false))), false),
        (Approver::Known(Box::new(Known { until: NOW.plus(-1), ..known(Role::Manager, true) })), false),
        (Approver::Known(Box::new(known(Role::Manager, true))), true),
    ] {
        let mut state = asking();
        state.connection.silent(NOW);
        let mut approver = approver;
        if let Approver::Known(known) = &mut approver
            && !known.stores.is_empty()
        {
            known.stores.clone_from(&state.stores);
        }
        let ask = proves(&mut state);
        assert!(ask.here);
        let told = Consented { command: ask.command, answer: Ok(approver.clone()) };
        let effects = happened(&mut state, Event::Consent(Box::new(told)));
        assert_eq!(effects.is_empty(), !allowed, "{approver:?}");
        assert_eq!(form(&state).consent.as_ref().unwrap().refusal.is_some(), !allowed, "{approver:?}");
    }
}

#[test]
fn more_than_was_allowed_is_asked_about_again_and_escape_goes_back_to_the_goods() {
    let mut state = asking();
    let ask = proves(&mut state);
    let answer = Ok(Approver::Server(manager()));
    let effects = happened(&mut state, Event::Consent(Box::new(Consented { command: ask.command, answer })));
    let (first, _) = crate::till::sent(&effects);
    happened(&mut state, Event::Kept { command: first, result: Err("disk full".to_owned()) });
    quantity(&mut state, 1, "3");
    assert_eq!(go(&mut state, ReturnsInput::Submit), []);
    let consent = form(&state).consent.clone().unwrap();
    assert!(consent.given.is_none() && consent.limit > ask.body.limit_cents);
    take(&mut state, Input::Close);
    assert!(form(&state).consent.is_none());
    take(&mut state, Input::Close);
    assert!(state.dialog.is_none());
}
