//! Calibration: what is added to the temperatures that sensors sent, before people and alarms see them. What is
//! stored, sealed and told to devices stays raw.
//!
//! [`Offsets::correct`] is the one place where an offset is added to a reading. A bucket of time within one
//! calibration is shifted as a whole; one that a calibration begins in is put together anew from its readings.

use std::collections::HashMap;

use tillwatch_shared::api::{Envelope, Reading, Series, SeriesAnswer};
use tillwatch_shared::time::{DAY, HOUR};
use tillwatch_shared::{SensorId, UtcMicros};

use super::Telemetry;
use super::rollup::Bucket;
use super::series::{self, Grain, Plan};
use super::types::{Measured, ReadError, SeriesError, SeriesRequest};

/// What one sensor's calibrations add, and from which moments on: ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offsets(Vec<(i64, f64)>);

/// Corrected values are kept to the millionth, so that 2.3 less 0.3 is not below 2.
const STEPS_IN_ONE: f64 = 1e6;
/// Values beyond that have no millionths, and no sensor measures them.
const EXACT_BELOW: f64 = 1e9;

fn shifted(celsius: f64, offset: f64) -> f64 {
    let sum = celsius + offset;
    if sum.abs() < EXACT_BELOW { (sum * STEPS_IN_ONE).round() / STEPS_IN_ONE } else { sum }
}

impl Offsets {
    /// What is added at a moment; nothing before the first calibration.
    fn at(&self, moment: i64) -> Option<f64> {
        let after = self.0.partition_point(|(from, _)| *from <= moment);
        Some(self.0.get(after.checked_sub(1)?)?.1)
    }

    /// A temperature that was measured at that moment, as it should have been.
    pub fn correct(&self, at: UtcMicros, celsius: f64) -> f64 {
        self.at(at.0).map_or(celsius, |offset| shifted(celsius, offset))
    }

    /// A reading as people see it, with what the device sent beside it where that differs.
    pub fn tell(&self, mut reading: Reading) -> Reading {
        if let Some(offset) = self.at(reading.measured_at.0) {
            reading.raw_temperature = Some(reading.temperature);
            reading.temperature = shifted(reading.temperature, offset);
        }
        reading
    }

    /// The first calibration after a moment, if it begins before the end.
    fn next_after(&self, moment: i64, end: i64) -> Option<i64> {
        let after = self.0.partition_point(|(from, _)| *from <= moment);
        self.0.get(after).map(|(from, _)| *from).filter(|from| *from < end)
    }

    /// A reading as alarms judge it.
    pub fn measured(&self, mut measured: Measured) -> Measured {
        let [temperature, ..] = &mut measured.values;
        *temperature = self.correct(measured.at, *temperature);
        measured
    }
}

/// The offsets of all sensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections(HashMap<String, Offsets>);

impl FromIterator<(String, UtcMicros, f64)> for Corrections {
    /// Sensor, moment, offset.
    fn from_iter<I: IntoIterator<Item = (String, UtcMicros, f64)>>(all: I) -> Self {
        let mut corrections = Self::default();
        for (sensor, from, offset) in all {
            corrections.0.entry(sensor).or_default().0.push((from.0, offset));
        }
        for offsets in corrections.0.values_mut() {
            offsets.0.sort_by_key(|(from, _)| *from);
        }
        corrections
    }
}

impl Corrections {
    pub fn of(&self, sensor: &SensorId) -> Offsets {
        self.0.get(&sensor.to_string()).cloned().unwrap_or_default()
    }
}

impl Telemetry {
    /// Buckets of min, max, mean and count of corrected readings. Blocks.
    pub fn corrected_series(
        &self,
        request: &SeriesRequest,
        corrections: &Corrections,
    ) -> Result<SeriesAnswer, SeriesError> {
        let plan = series::plan(request)?;
        let mut found = self.inner.history.series(&request.sensors, &plan)?;
        for series in &mut found {
            self.correct(series, &plan, &corrections.of(&series.sensor_id))?;
        }
        Ok(series::answer(&plan, found))
    }

