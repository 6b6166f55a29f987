//! The lists: what is asked for while somebody looks, what becomes of the answers, and what a person does there.

use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Alarm, Event, Goods, Matter, Money, Page as ListPage, Role, Thing};
use tillwatch_shared::time::{MINUTE, SECOND};

use super::{AT_ONCE, POLL, calls, saving};
use crate::alarm_texts::Text as Alarms;
use crate::input::{Effect, ReportOf};
use crate::lists::{
    Asking, Context, Detail, Filter, List, ListAct, Open, Report, Row, Sheet, Topic, plain, same_thing,
};
use crate::lists_texts::{Text, Word, loading, topic as name_of};
use crate::manage_texts::told;
use crate::papers;
use crate::saving::{FileEffect, ListAsk};
use crate::state::{Page, State};

/// A list that somebody looks at is read again this often, whatever the change feed tells.
const SEEN: i64 = 30 * SECOND;
/// One that changes only when somebody changes it, which the change feed tells.
const SETTLED: i64 = 10 * MINUTE;
/// An answer that is not there after so long does not come.
const LOST: i64 = MINUTE;
/// One of which only a figure is shown.
const FIGURE: i64 = 5 * MINUTE;

/// The topics of a page that this person may see.
pub fn topics(state: &State, page: Page) -> impl Iterator<Item = Topic> {
    let role = state.signed_in.as_ref().map(|signed_in| signed_in.person.role);
    Topic::ALL.into_iter().filter(move |topic| topic.page() == page && role >= Some(topic.role()))
}

/// The topic that the page shows; none where the page shows something of its own.
pub fn shown(state: &State) -> Option<Topic> {
    match state.lists.tabs.get(&state.page) {
        Some(chosen) => *chosen,
        None if state.page == Page::Stock => None,
        None => topics(state, state.page).next(),
    }
}

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    if state.lists.lang != state.lang() {
        state.lists.lang = state.lang();
        arrange_all(state, now);
    }
    if shown(state) != Some(Topic::Alarms) {
        // Their number stands in the navigation, whatever page is open.
        ask_if_due(state, Topic::Alarms, SEEN, now, effects);
    }
    if calls::wants_quiet_times(state) && shown(state) != Some(Topic::Quiet) {
        ask_if_due(state, Topic::Quiet, SETTLED, now, effects);
    }
    if let Some(topic) = shown(state) {
        let again = if topic.page() == Page::Manage { SETTLED } else { SEEN };
        ask_if_due(state, topic, again, now, effects);
    } else if state.page == Page::Overview {
        for topic in [Topic::Lots, Topic::Transfers] {
            if may_see(state, topic) {
                ask_if_due(state, topic, FIGURE, now, effects);
            }
        }
    }
}

pub fn may_see(state: &State, topic: Topic) -> bool {
    topics(state, topic.page()).any(|one| one == topic)
}

fn ask_if_due(state: &mut State, topic: Topic, again: i64, now: UtcMicros, effects: &mut Vec<Effect>) {
    let list = state.lists.of(topic);
    if list.asking == Asking::Nothing && now >= list.due_at {
        list.due_at = now.plus(again);
        ask(state, topic, Asking::Fresh, now, effects);
    }
}

fn ask(state: &mut State, topic: Topic, asking: Asking, now: UtcMicros, effects: &mut Vec<Effect>) {
    let list = state.lists.of(topic);
    let ticket = list.begin(asking, now);
    let after = if asking == Asking::Older { list.next } else { None };
    let store = list.filter.store;
    effects.push(Effect::List { ticket, topic, store, after });
}

pub(super) fn answered(
    state: &mut State,
    topic: Topic,
    ticket: u64,
    result: Result<ListPage<Row>, Failure>,
    now: UtcMicros,
    effects: &mut Vec<Effect>,
) {
    let list = state.lists.of(topic);
    if list.ticket != ticket {
        return;
    }
    match result {
        Ok(page) => {
            if list.take(topic, page.items, page.next, now) {
                let (ticket, store) = (list.ticket, list.filter.store);
                effects.push(Effect::List { ticket, topic, store, after: page.next });
                return;
            }
            arrange(state, topic, now);
            detail(state, now);
        }
        Err(failure) => list.fail(failure),
    }
}

/// Makes the sheet of what is there now.
fn arrange(state: &mut State, topic: Topic, now: UtcMicros) {
    let context = Context::new(state, now);
    let list = state.lists.of(topic);
    list.sheet = Sheet::new(topic, list.rows(), &list.filter, &context);
    list.count(topic, &context);
}

fn arrange_all(state: &mut State, now: UtcMicros) {
    for topic in Topic::ALL {
        if state.lists.get(topic).is_some_and(|list| list.fetched_at.is_some()) {
            arrange(state, topic, now);
        }
    }
    detail(state, now);
}

/// Makes the open detail of what is known now.
fn detail(state: &mut State, now: UtcMicros) {
    let context = Context::new(state, now);
    let lists = &state.lists;
    let Some(open) = &lists.open else { return };
    let list = lists.get(open.topic);
    let Some(row) = open.row(list) else { return };
    let before = list.and_then(|list| before(list, &row));
    let made = Detail::new(&row, open.report.value(), before, &context);
    if let Some(open) = &mut state.lists.open {
        open.detail = made;
    }
}

