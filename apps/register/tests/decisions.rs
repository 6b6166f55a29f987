//! What the register decides: tables over `update`, without a window or a server.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::state::forms::{Complaint, Part};
use tillwatch_register::state::outbox::{Done, Stage, Work};
use tillwatch_register::state::{Dialog, Notice, Screen};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::api::{
    Change, Event as ChangeEvent, NewSale, NewStockEntry, PaymentMethod, Product, Sale, SaleLine, StockEntry,
    StockEntryKind, Unit,
};
use tillwatch_shared::ids::StockEntryId;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{Cents, CommandId, ProductId, Quantity, SaleId, StoreId};

use tillwatch_register::samples::{NOW, changes, happened, problem, sale_answer, take, till, waiting};

fn typed(part: Part, text: &str) -> Input {
    Input::Form(FormInput::Text(part, text.to_owned()))
}

fn enter(state: &mut State, line: &str) {
    take(state, Input::Search(line.to_owned()));
    take(state, Input::EnterLine);
}

/// In the shop with an empty cart.
fn shop() -> State {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenCancelSale);
    take(&mut state, Input::CancelSale);
    state
}

fn balance(state: &State, id: ProductId) -> Quantity {
    state.catalogue.get(id).unwrap().balance.unwrap()
}

fn sent(effects: &[Effect]) -> (CommandId, Work) {
    match effects {
        [Effect::Send(command, work)] => (*command, work.clone()),
        other => panic!("one command expected in {other:?}"),
    }
}

fn sent_sale(effects: &[Effect]) -> (CommandId, NewSale) {
    match sent(effects) {
        (command, Work::Sale(sale)) => (command, sale),
        other => panic!("a sale expected, not {other:?}"),
    }
}

fn sent_entry(effects: &[Effect]) -> (CommandId, NewStockEntry) {
    match sent(effects) {
        (command, Work::Entry(entry)) => (command, entry),
        other => panic!("a stock entry expected, not {other:?}"),
    }
}

#[test]
fn lines_add_what_they_say() {
    let cases = [
        ("7891000315507", "Arroz agulhinha tipo 1 5 kg", 1000),
        ("07891000315507", "Arroz agulhinha tipo 1 5 kg", 1000),
        ("3*7896036090244", "Leite integral 1 L", 3000),
        ("0,450*qm", "Queijo minas", 450),
        ("acucar", "Açúcar União 1 kg", 1000),
        ("12*9", "Parafuso 10mm", 12_000),
    ];
    for (line, name, quantity) in cases {
        let mut state = shop();
        enter(&mut state, line);
        let added = state.cart.selected_line().unwrap_or_else(|| panic!("{line} adds nothing"));
        assert_eq!((added.name.as_str(), added.quantity), (name, Quantity(quantity)), "{line}");
        assert!(state.search.text.is_empty(), "{line}: ready for the next");
    }
}

#[test]
fn lines_that_add_nothing_say_why_and_stay() {
    let cases = [
        ("vinho", Notice::NotFound("vinho".to_owned())),
        ("7891000315508", Notice::NotFound("7891000315508".to_owned())),
        ("abc*leite", Notice::QuantityBad("abc".to_owned())),
        ("0,5*7891000315507", Notice::Refused(tillwatch_register::state::cart::CartError::NotWhole)),
        ("-1*7891000315507", Notice::Refused(tillwatch_register::state::cart::CartError::NotPositive)),
    ];
    for (line, notice) in cases {
        let mut state = shop();
        enter(&mut state, line);
        assert!(state.cart.is_empty(), "{line}");
        assert_eq!(state.search.notice, Some(notice), "{line}");
        assert_eq!(state.search.text, line);
    }
    let mut state = shop();
    enter(&mut state, "");
    assert!(state.cart.is_empty() && state.search.notice.is_none(), "an empty line sells nothing");
}

