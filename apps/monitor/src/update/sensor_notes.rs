//! When what people said of a sensor is asked for: with the sensor that is shown large, and again when the change
//! feed tells of something.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::Role;
use tillwatch_shared::{SensorId, UtcMicros};

use super::{AT_ONCE, compare};
use crate::input::Effect;
use crate::sensor_notes::{Said, SensorNotes};
use crate::sensor_notes_texts::Text;
use crate::state::{Page, State};

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let Some(large) = state.large.clone().filter(|_| state.page == Page::Sensors) else { return };
    let notes = &mut state.notes;
    if notes.of.as_ref() != Some(&large) {
        *notes = SensorNotes { of: Some(large.clone()), stale: true, ..SensorNotes::default() };
    }
    // What failed is asked again with the next poll, not with the next frame.
    let may_ask = notes.said.failure().is_none() || state.feed.current_at == Some(now);
    let wanted = notes.stale || notes.said.failure().is_some();
    if wanted && may_ask && !notes.said.is_loading() {
        notes.stale = false;
        notes.said.begin(Text::Loading.get(lang));
        effects.push(Effect::Notes(large));
    }
}

pub(super) fn answered(state: &mut State, sensor: &SensorId, result: Result<Said, Failure>, now: UtcMicros) {
    if state.notes.of.as_ref() == Some(sensor) {
        state.notes.said.finish(result, now);
    }
}

/// Somebody noted something about a sensor.
pub(super) fn noted(state: &mut State, sensor: &SensorId) {
    if state.notes.of.as_ref() == Some(sensor) {
        state.notes.stale = true;
    }
}

/// A calibration changes all that is shown of a sensor.
pub(super) fn calibrated(state: &mut State, sensor: &SensorId) {
    noted(state, sensor);
    state.sensors_at = AT_ONCE;
    for charts in [&mut state.overview_charts, &mut state.sensor_charts] {
        charts.whole_at = AT_ONCE;
        // What is on the screen is asked for again even where nobody follows now.
        if charts.block.as_ref().is_some_and(|block| block.get(sensor).is_some()) {
            charts.block_for = (0, 0);
        }
    }
    compare::stale(state);
}

/// Whether the person may calibrate sensors.
pub fn may_calibrate(state: &State) -> bool {
    state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role >= Role::Manager)
}
