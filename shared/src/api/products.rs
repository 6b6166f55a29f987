//! Products.

use super::wire;
use crate::{Cents, ProductId, Quantity, UtcMicros};
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