#[test]
fn cash_gives_change_and_the_sale_is_sent_once() {
    let mut state = till(Settings::default());
    let total = state.cart.total();
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    assert_eq!(state.pay.as_ref().unwrap().amount, "62,33", "the open amount is offered");
    take(&mut state, typed(Part::Amount, "100"));
    let effects = take(&mut state, Input::Submit);
    let (command, sale) = sent_sale(&effects);
    assert_eq!((sale.total_cents, sale.lines.len()), (total, 3));
    assert_eq!(sale.payments.first().unwrap().amount_cents, Cents(10_000));
    assert!(take(&mut state, Input::Submit).is_empty(), "a second Enter sends nothing");
    assert!(!state.cart.is_empty(), "the cart stays until the sale is confirmed");
    sale_answer(&mut state);
    assert!(state.cart.is_empty() && state.pay.is_none() && state.outbox.is_empty());
    let confirmation = state.confirmation.clone().unwrap();
    assert_eq!((confirmation.number, confirmation.change), (Some(1042), Cents(3767)));
    assert_eq!(state.outbox.get(command), None);
    take(&mut state, Input::Search("7".to_owned()));
    assert_eq!(state.confirmation, None, "gone at the next scan");
}

#[test]
fn payments_may_be_split_and_only_cash_gives_change() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Pix));
    take(&mut state, typed(Part::Amount, "100"));
    assert!(take(&mut state, Input::Submit).is_empty());
    let trouble = |state: &State| state.pay.as_ref().unwrap().trouble.about(Part::Amount);
    assert_eq!(trouble(&state), Some(Complaint::AmountOverOpen));
    for bad in ["", "0", "-5", "abc", "9999999999999"] {
        take(&mut state, typed(Part::Amount, bad));
        take(&mut state, Input::Submit);
        assert_eq!(trouble(&state), Some(Complaint::AmountBad), "{bad}");
    }
    take(&mut state, typed(Part::Amount, "50"));
    assert!(take(&mut state, Input::Submit).is_empty(), "some is still open");
    take(&mut state, Input::PayMethod(PaymentMethod::Debit));
    assert_eq!(state.pay.as_ref().unwrap().amount, "12,33");
    let effects = take(&mut state, Input::Submit);
    let (_, sale) = sent_sale(&effects);
    let methods: Vec<PaymentMethod> = sale.payments.iter().map(|payment| payment.method).collect();
    assert_eq!(methods, [PaymentMethod::Pix, PaymentMethod::Debit]);
}

#[test]
fn a_sale_without_an_answer_keeps_its_id_whoever_sends_it_again() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    let effects = take(&mut state, Input::Submit);
    let (command, first) = sent_sale(&effects);
    samples::no_answer(&mut state);
    assert!(state.connection.is_offline());
    assert_eq!(state.outbox.unconfirmed(), 1);
    // By hand.
    let effects = take(&mut state, Input::Submit);
    assert_eq!(sent_sale(&effects), (command, first.clone()));
    samples::no_answer(&mut state);
    // The next customer comes; the sale stays in the outbox.
    take(&mut state, Input::ConfirmLater);
    assert!(state.cart.is_empty());
    assert_eq!(state.confirmation.as_ref().unwrap().number, None);
    enter(&mut state, "789100031550");
    // By itself, later.
    state.now = NOW.plus(5 * SECOND);
    let moment = tillwatch_desk::clock::Moment { at: NOW.plus(5 * SECOND), fresh: CommandId::now() };
    let effects = update(&mut state, Input::Tick, moment);
    let again: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Send(..))).cloned().collect();
    assert_eq!(sent_sale(&again), (command, first));
    sale_answer(&mut state);
    assert!(state.outbox.is_empty());
    assert!(state.toasts.texts().any(|text| text.contains("1042")));
}

#[test]
fn a_refused_sale_gives_the_cart_back() {
    let mut state = till(Settings::default());
    let lines = state.cart.lines().to_vec();
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    samples::no_answer(&mut state);
    take(&mut state, Input::ConfirmLater);
    let command = waiting(&state);
    let failure = problem(422, "total_wrong", "O total não confere.", "Atualize os preços.");
    happened(&mut state, Event::Sent { command, answer: Err(failure) });
    assert_eq!(state.outbox.rejected(), 1, "never dropped unseen");
    take(&mut state, Input::OpenOutbox);
    take(&mut state, Input::ReturnParcel(command));
    assert_eq!(state.cart.lines(), lines);
    assert!(state.outbox.is_empty());
}

#[test]
fn only_what_was_refused_can_be_discarded() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    let command = waiting(&state);
    take(&mut state, Input::DiscardParcel(command));
    samples::no_answer(&mut state);
    take(&mut state, Input::DiscardParcel(command));
    assert_eq!(state.outbox.parcels().len(), 1);
    assert_eq!(take(&mut state, Input::AskClose), [], "the window asks before it closes");
    assert_eq!(state.dialog, Some(Dialog::Leave));
    assert_eq!(take(&mut state, Input::CloseAnyway), [Effect::CloseWindow]);
}

