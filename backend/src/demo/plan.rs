//! Five weeks of made-up sales: when, where, by whom, and what. The same for the same day, and nothing after
//! `now`.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;
use tillwatch_shared::api::{NewSale, NewSaleLine, Payment, PaymentMethod, Unit};
use tillwatch_shared::random::Random;
use tillwatch_shared::{Cents, ProductId, Quantity, StoreId, UtcMicros};

use super::{PEOPLE, PRODUCTS};

/// Days with sales, today included.
pub const DAYS: i32 = 35;

/// How many customers come at each hour from 8 to 19, compared with each other: before lunch and after work.
const HOURS: [usize; 12] = [3, 5, 7, 9, 10, 6, 5, 6, 7, 10, 9, 5];
/// How busy each store is on a usual day.
const STORES: [usize; 6] = [6, 4, 5, 3, 4, 3];

/// A sale, and the place of its seller in the list of people.
#[derive(Debug)]
pub struct Planned {
    pub seller: usize,
    pub sale: NewSale,
}

/// Chance that is the same each time.
struct Dice(Random);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.0.next() >> 33).unwrap_or(0) % sides.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.roll(from.len())).copied()
    }
}

/// All sales, oldest first.
pub fn sales(stores: &[StoreId], products: &[ProductId], now: UtcMicros, zone: &TimeZone) -> Vec<Planned> {
    let mut dice = Dice(Random::new(2026));
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let mut planned = Vec::new();
    for (place, (store, busy)) in stores.iter().zip(STORES).enumerate() {
        let workers = PEOPLE.iter().enumerate().take(PEOPLE.len() - 1);
        let sellers: Vec<usize> =
            workers.filter(|(_, (.., places))| places.contains(&place)).map(|(seller, _)| seller).collect();
        for days_ago in (0..DAYS).rev() {
            let Ok(day) = today.checked_sub(days_ago.days()) else { continue };
            for at in moments(day, busy, zone, &mut dice) {
                let (Some(seller), sale) = (dice.pick(&sellers), sale(*store, products, at, &mut dice))
                else {
                    continue;
                };
                planned.push(Planned { seller, sale });
            }
        }
    }
    planned.retain(|planned| planned.sale.sold_at <= Some(now));
    planned.sort_by_key(|planned| planned.sale.sold_at);
    planned
}

/// When customers come: most on Saturdays, on Sundays only until lunch.
fn moments(day: Date, busy: usize, zone: &TimeZone, dice: &mut Dice) -> Vec<UtcMicros> {
    let (customers, open) = match day.weekday() {
        Weekday::Saturday => (busy + 3, HOURS.len()),
        Weekday::Friday => (busy + 1, HOURS.len()),
        Weekday::Sunday => (busy / 2, 5),
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday => (busy, HOURS.len()),
    };
    let weights: usize = HOURS.iter().take(open).sum();
    let customers = customers + dice.roll(3);
    let moment = |_| {
        let mut left = dice.roll(weights);
        let mut hour = 8;
        for weight in HOURS {
            if left < weight {
                break;
            }
            left -= weight;
            hour += 1;
        }
        let minute = i8::try_from(dice.roll(60)).unwrap_or_default();
        let second = i8::try_from(dice.roll(60)).unwrap_or_default();
        let local = day.to_datetime(time(hour, minute, second, 0)).to_zoned(zone.clone());
        local.ok().map(|at| UtcMicros::from(at.timestamp()))
    };
    (0..customers).filter_map(moment).collect()
}

/// One in four is by amount: written down when the till was not to hand.
fn sale(store: StoreId, products: &[ProductId], at: UtcMicros, dice: &mut Dice) -> NewSale {
    let by_amount = dice.roll(4) == 0;
    let lines: Vec<NewSaleLine> = if by_amount {
        Vec::new()
    } else {
        (0..=dice.roll(4)).filter_map(|_| line(products, dice)).collect()
    };
    let total_cents = if by_amount {
        Cents(890 + 10 * dice.roll(1_800) as i64)
    } else {
        lines.iter().map(NewSaleLine::total).sum()
    };
    let (method, amount_cents) = match dice.roll(4) {
        // Paid with the next full ten reais.
        0 => (PaymentMethod::Cash, Cents((total_cents.0 / 1000 + 1) * 1000)),
        1 => (PaymentMethod::Credit, total_cents),
        2 => (PaymentMethod::Debit, total_cents),
        _ => (PaymentMethod::Pix, total_cents),
    };
    let payments = if by_amount { Vec::new() } else { vec![Payment { method, amount_cents }] };
    NewSale {
        lines,
        payments,
        total_cents,
        till: Some("Caixa 1".into()),
        sold_at: Some(at),
        ..NewSale::of(store)
    }
}

fn line(products: &[ProductId], dice: &mut Dice) -> Option<NewSaleLine> {
    let position = dice.roll(products.len());
    let (_, _, unit, price, ..) = PRODUCTS.get(position)?;
    let whole = 1 + dice.roll(3) as i64;
    let weighed = 200 + 50 * dice.roll(20) as i64;
    let quantity = if *unit == Unit::Kg { Quantity(weighed) } else { Quantity(whole * 1000) };
    Some(NewSaleLine::of(*products.get(position)?, quantity, Cents(*price)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_weeks_that_look_like_a_shop() {
        let stores: Vec<StoreId> = (0..6).map(|n| StoreId(uuid::Uuid::from_u128(n))).collect();
        let products: Vec<ProductId> = (0..16).map(|n| ProductId(uuid::Uuid::from_u128(n))).collect();
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        // A Monday, 12:00.
        let now: UtcMicros = "2026-06-15T15:00:00Z".parse().unwrap();
        let plan = || sales(&stores, &products, now, &zone);
        let planned = plan();
        assert_eq!(format!("{planned:?}"), format!("{:?}", plan()), "the same each time");
        assert!((800..1_300).contains(&planned.len()), "{} sales", planned.len());
        let at = |planned: &Planned| planned.sale.sold_at.unwrap().timestamp().to_zoned(zone.clone());
        assert!(planned.iter().all(|p| (8..20).contains(&at(p).hour()) && p.sale.sold_at <= Some(now)));
        let count = |what: &dyn Fn(&Planned) -> bool| planned.iter().filter(|p| what(p)).count();
        for store in &stores {
            assert!(count(&|p| p.sale.store_id == *store) > 80, "every store sells");
            assert!(count(&|p| p.sale.store_id == *store && at(p).hour() < 12) > 20);
        }
        for seller in 0..4 {
            assert!(count(&|p| p.seller == seller) > 50, "every seller sells");
        }
        let by_amount = count(&|p| p.sale.lines.is_empty());
        assert!(by_amount * 3 < planned.len() && by_amount * 6 > planned.len(), "{by_amount}");
        let on = |weekday| count(&|p| at(p).weekday() == weekday);
        assert!(on(Weekday::Saturday) > on(Weekday::Tuesday) && on(Weekday::Tuesday) > on(Weekday::Sunday));
        assert!(count(&|p| at(p).date() == now.timestamp().to_zoned(zone.clone()).date()) > 5, "today too");
    }
}
