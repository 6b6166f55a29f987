//! Commands on their way: first to the disk, then in order to the server, and on while that is silent.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::samples::{NOW, happened, kept, problem, sale_answer, take, till, waiting};
use tillwatch_register::state::Screen;
use tillwatch_register::state::cash::{CashField, CashInput, CashPage};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::outbox::{Done, Errand, Stage, Work};
use tillwatch_register::state::sold::{Find, Found, SoldEffect, SoldHere};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::api::{CashMovementKind, PaymentMethod};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{Cents, CommandId, UtcMicros};

use crate::till::{enter, sent_sale, shop, typed};

/// Takes the open amount in cash.
fn pay(state: &mut State) -> Vec<Effect> {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Cash));
    take(state, Input::Submit)
}

/// Sells one thing; the sale is on the disk.
fn sell(state: &mut State) -> CommandId {
    enter(state, "7891000315507");
    pay(state);
    let command = waiting(state);
    kept(state);
    command
}

fn sent(effects: &[Effect]) -> Vec<CommandId> {
    let mut sent = Vec::new();
    for effect in effects {
        if let Effect::Send(parcels) = effect {
            sent.extend(parcels.iter().map(|errand| errand.command));
        }
    }
    sent
}

/// That it is sent in the name of the person at the till.
fn send_of(state: &State, command: CommandId, work: Work) -> Effect {
    Effect::Send(vec![Errand { command, person: state.person.as_ref().unwrap().id, work }])
}

fn tick(state: &mut State, at: UtcMicros) -> Vec<Effect> {
    update(state, Input::Tick, Moment { at, fresh: CommandId::now() })
}

fn answered(state: &mut State, command: CommandId, failure: Failure) -> Vec<Effect> {
    happened(state, Event::Sent { command, answer: Err(failure) })
}

fn stage(state: &State, command: CommandId) -> Stage {
    state.outbox.get(command).unwrap().stage.clone()
}

#[test]
fn a_sale_is_on_the_disk_before_it_is_sent_and_sent_under_one_id() {
    let mut state = till(Settings::default());
    let effects = pay(&mut state);
    let (command, first) = sent_sale(&effects);
    assert!(state.confirmation.is_none(), "nothing is said before the disk has it");
    assert_eq!(sent(&tick(&mut state, NOW.plus(9 * SECOND))), [], "nor sent");
    assert!(state.confirmation.is_none());
    let effects = kept(&mut state);
    assert_eq!(effects, [send_of(&state, command, Work::Sale(first.clone()))]);
    assert_eq!(stage(&state, command), Stage::Sending);
    assert_eq!(take(&mut state, Input::RetryParcel(command)), [], "not twice at once");

    answered(&mut state, command, Failure::TimedOut);
    assert!(state.connection.is_offline());
    assert!(state.cart.is_empty(), "the next customer comes by himself");
    assert_eq!(state.confirmation.as_ref().unwrap().number, None);
    assert_eq!((state.outbox.unsent(), state.outbox.rejected()), (1, 0));
    happened(&mut state, Event::HeldBack(Vec::new()));

    let effects = tick(&mut state, NOW.plus(SECOND));
    assert!(effects.contains(&send_of(&state, command, Work::Sale(first))), "by itself, later");
    let effects = sale_answer(&mut state);
    assert!(effects.contains(&Effect::Forget(command)));
    assert!(state.outbox.is_empty());
    assert_eq!(state.confirmation.as_ref().unwrap().number, Some(1042), "still on the screen");
}

#[test]
fn a_sale_is_remembered_as_the_server_will_tell_it() {
    let mut state = till(Settings::default());
    let effects = pay(&mut state);
    let Some(Effect::Keep(parcel)) = effects.first() else { panic!("a parcel in {effects:?}") };
    let sale = parcel.sold.clone().unwrap();
    assert_eq!((sale.id.0, sale.number), (parcel.command.0, 0));
    assert_eq!(sale.business_day, "2026-12-31", "the store's day: it is 2027 in UTC");
    let names: Vec<_> = sale.lines.iter().map(|line| line.product_name.as_str()).collect();
    assert_eq!(names, ["Arroz agulhinha tipo 1 5 kg", "Leite integral 1 L", "Queijo minas"]);
    assert_eq!(sale.lines.iter().map(|line| line.total_cents).sum::<Cents>(), sale.total_cents);
    assert_eq!((sale.store_name.as_str(), sale.person_name.as_str()), ("Loja Centro", "Maria das Dores"));

    kept(&mut state);
    let effects = sale_answer(&mut state);
    let confirmed = |effect: &Effect| matches!(effect, Effect::Sold(SoldEffect::Confirmed(told)) if told.id == sale.id && told.number == 1042);
    let settled = effects.iter().position(|effect| matches!(effect, Effect::Forget(_)));
    assert!(effects.iter().position(confirmed) < settled, "first noted, then forgotten: {effects:?}");
    assert!(effects.iter().any(confirmed));
}

