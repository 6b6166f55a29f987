//! Forms: opening them, going through the review to the server, and what came of it.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{AlarmRuleSettings, NewRehearsal, RehearsalLine};

use super::{AT_ONCE, lists};
use crate::alarm_texts::Text as Alarms;
use crate::asking::{Long, Wait};
use crate::forms::{self, About, Form, FormAct, Order, Part, Step};
use crate::input::Effect;
use crate::lists::Topic;
use crate::lists_texts::Word;
use crate::manage_texts::Text;
use crate::state::State;

pub(super) fn act(state: &mut State, act: FormAct, moment: Moment, effects: &mut Vec<Effect>) {
    match act {
        FormAct::Open(about) => open(state, about, effects),
        FormAct::Set(part, value) => {
            let lang = state.lang();
            if let Some(mut form) = state.form.take() {
                form.set(part, value, lang);
                form.failure = None;
                if part == Part::Watch && matches!(form.about, About::NewRule | About::Rule(_)) {
                    forms::rewatch(&mut form, state);
                }
                state.form = Some(form);
            }
        }
        FormAct::Go => go(state, moment, effects),
        FormAct::Stop => effects.extend(stop_rehearsal(state)),
        FormAct::Again => {
            if let Some(Ok(Order::SetRule(_, rule))) = state.form.as_ref().map(Form::order) {
                rehearse(state, rule, moment.at, effects);
            }
        }
        FormAct::Back => {
            effects.extend(stop_rehearsal(state));
            if let Some(form) = state.form.as_mut().filter(|form| !form.saving) {
                form.step = Step::Filling;
            }
        }
        FormAct::Close => {
            effects.extend(stop_rehearsal(state));
            state.form = None;
        }
    }
}

/// A new store needs to know the chains; they are read first where nobody has asked for them yet.
fn open(state: &mut State, about: About, effects: &mut Vec<Effect>) {
    let chains = &mut state.reports.chains;
    if about == About::NewStore && chains.value().is_none() {
        if !chains.is_loading() {
            chains.begin(Text::LoadingStores.get(state.settings.lang));
            effects.push(Effect::Chains);
        }
        return;
    }
    state.form = forms::open(about, state);
}

fn go(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let Some(form) = state.form.as_mut().filter(|form| !form.saving && form.secret.is_none()) else { return };
    form.tried = true;
    let Ok(order) = form.order() else { return };
    match form.step {
        Step::Filling => {
            form.failure = None;
            form.step = Step::Reviewing;
            if let Order::SetRule(_, rule) = order {
                rehearse(state, rule, moment.at, effects);
            }
        }
        // Nobody saves a rule without having seen when it would have fired, or having said that they do not want to.
        Step::Reviewing if form.rehearsal.is_loading() => {}
        Step::Reviewing if form.changes().next().is_none() && !form.is_danger() => {}
        Step::Reviewing => {
            // What came to nothing, perhaps only for us, goes again under its id.
            let again = form.sent.take().filter(|(_, sent)| *sent == order);
            let command = again.map_or(moment.fresh, |(command, _)| command);
            form.sent = Some((command, order.clone()));
            form.saving = true;
            form.failure = None;
            effects.push(Effect::Order { command, order: Box::new(order) });
        }
    }
}

/// Before a rule is saved, it is tried on what was measured.
fn rehearse(state: &mut State, rule: AlarmRuleSettings, now: UtcMicros, effects: &mut Vec<Effect>) {
    let reason = Alarms::Rehearsing.get(state.settings.lang);
    let Some(form) = state.form.as_mut().filter(|_| rule.enabled) else { return };
    state.tickets += 1;
    form.ticket = state.tickets;
    form.rehearsal = Remote::default();
    form.rehearsal.begin(reason);
    (form.rehearsed, form.wait) = (0.0, Wait::begun(now));
    let rehearsal = Box::new(NewRehearsal { rule, days: None });
    effects.push(Effect::Rehearse { ticket: form.ticket, rehearsal });
}

/// Whoever goes away, or has enough of it, lets the server stop.
fn stop_rehearsal(state: &mut State) -> Option<Effect> {
    let form = state.form.as_mut().filter(|form| form.rehearsal.is_loading())?;
    form.rehearsal = Remote::default();
    form.wait.stopped = true;
    Some(Effect::Drop(Long::Rehearsal(form.ticket)))
}

pub(super) fn rehearsing(state: &mut State, ticket: u64, percent: f64) {
    if let Some(form) = state.form.as_mut().filter(|form| form.ticket == ticket) {
        form.rehearsed = percent.clamp(0.0, 100.0);
    }
}

