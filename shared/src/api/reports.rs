//! Reports about sales: one shape for all of them. Days are business days, in each store's own zone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PaymentMethod, Unit, wire};
use crate::rounding::div_round;
use crate::{Cents, Quantity, UtcMicros};

wire! {
    /// What a report is about.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ReportKind {
        BestSellers,
        BestStores,
        /// One seller, by store.
        Seller,
        /// One store, by seller.
        Store,
        /// One chain, by store.
        Chain,
        /// By product. What was sold by amount is of no product.
        BestProducts,
        /// By payment method. What came back counts for the method by which it was refunded.
        PaymentMethods,
    }

    /// How a report's time series is cut. Weeks begin on Monday. `weekday` and `hour` lay the days of the
    /// period over each other: Monday to Sunday, and the 24 hours of the stores' days.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ReportStep {
        Day,
        Week,
        Month,
        Weekday,
        Hour,
    }

    /// A seller, a store, a product or a payment method, and what was sold.
    pub struct ReportRow {
        /// Absent of a payment method, and of what was sold without a product.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Uuid))]
        pub id: Option<Uuid>,
        /// Of a payment method, and of what has none, in the caller's language.
        pub name: String,
        /// The chain of a store.
        pub chain_name: Option<String>,
        /// How it was paid; absent in other reports, and where that was not told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: Option<PaymentMethod>,
        /// How much of a product was sold, and in what it is counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub goods: Option<ReportGoods>,
        /// Those in which it is; a sale of two products counts for both.
        pub sales: i64,
        /// What was sold in the period, whatever came back of it.
        pub total_cents: Cents,
        /// What came back in the period, whenever it was sold; of a seller, what they had sold.
        #[serde(default)]
        pub returns: i64,
        #[serde(default)]
        pub returned_cents: Cents,
        /// Only where the request names an hour to compare until.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compared: Option<ReportCompared>,
    }

    /// What was sold before an hour of the stores' days, whatever came back of it: in the period, and on the same
    /// weekdays a week before.
    #[derive(Copy, Eq)]
    pub struct ReportCompared {
        pub now_cents: Cents,
        pub before_cents: Cents,
    }

    /// How much of a product was sold in the period, whatever came back of it, and how much came back.
    #[derive(Copy, Eq)]
    pub struct ReportGoods {
        pub unit: Unit,
        pub quantity_thousandths: Quantity,
        pub returned_thousandths: Quantity,
    }

    /// A day, or the days of a week or month that lie within the period; with `weekday` or `hour`, that part
    /// of the whole period.
    pub struct ReportPoint {
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub from: Date,
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub to: Date,
        /// 1 is Monday, 7 is Sunday. Only in a series by `weekday`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 7))]
        pub weekday: Option<i8>,
        /// From this full hour to the next. Only in a series by `hour`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 23))]
        pub hour: Option<i8>,
        pub sales: i64,
        pub total_cents: Cents,
        #[serde(default)]
        pub returns: i64,
        #[serde(default)]
        pub returned_cents: Cents,
    }

    pub struct SalesReport {
        pub kind: ReportKind,
        /// The seller, store or chain that it is about; absent where it is about all.
        pub subject: Option<String>,
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub from: Date,
        /// The last day, included.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub to: Date,
        /// Covers only those stores that the caller works in; there are others.
        pub partial: bool,
        pub sales: i64,
        pub total_cents: Cents,
        #[serde(default)]
        pub returns: i64,
        #[serde(default)]
        pub returned_cents: Cents,
        /// Best first: by what is left of the total after returns.
        pub rows: Vec<ReportRow>,
        /// Rows beyond the limit; the totals count them.
        pub rows_left_out: i64,
        pub step: ReportStep,
        /// Without gaps, oldest first.
        pub series: Vec<ReportPoint>,
        pub server_at: UtcMicros,
    }
}

/// What is left of what was sold after what came back. Less than nothing on a day on which more came back than
/// was sold.
pub fn net(total: Cents, returned: Cents) -> Cents {
    Cents(total.0.saturating_sub(returned.0))
}

/// What one sale brings on average, rounded half away from zero.
pub fn average_sale(total: Cents, sales: i64) -> Option<Cents> {
    if sales <= 0 {
        return None;
    }
    i64::try_from(div_round(i128::from(total.0), i128::from(sales))).ok().map(Cents)
}

impl ReportCompared {
    /// By how many per cent it is more, or less; nothing where there was nothing before.
    pub fn per_cent(self) -> Option<i64> {
        if self.before_cents.0 <= 0 {
            return None;
        }
        let more = i128::from(self.now_cents.0) - i128::from(self.before_cents.0);
        i64::try_from(div_round(more * 100, i128::from(self.before_cents.0))).ok()
    }
}

/// What the rows of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportRows {
    Sellers,
    Stores,
    Products,
    Methods,
}

impl ReportKind {
    pub const fn rows(self) -> ReportRows {
        match self {
            Self::BestStores | Self::Seller | Self::Chain => ReportRows::Stores,
            Self::BestSellers | Self::Store => ReportRows::Sellers,
            Self::BestProducts => ReportRows::Products,
            Self::PaymentMethods => ReportRows::Methods,
        }
    }
}
