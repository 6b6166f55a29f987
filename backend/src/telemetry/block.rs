//! The binary form of a run of readings of one sensor. Pure: bytes in, rows out.
//!
//! A block holds its rows column by column, so that each column takes only the bytes that its spread
//! needs. All numbers are little endian.
//!
//! ```text
//! u8   form, 1
//! u32  number of rows, at least 1
//! whole numbers: measured at, received at (microseconds since 1970 UTC), id, source
//! values: temperature, humidity, pressure
//! ```
//! A column of whole numbers is `i64 base`, `u8 width` (0 to 8), then for each row `number − base` in
//! `width` bytes. A column of values is `u8 form` and, for form 0, the `f64` of each row; for form
//! `1 + d`, a column of whole numbers that, divided by 10^d, give the very same `f64`s. Devices send
//! decimals of few digits, so this is usual, and takes 1 to 3 bytes instead of 8.

use super::row::Row;

/// Rows in one block at most: an hour of one reading a second, and some.
pub(super) const BLOCK_ROWS: usize = 4_096;
const FORM: u8 = 1;
/// Powers of ten that a value may be a whole number of parts of.
const SCALES: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
/// Whole numbers up to this are exact as `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a block of readings is damaged")]
pub(super) struct Damaged;

/// Writes rows, sorted by time, as one block.
pub(super) fn encode(rows: &[Row]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(80 + rows.len() * 32);
    bytes.push(FORM);
    bytes.extend_from_slice(&u32::try_from(rows.len()).unwrap_or(u32::MAX).to_le_bytes());
    let mut numbers = Vec::with_capacity(rows.len());
    for column in
        [|r: &Row| r.taken_at, |r: &Row| r.received_at, |r: &Row| r.id, |r: &Row| i64::from(r.source)]
    {
        numbers.clear();
        numbers.extend(rows.iter().map(column));
        put_numbers(&mut bytes, &numbers);
    }
    for value in [|r: &Row| r.values[0], |r: &Row| r.values[1], |r: &Row| r.values[2]] {
        put_values(&mut bytes, rows, value, &mut numbers);
    }
    bytes
}

/// A block whose columns are found and have the right sizes.
#[derive(Debug)]
pub(super) struct Block<'a> {
    rows: usize,
    taken_at: Numbers<'a>,
    received_at: Numbers<'a>,
    id: Numbers<'a>,
    source: Numbers<'a>,
    values: [Values<'a>; 3],
}

impl<'a> Block<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut rest = Cursor(bytes);
        let [form] = rest.take()?;
        let rows = usize::try_from(u32::from_le_bytes(rest.take()?)).map_err(|_| Damaged)?;
        if form != FORM || rows == 0 || rows > BLOCK_ROWS {
            return Err(Damaged);
        }
        let block = Self {
            rows,
            taken_at: rest.numbers(rows)?,
            received_at: rest.numbers(rows)?,
            id: rest.numbers(rows)?,
            source: rest.numbers(rows)?,
            values: [rest.values(rows)?, rest.values(rows)?, rest.values(rows)?],
        };
        if rest.0.is_empty() { Ok(block) } else { Err(Damaged) }
    }

    /// The measured times, ascending.
    pub fn times(&self) -> Vec<i64> {
        self.taken_at.read(self.rows)
    }

    /// Measured time and values of each row.
    pub fn points(&self) -> impl Iterator<Item = (i64, [f64; 3])> {
        let [temperature, humidity, pressure] = self.values.each_ref().map(|column| column.read(self.rows));
        self.times().into_iter().zip(temperature).zip(humidity).zip(pressure).map(
            |(((taken_at, temperature), humidity), pressure)| (taken_at, [temperature, humidity, pressure]),
        )
    }

    pub fn rows(&self) -> Vec<Row> {
        let ids = self.id.read(self.rows);
        let received = self.received_at.read(self.rows);
        let sources = self.source.read(self.rows);
        self.points()
            .zip(ids)
            .zip(received)
            .zip(sources)
            .map(|((((taken_at, values), id), received_at), source)| Row {
                id,
                taken_at,
                received_at,
                source: u16::try_from(source).unwrap_or_default(),
                values,
            })
            .collect()
    }
}

#[derive(Debug)]
struct Numbers<'a> {
    base: i64,
    width: u8,
    bytes: &'a [u8],
}

impl Numbers<'_> {
    fn read(&self, rows: usize) -> Vec<i64> {
        match self.width {
            0 => vec![self.base; rows],
            1 => self.read_width::<1>(),
            2 => self.read_width::<2>(),
            3 => self.read_width::<3>(),
            4 => self.read_width::<4>(),
            5 => self.read_width::<5>(),
            6 => self.read_width::<6>(),
            7 => self.read_width::<7>(),
            _ => self.read_width::<8>(),
        }
    }

    /// With the width known while compiling this is a few instructions a row.
    fn read_width<const WIDTH: usize>(&self) -> Vec<i64> {
        let (numbers, _) = self.bytes.as_chunks::<WIDTH>();
        let number = |bytes: &[u8; WIDTH]| {
            let mut long = [0; 8];
            long.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            self.base.wrapping_add(i64::from_le_bytes(long))
        };
        numbers.iter().map(number).collect()
    }
}

#[derive(Debug)]
enum Values<'a> {
    Plain(&'a [u8]),
    Decimal { numbers: Numbers<'a>, scale: f64 },
}

impl Values<'_> {
    fn read(&self, rows: usize) -> Vec<f64> {
        match self {
            Self::Plain(bytes) => {
                let (values, _) = bytes.as_chunks::<8>();
                values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
            }
            Self::Decimal { numbers, scale } => {
                numbers.read(rows).into_iter().map(|number| number as f64 / scale).collect()
            }
        }
    }
}

