//! Scans: what a burst of keys does, and that it leaves nothing behind where it was typed.

use proptest::prelude::*;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_register::input::{Input, ReaderInput};
use tillwatch_register::samples::{self, happened, product, take};
use tillwatch_register::state::burst::{Stroke, StrokeKey};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::people::{Lock, PeopleInput};
use tillwatch_register::state::receipts::{ReceiptsDialog, ReceiptsInput};
use tillwatch_register::state::scan::Meaning;
use tillwatch_register::state::sold::Find;
use tillwatch_register::state::{Dialog, Kept, Notice, State};
use tillwatch_register::{Event, action::Action};
use tillwatch_shared::api::{PaymentMethod, Unit};
use tillwatch_shared::scale_label::{Amount, LayoutError};
use tillwatch_shared::{Cents, Quantity, mark};

use crate::till::{enter, shop, typed};

/// A cable on which keys come, one frame each; what is typed into a field lands there as in the window.
struct Cable {
    now: i64,
}

impl Cable {
    const fn new() -> Self {
        Self { now: 1_000_000_000 }
    }

    fn key(&mut self, state: &mut State, key: StrokeKey, gap_ms: i64) {
        self.now += gap_ms * 1000;
        take(state, Input::Keyed(vec![Stroke::at(self.now, key)]));
    }

    /// `field` makes the input by which a field tells what it holds.
    fn scan(&mut self, state: &mut State, code: &str, mut field: impl FnMut(&State, char) -> Option<Input>) {
        for (place, c) in code.chars().enumerate() {
            self.key(state, StrokeKey::Char(c), if place == 0 { 2_000 } else { 8 });
            if let Some(input) = field(state, c) {
                take(state, input);
            }
        }
        self.key(state, StrokeKey::End, 8);
    }
}

fn nowhere(_: &State, _: char) -> Option<Input> {
    None
}

fn scanned(state: &mut State, code: &str) {
    let line = |state: &State, c: char| Some(Input::Search(format!("{}{c}", state.search.text)));
    Cable::new().scan(state, code, line);
}

#[test]
fn among_receipts_a_scan_finds_the_sale_and_among_labels_it_adds_one() {
    let mut state = samples::receipts::listed(Settings::default());
    let sale = state.sold.sales.as_ref().unwrap().get(3).unwrap().sale.clone();
    let mut typed = String::new();
    Cable::new().scan(&mut state, &mark::of(sale.id), |_, c| {
        typed.push(c);
        Some(Input::Receipts(ReceiptsInput::Wanted(typed.clone())))
    });
    let Some((_, Find::Between(first, last))) = state.sold.asked else { panic!("{:?}", state.sold.asked) };
    assert!((first..=last).contains(&sale.id));

    let mut state = samples::receipts::labels(Settings::default());
    let labels = |state: &State| match &state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) => form.labels(),
        other => panic!("{other:?}"),
    };
    let before = labels(&state);
    Cable::new().scan(&mut state, "7891000100103", |_, _| None);
    assert_eq!(labels(&state), before + 1);
}

#[test]
fn a_scan_adds_its_product_whatever_stands_in_the_search_line() {
    for (line, quantity) in [("", 1000), ("lei", 1000), ("3*", 3000), ("3* ", 3000), ("3*lei", 1000)] {
        let mut state = shop();
        take(&mut state, Input::Search(line.to_owned()));
        scanned(&mut state, "7891000315507");
        let added = state.cart.selected_line().unwrap_or_else(|| panic!("{line:?} adds nothing"));
        assert_eq!(
            (added.name.as_str(), added.quantity),
            ("Arroz agulhinha tipo 1 5 kg", Quantity(quantity))
        );
        assert_eq!(state.search.text, "", "ready for the next");
    }
    let mut state = shop();
    take(&mut state, Input::Search("0,450*".to_owned()));
    let round = state.feed.round;
    let cheese = product(20, "Queijo prato", "QUEIJO-1", 3990, Unit::Kg);
    happened(&mut state, Event::Products { round, items: vec![cheese] });
    scanned(&mut state, "QUEIJO-1");
    assert_eq!(state.cart.selected_line().unwrap().quantity, Quantity(450));
    take(&mut state, Input::Search("x*".to_owned()));
    scanned(&mut state, "QUEIJO-1");
    assert_eq!(state.search.notice, Some(Notice::QuantityBad("x".to_owned())));
}

