//! Discounts, who allows them, the customer's CPF, and sales that are put aside or survive the program's end.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::{self, happened, kept, sale_answer, take, till};
use tillwatch_register::state::cart::{Allowed, Discount, Scope};
use tillwatch_register::state::carts::{
    Approver, Ask, CartDialog, CartEffect, CartEvent, CartInput, DiscountKind, Field, KeptCart, Refusal,
};
use tillwatch_register::state::offline::Known;
use tillwatch_register::state::outbox::{Outbox, Stage};
use tillwatch_register::state::people::PeopleInput;
use tillwatch_register::state::{Dialog, Kept};
use tillwatch_shared::api::{PaymentMethod, Person, Role};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::{Cents, PersonId};

use crate::till::{enter, sent_sale, shop};

/// 27,90 + 3 × 5,49 + 0,450 × 39,90 = 62,33, sold by somebody of this role.
fn sold_by(role: Role) -> State {
    let mut state = till(Settings::default());
    state.person.as_mut().unwrap().role = role;
    state
}

fn cart(state: &mut State, input: CartInput) -> Vec<Effect> {
    take(state, Input::Cart(input))
}

fn text(state: &mut State, field: Field, text: &str) {
    cart(state, CartInput::Text(field, text.to_owned()));
}

/// Types a discount and gives it.
fn discount(state: &mut State, scope: Scope, words: &str) -> Vec<Effect> {
    cart(state, CartInput::OpenDiscount);
    cart(state, CartInput::Scope(scope));
    text(state, Field::Discount, words);
    take(state, Input::Submit)
}

fn dialog(state: &State) -> &CartDialog {
    match &state.dialog {
        Some(Dialog::Cart(dialog)) => dialog,
        other => panic!("another dialog: {other:?}"),
    }
}

fn refusal(state: &State) -> Option<Refusal> {
    let CartDialog::Approval(form) = dialog(state) else { panic!("nobody is asked: {:?}", state.dialog) };
    form.refusal.clone()
}

/// What was written to the disk about carts.
fn writes(effects: &[Effect]) -> Vec<&CartEffect> {
    let mut about_carts = Vec::new();
    for effect in effects {
        if let Effect::Cart(effect) = effect {
            about_carts.push(effect);
        }
    }
    about_carts
}

fn last_write(effects: &[Effect]) -> KeptCart {
    match writes(effects).as_slice() {
        [CartEffect::Keep(cart)] => (**cart).clone(),
        other => panic!("not one cart: {other:?}"),
    }
}

/// Asks for an approval in somebody's name.
fn ask(state: &mut State) -> Ask {
    text(state, Field::Username, "gerente");
    text(state, Field::Password, "4821");
    let effects = take(state, Input::Submit);
    match writes(&effects).as_slice() {
        [CartEffect::Approve(ask)] => (**ask).clone(),
        other => panic!("nobody is asked: {other:?}"),
    }
}

fn answer(state: &mut State, ask: &Ask, answer: Result<Approver, Failure>) -> Vec<Effect> {
    happened(state, Event::Cart(Box::new(CartEvent::Approved { command: ask.command, answer })))
}

fn allowed(limit: Cents) -> Allowed {
    Allowed { person: PersonId::now(), name: "Lucas".to_owned(), limit }
}

fn pay_exactly(state: &mut State) -> Vec<Effect> {
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Pix));
    take(state, Input::Submit)
}

#[test]
fn a_discount_is_typed_as_a_percentage_or_an_amount() {
    let whole = Scope::Whole;
    for (scope, words, total) in [
        (whole, "10", 5610),
        (whole, "10 %", 5610),
        (whole, "12,5", 5454),
        (whole, "0", 6233),
        (whole, "", 6233),
        (Scope::Line(1), "50%", 5409),
        (Scope::Line(2), "10", 6053),
    ] {
        let mut state = sold_by(Role::Admin);
        discount(&mut state, scope, words);
        assert_eq!(state.dialog, None, "{words}");
        assert_eq!(state.cart.total(), Cents(total), "{words}");
    }
    let mut state = sold_by(Role::Admin);
    cart(&mut state, CartInput::OpenDiscount);
    cart(&mut state, CartInput::Kind(DiscountKind::Amount));
    text(&mut state, Field::Discount, "2,33");
    take(&mut state, Input::Submit);
    assert_eq!(state.cart.total(), Cents(6000));
    // It is offered again as it was typed, and an empty field takes it away.
    cart(&mut state, CartInput::OpenDiscount);
    let CartDialog::Discount(form) = dialog(&state) else { panic!("another dialog") };
    assert_eq!((form.kind, form.text.as_str()), (DiscountKind::Amount, "2,33"));
    text(&mut state, Field::Discount, "");
    take(&mut state, Input::Submit);
    assert_eq!(state.cart.basket().discount, Discount::None);
    // A percentage follows the sale, an amount stays.
    discount(&mut state, Scope::Whole, "10");
    enter(&mut state, "7891000315507");
    assert_eq!(state.cart.total(), Cents(6233 + 2790 - 902));
}

