//! Counts: what was found on the shelves, against what the books had at that moment.

use super::{LotName, Unit, wire};
use crate::ids::{CountId, LotId};
use crate::{Cents, PersonId, ProductId, Quantity, StoreId, UtcMicros};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

wire! {
    #[serde(deny_unknown_fields)]
    pub struct NewCountLine {
        pub product_id: ProductId,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub counted_thousandths: Quantity,
        /// When it was counted, by the device's clock. What was sold later does not count against it.
        pub counted_at: UtcMicros,
        /// How far the device knew the change feed then: what came before that was on the shelf or gone
        /// already, whatever the clocks say. The device's clock alone decides if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 0))]
        pub seen_seq: Option<i64>,
        /// Of which lot that was. A product of which a lot is named is counted lot by lot: a line without one is
        /// then what has no lot, and a lot without a line holds nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lot: Option<LotName>,
    }

    /// A count that is finished. Sales go on while it is made; each line stands for its own moment.
    #[serde(deny_unknown_fields)]
    pub struct NewCount {
        pub store_id: StoreId,
        pub started_at: UtcMicros,
        /// Each product once, or each of its lots once. A product counted lot by lot stands for the moment of its
        /// latest line.
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
        pub lines: Vec<NewCountLine>,
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub note: Option<String>,
    }

    /// What was found of a lot, or of the goods that have none: these have neither code nor expiry.
    pub struct CountedLot {
        /// Absent for the goods without a lot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lot_id: Option<LotId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub expires_on: Option<Date>,
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub counted_thousandths: Quantity,
        /// What the books had at that moment.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub expected_thousandths: Quantity,
    }

    /// A product that was counted.
    pub struct CountLine {
        pub product_id: ProductId,
        pub product_number: i64,
        pub product_name: String,
        pub unit: Unit,
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub counted_thousandths: Quantity,
        pub counted_at: UtcMicros,
        /// What the books had at that moment. Sales of before the count that come in later still correct it.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub expected_thousandths: Quantity,
        /// Counted less expected: by how much the balance moved.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub difference_thousandths: Quantity,
        /// When the count was taken in, with what was sold between counting and then.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub balance_after_thousandths: Quantity,
        /// The price of one unit when the count was taken in.
        pub unit_price_cents: Cents,
        /// The difference at that price.
        pub worth_cents: Cents,
        /// What of it was found of each lot, if it was counted lot by lot; the goods without a lot come last.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lots: Vec<CountedLot>,
    }

    pub struct Count {
        pub id: CountId,
        pub number: i64,
        pub store_id: StoreId,
        pub store_name: String,
        pub person_id: PersonId,
        pub person_name: String,
        pub started_at: UtcMicros,
        pub received_at: UtcMicros,
        pub note: Option<String>,
        pub lines: Vec<CountLine>,
        /// All differences at their prices.
        pub worth_cents: Cents,
    }
}
