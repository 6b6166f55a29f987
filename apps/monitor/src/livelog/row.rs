//! A row of the log: a sale, an entry, a return, what happens to a drawer, an alarm or a sign-in, as small as the
//! screen allows.

use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmTurn, CashMovementKind, Coordination, Count, Goods, Matter, Money, Payment,
    Return, Sale, SessionEvent, SessionTurn, Severity, StockEntry, StockEntryKind, Transfer, TransferState,
    Unit,
};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{CashSessionId, Cents, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::News;
use super::head::{Head, NOTHING};
use super::names::{NameId, Names};

/// A till's clock may be ahead by so much before it is thought wrong.
const CLOCK_LEAD: i64 = MINUTE;
/// What takes longer than this to arrive is told as late.
const LATE: i64 = 2 * MINUTE;
/// As the server says why it ended a session.
const TOKEN_REUSED: &str = "token_reused";

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub product: NameId,
    pub quantity: Quantity,
    /// Absent where the line comes back.
    pub unit_price: Option<Cents>,
    pub total: Cents,
    /// It came back and was written off.
    pub lost: bool,
}

/// One product of a count or a transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Portion {
    pub product: NameId,
    pub unit: Unit,
    /// Counted less expected, or what left or came.
    pub moved: Quantity,
}

/// Something about money that moved no goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Somebody allowed a discount that the seller may not give alone; up to the amount.
    Approved,
    ReturnApproved,
    /// With what lay in the drawer.
    DrawerOpened,
    Withdrawal,
    Deposit,
    /// With what was missing or over.
    DrawerClosed,
    /// A customer paid a debt.
    DebtPaid,
}

/// What is told of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    In,
    Out,
    /// It was ended because an old token of it turned up: somebody else may have had it.
    Reused,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Alarm {
        turn: AlarmTurn,
        kind: AlarmKind,
        severity: Severity,
        /// Of the sensor, product, till …
        about: NameId,
        /// What was done about it.
        note: Option<Box<str>>,
    },
    Session {
        told: SignIn,
        device: Option<NameId>,
    },
    /// A server of the group coordinates.
    Coordinates(Coordination),
    Money {
        told: Told,
        amount: Cents,
        /// The cash session that it belongs to.
        session: Option<CashSessionId>,
        till: Option<Box<str>>,
        /// Why, or who paid.
        note: Option<Box<str>>,
    },
    Count {
        portions: Box<[Portion]>,
        /// The differences at their prices.
        worth: Cents,
    },
    Transfer {
        state: TransferState,
        /// The store at the other end.
        other: NameId,
        portions: Box<[Portion]>,
        reason: Option<Box<str>>,
    },
    Entry {
        kind: StockEntryKind,
        product: NameId,
        unit: Unit,
        quantity: Quantity,
        moved: Quantity,
        balance: Quantity,
        reason: Option<Box<str>>,
    },
    Sale {
        total: Cents,
        change: Cents,
        till: Option<Box<str>>,
        lines: Box<[Line]>,
        payments: Box<[Payment]>,
    },
    /// Goods that came back, or a sale that was cancelled.
    Return {
        sale_id: Uuid,
        sale_number: i64,
        void: bool,
        total: Cents,
        till: Option<Box<str>>,
        lines: Box<[Line]>,
        refunds: Box<[Payment]>,
        reason: Box<str>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: Uuid,
    /// Of the journal.
    pub seq: i64,
    /// The store's number of the sale or return, or the entry's.
    pub number: i64,
    /// Absent where it belongs to no store.
    pub store_id: Option<StoreId>,
    pub store: NameId,
    /// Nobody where the server did it.
    pub person: NameId,
    /// When the server took it.
    pub at: UtcMicros,
    /// When it happened by the device's clock.
    pub device_at: UtcMicros,
    pub what: What,
    /// Set on rows that came while somebody watched: they glow once.
    pub arrived_at: Option<UtcMicros>,
}

