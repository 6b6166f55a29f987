//! Feeds: files of other programs that the server follows, and the records in them.

use super::{FeedFault, wire};
use crate::{Cents, UtcMicros};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

wire! {
    /// How the file is written. Found by its content.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "lowercase")]
    pub enum FeedFormat {
        /// One array of objects.
        Json,
        /// One object a line.
        Ndjson,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum FeedState {
        /// The server does not follow it (any more); its records are here.
        NotFollowed,
        /// Not looked at yet.
        Starting,
        /// Being read now.
        Reading,
        /// All that the file holds is here.
        Current,
        /// The file cannot be used as it is; what was taken before stands.
        Failed,
    }

    pub struct Feed {
        pub name: String,
        pub path: Option<String>,
        pub format: Option<FeedFormat>,
        pub state: FeedState,
        /// Bytes of the file that are read.
        pub position_bytes: i64,
        pub size_bytes: i64,
        /// The newest record's place: the end of `records?after=`.
        pub last_seq: i64,
        pub records: i64,
        /// Records that came again with other content.
        pub updates: i64,
        /// Records that became sales.
        pub sales: i64,
        /// Records that are about to become sales.
        pub waiting: i64,
        /// Records that need a person.
        pub parked: i64,
        /// Records of the last reading that could not be used.
        pub bad_records: i64,
        pub last_fault: Option<FeedFault>,
        /// The newest of the bad records, oldest first.
        pub faults: Vec<FeedFault>,
        pub looked_at: Option<UtcMicros>,
    }

    /// Why a record did not become a sale.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ParkReason {
        UnknownStore,
        UnknownSeller,
        UnknownProduct,
        /// A field is missing or not what it should be; `subject` says which.
        BadSale,
        /// It became a sale, and then the file said something else. The sale stands as it was.
        Changed,
    }

    /// A record that needs a person.
    pub struct ParkedRecord {
        pub feed: String,
        pub record_id: String,
        pub version: i64,
        pub reason: ParkReason,
        /// The name that is unknown, or what is wrong.
        pub subject: String,
        /// What the record says of the store or product that is unknown, for those who add it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub told: Option<ParkedThing>,
    }

    /// What a record says of a store or product that is unknown.
    #[derive(Eq)]
    pub struct ParkedThing {
        /// Of the product.
        pub code: Option<String>,
        /// At which the product was sold.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub price_cents: Option<Cents>,
        /// The store's chain.
        pub chain: Option<String>,
    }

    /// What a name of the feed is about.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum AliasKind {
        Store,
        Seller,
        Product,
    }

    /// Says what a name of the feed means here. Records that were parked for it are tried again.
    #[serde(deny_unknown_fields)]
    pub struct FeedAlias {
        pub kind: AliasKind,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        /// The id of the store, person or product.
        pub target_id: Uuid,
    }

    /// The answer to an alias, and the entry in the change feed.
    pub struct FeedAliasSet {
        pub feed: String,
        pub kind: AliasKind,
        pub name: String,
        pub target_id: Uuid,
        /// Parked records that are tried again.
        pub released: i64,
    }

    /// Puts a parked record away.
    #[serde(deny_unknown_fields)]
    pub struct NewDismissal {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
        pub record_id: String,
    }

    pub struct Dismissal {
        pub feed: String,
        pub record_id: String,
    }

    /// A batch of records was taken in.
    pub struct RecordsTaken {
        pub feed: String,
        pub new: i64,
        pub updated: i64,
        /// Came again with the same content.
        pub unchanged: i64,
        pub last_seq: i64,
    }
}

/// A record of a feed, as it stands or as it was in an earlier version.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedRecord {
    pub seq: i64,
    pub id: String,
    pub version: i64,
    pub taken_at: UtcMicros,
    /// As the file has it, without blanks.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub body: Box<RawValue>,
}

/// Records after a place in the feed, oldest first. A record that changed moves to the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedRecords {
    pub records: Vec<FeedRecord>,
    /// Goes into `after` of the next request.
    pub next_after: i64,
    /// Where the feed ends now.
    pub last_seq: i64,
    pub more: bool,
}

/// An earlier or the present content of a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedVersion {
    pub version: i64,
    pub taken_at: UtcMicros,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub body: Box<RawValue>,
}
