//! Sensors, their readings, and the series that charts are drawn from.

use super::wire;
use crate::{SensorId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// What the sensor stands in.
    #[derive(Copy, Eq, Hash, Default)]
    #[serde(rename_all = "lowercase")]
    pub enum SensorKind {
        #[default]
        Fridge,
        Freezer,
        Room,
    }

    /// A sensor: what a person named, or one that only sent readings so far (`store_id` is `null`).
    pub struct Sensor {
        pub id: SensorId,
        pub name: String,
        pub store_id: Option<StoreId>,
        pub kind: SensorKind,
        /// The allowed band in °C.
        pub low_celsius: Option<f64>,
        pub high_celsius: Option<f64>,
        pub last: Option<Reading>,
        /// Longer without a reading it counts as silent: what its rule says of its usual interval. Absent where the
        /// server that answers does not watch it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub silent_after_micros: Option<i64>,
        /// Absent for one that never told it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub battery: Option<Battery>,
    }

    /// The newest level of a sensor's battery that was noted: each change by two percent, and smaller ones once an hour.
    #[derive(Copy, Eq)]
    pub struct Battery {
        /// 0–100
        pub percent: u8,
        pub measured_at: UtcMicros,
    }

    /// The level of a sensor's battery was noted.
    #[derive(Eq)]
    pub struct BatteryNoted {
        pub sensor_id: SensorId,
        pub sensor_name: String,
        pub battery: Battery,
    }

    /// Names a sensor and says where it stands.
    #[serde(deny_unknown_fields)]
    pub struct SensorSettings {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        pub store_id: StoreId,
        #[serde(default)]
        pub kind: SensorKind,
        #[cfg_attr(feature = "openapi", schema(minimum = -273.15, maximum = 1000.0))]
        pub low_celsius: Option<f64>,
        #[cfg_attr(feature = "openapi", schema(minimum = -273.15, maximum = 1000.0))]
        pub high_celsius: Option<f64>,
    }

    pub struct Reading {
        /// °C, corrected by the sensor's calibration.
        pub temperature: f64,
        /// As the device sent it; absent where no calibration counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub raw_temperature: Option<f64>,
        pub humidity: f64,
        pub pressure: f64,
        pub measured_at: UtcMicros,
        pub received_at: UtcMicros,
    }

    /// One reading of a batch.
    #[serde(deny_unknown_fields)]
    pub struct NewReading {
        pub sensor_id: SensorId,
        /// °C
        pub temperature: f64,
        /// % relative humidity
        pub humidity: f64,
        /// hPa
        pub pressure: f64,
        pub measured_at: UtcMicros,
        /// Of the device's battery. What is not from 0 to 100 is passed over: the reading counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub battery_percent: Option<f64>,
    }

    #[serde(deny_unknown_fields)]
    pub struct ReadingBatch {
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 10_000))]
        pub readings: Vec<NewReading>,
    }

    /// What became of one reading.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum RowResult {
        Stored,
        /// The sensor has a reading of that moment already; the first one stays.
        Duplicate,
        /// A value is not finite, the time is beyond 1970–2200, or the sensor id is not acceptable.
        Invalid,
        /// The key may not write this sensor.
        Forbidden,
    }

    pub struct BatchResult {
        pub stored: u32,
        pub duplicate: u32,
        pub refused: u32,
        /// One for each reading of the request, in its order.
        pub rows: Vec<RowResult>,
    }

    /// Minimum, maximum and mean of one value, one entry a bucket.
    #[derive(Default)]
    pub struct Envelope {
        pub min: Vec<f64>,
        pub max: Vec<f64>,
        pub mean: Vec<f64>,
    }

    /// A sensor's history in buckets. Buckets without a reading are left out, so a gap in
    /// `start` that is wider than the step is a gap in the data.
    pub struct Series {
        pub sensor_id: SensorId,
        /// Start of each bucket, microseconds since 1970 UTC, ascending.
        pub start_micros: Vec<i64>,
        /// Readings in each bucket.
        pub count: Vec<u32>,
        /// Each reading corrected by the calibration of its moment.
        pub temperature: Envelope,
        /// As the device sent it; absent where no calibration counts in the range.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub raw_temperature: Option<Envelope>,
        pub humidity: Envelope,
        pub pressure: Envelope,
    }

    pub struct SeriesAnswer {
        /// The width of a bucket. Buckets start at multiples of it since 1970, so the first and the
        /// last may reach beyond the range that was asked for.
        pub step_micros: i64,
        pub from: UtcMicros,
        pub to: UtcMicros,
        pub series: Vec<Series>,
    }
}
