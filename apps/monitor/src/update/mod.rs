//! All decisions of the monitor: what an input changes, and what is to be done next. Pure; time is passed in.

mod calls;
pub mod charts;
mod compare;
mod day;
pub mod feed;
mod feed_new;
mod feeds;
pub mod forms;
mod import;
pub mod keeping;
pub mod lists;
pub mod past;
pub mod reports;
pub mod saving;
mod sensor_notes;
mod sensor_view;
mod servers;
pub mod sheets;
mod terminals;
mod user;
mod wall;
pub mod windows;

pub use feed_new::{known_chains, may_add};
pub use sensor_notes::may_calibrate;

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::sign_in;
use tillwatch_shared::StoreId;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Page as ListPage, Role, Sensor, Session, StockLevel};
use tillwatch_shared::time::{MINUTE, SECOND};

use crate::compare::Earlier;
use crate::import::ImportAnswer;
use crate::input::{Answer, Effect, Input};
use crate::layout;
use crate::saving::FileAnswer;
use crate::sensor_notes::SensorNotes;
use crate::state::{Charts, Feed, Page, SignedIn, State};
use crate::stock::{PAGE_ROWS, PageAt, Stock};
use crate::texts::Text;

/// How often the server is asked what is new.
pub const POLL: i64 = 5 * SECOND;
/// What a server says of itself changes seldom.
const SERVER_AGE: i64 = 3 * POLL;
/// What is due about now goes with the poll; each round of its own would cost the window frames.
const WITH_THE_POLL: i64 = SECOND;
/// What missed the poll by more than this goes alone.
const ALONE: i64 = 2 * SECOND;
/// Due in any case, at the next chance.
pub const AT_ONCE: UtcMicros = UtcMicros(0);
/// Sensors are listed this often while no page shows them.
const SENSORS_UNSEEN: i64 = 30 * SECOND;
/// Totals are read again after this long even when nothing was sold: the day may have changed.
const TOTALS_AGE: i64 = MINUTE;

/// Takes one input into the state and says what is to be done.
pub fn update(state: &mut State, input: Input, moment: Moment) -> Vec<Effect> {
    let now = moment.at;
    let mut effects = Vec::new();
    if state.seen_at.since(now) > SECOND {
        clock_set_back(state, now);
    }
    state.seen_at = now;
    match input {
        Input::Tick if state.signed_in.is_none() => {
            signing_in(state, sign_in::Input::Tick, moment, &mut effects);
        }
        Input::Tick => {}
        Input::SignIn(input) => signing_in(state, input, moment, &mut effects),
        Input::Answer(answer) => answered(state, answer, now, &mut effects),
        Input::User(user) => user::act(state, user, moment, &mut effects),
        Input::Shared(shared) => windows::shared(state, &shared, now, &mut effects),
    }
    due(state, moment, &mut effects);
    effects
}

/// When [`Input::Tick`] has something to do at the latest, in microseconds from now.
pub fn next_wake(state: &State, now: UtcMicros) -> i64 {
    if state.signed_in.is_none() {
        return POLL;
    }
    // While the server is silent the screen counts the seconds.
    let mut wake = now.plus(if state.feed.failures > 0 { SECOND } else { POLL });
    if state.feed.asked_at.is_none() {
        wake = wake.min(state.feed.next_at);
    }
    if let Some(charts) = state.charts().filter(|c| c.asked.is_none()) {
        wake = wake.min(charts::next_wake(charts, now));
    }
    let waits = [keeping::next_wake(state), saving::next_wake(state, now), waited_for(state, now)];
    let waits = waits.into_iter().chain([terminals::next_wake(state)]);
    for at in waits.flatten() {
        wake = wake.min(at);
    }
    if let Some(wall) = state.wall.as_ref().filter(|wall| wall.held_by.is_empty()) {
        wake = wake.min(wall.turns_at);
    }
    wake.since(now).max(0)
}

/// When there is another second to tell of a question that somebody waits for.
fn waited_for(state: &State, now: UtcMicros) -> Option<UtcMicros> {
    let reports = &state.reports;
    let report = (state.page == Page::Reports && reports.report.is_loading()).then_some(reports.wait);
    let sheet = state.sheets.open.as_ref().filter(|open| open.sheet.is_loading()).map(|open| open.wait);
    [report, sheet].into_iter().flatten().map(|wait| wait.next_wake(now)).min()
}