#[test]
fn the_answer_to_the_last_question_counts() {
    let mut state = shop();
    let store = state.store.as_ref().unwrap().id;
    let asked = take(&mut state, Input::FindSold(Find::Newest));
    assert_eq!(asked, [Effect::Sold(SoldEffect::Find { store, find: Find::Newest })]);
    take(&mut state, Input::FindSold(Find::Number(7)));
    let sales = Ok(Vec::<SoldHere>::new());
    happened(
        &mut state,
        Event::Sold(Found { store, find: Find::Newest, sales: sales.clone(), slips: Vec::new() }),
    );
    assert_eq!(state.sold.sales, None, "an earlier one");
    happened(&mut state, Event::Sold(Found { store, find: Find::Number(7), sales, slips: Vec::new() }));
    assert_eq!(state.sold.sales, Some(Vec::new()));
}

#[test]
fn a_slow_server_does_not_hold_the_next_customer() {
    let mut state = till(Settings::default());
    pay(&mut state);
    kept(&mut state);
    tick(&mut state, NOW.plus(SECOND));
    assert!(state.pay.is_some(), "a moment's patience");
    tick(&mut state, NOW.plus(2 * SECOND));
    assert!(state.pay.is_none() && state.cart.is_empty());
    assert_eq!(state.outbox.unsent(), 1);
}

#[test]
fn without_a_server_the_disk_is_enough() {
    let mut state = shop();
    let first = sell(&mut state);
    answered(&mut state, first, Failure::Unreachable);
    enter(&mut state, "7896036090244");
    pay(&mut state);
    let effects = kept(&mut state);
    assert!(state.pay.is_none() && state.confirmation.is_some(), "at once");
    assert_eq!(sent(&effects), [], "what would meet the same silence is not sent");
}

#[test]
fn a_full_disk_sells_nothing_and_keeps_the_cart() {
    let mut state = till(Settings::default());
    let lines = state.cart.lines().to_vec();
    let (first, _) = sent_sale(&pay(&mut state));
    happened(&mut state, Event::Kept { command: first, result: Err("disk full".to_owned()) });
    assert!(state.outbox.is_empty() && state.confirmation.is_none());
    assert_eq!(state.cart.lines(), lines);
    assert!(state.toasts.texts().any(|text| text.contains("disk full")));
    let (second, _) = sent_sale(&take(&mut state, Input::Submit));
    assert_ne!(first, second, "what never left this machine is another command");
}

#[test]
fn silence_holds_back_all_and_the_waits_grow_to_a_minute() {
    let mut state = shop();
    let first = sell(&mut state);
    answered(&mut state, first, Failure::Unreachable);
    let second = sell(&mut state);
    let mut at = NOW;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(sent(&tick(&mut state, at.plus(wait * SECOND - 1))), [], "{wait} s");
        at = at.plus(wait * SECOND);
        assert_eq!(sent(&tick(&mut state, at)), [first, second], "in order after {wait} s");
        let silent = Event::Sent { command: first, answer: Err(Failure::Unreachable) };
        for event in [silent, Event::HeldBack(vec![second])] {
            let moment = Moment { at, fresh: CommandId::now() };
            assert_eq!(update(&mut state, Input::Happened(Box::new(event)), moment), []);
        }
    }
    // A clock that was set back by a year does not make it wait for a year.
    assert_eq!(sent(&tick(&mut state, NOW.plus(-365 * 24 * 60 * MINUTE))), [first, second]);
}

#[test]
fn the_server_is_back_so_nothing_waits() {
    let mut state = shop();
    let first = sell(&mut state);
    answered(&mut state, first, Failure::Unreachable);
    happened(&mut state, Event::HeldBack(Vec::new()));
    let round = state.feed.round;
    happened(&mut state, samples::changes(round, 7, Vec::new()));
    assert_eq!(sent(&tick(&mut state, NOW)), [first]);
}

