//! When the reports of the day are asked for, while the overview is open.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Role, SalesReport};
use tillwatch_shared::client::ReportAsk;

use super::reports::today;
use crate::day::{Day, hours, sellers, week_before};
use crate::input::Effect;
use crate::state::{Page, State};
use crate::texts::Text;

pub(super) fn due(state: &mut State, now: UtcMicros, effects: &mut Vec<Effect>) {
    let may = state.signed_in.as_ref().is_some_and(|signed_in| signed_in.person.role >= Role::Manager);
    if state.page != Page::Overview || !may {
        return;
    }
    let (day, reason) = (today(state, now), Text::LoadingTotals.get(state.lang()));
    let hour = state.server_now(now).timestamp().to_zoned(state.zone(None)).hour();
    let held = &mut state.day;
    if held.of != Some(day) {
        *held = Day { of: Some(day), stale: true, ..Day::default() };
        if let Some(before) = week_before(day) {
            held.before.begin(reason);
            effects.push(Effect::Report(hours(before, None)));
        }
    }
    // With each full hour there is more to compare.
    let due = held.stale || held.hour != Some(hour);
    if due && !held.today.is_loading() && !held.sellers.is_loading() {
        (held.stale, held.hour) = (false, Some(hour));
        held.today.begin(reason);
        held.sellers.begin(reason);
        effects.extend([Effect::Report(hours(day, held.hour)), Effect::Report(sellers(day, held.hour))]);
    }
}

pub(super) fn answered(
    state: &mut State,
    ask: ReportAsk,
    result: &Result<SalesReport, Failure>,
    now: UtcMicros,
) {
    let held = &mut state.day;
    let Some(day) = held.of else { return };
    let slot = if ask == hours(day, held.hour) {
        &mut held.today
    } else if ask == sellers(day, held.hour) {
        &mut held.sellers
    } else if week_before(day).map(|before| hours(before, None)) == Some(ask) {
        &mut held.before
    } else {
        return;
    };
    if slot.is_loading() {
        slot.finish(result.clone(), now);
    }
}