pub(super) fn rehearsed(
    state: &mut State,
    ticket: u64,
    result: Result<Vec<RehearsalLine>, Failure>,
    now: UtcMicros,
) {
    let waits = |form: &&mut Form| form.ticket == ticket && form.rehearsal.is_loading();
    if let Some(form) = state.form.as_mut().filter(waits) {
        form.rehearsal.finish(result, now);
    }
}

/// The server took it, with a secret to be shown once if it made one, or says why not.
pub(super) fn ordered(state: &mut State, result: Result<Option<String>, Failure>, now: UtcMicros) {
    let lang = state.lang();
    let Some(form) = &mut state.form else { return };
    form.saving = false;
    match result {
        Ok(secret) => {
            let topic = form.topic();
            let named = form.value(forms::Part::Name);
            let name = if named.is_empty() { form.subject.clone() } else { named.to_owned() };
            form.secret = secret;
            if form.secret.is_none() {
                state.form = None;
                state.lists.open = None;
            }
            state.toasts.done(Text::Saved.with(lang, &[("name", &name)]), now);
            for topic in [topic, Topic::History] {
                state.lists.of(topic).due_at = AT_ONCE;
            }
            if topic == Topic::Alarms {
                state.lists.of(Topic::PastAlarms).due_at = AT_ONCE;
            }
            if topic == Topic::Sensors {
                state.sensors_at = AT_ONCE;
                state.notes.stale = true;
            }
        }
        Err(failure) => {
            form.step = if form.is_danger() { Step::Reviewing } else { Step::Filling };
            form.failure = Some(failure);
        }
    }
}

/// The forms that can be opened from the list of a topic by itself.
pub fn new_of(state: &State, topic: Topic) -> Option<(Word, About)> {
    if !lists::may_see(state, topic) {
        return None;
    }
    match topic {
        Topic::Products => Some((Text::NewProduct.into(), About::NewProduct)),
        Topic::Stores => lists::is_admin(state).then_some((Text::NewStore.into(), About::NewStore)),
        Topic::People => Some((Text::NewPerson.into(), About::NewPerson)),
        Topic::Keys => Some((Text::NewKey.into(), About::NewKey)),
        Topic::Rules => Some((Alarms::NewRule.into(), About::NewRule)),
        Topic::Quiet => Some((Alarms::NewQuiet.into(), About::NewQuiet)),
        Topic::Lots
        | Topic::Transfers
        | Topic::Counts
        | Topic::Sessions
        | Topic::Accounts
        | Topic::Sensors
        | Topic::Tills
        | Topic::History
        | Topic::Alarms
        | Topic::PastAlarms => None,
    }
}

/// What can be done with the row that is looked at.
pub fn actions(state: &State) -> Vec<(Word, About)> {
    use crate::lists::Row;
    let Some(open) = &state.lists.open else { return Vec::new() };
    let Some(row) = open.row(state.lists.get(open.topic)) else { return Vec::new() };
    match &*row {
        Row::Product(product) => {
            vec![
                (Text::Edit.into(), About::Product(product.id)),
                (Text::SetPrices.into(), About::Prices(product.id)),
            ]
        }
        Row::Store(store, _) => {
            let edit = lists::is_admin(state).then_some((Text::Edit.into(), About::Store(store.id)));
            edit.into_iter().chain([(Text::SetLimits.into(), About::Limits(store.id))]).collect()
        }
        Row::Person(person) => vec![(Text::Edit.into(), About::Person(person.id))],
        Row::Sensor(sensor) => vec![(Text::Edit.into(), About::Sensor(sensor.id.clone()))],
        Row::Key(key) if !key.revoked => vec![(Text::Revoke.into(), About::RevokeKey(key.id))],
        Row::Till(till) if !till.revoked => vec![(Text::ShutOutTill.into(), About::ShutOutTill(till.id))],
        Row::Alarm(alarm) if alarm.acknowledgement.is_none() => {
            vec![(Alarms::Acknowledge.into(), About::Acknowledge(alarm.id))]
        }
        Row::Rule(rule) => {
            let remove =
                (!rule.is_default).then_some((Alarms::RemoveRule.into(), About::RemoveRule(rule.id)));
            [(Alarms::ChangeRule.into(), About::Rule(rule.id))].into_iter().chain(remove).collect()
        }
        Row::Quiet(quiet) => vec![(Alarms::EndQuiet.into(), About::EndQuiet(quiet.id))],
        Row::Key(_)
        | Row::Alarm(_)
        | Row::Till(_)
        | Row::Lot(_)
        | Row::Transfer(_)
        | Row::Count(_)
        | Row::Session(_)
        | Row::Account(_)
        | Row::Change(..) => Vec::new(),
    }
}
