//! The pulse runs while somebody works at the till, under the names of the store and the till.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{UtcMicros, pulse};

use crate::input::Effect;
use crate::state::pulse::{About, Beat, Beating, Pulse};
use crate::state::{Screen, State};
use crate::texts::Text;

/// Told again although nothing changed. Somewhat under the minute that is promised.
const TELL_EVERY: i64 = 50 * SECOND;
/// What changes with each sale is not told with each.
const TELL_AGAIN: i64 = 5 * SECOND;

/// Starts, renames or ends it as the screen asks for, and tells what is to be told beside it.
pub fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    let wanted = wanted(state);
    if wanted == state.pulse.name {
        return tell(state, moment.at).into_iter().collect();
    }
    state.pulse = Pulse { name: wanted.clone(), ..Pulse::default() };
    vec![Effect::Pulse(wanted)]
}

/// While the link is up: how many commands wait here. A link that comes back is told at once.
fn tell(state: &mut State, now: UtcMicros) -> Option<Effect> {
    if state.pulse.beat.beating != Beating::Online {
        state.pulse.told = None;
        return None;
    }
    let name = state.pulse.name.clone()?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let about = About { unsent: count(state.outbox.unsent()), refused: count(state.outbox.rejected()) };
    let due = state.pulse.told.is_none_or(|(told, at)| {
        // A clock that was set back is no reason to be quiet.
        let age = now.since(at).unsigned_abs();
        age >= TELL_EVERY.unsigned_abs() || (told != about && age >= TELL_AGAIN.unsigned_abs())
    });
    due.then(|| {
        state.pulse.told = Some((about, now));
        Effect::TellAbout(name, about)
    })
}

fn wanted(state: &State) -> Option<String> {
    let store = match state.screen {
        Screen::SignIn => None,
        Screen::ChooseStore | Screen::Till if state.offline.signed_in_here.is_some() => None,
        Screen::ChooseStore | Screen::Till => state.store.as_ref(),
    };
    let till = state.settings.till.as_deref().unwrap_or(Text::DefaultTill.get(tillwatch_desk::Lang::Pt));
    store.map(|store| pulse::fit_name(&format!("{} / {till}", store.name)))
}

pub fn beat(state: &mut State, name: &str, beat: Beat) {
    if state.pulse.name.as_deref() == Some(name) {
        state.pulse.beat = beat;
    }
}