#[test]
fn an_unknown_code_becomes_a_new_product_and_the_next_scan_goes_on() {
    let mut state = shop();
    scanned(&mut state, "7896036090251");
    assert_eq!(state.search.notice, Some(Notice::NotFound("7896036090251".to_owned())));
    assert!(state.search.hits.is_empty() && state.cart.is_empty());
    let mut other = state.clone();
    take(&mut other, Action::NewProduct.input());
    assert!(matches!(&other.dialog, Some(Dialog::Product(form)) if form.code == "7896036090251"));
    scanned(&mut state, "7896036090244");
    assert_eq!(state.cart.selected_line().unwrap().name, "Leite integral 1 L");
}

/// The code of the new product that is offered now.
fn offered(state: &State) -> (String, String) {
    let mut state = state.clone();
    take(&mut state, Action::NewProduct.input());
    let Some(Dialog::Product(form)) = state.dialog else { panic!("no form: {:?}", state.dialog) };
    (form.code, form.name)
}

#[test]
fn an_unknown_code_is_offered_although_others_begin_with_it_or_have_it_in_them() {
    let mut state = shop();
    let round = state.feed.round;
    let other = product(20, "Lote 12345670 especial", "", 100, Unit::Un);
    happened(&mut state, Event::Products { round, items: vec![other] });
    // The beginning of the rice's code, the end of it, and a word of a name.
    for code in ["78910003", "5507", "12345670"] {
        scanned(&mut state, code);
        assert!(!state.search.hits.is_empty(), "{code}");
        assert_eq!(state.search.notice, Some(Notice::NotFound(code.to_owned())));
        assert!(state.cart.is_empty());
        assert_eq!(offered(&state), (code.to_owned(), String::new()));
        // Enter pressed in passing sells nothing that is only like it.
        take(&mut state, Input::EnterLine);
        assert!(state.cart.is_empty(), "{code}");
        assert_eq!(offered(&state), (code.to_owned(), String::new()));
    }
    // Whoever goes to one of them means it.
    let mut meant = state.clone();
    take(&mut meant, Input::MoveProduct(1));
    take(&mut meant, Input::EnterLine);
    assert_eq!(meant.cart.selected_line().unwrap().name, "Lote 12345670 especial");
    // Words that are typed after it are looked for.
    take(&mut state, Input::Search("arroz".to_owned()));
    assert_eq!(offered(&state), (String::new(), String::new()), "rice is known");
    // A quantity that was typed before it, or that a slow screen told with it, is not part of the code.
    for (typed, code) in [("3*", "78910003"), ("", "3*78910003")] {
        let mut state = state.clone();
        take(&mut state, Input::Search(typed.to_owned()));
        scanned(&mut state, code);
        assert_eq!(state.search.text, "3*78910003");
        assert_eq!(offered(&state), ("78910003".to_owned(), String::new()), "{typed:?} {code}");
    }
}

#[test]
fn an_unknown_label_of_the_scale_offers_the_code_that_is_on_it() {
    let mut state = shop();
    scanned(&mut state, &label(99_123, 1796));
    assert_eq!(state.search.notice, Some(Notice::NotFound("99123".to_owned())));
    assert_eq!(offered(&state), ("99123".to_owned(), String::new()));
    // Typed with Enter it is the same.
    let mut state = shop();
    enter(&mut state, &label(321, 1796));
    assert_eq!(offered(&state), ("321".to_owned(), String::new()));
}

