//! Rows about what the shop is made of: products, stores, people, sensors, keys, tills, and who changed what.

use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{ApiKey, Change, KeyScope, Person, Product, Role, Sensor, Store, Till};

use super::goods::amount;
use super::{Cell, Column, Context};
use crate::manage_texts::{self, Text};
use crate::texts;

pub const PRODUCTS: &[Column] = &[
    Column::managed(Text::Number, 56.0).always(),
    Column::managed(Text::Product, 0.0).always(),
    Column::managed(Text::Code, 140.0),
    Column::managed(Text::SoldBy, 80.0),
    Column::managed(Text::Minimum, 90.0).right(),
    Column::managed(Text::Price, 104.0).right().always(),
    Column::managed(Text::OtherPrices, 118.0),
    Column::managed(Text::State, 84.0),
];

pub const STORES: &[Column] = &[
    Column::managed(Text::Store, 0.0).always(),
    Column::managed(Text::Chain, 0.0),
    Column::managed(Text::Cnpj, 170.0),
    Column::managed(Text::Zone, 170.0),
    Column::managed(Text::SellerLimit, 96.0).right().always(),
    Column::managed(Text::ManagerLimit, 96.0).right().always(),
    Column::managed(Text::AdminLimit, 96.0).right(),
];

pub const PEOPLE: &[Column] = &[
    Column::managed(Text::Name, 0.0).always(),
    Column::managed(Text::Username, 150.0),
    Column::managed(Text::Role, 110.0).always(),
    Column::managed(Text::StoresOf, 0.0),
    Column::managed(Text::Pin, 60.0),
    Column::managed(Text::State, 100.0).always(),
];

pub const SENSORS: &[Column] = &[
    Column::managed(Text::Name, 0.0).always(),
    Column::managed(Text::SensorId, 150.0),
    Column::managed(Text::Store, 0.0).always(),
    Column::managed(Text::StandsIn, 100.0),
    Column::managed(Text::Low, 90.0).right().always(),
    Column::managed(Text::High, 90.0).right().always(),
];

pub const KEYS: &[Column] = &[
    Column::managed(Text::Name, 0.0).always(),
    Column::managed(Text::May, 190.0),
    Column::managed(Text::ForSensors, 0.0),
    Column::managed(Text::Made, 134.0),
    Column::managed(Text::LastUse, 134.0).always(),
    Column::managed(Text::State, 130.0).always(),
];

pub const TILLS: &[Column] = &[
    Column::managed(Text::Name, 0.0).always(),
    Column::managed(Text::MaySendFor, 0.0),
    Column::managed(Text::Enrolled, 134.0),
    Column::managed(Text::State, 130.0).always(),
];

pub const HISTORY: &[Column] = &[
    Column::managed(Text::When, 134.0).always(),
    Column::managed(Text::Who, 170.0).always(),
    Column::managed(Text::WhatChanged, 200.0).always(),
    Column::managed(Text::Subject, 0.0).always(),
];

pub fn product(product: &Product, context: &Context) -> Vec<Cell> {
    let periods = product.price_lists.iter().map(|list| list.periods.len()).sum::<usize>();
    let periods = i64::try_from(periods).unwrap_or(i64::MAX);
    let words = match periods {
        0 => "–".to_owned(),
        1 => Text::OnePeriod.get(context.lang).to_owned(),
        _ => Text::Periods.with(context.lang, &[("n", &periods)]),
    };
    let minimum = product.minimum_thousandths;
    let least = if minimum.0 > 0 { amount(minimum, product.unit) } else { "–".to_owned() };
    vec![
        Cell::number(product.number.to_string(), product.number),
        Cell::text(product.name.as_str()),
        Cell::text(product.code.as_deref().unwrap_or("–")),
        Cell::text(product.unit.symbol()),
        Cell::number(least, minimum.0),
        Cell::money(Some(product.price_cents)),
        Cell::number(words, periods),
        Cell::text(active(product.active, context)),
    ]
}

fn active(active: bool, context: &Context) -> &'static str {
    if active { Text::Active.get(context.lang) } else { Text::Inactive.get(context.lang) }
}

pub fn store(store: &Store, chain: &str, _: &Context) -> Vec<Cell> {
    let limits = &store.discount_limits;
    let percent = |percent: tillwatch_shared::discount::Percent| Cell::number(percent.to_string(), percent.0);
    vec![
        Cell::text(store.name.as_str()),
        Cell::text(chain),
        Cell::text(store.cnpj_masked.as_deref().unwrap_or("–")),
        Cell::text(store.zone.as_str()),
        percent(limits.seller),
        percent(limits.manager),
        percent(limits.admin),
    ]
}

