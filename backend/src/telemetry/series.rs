//! Downsampling: which buckets answer a question, and what falls into them. Pure.

use tillwatch_shared::api::{Envelope, Series, SeriesAnswer};
use tillwatch_shared::limits::{SERIES_POINTS, SERIES_SENSORS};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{SensorId, UtcMicros};

use super::rollup::Bucket;
use super::row::END_OF_TIME;
use super::types::{Buckets, SeriesError, SeriesRequest};

/// The usual steps. Each divides the next hour or day, so that buckets lie as a clock would cut them.
const STEPS: [i64; 23] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    30 * DAY,
    360 * DAY,
    // One bucket from 1970 to the end of time.
    90_000 * DAY,
];

/// What the buckets of a step can be put together from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    Hours,
    Minutes,
    Readings,
}

/// The buckets of an answer: `from` and `to` are multiples of `step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub step: i64,
    pub from: i64,
    /// Not included.
    pub to: i64,
    pub grain: Grain,
}

/// Checks a question and cuts its range into buckets.
pub(super) fn plan(request: &SeriesRequest) -> Result<Plan, SeriesError> {
    if request.sensors.is_empty() || request.sensors.len() > SERIES_SENSORS {
        return Err(SeriesError::Sensors);
    }
    let (from, to) = (request.from.0, request.to.0);
    if from < 0 || from >= to || to > END_OF_TIME {
        return Err(SeriesError::Range);
    }
    let step = match request.buckets {
        Buckets::Points(points) => usual_step(from, to, points)?,
        Buckets::StepMicros(step) if step <= 0 || buckets(from, to, step) > i64::from(SERIES_POINTS) => {
            return Err(SeriesError::Step);
        }
        Buckets::StepMicros(step) => step,
    };
    let grain = match step {
        step if step % HOUR == 0 => Grain::Hours,
        step if step % MINUTE == 0 => Grain::Minutes,
        _ => Grain::Readings,
    };
    let from = from / step * step;
    Ok(Plan { step, from, to: from.saturating_add(buckets(from, to, step).saturating_mul(step)), grain })
}

fn usual_step(from: i64, to: i64, points: u32) -> Result<i64, SeriesError> {
    if points == 0 || points > SERIES_POINTS {
        return Err(SeriesError::Points);
    }
    let fits = |step: &i64| buckets(from, to, *step) <= i64::from(points);
    STEPS.into_iter().find(fits).ok_or(SeriesError::Points)
}

/// How many buckets touch the range.
fn buckets(from: i64, to: i64, step: i64) -> i64 {
    (to - 1) / step - from / step + 1
}

/// The buckets of one sensor while they fill, in any order.
#[derive(Debug)]
pub(super) struct Filling {
    plan: Plan,
    buckets: Vec<Bucket>,
    /// Where the last reading went, and that bucket's start: the next one mostly goes there too.
    place: usize,
    start: i64,
}

impl Filling {
    pub fn new(plan: Plan) -> Self {
        let count = usize::try_from((plan.to - plan.from) / plan.step).unwrap_or_default();
        Self { plan, buckets: vec![Bucket::default(); count], place: 0, start: plan.from }
    }

    /// Counts a reading; one outside of the range is left out.
    pub fn add(&mut self, taken_at: i64, values: [f64; 3]) {
        if let Some(bucket) = self.bucket(taken_at) {
            bucket.add(values);
        }
    }

    /// Counts what a minute or an hour holds, by its start.
    pub fn merge(&mut self, start: i64, part: &Bucket) {
        if let Some(bucket) = self.bucket(start) {
            bucket.merge(part);
        }
    }

    fn bucket(&mut self, at: i64) -> Option<&mut Bucket> {
        if !(0..self.plan.step).contains(&(at.wrapping_sub(self.start))) {
            if at < self.plan.from || at >= self.plan.to {
                return None;
            }
            let place = (at - self.plan.from) / self.plan.step;
            self.place = usize::try_from(place).ok()?;
            self.start = self.plan.from + place * self.plan.step;
        }
        self.buckets.get_mut(self.place)
    }

