//! The page of the terminals: asked for with the poll while it is shown, and what a person does there.

use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Page, PulseMessage, PulseRetentionSetting};
use tillwatch_shared::time::SECOND;

use super::{AT_ONCE, POLL, SENSORS_UNSEEN, is_due, lists, saving};
use crate::input::Effect;
use crate::saving::{FileEffect, MessagesAsk, SaveFailure};
use crate::state::{Dialog, Page as At, State};
use crate::terminals::{Exported, RetentionForm, TerminalAct};
use crate::texts::Text;

/// Who has not typed for so long waits for the messages.
const TYPING: i64 = SECOND * 3 / 10;

pub(super) fn due(state: &mut State, now: UtcMicros, polling: bool, effects: &mut Vec<Effect>) {
    typed(state, now, effects);
    let at = state.terminals.next_at;
    let seen = state.page == At::Terminals;
    // Managers see on the overview which of them are silent.
    let named = state.page == At::Overview && lists::is_manager(state);
    if !(seen || named) || !(at == AT_ONCE || is_due(at, now, polling)) {
        return;
    }
    let lang = state.lang();
    let held = &mut state.terminals;
    held.next_at = now.plus(if seen { POLL } else { SENSORS_UNSEEN });
    if named {
        if !held.list.is_loading() {
            held.list.begin(Text::LoadingTerminals.get(lang));
            effects.push(Effect::Terminals);
        }
        return;
    }
    if (at == AT_ONCE || held.retention.value().is_none()) && !held.retention.is_loading() {
        held.retention.begin(Text::LoadingTerminals.get(lang));
        effects.push(Effect::Retention);
    }
    if !held.list.is_loading() {
        held.list.begin(Text::LoadingTerminals.get(lang));
        effects.push(Effect::Terminals);
    }
    if at == AT_ONCE || held.follows() || held.log.failure().is_some() {
        let zone = state.zone(None);
        let held = &mut state.terminals;
        if let Some(query) = held.ask_newest(Text::LoadingMessages.get(lang), &zone) {
            effects.push(Effect::PulseLog { ticket: held.ticket, query });
        }
    }
}

/// What was typed is asked for once nothing more is typed.
fn typed(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.terminals.ask_at.is_none_or(|at| now < at) {
        return;
    }
    let (loading, zone) = (Text::LoadingMessages.get(state.lang()), state.zone(None));
    let held = &mut state.terminals;
    held.turn();
    if let Some(query) = held.ask_newest(loading, &zone) {
        effects.push(Effect::PulseLog { ticket: held.ticket, query });
    }
}

pub(super) fn next_wake(state: &State) -> Option<UtcMicros> {
    state.terminals.ask_at
}

/// Messages came, or none that pass: then the search goes on.
pub(super) fn came(
    state: &mut State,
    ticket: u64,
    result: Result<Page<PulseMessage>, Failure>,
    now: UtcMicros,
    effects: &mut Vec<Effect>,
) {
    if !state.terminals.take_log(ticket, result, now) {
        return;
    }
    let (loading, zone) = (Text::LoadingMessages.get(state.lang()), state.zone(None));
    if let Some(query) = state.terminals.ask_on(loading, &zone) {
        effects.push(Effect::PulseLog { ticket: state.terminals.ticket, query });
    }
}

pub(super) fn act(state: &mut State, act: TerminalAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    let (loading, zone) = (Text::LoadingMessages.get(state.lang()), state.zone(None));
    let held = &mut state.terminals;
    let query = match act {
        TerminalAct::Sort(column) => {
            held.sort = match held.sort {
                Some((by, false)) if by == column => Some((column, true)),
                Some((by, true)) if by == column => None,
                Some(_) | None => Some((column, false)),
            };
            None
        }
        TerminalAct::Choose(terminal) => {
            held.chosen = terminal;
            held.turn();
            held.ask_newest(loading, &zone)
        }
        TerminalAct::Everything(everything) => {
            held.everything = everything;
            held.turn();
            held.ask_newest(loading, &zone)
        }
        TerminalAct::Filter(filter) => {
            held.filter = filter;
            held.ask_at = Some(now.plus(TYPING));
            None
        }
        TerminalAct::Direction(direction) => {
            held.direction = direction;
            held.turn();
            held.ask_newest(loading, &zone)
        }
        TerminalAct::Newest => {
            held.turn();
            held.ask_newest(loading, &zone)
        }
        TerminalAct::Older => held.ask_older(loading, &zone),
        TerminalAct::Export(file) => {
            if let Some(query) = held.query(&zone) {
                let (lang, now) = (state.lang(), state.server_now(now));
                let ask = Box::new(MessagesAsk { query, file, zone, lang, now });
                saving::begin(state, FileEffect::Messages(ask), effects);
            }
            return;
        }
        TerminalAct::Forget => {
            let chosen = held.chosen.clone().filter(|_| held.can_forget());
            state.dialog = None;
            if let Some(terminal) = chosen {
                state.terminals.forgetting = true;
                effects.push(Effect::Forget(terminal));
            }
            return;
        }
        TerminalAct::EditRetention => {
            if let Some(setting) = held.retention.value() {
                held.form = RetentionForm::of(setting);
                state.dialog = Some(Dialog::Retention);
            }
            return;
        }
        TerminalAct::TypeDays(days) => {
            held.form.days = days;
            None
        }
        TerminalAct::TypeRows(rows) => {
            held.form.rows = rows;
            None
        }
        TerminalAct::SaveRetention => {
            if let Some(wanted) = held.form.wanted().filter(|_| !held.form.saving) {
                held.form.saving = true;
                held.form.failure = None;
                effects.push(Effect::SetRetention(wanted));
            }
            None
        }
    };
    if let Some(query) = query {
        effects.push(Effect::PulseLog { ticket: held.ticket, query });
    }
}

pub(super) fn forgotten(state: &mut State, terminal: &str, result: Result<(), Failure>, now: UtcMicros) {
    let lang = state.lang();
    let held = &mut state.terminals;
    held.forgetting = false;
    match result {
        Ok(()) => {
            held.next_at = AT_ONCE;
            if held.chosen.as_deref() == Some(terminal) {
                held.chosen = None;
                held.turn();
            }
            state.toasts.info(Text::TerminalForgotten.with(lang, &[("name", &terminal)]), now);
        }
        Err(failure) => {
            let what = failure::what(&failure, lang);
            state
                .toasts
                .problem(Text::TerminalNotForgotten.with(lang, &[("name", &terminal), ("what", &what)]));
        }
    }
}

pub(super) fn retention_set(
    state: &mut State,
    result: Result<PulseRetentionSetting, Failure>,
    now: UtcMicros,
) {
    let lang = state.lang();
    let held = &mut state.terminals;
    held.form.saving = false;
    match result {
        Ok(setting) => {
            held.retention.finish(Ok(setting), now);
            if state.dialog == Some(Dialog::Retention) {
                state.dialog = None;
            }
            state.toasts.info(Text::RetentionSaved.get(lang), now);
        }
        Err(failure) => held.form.failure = Some(failure),
    }
}

pub(super) fn exported(state: &mut State, result: Result<Exported, SaveFailure>, now: UtcMicros) {
    match result {
        Ok(Exported { path, messages }) => {
            let words = [("n", &messages as &dyn std::fmt::Display), ("file", &path.display())];
            let text = Text::ExportDone.with(state.lang(), &words);
            state.saving = None;
            state.toasts.info(text, now);
        }
        Err(failure) => saving::failed(state, &failure, now),
    }
}
