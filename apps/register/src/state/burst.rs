//! Telling a barcode reader from a person by how fast the keys come, on a screen that may be slow.
//!
//! A reader sends a key every 1 to 20 ms and ends with Enter or Tab; the fastest typists need about 60 ms from key to
//! key. The window is told of keys with its frames: a key came at some time between two of them ([`Stroke`]).
//!
//! 1. Keys that may have come within the settings' `reader_gap_ms` (35 ms, adjustable) of each other are one run. A slow
//!    frame can only make a run longer; it never cuts one in two.
//! 2. A run of at least [`LEAST_CHARS`] that ends with Enter or Tab is a scan if no person can have typed it, however
//!    its keys lay between the frames. What is typed within a frame too short for a person's keys is thus a scan. A
//!    busy machine tells of a key some frames late (up to two), and a person may have pressed it before them.
//! 3. Where the frames are so slow that it may be either, it is a scan if it reads as a printed barcode with the right
//!    check digit, and otherwise a person's, the whole of it.
//! 4. Where secrets are typed, nothing else is a scan, however fast it came ([`Outcome::beside_secrets`]).
//! 5. A reader that was held up for up to [`PAUSE_MICROS`] goes on where it was: the run before the pause belongs to the
//!    code if no person can have typed that run, or if the check digit is right only with it.

use tillwatch_shared::barcode;

/// Fewer characters are no barcode.
pub const LEAST_CHARS: usize = 4;
/// More characters are no barcode: what follows counts as a new run.
const MOST_CHARS: usize = 400;
/// Two keys of a person may roll over each other; three as fast as a reader's do not.
const SURE_CHARS: usize = 3;
/// As many frames may begin before the window is told of a key: what hands it on has to wait for the processor too.
const FRAMES_LATE: i64 = 2;
/// How long a reader may be held up within a code.
pub const PAUSE_MICROS: i64 = 150_000;
/// A person needs at least this much more from key to key than a reader may.
const SLOWER_MICROS: i64 = 25_000;

/// A key, and when it came: not before the one time, not after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    pub from_micros: i64,
    pub at_micros: i64,
    pub key: StrokeKey,
}

impl Stroke {
    /// Whose time is known.
    pub const fn at(at_micros: i64, key: StrokeKey) -> Self {
        Self { from_micros: at_micros, at_micros, key }
    }

    /// When it was pressed at the earliest, if the window was told of it late.
    const fn pressed_after(&self) -> i64 {
        let frame = self.at_micros.saturating_sub(self.from_micros);
        self.from_micros.saturating_sub(frame.saturating_mul(FRAMES_LATE))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrokeKey {
    Char(char),
    /// Enter or Tab.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first character of what may become a scan.
    Begun,
    /// The same, so shortly after another run that the two may be one scan.
    Resumed,
    /// One more, which may still be a person's.
    Typed,
    /// One more, and no person types that fast.
    Going,
    /// An end that ends no scan: a person's Enter or Tab.
    Passed,
    Scanned {
        code: String,
        /// It began with the run before the last one.
        resumed: bool,
    },
}

impl Outcome {
    /// Where secrets are typed, only what reads as a printed barcode with the right check digit is a scan: keys that a
    /// stalled screen tells all at once are a person's password.
    #[must_use]
    pub fn beside_secrets(self) -> Self {
        match self {
            Self::Scanned { code, .. } if !is_printed(&code) => Self::Passed,
            Self::Begun | Self::Resumed | Self::Typed | Self::Going | Self::Passed | Self::Scanned { .. } => {
                self
            }
        }
    }
}

/// The keys that came last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Burst {
    run: Run,
    /// What came a pause before it.
    earlier: Run,
    last_at: Option<i64>,
}

/// Characters that came one close after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Run {
    text: String,
    count: usize,
    /// When a person could have pressed the last key at the earliest; absent when no person could.
    person_at: Option<i64>,
}

impl Burst {
    /// Until when the next key would belong to the last one's run.
    pub fn waits_until(&self, gap_micros: i64) -> Option<i64> {
        self.last_at.map(|last| last.saturating_add(gap_micros))
    }