#[test]
fn what_is_no_discount_is_said_and_changes_nothing() {
    for (kind, words) in [
        (DiscountKind::Percent, "101"),
        (DiscountKind::Percent, "-1"),
        (DiscountKind::Percent, "abc"),
        (DiscountKind::Amount, "62,34"),
        (DiscountKind::Amount, "-1"),
        (DiscountKind::Amount, "1.2"),
    ] {
        let mut state = sold_by(Role::Admin);
        cart(&mut state, CartInput::OpenDiscount);
        cart(&mut state, CartInput::Kind(kind));
        text(&mut state, Field::Discount, words);
        take(&mut state, Input::Submit);
        let CartDialog::Discount(form) = dialog(&state) else { panic!("{words}: another dialog") };
        assert!(form.wrong, "{words}");
        assert_eq!(state.cart.total(), Cents(6233), "{words}");
    }
    let mut state = shop();
    cart(&mut state, CartInput::OpenDiscount);
    assert_eq!(state.dialog, None, "an empty cart has no discount");
}

#[test]
fn above_the_limit_somebody_else_allows_it() {
    let mut state = sold_by(Role::Seller);
    // 5 % of 62,33 are 3,12.
    discount(&mut state, Scope::Whole, "5");
    assert_eq!(state.cart.total(), Cents(6233 - 312));
    discount(&mut state, Scope::Whole, "20");
    let CartDialog::Approval(form) = dialog(&state) else { panic!("nobody is asked") };
    assert_eq!((form.limit, form.own, form.undiscounted), (Cents(1247), Cents(312), Cents(6233)));
    assert_eq!(state.cart.total(), Cents(6233 - 312), "not given before it is allowed");
    assert!(writes(&take(&mut state, Input::Submit)).is_empty(), "without a name and a PIN nobody is asked");
    let asked = ask(&mut state);
    assert_eq!(asked.body.limit_cents, Cents(1247));
    assert_eq!(Some(asked.body.sale_id.0), state.cart.basket().sale.map(|sale| sale.0), "for this very sale");
    assert!(!asked.here);
    assert!(take(&mut state, Input::Submit).is_empty(), "asked once");
    let wrong = samples::problem(401, "wrong_credentials", "Usuário ou senha incorretos.", "Confira.");
    answer(&mut state, &asked, Err(wrong.clone()));
    assert_eq!(refusal(&state), Some(Refusal::Server(wrong)));
    let asked = ask(&mut state);
    let lucas = allowed(Cents(1247));
    answer(&mut state, &asked, Ok(Approver::Server(lucas.clone())));
    assert_eq!((state.dialog.as_ref(), state.cart.total()), (None, Cents(6233 - 1247)));
    let (command, sale) = sent_sale(&pay_exactly(&mut state));
    assert_eq!((sale.approved_by, sale.discount_cents), (Some(lucas.person), Cents(1247)));
    assert_eq!(Some(command), state.cart.basket().sale, "the sale has the id that was allowed");
}

#[test]
fn who_gives_up_asking_gives_no_discount() {
    let mut state = sold_by(Role::Seller);
    discount(&mut state, Scope::Line(0), "50");
    let asked = ask(&mut state);
    take(&mut state, Input::Close);
    answer(&mut state, &asked, Ok(Approver::Server(allowed(Cents(1395)))));
    assert_eq!(state.cart.total(), Cents(6233), "an answer that comes late gives nothing");
    let (_, sale) = sent_sale(&pay_exactly(&mut state));
    assert_eq!((sale.discounts(), sale.approved_by), (Cents(0), None));
}

