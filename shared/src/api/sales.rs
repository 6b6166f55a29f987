//! Sales.

use super::wire;
use crate::{Cents, PersonId, ProductId, Quantity, SaleId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum PaymentMethod {
        Cash,
        Pix,
        Credit,
        Debit,
    }

    pub struct SaleLine {
        pub product_id: ProductId,
        pub product_name: String,
        pub quantity_thousandths: Quantity,
        pub unit_price_cents: Cents,
        /// Quantity times unit price, rounded half away from zero.
        pub total_cents: Cents,
    }

    pub struct Payment {
        pub method: PaymentMethod,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub amount_cents: Cents,
    }

    pub struct Sale {
        pub id: SaleId,
        /// Counts the store's sales: "Venda 1042".
        pub number: i64,
        pub store_id: StoreId,
        pub store_name: String,
        pub person_id: PersonId,
        pub person_name: String,
        /// Which till, as it calls itself.
        pub till: Option<String>,
        /// Empty where only the amount was told.
        pub lines: Vec<SaleLine>,
        /// Empty where nothing was to pay, or where only the amount was told.
        pub payments: Vec<Payment>,
        pub total_cents: Cents,
        pub change_cents: Cents,
        /// The store's calendar day on which it was sold: `2026-12-31`.
        pub business_day: String,
        /// When it was sold by the device's clock.
        pub sold_at: UtcMicros,
        /// When the server took it.
        pub received_at: UtcMicros,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewSaleLine {
        pub product_id: ProductId,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 1_000_000_000))]
        pub quantity_thousandths: Quantity,
        /// The price the customer was shown.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub unit_price_cents: Cents,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewSale {
        pub store_id: StoreId,
        /// What was sold. Without lines it is a sale by amount: `total_cents` alone says what was sold, no
        /// stock moves, and the payments may be left out.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 500))]
        pub lines: Vec<NewSaleLine>,
        /// Together at least the total; what is over it is change, and comes out of cash only.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 20))]
        pub payments: Vec<Payment>,
        /// The total that the customer was shown. It must be the sum of the lines, where there are lines.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0))]
        pub total_cents: Cents,
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub till: Option<String>,
        /// The device's time; the server's if absent. A sale by amount may be told later, from the year 2000
        /// on, but not more than a day ahead.
        pub sold_at: Option<UtcMicros>,
    }

    /// A store's day in figures.
    pub struct DayTotal {
        pub store_id: StoreId,
        pub store_name: String,
        pub business_day: String,
        pub sales: i64,
        pub total_cents: Cents,
    }
}
