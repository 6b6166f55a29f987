//! The binary form of readings in the order in which they were stored, of all sensors. Pure.
//!
//! 46 bytes a reading, little endian: `u32` number of the sensor, `u16` number of the source, `i64` measured
//! at, `i64` received at, `f64` temperature, humidity, pressure. Ids count up from the first one's.

use super::row::Row;

pub(super) const LOG_ROW_BYTES: usize = 46;

pub(super) fn encode(rows: &[(u32, Row)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * LOG_ROW_BYTES);
    for (sensor, row) in rows {
        bytes.extend_from_slice(&sensor.to_le_bytes());
        bytes.extend_from_slice(&row.source.to_le_bytes());
        bytes.extend_from_slice(&row.taken_at.to_le_bytes());
        bytes.extend_from_slice(&row.received_at.to_le_bytes());
        for value in row.values {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    bytes
}

/// The readings with their sensors' numbers. What is not whole at the end is left out.
pub(super) fn decode(first_id: i64, bytes: &[u8]) -> impl Iterator<Item = (u32, Row)> {
    let (rows, _) = bytes.as_chunks::<LOG_ROW_BYTES>();
    (first_id..).zip(rows).map(|(id, bytes)| row(id, bytes))
}

fn row(id: i64, bytes: &[u8; LOG_ROW_BYTES]) -> (u32, Row) {
    let mut bytes = bytes.iter().copied();
    let sensor = u32::from_le_bytes(next(&mut bytes));
    let source = u16::from_le_bytes(next(&mut bytes));
    let taken_at = i64::from_le_bytes(next(&mut bytes));
    let received_at = i64::from_le_bytes(next(&mut bytes));
    let values = std::array::from_fn(|_| f64::from_le_bytes(next(&mut bytes)));
    (sensor, Row { id, taken_at, received_at, source, values })
}

fn next<const N: usize>(bytes: &mut impl Iterator<Item = u8>) -> [u8; N] {
    std::array::from_fn(|_| bytes.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Row, decode, encode};

    #[test]
    fn written_and_read_again() {
        let rows = vec![
            (1, Row { id: 7, taken_at: 1, received_at: 2, source: 3, values: [4.0, -0.5, f64::MAX] }),
            (u32::MAX, Row { id: 8, taken_at: i64::MAX, received_at: 0, source: u16::MAX, values: [0.0; 3] }),
        ];
        assert_eq!(decode(7, &encode(&rows)).collect::<Vec<_>>(), rows);
    }
}