#[test]
fn a_scan_fills_the_code_of_a_product_and_chooses_the_product_of_an_entry() {
    let mut state = shop();
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Vinho"));
    let name = |state: &State, c: char| match &state.dialog {
        Some(Dialog::Product(form)) => Some(typed(Part::Name, &format!("{}{c}", form.name))),
        _ => None,
    };
    Cable::new().scan(&mut state, "07896036090251", name);
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("the form is gone") };
    assert_eq!((form.name.as_str(), form.code.as_str()), ("Vinho", "7896036090251"));
    assert_eq!(state.focus, Some(Part::Price));

    let mut state = shop();
    take(&mut state, Input::OpenEntry);
    Cable::new().scan(&mut state, "7896036090244", |_, _| None);
    let chosen = |state: &State| match &state.dialog {
        Some(Dialog::Entry(form)) => {
            form.product.and_then(|id| state.catalogue.get(id)).map(|i| i.product.number)
        }
        _ => None,
    };
    assert_eq!((chosen(&state), state.focus), (Some(2), Some(Part::Quantity)));
    // Nothing was typed yet: another product. With a quantity typed, the first stays.
    Cable::new().scan(&mut state, "7891000315507", nowhere);
    assert_eq!(chosen(&state), Some(1));
    take(&mut state, typed(Part::Quantity, "5"));
    Cable::new().scan(&mut state, "7896036090244", |_, c| Some(typed(Part::Quantity, &format!("5{c}"))));
    assert_eq!(chosen(&state), Some(1));
    assert!(matches!(&state.dialog, Some(Dialog::Entry(form)) if form.quantity == "5"));
    assert!(state.toasts.texts().count() > 0);
}

#[test]
fn a_page_that_only_shows_something_makes_room() {
    for open in [Input::OpenMenu, Input::OpenKeys, Input::OpenOutbox] {
        let mut state = shop();
        take(&mut state, open.clone());
        Cable::new().scan(&mut state, "7896036090244", nowhere);
        assert!(state.dialog.is_none(), "{open:?}");
        assert_eq!(state.cart.lines().len(), 1, "{open:?}");
    }
}

#[test]
fn while_money_is_taken_nothing_is_added_and_nothing_chosen() {
    let mut state = samples::till(Settings::default());
    take(&mut state, Input::OpenPay);
    let before = (state.pay.clone(), state.cart.clone());
    // Its digits choose methods, as on the keyboard.
    let choose = |_: &State, c: char| (c == '4').then_some(Input::PayMethod(PaymentMethod::Debit));
    Cable::new().scan(&mut state, "7896036090244", choose);
    assert_eq!((state.pay.clone(), state.cart.clone()), before);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, typed(Part::Amount, "80"));
    let before = state.pay.clone();
    let amount = |state: &State, c: char| {
        state.pay.as_ref().map(|pay| typed(Part::Amount, &format!("{}{c}", pay.amount)))
    };
    Cable::new().scan(&mut state, "7896036090244", amount);
    assert_eq!(state.pay, before);
    assert!(state.toasts.texts().count() > 0);
}

#[test]
fn a_password_takes_no_scan() {
    let mut state = samples::signed_out(Settings::default(), true);
    let place = sign_in::Place::Password;
    take(&mut state, Input::SignIn(sign_in::Input::Text(place, "1234".to_owned())));
    let password = |state: &State, c: char| {
        Some(Input::SignIn(sign_in::Input::Text(place, format!("{}{c}", state.sign_in.password))))
    };
    Cable::new().scan(&mut state, "7896036090244", password);
    assert_eq!(state.sign_in.password, "1234");
}

#[test]
fn a_locked_till_takes_no_scan() {
    let mut state = shop();
    state.people.lock = Some(Lock::default());
    take(&mut state, Input::People(PeopleInput::Secret("12".to_owned())));
    let secret = |state: &State, c: char| {
        let typed = state.people.lock.as_ref().map(|lock| format!("{}{c}", lock.secret))?;
        Some(Input::People(PeopleInput::Secret(typed)))
    };
    Cable::new().scan(&mut state, "7896036090244", secret);
    assert_eq!(state.people.lock.as_ref().map(|lock| lock.secret.as_str()), Some("12"));
    assert!(state.cart.is_empty());
}

