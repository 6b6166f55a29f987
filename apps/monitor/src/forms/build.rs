//! Forms as they are opened: filled in with what is there.

use tillwatch_desk::Lang;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{KeyScope, Person, PriceList, Product, Role, Sensor, SensorKind, Store, Unit};
use tillwatch_shared::time::DEFAULT_ZONE;
use tillwatch_shared::{Cents, StoreId, limits};

use super::{About, Choice, Field, Form, Kind, Part, Step, alarms, sensor_notes};
use crate::asking::Wait;
use crate::lists::{Row, Topic};
use crate::lists_texts::Word;
use crate::manage_texts::Text;
use crate::reports::written;
use crate::state::State;
use crate::texts;

/// The units in which something is sold.
pub const UNITS: [Unit; 8] = [Unit::Un, Unit::Kg, Unit::G, Unit::L, Unit::Ml, Unit::M, Unit::Cx, Unit::Pct];
/// The zones of Brazil.
const ZONES: [&str; 5] =
    [DEFAULT_ZONE, "America/Manaus", "America/Cuiaba", "America/Rio_Branco", "America/Noronha"];
/// The key of all stores, or of something that is so.
pub const ALL: &str = "all";
pub const YES: &str = "yes";
pub const NO: &str = "no";

/// The form, filled in; nothing when what it is about is not there, or the person may not open it.
pub fn open(about: About, state: &State) -> Option<Form> {
    let lang = state.lang();
    let zone = sensor_notes::zone(&about, state);
    let (subject, fields, lists) = match &about {
        About::NewProduct => (String::new(), product(None, lang), Vec::new()),
        About::Product(id) => {
            let Row::Product(found) = row(state, Topic::Products, &id.to_string())? else { return None };
            (found.name.clone(), product(Some(found), lang), Vec::new())
        }
        About::Prices(id) => {
            let Row::Product(found) = row(state, Topic::Products, &id.to_string())? else { return None };
            (found.name.clone(), prices(state), found.price_lists.clone())
        }
        About::NewStore => (String::new(), new_store(state)?, Vec::new()),
        About::Store(id) => {
            let Row::Store(found, _) = row(state, Topic::Stores, &id.to_string())? else { return None };
            (found.name.clone(), store(found), Vec::new())
        }
        About::Limits(id) => {
            let Row::Store(found, _) = row(state, Topic::Stores, &id.to_string())? else { return None };
            (found.name.clone(), discounts(found), Vec::new())
        }
        About::NewPerson => (String::new(), new_person(state), Vec::new()),
        About::Person(id) => {
            let Row::Person(found) = row(state, Topic::People, &id.to_string())? else { return None };
            (found.name.clone(), person(found, state), Vec::new())
        }
        About::Sensor(id) => {
            let Row::Sensor(found) = row(state, Topic::Sensors, &id.to_string())? else { return None };
            (found.name.clone(), sensor(found, state), Vec::new())
        }
        About::NewKey => (String::new(), new_key(lang), Vec::new()),
        About::RevokeKey(id) => {
            let Row::Key(found) = row(state, Topic::Keys, &id.to_string())? else { return None };
            (found.name.clone(), Vec::new(), Vec::new())
        }
        About::ShutOutTill(id) => {
            let Row::Till(found) = row(state, Topic::Tills, &id.to_string())? else { return None };
            (found.name.clone(), Vec::new(), Vec::new())
        }
        About::Acknowledge(id) => with_no_lists(alarms::care(*id, state)?),
        About::NewRule => (String::new(), alarms::new_rule(state), Vec::new()),
        About::Rule(id) => with_no_lists(alarms::rule(*id, true, state)?),
        About::RemoveRule(id) => with_no_lists(alarms::rule(*id, false, state)?),
        About::Calibrate(sensor) => with_no_lists(sensor_notes::calibrate(sensor, state, &zone)?),
        About::WithdrawCalibration(sensor, from) => {
            with_no_lists(sensor_notes::withdraw_calibration(sensor, *from, state)?)
        }
        About::Annotate(sensor) => with_no_lists(sensor_notes::annotate(sensor, state, &zone)?),
        About::WithdrawNote(id) => with_no_lists(sensor_notes::withdraw_note(*id, state)?),
        About::NewQuiet => (String::new(), alarms::quiet_fields(state), Vec::new()),
        About::EndQuiet(id) => with_no_lists(alarms::end_quiet(*id, state)?),
    };
    let mut form = Form {
        about,
        subject,
        fields,
        step: Step::Filling,
        tried: false,
        saving: false,
        failure: None,
        sent: None,
        secret: None,
        rehearsal: Remote::default(),
        rehearsed: 0.0,
        wait: Wait::default(),
        ticket: 0,
        opened_at: state.server_now(state.seen_at),
        zone,
        lists,
    };
    if form.is_danger() {
        form.step = Step::Reviewing;
    }
    offer_periods(&mut form, lang);
    Some(form)
}

