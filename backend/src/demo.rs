//! Demonstration data: chains, stores, people, products, stock, a week of sales and named sensors. Made
//! through the same commands as everything else, once, in an empty ledger.

use jiff::ToSpan;
use jiff::civil::time;
use tillwatch_shared::api::{
    Event, NewProduct, NewSale, NewSaleLine, NewStockEntry, Payment, PaymentMethod, Role, SensorKind,
    SensorSettings, StockEntryKind, Unit,
};
use tillwatch_shared::tax_id::{Cnpj, Cpf};
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, Quantity, SensorId, StoreId, UtcMicros};

use crate::auth::passwords;
use crate::domain::people::{AddPerson, Entry};
use crate::domain::products::AddProduct;
use crate::domain::sales::{RecordSale, line_total};
use crate::domain::sensors::SetSensor;
use crate::domain::stock::EnterStock;
use crate::domain::stores::{AddChain, AddStore};
use crate::domain::{Command, Payload};
use crate::http::App;
use crate::ledger::{SubmitError, queries};

const PASSWORD: &str = "1234";

/// Chain, then its stores with their CNPJ (made up, check digits right).
const CHAINS: [(&str, [(&str, &str); 2]); 3] = [
    ("MAX ATACADO", [("Max Atacado Centro", "11222333000181"), ("Max Atacado Boa Vista", "11222333000262")]),
    ("ATAKADAO", [("Atakadão Norte", "22333444000181"), ("Atakadão Sul", "22333444000262")]),
    ("LOJAS MARTINS", [("Martins Matriz", "33444555000181"), ("Martins Praça", "33444555000262")]),
];

/// User name, name, CPF, role, and the places of their stores in the list of all stores.
const PEOPLE: [(&str, &str, &str, Role, &[usize]); 5] = [
    ("ana", "Ana Souza", "12345678901", Role::Seller, &[0, 1]),
    ("bruno", "Bruno Lima", "52998224725", Role::Seller, &[1]),
    ("carla", "Carla Nogueira", "11144477735", Role::Seller, &[2, 3]),
    ("diego", "Diego Martins", "15350946056", Role::Seller, &[4, 5]),
    ("lucas", "Lucas Almeida", "56789012345", Role::Manager, &[0, 1, 2, 3, 4, 5]),
];

/// Name, code, unit, price in centavos, minimum and first stock in thousandths.
const PRODUCTS: [(&str, &str, Unit, i64, i64, i64); 16] = [
    ("Arroz branco 5 kg", "7891000100103", Unit::Un, 2790, 20_000, 120_000),
    ("Feijão carioca 1 kg", "7891000053508", Unit::Un, 849, 20_000, 90_000),
    ("Açúcar refinado 1 kg", "7891000244234", Unit::Un, 479, 30_000, 85_000),
    ("Café torrado 500 g", "7891000315507", Unit::Un, 1890, 15_000, 48_000),
    ("Leite integral 1 L", "7891000000106", Unit::L, 549, 40_000, 118_000),
    ("Leite em pó 400 g", "7891000012345", Unit::Un, 1890, 5_000, 36_000),
    ("Queijo minas", "QM-01", Unit::Kg, 3990, 4_000, 12_500),
    ("Presunto cozido", "PC-02", Unit::Kg, 2890, 3_000, 8_250),
    ("Iogurte natural 170 g", "7891000098769", Unit::Un, 329, 24_000, 60_000),
    ("Manteiga 200 g", "7891000077771", Unit::Un, 1249, 10_000, 38_000),
    ("Frango congelado", "FC-03", Unit::Kg, 1399, 10_000, 32_000),
    ("Vacina antigripal", "VA-10", Unit::Un, 8900, 6_000, 26_000),
    ("Óleo de soja 900 mL", "7891000055557", Unit::Un, 689, 20_000, 64_000),
    ("Pão francês", "PF-04", Unit::Kg, 1690, 5_000, 15_000),
    ("Detergente 500 mL", "7891000066669", Unit::Un, 249, 24_000, 52_000),
    ("Sabão em pó 1,6 kg", "7891000088885", Unit::Un, 2190, 8_000, 42_000),
];

