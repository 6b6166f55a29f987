//! What every row of the log has: where, when and by whom, as each kind of event tells it.

use tillwatch_shared::api::{Alarm, AlarmTurn, Coordination, Money, Return, Sale, SessionEvent, StockEntry};
use tillwatch_shared::{StoreId, UtcMicros};
use uuid::Uuid;

/// Where there is nobody, or no store.
pub(super) const NOTHING: &str = "–";

/// Where, when and by whom: what every row has.
pub(super) struct Head<'e> {
    pub id: Uuid,
    pub number: i64,
    pub store_id: Option<StoreId>,
    pub store: Option<&'e str>,
    pub person: &'e str,
    pub at: UtcMicros,
    pub device_at: UtcMicros,
}

impl<'e> Head<'e> {
    pub fn sale(sale: &'e Sale) -> Self {
        Self {
            id: sale.id.0,
            number: sale.number,
            store_id: Some(sale.store_id),
            store: Some(&sale.store_name),
            person: &sale.person_name,
            at: sale.received_at,
            device_at: sale.sold_at,
        }
    }

    pub fn entry(entry: &'e StockEntry) -> Self {
        Self {
            id: entry.id.0,
            number: entry.number,
            store_id: Some(entry.store_id),
            store: Some(&entry.store_name),
            person: &entry.person_name,
            at: entry.received_at,
            device_at: entry.recorded_at,
        }
    }

    pub fn returned(back: &'e Return) -> Self {
        Self {
            id: back.id.0,
            number: back.number,
            store_id: Some(back.store_id),
            store: Some(&back.store_name),
            person: &back.person_name,
            at: back.received_at,
            device_at: back.returned_at,
        }
    }

    pub fn money(seq: i64, money: Money<'e>) -> Option<Self> {
        let (id, store_id, store, person, at, device_at) = match money {
            Money::Approved(one) => {
                let at = one.approved_at;
                (one.sale_id.0, one.store_id, None, &one.person_name, at, at)
            }
            Money::ReturnApproved(one) => {
                let at = one.approved_at;
                (one.return_id.0, one.store_id, None, &one.person_name, at, at)
            }
            Money::DrawerOpened(one) => {
                let store = Some(&one.store_name);
                (one.id.0, one.store_id, store, &one.opened_by_name, one.opened_at, one.opened_at)
            }
            Money::DrawerMoved(one) => {
                let store = Some(&one.store_name);
                (one.id.0, one.store_id, store, &one.person_name, one.received_at, one.recorded_at)
            }
            Money::DrawerClosed(one) => {
                let (session, closing) = (&one.session, one.session.closing.as_ref()?);
                let (store, at) = (Some(&session.store_name), closing.closed_at);
                (session.id.0, session.store_id, store, &closing.closed_by_name, at, at)
            }
            Money::DebtPaid(one) => {
                let store = Some(&one.account.store_name);
                let store_id = one.account.store_id;
                (one.id.0, store_id, store, &one.person_name, one.received_at, one.paid_at)
            }
        };
        let store = store.map(String::as_str);
        Some(Self { id, number: seq, store_id: Some(store_id), store, person, at, device_at })
    }

    pub fn alarm(seq: i64, at: UtcMicros, turn: AlarmTurn, alarm: &'e Alarm) -> Self {
        let cared = alarm.acknowledgement.as_ref().filter(|_| turn == AlarmTurn::Acknowledged);
        let device_at = match turn {
            AlarmTurn::Opened => alarm.fired_at,
            AlarmTurn::Acknowledged => cared.map_or(at, |cared| cared.at),
            AlarmTurn::Cleared => alarm.ended_at.unwrap_or(at),
        };
        Self {
            id: alarm.id.0,
            number: seq,
            store_id: alarm.store_id,
            store: None,
            person: cared.map_or(NOTHING, |cared| &cared.person_name),
            at,
            device_at,
        }
    }

    pub fn session(seq: i64, at: UtcMicros, session: &'e SessionEvent) -> Self {
        let (id, person) = (session.session_id.0, session.person_name.as_str());
        Self { id, number: seq, store_id: None, store: None, person, at, device_at: at }
    }

    /// It has no id of its own: its place in the journal is one.
    pub fn server(seq: i64, at: UtcMicros, one: &'e Coordination) -> Self {
        let id = Uuid::from_u64_pair(seq.cast_unsigned(), one.term);
        Self { id, number: seq, store_id: None, store: None, person: NOTHING, at, device_at: one.since }
    }
}