fn with_no_lists((subject, fields): (String, Vec<Field>)) -> (String, Vec<Field>, Vec<PriceList>) {
    (subject, fields, Vec::new())
}

pub fn row<'s>(state: &'s State, topic: Topic, id: &str) -> Option<&'s Row> {
    state.lists.get(topic)?.find(id)
}

pub fn field(part: Part, label: impl Into<Word>, kind: Kind, value: impl Into<String>) -> Field {
    let value = value.into();
    Field { part, label: label.into(), kind, before: value.clone(), value }
}

/// Without anything before: what stands there by itself is told in the review.
pub fn fresh(part: Part, label: impl Into<Word>, kind: Kind, value: &str) -> Field {
    Field { before: String::new(), ..field(part, label, kind, value) }
}

pub const fn text(limit: usize) -> Kind {
    Kind::Text { hint: "", limit }
}

fn name(value: &str) -> Field {
    field(Part::Name, Text::Name, text(limits::NAME_CHARS), value)
}

pub fn one<T: Copy>(of: &[T], key: impl Fn(T) -> String, name: impl Fn(T) -> String) -> Kind {
    Kind::One(of.iter().map(|one| (key(*one), name(*one))).collect())
}

fn product(product: Option<&Product>, lang: Lang) -> Vec<Field> {
    let units = one(&UNITS, |unit| unit.symbol().to_owned(), |unit| unit.symbol().to_owned());
    let unit = product.map(|product| product.unit).unwrap_or_default().symbol();
    let price = product.map(|product| product.price_cents.plain()).unwrap_or_default();
    let least = product.map(|product| product.minimum_thousandths).filter(|least| least.0 > 0);
    let code = product.and_then(|product| product.code.as_deref()).unwrap_or_default();
    let mut fields = vec![
        name(product.map(|product| product.name.as_str()).unwrap_or_default()),
        field(Part::Code, Text::CodeField, text(limits::CODE_CHARS), code),
        if product.is_some() {
            field(Part::Unit, Text::SoldBy, units, unit)
        } else {
            fresh(Part::Unit, Text::SoldBy, units, unit)
        },
        field(Part::Price, Text::UsualPrice, Kind::Amount { hint: "0,00" }, price),
        field(
            Part::Minimum,
            Text::MinimumField,
            Kind::Amount { hint: "0" },
            least.map(|least| least.to_string()).unwrap_or_default(),
        ),
    ];
    if let Some(product) = product {
        fields.push(yes_or_no(Part::Active, Text::OnSale, product.active, lang));
    }
    fields
}

pub fn yes_or_no(part: Part, label: impl Into<Word>, is: bool, lang: Lang) -> Field {
    let choices = [(YES, Text::Yes), (NO, Text::No)];
    let choices = choices.map(|(key, text)| (key.to_owned(), text.get(lang).to_owned()));
    field(part, label, Kind::One(choices.to_vec()), if is { YES } else { NO })
}

pub fn stores(state: &State) -> Vec<Choice> {
    state.stores().iter().map(|store| (store.id.to_string(), store.name.clone())).collect()
}

fn prices(state: &State) -> Vec<Field> {
    let mut places = vec![(ALL.to_owned(), Text::Everywhere.get(state.lang()).to_owned())];
    places.extend(stores(state));
    let day = |hint| Kind::Text { hint, limit: 10 };
    vec![
        field(Part::Store, Text::Where, Kind::One(places), ALL),
        field(Part::Kept, Text::Kept, Kind::Many(Vec::new()), ""),
        field(Part::Price, Text::NewPrice, Kind::Amount { hint: "0,00" }, ""),
        field(Part::FirstDay, Text::FirstDay, day("31/12/2026"), ""),
        field(Part::LastDay, Text::LastDay, day("31/12/2026"), ""),
    ]
}

