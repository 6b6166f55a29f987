//! Columns of the wall, and the time range that is typed.

use tillwatch_shared::UtcMicros;

use super::{compare, user};
use crate::sensor_view::{ToolAct, TypedRange};
use crate::state::{Page, State};

pub(super) fn act(state: &mut State, act: ToolAct, now: UtcMicros) {
    let view = &mut state.sensor_view;
    match (act, &mut view.typed) {
        (ToolAct::Columns(columns), _) => view.columns = columns,
        (ToolAct::Troubled(troubled), _) => {
            view.troubled = troubled;
            user::open(state, Page::Sensors);
            if state.large.take().is_some() {
                compare::left(state);
            }
        }
        (ToolAct::Toggle, Some(_)) => view.typed = None,
        (ToolAct::Toggle, None) => {
            let range = state.range(&state.sensor_charts, now);
            state.sensor_view.typed = Some(TypedRange::of(range, &zone(state)));
        }
        (ToolAct::Focused, Some(typed)) => typed.fresh = false,
        (ToolAct::From(text), Some(typed)) => {
            typed.from = text;
            typed.complaint = None;
        }
        (ToolAct::To(text), Some(typed)) => {
            typed.to = text;
            typed.complaint = None;
        }
        (ToolAct::Apply, Some(_)) => apply(state, now),
        (ToolAct::Focused | ToolAct::From(_) | ToolAct::To(_) | ToolAct::Apply, None) => {}
    }
}

fn zone(state: &State) -> jiff::tz::TimeZone {
    state.zone(state.large_sensor().and_then(|sensor| sensor.store_id))
}

fn apply(state: &mut State, now: UtcMicros) {
    let (zone, server_now) = (zone(state), state.server_now(now).0);
    let Some(typed) = &mut state.sensor_view.typed else { return };
    match typed.read(&zone, server_now) {
        Ok(range) => {
            let charts = &mut state.sensor_charts;
            charts.view = charts.view.select(range.from, range.to, server_now);
            charts.moved_at = UtcMicros(0);
            state.sensor_view.typed = None;
        }
        Err(complaint) => typed.complaint = Some(complaint),
    }
}