#[test]
fn nothing_is_approved_under_a_locked_screen() {
    let mut state = sold_by(Role::Seller);
    discount(&mut state, Scope::Whole, "20");
    let asked = ask(&mut state);
    take(&mut state, Input::People(PeopleInput::Lock));
    assert!(state.people.lock.is_some() && state.dialog.is_none(), "the question is withdrawn");
    answer(&mut state, &asked, Ok(Approver::Server(allowed(Cents(1247)))));
    assert_eq!((state.cart.basket().discounts(), &state.cart.basket().allowed), (Cents(0), &None));
    // What else was open is there again behind the lock.
    let mut state = sold_by(Role::Seller);
    cart(&mut state, CartInput::OpenDiscount);
    take(&mut state, Input::People(PeopleInput::Lock));
    assert!(state.dialog.is_some());
}

#[test]
fn a_discount_that_was_taken_away_comes_back() {
    for scope in [Scope::Whole, Scope::Line(1)] {
        let mut state = sold_by(Role::Manager);
        discount(&mut state, scope, "10");
        let given = state.cart.basket().discounts();
        assert!(given > Cents(0));
        discount(&mut state, scope, "");
        assert_eq!(state.cart.basket().discounts(), Cents(0));
        let told = format!("Desconto de {given} tirado. Ctrl+Z desfaz.");
        assert!(state.toasts.texts().any(|text| text == told), "{:?}", state.toasts);
        take(&mut state, Input::UndoRemove);
        assert_eq!(state.cart.basket().discounts(), given);
        take(&mut state, Input::UndoRemove);
        assert_eq!(state.cart.basket().discounts(), given, "once");
    }
}

#[test]
fn a_fixed_discount_on_less_is_looked_at_again_before_paying() {
    let mut state = sold_by(Role::Seller);
    cart(&mut state, CartInput::OpenDiscount);
    cart(&mut state, CartInput::Kind(DiscountKind::Amount));
    text(&mut state, Field::Discount, "3");
    take(&mut state, Input::Submit);
    state.cart.select(0);
    take(&mut state, Input::RemoveLine);
    take(&mut state, Input::OpenPay);
    assert!(state.pay.is_none() && refusal(&state).is_none(), "somebody is asked first");
    let asked = ask(&mut state);
    answer(&mut state, &asked, Ok(Approver::Server(allowed(Cents(300)))));
    assert!(state.pay.is_some() && state.dialog.is_none(), "and then it is paid");
}

#[test]
fn without_the_server_the_till_knows_who_may() {
    let known = |state: &State, role: Role| Known {
        person: Person { role, name: "Lucas".to_owned(), ..state.person.clone().unwrap() },
        stores: state.stores.clone(),
        until: samples::NOW,
        mandate_until: None,
    };
    let mut state = sold_by(Role::Seller);
    discount(&mut state, Scope::Whole, "40");
    let asked = ask(&mut state);
    answer(&mut state, &asked, Ok(Approver::Nobody));
    assert_eq!(refusal(&state), Some(Refusal::Unknown));
    let lucas = known(&state, Role::Manager);
    let asked = ask(&mut state);
    answer(&mut state, &asked, Ok(Approver::Known(Box::new(lucas.clone()))));
    let limit = Cents(1870);
    assert_eq!(
        refusal(&state),
        Some(Refusal::TooLow { name: "Lucas".to_owned(), limit }),
        "30 % for managers"
    );
    let boss = known(&state, Role::Admin);
    let late = Known { until: samples::NOW.plus(-1), ..boss.clone() };
    let elsewhere = Known { stores: vec![samples::store("Outra")], ..lucas };
    for nobody in [late, elsewhere] {
        let asked = ask(&mut state);
        answer(&mut state, &asked, Ok(Approver::Known(Box::new(nobody))));
        assert_eq!(refusal(&state), Some(Refusal::Unknown));
    }
    let asked = ask(&mut state);
    answer(&mut state, &asked, Ok(Approver::Known(Box::new(boss))));
    assert_eq!(state.cart.basket().discount, Discount::Percent(Percent(4000)));
    // The server is known to be away: nobody waits for it.
    state.connection.silent(samples::NOW);
    discount(&mut state, Scope::Whole, "50");
    assert!(ask(&mut state).here);
}