/// The newest event before this one about the same thing, as far as the history is here.
fn before<'l>(list: &'l List, row: &Row) -> Option<&'l Event> {
    let Row::Change(change, _) = row else { return None };
    let older =
        list.rows().iter().filter_map(|row| if let Row::Change(one, _) = row { Some(one) } else { None });
    let mut older = older.filter(|one| one.seq < change.seq && same_thing(&one.event, &change.event));
    older.next().map(|one| &one.event)
}

pub(super) fn act(state: &mut State, act: ListAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    match act {
        ListAct::Tab(page, topic) => {
            state.lists.tabs.insert(page, topic);
            if let Some(topic) = topic {
                fresh(state, topic);
            }
        }
        ListAct::Show(topic, filter) => show(state, topic, filter, now),
        ListAct::Filter(topic, filter) => filtered(state, topic, filter, now),
        ListAct::Older(topic) => {
            let list = state.lists.of(topic);
            if list.asking == Asking::Nothing && list.next.is_some() {
                ask(state, topic, Asking::Older, now, effects);
            }
        }
        ListAct::SaveCsv(topic) => save(state, topic, false, now, effects),
        ListAct::SavePdf(topic) => save(state, topic, true, now, effects),
        ListAct::Open(topic, id) => open(state, topic, id, now, effects),
        ListAct::Record(topic, of) => {
            show(state, topic, Filter::default(), now);
            let mut report = Remote::default();
            report.begin(reading(of, state.lang()));
            effects.push(Effect::Tell(of));
            state.lists.open = Some(Open { topic, id: of.id(), detail: Detail::default(), report });
            detail(state, now);
        }
        ListAct::Close => state.lists.open = None,
        ListAct::SaveDetail => {
            if let Some(open) = &state.lists.open {
                let (title, text) = (open.detail.title.clone(), plain(&open.detail));
                saving::bytes(state, &title, "txt", text.into_bytes(), effects);
            }
        }
    }
}

fn show(state: &mut State, topic: Topic, filter: Filter, now: UtcMicros) {
    super::user::open(state, topic.page());
    state.lists.tabs.insert(topic.page(), Some(topic));
    fresh(state, topic);
    filtered(state, topic, filter, now);
}

/// Another page is shown.
pub(super) fn opened(state: &mut State) {
    state.lists.open = None;
    state.form = None;
    if let Some(topic) = shown(state) {
        fresh(state, topic);
    }
}

/// What may have changed since it was last looked at is read at once.
fn fresh(state: &mut State, topic: Topic) {
    state.lists.of(topic).due_at = AT_ONCE;
}

fn filtered(state: &mut State, topic: Topic, filter: Filter, now: UtcMicros) {
    let list = state.lists.of(topic);
    let other_store = list.filter.store != filter.store;
    list.filter = filter;
    if other_store {
        // The server is asked for this store's rows: of a long list the newest of all stores may hold none.
        list.due_at = AT_ONCE;
        list.asking = Asking::Nothing;
        list.next = None;
    }
    arrange(state, topic, now);
}

/// Words for the sign that it is being read.
const fn reading(of: ReportOf, lang: Lang) -> &'static str {
    match of {
        ReportOf::Cash(_) => Text::LoadingReport.get(lang),
        ReportOf::Alarm(_) => Alarms::LoadingHistory.get(lang),
        ReportOf::Count(_) => Text::LoadingCounts.get(lang),
        ReportOf::Transfer(_) => Text::LoadingTransfers.get(lang),
    }
}

fn open(state: &mut State, topic: Topic, id: String, now: UtcMicros, effects: &mut Vec<Effect>) {
    let mut report = Remote::default();
    let lang = state.lang();
    match state.lists.get(topic).and_then(|list| list.find(&id)) {
        Some(Row::Session(session)) => {
            report.begin(reading(ReportOf::Cash(session.id), lang));
            effects.push(Effect::Tell(ReportOf::Cash(session.id)));
        }
        Some(Row::Alarm(alarm)) => {
            report.begin(reading(ReportOf::Alarm(alarm.id), lang));
            effects.push(Effect::Tell(ReportOf::Alarm(alarm.id)));
        }
        Some(
            Row::Lot(_)
            | Row::Transfer(_)
            | Row::Count(_)
            | Row::Account(_)
            | Row::Product(_)
            | Row::Store(..)
            | Row::Person(_)
            | Row::Sensor(_)
            | Row::Key(_)
            | Row::Till(_)
            | Row::Change(..)
            | Row::Rule(_)
            | Row::Quiet(_),
        )
        | None => {}
    }
    state.lists.open = Some(Open { topic, id, detail: Detail::default(), report });
    detail(state, now);
}

pub(super) fn reported(state: &mut State, id: &str, result: Result<Report, Failure>, now: UtcMicros) {
    if let Some(open) = state.lists.open.as_mut().filter(|open| open.id == id) {
        open.report.finish(result, now);
        detail(state, now);
    }
}