    pub fn take(&mut self, stroke: Stroke, gap_micros: i64) -> Outcome {
        let last = self.last_at.replace(stroke.at_micros).filter(|last| *last <= stroke.at_micros);
        let within = |time: i64| last.is_some_and(|last| stroke.from_micros.saturating_sub(last) <= time);
        let (close, near) = (within(gap_micros), within(PAUSE_MICROS));
        match stroke.key {
            StrokeKey::Char(c) if close && (1..MOST_CHARS).contains(&self.run.count) => {
                self.run.add(c);
                self.run.step(stroke, gap_micros);
                if self.run.person_at.is_some() { Outcome::Typed } else { Outcome::Going }
            }
            StrokeKey::Char(c) => {
                let before = std::mem::take(&mut self.run);
                self.earlier = if near { before } else { Run::default() };
                self.run.person_at = Some(stroke.pressed_after());
                self.run.add(c);
                if self.earlier.count > 0 { Outcome::Resumed } else { Outcome::Begun }
            }
            StrokeKey::End => {
                let (mut run, earlier) = (std::mem::take(&mut self.run), std::mem::take(&mut self.earlier));
                if close && run.count > 0 {
                    run.step(stroke, gap_micros);
                }
                scan_of(&run, &earlier, close).filter(|_| near).unwrap_or(Outcome::Passed)
            }
        }
    }
}

/// `close`: the end came as close as the keys. One that came after a pause ends only what no person typed.
fn scan_of(run: &Run, earlier: &Run, close: bool) -> Option<Outcome> {
    let whole = format!("{}{}", earlier.text, run.text);
    let resumed =
        run.count > 0 && (earlier.is_surely_read() || (is_printed(&whole) && !is_printed(&run.text)));
    let (code, count) =
        if resumed { (whole, earlier.count + run.count) } else { (run.text.clone(), run.count) };
    let fast = if close { run.person_at.is_none() } else { run.is_surely_read() };
    let read = fast || (resumed && earlier.is_surely_read()) || (close && is_printed(&code));
    (read && run.count > 0 && count >= LEAST_CHARS).then_some(Outcome::Scanned { code, resumed })
}

fn is_printed(code: &str) -> bool {
    barcode::gtin14(code).is_some()
}

impl Run {
    fn add(&mut self, c: char) {
        self.text.push(c);
        self.count += 1;
    }

    /// The next key, as a person would have pressed it.
    fn step(&mut self, stroke: Stroke, gap_micros: i64) {
        let slowly = gap_micros.saturating_add(SLOWER_MICROS);
        let earliest = self.person_at.map(|last| last.saturating_add(slowly).max(stroke.pressed_after()));
        self.person_at = earliest.filter(|earliest| *earliest <= stroke.at_micros);
    }

    const fn is_surely_read(&self) -> bool {
        self.person_at.is_none() && self.count >= SURE_CHARS
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAP: i64 = 35_000;

    /// Characters with the time before each, then an end after `end_gap`.
    fn strokes(burst: &mut Burst, now: &mut i64, text: &[(char, i64)], end_gap: i64) -> Vec<Outcome> {
        let keys = text.iter().map(|(c, gap)| (StrokeKey::Char(*c), *gap)).chain([(StrokeKey::End, end_gap)]);
        keys.map(|(key, gap)| {
            *now += gap;
            burst.take(Stroke::at(*now, key), GAP)
        })
        .collect()
    }

    fn is_scan(outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::Scanned { .. })
    }

    fn code() -> impl Strategy<Value = Vec<(char, i64)>> {
        prop::collection::vec((prop::char::range('!', '~'), 0..=GAP), LEAST_CHARS..40)
    }

    /// What a person types: no key within the gap.
    fn typed() -> impl Strategy<Value = Vec<(char, i64)>> {
        prop::collection::vec((prop::char::range('!', '~'), GAP + 1..500_000), 0..30)
    }

