//! Which series to ask for, and when: everything once, then only the tail; again in whole when the view
//! has moved beyond what is here, and rested.

use std::fmt::Display;

use rust_xlsxwriter::XlsxError;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::SeriesAnswer;
use tillwatch_shared::client::{SeriesQuery, Step};
use tillwatch_shared::limits::{SERIES_POINTS, SERIES_SENSORS};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{SensorId, UtcMicros};

use super::{AT_ONCE, POLL, compare, is_due, saving};
use crate::chart_texts::Text;
use crate::charts::table::{Curves, Saved};
use crate::charts::{Block, Range};
use crate::compare::Against;
use crate::compare_texts;
use crate::input::{ChartsShown, Effect};
use crate::saving::SaveFailure;
use crate::state::{Charts, SeriesAsked, SeriesKind, State};

/// A view that moves is left alone for this long.
pub(super) const REST: i64 = SECOND / 5;
/// Readings that came late, from a device with a backlog, appear after this long at first …
const WHOLE_AGE_FIRST: i64 = 15 * SECOND;
/// … and after twice as long each time, up to this.
const WHOLE_AGE_MOST: i64 = 5 * MINUTE;
/// The tail overlaps what is here by so much: readings arrive a little after they were measured.
const OVERLAP: i64 = 30 * SECOND;
/// Points are asked for in steps, so that a window that is dragged wider does not ask at every pixel.
const POINTS_STEP: u32 = 100;

pub(super) fn shown(charts: &mut Charts, shown: ChartsShown) {
    let points = shown.points.div_ceil(POINTS_STEP).max(1) * POINTS_STEP;
    let mut sensors = shown.sensors;
    sensors.truncate(SERIES_SENSORS);
    charts.shown = ChartsShown { points: points.min(SERIES_POINTS / 2), sensors };
}

/// What the large chart shows, as a table.
pub(super) fn save_csv(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    save_table(state, "csv", now, effects, |curves| Ok(curves.csv()));
}

/// The same as a workbook.
pub(super) fn save_xlsx(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    save_table(state, "xlsx", now, effects, |curves| curves.xlsx(now));
}