/// A file has all rows that pass the filter: those that the window does not have are read for it.
fn save(state: &mut State, topic: Topic, as_paper: bool, now: UtcMicros, effects: &mut Vec<Effect>) {
    let context = Context::new(state, now);
    let name = format!("{} {}", name_of(topic).get(state.lang()), context.today);
    let list = state.lists.of(topic);
    if list.next.is_some() {
        let ask = Box::new(ListAsk { topic, filter: list.filter.clone(), context, as_paper });
        saving::begin(state, FileEffect::List { ask, name: saving::file_name(&name) }, effects);
    } else if as_paper {
        let paper = papers::list(topic, &list.sheet, &list.filter, &context);
        saving::paper(state, &name, paper, effects);
    } else {
        let bytes = list.sheet.csv(topic, &context);
        saving::bytes(state, &name, "csv", bytes, effects);
    }
}

/// Something happened that a list tells: it is read again soon, if somebody looks.
pub(super) fn touched(state: &mut State, event: &Event) {
    let topic = match event.matter() {
        Matter::Goods(Goods::Moved(_)) => Topic::Transfers,
        Matter::Goods(Goods::Counted(_)) => Topic::Counts,
        Matter::Money(Money::DrawerOpened(_) | Money::DrawerClosed(_)) => Topic::Sessions,
        Matter::Money(Money::DebtPaid(_)) => Topic::Accounts,
        Matter::SetUp(_, thing) => match thing {
            Thing::Product(_) => Topic::Products,
            Thing::Chain(_) | Thing::Store(_) => Topic::Stores,
            Thing::Person(_) => Topic::People,
            Thing::Sensor(_) | Thing::Calibration(_) => Topic::Sensors,
            Thing::Key(_) => Topic::Keys,
            Thing::Till(_) => Topic::Tills,
            Thing::Rule(_) => Topic::Rules,
            Thing::Quiet(_) => Topic::Quiet,
            Thing::Alias(_) | Thing::Annotation(_) => Topic::History,
        },
        Matter::Alarm(..) => {
            // Nobody waits for the next round to see an alarm.
            fresh(state, Topic::Alarms);
            Topic::PastAlarms
        }
        Matter::Goods(Goods::Sold(_) | Goods::Entered(_) | Goods::Returned(_))
        | Matter::Money(Money::Approved(_) | Money::ReturnApproved(_) | Money::DrawerMoved(_))
        | Matter::Session(..)
        | Matter::Lot
        | Matter::Seal
        | Matter::Battery
        | Matter::Told => return,
        Matter::Feed | Matter::Servers(_) | Matter::Upkeep(_) => Topic::History,
    };
    for topic in [Some(topic), told(event).map(|_| Topic::History)].into_iter().flatten() {
        let list = state.lists.of(topic);
        list.due_at = list.due_at.min(list.asked_at.plus(POLL));
    }
}

/// Everything again: the clock was set back, the server is back, or somebody asked for it. What is being asked for is
/// not asked for beside that: questions to a slow server would take the place of all others.
pub(super) fn all_due(state: &mut State, now: UtcMicros) {
    for (_, list) in state.lists.each() {
        list.due_at = AT_ONCE;
        if !(0..LOST).contains(&now.since(list.asked_at)) {
            list.asking = Asking::Nothing;
        }
    }
}

/// Another server, or an earlier state of it: nothing that was read counts.
pub(super) fn start_over(state: &mut State) {
    state.lists.open = None;
    for (_, list) in state.lists.each() {
        list.clear();
    }
}

/// Words for the sign that a list is being read.
pub fn reason(topic: Topic, list: Option<&List>) -> Word {
    let older = list.is_some_and(|list| list.asking == Asking::Older);
    if older { Word::List(Text::LoadingOlder) } else { loading(topic) }
}

pub fn is_manager(state: &State) -> bool {
    state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role >= Role::Manager)
}

pub(super) fn is_admin(state: &State) -> bool {
    state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role == Role::Admin)
}

/// Alarms that are open.
pub fn alarms(state: &State) -> impl Iterator<Item = &Alarm> {
    let rows = state.lists.get(Topic::Alarms).into_iter().flat_map(List::rows);
    rows.filter_map(|row| if let Row::Alarm(alarm) = row { Some(&**alarm) } else { None })
}

/// Open alarms that nobody has taken care of, and that may call somebody.
pub fn uncared(state: &State) -> usize {
    alarms(state).filter(|alarm| alarm.acknowledgement.is_none() && !alarm.quiet).count()
}

/// Transfers among the newest that have not arrived.
pub fn on_the_way(state: &State) -> Option<usize> {
    state.lists.get(Topic::Transfers)?.counts.get(1).copied()
}

/// Lots that have expired, and lots that will within a week.
pub fn expiring(state: &State) -> Option<(usize, usize)> {
    let counts = &state.lists.get(Topic::Lots)?.counts;
    Some((*counts.get(1)?, *counts.get(2)?))
}