pub const fn role(role: Role) -> texts::Text {
    match role {
        Role::Seller => texts::Text::Seller,
        Role::Manager => texts::Text::Manager,
        Role::Admin => texts::Text::Admin,
    }
}

pub fn person(person: &Person, context: &Context) -> Vec<Cell> {
    let everywhere = person.role == Role::Admin;
    let stores: Vec<&str> = person.stores.iter().map(|id| context.store(*id)).collect();
    let stores = if everywhere { Text::AllStores.get(context.lang).to_owned() } else { stores.join(", ") };
    let (state, tone) = if person.active { (Text::Active, None) } else { (Text::Gone, Some(Tone::Neutral)) };
    vec![
        Cell::text(person.name.as_str()),
        Cell::text(person.username.as_str()),
        Cell::number(role(person.role).get(context.lang), person.role as i64),
        Cell::text(stores),
        Cell::text(if person.has_pin { Text::Yes.get(context.lang) } else { "–" }),
        Cell::text(state.get(context.lang)).tone(tone),
    ]
}

pub fn works_in(person: &Person, store: StoreId) -> bool {
    person.role == Role::Admin || person.stores.contains(&store)
}

/// `2,5 °C`
pub fn celsius(value: Option<f64>) -> Cell {
    #[expect(clippy::cast_possible_truncation, reason = "only the order of temperatures is needed")]
    value.map_or_else(
        || Cell::number("–", i64::MIN),
        |value| Cell::number(format!("{} °C", format::decimal(value, 1)), (value * 1_000.0) as i64),
    )
}

pub fn sensor(sensor: &Sensor, context: &Context) -> Vec<Cell> {
    let place = sensor.store_id.map_or_else(
        || Cell::text(Text::NotPlaced.get(context.lang)).tone(Tone::Attention),
        |store| Cell::text(context.store(store)),
    );
    vec![
        Cell::text(sensor.name.as_str()),
        Cell::text(sensor.id.to_string()),
        place,
        Cell::text(texts::sensor_kind(sensor.kind).get(context.lang)),
        celsius(sensor.low_celsius),
        celsius(sensor.high_celsius),
    ]
}

pub const fn scope(scope: KeyScope) -> Text {
    match scope {
        KeyScope::WriteReadings => Text::MayWrite,
        KeyScope::ReadLive => Text::MayListen,
    }
}

pub fn key(key: &ApiKey, context: &Context) -> Vec<Cell> {
    let lang = context.lang;
    let may: Vec<&str> = key.scopes.iter().map(|one| scope(*one).get(lang)).collect();
    let sensors: Vec<String> = key.sensors.iter().map(ToString::to_string).collect();
    let sensors = if sensors.is_empty() { Text::AllSensors.get(lang).to_owned() } else { sensors.join(", ") };
    let expired = key.expires_at.is_some_and(|at| at <= context.now);
    let (state, tone) = match (key.revoked, expired) {
        (true, _) => (Text::Revoked, Tone::Neutral),
        (false, true) => (Text::ExpiredKey, Tone::Attention),
        (false, false) => (Text::Valid, Tone::Good),
    };
    let used = key.last_used_at.map_or_else(
        || Cell::number(Text::Never.get(lang), 0),
        |at| Cell::number(format::date_time(at, &context.zone), at.0),
    );
    vec![
        Cell::text(key.name.as_str()),
        Cell::text(may.join(", ")),
        Cell::text(sensors),
        Cell::number(format::date_time(key.created_at, &context.zone), key.created_at.0),
        used,
        Cell::text(state.get(lang)).tone(tone),
    ]
}

pub fn till(till: &Till, context: &Context) -> Vec<Cell> {
    let people: Vec<&str> = till.people.iter().map(|person| person.name.as_str()).collect();
    let (state, tone) = if till.revoked { (Text::ShutOut, Tone::Neutral) } else { (Text::Valid, Tone::Good) };
    vec![
        Cell::text(till.name.as_str()),
        Cell::text(if people.is_empty() { "–".to_owned() } else { people.join(", ") }),
        Cell::number(format::date_time(till.enrolled_at, &context.zone), till.enrolled_at.0),
        Cell::text(state.get(context.lang)).tone(tone),
    ]
}

pub fn change(change: &Change, who: &str, context: &Context) -> Vec<Cell> {
    let told = manage_texts::told(&change.event);
    let (kind, subject) = told.map_or((Text::SomethingElse, String::new()), |told| told);
    vec![
        Cell::number(format::date_time(change.server_at, &context.zone), change.server_at.0),
        Cell::text(if who.is_empty() { Text::TheServer.get(context.lang) } else { who }),
        Cell::text(kind.get(context.lang)),
        Cell::text(subject),
    ]
}