    /// The readings of a sensor, corrected, in their order; `to` is not included. All of them are in memory then: ask
    /// for a day or so at a time. Blocks.
    pub fn corrected_readings(
        &self,
        sensor: &SensorId,
        from: UtcMicros,
        to: UtcMicros,
        offsets: &Offsets,
    ) -> Result<Vec<Measured>, ReadError> {
        let rows = self.inner.history.readings(sensor, from.0, to.0)?;
        Ok(rows.iter().map(|row| offsets.measured(row.into())).collect())
    }

    fn correct(&self, series: &mut Series, plan: &Plan, offsets: &Offsets) -> Result<(), ReadError> {
        if offsets.at(plan.to - 1).is_none() {
            return Ok(());
        }
        let raw = series.temperature.clone();
        let Envelope { min, max, mean } = &mut series.temperature;
        let places = series.start_micros.iter().zip(min.iter_mut().zip(max).zip(mean));
        for (&start, ((min, max), mean)) in places {
            let end = start.saturating_add(plan.step);
            if offsets.next_after(start, end).is_some() {
                let anew = self.put_together(&series.sensor_id, plan.grain, (start, end), offsets)?;
                if let Some(spread) = anew.temperature() {
                    [*min, *max, *mean] = spread;
                }
            } else if let Some(offset) = offsets.at(start) {
                for value in [min, max, mean] {
                    *value = shifted(*value, offset);
                }
            }
        }
        series.raw_temperature = Some(raw);
        Ok(())
    }

    /// A bucket in which a calibration begins.
    fn put_together(
        &self,
        sensor: &SensorId,
        grain: Grain,
        (start, end): (i64, i64),
        offsets: &Offsets,
    ) -> Result<Bucket, ReadError> {
        let mut whole = Bucket::default();
        let mut at = start;
        while at < end {
            let (piece, until) = match grain {
                Grain::Hours => self.hours(sensor, (at, end), offsets)?,
                Grain::Minutes | Grain::Readings => {
                    let until = end.min(at.saturating_add(DAY));
                    (self.counted_anew(sensor, (at, until), offsets)?, until)
                }
            };
            whole.merge(&piece);
            at = until;
        }
        Ok(whole)
    }

    /// The hours from `at` on that have one calibration, or else the one hour in which one begins; and where they end.
    fn hours(
        &self,
        sensor: &SensorId,
        (at, end): (i64, i64),
        offsets: &Offsets,
    ) -> Result<(Bucket, i64), ReadError> {
        let next = offsets.next_after(at, end).unwrap_or(end);
        let until = at + (next - at) / HOUR * HOUR;
        if until > at {
            return Ok((self.stored_hours(sensor, (at, until), offsets)?, until));
        }
        let until = at + HOUR;
        let read = self.counted_anew(sensor, (at, until), offsets)?;
        let stored = self.stored_hours(sensor, (at, until), offsets)?;
        // Of readings that are no longer kept only the whole hour is known: it counts by the calibration of its begin.
        Ok((if read.count() < stored.count() { stored } else { read }, until))
    }

    /// Hours as they are kept, by the calibration of their begin.
    fn stored_hours(
        &self,
        sensor: &SensorId,
        (from, to): (i64, i64),
        offsets: &Offsets,
    ) -> Result<Bucket, ReadError> {
        let plan = Plan { step: to - from, from, to, grain: Grain::Hours };
        let mut found = self.inner.history.series(std::slice::from_ref(sensor), &plan)?;
        let offset = offsets.at(from);
        let bucket = found.pop().and_then(|series| {
            let envelope = &series.temperature;
            let (min, max) = (*envelope.min.first()?, *envelope.max.first()?);
            let (mean, count) = (*envelope.mean.first()?, *series.count.first()?);
            let spread = [min, max, mean].map(|value| offset.map_or(value, |offset| shifted(value, offset)));
            Some(Bucket::of_temperature(count, spread))
        });
        Ok(bucket.unwrap_or_default())
    }

    fn counted_anew(
        &self,
        sensor: &SensorId,
        (from, to): (i64, i64),
        offsets: &Offsets,
    ) -> Result<Bucket, ReadError> {
        let mut bucket = Bucket::default();
        for reading in self.corrected_readings(sensor, UtcMicros(from), UtcMicros(to), offsets)? {
            bucket.add(reading.values);
        }
        Ok(bucket)
    }
}
