//! What every Tillwatch program shares: the wire types of the API, money, quantity, time, ids, names,
//! tax ids and barcodes; with the `client` feature also the typed API client.
//!
//! Nothing here knows about storage, sockets or windows.

pub mod api;
pub mod barcode;
#[cfg(feature = "client")]
pub mod client;
pub mod compact;
pub mod ids;
pub mod limits;
pub mod money;
pub mod names;
pub mod pulse;
pub mod quantity;
pub mod random;
pub mod rounding;
pub mod tax_id;
pub mod time;

pub use ids::{ApiKeyId, ChainId, CommandId, PersonId, ProductId, SaleId, SensorId, SessionId, StoreId};
pub use money::Cents;
pub use quantity::Quantity;
pub use time::UtcMicros;