#[test]
fn one_that_the_server_cannot_take_holds_back_none() {
    let mut state = shop();
    let [bad, refused, good] = [(); 3].map(|()| {
        let command = sell(&mut state);
        assert!(
            tick(&mut state, NOW.plus(2 * SECOND)).iter().all(|effect| !matches!(effect, Effect::Send(_)))
        );
        command
    });
    assert_eq!(stage(&state, bad), Stage::Sending);
    answered(&mut state, bad, problem(500, "internal", "Erro interno.", ""));
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(Vec::new()))), [refused, good]);
    let effects = answered(&mut state, refused, problem(422, "total_wrong", "O total não confere.", ""));
    assert!(matches!(effects.as_slice(), [Effect::Refuse(command, Some(_))] if *command == refused));
    assert!(matches!(stage(&state, refused), Stage::Rejected(_)), "never dropped unseen");
    sale_answer(&mut state);
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(Vec::new()))), []);
    assert_eq!(sent(&tick(&mut state, NOW.plus(SECOND))), [bad]);
}

/// A drawer is opened, money is put in, and something is sold: each is on the disk.
fn at_the_drawer(state: &mut State) -> [CommandId; 3] {
    let cash = |state: &mut State, inputs: [CashInput; 4]| {
        for input in inputs {
            take(state, Input::Cash(input));
        }
        let command = state.outbox.parcels().last().unwrap().command;
        kept(state);
        command
    };
    let text = |field, text: &str| CashInput::Text(field, text.to_owned());
    let float = text(CashField::Float, "100");
    let open = cash(state, [CashInput::Open, CashInput::Page(CashPage::Open), float, CashInput::Submit]);
    take(state, Input::Cash(CashInput::Open));
    let page = CashInput::Page(CashPage::Move(CashMovementKind::Deposit));
    let (amount, reason) = (text(CashField::Amount, "10"), text(CashField::Reason, "troco"));
    let moved = cash(state, [page, amount, reason, CashInput::Submit]);
    [open, moved, sell(state)]
}

#[test]
fn what_rests_on_another_is_not_sent_before_it() {
    let mut state = shop();
    let [open, moved, sale] = at_the_drawer(&mut state);
    assert_eq!(stage(&state, open), Stage::Sending);
    answered(&mut state, open, problem(502, "http_502", "Bad Gateway", ""));
    // The server would not know in which drawer the money was put; the sale it takes all the same.
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(Vec::new()))), [sale]);
    sale_answer(&mut state);
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(Vec::new()))), []);
    assert_eq!(sent(&tick(&mut state, NOW.plus(SECOND))), [open, moved]);
    answered(&mut state, open, problem(502, "http_502", "Bad Gateway", ""));
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(vec![moved]))), [], "both wait again");
    // One that was refused does not come any more: what rests on it is told why.
    assert_eq!(sent(&tick(&mut state, NOW.plus(4 * SECOND))), [open, moved]);
    answered(&mut state, open, problem(403, "store_not_allowed", "Sem acesso.", ""));
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(vec![moved]))), [moved]);
}

#[test]
fn a_drawer_is_opened_again_after_it_was_closed() {
    let mut state = shop();
    let [open, moved, sale] = at_the_drawer(&mut state);
    let done = |state: &mut State, command| {
        happened(state, Event::Sent { command, answer: Ok(Done::CashMoved) });
        happened(state, Event::HeldBack(Vec::new()))
    };
    assert_eq!(sent(&done(&mut state, open)), [moved, sale]);
    done(&mut state, moved);
    done(&mut state, sale);
    for input in [CashInput::Open, CashInput::Page(CashPage::Count), CashInput::Submit, CashInput::Submit] {
        take(&mut state, Input::Cash(input));
    }
    let close = waiting(&state);
    assert_eq!(sent(&kept(&mut state)), [close]);
    take(&mut state, Input::Close);
    for input in [CashInput::Open, CashInput::Submit] {
        take(&mut state, Input::Cash(input));
    }
    kept(&mut state);
    answered(&mut state, close, problem(502, "http_502", "Bad Gateway", ""));
    assert_eq!(sent(&happened(&mut state, Event::HeldBack(Vec::new()))), [], "two would be open there");
    let again = state.outbox.parcels().last().unwrap().command;
    assert_eq!(sent(&tick(&mut state, NOW.plus(SECOND))), [close, again]);
}

