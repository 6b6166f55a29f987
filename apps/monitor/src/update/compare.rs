//! What the large chart is compared with, and when the readings of an earlier period are asked for: in the very
//! buckets of what is in sight, as soon as those are here.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::format;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::SeriesAnswer;
use tillwatch_shared::client::{SeriesQuery, Step};

use super::charts::REST;
use super::{AT_ONCE, POLL};
use crate::charts::{Block, Range};
use crate::compare::{Against, Before, Chooser, CompareAct, Earlier, EarlierAsk};
use crate::compare_texts::Text;
use crate::input::Effect;
use crate::reports::parse_moment;
use crate::state::{Page, SeriesKind, State};

pub(super) fn act(state: &mut State, act: CompareAct, now: UtcMicros) {
    match act {
        CompareAct::Toggle if state.compare.with.is_some() => with(state, None),
        CompareAct::Toggle | CompareAct::Choose => choose(state, now),
        CompareAct::Close => state.compare.chooser = None,
        CompareAct::With(against) => with(state, Some(against)),
        CompareAct::Off => with(state, None),
        CompareAct::TakeMarked => take_marked(state),
        CompareAct::TakeBegin => take_begin(state, now),
        CompareAct::Search(search) => {
            if let Some(chooser) = &mut state.compare.chooser {
                *chooser = Chooser { search, marked: 0, ..std::mem::take(chooser) };
            }
        }
        CompareAct::Mark(by) => mark(state, by),
        CompareAct::Begin(begin) => {
            if let Some(chooser) = &mut state.compare.chooser {
                *chooser = Chooser { begin, wrong: None, ..std::mem::take(chooser) };
            }
        }
    }
}

/// Another sensor is large, or none: what it was compared with was about the one before.
pub(super) fn left(state: &mut State) {
    state.compare.chooser = None;
    with(state, None);
}

fn with(state: &mut State, against: Option<Against>) {
    if state.compare.with != against {
        state.compare.with = against;
        state.compare.earlier = Earlier::default();
    }
    state.compare.chooser = None;
}

/// The field of the beginning offers the day before what is in sight.
fn choose(state: &mut State, now: UtcMicros) {
    let Some(sensor) = state.large_sensor() else { return };
    let zone = state.zone(sensor.store_id);
    let range = state.range(&state.sensor_charts, now);
    let begin = range.from.saturating_sub(Before::Day.shift(range, &zone));
    let begin = format::date_time(UtcMicros(begin), &zone);
    state.compare.chooser = Some(Chooser { begin, ..Chooser::default() });
}

fn mark(state: &mut State, by: i64) {
    let Some(chooser) = &state.compare.chooser else { return };
    let last = state.offered_beside(&chooser.search).len().saturating_sub(1);
    let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let moved =
        if by < 0 { chooser.marked.saturating_sub(rows) } else { chooser.marked.saturating_add(rows) };
    if let Some(chooser) = &mut state.compare.chooser {
        chooser.marked = moved.min(last);
    }
}

fn take_marked(state: &mut State) {
    let Some(chooser) = &state.compare.chooser else { return };
    let marked = state.offered_beside(&chooser.search).get(chooser.marked).map(|sensor| sensor.id.clone());
    if let Some(sensor) = marked {
        with(state, Some(Against::Sensor(sensor)));
    }
}

fn take_begin(state: &mut State, now: UtcMicros) {
    let (Some(chooser), Some(sensor)) = (&state.compare.chooser, state.large_sensor()) else { return };
    let zone = state.zone(sensor.store_id);
    let range = state.range(&state.sensor_charts, now);
    let begin = parse_moment(&chooser.begin, &zone).ok_or(Text::WrongBegin);
    match begin.and_then(|begin| shift_to(begin.0, range)) {
        Ok(micros) => with(state, Some(Against::Before(Before::By(micros)))),
        Err(wrong) => {
            if let Some(chooser) = &mut state.compare.chooser {
                chooser.wrong = Some(wrong);
            }
        }
    }
}

fn shift_to(begin: i64, range: Range) -> Result<i64, Text> {
    let by = range.from.saturating_sub(begin);
    if by > 0 && begin >= 0 { Ok(by) } else { Err(Text::NotEarlier) }
}

/// Everything that is compared is read again.
pub(super) fn stale(state: &mut State) {
    state.compare.earlier.stale = true;
    state.compare.earlier.retry_at = AT_ONCE;
    state.compare.earlier.asked_at = AT_ONCE;
}

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.page != Page::Sensors {
        return;
    }
    forget_the_gone(state);
    let Some(ask) = wanted(state, now) else { return };
    state.tickets = ask.ticket;
    let query = SeriesQuery {
        sensors: vec![ask.sensor.clone()],
        from: UtcMicros(ask.range.from),
        to: UtcMicros(ask.range.to),
        step: Step::Micros(ask.step),
    };
    effects.push(Effect::Series { ticket: ask.ticket, query });
    let earlier = &mut state.compare.earlier;
    earlier.stale = false;
    earlier.asked_at = now;
    earlier.last = Some(ask.clone());
    earlier.asked = Some(ask);
}

/// A sensor that is no longer listed is not compared.
fn forget_the_gone(state: &mut State) {
    let gone = matches!(state.compare.with, Some(Against::Sensor(_))) && state.other_sensor().is_none();
    if gone && state.sensors.value().is_some() {
        with(state, None);
    }
}

/// The request that is to be made, if any.
fn wanted(state: &State, now: UtcMicros) -> Option<EarlierAsk> {
    let (charts, earlier) = (&state.sensor_charts, &state.compare.earlier);
    let (by, sensor) = (state.earlier_by(now)?, state.large.as_ref()?);
    let step = charts.block.as_ref()?.step;
    // Other buckets are on their way, or the hand still moves.
    let unsettled = charts.asked.as_ref().is_some_and(|asked| asked.kind == SeriesKind::Whole)
        || now < charts.moved_at.plus(REST);
    if unsettled || earlier.asked.is_some() || now < earlier.retry_at {
        return None;
    }
    let range = state.range(charts, now);
    let server_now = state.server_now(now).0;
    let reach = |from: i64, to: i64| {
        let to = to.min(server_now).max(1);
        Range { from: from.max(0).min(to - 1), to }
    };
    let shown = range.earlier(by);
    let shown = reach(shown.from, shown.to);
    let here = earlier.block.as_ref().is_some_and(|block| {
        block.step == step && block.get(sensor).is_some() && block.covered.contains(shown)
    });
    // A server that answers something else than it was asked is asked again with the poll only.
    let answered = earlier.last.as_ref().is_some_and(|last| {
        last.step == step
            && last.sensor == *sensor
            && last.range.contains(shown)
            && now < earlier.asked_at.plus(POLL)
    });
    if (here && !earlier.stale) || answered {
        return None;
    }
    let margin = range.span() / 4;
    let range = reach(shown.from.saturating_sub(margin), shown.to.saturating_add(margin));
    Some(EarlierAsk { ticket: state.tickets + 1, sensor: sensor.clone(), range, step })
}

pub(super) fn series(state: &mut State, ticket: u64, result: Result<SeriesAnswer, Failure>, now: UtcMicros) {
    let earlier = &mut state.compare.earlier;
    let Some(asked) = earlier.asked.take_if(|asked| asked.ticket == ticket) else { return };
    match result {
        Ok(answer) => {
            earlier.block = Some(Block::new(&[asked.sensor], answer));
            earlier.failure = None;
        }
        Err(failure) => {
            earlier.failure = Some(failure);
            earlier.retry_at = now.plus(POLL);
            earlier.last = None;
        }
    }
}