    proptest! {
        #[test]
        fn a_scan_is_read_whole_whatever_was_typed_before(before in typed(), code in code(), end in 0..=GAP) {
            let (mut burst, mut now) = (Burst::default(), 0);
            for (c, gap) in before {
                now += gap;
                burst.take(Stroke::at(now, StrokeKey::Char(c)), GAP);
            }
            now += PAUSE_MICROS + GAP + 1;
            let outcomes = strokes(&mut burst, &mut now, &code, end);
            let whole: String = code.iter().map(|(c, _)| c).collect();
            prop_assert_eq!(outcomes.last(), Some(&Outcome::Scanned { code: whole, resumed: false }));
            // Two in a row are two.
            let again = strokes(&mut burst, &mut now, &code, end);
            prop_assert_eq!(again.last(), outcomes.last());
            prop_assert_eq!(again.first(), Some(&Outcome::Begun));
        }

        #[test]
        fn a_person_is_never_a_scan(text in typed(), end in 0..500_000_i64) {
            let outcomes = strokes(&mut Burst::default(), &mut 0, &text, end);
            prop_assert!(!outcomes.iter().any(is_scan));
        }

        #[test]
        fn a_reader_held_up_for_long_is_none(
            code in code(), at in any::<prop::sample::Index>(), slow in PAUSE_MICROS + 1..1_000_000
        ) {
            let (mut late, at) = (code.clone(), at.index(code.len() + 1));
            let end = if let Some(key) = late.get_mut(at) { key.1 = slow; 0 } else { slow };
            let outcomes = strokes(&mut Burst::default(), &mut 0, &late, end);
            let whole: String = code.iter().map(|(c, _)| c).collect();
            if at > 0 {
                let of_whole = |outcome: &Outcome| matches!(outcome, Outcome::Scanned { code, .. } if *code == whole);
                prop_assert!(!outcomes.iter().any(of_whole));
            }
        }

        #[test]
        fn a_reader_held_up_for_a_moment_goes_on(
            code in prop::collection::vec((prop::char::range('0', '9'), 0..20_000_i64), 8..30),
            at in 3_usize..30, pause in GAP + 1..=PAUSE_MICROS
        ) {
            let (mut late, mut end) = (code.clone(), 4_000);
            match late.get_mut(at) {
                Some(key) => key.1 = pause,
                None => end = pause,
            }
            let outcomes = strokes(&mut Burst::default(), &mut 0, &late, end);
            let whole: String = code.iter().map(|(c, _)| c).collect();
            let resumed = at < code.len();
            prop_assert_eq!(outcomes.last(), Some(&Outcome::Scanned { code: whole, resumed }));
        }

        #[test]
        fn a_clock_that_jumps_makes_no_scan_and_no_panic(
            keys in prop::collection::vec((any::<i64>(), any::<i64>(), any::<bool>()), 0..40)
        ) {
            let mut burst = Burst::default();
            for (from_micros, at_micros, is_end) in keys {
                let key = if is_end { StrokeKey::End } else { StrokeKey::Char('1') };
                if let Outcome::Scanned { code, .. } = burst.take(Stroke { from_micros, at_micros, key }, GAP) {
                    prop_assert!(code.len() >= LEAST_CHARS);
                }
            }
        }
    }

    #[test]
    fn the_first_keys_of_a_printed_code_are_found_again() {
        for split in 1..13 {
            let text: Vec<(char, i64)> = "7891000053508"
                .chars()
                .zip(0..)
                .map(|(c, place)| (c, if place == split { 100_000 } else { 4_000 }))
                .collect();
            let outcomes = strokes(&mut Burst::default(), &mut 0, &text, 4_000);
            let whole = Outcome::Scanned { code: "7891000053508".to_owned(), resumed: true };
            assert_eq!(outcomes.last(), Some(&whole), "{split}");
        }
    }

    /// Two fingers that come down together, twice in a word, and Enter close after it.
    #[test]
    fn keys_that_roll_over_each_other_are_a_persons() {
        for (gaps, end) in
            [([90, 15, 90, 15, 90], 90), ([15, 90, 15, 90, 15], 60), ([15, 70, 15, 70, 15], 15)]
        {
            let text: Vec<(char, i64)> = "leite".chars().zip(gaps).map(|(c, gap)| (c, gap * 1000)).collect();
            let outcomes = strokes(&mut Burst::default(), &mut 0, &text, end * 1000);
            assert_eq!(outcomes.last(), Some(&Outcome::Passed), "{gaps:?}");
        }
    }

    #[test]
    fn short_bursts_are_a_persons() {
        for count in 0..LEAST_CHARS {
            let text = vec![('1', 0); count];
            let outcomes = strokes(&mut Burst::default(), &mut 0, &text, 0);
            assert_eq!(outcomes.last(), Some(&Outcome::Passed), "{count}");
        }
    }
}