/// The sensors that `tillwatch simulate sensors` plays, all in the first store.
const SENSORS: [(&str, &str, SensorKind, f64, f64); 6] = [
    ("geladeira-1", "Geladeira de laticínios", SensorKind::Fridge, 2.0, 8.0),
    ("geladeira-2", "Geladeira de frios", SensorKind::Fridge, 2.0, 8.0),
    ("geladeira-3", "Geladeira de vacinas", SensorKind::Fridge, 2.0, 8.0),
    ("geladeira-4", "Geladeira de bebidas", SensorKind::Fridge, 2.0, 8.0),
    ("freezer-1", "Freezer de congelados", SensorKind::Freezer, -25.0, -12.0),
    ("ambiente", "Salão de vendas", SensorKind::Room, 15.0, 30.0),
];

/// Fills an empty ledger; leaves one that holds people as it is.
pub async fn fill(app: &App) -> Result<(), SubmitError> {
    let storage = |error: rusqlite::Error| SubmitError::Unavailable(error.to_string().into());
    if app.ledger.read(queries::people::anybody).map_err(storage)? {
        return Ok(());
    }
    let stores = stores(app).await?;
    let people = people(app, &stores).await?;
    let products = products(app).await?;
    stock(app, &stores, &products, &people).await?;
    sales(app, &stores, &products, &people).await?;
    sensors(app, &stores).await
}

async fn submit(
    app: &App,
    actor: Option<PersonId>,
    at: UtcMicros,
    payload: Payload,
) -> Result<(CommandId, Event), SubmitError> {
    let id = CommandId::now();
    let command = Command { id, actor, client_at: at, server_at: app.now(), payload };
    app.ledger.submit(command).await.map(|receipt| (id, receipt.event))
}

async fn stores(app: &App) -> Result<Vec<StoreId>, SubmitError> {
    let mut ids = Vec::new();
    for (chain, stores) in CHAINS {
        let payload = Payload::AddChain(AddChain { name: chain.to_owned() });
        let (chain, _) = submit(app, None, app.now(), payload).await?;
        for (name, cnpj) in stores {
            let payload = Payload::AddStore(AddStore {
                chain_id: tillwatch_shared::ChainId(chain.0),
                name: name.to_owned(),
                cnpj: Cnpj::parse(cnpj).ok(),
                zone: app.settings.zone.clone(),
            });
            let (id, _) = submit(app, None, app.now(), payload).await?;
            ids.push(StoreId(id.0));
        }
    }
    Ok(ids)
}

async fn people(app: &App, stores: &[StoreId]) -> Result<Vec<PersonId>, SubmitError> {
    let mut ids = Vec::new();
    for (username, name, cpf, role, places) in PEOPLE {
        let failed = |_| SubmitError::Unavailable("the password could not be hashed".into());
        let payload = Payload::AddPerson(AddPerson {
            username: username.to_owned(),
            name: Some(name.to_owned()),
            role,
            // Two of these numbers are known from the original systems and have wrong check digits.
            cpf: Cpf::parse_unchecked(cpf).ok(),
            stores: places.iter().filter_map(|place| stores.get(*place).copied()).collect(),
            entry: Entry::Added,
            password_hash: passwords::hash(PASSWORD).map_err(failed)?,
        });
        let (id, _) = submit(app, None, app.now(), payload).await?;
        ids.push(PersonId(id.0));
    }
    Ok(ids)
}

async fn products(app: &App) -> Result<Vec<ProductId>, SubmitError> {
    let mut ids = Vec::new();
    for (name, code, unit, price, minimum, _) in PRODUCTS {
        let product = NewProduct {
            name: name.to_owned(),
            code: Some(code.to_owned()),
            unit,
            price_cents: Cents(price),
            minimum_thousandths: Quantity(minimum),
        };
        let (id, _) = submit(app, None, app.now(), Payload::AddProduct(AddProduct { product })).await?;
        ids.push(ProductId(id.0));
    }
    Ok(ids)
}

