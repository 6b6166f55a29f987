//! Forms: what comes of what is typed, the review, and that nothing is sent twice under two ids.

use jiff::civil::date;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::forms::{About, Form, FormAct, Order, Part, Step};
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::lists::{ListAct, Part as Told, Topic};
use tillwatch_monitor::lists_texts::Word;
use tillwatch_monitor::manage_texts::Text;
use tillwatch_monitor::samples::{self, manage};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::forms::{actions, new_of};
use tillwatch_shared::api::{KeyScope, PricePeriod, Role};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::{ApiKeyId, Cents, CommandId, Quantity};

use crate::story::{Story, problem};

/// The topic's list is there, and the form is open.
fn form(topic: Topic, about: About) -> Story {
    let mut story = Story::loaded(Page::Manage);
    story.user(User::List(ListAct::Tab(Page::Manage, Some(topic))));
    story.answer_all();
    story.user(User::Form(FormAct::Open(about)));
    story.asked.clear();
    story
}

fn set(story: &mut Story, part: Part, value: &str) {
    story.user(User::Form(FormAct::Set(part, value.to_owned())));
}

fn go(story: &mut Story) {
    story.user(User::Form(FormAct::Go));
}

fn step(story: &Story) -> Option<Step> {
    story.state.form.as_ref().map(|form| form.step)
}

/// What the form says is wrong with a field of the set-up.
fn wrong(story: &Story) -> Option<(Part, Text)> {
    let wrong = story.state.form.as_ref().and_then(Form::wrong)?;
    if let Word::Manage(why) = wrong.why { Some((wrong.part, why)) } else { None }
}

fn sent(story: &Story) -> Vec<(CommandId, Order)> {
    let of = |effect: &Effect| {
        if let Effect::Order { command, order } = effect { Some((*command, (**order).clone())) } else { None }
    };
    story.asked.iter().filter_map(of).collect()
}

#[test]
fn a_product_is_reviewed_before_it_is_changed_and_sent_once() {
    let id = samples::product_id(2);
    let mut story = form(Topic::Products, About::Product(id));
    set(&mut story, Part::Price, "5,9x");
    go(&mut story);
    assert_eq!((wrong(&story), step(&story)), (Some((Part::Price, Text::WrongPrice)), Some(Step::Filling)));
    set(&mut story, Part::Price, "6,49");
    set(&mut story, Part::Minimum, "12");
    go(&mut story);
    assert_eq!((step(&story), sent(&story)), (Some(Step::Reviewing), vec![]));
    let changes: Vec<Part> = story.state.form.as_ref().unwrap().changes().map(|field| field.part).collect();
    assert_eq!(changes, [Part::Price, Part::Minimum]);
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(first, Order::ChangeProduct(product, change))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*product, change.price_cents), (id, Some(Cents(649))));
    assert_eq!((&change.name, change.minimum_thousandths), (&None, Some(Quantity(12_000))));

    // Nobody knows whether it was done: the same goes again under its id, something else under another one.
    story.answer(Answer::Ordered(Err(Failure::TimedOut)));
    assert_eq!(step(&story), Some(Step::Filling));
    go(&mut story);
    go(&mut story);
    assert_eq!(sent(&story)[1], asked[0]);
    story.answer(Answer::Ordered(Err(problem(409, "name_taken", None))));
    set(&mut story, Part::Price, "6,99");
    go(&mut story);
    go(&mut story);
    assert_ne!(sent(&story)[2].0, *first);
    story.asked.clear();
    story.answer(Answer::Ordered(Ok(None)));
    assert!(story.state.form.is_none());
    assert!(
        story.asked.iter().any(|effect| matches!(effect, Effect::List { topic: Topic::Products, .. })),
        "the list is read again"
    );
}

