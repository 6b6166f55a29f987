//! What a person does in the window.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Preference;
use tillwatch_desk::sign_in;
use tillwatch_shared::UtcMicros;

use super::{AT_ONCE, charts, compare, feeds, forget, keeping, lists, past, sensor_view, sheets, terminals};
use crate::charts::View;
use crate::input::{Effect, LogAct, User, ViewAct};
use crate::state::{Page, State};

pub(super) fn act(state: &mut State, user: User, moment: Moment, effects: &mut Vec<Effect>) {
    let now = moment.at;
    match user {
        User::Open(page) => open(state, page),
        User::Refresh => refresh(state, now),
        User::Log(act) => log(state, act, effects),
        User::View(act) => view(state, act, now, effects),
        User::ShowStock(filter) => {
            state.stock.set_filter(filter);
            state.lists.tabs.insert(Page::Stock, None);
            open(state, Page::Stock);
        }
        User::Report(act) => super::reports::act(state, act, now, effects),
        User::Keeping(act) => keeping::act(state, &act, effects),
        User::Sheet(act) => sheets::act(state, act, now, effects),
        User::Terminal(act) => terminals::act(state, act, now, effects),
        User::Feed(act) => feeds::act(state, act, moment, effects),
        User::Form(act) => super::forms::act(state, act, moment, effects),
        User::Import(act) => super::import::act(state, act, moment, effects),
        User::List(act) => lists::act(state, act, now, effects),
        User::FilterStock(filter) => state.stock.set_filter(filter),
        User::Call(act) => super::calls::act(state, act, effects),
        User::Wall(act) => super::wall::act(state, act, now, effects),
        User::Saving(act) => super::saving::act(state, act, effects),
        User::Window(act) => super::windows::act(state, act, effects),
        User::Compare(act) => compare::act(state, act, now),
        User::Prefer(preference) => prefer(state, preference, effects),
        User::Dialog(dialog) => state.dialog = dialog,
        User::SignOut => {
            forget(state);
            effects.push(Effect::SignIn(sign_in::Effect::SignOut));
        }
        User::CloseToast(id) => state.toasts.close(id),
    }
}

pub(super) fn open(state: &mut State, page: Page) {
    if state.page != page {
        past::left(state);
        state.page = page;
        state.cursor = None;
        lists::opened(state);
        if matches!(page, Page::Terminals | Page::Overview) {
            state.terminals.next_at = AT_ONCE;
        }
        if matches!(page, Page::Servers | Page::Overview) {
            state.servers.next_at = AT_ONCE;
        }
        if page == Page::Feeds {
            state.feeds.next_at = AT_ONCE;
        }
        if page == Page::Settings {
            keeping::opened(state);
        }
        // A page that shows sensors shows them fresh.
        if matches!(page, Page::Overview | Page::Sensors) {
            state.sensors_at = AT_ONCE;
        }
    }
}

/// Asks for everything at once, whatever the waits.
fn refresh(state: &mut State, now: UtcMicros) {
    state.feed.next_at = now;
    state.totals_stale = true;
    state.sensors_at = AT_ONCE;
    state.stock_retry_at = now;
    state.terminals.next_at = AT_ONCE;
    state.servers.next_at = AT_ONCE;
    state.feeds.next_at = AT_ONCE;
    state.server_at = AT_ONCE;
    state.reports.stale = true;
    state.notes.stale = true;
    lists::all_due(state, now);
    if state.reports.people.failure().is_some() {
        state.reports.people = tillwatch_desk::remote::Remote::default();
    }
    if state.page == Page::Stock {
        state.stock.all_changed();
    }
    if let Some(charts) = state.charts_mut() {
        charts.whole_at = AT_ONCE;
        charts.tail_at = AT_ONCE;
        charts.retry_at = AT_ONCE;
    }
    compare::stale(state);
}

fn log(state: &mut State, act: LogAct, effects: &mut Vec<Effect>) {
    match act {
        LogAct::Show(filter) => {
            state.log.set_filter(filter);
            past::filtered(state);
            state.expanded = None;
            open(state, Page::Live);
        }
        LogAct::Filter(filter) => {
            state.log.set_filter(filter);
            past::filtered(state);
            state.expanded = None;
        }
        LogAct::Hold(hold) => {
            state.paused = hold;
            if hold {
                state.log.hold();
            } else {
                state.expanded = None;
                state.log.release();
                past::left(state);
            }
        }
        LogAct::AtTop(true) if state.paused || state.expanded.is_some() => {}
        LogAct::AtTop(true) => state.log.release(),
        LogAct::AtTop(false) => state.log.hold(),
        LogAct::Expand(number) => {
            state.expanded = if state.expanded == Some(number) { None } else { Some(number) };
            state.marked = Some(number);
            // Open lines must not be pushed away by what comes in.
            if state.expanded.is_some() {
                state.log.hold();
            }
        }
        LogAct::Mark(by) => mark(state, by),
        LogAct::Past(act) => past::act(state, act, effects),
    }
}

fn mark(state: &mut State, by: i64) {
    let last = state.log.shown_len().saturating_sub(1);
    let place = state.marked.and_then(|number| state.log.place_of(number));
    let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let next = match place {
        None => 0,
        Some(place) if by < 0 => place.saturating_sub(rows),
        Some(place) => place.saturating_add(rows).min(last),
    };
    state.marked = state.log.shown(next).map(|(number, _)| number);
}

fn view(state: &mut State, act: ViewAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    let server_now = state.server_now(now).0;
    match act {
        ViewAct::Sensor(sensor) => {
            open(state, Page::Sensors);
            if state.large != sensor {
                compare::left(state);
            }
            state.large = sensor;
            state.cursor = None;
        }
        ViewAct::Cursor(at) => state.cursor = at,
        ViewAct::Shown(shown) => {
            if let Some(held) = state.charts_mut() {
                charts::shown(held, shown);
            }
        }
        // A click is one decision: its request does not wait for the view to rest.
        ViewAct::Range(choice) => change(state, UtcMicros(0), |view| view.choose(choice)),
        ViewAct::Follow => change(state, UtcMicros(0), View::follow),
        ViewAct::Pan(micros) => change(state, now, |view| view.pan(micros, server_now)),
        ViewAct::Zoom { factor, at } => change(state, now, |view| view.zoom(factor, at, server_now)),
        ViewAct::Select { from, to } => change(state, now, |view| view.select(from, to, server_now)),
        ViewAct::Tool(act) => sensor_view::act(state, act, now),
        ViewAct::SaveXlsx => charts::save_xlsx(state, now, effects),
        ViewAct::SaveCsv => charts::save_csv(state, now, effects),
        ViewAct::SavePng(bytes) => charts::save(state, "png", bytes, now, effects),
    }
}

fn change(state: &mut State, moved_at: UtcMicros, view: impl Fn(View) -> View) {
    if let Some(charts) = state.charts_mut() {
        charts.view = view(charts.view);
        charts.moved_at = moved_at;
    }
}

fn prefer(state: &mut State, preference: Preference, effects: &mut Vec<Effect>) {
    state.settings.prefer(preference);
    if let Preference::Lang(lang) = preference {
        effects.push(Effect::SignIn(sign_in::Effect::Speak(lang)));
    }
    effects.push(Effect::Save(state.settings.clone()));
}
