//! Small helpers between wire values and table columns. Ids are 16-byte blobs in the tables; rows refer
//! to each other by their short integer keys.

use rusqlite::{Connection, OptionalExtension, Params, Row};
use tillwatch_shared::api::{
    AlarmKind, AliasKind, AnnotationKind, CashMovementKind, CoordinationCause, KeyScope, Measure, ParkReason,
    PaymentMethod, Role, SensorKind, Severity, StockEntryKind, TransferState, Unit,
};
use uuid::Uuid;

use super::rejection::{ApplyError, Noun, Rejection};

/// Row key of what has this id, or a refusal that names the noun.
pub fn key_of(db: &Connection, sql: &str, id: &Uuid, noun: Noun) -> Result<i64, ApplyError> {
    one(db, sql, [id.as_bytes().as_slice()], |row| row.get(0))?.ok_or_else(|| Rejection::Unknown(noun).into())
}

/// The first row, if there is one, through a cached statement.
pub fn one<T, P: Params>(
    db: &Connection,
    sql: &str,
    params: P,
    map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    db.prepare_cached(sql)?.query_row(params, map).optional()
}

/// All rows, through a cached statement.
pub fn all<T, P: Params>(
    db: &Connection,
    sql: &str,
    params: P,
    map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?.query_map(params, map)?.collect()
}

/// Runs a statement through the cache and returns the number of rows that it changed.
pub fn run<P: Params>(db: &Connection, sql: &str, params: P) -> rusqlite::Result<usize> {
    db.prepare_cached(sql)?.execute(params)
}

/// An id from its blob column.
pub fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub fn id_opt(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

/// A wire enum as the word that the tables keep.
pub trait Word: Copy + Sized + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str;

    /// From a column; an unknown word is a damaged table.
    fn from_column(row: &Row<'_>, column: usize) -> rusqlite::Result<Self> {
        let text = row.get_ref(column)?.as_str()?;
        Self::WORDS.iter().find(|(_, word)| *word == text).map(|(value, _)| *value).ok_or_else(|| {
            rusqlite::Error::FromSqlConversionFailure(
                column,
                rusqlite::types::Type::Text,
                format!("unknown word {text:?}").into(),
            )
        })
    }
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl Word for $name {
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    Role { Seller = "seller", Manager = "manager", Admin = "admin" }
    Unit { Un = "un", Kg = "kg", G = "g", L = "l", Ml = "ml", M = "m", Cx = "cx", Pct = "pct" }
    StockEntryKind { Receive = "receive", Adjust = "adjust", Count = "count" }
    TransferState { Sent = "sent", Received = "received", Cancelled = "cancelled" }
    PaymentMethod { Cash = "cash", Pix = "pix", Credit = "credit", Debit = "debit", Account = "account" }
    CashMovementKind { Withdrawal = "withdrawal", Deposit = "deposit" }
    KeyScope { WriteReadings = "write_readings", ReadLive = "read_live" }
    AliasKind { Store = "store", Seller = "seller", Product = "product" }
    ParkReason {
        UnknownStore = "unknown_store", UnknownSeller = "unknown_seller", UnknownProduct = "unknown_product",
        BadSale = "bad_sale", Changed = "changed",
    }
    AlarmKind {
        High = "high", Low = "low", Rate = "rate", Cumulative = "cumulative", Silent = "silent",
        Frozen = "frozen", LowStock = "low_stock", Expiring = "expiring", TillSilent = "till_silent",
        FeedBroken = "feed_broken", ServerBehind = "server_behind", BatteryLow = "battery_low",
        BackupFailed = "backup_failed", JournalDiffers = "journal_differs",
    }
    Measure { Temperature = "temperature", Humidity = "humidity", Pressure = "pressure" }
    Severity { Notice = "notice", Warning = "warning", Critical = "critical" }
    AnnotationKind { Defrost = "defrost", Cleaning = "cleaning", Door = "door", Other = "other" }
    CoordinationCause {
        Start = "start", Silent = "silent", Principal = "principal", Asked = "asked", Stopped = "stopped",
        Differs = "differs",
    }
    SensorKind { Fridge = "fridge", Freezer = "freezer", Room = "room" }
}
