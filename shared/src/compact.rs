//! The compact form of a batch of readings, for devices with a backlog: media type
//! `application/vnd.tillwatch.readings`, little endian.
//!
//! ```text
//! "TWR1"                                   magic
//! u16                                      number of sensors
//!   u8 length, UTF-8 bytes                 each sensor's id
//! then rows of 34 bytes until the end:
//!   u16 index of the sensor, i64 measured at (microseconds since 1970 UTC),
//!   f64 temperature, f64 humidity, f64 pressure
//! ```
//! An id that is written as a whole number names the same sensor as that number.

use crate::api::NewReading;
use crate::limits::{BATCH_READINGS, SENSOR_ID_CHARS};
use crate::{SensorId, UtcMicros};

pub const MEDIA_TYPE: &str = "application/vnd.tillwatch.readings";
const MAGIC: &[u8; 4] = b"TWR1";
const ROW_BYTES: usize = 34;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompactError {
    #[error("does not start with TWR1")]
    Magic,
    #[error("ends in the middle of the sensor table or of a row")]
    Truncated,
    #[error("a sensor id is not acceptable text")]
    SensorId,
    #[error("a row names a sensor that is not in the table")]
    UnknownSensor,
    #[error("has more rows than a batch may have")]
    TooManyRows,
}

/// Readings in the compact form. `None` if a sensor id is longer than the form can hold or there are
/// more than 65,535 sensors.
pub fn encode(readings: &[NewReading]) -> Option<Vec<u8>> {
    let mut sensors: Vec<&SensorId> = readings.iter().map(|r| &r.sensor_id).collect();
    sensors.sort_unstable();
    sensors.dedup();
    let mut bytes = Vec::with_capacity(64 + readings.len() * ROW_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&u16::try_from(sensors.len()).ok()?.to_le_bytes());
    for sensor in &sensors {
        let id = sensor.to_string();
        bytes.push(u8::try_from(id.len()).ok()?);
        bytes.extend_from_slice(id.as_bytes());
    }
    for reading in readings {
        let index = sensors.binary_search(&&reading.sensor_id).ok()?;
        bytes.extend_from_slice(&u16::try_from(index).ok()?.to_le_bytes());
        bytes.extend_from_slice(&reading.measured_at.0.to_le_bytes());
        for value in [reading.temperature, reading.humidity, reading.pressure] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    Some(bytes)
}

/// The sensor table and the rows of a compact batch; the index of each row is within the table.
#[derive(Debug)]
pub struct CompactBatch {
    pub sensors: Vec<SensorId>,
    pub rows: Vec<CompactRow>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompactRow {
    pub sensor: u16,
    pub measured_at: UtcMicros,
    /// Temperature, humidity, pressure. May be anything a float can be; the receiver checks.
    pub values: [f64; 3],
}

/// Reads what [`encode`] or a device wrote.
pub fn decode(bytes: &[u8]) -> Result<CompactBatch, CompactError> {
    let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(CompactError::Magic)?;
    let (count, mut rest) = rest.split_first_chunk::<2>().ok_or(CompactError::Truncated)?;
    let count = u16::from_le_bytes(*count);
    let mut sensors = Vec::with_capacity(usize::from(count).min(BATCH_READINGS));
    for _ in 0..count {
        let (length, tail) = rest.split_first().ok_or(CompactError::Truncated)?;
        let (id, tail) = tail.split_at_checked(usize::from(*length)).ok_or(CompactError::Truncated)?;
        let id = std::str::from_utf8(id).map_err(|_| CompactError::SensorId)?;
        sensors.push(sensor_id(id).ok_or(CompactError::SensorId)?);
        rest = tail;
    }
    if rest.len() / ROW_BYTES > BATCH_READINGS {
        return Err(CompactError::TooManyRows);
    }
    let (rows, []) = rest.as_chunks::<ROW_BYTES>() else {
        return Err(CompactError::Truncated);
    };
    let rows = rows.iter().map(row).collect::<Vec<_>>();
    if rows.iter().any(|row| row.sensor >= count) {
        return Err(CompactError::UnknownSensor);
    }
    Ok(CompactBatch { sensors, rows })
}

/// A sensor's id from text: a whole number in its usual form is a number.
pub fn sensor_id(text: &str) -> Option<SensorId> {
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return Some(SensorId::Number(number));
    }
    acceptable(text).then(|| SensorId::Text(text.to_owned()))
}

/// Whether a text may name a sensor: 1 to 64 characters, none of them a control character or a comma
/// (lists of sensors in addresses are separated by commas), no spaces at the ends.
pub fn acceptable(text: &str) -> bool {
    let length = text.chars().count();
    (1..=SENSOR_ID_CHARS).contains(&length)
        && !text.chars().any(|c| c.is_control() || c == ',')
        && text.trim() == text
}

fn row(bytes: &[u8; ROW_BYTES]) -> CompactRow {
    let long =
        |at: usize| -> [u8; 8] { std::array::from_fn(|i| bytes.get(at + i).copied().unwrap_or_default()) };
    let [low, high, ..] = *bytes;
    CompactRow {
        sensor: u16::from_le_bytes([low, high]),
        measured_at: UtcMicros(i64::from_le_bytes(long(2))),
        values: [f64::from_le_bytes(long(10)), f64::from_le_bytes(long(18)), f64::from_le_bytes(long(26))],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CompactError, decode, encode, sensor_id};
    use crate::api::NewReading;
    use crate::{SensorId, UtcMicros};

    fn reading(sensor_id: SensorId, at: i64) -> NewReading {
        NewReading {
            sensor_id,
            temperature: 4.5,
            humidity: 60.0,
            pressure: 1013.2,
            measured_at: UtcMicros(at),
            battery_percent: None,
        }
    }

    #[test]
    fn written_and_read_again() {
        let readings = vec![
            reading(SensorId::Text("geladeira".into()), 1),
            reading(SensorId::Number(7), 2),
            reading(SensorId::Text("geladeira".into()), 3),
        ];
        let batch = decode(&encode(&readings).unwrap()).unwrap();
        let back: Vec<_> = batch
            .rows
            .iter()
            .map(|row| {
                let [temperature, humidity, pressure] = row.values;
                let sensor_id = batch.sensors[usize::from(row.sensor)].clone();
                NewReading {
                    sensor_id,
                    temperature,
                    humidity,
                    pressure,
                    measured_at: row.measured_at,
                    battery_percent: None,
                }
            })
            .collect();
        assert_eq!(back, readings);
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(decode(b"nope").unwrap_err(), CompactError::Magic);
        assert_eq!(decode(b"TWR1\x01\x00\x05ab").unwrap_err(), CompactError::Truncated);
        assert_eq!(decode(b"TWR1\x01\x00\x02\xff\xfe").unwrap_err(), CompactError::SensorId);
        let mut stray = b"TWR1\x00\x00".to_vec();
        stray.extend_from_slice(&[0; 34]);
        assert_eq!(decode(&stray).unwrap_err(), CompactError::UnknownSensor);
        stray.push(0);
        assert_eq!(decode(&stray).unwrap_err(), CompactError::Truncated);
    }

    #[test]
    fn numbers_stay_numbers() {
        assert_eq!(sensor_id("12"), Some(SensorId::Number(12)));
        assert_eq!(sensor_id("012"), Some(SensorId::Text("012".into())));
        assert_eq!(sensor_id("a,b"), None);
        assert_eq!(sensor_id(""), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let mut with_magic = b"TWR1".to_vec();
            with_magic.extend_from_slice(&bytes);
            let _ = decode(&with_magic);
        }
    }
}