impl Row {
    /// The row of what happens in the shop's day; other events have none.
    pub(super) fn new(names: &mut Names, news: News<'_>, arrived_at: Option<UtcMicros>) -> Option<Self> {
        let News { seq, at, event } = news;
        let (head, what) = match event.matter() {
            Matter::Goods(Goods::Counted(count)) => return Some(Self::count(names, seq, count, arrived_at)),
            Matter::Goods(Goods::Moved(transfer)) => {
                return Some(Self::transfer(names, seq, transfer, arrived_at));
            }
            Matter::Goods(Goods::Sold(sale)) => (Head::sale(sale), What::sale(names, sale)),
            Matter::Goods(Goods::Entered(entry)) => (Head::entry(entry), What::entry(names, entry)),
            Matter::Goods(Goods::Returned(back)) => (Head::returned(back), What::returned(names, back)),
            Matter::Money(money) => (Head::money(seq, money)?, What::money(money)?),
            Matter::Alarm(turn, alarm) => {
                (Head::alarm(seq, at, turn, alarm), What::alarm(names, turn, alarm))
            }
            Matter::Session(turn, session) => {
                (Head::session(seq, at, session), What::session(names, turn, session)?)
            }
            Matter::Servers(one) => (Head::server(seq, at, one), What::Coordinates(one.clone())),
            Matter::SetUp(..)
            | Matter::Lot
            | Matter::Seal
            | Matter::Battery
            | Matter::Told
            | Matter::Feed
            | Matter::Upkeep(_) => return None,
        };
        let store = match (head.store, head.store_id) {
            (Some(name), id) => names.learn(id, name),
            (None, Some(id)) => names.store(id),
            (None, None) => names.intern(NOTHING),
        };
        Some(Self {
            id: head.id,
            seq,
            number: head.number,
            store_id: head.store_id,
            store,
            person: names.intern(head.person),
            at: head.at,
            device_at: head.device_at,
            what,
            arrived_at,
        })
    }

    fn count(names: &mut Names, seq: i64, count: &Count, arrived_at: Option<UtcMicros>) -> Self {
        let portions = count.lines.iter().map(|line| Portion {
            product: names.intern(&line.product_name),
            unit: line.unit,
            moved: line.difference_thousandths,
        });
        Self {
            id: count.id.0,
            seq,
            number: count.number,
            store_id: Some(count.store_id),
            what: What::Count { portions: portions.collect(), worth: count.worth_cents },
            store: names.intern(&count.store_name),
            person: names.intern(&count.person_name),
            at: count.received_at,
            device_at: count.started_at,
            arrived_at,
        }
    }

    /// Where the goods left, or where they came in.
    fn transfer(names: &mut Names, seq: i64, transfer: &Transfer, arrived_at: Option<UtcMicros>) -> Self {
        let received = transfer.state == TransferState::Received;
        let (from, to) = (&transfer.from_store_name, &transfer.to_store_name);
        let (own, other) = if received { (to, from) } else { (from, to) };
        let moved = |sent: Quantity, arrived: Option<Quantity>| match transfer.state {
            TransferState::Sent => Quantity(-sent.0),
            TransferState::Received => arrived.unwrap_or_default(),
            TransferState::Cancelled => sent,
        };
        let portions = transfer.lines.iter().map(|line| Portion {
            product: names.intern(&line.product_name),
            unit: line.unit,
            moved: moved(line.sent_thousandths, line.arrived_thousandths),
        });
        Self {
            id: transfer.id.0,
            seq,
            number: transfer.number,
            store_id: Some(if received { transfer.to_store_id } else { transfer.from_store_id }),
            what: What::Transfer {
                state: transfer.state,
                portions: portions.collect(),
                other: names.intern(other),
                reason: transfer.reason.as_deref().or(transfer.note.as_deref()).map(Into::into),
            },
            store: names.intern(own),
            person: names.intern(transfer.closed_by.as_ref().unwrap_or(&transfer.sent_by)),
            at: transfer.received_at,
            device_at: transfer.closed_at.unwrap_or(transfer.sent_at),
            arrived_at,
        }
    }

    /// When it happened: by the till's clock, unless that is ahead of the server's.
    pub fn happened_at(&self) -> UtcMicros {
        if self.device_at > self.at.plus(CLOCK_LEAD) { self.at } else { self.device_at }
    }