#[test]
fn what_is_left_as_it_was_is_not_sent() {
    let mut story = form(Topic::Products, About::Product(samples::product_id(2)));
    go(&mut story);
    go(&mut story);
    assert_eq!((step(&story), sent(&story)), (Some(Step::Reviewing), vec![]));
}

#[test]
fn prices_of_days_are_added_and_taken_out() {
    let id = samples::product_id(4);
    let mut story = form(Topic::Products, About::Prices(id));
    let kept = "2026-12-26 2027-01-10";
    assert_eq!(story.state.form.as_ref().unwrap().value(Part::Kept), kept);
    for (price, first, last, expected) in [
        ("", "01/02/2027", "", (Part::Price, Text::WrongPrice)),
        ("4,99", "", "", (Part::FirstDay, Text::WrongDay)),
        ("4,99", "31/02/2027", "", (Part::FirstDay, Text::WrongDay)),
        ("4,99", "10/01/2027", "", (Part::FirstDay, Text::WrongSameDay)),
        ("4,99", "02/02/2027", "01/02/2027", (Part::LastDay, Text::WrongDays)),
    ] {
        set(&mut story, Part::Price, price);
        set(&mut story, Part::FirstDay, first);
        set(&mut story, Part::LastDay, last);
        go(&mut story);
        assert_eq!(wrong(&story), Some(expected), "{price} {first} {last}");
    }
    set(&mut story, Part::LastDay, "15/02/2027");
    set(&mut story, Part::Kept, "2027-01-10");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::SetPrices(product, list))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*product, list.store_id), (id, None));
    let period = |price, first_day, last_day| PricePeriod { price_cents: Cents(price), first_day, last_day };
    assert_eq!(
        list.periods,
        [period(1_320, date(2027, 1, 10), None), period(499, date(2027, 2, 2), Some(date(2027, 2, 15)))]
    );
    // Another store has a list of its own.
    let mut story = form(Topic::Products, About::Prices(id));
    let store = samples::store(1).id;
    set(&mut story, Part::Store, &store.to_string());
    assert_eq!(story.state.form.as_ref().unwrap().value(Part::Kept), "");
    set(&mut story, Part::Price, "9");
    set(&mut story, Part::FirstDay, "1/3/2027");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::SetPrices(_, list))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((list.store_id, list.periods.len()), (Some(store), 1));
}

#[test]
fn no_role_may_give_more_than_the_one_above() {
    let store = samples::store(0).id;
    let mut story = form(Topic::Stores, About::Limits(store));
    for (part, value, expected) in [
        (Part::SellerLimit, "101", (Part::SellerLimit, Text::WrongPercent)),
        (Part::SellerLimit, "40", (Part::SellerLimit, Text::WrongOrder)),
    ] {
        set(&mut story, part, value);
        go(&mut story);
        assert_eq!(wrong(&story), Some(expected), "{value}");
    }
    set(&mut story, Part::SellerLimit, "7,5 %");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::SetLimits(of, limits))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*of, limits.seller, limits.manager), (store, Percent(750), Percent(3_000)));
}

#[test]
fn people_are_added_and_changed_with_what_was_typed_alone() {
    let mut story = form(Topic::People, About::NewPerson);
    set(&mut story, Part::Name, "Ana Paula");
    set(&mut story, Part::Username, "ana");
    set(&mut story, Part::Password, "abc");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Password, Text::WrongPassword)));
    set(&mut story, Part::Password, " com espaço ");
    set(&mut story, Part::Cpf, "123.456.789-00");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Cpf, Text::WrongDigits)));
    set(&mut story, Part::Cpf, "");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::NewPerson(person))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((person.role, &person.cpf), (Role::Seller, &None));
    assert_eq!((person.password.as_str(), &person.stores[..]), (" com espaço ", &[samples::store(0).id][..]));

    let seller = manage::people(2)[0].id;
    let mut story = form(Topic::People, About::Person(seller));
    set(&mut story, Part::Pin, "12a4");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Pin, Text::WrongPin)));
    set(&mut story, Part::Pin, "2580");
    set(&mut story, Part::Active, "no");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::ChangePerson(id, change))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*id, change.pin.as_deref(), change.active), (seller, Some("2580"), Some(false)));
    assert_eq!((&change.name, &change.stores, &change.password, change.role), (&None, &None, &None, None));
}