fn save_table(
    state: &mut State,
    end: &'static str,
    now: UtcMicros,
    effects: &mut Vec<Effect>,
    write: impl FnOnce(&Curves<'_>) -> Result<Vec<u8>, XlsxError>,
) {
    match with_curves(state, now, write) {
        Some(Ok(bytes)) => save(state, end, bytes, now, effects),
        Some(Err(error)) => saving::tell(state, &SaveFailure::Disk(error.to_string()), now),
        None => {}
    }
}

/// The curves of the large chart.
fn with_curves<T>(state: &State, now: UtcMicros, save: impl FnOnce(&Curves<'_>) -> T) -> Option<T> {
    let charts = &state.sensor_charts;
    let (sensor, block) = (state.large_sensor()?, charts.block.as_ref()?);
    let (range, zone, lang) = (state.range(charts, now), state.zone(sensor.store_id), state.lang());
    let history = block.get(&sensor.id)?;
    let first = Saved { name: &sensor.name, history, step: block.step, range, later: 0 };
    let mut all = vec![first];
    if let Some(other) = state.other_sensor() {
        let history = block.get(&other.id);
        all.extend(history.map(|history| Saved { name: &other.name, history, ..first }));
    }
    if let (Some(later), Some(Against::Before(before))) = (state.earlier_by(now), state.against()) {
        let name = compare_texts::before(*before).get(lang);
        let block = state.compare.earlier.block.as_ref();
        all.extend(block.and_then(|block| {
            let history = block.get(&sensor.id)?;
            Some(Saved { name, history, step: block.step, range: range.earlier(later), later })
        }));
    }
    Some(save(&Curves { all, zone: &zone, lang }))
}

/// A file with the name of the large sensor and of what is in sight.
pub(super) fn save(
    state: &mut State,
    end: &'static str,
    bytes: Vec<u8>,
    now: UtcMicros,
    effects: &mut Vec<Effect>,
) {
    let Some(sensor) = state.large_sensor() else { return };
    let (range, zone) = (state.range(&state.sensor_charts, now), state.zone(sensor.store_id));
    let at =
        |micros| UtcMicros(micros).timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H%M").to_string();
    let words: [(&str, &dyn Display); 3] =
        [("name", &sensor.name), ("from", &at(range.from)), ("to", &at(range.to))];
    let name = Text::File.with(state.lang(), &words);
    saving::bytes(state, &name, end, bytes, effects);
}

pub(super) fn due(state: &mut State, now: UtcMicros, polling: bool, effects: &mut Vec<Effect>) {
    let server_now = state.server_now(now).0;
    let ticket = state.tickets + 1;
    let Some(charts) = state.charts_mut() else { return };
    if charts.asked.is_some() || charts.shown.sensors.is_empty() || !is_due(charts.retry_at, now, polling) {
        return;
    }
    let range = charts.view.range(server_now);
    let (kind, query) = if wants_whole(charts, range, now, polling) {
        if now < charts.moved_at.plus(REST) {
            return;
        }
        (SeriesKind::Whole, whole(charts, range, server_now))
    } else if charts.view.follows() && is_due(charts.tail_at, now, polling) {
        let Some(query) = tail(charts, server_now) else { return };
        (SeriesKind::Tail, query)
    } else {
        return;
    };
    let sensors = query.sensors.clone();
    charts.asked =
        Some(SeriesAsked { ticket, sensors, kind, span: range.span(), points: charts.shown.points });
    charts.tail_at = now.plus(POLL);
    if kind == SeriesKind::Whole {
        charts.block_at = now;
        // The same view again: the backlog, if there was one, comes in by and by.
        let again = charts.block_for == (range.span(), charts.shown.points);
        charts.whole_age = if again { (charts.whole_age * 2).min(WHOLE_AGE_MOST) } else { WHOLE_AGE_FIRST };
        charts.whole_at = now.plus(charts.whole_age);
    }
    state.tickets = ticket;
    effects.push(Effect::Series { ticket, query });
}

pub(super) fn next_wake(charts: &Charts, now: UtcMicros) -> UtcMicros {
    let rested = charts.moved_at.plus(REST);
    // Everything else goes with the poll.
    if rested > now { rested } else { now.plus(POLL) }
}

/// Whether what is here cannot show `range` well.
fn wants_whole(charts: &Charts, range: Range, now: UtcMicros, polling: bool) -> bool {
    let Some(block) = &charts.block else { return true };
    let (span, points) = charts.block_for;
    let follows = charts.view.follows();
    // A tail longer than half of the screen is not worth its own request.
    let missing = range.to.saturating_sub(block.covered.to);
    let covered =
        block.covered.from <= range.from.max(0) && missing <= if follows { range.span() / 2 } else { 0 };
    // A server that answers something else than it was asked is asked again with the poll only.
    let answered = charts.moved_at <= charts.block_at && now < charts.block_at.plus(POLL);
    let fitting = span / 2 <= range.span() && range.span() <= span.saturating_mul(2);
    (!covered && !answered)
        || !fitting
        || charts.shown.points > points.saturating_mul(3) / 2
        || !block.has_all(&charts.shown.sensors)
        || (follows && is_due(charts.whole_at, now, polling))
}

/// The range with a quarter on either side, so that a small pan finds its data here.
fn whole(charts: &Charts, range: Range, server_now: i64) -> SeriesQuery {
    let margin = range.span() / 4;
    let from = range.from.saturating_sub(margin).max(0);
    let to = range.to.saturating_add(margin).min(server_now).max(from.saturating_add(1));
    let points = (charts.shown.points.saturating_mul(5) / 4).min(SERIES_POINTS);
    let sensors = charts.shown.sensors.clone();
    SeriesQuery { sensors, from: UtcMicros(from), to: UtcMicros(to), step: Step::Points(points) }
}

fn tail(charts: &Charts, server_now: i64) -> Option<SeriesQuery> {
    let block = charts.block.as_ref()?;
    let from = block.covered.to.saturating_sub(OVERLAP.max(block.step)).max(block.covered.from);
    let sensors: Vec<SensorId> = block.sensors().cloned().collect();
    (from < server_now).then_some(SeriesQuery {
        sensors,
        from: UtcMicros(from),
        to: UtcMicros(server_now),
        step: Step::Micros(block.step),
    })
}

pub(super) fn series(state: &mut State, ticket: u64, result: Result<SeriesAnswer, Failure>, now: UtcMicros) {
    let server_now = state.server_now(now).0;
    let pages = [&mut state.overview_charts, &mut state.sensor_charts];
    let Some(charts) = pages.into_iter().find(|c| c.asked.as_ref().is_some_and(|a| a.ticket == ticket))
    else {
        compare::series(state, ticket, result, now);
        return;
    };
    let Some(asked) = charts.asked.take() else { return };
    match (result, asked.kind) {
        (Ok(answer), SeriesKind::Whole) => {
            charts.block = Some(Block::new(&asked.sensors, answer));
            charts.block_for = (asked.span, asked.points);
            charts.failure = None;
        }
        (Ok(answer), SeriesKind::Tail) => {
            let range = charts.view.range(server_now);
            let keep_from = range.from.saturating_sub(range.span() / 4);
            charts.failure = None;
            match &mut charts.block {
                Some(block) if block.accepts(&answer) => block.merge(answer, keep_from),
                // Another step or a hole: the next request is for everything.
                Some(_) | None => charts.whole_at = AT_ONCE,
            }
        }
        (Err(failure), _) => {
            charts.failure = Some(failure);
            charts.retry_at = now.plus(POLL);
        }
    }
}