    /// The series: buckets without a reading are left out.
    pub fn finish(self, sensor_id: SensorId) -> Series {
        let mut series = Series {
            sensor_id,
            start_micros: Vec::new(),
            count: Vec::new(),
            temperature: Envelope::default(),
            raw_temperature: None,
            humidity: Envelope::default(),
            pressure: Envelope::default(),
        };
        let mut start = self.plan.from;
        for bucket in &self.buckets {
            if bucket.count() > 0 {
                series.start_micros.push(start);
                series.count.push(bucket.count());
                bucket.draw([&mut series.temperature, &mut series.humidity, &mut series.pressure]);
            }
            start += self.plan.step;
        }
        series
    }
}

/// The whole answer.
pub(super) fn answer(plan: &Plan, series: Vec<Series>) -> SeriesAnswer {
    SeriesAnswer { step_micros: plan.step, from: UtcMicros(plan.from), to: UtcMicros(plan.to), series }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(from: i64, to: i64, buckets: Buckets) -> Result<Plan, SeriesError> {
        let sensors = vec![SensorId::Number(1)];
        plan(&SeriesRequest { sensors, from: UtcMicros(from), to: UtcMicros(to), buckets })
    }

    #[test]
    fn steps_of_usual_ranges() {
        let year = 365 * DAY;
        let steps = [(10 * MINUTE, SECOND), (HOUR, 5 * SECOND), (DAY, 2 * MINUTE), (year, 12 * HOUR)];
        for (range, step) in steps {
            let plan = ask(10_000 * DAY, 10_000 * DAY + range, Buckets::Points(1_000)).unwrap();
            assert_eq!(plan.step, step);
            assert!((plan.to - plan.from) / plan.step <= 1_000);
        }
    }

    #[test]
    fn any_range_fits_any_number_of_points() {
        for points in [1, 2, SERIES_POINTS] {
            for (from, to) in [(0, END_OF_TIME), (END_OF_TIME - 1, END_OF_TIME), (0, 1), (DAY - 1, DAY + 1)] {
                let plan = ask(from, to, Buckets::Points(points)).unwrap();
                assert!((plan.to - plan.from) / plan.step <= i64::from(points));
                assert!(plan.from <= from && plan.to >= to);
                assert!(plan.from % plan.step == 0 && plan.to % plan.step == 0);
            }
        }
    }

    #[test]
    fn refuses_what_has_no_bound() {
        assert_eq!(ask(5, 5, Buckets::Points(10)), Err(SeriesError::Range));
        assert_eq!(ask(-1, 5, Buckets::Points(10)), Err(SeriesError::Range));
        assert_eq!(ask(0, i64::MAX, Buckets::Points(10)), Err(SeriesError::Range));
        assert_eq!(ask(0, 5, Buckets::Points(0)), Err(SeriesError::Points));
        assert_eq!(ask(0, 5, Buckets::Points(SERIES_POINTS + 1)), Err(SeriesError::Points));
        assert_eq!(ask(0, DAY, Buckets::StepMicros(0)), Err(SeriesError::Step));
        assert_eq!(ask(0, DAY, Buckets::StepMicros(SECOND)), Err(SeriesError::Step));
        assert!(ask(0, DAY, Buckets::StepMicros(i64::MAX)).is_ok());
    }

    #[test]
    fn fills_in_any_order() {
        let plan = ask(7 * MINUTE, 9 * MINUTE, Buckets::StepMicros(MINUTE)).unwrap();
        let mut filling = Filling::new(plan);
        for at in [9 * MINUTE, 8 * MINUTE, 9 * MINUTE - 1, 7 * MINUTE - 1, 7 * MINUTE] {
            filling.add(at, [at as f64, 0.0, 0.0]);
        }
        let series = filling.finish(SensorId::Number(1));
        assert_eq!(series.start_micros, [7 * MINUTE, 8 * MINUTE]);
        assert_eq!(series.count, [1, 2]);
        assert_eq!(series.temperature.max, [420_000_000.0, 539_999_999.0]);
    }
}