#[test]
fn a_sensor_gets_its_place_and_band() {
    let mut story = form(Topic::Sensors, About::Sensor(samples::sensor_id(0)));
    set(&mut story, Part::Low, "8,5");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::High, Text::WrongBand)));
    set(&mut story, Part::Low, "-300");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Low, Text::WrongCelsius)));
    set(&mut story, Part::Low, "−2,5");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::SetSensor(_, settings))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((settings.low_celsius, settings.high_celsius), (Some(-2.5), Some(8.0)));
}

#[test]
fn a_keys_secret_is_shown_once_and_revoking_asks_first() {
    let mut story = form(Topic::Keys, About::NewKey);
    set(&mut story, Part::Name, "Coletor do depósito");
    set(&mut story, Part::Expires, "31/12/2027");
    go(&mut story);
    go(&mut story);
    let asked = sent(&story);
    let [(_, Order::NewKey(key))] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(key.scopes, [KeyScope::WriteReadings]);
    assert_eq!(key.expires_at.unwrap().to_string(), "2028-01-01T02:59:59Z");
    story.answer(Answer::Ordered(Ok(Some("tw_secret".to_owned()))));
    assert_eq!(story.state.form.as_ref().unwrap().secret.as_deref(), Some("tw_secret"));
    story.user(User::Form(FormAct::Close));
    assert!(story.state.form.is_none());

    let id: ApiKeyId = manage::key(3, samples::NOW).id;
    let mut story = form(Topic::Keys, About::RevokeKey(id));
    assert_eq!((step(&story), sent(&story)), (Some(Step::Reviewing), vec![]));
    go(&mut story);
    assert!(matches!(&sent(&story)[..], [(_, Order::RevokeKey(revoked))] if *revoked == id));
}

#[test]
fn only_who_may_is_offered_what_they_may() {
    let mut story = form(Topic::Stores, About::NewStore);
    assert_eq!(new_of(&story.state, Topic::Stores), None, "stores are added by who administers");
    let id = samples::store(0).id.to_string();
    story.user(User::List(ListAct::Open(Topic::Stores, id)));
    let texts =
        |story: &Story| -> Vec<Word> { actions(&story.state).into_iter().map(|(text, _)| text).collect() };
    assert_eq!(texts(&story), [Text::SetLimits.into()]);
    story.state.signed_in.as_mut().unwrap().person.role = Role::Admin;
    assert_eq!(texts(&story), [Text::Edit.into(), Text::SetLimits.into()]);
    assert!(new_of(&story.state, Topic::Stores).is_some());
    story.state.signed_in.as_mut().unwrap().person.role = Role::Seller;
    assert_eq!(new_of(&story.state, Topic::Products), None);
}

#[test]
fn the_history_lays_a_change_beside_what_was_before() {
    let mut story = Story::loaded(Page::Manage);
    story.user(User::List(ListAct::Tab(Page::Manage, Some(Topic::History))));
    story.answer_all();
    story.user(User::List(ListAct::Open(Topic::History, "8".to_owned())));
    let open = story.state.lists.open.as_ref().unwrap();
    let noted: Vec<_> = open
        .detail
        .parts
        .iter()
        .filter_map(|part| match part {
            Told::Pair { name, note: Some(note), value, .. } => {
                Some((name.as_str(), note.as_str(), value.as_str()))
            }
            Told::Pair { .. } | Told::Head(_) | Told::Note(_) => None,
        })
        .collect();
    assert_eq!(noted, [("Preço", "antes: R$\u{a0}11,20", "R$\u{a0}12,40")]);
}
