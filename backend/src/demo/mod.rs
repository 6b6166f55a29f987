//! Demonstration data: chains, stores, people, products, stock, five weeks of sales and named sensors. Made
//! through the same commands as everything else, once, in an empty ledger.

mod alarms;
mod plan;

use std::collections::HashMap;

use futures_util::future::join_all;
use tillwatch_shared::api::{
    Event, NewProduct, NewStockEntry, Role, SensorKind, SensorSettings, StockEntryKind, Unit,
};
use tillwatch_shared::tax_id::{Cnpj, Cpf};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, Quantity, SensorId, StoreId, UtcMicros};

use crate::auth::passwords;
use crate::domain::people::{AddPerson, Entry};
use crate::domain::products::AddProduct;
use crate::domain::sales::RecordSale;
use crate::domain::sensors::SetSensor;
use crate::domain::stock::EnterStock;
use crate::domain::stores::{AddChain, AddStore};
use crate::domain::{Command, Payload};
use crate::http::App;
use crate::ledger::{SubmitError, queries};

use plan::Planned;

const PASSWORD: &str = "1234";

/// Commands that wait for one commit; far less than the writer's queue holds.
const AT_ONCE: usize = 256;

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
    let planned = plan::sales(&stores, &products, app.now(), &app.settings.time_zone);
    stock(app, &stores, &products, people.last().copied(), &planned).await?;
    sales(app, &people, planned).await?;
    sensors(app, &stores).await?;
    alarms::fill(app, stores.first().copied(), people.first().copied()).await
}

async fn submit(
    app: &App,
    actor: Option<PersonId>,
    at: UtcMicros,
    payload: Payload,
) -> Result<(CommandId, Event), SubmitError> {
    let id = CommandId::now();
    let command = Command { id, actor, till: None, client_at: at, server_at: app.now(), payload };
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

/// What the shelves hold at the beginning, and a week ago again: what was sold until then came in anew.
async fn stock(
    app: &App,
    stores: &[StoreId],
    products: &[ProductId],
    manager: Option<PersonId>,
    sales: &[Planned],
) -> Result<(), SubmitError> {
    let now = app.now();
    let (beginning, week_ago) = (now.plus(-i64::from(plan::DAYS) * DAY), now.plus(-7 * DAY));
    let mut sold: HashMap<(StoreId, ProductId), Quantity> = HashMap::new();
    for Planned { sale, .. } in sales.iter().filter(|planned| planned.sale.sold_at < Some(week_ago)) {
        for line in &sale.lines {
            sold.entry((sale.store_id, line.product_id)).or_default().0 += line.quantity_thousandths.0;
        }
    }
    let mut entries = Vec::new();
    for store in stores {
        for (product, (.., first)) in products.iter().zip(PRODUCTS) {
            let again = sold.get(&(*store, *product)).copied().unwrap_or_default();
            for (at, quantity) in [(beginning, Quantity(first)), (week_ago, again)] {
                if quantity > Quantity::ZERO {
                    entries.push((manager, at, receipt(*store, *product, quantity, at)));
                }
            }
        }
    }
    entries.sort_by_key(|(_, at, _)| *at);
    submit_all(app, entries).await
}

fn receipt(store_id: StoreId, product_id: ProductId, quantity: Quantity, at: UtcMicros) -> Payload {
    let entry = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id,
        product_id,
        quantity_thousandths: quantity,
        reason: None,
        lot: None,
        recorded_at: Some(at),
    };
    Payload::EnterStock(EnterStock { entry })
}

async fn sales(app: &App, people: &[PersonId], sales: Vec<Planned>) -> Result<(), SubmitError> {
    let now = app.now();
    let command = |Planned { seller, sale }| {
        let at = sale.sold_at.unwrap_or(now);
        (people.get(seller).copied(), at, Payload::RecordSale(RecordSale { sale }))
    };
    submit_all(app, sales.into_iter().map(command).collect()).await
}

/// Many commands, in their order, few commits.
async fn submit_all(
    app: &App,
    mut commands: Vec<(Option<PersonId>, UtcMicros, Payload)>,
) -> Result<(), SubmitError> {
    while !commands.is_empty() {
        let rest = commands.split_off(commands.len().min(AT_ONCE));
        let batch = commands.into_iter().map(|(actor, at, payload)| submit(app, actor, at, payload));
        for outcome in join_all(batch).await {
            outcome?;
        }
        commands = rest;
    }
    Ok(())
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
