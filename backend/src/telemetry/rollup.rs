//! Counts, extremes and sums of readings: of any bucket of time, and as kept for each minute and hour. Pure.

use tillwatch_shared::api::Envelope;

const BUCKET_BYTES: usize = 76;
const MINUTE_BYTES: usize = 1 + BUCKET_BYTES;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    min: f64,
    max: f64,
    sum: f64,
}

/// What a bucket of time holds of the three values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    count: u32,
    spreads: [Spread; 3],
}

impl Default for Bucket {
    fn default() -> Self {
        Self { count: 0, spreads: [Spread { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0 }; 3] }
    }
}

impl Bucket {
    pub fn count(&self) -> u32 {
        self.count
    }

    pub fn add(&mut self, values: [f64; 3]) {
        self.count = self.count.saturating_add(1);
        for (spread, value) in self.spreads.iter_mut().zip(values) {
            spread.min = spread.min.min(value);
            spread.max = spread.max.max(value);
            spread.sum += value;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        for (spread, other) in self.spreads.iter_mut().zip(&other.spreads) {
            spread.min = spread.min.min(other.min);
            spread.max = spread.max.max(other.max);
            spread.sum += other.sum;
        }
    }

    /// Appends the bucket to the three envelopes of a series.
    pub fn draw(&self, envelopes: [&mut Envelope; 3]) {
        for (envelope, spread) in envelopes.into_iter().zip(&self.spreads) {
            envelope.min.push(spread.min);
            envelope.max.push(spread.max);
            envelope.mean.push(self.mean(spread));
        }
    }

    /// Always finite and within the extremes, also where the sum of absurd values is not.
    fn mean(&self, spread: &Spread) -> f64 {
        let mean = spread.sum / f64::from(self.count);
        if mean.is_finite() {
            mean.clamp(spread.min, spread.max)
        } else {
            spread.min / 2.0 + spread.max / 2.0
        }
    }

    /// Minimum, maximum and mean of the temperature.
    pub fn temperature(&self) -> Option<[f64; 3]> {
        let [temperature, ..] = &self.spreads;
        (self.count > 0).then(|| [temperature.min, temperature.max, self.mean(temperature)])
    }

    /// A bucket of which nothing but this is known: count, and minimum, maximum and mean of the temperature.
    pub fn of_temperature(count: u32, [min, max, mean]: [f64; 3]) -> Self {
        let mut figures = [min, max, mean * f64::from(count)].into_iter();
        Self::from_figures(count, || figures.next().unwrap_or_default())
    }

    /// Minimum, maximum and sum of each value.
    pub fn figures(&self) -> impl Iterator<Item = f64> {
        self.spreads.iter().flat_map(|spread| [spread.min, spread.max, spread.sum])
    }

    /// From a count and what [`figures`](Self::figures) gave.
    pub fn from_figures(count: u32, mut figures: impl FnMut() -> f64) -> Self {
        let spreads = std::array::from_fn(|_| Spread { min: figures(), max: figures(), sum: figures() });
        Self { count, spreads }
    }

    /// 76 bytes: `u32` count, then for each value `f64` min, max, sum; little endian.
    pub fn to_bytes(self) -> [u8; BUCKET_BYTES] {
        let mut bytes = [0; BUCKET_BYTES];
        let floats = self.spreads.iter().flat_map(|spread| [spread.min, spread.max, spread.sum]);
        let fields = self.count.to_le_bytes().into_iter().chain(floats.flat_map(f64::to_le_bytes));
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }

    pub fn from_bytes(bytes: &[u8; BUCKET_BYTES]) -> Self {
        let (count, floats) = bytes.split_at(4);
        let (floats, _) = floats.as_chunks::<8>();
        let mut floats = floats.iter().map(|bytes| f64::from_le_bytes(*bytes));
        let mut next = || floats.next().unwrap_or_default();
        Self {
            count: u32::from_le_bytes(std::array::from_fn(|at| count.get(at).copied().unwrap_or_default())),
            spreads: std::array::from_fn(|_| Spread { min: next(), max: next(), sum: next() }),
        }
    }
}

/// The minutes of one hour that have readings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Minutes([Bucket; 60]);

impl Default for Minutes {
    fn default() -> Self {
        Self([Bucket::default(); 60])
    }
}

impl Minutes {
    pub fn add(&mut self, minute: u8, values: [f64; 3]) {
        if let Some(bucket) = self.0.get_mut(usize::from(minute)) {
            bucket.add(values);
        }
    }

    /// For each minute with readings its number and its bucket.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(60 * MINUTE_BYTES);
        for (minute, bucket) in (0_u8..).zip(&self.0) {
            if bucket.count > 0 {
                bytes.push(minute);
                bytes.extend_from_slice(&bucket.to_bytes());
            }
        }
        bytes
    }

    /// The minutes that bytes hold; what is not whole at their end is left out.
    pub fn read(bytes: &[u8]) -> impl Iterator<Item = (u8, Bucket)> {
        let (minutes, _) = bytes.as_chunks::<MINUTE_BYTES>();
        minutes.iter().filter_map(|bytes| {
            let (minute, bucket) = bytes.split_first()?;
            Some((*minute, Bucket::from_bytes(bucket.try_into().ok()?)))
        })
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut minutes = Self::default();
        for (minute, bucket) in Self::read(bytes) {
            if let Some(place) = minutes.0.get_mut(usize::from(minute)) {
                *place = bucket;
            }
        }
        minutes
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Minutes};
    use tillwatch_shared::api::Envelope;

    fn draw(bucket: &Bucket) -> Envelope {
        let mut envelopes = [Envelope::default(), Envelope::default(), Envelope::default()];
        let [first, second, third] = &mut envelopes;
        bucket.draw([first, second, third]);
        let [first, ..] = envelopes;
        first
    }

    #[test]
    fn halves_make_the_whole() {
        let (mut whole, mut left, mut right) = (Bucket::default(), Bucket::default(), Bucket::default());
        for n in 0..100_i32 {
            let values = [f64::from(n), f64::from(n * n % 37), -f64::from(n)];
            whole.add(values);
            if n % 3 == 0 { left.add(values) } else { right.add(values) }
        }
        left.merge(&right);
        assert_eq!(left, whole);
        assert_eq!(Bucket::from_bytes(&whole.to_bytes()), whole);
        assert_eq!(draw(&whole), Envelope { min: vec![0.0], max: vec![99.0], mean: vec![49.5] });
    }

    #[test]
    fn absurd_values_keep_a_finite_mean() {
        let mut bucket = Bucket::default();
        bucket.add([f64::MAX, 0.0, 0.0]);
        bucket.add([f64::MAX, 0.0, 0.0]);
        assert_eq!(draw(&bucket).mean, [f64::MAX]);
        bucket.add([f64::MIN, 0.0, 0.0]);
        bucket.add([f64::MIN, 0.0, 0.0]);
        assert!(draw(&bucket).mean.iter().all(|mean| mean.is_finite()));
    }

    #[test]
    fn minutes_written_and_read() {
        let mut minutes = Minutes::default();
        minutes.add(3, [1.0, 2.0, 3.0]);
        minutes.add(59, [4.0, 5.0, 6.0]);
        let bytes = minutes.to_bytes();
        assert_eq!(bytes.len(), 2 * 77);
        assert_eq!(Minutes::from_bytes(&bytes), minutes);
    }
}