#[test]
fn a_refused_sale_gives_the_cart_back() {
    let mut state = till(Settings::default());
    let lines = state.cart.lines().to_vec();
    pay(&mut state);
    kept(&mut state);
    samples::no_answer(&mut state);
    let command = waiting(&state);
    answered(&mut state, command, problem(422, "total_wrong", "O total não confere.", "Atualize os preços."));
    assert_eq!(state.outbox.rejected(), 1);
    take(&mut state, Input::OpenOutbox);
    let dropped = Effect::Sold(SoldEffect::Dropped(command));
    let effects = take(&mut state, Input::ReturnParcel(command));
    assert_eq!(effects[1..], [dropped, Effect::Forget(command)], "after the cart is on the disk");
    assert_eq!(state.cart.lines(), lines);
    assert!(state.outbox.is_empty());
}

#[test]
fn a_refused_sale_can_be_sent_again_as_it_is() {
    let mut state = shop();
    let command = sell(&mut state);
    answered(&mut state, command, Failure::TimedOut);
    answered(&mut state, command, problem(409, "store_closed", "Loja fechada.", ""));
    happened(&mut state, Event::HeldBack(Vec::new()));
    let effects = take(&mut state, Input::RetryParcel(command));
    assert_eq!(effects.first(), Some(&Effect::Refuse(command, None)), "after a restart it is sent too");
    assert_eq!(sent(&effects), [command]);
}

#[test]
fn only_what_was_refused_can_be_discarded() {
    let mut state = till(Settings::default());
    pay(&mut state);
    kept(&mut state);
    let command = waiting(&state);
    assert_eq!(take(&mut state, Input::DiscardParcel(command)), []);
    samples::no_answer(&mut state);
    assert_eq!(take(&mut state, Input::DiscardParcel(command)), []);
    assert_eq!(state.outbox.parcels().len(), 1);
    assert_eq!(take(&mut state, Input::AskClose), [], "the window asks before it closes");
    assert!(state.asks_to_leave);
    assert_eq!(take(&mut state, Input::CloseAnyway), [Effect::CloseWindow]);
}

#[test]
fn the_question_before_closing_leaves_what_is_open_as_it_is() {
    let mut state = till(Settings::default());
    pay(&mut state);
    kept(&mut state);
    samples::no_answer(&mut state);
    take(&mut state, Input::Search("arroz".to_owned()));
    take(&mut state, Input::OpenEntry);
    take(&mut state, typed(Part::Quantity, "24"));
    let open = state.dialog.clone();
    take(&mut state, Input::AskClose);
    take(&mut state, Input::Close);
    assert!(!state.asks_to_leave && open.is_some());
    assert_eq!(state.dialog, open, "only the question is gone");
    take(&mut state, Input::Close);
    assert_eq!(state.dialog, None);
}

#[test]
fn signing_out_keeps_what_is_unsent_and_says_so() {
    let mut state = shop();
    let command = sell(&mut state);
    samples::no_answer(&mut state);
    happened(&mut state, Event::HeldBack(Vec::new()));
    take(&mut state, Input::SignOut);
    assert_eq!(state.screen, Screen::SignIn);
    assert!(state.toasts.texts().any(|text| text.contains("1 por enviar")));
    assert_eq!(sent(&tick(&mut state, NOW.plus(MINUTE))), [], "nobody is signed in");
    let stores = state.stores.clone();
    samples::sign_in_to(&mut state, stores);
    assert_eq!(sent(&tick(&mut state, NOW.plus(MINUTE))), [], "not under another person's name");
    assert_eq!(state.outbox.get(command).map(|parcel| parcel.tries), Some(1));
}

#[test]
fn forms_close_when_the_server_is_silent() {
    let mut state = shop();
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Vinagre"));
    take(&mut state, Input::Submit);
    kept(&mut state);
    samples::no_answer(&mut state);
    assert!(state.dialog.is_none());
    take(&mut state, Input::Search("arroz".to_owned()));
    take(&mut state, Input::OpenEntry);
    take(&mut state, Input::Form(FormInput::Text(Part::Quantity, "2".to_owned())));
    take(&mut state, Input::Submit);
    kept(&mut state);
    assert!(state.dialog.is_none(), "at once, since the server is known to be away");
    assert_eq!(state.outbox.unsent(), 2);
}
