//! Random numbers from a seed that a failing test can name.

use tillwatch_shared::random::Random;

/// The same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Dice(Random);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    pub const fn next(&mut self) -> u64 {
        self.0.next()
    }

    /// A number from `low` up to, not including, `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low).unwrap()).unwrap()
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let count = i64::try_from(items.len()).unwrap();
        &items[usize::try_from(self.between(0, count)).unwrap()]
    }
}