#[test]
fn a_first_product_and_what_came_in() {
    let mut state = samples::empty(Settings::default());
    take(&mut state, Input::Search("Parafuso 10mm".to_owned()));
    take(&mut state, Input::OpenProduct);
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("no dialog") };
    assert_eq!(form.name, "Parafuso 10mm".to_owned(), "what was searched for is its name");
    let effects = take(&mut state, Input::Submit);
    let (command, work) = sent(&effects);
    assert!(matches!(work, Work::Product(product) if product.name == "Parafuso 10mm"));
    let product = samples::product(1, "Parafuso 10mm", "", 0, Unit::Un);
    let answer = Ok(Done::Product(product.clone()));
    happened(&mut state, Event::Sent { command, answer });
    assert!(state.dialog.is_none());
    assert_eq!(balance(&state, product.id), Quantity::ZERO);

    take(&mut state, Input::OpenEntry);
    take(&mut state, typed(Part::Quantity, "50"));
    let effects = take(&mut state, Input::Submit);
    let (command, entry) = sent_entry(&effects);
    assert_eq!((entry.product_id, entry.quantity_thousandths), (product.id, Quantity(50_000)));
    let answer = Ok(Done::Entry(entry_of(&state, &entry, 50_000)));
    happened(&mut state, Event::Sent { command, answer });
    assert!(state.dialog.is_none());
    assert_eq!(balance(&state, product.id), Quantity(50_000));
}

fn entry_of(state: &State, entry: &NewStockEntry, after: i64) -> StockEntry {
    StockEntry {
        id: StockEntryId::now(),
        number: 1,
        kind: entry.kind,
        store_id: entry.store_id,
        store_name: "Loja Centro".to_owned(),
        product_id: entry.product_id,
        product_number: 1,
        product_name: "Parafuso 10mm".to_owned(),
        unit: Unit::Un,
        quantity_thousandths: entry.quantity_thousandths,
        moved_thousandths: entry.quantity_thousandths,
        balance_after_thousandths: Quantity(after),
        reason: entry.reason.clone(),
        person_id: state.person.as_ref().unwrap().id,
        person_name: "Maria".to_owned(),
        recorded_at: NOW,
        received_at: NOW,
    }
}

#[test]
fn forms_complain_before_anything_is_sent() {
    let product_cases = [
        ("", "1", "0", Part::Name, Complaint::NameMissing),
        ("Arroz", "abc", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "-1", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "99999999999", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "1,00", "x", Part::Minimum, Complaint::MinimumBad),
    ];
    for (name, price, minimum, part, complaint) in product_cases {
        let mut state = shop();
        take(&mut state, Input::OpenProduct);
        for (part, text) in [(Part::Name, name), (Part::Price, price), (Part::Minimum, minimum)] {
            take(&mut state, typed(part, text));
        }
        assert!(take(&mut state, Input::Submit).is_empty());
        let Some(Dialog::Product(form)) = &state.dialog else { panic!("the dialog is gone") };
        assert_eq!(form.trouble.complaint, Some((part, complaint)), "{name} {price} {minimum}");
        assert_eq!(state.focus, Some(part), "the focus goes to what is wrong");
    }
    let entry_cases = [
        (StockEntryKind::Receive, "0", "", Part::Quantity, Complaint::QuantityBad),
        (StockEntryKind::Receive, "-3", "", Part::Quantity, Complaint::QuantityBad),
        (StockEntryKind::Receive, "0,5", "", Part::Quantity, Complaint::NotWhole),
        (StockEntryKind::Receive, "2000000", "", Part::Quantity, Complaint::TooMuch),
        (StockEntryKind::Adjust, "-3", " ", Part::Reason, Complaint::ReasonMissing),
        (StockEntryKind::Count, "-1", "", Part::Quantity, Complaint::QuantityBad),
    ];
    for (kind, quantity, reason, part, complaint) in entry_cases {
        let mut state = shop();
        take(&mut state, Input::Search("arroz".to_owned()));
        take(&mut state, Input::OpenEntry);
        take(&mut state, Input::Form(FormInput::Kind(kind)));
        take(&mut state, typed(Part::Quantity, quantity));
        take(&mut state, typed(Part::Reason, reason));
        assert!(take(&mut state, Input::Submit).is_empty());
        let Some(Dialog::Entry(form)) = &state.dialog else { panic!("the dialog is gone") };
        assert_eq!(form.trouble.complaint, Some((part, complaint)), "{kind:?} {quantity}");
    }
}

