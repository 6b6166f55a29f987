//! Ids: newtypes over UUIDs, made by the client (version 7, so that they sort by time), and the text
//! id by which a device names its sensor.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts after those made before it.
            pub fn now() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

uuid_id! {
    /// Names one command for ever: a repeat with the same id gets the first outcome.
    /// What a command creates takes the command's id as its own.
    CommandId,
    PersonId,
    SessionId,
    ChainId,
    StoreId,
    ProductId,
    StockEntryId,
    LotId,
    CountId,
    TransferId,
    SaleId,
    ReturnId,
    CashSessionId,
    CashMovementId,
    /// What one customer of a store owes.
    AccountId,
    AccountPaymentId,
    ApiKeyId,
    TillId,
    AlarmId,
    AlarmRuleId,
    QuietTimeId,
    AnnotationId,
}

/// A sensor as its device names it. Devices send a number or a text; both are kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum SensorId {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for SensorId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SensorIdVisitor)
    }
}

struct SensorIdVisitor;

impl Visitor<'_> for SensorIdVisitor {
    type Value = SensorId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or a text")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<SensorId, E> {
        Ok(SensorId::Number(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<SensorId, E> {
        i64::try_from(number).map(SensorId::Number).map_err(|_| E::custom("a sensor's number is too large"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SensorId, E> {
        Ok(SensorId::Text(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<SensorId, E> {
        Ok(SensorId::Text(text))
    }
}

impl fmt::Display for SensorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
