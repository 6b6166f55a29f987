//! A made-up chain of shops: for the tests, and for measuring frames without a server.

pub mod alarms;
pub mod feeds;
pub mod goods;
pub mod keeping;
pub mod manage;
pub mod money;
pub mod notes;
mod reports;
pub mod server;
pub mod servers;
pub mod sheet_import;
pub mod sheets;
pub mod stage;
pub mod terminals;

use std::sync::Arc;

use tillwatch_shared::api::{
    Battery, Chain, DayTotal, DiscountLimits, Envelope, Payment, PaymentMethod, Person, Reading, Role, Sale,
    SaleLine, Sensor, SensorKind, Series, SeriesAnswer, Session, SessionEvent, StockEntry, StockEntryKind,
    StockLevel, Store, Unit,
};
use tillwatch_shared::client::{SeriesQuery, Step};
use tillwatch_shared::ids::StockEntryId;
use tillwatch_shared::time::{DEFAULT_ZONE, HOUR, MINUTE, SECOND};
use tillwatch_shared::{
    Cents, ChainId, PersonId, ProductId, Quantity, SaleId, SensorId, SessionId, StoreId, UtcMicros,
};
use uuid::Uuid;

pub use reports::report;

use crate::input::Answer;
use crate::saving::{FileAnswer, FileEffect};

/// 2026-12-31 21:05:09 in São Paulo.
pub const NOW: UtcMicros = UtcMicros(1_798_761_909_000_000);

