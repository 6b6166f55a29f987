//! When the backups are asked about, and what becomes of the answers.

use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Backups, Role};
use tillwatch_shared::time::{MINUTE, SECOND};

use super::{AT_ONCE, lists};
use crate::input::Effect;
use crate::keeping::{KeepingAct, KeepingAnswer, KeepingEffect};
use crate::keeping_texts::Text;
use crate::state::{Page, State};

/// While one is under way somebody waits for it.
const UNDER_WAY: i64 = SECOND;
const AT_REST: i64 = MINUTE;

/// Whether this person may see and make backups.
pub fn may_back_up(state: &State) -> bool {
    role(state) == Some(Role::Admin)
}

/// Whether this person may try who is told of alarms.
pub fn may_try(state: &State) -> bool {
    role(state) >= Some(Role::Manager)
}

fn role(state: &State) -> Option<Role> {
    state.signed_in.as_ref().map(|signed_in| signed_in.person.role)
}

pub(super) fn act(state: &mut State, act: &KeepingAct, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    let (backs_up, tries) = (may_back_up(state), may_try(state));
    let keeping = &mut state.keeping;
    match act {
        KeepingAct::MakeBackup => {
            let under_way = keeping.backups.value().is_some_and(|listed| listed.work.is_some());
            if backs_up && !keeping.beginning && !under_way {
                keeping.beginning = true;
                keeping.refused = None;
                effects.push(Effect::Keeping(KeepingEffect::MakeBackup));
            }
        }
        KeepingAct::Retry => keeping.backups_at = AT_ONCE,
        KeepingAct::Trial => {
            if tries && !keeping.trial.is_loading() {
                keeping.trial.begin(Text::Sending.get(lang));
                effects.push(Effect::Keeping(KeepingEffect::Trial));
            }
        }
    }
}

/// The overview says when the newest backup is of no use.
fn looks(state: &State) -> bool {
    matches!(state.page, Page::Settings | Page::Overview) && may_back_up(state)
}

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if !looks(state) {
        return;
    }
    let lang = state.lang();
    let keeping = &mut state.keeping;
    if now >= keeping.backups_at && !keeping.backups.is_loading() && !keeping.beginning {
        let under_way = keeping.backups.value().is_some_and(|listed| listed.work.is_some());
        keeping.backups_at = now.plus(if under_way { UNDER_WAY } else { AT_REST });
        keeping.backups.begin(Text::Loading.get(lang));
        effects.push(Effect::Keeping(KeepingEffect::Backups));
    }
}

/// When [`due`] has something to do, if somebody looks.
pub(super) fn next_wake(state: &State) -> Option<UtcMicros> {
    let answers = state.feed.failures == 0 && state.feed.seq.is_some();
    let looks = answers && looks(state);
    let idle = !state.keeping.backups.is_loading() && !state.keeping.beginning;
    (looks && idle).then_some(state.keeping.backups_at)
}

pub(super) fn answered(state: &mut State, answer: KeepingAnswer, now: UtcMicros) {
    match answer {
        KeepingAnswer::Backups(result) => listed(state, result, now),
        KeepingAnswer::Begun(result) => {
            state.keeping.beginning = false;
            match result {
                Ok(begun) => listed(state, Ok(begun), now),
                Err(failure) => {
                    // Somebody else may have begun one.
                    state.keeping.backups_at = AT_ONCE;
                    state.keeping.refused = Some(failure);
                }
            }
        }
        KeepingAnswer::Trial(result) => {
            if let Err(failure) = &result {
                let lang = state.lang();
                state.toasts.problem(failure::what(failure, lang));
            }
            state.keeping.trial.finish(result, now);
        }
    }
}

fn listed(state: &mut State, result: Result<Backups, Failure>, now: UtcMicros) {
    let lang = state.lang();
    let keeping = &mut state.keeping;
    let before = keeping.backups.value().and_then(|listed| listed.work);
    if let Ok(listed) = &result {
        let under_way = listed.work.is_some();
        keeping.backups_at = now.plus(if under_way { UNDER_WAY } else { AT_REST });
        if before.is_some() && !under_way && listed.failure.is_none() {
            let tried = listed.items.first().is_some_and(|newest| newest.verified_at.is_some());
            let text = if tried { Text::Made } else { Text::MadeOnly };
            state.toasts.done(text.get(lang).to_owned(), now);
        }
    }
    state.keeping.backups.finish(result, now);
}

/// An admin reads the list anew whenever the page is opened.
pub(super) fn opened(state: &mut State) {
    if lists::is_admin(state) {
        state.keeping.backups_at = AT_ONCE;
    }
}
