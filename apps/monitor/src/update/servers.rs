//! When the servers of the group are asked about: with the poll while their page is shown, now and then for the overview.

use tillwatch_shared::UtcMicros;

use super::{AT_ONCE, POLL, SENSORS_UNSEEN, is_due, lists};
use crate::input::Effect;
use crate::servers_texts::Text;
use crate::state::{Page, State};

pub(super) fn due(state: &mut State, now: UtcMicros, polling: bool, effects: &mut Vec<Effect>) {
    let at = state.servers.next_at;
    let seen = state.page == Page::Servers;
    let looks = (seen || state.page == Page::Overview) && lists::is_manager(state);
    if !looks || !(at == AT_ONCE || is_due(at, now, polling)) || state.servers.group.is_loading() {
        return;
    }
    state.servers.next_at = now.plus(if seen { POLL } else { SENSORS_UNSEEN });
    state.servers.group.begin(Text::Loading.get(state.lang()));
    effects.push(Effect::Group);
}
