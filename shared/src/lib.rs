//! What every Tillwatch program shares: the wire types of the API, money, quantity, time, ids, names,
//! tax ids, barcodes and expiries; with the `client` feature also the typed API client.
//!
//! Nothing here knows about storage, sockets or windows.

pub mod api;
pub mod barcode;
pub mod cash;
#[cfg(feature = "client")]
pub mod client;
pub mod compact;
pub mod discount;
pub mod expiry;
pub mod ids;
pub mod kinetic;
pub mod limits;
pub mod mark;
pub mod money;
pub mod names;
#[cfg(feature = "sheets")]
pub mod product_sheet;
pub mod pulse;
pub mod quantity;
pub mod random;
pub mod refund;
pub mod rounding;
pub mod scale_label;
pub mod tax_id;
pub mod time;

pub use ids::{
    AccountId, AlarmId, AlarmRuleId, ApiKeyId, CashSessionId, ChainId, CommandId, PersonId, ProductId,
    QuietTimeId, ReturnId, SaleId, SensorId, SessionId, StoreId, TillId,
};
pub use money::Cents;
pub use quantity::Quantity;
pub use time::UtcMicros;
