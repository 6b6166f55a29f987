//! The pieces of a copy: hours, readings, and the comparison of both sides. Memory holds one piece at a time.

use std::borrow::Cow;

use tillwatch_shared::SensorId;

use super::super::portion::Portion;
use super::super::seal::Digest;
use super::{CopyError, Hour, Origin, Outline, Target};

/// Ids that are compared at once.
const SPAN: i64 = 200_000;

/// Brings the hours whose readings are no longer kept; says how many.
pub(super) fn hours(from: &dyn Origin, to: &mut dyn Target, outline: &Outline) -> Result<u64, CopyError> {
    let mut after = (0, 0);
    let mut count = 0;
    loop {
        let mut hours = from.hours(after, outline.kept_from)?;
        let Some(last) = hours.last() else { return Ok(count) };
        after = (last.sensor, last.start);
        hours.retain_mut(|hour| renumber(hour, &*to, outline));
        to.adopt_hours(&hours)?;
        count += hours.len() as u64;
    }
}

/// From the source's number of a sensor to the target's.
fn renumber(hour: &mut Hour, to: &dyn Target, outline: &Outline) -> bool {
    let place = usize::try_from(hour.sensor).ok().and_then(|number| number.checked_sub(1));
    let named = place.and_then(|place| outline.sensors.get(place));
    let number = named.and_then(|named| to.number(&named.id));
    hour.sensor = number.unwrap_or_default();
    number.is_some()
}

/// Brings the readings of a range of ids, the first of which is not included.
pub(super) fn readings(
    from: &dyn Origin,
    to: &mut dyn Target,
    (mut after, last_id): (i64, i64),
    kept_from: i64,
    told: &mut dyn FnMut(i64),
) -> Result<(), CopyError> {
    while after < last_id {
        told(after);
        let (portion, upto) = kept(from, (after, last_id), kept_from)?;
        to.adopt(&portion)?;
        after = upto;
    }
    Ok(())
}

/// Some readings of a range, without those that are no longer kept.
fn kept(
    from: &dyn Origin,
    (after, last_id): (i64, i64),
    kept_from: i64,
) -> Result<(Portion, i64), CopyError> {
    let (mut portion, upto) = from.portion(after, last_id)?;
    portion.rows.retain(|(_, row)| row.taken_at >= kept_from);
    Ok((portion, upto))
}

/// Compares the readings of a range of ids, the first of which is not included; says how many there are.
pub(super) fn compare(
    (one, other): (&dyn Origin, &dyn Origin),
    (mut after, last_id): (i64, i64),
    kept_from: i64,
    unlike: &dyn Fn(i64, i64) -> CopyError,
    told: &mut dyn FnMut(i64),
) -> Result<u64, CopyError> {
    let mut count = 0;
    while after < last_id {
        told(after);
        let upto = last_id.min(after + SPAN);
        let found = tally(one, (after, upto), kept_from)?;
        if found != tally(other, (after, upto), kept_from)? {
            return Err(unlike(after + 1, upto));
        }
        count += found.0;
        after = upto;
    }
    Ok(count)
}

/// Count and digest of the readings of a range.
fn tally(
    from: &dyn Origin,
    (mut after, last_id): (i64, i64),
    kept_from: i64,
) -> Result<(u64, String), CopyError> {
    let (mut count, mut digest) = (0, Digest::default());
    let first_id = after + 1;
    while after < last_id {
        let (portion, upto) = kept(from, (after, last_id), kept_from)?;
        let sensors: Vec<Cow<'_, str>> = portion.sensors.iter().map(text).collect();
        let sources: Vec<String> = portion.sources.iter().map(ToString::to_string).collect();
        for (place, row) in &portion.rows {
            let sensor = usize::try_from(*place).ok().and_then(|place| sensors.get(place));
            let source = usize::from(row.source).checked_sub(1).and_then(|place| sources.get(place));
            digest.add(row, sensor.map_or("", |text| text), source.map_or("", |text| text));
        }
        count += portion.rows.len() as u64;
        after = upto;
    }
    Ok((count, digest.seal(first_id, last_id).digest))
}

fn text(id: &SensorId) -> Cow<'_, str> {
    match id {
        SensorId::Number(number) => Cow::Owned(number.to_string()),
        SensorId::Text(text) => Cow::Borrowed(text),
    }
}
