//! One stored reading in memory, and the arithmetic of its place in time.

use tillwatch_shared::time::{HOUR, MINUTE};

/// 2200-01-01T00:00:00Z. Measured times are from 1970 to before this.
pub(super) const END_OF_TIME: i64 = 7_258_118_400_000_000;

/// A stored reading of a sensor that is known from the context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub id: i64,
    /// When it was measured, microseconds since 1970 UTC.
    pub taken_at: i64,
    pub received_at: i64,
    /// Who sent it: a number from the table of sources, 0 for unknown.
    pub source: u16,
    /// Temperature, humidity, pressure.
    pub values: [f64; 3],
}

impl Row {
    /// By what the newest reading of a sensor is told: when it was measured, and of a reading that claims to be
    /// from the future, with its id, when it came. So a device whose clock was wrong once does not keep all
    /// later readings off the screen.
    pub fn shown_at(&self) -> (i64, i64) {
        (self.taken_at.min(self.received_at), self.id)
    }
}

/// The hour since 1970 that a moment is in.
pub(super) fn hour_of(micros: i64) -> i64 {
    micros.div_euclid(HOUR)
}

/// The minute (0 to 59) of its hour that a moment is in.
pub(super) fn minute_of(micros: i64) -> u8 {
    u8::try_from(micros.rem_euclid(HOUR) / MINUTE).unwrap_or(0)
}

pub(super) fn acceptable_time(micros: i64) -> bool {
    (0..END_OF_TIME).contains(&micros)
}

/// Merges rows, sorted by time, into others that are sorted by time. No time is in both.
pub(super) fn merge_sorted(into: &mut Vec<Row>, run: &[Row]) {
    let (Some(last), Some(first)) = (into.last(), run.first()) else {
        into.extend_from_slice(run);
        return;
    };
    if last.taken_at < first.taken_at {
        into.extend_from_slice(run);
        return;
    }
    let split = into.partition_point(|row| row.taken_at < first.taken_at);
    let mut behind = into.split_off(split).into_iter().peekable();
    let mut run = run.iter().peekable();
    loop {
        match (behind.peek(), run.peek()) {
            (Some(old), Some(new)) if old.taken_at <= new.taken_at => into.extend(behind.next()),
            (_, Some(_)) => into.extend(run.next()),
            (Some(_), None) => into.extend(behind.next()),
            (None, None) => return,
        }
    }
}

/// Whether sorted rows have one of this moment.
pub(super) fn has_time(rows: &[Row], taken_at: i64) -> bool {
    rows.binary_search_by_key(&taken_at, |row| row.taken_at).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Row, merge_sorted};

    fn rows(times: &[i64]) -> Vec<Row> {
        times
            .iter()
            .map(|t| Row { id: *t, taken_at: *t, received_at: 0, source: 0, values: [0.0; 3] })
            .collect()
    }

    #[test]
    fn merges_wherever_the_run_belongs() {
        for (old, new) in [
            (&[1, 2][..], &[3, 4][..]),
            (&[3, 4], &[1, 2]),
            (&[1, 4, 6], &[0, 2, 3, 5, 9]),
            (&[], &[1]),
            (&[1], &[]),
        ] {
            let mut merged = rows(old);
            merge_sorted(&mut merged, &rows(new));
            let mut expected = [old, new].concat();
            expected.sort_unstable();
            assert_eq!(merged, rows(&expected));
        }
    }
}
