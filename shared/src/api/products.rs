//! Products.

use super::wire;
use crate::{Cents, ProductId, Quantity, StoreId, UtcMicros};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

wire! {
    /// How a product is counted.
    #[derive(Copy, Eq, Hash, Default)]
    #[serde(rename_all = "lowercase")]
    pub enum Unit {
        /// Piece (unidade).
        #[default]
        Un,
        Kg,
        G,
        L,
        Ml,
        M,
        /// Box (caixa).
        Cx,
        /// Packet (pacote).
        Pct,
    }

    pub struct Product {
        pub id: ProductId,
        /// The short number by which the fixed routes and people name it.
        pub number: i64,
        pub name: String,
        /// A GTIN as GTIN-14, or the shop's own code.
        pub code: Option<String>,
        pub unit: Unit,
        pub price_cents: Cents,
        pub minimum_thousandths: Quantity,
        pub active: bool,
        pub created_at: UtcMicros,
        pub changed_at: UtcMicros,
        /// Prices for some days: the list of every store, and lists of single stores.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub price_lists: Vec<PriceList>,
    }

    /// What a product costs on some days, in one store or in all of them.
    #[derive(Eq)]
    #[serde(deny_unknown_fields)]
    pub struct PriceList {
        /// Absent: every store, unless its own list has a price for the day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub store_id: Option<StoreId>,
        /// Days may be in several of them: what begins last counts.
        #[cfg_attr(feature = "openapi", schema(max_items = 100))]
        pub periods: Vec<PricePeriod>,
    }

    #[derive(Eq)]
    #[serde(deny_unknown_fields)]
    pub struct PricePeriod {
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub price_cents: Cents,
        /// The first day, by the store's calendar.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub first_day: Date,
        /// The last day; no end if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub last_day: Option<Date>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewProduct {
        /// Unique without case and accents.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
        pub code: Option<String>,
        #[serde(default)]
        pub unit: Unit,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub price_cents: Cents,
        /// At or below this the product counts as low.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub minimum_thousandths: Quantity,
    }

    /// What changes about a product; absent fields stay.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct ProductChange {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: Option<String>,
        /// An empty text takes the code away.
        #[cfg_attr(feature = "openapi", schema(max_length = 40))]
        pub code: Option<String>,
        pub unit: Option<Unit>,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000))]
        pub price_cents: Option<Cents>,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000))]
        pub minimum_thousandths: Option<Quantity>,
        pub active: Option<bool>,
    }
}

impl PricePeriod {
    fn holds(&self, day: Date) -> bool {
        self.first_day <= day && self.last_day.is_none_or(|last| day <= last)
    }
}

impl Product {
    /// What it costs in a store on a day: the store's list before the list of all, and those before the usual price.
    pub fn price_on(&self, store: StoreId, day: Date) -> Cents {
        let of = |whose: Option<StoreId>| {
            let periods =
                self.price_lists.iter().filter(|list| list.store_id == whose).flat_map(|list| &list.periods);
            periods.filter(|period| period.holds(day)).max_by_key(|period| period.first_day)
        };
        of(Some(store)).or_else(|| of(None)).map_or(self.price_cents, |period| period.price_cents)
    }
}

impl Unit {
    /// As printed on a price tag.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Un => "un",
            Self::Kg => "kg",
            Self::G => "g",
            Self::L => "L",
            Self::Ml => "mL",
            Self::M => "m",
            Self::Cx => "cx",
            Self::Pct => "pct",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> Date {
        Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(number))
    }

    proptest! {
        /// Against the rule read aloud, day by day.
        #[test]
        fn the_price_of_a_day(
            rows in prop::collection::vec((0_usize..3, 0_i64..20, prop::option::of(0_i64..10), 1_i64..1000), 0..12),
            today in 0_i64..30, here in 1_usize..3
        ) {
            let stores = [None, Some(StoreId::now()), Some(StoreId::now())];
            let mut lists: Vec<PriceList> =
                stores.iter().map(|store_id| PriceList { store_id: *store_id, periods: Vec::new() }).collect();
            for (whose, first, length, price) in rows {
                let taken = lists[whose].periods.iter().any(|period| period.first_day == day(first));
                if !taken {
                    let last_day = length.map(|length| day(first + length));
                    lists[whose].periods.push(PricePeriod { price_cents: Cents(price), first_day: day(first), last_day });
                }
            }
            let product = Product {
                id: ProductId::now(), number: 1, name: "Arroz".to_owned(), code: None, unit: Unit::Un,
                price_cents: Cents(5), minimum_thousandths: Quantity::ZERO, active: true,
                created_at: UtcMicros(0), changed_at: UtcMicros(0), price_lists: lists.clone(),
            };
            let mut wanted = Cents(5);
            for list in [&lists[0], &lists[here]] {
                for first in 0..=today {
                    for period in &list.periods {
                        if period.first_day == day(first) && period.last_day.is_none_or(|last| last >= day(today)) {
                            wanted = period.price_cents;
                        }
                    }
                }
            }
            prop_assert_eq!(product.price_on(stores[here].unwrap(), day(today)), wanted);
        }
    }
}
