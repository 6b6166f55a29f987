//! The change feed: the journal, as far as the viewer may see it.

use std::collections::HashSet;

use rusqlite::Connection;
use tillwatch_shared::api::{Change, Changes, Event, ReadingsSeal, Role};
use tillwatch_shared::{CommandId, PersonId, StoreId, UtcMicros};

use super::viewer::Viewer;
use super::{people, tills};
use crate::domain::rows;
use crate::ledger::journal;

/// Rows looked at in one request, visible or not: what a caller may not see costs time too.
const SCANNED: i64 = 20_000;

/// The visible changes after a place in the journal, oldest first.
pub fn after(
    db: &Connection,
    viewer: &Viewer,
    after: i64,
    limit: u32,
    now: UtcMicros,
) -> rusqlite::Result<Changes> {
    let tip = journal::tip(db)?.seq;
    let until = after.saturating_add(SCANNED).min(tip);
    let changes = if after >= tip { Vec::new() } else { visible(db, viewer, after, until, limit)? };
    let full = changes.len() >= limit as usize;
    let last = changes.last().map_or(after, |change| change.seq);
    // A caller that is ahead of this server (restored from a backup) is led back to what there is.
    let next_after = if full { last } else { until.min(tip) };
    Ok(Changes { changes, next_after, more: next_after < tip, server_at: now })
}

pub fn outcome_of(db: &Connection, id: CommandId) -> rusqlite::Result<Option<Event>> {
    Ok(journal::find(db, id)?.map(|known| known.event))
}

/// Sellers see goods and the sales and entries of their stores; managers also keys and seals. People and
/// sessions belong to no one store: managers see the changes and the sign-ins of those whom [`super::people::list`]
/// tells them of, and those of the tills that [`super::tills::list`] does. That a session went on is news to admins alone.
fn visible(
    db: &Connection,
    viewer: &Viewer,
    after: i64,
    until: i64,
    limit: u32,
) -> rusqlite::Result<Vec<Change>> {
    let stores: Vec<String> = viewer.stores.iter().map(|(_, id)| id.0.simple().to_string()).collect();
    let stores = serde_json::to_string(&stores).unwrap_or_default();
    // Asked only for those who are told of some people, but not of all.
    let known = if viewer.role == Role::Manager { people::visible(db, viewer)? } else { HashSet::new() };
    let known = serde_json::to_string(&known).unwrap_or_default();
    let desks = if viewer.role == Role::Manager { tills::visible(db, viewer)? } else { HashSet::new() };
    let desks = serde_json::to_string(&desks).unwrap_or_default();
    rows::all(
        db,
        "SELECT seq, command_id, actor, store, client_at, server_at, outcome FROM journal
         WHERE seq > ?1 AND seq <= ?2
           AND (?3 OR store IS NULL OR lower(hex(store)) IN (SELECT value FROM json_each(?4))
                -- A transfer concerns the other store as well.
                OR EXISTS (SELECT 1 FROM transfer JOIN store AS place ON place.id IN (from_store, to_store)
                           WHERE (transfer.seq = journal.seq OR transfer.closed_seq = journal.seq)
                             AND lower(hex(place.uid)) IN (SELECT value FROM json_each(?4))))
           AND (?3 OR kind IN ('add_product', 'change_product', 'set_prices', 'enter_stock', 'place_lot', 'record_count', 'send_transfer',
                               'receive_transfer', 'cancel_transfer', 'record_sale', 'return_sale',
                               'add_store', 'change_store', 'set_discount_limits', 'add_chain', 'set_sensor',
                               'sell_record', 'open_alarm', 'clear_alarm', 'acknowledge_alarm',
                               'set_calibration', 'withdraw_calibration', 'add_annotation',
                               'withdraw_annotation', 'note_battery')
                OR (?5 AND kind IN ('issue_key', 'revoke_key', 'seal_readings',
                                           'take_records', 'set_feed_alias', 'dismiss_record',
                                           'approve_discount', 'approve_return', 'set_alarm_rule',
                                           'remove_alarm_rule', 'set_quiet_time', 'end_quiet_time',
                                           'open_cash_session', 'move_cash', 'close_cash_session',
                                           'pay_account', 'take_coordination', 'note_upkeep', 'note_told'))
                OR (?5 AND kind IN ('add_person', 'change_person', 'open_session', 'end_session', 'refresh_session')
                       AND json_extract(outcome, '$.kind') <> 'session_refreshed'
                       AND coalesce(json_extract(outcome, '$.data.person_id'), json_extract(outcome, '$.data.id'))
                           IN (SELECT value FROM json_each(?7)))
                OR (?5 AND kind IN ('enrol_till', 'revoke_till')
                       AND json_extract(outcome, '$.data.id') IN (SELECT value FROM json_each(?8))))
         ORDER BY seq LIMIT ?6",
        (after, until, viewer.role == Role::Admin, stores, viewer.role >= Role::Manager, limit, known, desks),
        |row| {
            Ok(Change {
                seq: row.get(0)?,
                command_id: CommandId(rows::id(row, 1)?),
                actor_id: rows::id_opt(row, 2)?.map(PersonId),
                store_id: rows::id_opt(row, 3)?.map(StoreId),
                client_at: UtcMicros(row.get(4)?),
                server_at: UtcMicros(row.get(5)?),
                event: without_customer(journal::event(row, 6)?),
            })
        },
    )
}

/// A customer's whole CPF is told with the one sale that is asked for, and not by the feed.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other events tell of no customer")]
fn without_customer(event: Event) -> Event {
    match event {
        Event::SaleRecorded(sale) => Event::SaleRecorded(sale.without_customer()),
        other => other,
    }
}

/// The last reading that the journal has sealed; 0 for none.
pub fn sealed_up_to(db: &Connection) -> rusqlite::Result<i64> {
    let newest = rows::one(
        db,
        "SELECT outcome FROM journal WHERE kind = 'seal_readings' ORDER BY seq DESC LIMIT 1",
        [],
        |row| journal::event(row, 0),
    )?;
    let seal = newest.and_then(|event| ReadingsSeal::try_from(event).ok());
    Ok(seal.map_or(0, |seal| seal.last_id))
}
