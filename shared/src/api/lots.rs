//! Lots: goods of one product that came together, with the day on which they expire.

use super::{Unit, wire};
use crate::ids::LotId;
use crate::{Cents, ProductId, Quantity, SensorId, StoreId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

wire! {
    /// By what a lot is told apart in its store: what is printed on the packet. At least one of both is needed.
    #[derive(Eq, Hash, Default)]
    #[serde(deny_unknown_fields)]
    pub struct LotName {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
        pub code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub expires_on: Option<Date>,
    }

    /// What a movement of goods did to a lot.
    #[derive(Eq)]
    pub struct LotShare {
        pub lot_id: LotId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub expires_on: Option<Date>,
        /// By how much the lot's balance moved.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub moved_thousandths: Quantity,
    }

    pub struct Lot {
        pub id: LotId,
        pub number: i64,
        pub store_id: StoreId,
        pub product_id: ProductId,
        pub product_name: String,
        pub unit: Unit,
        pub code: Option<String>,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub expires_on: Option<Date>,
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        pub balance_thousandths: Quantity,
        /// The sensor of the fridge or room where it stands.
        pub sensor_id: Option<SensorId>,
        /// What one unit of the product costs now; told in lists.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub price_cents: Option<Cents>,
    }

    /// Where a lot stands.
    #[serde(deny_unknown_fields)]
    pub struct LotPlace {
        /// A sensor of the lot's store; none where it stands nowhere in particular.
        pub sensor_id: Option<SensorId>,
    }
}