#[test]
fn a_form_whose_answer_came_during_the_scan_is_not_brought_back() {
    let mut state = shop();
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Vinho"));
    take(&mut state, Input::Submit);
    let mut cable = Cable::new();
    for c in "78960".chars() {
        cable.key(&mut state, StrokeKey::Char(c), 5);
    }
    samples::kept(&mut state);
    samples::no_answer(&mut state);
    let after = state.dialog.clone();
    for c in "36090244".chars() {
        cable.key(&mut state, StrokeKey::Char(c), 5);
    }
    cable.key(&mut state, StrokeKey::End, 5);
    if after.is_none() {
        assert_eq!(state.dialog, None);
    } else {
        assert!(matches!((&state.dialog, &after), (Some(Dialog::Product(now)), Some(Dialog::Product(then)))
            if now.trouble == then.trouble));
    }
}

#[test]
fn a_slower_reader_is_heard_when_it_is_set_up() {
    let mut state = shop();
    let scan = |state: &mut State| {
        let mut cable = Cable::new();
        for c in "7896036090244".chars() {
            cable.key(state, StrokeKey::Char(c), 55);
        }
        cable.key(state, StrokeKey::End, 55);
    };
    scan(&mut state);
    assert!(state.cart.is_empty());
    take(&mut state, Input::OpenReader);
    take(&mut state, Input::Reader(ReaderInput::Gap(70)));
    take(&mut state, Input::Close);
    scan(&mut state);
    assert_eq!(state.cart.lines().len(), 1);
}

/// A scale's label: 2, five digits of code, six of amount.
fn label(code: u32, amount: i64) -> String {
    let twelve = format!("2{code:05}{amount:06}");
    let digits = twelve.bytes().enumerate();
    let sum: u32 = digits.map(|(place, d)| u32::from(d - b'0') * if place % 2 == 0 { 1 } else { 3 }).sum();
    format!("{twelve}{}", (10 - sum % 10) % 10)
}

#[test]
fn a_label_of_the_scale_is_the_product_for_what_it_says() {
    // Cheese has the number 5 and costs 39,90 a kilo.
    let mut state = shop();
    scanned(&mut state, &label(5, 1796));
    let line = state.cart.selected_line().unwrap();
    assert_eq!(
        (line.name.as_str(), line.quantity, line.total()),
        ("Queijo minas", Quantity(450), Cents(1796))
    );
    // Typed with Enter it is the same.
    let mut state = shop();
    enter(&mut state, &label(5, 1796));
    assert_eq!(state.cart.total(), Cents(1796));
    // Two packets alike.
    enter(&mut state, &format!("2*{}", label(5, 1796)));
    assert_eq!(state.cart.selected_line().unwrap().quantity, Quantity(1350));
    // A product's own code wins over its number, and a whole code over the label.
    let round = state.feed.round;
    let ham = product(30, "Presunto", "5", 2000, Unit::Kg);
    let boxed = product(31, "Cesta", &label(7, 100), 9900, Unit::Un);
    happened(&mut state, Event::Products { round, items: vec![ham, boxed] });
    scanned(&mut state, &label(5, 1000));
    assert_eq!(state.cart.selected_line().unwrap().name, "Presunto");
    assert_eq!(state.cart.selected_line().unwrap().quantity, Quantity(500));
    scanned(&mut state, &label(7, 100));
    assert_eq!(state.cart.selected_line().unwrap().name, "Cesta");
    // Misread or unknown: nothing is added.
    let lines = state.cart.lines().to_vec();
    let mut misread = label(5, 1796);
    misread.replace_range(12..13, if misread.ends_with('0') { "1" } else { "0" });
    for (code, own) in [(misread.clone(), misread.as_str()), (label(99_999, 100), "99999")] {
        scanned(&mut state, &code);
        assert_eq!(state.cart.lines(), lines, "{code}");
        assert_eq!(state.search.notice, Some(Notice::NotFound(own.to_owned())));
    }
    // Pieces are not sold in parts.
    let mut state = shop();
    scanned(&mut state, &label(1, 1000));
    assert!(state.cart.is_empty());
    assert!(matches!(state.search.notice, Some(Notice::Refused(_))));
}

