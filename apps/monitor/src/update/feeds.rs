//! The page of the feeds: asked for with the poll while it is shown, and what a person decides there.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{AliasKind, Feed, FeedAlias, FeedAliasSet, Page as ListPage, ParkedRecord, Role};
use tillwatch_shared::{CommandId, UtcMicros};

use super::{AT_ONCE, POLL, SENSORS_UNSEEN, feed_new, is_due};
use crate::feed_texts::Text;
use crate::feeds::{FeedAct, Feeds, Matching, Target, alias_kind};
use crate::input::Effect;
use crate::state::{Page, State};
use crate::texts::Text as Common;

pub(super) fn due(state: &mut State, moment: Moment, polling: bool, effects: &mut Vec<Effect>) {
    feed_new::confirm_next(state, moment, effects);
    put_next_away(&mut state.feeds, moment.fresh, effects);
    let at = state.feeds.next_at;
    if !(at == AT_ONCE || is_due(at, moment.at, polling)) {
        return;
    }
    let seen = state.page == Page::Feeds;
    let (lang, may_decide) = (state.lang(), may_decide(state));
    let held = &mut state.feeds;
    held.next_at = moment.at.plus(if seen { POLL } else { SENSORS_UNSEEN });
    if !held.list.is_loading() {
        held.list.begin(Common::LoadingFeeds.get(lang));
        effects.push(Effect::Feeds);
    }
    if seen && may_decide {
        ask_parked(held, Text::LoadingParked.get(lang), effects);
    }
}

/// A seller may not even see what waits.
fn may_decide(state: &State) -> bool {
    state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role >= Role::Manager)
}

fn ask_parked(held: &mut Feeds, loading: &str, effects: &mut Vec<Effect>) {
    let Some(feed) = held.shown().map(|feed| feed.name.clone()) else { return };
    if !held.parked.is_loading() {
        held.ticket += 1;
        held.parked.begin(loading);
        effects.push(Effect::Parked { ticket: held.ticket, feed });
    }
}

fn put_next_away(held: &mut Feeds, command: CommandId, effects: &mut Vec<Effect>) {
    let Some(feed) = held.shown().map(|feed| feed.name.clone()) else { return };
    if held.deciding {
        return;
    }
    if let Some(record_id) = held.putting_away.pop_front() {
        held.deciding = true;
        effects.push(Effect::PutAway { command, feed, record_id });
    }
}

pub(super) fn act(state: &mut State, act: FeedAct, moment: Moment, effects: &mut Vec<Effect>) {
    let lang = state.lang();
    match act {
        FeedAct::Choose(name) => {
            state.feeds.choose(name);
            ask_if_manager(state, effects);
        }
        FeedAct::Match(group) => {
            if let Some(kind) = alias_kind(group.reason) {
                state.feeds.matching = Some(Matching {
                    kind,
                    records: group.records.len(),
                    // A product is mostly called alike; stores and people are few.
                    search: if kind == AliasKind::Product {
                        first_word(&group.subject)
                    } else {
                        String::new()
                    },
                    name: group.subject,
                    told: group.told,
                    new: None,
                    confirm_next: false,
                    targets: Remote::default(),
                    ticket: 0,
                    picked: None,
                });
                look_for_targets(state, moment.at, effects);
            }
        }
        FeedAct::Search(text) => {
            if let Some(matching) = &mut state.feeds.matching {
                matching.search = text;
                if matching.kind == AliasKind::Product {
                    look_for_targets(state, moment.at, effects);
                }
            }
        }
        FeedAct::Pick(id) => {
            if let Some(matching) = &mut state.feeds.matching {
                matching.picked = Some(id);
            }
        }
        FeedAct::Confirm => confirm(&mut state.feeds, moment.fresh, effects),
        FeedAct::New(act) => feed_new::act(state, act, moment, effects),
        FeedAct::Cancel => state.feeds.matching = None,
        FeedAct::PutAway(records) => {
            state.feeds.putting_away = records.into();
            state.toasts.info(Text::PuttingAway.get(lang), moment.at);
        }
    }
}

fn ask_if_manager(state: &mut State, effects: &mut Vec<Effect>) {
    if may_decide(state) {
        let loading = Text::LoadingParked.get(state.lang());
        ask_parked(&mut state.feeds, loading, effects);
    }
}

fn first_word(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Stores are known here; people and products are asked for.
fn look_for_targets(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let loading = Text::LoadingTargets.get(state.lang());
    let stores: Vec<Target> = state
        .stores()
        .iter()
        .map(|store| Target { id: store.id.0, name: store.name.clone(), note: String::new() })
        .collect();
    let Some(matching) = &mut state.feeds.matching else { return };
    matching.ticket += 1;
    match matching.kind {
        AliasKind::Store => matching.targets.finish(Ok(stores), now),
        AliasKind::Seller | AliasKind::Product => {
            matching.targets.begin(loading);
            let (ticket, kind, search) = (matching.ticket, matching.kind, matching.search.clone());
            effects.push(Effect::Targets { ticket, kind, search });
        }
    }
}

pub(super) fn confirm(held: &mut Feeds, command: CommandId, effects: &mut Vec<Effect>) {
    let Some(feed) = held.shown().map(|feed| feed.name.clone()) else { return };
    let Some(matching) = held.matching.as_ref().filter(|_| !held.deciding) else { return };
    let Some(target) = matching.picked() else { return };
    let alias = FeedAlias { kind: matching.kind, name: matching.name.clone(), target_id: target.id };
    held.deciding = true;
    effects.push(Effect::SetAlias { command, feed, alias });
}

/// The first list says which feed is shown; what waits in it is asked for at once.
pub(super) fn listed(state: &mut State, result: Result<Vec<Feed>, Failure>, now: UtcMicros) {
    let first = state.feeds.list.value().is_none();
    state.feeds.list.finish(result, now);
    if first && state.page == Page::Feeds {
        state.feeds.next_at = AT_ONCE;
    }
}

pub(super) fn parked(
    held: &mut Feeds,
    ticket: u64,
    result: Result<ListPage<ParkedRecord>, Failure>,
    now: UtcMicros,
) {
    if ticket == held.ticket {
        held.parked.finish(result, now);
    }
}

pub(super) fn targets(held: &mut Feeds, ticket: u64, result: Result<Vec<Target>, Failure>, now: UtcMicros) {
    if let Some(matching) = held.matching.as_mut().filter(|matching| matching.ticket == ticket) {
        matching.targets.finish(result, now);
        // What is not offered any more cannot be meant.
        matching.picked = matching.picked().map(|target| target.id);
    }
}

/// The server knows what a name means, or why it cannot take the answer.
pub(super) fn alias_set(state: &mut State, result: Result<FeedAliasSet, Failure>, now: UtcMicros) {
    let lang = state.lang();
    decided(state);
    match result {
        Ok(set) => {
            state.feeds.matching = None;
            let text = Text::AliasSet.with(lang, &[("name", &set.name), ("n", &set.released)]);
            state.toasts.info(text, now);
        }
        Err(failure) => state.toasts.problem(tillwatch_desk::failure::what(&failure, lang)),
    }
}

pub(super) fn put_away(state: &mut State, result: Result<(), Failure>) {
    decided(state);
    if let Err(failure) = result {
        state.feeds.putting_away.clear();
        state.toasts.problem(tillwatch_desk::failure::what(&failure, state.lang()));
    }
}

fn decided(state: &mut State) {
    state.feeds.deciding = false;
    state.feeds.next_at = AT_ONCE;
}