/// Whether what is due at `at` is to be asked for at once; `polling` while a poll leaves in this same moment.
fn is_due(at: UtcMicros, now: UtcMicros, polling: bool) -> bool {
    now >= if polling { at.plus(-WITH_THE_POLL) } else { at.plus(ALONE) }
}

/// Requests whose time has come.
fn due(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let now = moment.at;
    state.toasts.tick(now);
    if state.page == Page::Stock {
        state.stock.refresh();
    }
    if state.signed_in.is_none() {
        return;
    }
    feed::due(state, now, effects);
    calls::due(state, now, effects);
    wall::due(state, now);
    // While the server is silent only the feed asks, with growing waits; the rest follows its answer.
    if state.feed.failures > 0 || state.feed.seq.is_none() {
        return;
    }
    let polling = state.feed.asked_at == Some(now);
    if is_due(state.server_at, now, polling) {
        state.server_at = now.plus(SERVER_AGE);
        effects.push(Effect::Server);
    }
    due_totals(state, now, effects);
    due_sensors(state, now, polling, effects);
    due_stock(state, now, effects);
    reports::due(state, now, effects);
    day::due(state, now, effects);
    charts::due(state, now, polling, effects);
    compare::due(state, now, effects);
    sensor_notes::due(state, now, effects);
    terminals::due(state, now, polling, effects);
    servers::due(state, now, polling, effects);
    feeds::due(state, moment, polling, effects);
    lists::due(state, now, effects);
    keeping::due(state, now, effects);
}

fn due_totals(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let stale = state.totals_stale || state.totals.age(now).is_none_or(|age| age >= TOTALS_AGE);
    // A refusal is asked again with the next poll, not with the next frame.
    let may_ask = state.totals.failure().is_none() || state.feed.current_at == Some(now);
    if stale && may_ask && !state.totals.is_loading() {
        state.totals_stale = false;
        // What moved the totals moved the reports.
        state.reports.stale = true;
        state.day.stale = true;
        state.totals.begin(Text::LoadingTotals.get(state.lang()));
        effects.push(Effect::DayTotals);
    }
}

fn due_sensors(state: &mut State, now: UtcMicros, polling: bool, effects: &mut Vec<Effect>) {
    if is_due(state.sensors_at, now, polling) && !state.sensors.is_loading() {
        let seen = matches!(state.page, Page::Overview | Page::Sensors);
        state.sensors_at = now.plus(if seen { POLL } else { SENSORS_UNSEEN });
        state.sensors.begin(Text::LoadingSensors.get(state.lang()));
        effects.push(Effect::Sensors);
    }
}

fn due_stock(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.stock.asked.is_some() || now < state.stock_retry_at {
        return;
    }
    if let Some(page) = state.stock.wanted() {
        state.stock.asked = Some(page);
        effects.push(Effect::Stock { page, limit: PAGE_ROWS });
    }
}

fn signing_in(state: &mut State, input: sign_in::Input, moment: Moment, effects: &mut Vec<Effect>) {
    let session = if let sign_in::Input::Happened(sign_in::Event::SignedIn(Ok(session))) = &input {
        Some(Arc::clone(session))
    } else {
        None
    };
    let lang = state.lang();
    effects.extend(sign_in::update(&mut state.sign_in, input, moment, lang).into_iter().map(Effect::SignIn));
    if let Some(session) = session {
        signed_in(state, &session, moment.at, effects);
    }
}

fn signed_in(state: &mut State, session: &Arc<Session>, now: UtcMicros, effects: &mut Vec<Effect>) {
    forget(state);
    let stores: Vec<StoreId> = session.stores.iter().map(|s| s.id).collect();
    state.stock.open(&stores);
    state.settings.username = Some(session.person.username.clone());
    state.settings.server = Some(state.sign_in.address.clone());
    state.server = state.sign_in.server.value().cloned();
    state.server_at = AT_ONCE;
    state.signed_in = Some(SignedIn { person: session.person.clone(), stores: session.stores.clone() });
    if session.person.role == Role::Seller {
        state.toasts.info(Text::SellerSeesLittle.get(state.lang()), now);
    }
    effects.push(Effect::Save(state.settings.clone()));
}

/// The server ended the session, as when the password was changed.
fn session_ended(state: &mut State) {
    if state.signed_in.is_some() {
        forget(state);
        state.toasts.problem(Text::SessionEnded.get(state.lang()));
    }
}

