//! Stock: entries that move it, and the balance they sum up to.

use super::{LotName, LotShare, Unit, wire};
use crate::ids::StockEntryId;
use crate::{PersonId, ProductId, Quantity, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// What kind of stock entry.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum StockEntryKind {
        /// Goods came in: a positive quantity is added.
        Receive,
        /// A correction up or down, with a reason.
        Adjust,
        /// What was counted becomes the balance.
        Count,
    }

    pub struct StockEntry {
        pub id: StockEntryId,
        pub number: i64,
        pub kind: StockEntryKind,
        pub store_id: StoreId,
        pub store_name: String,
        pub product_id: ProductId,
        pub product_number: i64,
        pub product_name: String,
        pub unit: Unit,
        /// As entered: what came in, the correction, or what was counted.
        pub quantity_thousandths: Quantity,
        /// By how much the balance moved.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub moved_thousandths: Quantity,
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub balance_after_thousandths: Quantity,
        pub reason: Option<String>,
        /// The lots that moved. What is beyond them moved among the goods without a lot.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lots: Vec<LotShare>,
        pub person_id: PersonId,
        pub person_name: String,
        /// When it happened by the device's clock.
        pub recorded_at: UtcMicros,
        /// When the server took it.
        pub received_at: UtcMicros,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewStockEntry {
        pub kind: StockEntryKind,
        pub store_id: StoreId,
        pub product_id: ProductId,
        /// Positive to receive, not zero to adjust, zero or more for a count.
        pub quantity_thousandths: Quantity,
        /// Needed to adjust.
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub reason: Option<String>,
        /// The lot that came in, is corrected or was counted; the product as a whole if absent. Of a lot
        /// that has less than what is taken away, the rest is taken as a sale takes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lot: Option<LotName>,
        /// The device's time; the server's if absent.
        pub recorded_at: Option<UtcMicros>,
    }

    /// What a store holds of a product.
    pub struct StockLevel {
        pub store_id: StoreId,
        pub product_id: ProductId,
        pub product_number: i64,
        pub product_name: String,
        pub unit: Unit,
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub balance_thousandths: Quantity,
        pub minimum_thousandths: Quantity,
        /// Has a minimum and is at or below it.
        pub low: bool,
        /// The last change that is in the balance: who follows the changes adds what came after it.
        pub changed_until: i64,
    }
}
