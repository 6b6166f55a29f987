//! Products, people, keys, tills and changes of the made-up chain.

use jiff::civil::date;
use tillwatch_shared::api::{
    ApiKey, Change, Event, KeyScope, Person, PriceList, PricePeriod, Product, Role, Till, TillPerson, Unit,
};
use tillwatch_shared::time::{DAY, HOUR};
use tillwatch_shared::{ApiKeyId, Cents, CommandId, PersonId, Quantity, StoreId, TillId, UtcMicros};

use super::{PEOPLE, PRODUCTS, cycle, product_id, store, uuid};
use crate::forms::Order;
use crate::lists::Row;

/// Every fourth has other prices on some days, the last is not sold any more.
pub fn product(number: i64, now: UtcMicros) -> Product {
    let place = usize::try_from(number).unwrap_or_default();
    let name = PRODUCTS.get(place).filter(|name| !name.is_empty());
    let sale = PricePeriod {
        price_cents: Cents(number * 310 - 20),
        first_day: date(2026, 12, 26),
        last_day: Some(date(2027, 1, 2)),
    };
    let later =
        PricePeriod { price_cents: Cents(number * 330), first_day: date(2027, 1, 10), last_day: None };
    let list = PriceList { store_id: None, periods: vec![sale, later] };
    Product {
        id: product_id(number),
        number,
        name: name.map_or_else(|| format!("Produto {number}"), |name| (*name).to_owned()),
        code: (number % 3 != 0).then(|| format!("0789100010{number:04}")),
        unit: if number % 3 == 0 { Unit::Kg } else { Unit::Un },
        price_cents: Cents(number * 310),
        minimum_thousandths: Quantity(if number % 3 == 0 { 9_000 } else { 0 }),
        active: number != 9,
        created_at: now.plus(-90 * DAY),
        changed_at: now.plus(-number * DAY),
        price_lists: if number % 4 == 0 { vec![list] } else { Vec::new() },
    }
}

/// A seller, a manager, a seller who has left, and the admin.
pub fn people(stores: usize) -> Vec<Person> {
    let all: Vec<StoreId> = (0..stores).map(|place| store(place).id).collect();
    let roles = [Role::Seller, Role::Manager, Role::Seller, Role::Admin];
    let made = roles.into_iter().enumerate().map(|(place, role)| Person {
        id: PersonId(uuid(4, i64::try_from(place + 2).unwrap_or_default())),
        username: format!("pessoa{place}"),
        name: cycle(&PEOPLE, place).unwrap_or_default().to_owned(),
        role,
        cpf_masked: None,
        stores: all.iter().take(place + 1).copied().collect(),
        active: place != 2,
        created_at: UtcMicros(0),
        has_pin: place == 0,
    });
    made.collect()
}

pub fn key(number: i64, now: UtcMicros) -> ApiKey {
    ApiKey {
        id: ApiKeyId(uuid(26, number)),
        name: format!("Coletor {number}"),
        scopes: vec![KeyScope::WriteReadings],
        sensors: Vec::new(),
        expires_at: (number == 2).then(|| now.plus(-DAY)),
        revoked: number % 4 == 0,
        created_at: now.plus(-30 * DAY),
        last_used_at: (number != 3).then(|| now.plus(-number * HOUR)),
    }
}

pub fn till(number: i64, now: UtcMicros) -> Till {
    Till {
        id: TillId(uuid(27, number)),
        name: format!("Loja Centro / Caixa {number}"),
        enrolled_by: PersonId(uuid(4, 1)),
        enrolled_at: now.plus(-number * DAY),
        revoked: number == 7,
        people: vec![TillPerson {
            person_id: PersonId(uuid(4, 2)),
            name: "Maria das Dores".to_owned(),
            until: now.plus(20 * DAY),
        }],
    }
}

/// The newest change made a product dearer; before it, it was added.
pub fn history(count: i64, now: UtcMicros) -> Vec<Row> {
    let changes = (1..=count).rev().map(|seq| {
        let number = (seq + 1) / 2;
        let mut changed = product(number, now);
        let event = if seq % 2 == 0 {
            Event::ProductChanged(changed)
        } else {
            changed.price_cents = Cents(number * 280);
            Event::ProductAdded(changed)
        };
        let at = now.plus((seq - count) * 3 * HOUR);
        let change = Change {
            seq,
            command_id: CommandId(uuid(28, seq)),
            actor_id: Some(PersonId(uuid(4, 1))),
            store_id: None,
            client_at: at,
            server_at: at,
            event,
        };
        Row::Change(Box::new(change), "Lucas".to_owned())
    });
    changes.collect()
}

/// A new key's secret.
pub fn secret(order: &Order) -> Option<String> {
    matches!(order, Order::NewKey(_)).then(|| "tw_made-up-secret".to_owned())
}