/// The store of a form about prices; none for all stores.
pub fn place(form: &Form) -> Option<StoreId> {
    form.value(Part::Store).parse().ok()
}

/// The list of the chosen stores, as it is.
pub fn list(form: &Form) -> PriceList {
    let store_id = place(form);
    let found = form.lists.iter().find(|list| list.store_id == store_id).cloned();
    found.unwrap_or(PriceList { store_id, periods: Vec::new() })
}

/// The periods of the chosen stores' list, all of them staying.
pub fn offer_periods(form: &mut Form, lang: Lang) {
    let periods: Vec<Choice> = list(form)
        .periods
        .iter()
        .map(|period| {
            let (price, from) = (period.price_cents, written(period.first_day));
            let words = match period.last_day {
                Some(last) => {
                    Text::FromTo.with(lang, &[("price", &price), ("from", &from), ("to", &written(last))])
                }
                None => Text::FromOn.with(lang, &[("price", &price), ("from", &from)]),
            };
            (period.first_day.to_string(), words)
        })
        .collect();
    if let Some(field) = form.fields.iter_mut().find(|field| field.part == Part::Kept) {
        let keys: Vec<&str> = periods.iter().map(|(key, _)| key.as_str()).collect();
        field.value = keys.join(" ");
        field.before.clone_from(&field.value);
        field.kind = Kind::Many(periods);
    }
}

fn new_store(state: &State) -> Option<Vec<Field>> {
    let chains = state.reports.chains.value()?;
    let first = chains.first().map(|chain| chain.id.to_string()).unwrap_or_default();
    let chains = chains.iter().map(|chain| (chain.id.to_string(), chain.name.clone())).collect();
    Some(vec![
        name(""),
        fresh(Part::Chain, Text::Chain, Kind::One(chains), &first),
        field(Part::Cnpj, Text::CnpjField, Kind::Text { hint: "00.000.000/0000-00", limit: 18 }, ""),
        fresh(Part::Zone, Text::Zone, zones(DEFAULT_ZONE), DEFAULT_ZONE),
    ])
}

fn zones(own: &str) -> Kind {
    let mut all = ZONES.to_vec();
    if !all.contains(&own) {
        all.push(own);
    }
    Kind::One(all.into_iter().map(|zone| (zone.to_owned(), zone.to_owned())).collect())
}

fn store(store: &Store) -> Vec<Field> {
    vec![
        name(&store.name),
        field(Part::Cnpj, Text::NewCnpj, Kind::Text { hint: "00.000.000/0000-00", limit: 18 }, ""),
        field(Part::Zone, Text::Zone, zones(&store.zone), store.zone.as_str()),
    ]
}

fn discounts(store: &Store) -> Vec<Field> {
    let limits = &store.discount_limits;
    let percent = |part, label: Text, value: tillwatch_shared::discount::Percent| {
        field(part, label, Kind::Percent, value.to_string())
    };
    vec![
        percent(Part::SellerLimit, Text::SellerMay, limits.seller),
        percent(Part::ManagerLimit, Text::ManagerMay, limits.manager),
        percent(Part::AdminLimit, Text::AdminMay, limits.admin),
    ]
}

pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Seller => "seller",
        Role::Manager => "manager",
        Role::Admin => "admin",
    }
}

pub const ROLES: [Role; 3] = [Role::Seller, Role::Manager, Role::Admin];

/// The roles that this person may give: managers those below their own.
fn roles(state: &State) -> Kind {
    let own = state.signed_in.as_ref().map(|signed_in| signed_in.person.role);
    let may = |role: Role| own == Some(Role::Admin) || Some(role) < own;
    let lang = state.lang();
    let offered = ROLES.into_iter().filter(|role| may(*role));
    Kind::One(offered.map(|role| (role_key(role).to_owned(), role_name(role, lang))).collect())
}

