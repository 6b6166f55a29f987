//! Calibrations: how far a sensor is off from a moment on, as a certificate says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::wire;
use crate::{PersonId, SensorId, StoreId, UtcMicros};

wire! {
    /// What is added to the temperatures that a sensor sends, from a moment until the next calibration of the sensor.
    /// The readings themselves stay as they came.
    pub struct Calibration {
        pub sensor_id: SensorId,
        pub sensor_name: String,
        pub store_id: StoreId,
        /// Included. A sensor has one calibration of a moment.
        pub from: UtcMicros,
        /// To the thousandth.
        pub offset_celsius: f64,
        /// Its number.
        pub certificate: String,
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub issued_on: Date,
        pub set_by: PersonId,
        pub set_by_name: String,
        pub set_at: UtcMicros,
        /// Why it was withdrawn, in the event that tells so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub withdrawn_because: Option<String>,
    }

    /// In place of the one of the same moment, if there is one.
    #[serde(deny_unknown_fields)]
    pub struct NewCalibration {
        pub from: UtcMicros,
        #[cfg_attr(feature = "openapi", schema(minimum = -100.0, maximum = 100.0))]
        pub offset_celsius: f64,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub certificate: String,
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub issued_on: Date,
    }

    /// Takes a calibration back that should not have been set.
    #[serde(deny_unknown_fields)]
    pub struct CalibrationWithdrawal {
        /// The moment from which it counts.
        pub from: UtcMicros,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
    }
}