const STORES: [&str; 6] = [
    "Loja Centro",
    "Loja Bairro Novo",
    "MAX ATACADO Zona Norte",
    "ATAKADAO Rodoviária",
    "LOJAS MARTINS Shopping Iguatemi Praça de Alimentação",
    "LOJAS MARTINS Praia",
];
const PRODUCTS: [&str; 8] = [
    "",
    "Pão de queijo congelado",
    "Leite integral 1 L",
    "Queijo minas frescal artesanal da Serra da Canastra, peça inteira de aproximadamente 1 kg, maturado",
    "Arroz agulhinha tipo 1 pacote de 5 kg",
    "Dipirona 500 mg",
    "Parafuso 10mm",
    "Vacina tríplice viral, frasco de 10 doses",
];
const PEOPLE: [&str; 3] = ["Maria das Dores", "Lucas", "João Batista de Albuquerque Cavalcanti Neto"];
/// Name, kind, usual temperature, and the ends of the band.
type MadeUpSensor = (&'static str, SensorKind, f64, Option<f64>, Option<f64>);
const SENSORS: [MadeUpSensor; 6] = [
    ("Geladeira 1", SensorKind::Fridge, 4.2, Some(2.0), Some(8.0)),
    ("Geladeira 2", SensorKind::Fridge, 9.1, Some(2.0), Some(8.0)),
    ("Freezer do fundo", SensorKind::Freezer, -18.5, None, Some(-15.0)),
    ("Depósito", SensorKind::Room, 24.0, None, None),
    ("Geladeira de vacinas da sala de aplicação (corredor)", SensorKind::Fridge, 5.0, Some(2.0), Some(8.0)),
    ("Balcão refrigerado", SensorKind::Fridge, 3.1, Some(0.0), Some(6.0)),
];

fn uuid(kind: u128, number: i64) -> Uuid {
    Uuid::from_u128((kind << 96) | u128::from(number.unsigned_abs()) | (u128::from(number < 0) << 64))
}

fn cycle<T: Copy>(items: &[T], index: usize) -> Option<T> {
    items.get(index % items.len().max(1)).copied()
}

pub fn store(index: usize) -> Store {
    let number = i64::try_from(index).unwrap_or_default();
    Store {
        id: StoreId(uuid(1, number)),
        chain_id: ChainId(uuid(2, 1)),
        name: cycle(&STORES, index).unwrap_or_default().to_owned(),
        cnpj_masked: None,
        cnpj: None,
        zone: DEFAULT_ZONE.to_owned(),
        created_at: UtcMicros(0),
        discount_limits: DiscountLimits::default(),
    }
}

pub fn chain() -> Chain {
    Chain { id: ChainId(uuid(2, 1)), name: "MAX ATACADO".to_owned(), created_at: UtcMicros(0) }
}

pub fn product_id(number: i64) -> ProductId {
    ProductId(uuid(3, number))
}

pub fn session(stores: usize) -> Arc<Session> {
    let stores: Vec<Store> = (0..stores).map(store).collect();
    let person = Person {
        id: PersonId(uuid(4, 1)),
        username: "lucas".to_owned(),
        name: "Lucas".to_owned(),
        role: Role::Manager,
        cpf_masked: None,
        has_pin: false,
        stores: stores.iter().map(|s| s.id).collect(),
        active: true,
        created_at: UtcMicros(0),
    };
    Arc::new(Session {
        id: SessionId(uuid(5, 1)),
        access_token: "made-up".to_owned(),
        access_expires_at: NOW.plus(15 * MINUTE),
        refresh_token: "made-up".to_owned(),
        refresh_expires_at: NOW.plus(HOUR),
        person,
        stores,
        mandate: None,
    })
}

/// Somebody signs in at a till.
pub fn sign_in(number: i64) -> SessionEvent {
    SessionEvent {
        session_id: SessionId(uuid(5, number)),
        person_id: PersonId(uuid(4, 2)),
        person_name: "Maria das Dores".to_owned(),
        device: Some("Caixa 2".to_owned()),
        generation: 1,
        refresh_expires_at: NOW.plus(HOUR),
        reason: None,
    }
}

fn line(number: i64, name: &str, quantity: i64, price: i64) -> SaleLine {
    let (quantity, price) = (Quantity(quantity), Cents(price));
    SaleLine {
        product_id: product_id(number),
        product_name: name.to_owned(),
        quantity_thousandths: quantity,
        unit_price_cents: price,
        discount_cents: Cents::ZERO,
        total_cents: price.times(quantity).unwrap_or_default(),
        share_cents: Cents::ZERO,
        lots: Vec::new(),
        counted_since: false,
    }
}

pub fn sale(number: i64, store_index: usize, at: UtcMicros) -> Sale {
    let store = store(store_index);
    let lines = vec![
        line(1, "Pão de queijo congelado", 450 + number % 5 * 10, 3_990),
        line(2, "Leite integral 1 L", 3_000, 549),
        line(3, "Arroz agulhinha tipo 1 pacote de 5 kg", 1_000, 2_790),
    ];
    let total: Cents = lines.iter().map(|l| l.total_cents).sum();
    Sale {
        id: SaleId(uuid(6, number)),
        number,
        store_id: store.id,
        store_name: store.name,
        person_id: PersonId(uuid(4, 1)),
        person_name: "Lucas".to_owned(),
        till: Some("Caixa 2".to_owned()),
        lines,
        payments: vec![Payment { method: PaymentMethod::Cash, amount_cents: Cents(total.0 + 67) }],
        total_cents: total,
        change_cents: Cents(67),
        discount_cents: Cents::ZERO,
        approved_by: None,
        approved_by_name: None,
        customer_cpf: None,
        customer_cpf_masked: None,
        business_day: "2026-12-31".to_owned(),
        sold_at: at,
        received_at: at,
        returned: None,
        cash_session: None,
        customer_name: None,
    }
}

pub fn entry(number: i64, store_index: usize, at: UtcMicros) -> StockEntry {
    let store = store(store_index);
    let person = usize::try_from(number.unsigned_abs()).ok().and_then(|n| cycle(&PEOPLE, n * 2));
    StockEntry {
        id: StockEntryId(uuid(7, number)),
        number,
        kind: if number % 4 == 0 { StockEntryKind::Adjust } else { StockEntryKind::Receive },
        store_id: store.id,
        store_name: store.name,
        product_id: product_id(10),
        product_number: 10,
        product_name: "Parafuso 10mm".to_owned(),
        unit: Unit::Un,
        quantity_thousandths: Quantity(50_000),
        moved_thousandths: Quantity(50_000),
        balance_after_thousandths: Quantity(118_000),
        reason: (number % 4 == 0).then(|| "Quebra na descarga".to_owned()),
        lots: Vec::new(),
        person_id: PersonId(uuid(4, 2)),
        person_name: person.unwrap_or_default().to_owned(),
        recorded_at: at,
        received_at: at,
    }
}

pub fn level(store_index: usize, number: i64, balance: i64, minimum: i64) -> StockLevel {
    StockLevel {
        store_id: store(store_index).id,
        product_id: product_id(number),
        product_number: number,
        product_name: format!("Produto {number}"),
        unit: if number % 3 == 0 { Unit::Kg } else { Unit::Un },
        balance_thousandths: Quantity(balance),
        minimum_thousandths: Quantity(minimum),
        low: minimum > 0 && balance <= minimum,
        changed_until: 1,
    }
}

pub fn day_totals(stores: usize) -> Vec<DayTotal> {
    (0..stores)
        .map(|index| {
            let store = store(index);
            let sales = i64::try_from(index * 37 % 120).unwrap_or_default();
            DayTotal {
                store_id: store.id,
                store_name: store.name,
                business_day: "2026-12-31".to_owned(),
                sales,
                total_cents: Cents(sales * 3_820),
                returns: sales / 50,
                returned_cents: Cents(sales / 50 * 1_990),
            }
        })
        .collect()
}

pub fn sensor_id(index: usize) -> SensorId {
    SensorId::Text(format!("sensor-{index}"))
}

/// Sensors with a reading of five seconds ago; every seventh has been silent for an hour.
pub fn sensors(count: usize, now: UtcMicros) -> Vec<Sensor> {
    (0..count)
        .filter_map(|index| {
            let (name, kind, celsius, low_celsius, high_celsius) = cycle(&SENSORS, index)?;
            let round = index / SENSORS.len();
            let at = now.plus(if index % 7 == 6 { -HOUR } else { -5 * SECOND });
            Some(Sensor {
                id: sensor_id(index),
                name: if round == 0 { name.to_owned() } else { format!("{name} ({})", round + 1) },
                store_id: Some(store(index % 2).id),
                kind,
                low_celsius,
                high_celsius,
                last: Some(Reading {
                    temperature: celsius,
                    raw_temperature: None,
                    humidity: 61.0,
                    pressure: 1013.2,
                    measured_at: at,
                    received_at: at,
                }),
                silent_after_micros: None,
                battery: battery_of(index).map(|percent| Battery { percent, measured_at: at }),
            })
        })
        .collect()
}

/// Two of the sensors run on a battery, and one of these is low.
const fn battery_of(index: usize) -> Option<u8> {
    match index {
        2 => Some(84),
        3 => Some(17),
        _ => None,
    }
}

/// An answer as a server would give it: waves, a door opening now and then, and one gap.
pub fn series(query: &SeriesQuery) -> SeriesAnswer {
    let span = query.to.since(query.from).max(1);
    let step = match query.step {
        Step::Points(points) => (span / i64::from(points.max(1))).max(SECOND),
        Step::Micros(step) => step.max(1),
    };
    let first = query.from.0.div_euclid(step);
    let last = query.to.0.div_euclid(step);
    let gap = (query.from.0 + span * 2 / 5)..(query.from.0 + span * 9 / 20);
    let starts: Vec<i64> = (first..=last)
        .map(|n| n * step)
        .filter(|s| matches!(query.step, Step::Micros(_)) || !gap.contains(s))
        .collect();
    let calibrated = starts.iter().any(|start| *start >= NOW.0 + notes::CALIBRATED);
    let series = query.sensors.iter().enumerate().map(|(index, id)| {
        let base = cycle(&SENSORS, sensor_index(id).unwrap_or(index)).map_or(0.0, |s| s.2);
        Series {
            sensor_id: id.clone(),
            count: vec![u32::try_from(step / SECOND).unwrap_or(1).max(1); starts.len()],
            temperature: envelope(&starts, base, 0.6),
            raw_temperature: calibrated.then(|| raw(&starts, base)),
            humidity: envelope(&starts, 61.0, 4.0),
            pressure: envelope(&starts, 1013.0, 1.5),
            start_micros: starts.clone(),
        }
    });
    SeriesAnswer { step_micros: step, from: query.from, to: query.to, series: series.collect() }
}

/// As sent: the calibration of [`notes`] adds its offset from its moment on.
fn raw(starts: &[i64], base: f64) -> Envelope {
    let mut raw = envelope(starts, base, 0.6);
    for column in [&mut raw.min, &mut raw.max, &mut raw.mean] {
        for (value, start) in column.iter_mut().zip(starts) {
            *value -= if *start >= NOW.0 + notes::CALIBRATED { notes::OFFSET } else { 0.0 };
        }
    }
    raw
}

fn sensor_index(id: &SensorId) -> Option<usize> {
    match id {
        SensorId::Text(text) => text.strip_prefix("sensor-")?.parse().ok(),
        SensorId::Number(_) => None,
    }
}

fn envelope(starts: &[i64], base: f64, swing: f64) -> Envelope {
    let mean = |start: &i64| {
        let minutes = *start as f64 / MINUTE as f64;
        let door = if (minutes / 7.0).sin() > 0.96 { swing * 1.5 } else { 0.0 };
        base + swing * (minutes / 5.3).sin() + swing * 0.3 * (minutes * 2.1).sin() + door
    };
    Envelope {
        min: starts.iter().map(|s| mean(s) - swing * 0.35).collect(),
        max: starts.iter().map(|s| mean(s) + swing * 0.45).collect(),
        mean: starts.iter().map(mean).collect(),
    }
}

/// A file, under its name among the downloads.
fn saved(file: &FileEffect) -> Option<Answer> {
    let (name, end) = match file {
        FileEffect::Bytes { name, end, .. } => (name, *end),
        FileEffect::Paper { name, .. } => (name, "pdf"),
        FileEffect::Report { name, file, .. } | FileEffect::Sheet { name, file, .. } => (name, file.word()),
        FileEffect::List { name, .. } | FileEffect::Products { name } => (name, "csv"),
        FileEffect::Messages(_) | FileEffect::Stop => return None,
    };
    Some(Answer::File(FileAnswer::Saved(Ok(format!("/home/lucas/Downloads/{name}.{end}").into()))))
}
