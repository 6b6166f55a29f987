//! The wire types of `/api/v1`, one file per noun. Field names carry their unit.
//!
//! What a command creates is answered, kept in the journal and sent in the change feed in one and the
//! same shape, so a window that knows a type knows it everywhere.

pub mod accounts;
pub mod alarms;
pub mod annotations;
pub mod backups;
pub mod calibrations;
pub mod cash;
pub mod changes;
pub mod counts;
pub mod feed_faults;
pub mod feeds;
pub mod group;
pub mod keys;
pub mod lots;
pub mod matter;
pub mod people;
pub mod problem;
pub mod product_import;
pub mod products;
pub mod pulse;
pub mod reports;
pub mod returns;
pub mod sales;
pub mod sensors;
pub mod server;
pub mod sessions;
pub mod stock;
pub mod stores;
pub mod temperature_sheets;
pub mod tills;
pub mod transfers;

pub use accounts::*;
pub use alarms::*;
pub use annotations::*;
pub use backups::*;
pub use calibrations::*;
pub use cash::*;
pub use changes::*;
pub use counts::*;
pub use feed_faults::*;
pub use feeds::*;
pub use group::*;
pub use keys::*;
pub use lots::*;
pub use matter::*;
pub use people::*;
pub use problem::*;
pub use product_import::*;
pub use products::*;
pub use pulse::*;
pub use reports::*;
pub use returns::*;
pub use sales::*;
pub use sensors::*;
pub use server::*;
pub use sessions::*;
pub use stock::*;
pub use stores::*;
pub use temperature_sheets::*;
pub use tills::*;
pub use transfers::*;

use serde::{Deserialize, Serialize};

/// Derives that every wire type has; `openapi` adds its schema to the API document.
macro_rules! wire {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident { $($body:tt)* })*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $(#[$meta])*
        pub $kind $name { $($body)* }
    )*};
}
pub(crate) use wire;

/// One page of a list. `next` goes into `after` of the next request; `null` on the last page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<i64>,
}