/// Leaves nothing of one person's data for the next; what the window is set to stays.
fn forget(state: &mut State) {
    layout::remember(state);
    let sign_in = std::mem::take(&mut state.sign_in);
    let fresh = State::new(state.settings.clone(), sign_in);
    let old = std::mem::replace(state, fresh);
    state.epoch = old.epoch + 1;
    state.further = old.further;
    state.connection = old.connection;
    state.toasts = old.toasts;
    state.clock_offset = old.clock_offset;
    state.tickets = old.tickets;
    state.calls.warned = old.calls.warned;
    state.page = old.page;
}

/// Somebody set this machine's clock back: what was due at some time is due now, not in an hour.
fn clock_set_back(state: &mut State, now: UtcMicros) {
    state.feed.next_at = now;
    state.feed.asked_at = state.feed.asked_at.map(|_| now);
    state.totals_stale = true;
    state.sensors_at = AT_ONCE;
    state.stock_retry_at = now;
    state.terminals.next_at = AT_ONCE;
    state.servers.next_at = AT_ONCE;
    state.feeds.next_at = AT_ONCE;
    state.keeping.backups_at = AT_ONCE;
    lists::all_due(state, now);
    for charts in [&mut state.overview_charts, &mut state.sensor_charts] {
        charts.moved_at = AT_ONCE;
        charts.tail_at = AT_ONCE;
        charts.whole_at = AT_ONCE;
        charts.retry_at = AT_ONCE;
    }
    compare::stale(state);
}

/// The server went back to an earlier state, or another one answers: all is read anew.
fn start_over(state: &mut State, now: UtcMicros) {
    state.log.clear();
    state.expanded = None;
    state.marked = None;
    state.feed = Feed { next_at: now, ..Feed::default() };
    state.totals_stale = true;
    state.sensors_at = AT_ONCE;
    state.notes = SensorNotes::default();
    let stores: Vec<StoreId> = state.stores().iter().map(|s| s.id).collect();
    state.stock.open(&stores);
    lists::start_over(state);
    for charts in [&mut state.overview_charts, &mut state.sensor_charts] {
        *charts = Charts { view: charts.view, shown: std::mem::take(&mut charts.shown), ..Charts::default() };
    }
    state.compare.earlier = Earlier::default();
    let text = Text::ServerWentBack.get(state.lang());
    state.toasts.info(text, now);
}

fn answered(state: &mut State, answer: Answer, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.signed_in.is_none() {
        return;
    }
    if let Some(true) = failure_of(&answer).map(Failure::needs_sign_in) {
        session_ended(state);
        return;
    }
    match answer {
        Answer::Server(Ok(info)) => state.server = Some(info),
        Answer::Server(Err(_)) => {}
        Answer::Turns(result, took) => feed::turned(state, result, took, now),
        Answer::Latest(result, took) => feed::latest(state, result, took, now),
        Answer::Changes(result, took) => feed::changes(state, result, took, now),
        Answer::Past { ticket, result } => past::came(state, ticket, result, now, effects),
        Answer::DayTotals(result) => state.totals.finish(result, now),
        Answer::Sensors(result) => sensors(&mut state.sensors, result, now),
        Answer::Series { ticket, result } => charts::series(state, ticket, result, now),
        Answer::Stock(page, result) => stock(state, page, result, now),
        Answer::Report(ask, result) => {
            day::answered(state, ask, &result, now);
            reports::answered(state, ask, result, now);
        }
        Answer::People(result) => state.reports.people.finish(result, now),
        Answer::Chains(result) => state.reports.chains.finish(result, now),
        Answer::Sheet { ticket, result } => sheets::answered(state, ticket, result, now),
        Answer::Notes(sensor, result) => sensor_notes::answered(state, &sensor, result, now),
        Answer::File(answer) => saving::answered(state, answer, now),
        Answer::Terminals(result) => state.terminals.list.finish(result, now),
        Answer::Group(result) => state.servers.group.finish(result, now),
        Answer::PulseLog { ticket, result } => terminals::came(state, ticket, result, now, effects),
        Answer::Exported(result) => terminals::exported(state, result, now),
        Answer::Forgotten(terminal, result) => terminals::forgotten(state, &terminal, result, now),
        Answer::Retention(result) => state.terminals.retention.finish(result, now),
        Answer::RetentionSet(result) => terminals::retention_set(state, result, now),
        Answer::Feeds(result) => feeds::listed(state, result, now),
        Answer::Parked { ticket, result } => feeds::parked(&mut state.feeds, ticket, result, now),
        Answer::Targets { ticket, result } => feeds::targets(&mut state.feeds, ticket, result, now),
        Answer::AliasSet(result) => feeds::alias_set(state, result, now),
        Answer::ThingAdded(result) => feed_new::added(state, result, now),
        Answer::PutAway(result) => feeds::put_away(state, result),
        Answer::List { topic, ticket, result } => lists::answered(state, topic, ticket, result, now, effects),
        Answer::Ordered(result) => forms::ordered(state, result, now),
        Answer::Import(answer) => import::answered(state, answer, effects),
        Answer::Keeping(answer) => keeping::answered(state, answer, now),
        Answer::Told(id, result) => lists::reported(state, &id, result, now),
        Answer::Called(reach) => calls::called(state, reach),
        Answer::Awake(kept) => wall::awake(state, kept, now),
        Answer::Rehearsing { ticket, percent } => forms::rehearsing(state, ticket, percent),
        Answer::Rehearsed { ticket, result } => forms::rehearsed(state, ticket, result, now),
    }
}