#[test]
fn the_scales_layout_is_set_up_and_tried() {
    let mut state = shop();
    take(&mut state, Input::OpenReader);
    take(&mut state, Input::Reader(ReaderInput::Layouts("2CCCC".to_owned())));
    let complaint = |state: &State| match &state.dialog {
        Some(Dialog::Reader(form)) => form.complaint,
        _ => panic!("the page is gone"),
    };
    assert_eq!(complaint(&state), Some(LayoutError::Length));
    assert_eq!(state.settings.scale_layouts, None, "nonsense changes nothing");
    take(&mut state, Input::Reader(ReaderInput::Layouts("2CCCCCPPPPPPD".to_owned())));
    assert_eq!(complaint(&state), None);
    Cable::new().scan(&mut state, &label(5, 450), nowhere);
    let tried = match &state.dialog {
        Some(Dialog::Reader(form)) => form.tried.clone().unwrap().means,
        _ => panic!("the page is gone"),
    };
    let product = Some("Queijo minas".to_owned());
    assert_eq!(
        tried,
        Meaning::Label { code: "5".to_owned(), amount: Amount::Weight(Quantity(450)), product }
    );
    take(&mut state, Input::Close);
    scanned(&mut state, &label(5, 450));
    assert_eq!(state.cart.selected_line().unwrap().quantity, Quantity(450));
    // After a restart it is the same.
    let again = State::new(state.settings.clone(), None, String::new(), Kept::default(), samples::NOW);
    assert_eq!(again.reader.layouts, state.reader.layouts);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is typed into a form by a person, a scan leaves it as it was.
    #[test]
    fn no_field_keeps_a_scan(
        words in prop::collection::vec("[a-z0-9,]{0,8}", 4), which in 0_usize..4, code in "[0-9]{8,14}"
    ) {
        let mut state = samples::till(Settings::default());
        let parts = [Part::Name, Part::Price, Part::Minimum, Part::Code];
        let open = [Input::OpenProduct, Input::OpenQuantity, Input::OpenAmount, Input::OpenMenu][which].clone();
        take(&mut state, open);
        for (part, word) in parts.iter().zip(&words) {
            take(&mut state, typed(*part, word));
        }
        let (dialog, cart) = (state.dialog.clone(), state.cart.clone());
        Cable::new().scan(&mut state, &code, |_, c| Some(typed(Part::Price, &c.to_string())));
        match (&state.dialog, dialog) {
            (Some(Dialog::Product(now)), Some(Dialog::Product(then))) => {
                prop_assert_eq!((&now.name, &now.price, &now.minimum), (&then.name, &then.price, &then.minimum));
                prop_assert!(now.code.trim_start_matches('0') == code.trim_start_matches('0'));
            }
            (now, then) if which != 3 => prop_assert_eq!(now, &then),
            (now, _) => prop_assert!(now.is_none()),
        }
        prop_assert_eq!(state.cart, cart);
    }

    /// The customer pays what the label says, or less when the price does not divide it; never more.
    #[test]
    fn a_label_never_costs_more_than_it_says(price in 1_i64..100_000, total in 1_i64..1_000_000) {
        let mut state = shop();
        let round = state.feed.round;
        let ham = product(30, "Presunto", "77", price, Unit::Kg);
        happened(&mut state, Event::Products { round, items: vec![ham] });
        scanned(&mut state, &label(77, total));
        if let Some(line) = state.cart.selected_line() {
            prop_assert!(line.total().0 <= total);
            // One thousandth more would cost more than the label says.
            let more = Cents(price).times(Quantity(line.quantity.0 + 1)).unwrap();
            prop_assert!(more.0 > total || line.total().0 == total);
        }
    }

    /// What the scale weighed at the same price is found again to the gram, where a gram makes a difference.
    #[test]
    fn the_scales_own_sum_is_met_exactly(price in 1_i64..100_000, grams in 1_i64..100_000) {
        let total = Cents(price).times(Quantity(grams)).unwrap();
        prop_assume!((1..1_000_000).contains(&total.0));
        let mut state = shop();
        let round = state.feed.round;
        let ham = product(30, "Presunto", "77", price, Unit::Kg);
        happened(&mut state, Event::Products { round, items: vec![ham] });
        scanned(&mut state, &label(77, total.0));
        prop_assert_eq!(state.cart.total(), total);
    }
}