#[test]
fn a_refused_form_keeps_its_words_and_a_silent_one_its_id() {
    let mut state = shop();
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Arroz agulhinha tipo 1 5 kg"));
    let (first, _) = sent(&take(&mut state, Input::Submit));
    samples::no_answer(&mut state);
    let (again, _) = sent(&take(&mut state, Input::Submit));
    assert_eq!(first, again);
    samples::name_taken(&mut state);
    assert!(state.outbox.is_empty());
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("the dialog is gone") };
    assert!(form.trouble.failure.is_some() && form.trouble.waiting.is_none());
    take(&mut state, typed(Part::Name, "Arroz 2"));
    let (other, _) = sent(&take(&mut state, Input::Submit));
    assert_ne!(first, other, "other words are another command");
}

fn change(store_id: StoreId, seq: i64, event: ChangeEvent) -> Change {
    Change {
        seq,
        command_id: CommandId::now(),
        actor_id: None,
        store_id: Some(store_id),
        client_at: NOW,
        server_at: NOW,
        event,
    }
}

fn sale_of(state: &State, product: &Product, thousandths: i64) -> Sale {
    let total = product.price_cents.times(Quantity(thousandths)).unwrap();
    Sale {
        id: SaleId::now(),
        number: 1,
        store_id: state.store.as_ref().unwrap().id,
        store_name: String::new(),
        person_id: state.person.as_ref().unwrap().id,
        person_name: String::new(),
        till: None,
        lines: vec![SaleLine {
            product_id: product.id,
            product_name: product.name.clone(),
            quantity_thousandths: Quantity(thousandths),
            unit_price_cents: product.price_cents,
            total_cents: total,
        }],
        payments: Vec::new(),
        total_cents: total,
        change_cents: Cents::ZERO,
        business_day: "2026-12-31".to_owned(),
        sold_at: NOW,
        received_at: NOW,
    }
}

#[test]
fn the_feed_keeps_products_and_balances_current() {
    let mut state = shop();
    let (round, store_id) = (state.feed.round, state.store.as_ref().unwrap().id);
    let item = state.catalogue.by_code("7891000315507").unwrap().product.clone();
    let renamed = Product { name: "Arroz integral 5 kg".to_owned(), changed_at: NOW.plus(1), ..item.clone() };
    let sale = sale_of(&state, &item, 2000);
    let elsewhere = Sale { store_id: StoreId::now(), ..sale.clone() };
    let events = vec![
        change(store_id, 8, ChangeEvent::ProductChanged(renamed)),
        change(store_id, 9, ChangeEvent::SaleRecorded(sale)),
        change(store_id, 10, ChangeEvent::SaleRecorded(elsewhere)),
    ];
    happened(&mut state, changes(round, 10, events));
    assert_eq!(state.feed.after, Some(10));
    assert_eq!(balance(&state, item.id), Quantity(29_000), "only this store's sale counts");
    assert_eq!(state.catalogue.get(item.id).unwrap().product.name, "Arroz integral 5 kg");
    happened(&mut state, changes(round - 1, 99, Vec::new()));
    assert_eq!(state.feed.after, Some(10), "answers to an abandoned question are ignored");
}

#[test]
fn goods_of_a_product_that_is_new_in_the_same_answer_are_counted() {
    let mut state = shop();
    let (round, store_id) = (state.feed.round, state.store.as_ref().unwrap().id);
    let product = samples::product(77, "Prego 12mm", "", 10, Unit::Un);
    let order = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id,
        product_id: product.id,
        quantity_thousandths: Quantity(50_000),
        reason: None,
        recorded_at: None,
    };
    let events = [
        ChangeEvent::ProductAdded(product.clone()),
        ChangeEvent::StockEntered(entry_of(&state, &order, 50_000)),
        ChangeEvent::SaleRecorded(sale_of(&state, &product, 3000)),
    ];
    let changed = (8..).zip(events).map(|(seq, event)| change(store_id, seq, event)).collect();
    happened(&mut state, changes(round, 10, changed));
    assert_eq!(balance(&state, product.id), Quantity(47_000));
}