fn failure_of(answer: &Answer) -> Option<&Failure> {
    match answer {
        Answer::Server(result) => result.as_ref().err(),
        Answer::Latest(result, _) | Answer::Changes(result, _) | Answer::Past { result, .. } => {
            result.as_ref().err()
        }
        Answer::Turns(result, _) => result.as_ref().err(),
        Answer::DayTotals(result) => result.as_ref().err(),
        Answer::Sensors(result) => result.as_ref().err(),
        Answer::Series { result, .. } => result.as_ref().err(),
        Answer::Stock(_, result) => result.as_ref().err(),
        Answer::Report(_, result) => result.as_ref().err(),
        Answer::People(result) => result.as_ref().err(),
        Answer::Chains(result) => result.as_ref().err(),
        Answer::Sheet { result, .. } => result.as_ref().err(),
        Answer::Notes(_, result) => result.as_ref().err(),
        Answer::File(FileAnswer::Saved(Err(failure))) | Answer::Exported(Err(failure)) => failure.of_server(),
        Answer::File(_)
        | Answer::Exported(Ok(_))
        | Answer::Called(_)
        | Answer::Awake(_)
        | Answer::Rehearsing { .. } => None,
        Answer::Terminals(result) => result.as_ref().err(),
        Answer::Group(result) => result.as_ref().err(),
        Answer::Feeds(result) => result.as_ref().err(),
        Answer::Parked { result, .. } => result.as_ref().err(),
        Answer::Targets { result, .. } => result.as_ref().err(),
        Answer::AliasSet(result) => result.as_ref().err(),
        Answer::ThingAdded(result) => result.as_ref().err(),
        Answer::List { result, .. } => result.as_ref().err(),
        Answer::Import(answer) => import_failure(answer),
        Answer::Keeping(answer) => answer.failure(),
        Answer::Told(_, result) => result.as_ref().err(),
        Answer::Rehearsed { result, .. } => result.as_ref().err(),
        Answer::Ordered(result) => result.as_ref().err(),
        Answer::PulseLog { result, .. } => result.as_ref().err(),
        Answer::Forgotten(_, result) | Answer::PutAway(result) => result.as_ref().err(),
        Answer::Retention(result) | Answer::RetentionSet(result) => result.as_ref().err(),
    }
}

fn import_failure(answer: &ImportAnswer) -> Option<&Failure> {
    match answer {
        ImportAnswer::Came { result, .. } => result.as_ref().err(),
        ImportAnswer::Found(_) | ImportAnswer::Read { .. } => None,
    }
}

fn sensors(held: &mut Remote<Vec<Sensor>>, result: Result<Vec<Sensor>, Failure>, now: UtcMicros) {
    let sorted = result.map(|mut sensors| {
        sensors.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        sensors
    });
    held.finish(sorted, now);
}

fn stock(state: &mut State, page: PageAt, result: Result<ListPage<StockLevel>, Failure>, now: UtcMicros) {
    let held: &mut Stock = &mut state.stock;
    if held.asked != Some(page) {
        return;
    }
    held.asked = None;
    match result {
        Ok(rows) => held.take(page, rows),
        Err(failure) => {
            held.failure = Some(failure);
            state.stock_retry_at = now.plus(POLL);
        }
    }
}