fn role_name(role: Role, lang: Lang) -> String {
    let text = match role {
        Role::Seller => texts::Text::Seller,
        Role::Manager => texts::Text::Manager,
        Role::Admin => texts::Text::Admin,
    };
    text.get(lang).to_owned()
}

fn new_person(state: &State) -> Vec<Field> {
    let first = state.stores().first().map(|store| store.id.to_string()).unwrap_or_default();
    vec![
        name(""),
        field(Part::Username, Text::Username, text(limits::USERNAME_CHARS), ""),
        field(Part::Password, Text::Password, Kind::Secret, ""),
        fresh(Part::Role, Text::Role, roles(state), role_key(Role::Seller)),
        fresh(Part::Stores, Text::StoresOf, Kind::Many(stores(state)), &first),
        field(Part::Cpf, Text::Cpf, Kind::Text { hint: "000.000.000-00", limit: 14 }, ""),
    ]
}

fn person(person: &Person, state: &State) -> Vec<Field> {
    let own: Vec<String> = person.stores.iter().map(ToString::to_string).collect();
    let mut fields = vec![name(&person.name)];
    if let Kind::One(mut offered) = roles(state) {
        let key = role_key(person.role);
        if offered.iter().all(|(other, _)| other != key) {
            offered.push((key.to_owned(), role_name(person.role, state.lang())));
        }
        fields.push(field(Part::Role, Text::Role, Kind::One(offered), key));
    }
    fields.extend([
        field(Part::Stores, Text::StoresOf, Kind::Many(stores(state)), own.join(" ")),
        field(Part::Pin, Text::NewPin, Kind::Secret, ""),
        field(Part::Password, Text::NewPassword, Kind::Secret, ""),
        yes_or_no(Part::Active, Text::Access, person.active, state.lang()),
    ]);
    fields
}

pub const fn place_key(kind: SensorKind) -> &'static str {
    match kind {
        SensorKind::Fridge => "fridge",
        SensorKind::Freezer => "freezer",
        SensorKind::Room => "room",
    }
}

pub const PLACES: [SensorKind; 3] = [SensorKind::Fridge, SensorKind::Freezer, SensorKind::Room];

fn sensor(sensor: &Sensor, state: &State) -> Vec<Field> {
    let lang = state.lang();
    let celsius =
        |value: Option<f64>| value.map(|value| format!("{value}").replace('.', ",")).unwrap_or_default();
    let places =
        one(&PLACES, |kind| place_key(kind).to_owned(), |kind| texts::sensor_kind(kind).get(lang).to_owned());
    let store = sensor.store_id.map(|store| store.to_string()).unwrap_or_default();
    vec![
        name(&sensor.name),
        field(Part::Store, Text::Store, Kind::One(stores(state)), store),
        field(Part::StandsIn, Text::StandsIn, places, place_key(sensor.kind)),
        field(Part::Low, Text::LowField, Kind::Amount { hint: "2,0" }, celsius(sensor.low_celsius)),
        field(Part::High, Text::HighField, Kind::Amount { hint: "8,0" }, celsius(sensor.high_celsius)),
    ]
}

pub const fn scope_key(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::WriteReadings => "write",
        KeyScope::ReadLive => "listen",
    }
}

pub const SCOPES: [KeyScope; 2] = [KeyScope::WriteReadings, KeyScope::ReadLive];

fn new_key(lang: Lang) -> Vec<Field> {
    let name_of = |scope| match scope {
        KeyScope::WriteReadings => Text::MayWrite,
        KeyScope::ReadLive => Text::MayListen,
    };
    let offered = SCOPES.map(|scope| (scope_key(scope).to_owned(), name_of(scope).get(lang).to_owned()));
    vec![
        name(""),
        fresh(Part::Scopes, Text::May, Kind::Many(offered.to_vec()), scope_key(KeyScope::WriteReadings)),
        field(Part::Expires, Text::Expires, Kind::Text { hint: "31/12/2026", limit: 10 }, ""),
    ]
}

/// An amount that may be left out: nothing then.
pub fn amount_or_zero(text: &str) -> Option<Cents> {
    if text.is_empty() { Some(Cents::ZERO) } else { Cents::parse(text).ok().filter(|amount| amount.0 >= 0) }
}
