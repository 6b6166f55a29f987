//! The wall: when it turns to the next page, and what stops it. The window makes itself as large as the screen, and
//! keeps it on, for as long as there is one.

use std::collections::BTreeSet;

use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmId, UtcMicros};

use super::{compare, user};
use crate::calls_texts::Text;
use crate::input::Effect;
use crate::lists::Topic;
use crate::state::{Page, State};
use crate::wall::{PAGES, Wall, WallAct};

fn turn(state: &State) -> i64 {
    i64::from(state.settings.wall_seconds.max(1)) * SECOND
}

pub(super) fn act(state: &mut State, act: WallAct, now: UtcMicros, effects: &mut Vec<Effect>) {
    match act {
        WallAct::Enter => {
            if state.wall.is_none() {
                state.wall = Some(Wall { turns_at: now.plus(turn(state)), held_by: BTreeSet::new() });
                state.large = None;
                compare::left(state);
                state.dialog = None;
                user::open(state, Page::Overview);
            }
        }
        WallAct::Leave => state.wall = None,
        WallAct::Seconds(seconds) => {
            state.settings.wall_seconds = seconds;
            effects.push(Effect::Save(state.settings.clone()));
        }
    }
}

pub(super) fn due(state: &mut State, now: UtcMicros) {
    let next = now.plus(turn(state));
    let Some(wall) = &mut state.wall else { return };
    if !wall.held_by.is_empty() || now < wall.turns_at {
        return;
    }
    wall.turns_at = next;
    let at = PAGES.iter().position(|page| *page == state.page);
    let page = at.and_then(|at| PAGES.get(at + 1)).or(PAGES.first());
    if let Some(page) = page {
        user::open(state, *page);
    }
}

/// An alarm opened: the wall stays at the alarms.
pub(super) fn stop(state: &mut State, id: AlarmId) {
    let Some(wall) = &mut state.wall else { return };
    wall.held_by.insert(id);
    user::open(state, Page::Alarms);
    state.lists.tabs.insert(Page::Alarms, Some(Topic::Alarms));
}

/// The alarm needs nobody any more.
pub(super) fn go_on(state: &mut State, id: AlarmId) {
    let turns_at = state.seen_at.plus(turn(state));
    let Some(wall) = &mut state.wall else { return };
    if wall.held_by.remove(&id) && wall.held_by.is_empty() {
        wall.turns_at = turns_at;
    }
}

/// Whether the desktop keeps the screen on for the wall.
pub(super) fn awake(state: &mut State, kept: bool, now: UtcMicros) {
    if !kept && state.wall.is_some() {
        state.toasts.info(Text::WallSleeps.get(state.lang()), now);
    }
}