/// What is left to parse.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn numbers(&mut self, rows: usize) -> Result<Numbers<'a>, Damaged> {
        let base = i64::from_le_bytes(self.take()?);
        let [width] = self.take()?;
        if width > 8 {
            return Err(Damaged);
        }
        Ok(Numbers { base, width, bytes: self.slice(rows * usize::from(width))? })
    }

    fn values(&mut self, rows: usize) -> Result<Values<'a>, Damaged> {
        let [form] = self.take()?;
        let Some(digits) = form.checked_sub(1) else {
            return Ok(Values::Plain(self.slice(rows * 8)?));
        };
        let scale = *SCALES.get(usize::from(digits)).ok_or(Damaged)?;
        Ok(Values::Decimal { numbers: self.numbers(rows)?, scale })
    }
}

fn put_numbers(bytes: &mut Vec<u8>, numbers: &[i64]) {
    let base = numbers.iter().copied().min().unwrap_or_default();
    let top = numbers.iter().copied().max().unwrap_or_default();
    let spread = top.wrapping_sub(base).cast_unsigned();
    let width = spread.checked_ilog2().map_or(0, |bits| bits / 8 + 1);
    bytes.extend_from_slice(&base.to_le_bytes());
    bytes.push(u8::try_from(width).unwrap_or(8));
    match width {
        0 => {}
        1 => put_width::<1>(bytes, base, numbers),
        2 => put_width::<2>(bytes, base, numbers),
        3 => put_width::<3>(bytes, base, numbers),
        4 => put_width::<4>(bytes, base, numbers),
        5 => put_width::<5>(bytes, base, numbers),
        6 => put_width::<6>(bytes, base, numbers),
        7 => put_width::<7>(bytes, base, numbers),
        _ => put_width::<8>(bytes, base, numbers),
    }
}

fn put_width<const WIDTH: usize>(bytes: &mut Vec<u8>, base: i64, numbers: &[i64]) {
    let start = bytes.len();
    bytes.resize(start + numbers.len() * WIDTH, 0);
    let (places, _) = bytes.get_mut(start..).unwrap_or_default().as_chunks_mut::<WIDTH>();
    for (place, number) in places.iter_mut().zip(numbers) {
        let long = number.wrapping_sub(base).to_le_bytes();
        place.iter_mut().zip(long).for_each(|(to, from)| *to = from);
    }
}

fn put_values(bytes: &mut Vec<u8>, rows: &[Row], value: fn(&Row) -> f64, numbers: &mut Vec<i64>) {
    for (form, scale) in (1..).zip(SCALES) {
        numbers.clear();
        numbers.extend(rows.iter().map_while(|row| whole_parts(value(row), scale)));
        if numbers.len() == rows.len() {
            bytes.push(form);
            put_numbers(bytes, numbers);
            return;
        }
    }
    bytes.push(0);
    for row in rows {
        bytes.extend_from_slice(&value(row).to_le_bytes());
    }
}

/// The whole number that divided by `scale` gives exactly this value, if there is one.
fn whole_parts(value: f64, scale: f64) -> Option<i64> {
    let scaled = (value * scale).round();
    if scaled.abs() >= EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let number = scaled as i64;
    ((number as f64 / scale).to_bits() == value.to_bits()).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Block, Damaged, Row, encode};

    fn row() -> impl Strategy<Value = Row> {
        let value = prop_oneof![
            any::<f64>().prop_filter("finite", |v| v.is_finite()),
            (-400_000_i32..4_000_000).prop_map(|n| f64::from(n) / 1_000.0),
            Just(-0.0),
        ];
        (any::<i64>(), any::<i64>(), any::<i64>(), any::<u16>(), [value.clone(), value.clone(), value])
            .prop_map(|(id, taken_at, received_at, source, values)| Row {
                id,
                taken_at,
                received_at,
                source,
                values,
            })
    }

    fn bits(rows: &[Row]) -> Vec<(i64, i64, i64, u16, [u64; 3])> {
        rows.iter().map(|r| (r.id, r.taken_at, r.received_at, r.source, r.values.map(f64::to_bits))).collect()
    }

    proptest! {
        #[test]
        fn gives_back_every_bit(rows in proptest::collection::vec(row(), 1..50)) {
            let bytes = encode(&rows);
            let block = Block::parse(&bytes).unwrap();
            prop_assert_eq!(bits(&block.rows()), bits(&rows));
            prop_assert_eq!(block.times(), rows.iter().map(|r| r.taken_at).collect::<Vec<_>>());
            prop_assert_eq!(Block::parse(bytes.get(..bytes.len() - 1).unwrap()).unwrap_err(), Damaged);
        }

        #[test]
        fn survives_any_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Block::parse(&bytes);
            bytes.splice(0..0, [1, 2, 0, 0, 0]);
            if let Ok(block) = Block::parse(&bytes) {
                let _ = block.rows();
            }
        }

        #[test]
        fn one_changed_byte_changes_the_rows_or_is_noticed(
            rows in proptest::collection::vec(row(), 1..20), place in any::<proptest::sample::Index>(), change in 1_u8..,
        ) {
            let mut bytes = encode(&rows);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            if let Ok(block) = Block::parse(&bytes) {
                prop_assert_ne!(bits(&block.rows()), bits(&rows));
            }
        }
    }

    #[test]
    fn decimals_are_small() {
        let rows: Vec<Row> = (0..3_600_i32)
            .map(|n| Row {
                id: i64::from(n),
                taken_at: i64::from(n) * 1_000_000,
                received_at: i64::from(n) * 1_000_000,
                source: 1,
                values: [f64::from(n % 50) / 10.0, 60.0, 1013.25],
            })
            .collect();
        assert!(encode(&rows).len() < 12 * rows.len());
    }
}
