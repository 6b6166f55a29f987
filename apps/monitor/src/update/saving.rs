//! Files: when one may be begun, how far it is, and what became of it.

use tillwatch_desk::failure;
use tillwatch_desk::files::pdf::Paper;
use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

use crate::input::Effect;
use crate::saving::{FileAnswer, FileEffect, SaveFailure, Saving, SavingAct};
use crate::saving_texts::Text;
use crate::state::State;
use crate::texts::Text as Common;

/// What is done sooner is not talked about.
const SOON: i64 = SECOND / 3;

/// Begins a file, unless another one is being made.
pub(super) fn begin(state: &mut State, file: FileEffect, effects: &mut Vec<Effect>) {
    if state.saving.is_none() {
        state.saving = Some(Saving::begun(state.seen_at));
        effects.push(Effect::File(file));
    }
}

pub(super) fn bytes(
    state: &mut State,
    name: &str,
    end: &'static str,
    bytes: Vec<u8>,
    effects: &mut Vec<Effect>,
) {
    begin(state, FileEffect::Bytes { name: file_name(name), end, bytes }, effects);
}

pub(super) fn paper(state: &mut State, name: &str, paper: Paper, effects: &mut Vec<Effect>) {
    begin(state, FileEffect::Paper { name: file_name(name), paper: Box::new(paper) }, effects);
}

/// With letters that every system has in names of files.
pub(super) fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || " -_()".contains(c) { c } else { '-' };
    name.chars().map(safe).collect()
}

pub(super) fn act(state: &mut State, act: SavingAct, effects: &mut Vec<Effect>) {
    match act {
        SavingAct::Stop => {
            if let Some(saving) = state.saving.as_mut().filter(|saving| !saving.stopping) {
                saving.stopping = true;
                effects.push(Effect::File(FileEffect::Stop));
            }
        }
    }
}

pub(super) fn answered(state: &mut State, answer: FileAnswer, now: UtcMicros) {
    match answer {
        FileAnswer::Step(step) => {
            if let Some(saving) = &mut state.saving {
                saving.step = step;
            }
        }
        FileAnswer::Saved(Ok(path)) => {
            let text = Common::ReportSaved.with(state.lang(), &[("path", &path.display())]);
            state.saving = None;
            state.toasts.done(text, now);
        }
        FileAnswer::Saved(Err(failure)) => failed(state, &failure, now),
    }
}

pub(super) fn failed(state: &mut State, failure: &SaveFailure, now: UtcMicros) {
    state.saving = None;
    tell(state, failure, now);
}

/// Of a file that was not even begun, too.
pub(super) fn tell(state: &mut State, failure: &SaveFailure, now: UtcMicros) {
    let lang = state.lang();
    match failure {
        SaveFailure::Server(failure) => state.toasts.problem(failure::what(failure, lang)),
        SaveFailure::Disk(why) => state.toasts.problem(Common::ReportNotSaved.with(lang, &[("why", why)])),
        SaveFailure::Stopped => state.toasts.info(Text::Stopped.get(lang), now),
        SaveFailure::TooLong(most) => {
            let most = format::integer(i64::try_from(*most).unwrap_or(i64::MAX));
            state.toasts.problem(Text::TooLong.with(lang, &[("n", &most)]));
        }
    }
}

/// The file that takes long enough to be talked about.
pub fn shown(state: &State, now: UtcMicros) -> Option<&Saving> {
    state.saving.as_ref().filter(|saving| now.since(saving.since) >= SOON)
}

/// When it is to be talked about.
pub(super) fn next_wake(state: &State, now: UtcMicros) -> Option<UtcMicros> {
    let at = state.saving.as_ref()?.since.plus(SOON);
    (at > now).then_some(at)
}
