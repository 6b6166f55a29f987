//! Transfers of goods from one store of a chain to another.

use super::{LotName, LotShare, Unit, wire};
use crate::ids::TransferId;
use crate::{ProductId, Quantity, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum TransferState {
        /// On its way: in neither store.
        Sent,
        Received,
        /// Back where it came from.
        Cancelled,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewTransferLine {
        pub product_id: ProductId,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 1_000_000_000))]
        pub quantity_thousandths: Quantity,
        /// The lot that goes; what expires first if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lot: Option<LotName>,
    }

    /// Goods leave a store.
    #[serde(deny_unknown_fields)]
    pub struct NewTransfer {
        pub from_store_id: StoreId,
        /// Another store of the same chain.
        pub to_store_id: StoreId,
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
        pub lines: Vec<NewTransferLine>,
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub note: Option<String>,
        /// The device's time; the server's if absent.
        pub sent_at: Option<UtcMicros>,
    }

    /// What came of one line.
    #[serde(deny_unknown_fields)]
    pub struct ArrivedLine {
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub arrived_thousandths: Quantity,
        /// Needed where it is not what was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub reason: Option<String>,
    }

    /// Goods arrive: one line for each that was sent, in the same order.
    #[serde(deny_unknown_fields)]
    pub struct Arrival {
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
        pub lines: Vec<ArrivedLine>,
        /// The device's time; the server's if absent.
        pub arrived_at: Option<UtcMicros>,
    }

    /// Why a transfer is taken back before it has arrived.
    #[serde(deny_unknown_fields)]
    pub struct TransferCancellation {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
        /// The device's time; the server's if absent.
        pub cancelled_at: Option<UtcMicros>,
    }

    pub struct TransferLine {
        pub product_id: ProductId,
        pub product_name: String,
        pub unit: Unit,
        pub sent_thousandths: Quantity,
        /// What came; absent before.
        pub arrived_thousandths: Option<Quantity>,
        /// Sent and not arrived: lost on the way, or found if negative.
        pub lost_thousandths: Quantity,
        /// Why not everything arrived.
        pub reason: Option<String>,
        /// What the store whose goods moved holds then; only in the answer to the command, and in its event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub balance_after_thousandths: Option<Quantity>,
        /// The lots that this movement touched: at the sender's, after arrival at the receiver's.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lots: Vec<LotShare>,
    }

    pub struct Transfer {
        pub id: TransferId,
        pub number: i64,
        pub state: TransferState,
        pub from_store_id: StoreId,
        pub from_store_name: String,
        pub to_store_id: StoreId,
        pub to_store_name: String,
        pub lines: Vec<TransferLine>,
        pub note: Option<String>,
        pub sent_by: String,
        pub sent_at: UtcMicros,
        /// Who received it or took it back.
        pub closed_by: Option<String>,
        pub closed_at: Option<UtcMicros>,
        /// Why it was taken back.
        pub reason: Option<String>,
        /// When the server took the last step.
        pub received_at: UtcMicros,
    }

    /// A store to which goods can be sent.
    pub struct Destination {
        pub store_id: StoreId,
        pub name: String,
    }
}
