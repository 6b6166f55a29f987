//! When the person at this machine is called: once for each alarm that opens while the window runs, and again while
//! a critical one has nobody. Never for what was open before, nor in a quiet time (but when that has ended), nor after somebody
//! took care.

use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{Alarm, Deed, QuietTime, Severity};
use tillwatch_shared::{AlarmId, UtcMicros};

use super::{feed, lists, wall};
use crate::alarm_texts;
use crate::calls::{Call, CallAct, Nag, Reach, is_quiet};
use crate::calls_texts::Text;
use crate::input::Effect;
use crate::lists::{List, Row, Topic};
use crate::state::State;

/// Names in one call; the others are counted.
const NAMES: usize = 3;
/// Alarms that wait for the end of a quiet time.
const MOST_HUSHED: usize = 200;

pub(super) fn opened(state: &mut State, alarm: &Alarm) {
    wall::stop(state, alarm.id);
    state.calls.news.push(alarm.clone());
}

/// It opened in a quiet time: it calls when that has ended, if it is open then.
pub(super) fn hushed(state: &mut State, alarm: &Alarm) {
    let hushed = &mut state.calls.hushed;
    if state.further.is_none() && hushed.len() < MOST_HUSHED {
        hushed.insert(alarm.id, alarm.clone());
    }
}

/// Quiet times that were asked for before this window started are only in the list.
pub(super) fn wants_quiet_times(state: &State) -> bool {
    !state.calls.hushed.is_empty() && lists::may_see(state, Topic::Quiet)
}

/// Those that may call now.
fn no_longer_hushed(state: &mut State, now: UtcMicros) {
    if state.calls.hushed.is_empty() {
        return;
    }
    let server_now = state.server_now(now);
    let list = state.lists.get(Topic::Quiet).filter(|list| list.fetched_at.is_some());
    let mut known = state.calls.quiet.clone();
    known.extend(
        list.into_iter()
            .flat_map(List::rows)
            .filter_map(|row| if let Row::Quiet(quiet) = row { Some(quiet.clone()) } else { None }),
    );
    let reads = lists::may_see(state, Topic::Quiet);
    let whole = |alarm: &Alarm| {
        let store = list.map(|list| list.filter.store);
        store.is_some_and(|only| only.is_none_or(|only| Some(only) == alarm.store_id))
    };
    let over = |alarm: &Alarm| (whole(alarm) || !reads) && !is_quiet(&known, alarm, server_now);
    let over: Vec<Alarm> = state.calls.hushed.values().filter(|alarm| over(alarm)).cloned().collect();
    for alarm in over {
        state.calls.hushed.remove(&alarm.id);
        feed::tell_alarm(state, &alarm);
    }
}

/// Somebody took care of it, or it is over.
pub(super) fn settled(state: &mut State, id: AlarmId) {
    wall::go_on(state, id);
    state.calls.news.retain(|alarm| alarm.id != id);
    state.calls.nagging.remove(&id);
    state.calls.hushed.remove(&id);
}

pub(super) fn quiet_set(state: &mut State, deed: Deed, quiet: &QuietTime) {
    state.calls.quiet.retain(|known| known.id != quiet.id);
    if deed != Deed::Removed {
        state.calls.quiet.push(quiet.clone());
    }
}

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    no_longer_hushed(state, now);
    let news = std::mem::take(&mut state.calls.news);
    if state.further.is_some() {
        // The first window of the program calls, and nobody is called twice.
        return;
    }
    if !news.is_empty() {
        let about: Vec<&Alarm> = news.iter().collect();
        call(state, &about, false, effects);
        let critical = news.into_iter().filter(|alarm| alarm.severity == Severity::Critical);
        let nagging = critical.map(|alarm| (alarm.id, Nag { alarm, told_at: now }));
        state.calls.nagging.extend(nagging);
    }
    remind(state, now, effects);
}

fn remind(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let server_now = state.server_now(now);
    let repeat = state.settings.calls.repeat_minutes;
    let calls = &mut state.calls;
    let quiet = &calls.quiet;
    let mut again = Vec::new();
    for nag in calls.nagging.values_mut() {
        if nag.is_due(repeat, now) && !is_quiet(quiet, &nag.alarm, server_now) {
            nag.told_at = now;
            again.push(nag.alarm.clone());
        }
    }
    if !again.is_empty() {
        let about: Vec<&Alarm> = again.iter().collect();
        call(state, &about, true, effects);
    }
}

/// One call for all of them: a power cut opens many alarms in one moment.
fn call(state: &State, about: &[&Alarm], again: bool, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let line = |alarm: &&Alarm| {
        let what = alarm_texts::kind(alarm.kind).get(lang);
        let place = alarm.store_id.map_or("", |store| state.store_name(store));
        let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
        format!("{}: {what}{place}", alarm.name)
    };
    let (title, body) = match about {
        [only] => {
            let title = if again { Text::Again.with(lang, &[("about", &line(only))]) } else { line(only) };
            (title, alarm_texts::to_do(only, lang).to_owned())
        }
        several => {
            let text = if again { Text::SeveralAgain } else { Text::Several };
            let mut lines: Vec<String> = several.iter().take(NAMES).map(line).collect();
            if several.len() > NAMES {
                lines.push(Text::More.with(lang, &[("n", &(several.len() - NAMES))]));
            }
            (text.with(lang, &[("n", &several.len())]), lines.join("\n"))
        }
    };
    let urgent = about.iter().any(|alarm| alarm.severity == Severity::Critical);
    push(state, title, body, urgent, effects);
}

fn push(state: &State, title: String, body: String, urgent: bool, effects: &mut Vec<Effect>) {
    let settings = &state.settings.calls;
    if settings.show || settings.sound {
        let (show, sound) = (settings.show, settings.sound);
        effects.push(Effect::Call(Call { title, body, urgent, show, sound }));
    }
}

/// Says once if calls do not reach anybody here.
pub(super) fn called(state: &mut State, reach: Reach) {
    state.calls.reach = Some(reach);
    let text = match (reach.shown, reach.heard) {
        (true, true) => return,
        (false, _) => Text::NotShown,
        (true, false) => Text::NotHeard,
    };
    if !state.calls.warned {
        state.calls.warned = true;
        state.toasts.problem(text.get(state.lang()));
    }
}

pub(super) fn act(state: &mut State, act: CallAct, effects: &mut Vec<Effect>) {
    let settings = &mut state.settings.calls;
    match act {
        CallAct::Sound(on) => settings.sound = on,
        CallAct::Show(on) => settings.show = on,
        CallAct::Repeat(minutes) => settings.repeat_minutes = minutes,
        CallAct::Try => {
            let lang = state.lang();
            let (title, body) = (Text::TryTitle.get(lang).to_owned(), Text::TryBody.get(lang).to_owned());
            state.calls.warned = false;
            return push(state, title, body, false, effects);
        }
    }
    effects.push(Effect::Save(state.settings.clone()));
}