#[test]
fn a_cpf_is_checked_formatted_and_goes_with_the_sale() {
    let mut state = till(Settings::default());
    cart(&mut state, CartInput::OpenCustomer);
    text(&mut state, Field::Customer, "52998224726");
    take(&mut state, Input::Submit);
    let CartDialog::Customer(form) = dialog(&state) else { panic!("another dialog") };
    assert!(form.wrong && form.text == "529.982.247-26");
    text(&mut state, Field::Customer, "529.982.247-25");
    take(&mut state, Input::Submit);
    assert_eq!(state.dialog, None);
    let (_, sale) = sent_sale(&pay_exactly(&mut state));
    assert_eq!(sale.customer_cpf.unwrap().as_str(), "52998224725");
    sale_answer(&mut state);
    assert_eq!(state.cart.basket().customer, None, "the next customer is another");
    cart(&mut state, CartInput::OpenCustomer);
    text(&mut state, Field::Customer, "12abc34501de35");
    take(&mut state, Input::Submit);
    assert_eq!(state.cart.basket().customer.as_ref().unwrap().formatted(), "12.ABC.345/01DE-35");
    cart(&mut state, CartInput::OpenCustomer);
    text(&mut state, Field::Customer, "");
    take(&mut state, Input::Submit);
    assert_eq!(state.cart.basket().customer, None);
}

#[test]
fn every_change_of_the_open_sale_goes_to_the_disk_once() {
    let mut state = shop();
    assert!(writes(&take(&mut state, Input::Tick)).is_empty(), "nothing is open");
    take(&mut state, Input::Search("7891000315507".to_owned()));
    let first = last_write(&take(&mut state, Input::EnterLine));
    assert_eq!((first.basket.lines.len(), first.suspended), (1, false));
    take(&mut state, Input::Search("3*7896036090244".to_owned()));
    let second = last_write(&take(&mut state, Input::EnterLine));
    assert_eq!(second.basket.sale, first.basket.sale, "in place of the first");
    for quiet in
        [Input::Tick, Input::MoveLine(-1), Input::Search("x".to_owned()), Input::Search(String::new())]
    {
        assert!(writes(&take(&mut state, quiet.clone())).is_empty(), "{quiet:?}");
    }
    let removed = last_write(&take(&mut state, Input::RemoveLine));
    assert_eq!(removed.basket.lines.len(), 1);
    assert_eq!(last_write(&take(&mut state, Input::UndoRemove)).basket.lines, second.basket.lines);
    take(&mut state, Input::OpenCancelSale);
    let gone = take(&mut state, Input::CancelSale);
    assert_eq!(writes(&gone), [&CartEffect::Drop(first.basket.sale.unwrap())]);
}

#[test]
fn the_cart_leaves_the_disk_with_its_sale_and_comes_back_with_a_refusal() {
    let mut state = till(Settings::default());
    let sale = state.cart.basket().sale.unwrap();
    let effects = pay_exactly(&mut state);
    assert!(writes(&effects).is_empty(), "the transaction that keeps the sale takes the cart out");
    assert_eq!(sent_sale(&effects).0, sale);
    assert!(writes(&take(&mut state, Input::Tick)).is_empty());
    assert!(writes(&kept(&mut state)).is_empty());
    let effects = samples::refused_later(&mut state);
    let back = last_write(&effects);
    assert_ne!(back.basket.sale, Some(sale), "the next try is another sale");
    assert!(matches!(effects.first(), Some(Effect::Cart(_))), "written before the old one is forgotten");
    take(&mut state, Input::Close);
    assert_eq!(sent_sale(&pay_exactly(&mut state)).0, back.basket.sale.unwrap());
    assert!(writes(&kept(&mut state)).is_empty());
    assert!(writes(&sale_answer(&mut state)).is_empty());
    assert!(state.cart.is_empty());
    assert!(writes(&take(&mut state, Input::Tick)).is_empty());
}

/// The program ends and begins again with what the disk holds.
fn restarted(state: &State, carts: Vec<KeptCart>) -> State {
    let kept = Kept { carts, ..Kept::default() };
    let mut again = State::new(Settings::default(), None, "test".to_owned(), kept, samples::NOW);
    take(&mut again, Input::Start);
    samples::sign_in_to(&mut again, state.stores.clone());
    again
}

#[test]
fn the_open_sale_is_there_again_after_a_power_cut() {
    let mut state = sold_by(Role::Admin);
    discount(&mut state, Scope::Line(1), "10");
    let on_disk = last_write(&discount(&mut state, Scope::Whole, "5"));
    let again = restarted(&state, vec![on_disk.clone()]);
    assert_eq!(again.cart.basket(), state.cart.basket());
    assert!(again.carts.aside.is_empty());
    assert!(again.toasts.texts().any(|text| text.contains("voltou")));
    // A sale that is in the outbox is finished, whatever was written late.
    let mut state = sold_by(Role::Admin);
    let sale = state.cart.basket().sale.unwrap();
    let on_disk = KeptCart { basket: state.cart.basket().clone(), ..on_disk };
    pay_exactly(&mut state);
    let parcels = state.outbox.parcels().to_vec();
    let kept = Kept { parcels, carts: vec![on_disk.clone()], ..Kept::default() };
    let again = State::new(Settings::default(), None, "test".to_owned(), kept, samples::NOW);
    assert!(again.carts.aside.is_empty() && again.outbox.get(sale).is_some());
    // In another store it waits in its own.
    let other = KeptCart { store: tillwatch_shared::StoreId::now(), ..on_disk };
    let again = restarted(&state, vec![other]);
    assert!(again.cart.is_empty() && again.carts.aside.len() == 1);
}