async fn stock(
    app: &App,
    stores: &[StoreId],
    products: &[ProductId],
    people: &[PersonId],
) -> Result<(), SubmitError> {
    let manager = people.last().copied();
    for store in stores {
        for (product, (.., first)) in products.iter().zip(PRODUCTS) {
            let at = app.now().plus(-7 * tillwatch_shared::time::DAY);
            let entry = NewStockEntry {
                kind: StockEntryKind::Receive,
                store_id: *store,
                product_id: *product,
                quantity_thousandths: Quantity(first),
                reason: None,
                recorded_at: Some(at),
            };
            submit(app, manager, at, Payload::EnterStock(EnterStock { entry })).await?;
        }
    }
    Ok(())
}

/// A small generator, so that the demonstration is the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }
}

async fn sales(
    app: &App,
    stores: &[StoreId],
    products: &[ProductId],
    people: &[PersonId],
) -> Result<(), SubmitError> {
    let mut dice = Dice(2026);
    let now = app.now();
    for (place, store) in stores.iter().enumerate() {
        let seller = PEOPLE.iter().position(|(.., places)| places.contains(&place));
        let Some(seller) = seller.and_then(|position| people.get(position)).copied() else { continue };
        for sold_at in moments(app, now, &mut dice) {
            let sale = sale(*store, products, sold_at, &mut dice);
            submit(app, Some(seller), sold_at, Payload::RecordSale(RecordSale { sale })).await?;
        }
    }
    Ok(())
}

/// Some moments in the opening hours of today and the six days before, none after `now`.
fn moments(app: &App, now: UtcMicros, dice: &mut Dice) -> Vec<UtcMicros> {
    let zone = &app.settings.time_zone;
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let mut moments = Vec::new();
    for days_ago in (0..7).rev() {
        let Ok(day) = today.checked_sub(days_ago.days()) else { continue };
        let mut minute = 8 * 60 + dice.roll(40);
        while minute < 20 * 60 {
            let (hour, rest) =
                (i8::try_from(minute / 60).unwrap_or(8), i8::try_from(minute % 60).unwrap_or(0));
            let local = day.to_datetime(time(hour, rest, 0, 0));
            if let Ok(at) = local.to_zoned(zone.clone()) {
                moments.push(UtcMicros::from(at.timestamp()));
            }
            minute += 45 + dice.roll(120);
        }
    }
    moments.retain(|at| *at <= now);
    moments
}

fn sale(store: StoreId, products: &[ProductId], sold_at: UtcMicros, dice: &mut Dice) -> NewSale {
    let lines: Vec<NewSaleLine> = (0..=dice.roll(4))
        .filter_map(|_| {
            let position = dice.roll(products.len());
            let (_, _, unit, price, ..) = PRODUCTS.get(position)?;
            let whole = 1 + dice.roll(3) as i64;
            let weighed = 200 + 50 * dice.roll(20) as i64;
            let quantity = if *unit == Unit::Kg { Quantity(weighed) } else { Quantity(whole * 1000) };
            Some(NewSaleLine {
                product_id: *products.get(position)?,
                quantity_thousandths: quantity,
                unit_price_cents: Cents(*price),
            })
        })
        .collect();
    let total_cents: Cents = lines.iter().map(line_total).sum();
    let (method, amount_cents) = match dice.roll(4) {
        // Paid with the next full ten reais.
        0 => (PaymentMethod::Cash, Cents((total_cents.0 / 1000 + 1) * 1000)),
        1 => (PaymentMethod::Credit, total_cents),
        2 => (PaymentMethod::Debit, total_cents),
        _ => (PaymentMethod::Pix, total_cents),
    };
    let payments = vec![Payment { method, amount_cents }];
    NewSale {
        store_id: store,
        lines,
        payments,
        total_cents,
        till: Some("Caixa 1".into()),
        sold_at: Some(sold_at),
    }
}

async fn sensors(app: &App, stores: &[StoreId]) -> Result<(), SubmitError> {
    let Some(store_id) = stores.first().copied() else { return Ok(()) };
    for (id, name, kind, low, high) in SENSORS {
        let settings = SensorSettings {
            name: name.to_owned(),
            store_id,
            kind,
            low_celsius: Some(low),
            high_celsius: Some(high),
        };
        let sensor_id = SensorId::Text(id.to_owned());
        submit(app, None, app.now(), Payload::SetSensor(SetSensor { sensor_id, settings })).await?;
    }
    Ok(())
}