#[test]
fn a_catalogue_that_did_not_come_is_asked_for_again_and_silence_keeps_the_old_one() {
    let mut state = shop();
    let later = |seconds: i64| tillwatch_desk::clock::Moment {
        at: NOW.plus(seconds * SECOND),
        fresh: CommandId::now(),
    };
    let loads = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Load { .. }));
    let round = state.feed.round;
    let silence = Event::Changes { round, answer: Err(Failure::Unreachable), round_trip_micros: 0 };
    update(&mut state, Input::Happened(Box::new(silence)), later(1));
    assert!(state.connection.is_offline() && !state.catalogue.is_empty());
    assert!(!loads(&update(&mut state, Input::Tick, later(60))), "what is there is not loaded again");

    let mut state = samples::load_failed(Settings::default());
    assert!(!loads(&update(&mut state, Input::Tick, later(1))));
    assert!(loads(&update(&mut state, Input::Tick, later(5))));
    assert!(!loads(&update(&mut state, Input::Tick, later(11))), "one at a time");
}

#[test]
fn an_idle_window_sleeps_for_most_of_a_minute() {
    let mut state = shop();
    state.toasts = tillwatch_desk::toasts::Toasts::default();
    assert!(state.next_wake().since(state.now) > 30 * SECOND);
    let signed_out = samples::signed_out(Settings::default(), true);
    assert!(signed_out.next_wake().since(signed_out.now) > 30 * SECOND);
}

#[test]
fn an_ended_session_keeps_the_cart_and_the_outbox() {
    let mut state = till(Settings::default());
    let (round, lines) = (state.feed.round, state.cart.lines().to_vec());
    let ended = problem(401, "session_ended", "A sessão foi encerrada.", "Entre de novo.");
    happened(&mut state, Event::Changes { round, answer: Err(ended), round_trip_micros: 1000 });
    assert_eq!(state.screen, Screen::SignIn);
    let stores = state.stores.clone();
    samples::sign_in_to(&mut state, stores);
    assert_eq!(state.screen, Screen::Till);
    assert_eq!(state.cart.lines(), lines);
}

#[test]
fn signing_out_waits_for_open_work() {
    let mut state = till(Settings::default());
    take(&mut state, Input::SignOut);
    assert_eq!(state.screen, Screen::Till);
    let mut state = shop();
    let effects = take(&mut state, Input::SignOut);
    assert_eq!(state.screen, Screen::SignIn);
    assert!(effects.contains(&Effect::SignIn(sign_in::Effect::SignOut)));
}

#[test]
fn the_remembered_store_is_taken_without_asking() {
    let mut state = samples::choosing(Settings::default());
    assert_eq!(state.screen, Screen::ChooseStore);
    take(&mut state, Input::StoreRow(1));
    let effects = take(&mut state, Input::ChooseStore(1));
    assert!(matches!(effects.as_slice(), [Effect::Load { .. }]));
    let (settings, stores) = (state.settings.clone(), state.stores.clone());
    let mut next = samples::signed_out(settings, true);
    samples::sign_in_to(&mut next, stores);
    assert_eq!(next.screen, Screen::Till);
    assert_eq!(next.store, state.store);
}

#[test]
fn escape_goes_back_one_step() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Close);
    assert!(state.pay.as_ref().is_some_and(|pay| pay.method.is_none()));
    take(&mut state, Input::Close);
    assert!(state.pay.is_none());
    take(&mut state, Input::Search("leite".to_owned()));
    take(&mut state, Input::Close);
    assert_eq!(state.search.text, "");
    assert_eq!(state.cart.lines().len(), 3, "the cart is not touched");
}

#[test]
fn preferences_change_while_running_and_are_saved() {
    let mut state = shop();
    take(&mut state, Input::Tick);
    let effects = take(&mut state, Input::Prefer(Preference::Lang(Lang::En)));
    assert_eq!(effects, [Effect::SignIn(sign_in::Effect::Speak(Lang::En))]);
    take(&mut state, Input::Prefer(Preference::Theme(Theme::Dark)));
    take(&mut state, Input::Prefer(Preference::ZoomIn));
    assert_eq!((state.lang(), state.theme(), state.settings.zoom), (Lang::En, Theme::Dark, 110));
    assert!(take(&mut state, Input::Tick).contains(&Effect::SaveSettings));
    assert!(!take(&mut state, Input::Tick).contains(&Effect::SaveSettings));
}

#[test]
fn a_sending_command_is_not_sent_twice_at_once() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    let command = waiting(&state);
    assert_eq!(state.outbox.get(command).unwrap().stage, Stage::Sending);
    assert_eq!(take(&mut state, Input::RetryParcel(command)), []);
}