#[test]
fn a_sale_is_put_aside_and_taken_up_again() {
    let mut state = till(Settings::default());
    let first = state.cart.basket().clone();
    cart(&mut state, CartInput::OpenAside);
    text(&mut state, Field::Note, "  boné azul ");
    let aside = last_write(&take(&mut state, Input::Submit));
    assert!(aside.suspended && aside.note == "boné azul" && aside.basket == first);
    assert!(state.cart.is_empty() && state.dialog.is_none());
    assert!(writes(&take(&mut state, Input::Tick)).is_empty(), "it stays on the disk");
    enter(&mut state, "7891910000197");
    let second = state.cart.basket().clone();
    assert_ne!(second.sale, first.sale);
    // Taking up the first puts the second aside.
    cart(&mut state, CartInput::OpenAside);
    cart(&mut state, CartInput::Row(1));
    let effects = take(&mut state, Input::Submit);
    assert_eq!(state.cart.basket(), &first);
    assert_eq!(state.carts.aside.iter().map(|cart| &cart.basket).collect::<Vec<_>>(), [&second]);
    let kept = |effect: &CartEffect| match effect {
        CartEffect::Keep(cart) => (cart.basket.sale, cart.suspended),
        CartEffect::Drop(_) | CartEffect::Approve(_) => panic!("not a cart: {effect:?}"),
    };
    let written: Vec<_> = writes(&effects).into_iter().map(kept).collect();
    assert_eq!(written, [(first.sale, false), (second.sale, true)]);
    // Throwing away is asked once.
    let sale = second.sale.unwrap();
    cart(&mut state, CartInput::OpenAside);
    assert!(cart(&mut state, CartInput::Drop(sale)).is_empty());
    cart(&mut state, CartInput::Keep);
    assert!(cart(&mut state, CartInput::Drop(sale)).is_empty(), "asked anew");
    let effects = cart(&mut state, CartInput::Drop(sale));
    assert_eq!(writes(&effects), [&CartEffect::Drop(sale)]);
    assert!(state.carts.aside.is_empty());
    // What was put aside is there after a restart, and is not taken up by itself.
    let again = restarted(&state, vec![aside.clone()]);
    assert!(again.cart.is_empty());
    assert_eq!(again.carts.aside, [aside]);
}

#[test]
fn a_refused_sale_returns_with_its_discounts_and_its_customer() {
    let mut state = sold_by(Role::Admin);
    discount(&mut state, Scope::Line(1), "10");
    discount(&mut state, Scope::Whole, "5");
    cart(&mut state, CartInput::OpenCustomer);
    text(&mut state, Field::Customer, "52998224725");
    take(&mut state, Input::Submit);
    let (total, customer) = (state.cart.total(), state.cart.basket().customer.clone());
    let (command, _) = sent_sale(&pay_exactly(&mut state));
    kept(&mut state);
    samples::no_answer(&mut state);
    samples::refused_later(&mut state);
    assert!(matches!(state.outbox.get(command).unwrap().stage, Stage::Rejected(_)));
    take(&mut state, Input::ReturnParcel(command));
    assert_eq!((state.cart.total(), &state.cart.basket().customer), (total, &customer));
    assert_ne!(state.cart.basket().sale, Some(command));
    assert_eq!(state.outbox, {
        let mut empty = Outbox::default();
        empty.next_number();
        empty
    });
}

#[test]
fn a_disk_that_is_full_is_told_and_the_cart_stays() {
    let mut state = till(Settings::default());
    happened(&mut state, Event::Cart(Box::new(CartEvent::NotKept("disco cheio".to_owned()))));
    assert!(state.toasts.texts().any(|text| text.contains("disco cheio")));
    assert_eq!(state.cart.lines().len(), 3);
    assert!(writes(&take(&mut state, Input::Tick)).is_empty(), "not tried in a circle");
    let more = take(&mut state, Input::RemoveLine);
    assert_eq!(last_write(&more).basket.lines.len(), 2, "the next change writes all of it");
}