    /// It came much later than it happened, as from a till that was offline.
    pub fn came_late(&self) -> bool {
        self.at.since(self.happened_at()) > LATE
    }
}

impl What {
    fn money(money: Money<'_>) -> Option<Self> {
        let (told, amount, session, till, note) = match money {
            Money::Approved(one) => (Told::Approved, one.limit_cents, None, None, None),
            Money::ReturnApproved(one) => (Told::ReturnApproved, one.limit_cents, None, None, None),
            Money::DrawerOpened(one) => {
                (Told::DrawerOpened, one.float_cents, Some(one.id), Some(&one.till), None)
            }
            Money::DrawerMoved(one) => {
                let told = match one.kind {
                    CashMovementKind::Withdrawal => Told::Withdrawal,
                    CashMovementKind::Deposit => Told::Deposit,
                };
                (told, one.amount_cents, Some(one.session_id), Some(&one.till), Some(&one.reason))
            }
            Money::DrawerClosed(one) => {
                let closing = one.session.closing.as_ref()?;
                let (session, till) = (Some(one.session.id), Some(&one.session.till));
                (Told::DrawerClosed, closing.difference_cents, session, till, closing.reason.as_ref())
            }
            Money::DebtPaid(one) => (Told::DebtPaid, one.amount_cents, None, None, one.account.name.as_ref()),
        };
        let boxed = |text: &String| text.as_str().into();
        Some(Self::Money { told, amount, session, till: till.map(boxed), note: note.map(boxed) })
    }

    fn alarm(names: &mut Names, turn: AlarmTurn, alarm: &Alarm) -> Self {
        let cared = alarm.acknowledgement.as_ref().filter(|_| turn == AlarmTurn::Acknowledged);
        Self::Alarm {
            turn,
            kind: alarm.kind,
            severity: alarm.severity,
            about: names.intern(&alarm.name),
            note: cared.map(|cared| format!("{} · {}", cared.reason, cared.action).into()),
        }
    }

    /// A refreshed session goes on unseen.
    fn session(names: &mut Names, turn: SessionTurn, session: &SessionEvent) -> Option<Self> {
        let told = match turn {
            SessionTurn::Opened => SignIn::In,
            SessionTurn::Ended if session.reason.as_deref() == Some(TOKEN_REUSED) => SignIn::Reused,
            SessionTurn::Ended => SignIn::Out,
            SessionTurn::Refreshed => return None,
        };
        Some(Self::Session { told, device: session.device.as_deref().map(|device| names.intern(device)) })
    }

    fn sale(names: &mut Names, sale: &Sale) -> Self {
        let lines = sale.lines.iter().map(|line| Line {
            product: names.intern(&line.product_name),
            quantity: line.quantity_thousandths,
            unit_price: Some(line.unit_price_cents),
            total: line.total_cents,
            lost: false,
        });
        Self::Sale {
            lines: lines.collect(),
            total: sale.total_cents,
            change: sale.change_cents,
            till: sale.till.as_deref().map(Into::into),
            payments: sale.payments.as_slice().into(),
        }
    }

    fn returned(names: &mut Names, back: &Return) -> Self {
        let lines = back.lines.iter().map(|line| Line {
            product: names.intern(&line.product_name),
            quantity: line.quantity_thousandths,
            unit_price: None,
            total: line.total_cents,
            lost: !line.restock,
        });
        Self::Return {
            sale_id: back.sale_id.0,
            sale_number: back.sale_number,
            void: back.void,
            lines: lines.collect(),
            total: back.total_cents,
            till: back.till.as_deref().map(Into::into),
            refunds: back.refunds.as_slice().into(),
            reason: back.reason.as_str().into(),
        }
    }

    fn entry(names: &mut Names, entry: &StockEntry) -> Self {
        Self::Entry {
            kind: entry.kind,
            product: names.intern(&entry.product_name),
            unit: entry.unit,
            quantity: entry.quantity_thousandths,
            moved: entry.moved_thousandths,
            balance: entry.balance_after_thousandths,
            reason: entry.reason.as_deref().map(Into::into),
        }
    }
}
