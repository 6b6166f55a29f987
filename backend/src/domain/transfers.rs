//! Transfers between stores of a chain: sent, and then either received or taken back, once. In between the
//! goods are in neither store. What was sent and did not arrive stays in the books as lost, with its reason.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    Arrival, Event, LotName, LotShare, NewTransfer, Role, Transfer, TransferCancellation, TransferLine,
    TransferState, Unit,
};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::limits::TRANSFER_LINES;
use tillwatch_shared::{ProductId, Quantity, StoreId, UtcMicros};

use super::access::Workplace;
use super::lots::{self, Place};
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check, stock};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendTransfer {
    pub transfer: NewTransfer,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiveTransfer {
    pub transfer_id: TransferId,
    pub arrival: Arrival,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CancelTransfer {
    pub transfer_id: TransferId,
    pub cancellation: TransferCancellation,
}

impl SendTransfer {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let transfer = &self.transfer;
        if transfer.from_store_id == transfer.to_store_id {
            return Err(Rejection::invalid("to_store_id", Invalid::SameStore));
        }
        if transfer.lines.is_empty() {
            return Err(Rejection::invalid("lines", Invalid::Missing));
        }
        check::count("lines", transfer.lines.len(), TRANSFER_LINES)?;
        for (position, line) in transfer.lines.iter().enumerate() {
            let field = |name: &str| format!("lines.{position}.{name}");
            check::quantity(field("quantity_thousandths"), line.quantity_thousandths, false)?;
            if let Some(name) = &line.lot {
                lots::clean(&field("lot"), name)?;
            }
        }
        check::text("note", transfer.note.as_deref())?;
        transfer.sent_at.map_or(Ok(()), |at| check::moment("sent_at", at))
    }
}

impl ReceiveTransfer {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let arrival = &self.arrival;
        check::count("lines", arrival.lines.len(), TRANSFER_LINES)?;
        for (position, line) in arrival.lines.iter().enumerate() {
            let field = |name: &str| format!("lines.{position}.{name}");
            check::quantity(field("arrived_thousandths"), line.arrived_thousandths, true)?;
            check::text(field("reason"), line.reason.as_deref())?;
        }
        arrival.arrived_at.map_or(Ok(()), |at| check::moment("arrived_at", at))
    }
}

impl CancelTransfer {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::text("reason", Some(&self.cancellation.reason))?
            .ok_or_else(|| Rejection::invalid("reason", Invalid::Missing))?;
        self.cancellation.cancelled_at.map_or(Ok(()), |at| check::moment("cancelled_at", at))
    }
}

pub(super) fn send(cx: &Context<'_>, p: &SendTransfer) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let from = access::workplace(cx, &caller, p.transfer.from_store_id)?;
    let to = same_chain(cx, &from, p.transfer.to_store_id)?;
    let sent_at = p.transfer.sent_at.unwrap_or(cx.command.client_at);
    rows::run(
        cx.db,
        "INSERT INTO transfer (uid, from_store, to_store, state, sender, sent_at, note, seq)
         VALUES (?1, ?2, ?3, 'sent', ?4, ?5, ?6, ?7)",
        (
            cx.command.id.0.as_bytes().as_slice(),
            from.key,
            to,
            caller.key,
            sent_at.0,
            check::text("note", p.transfer.note.as_deref())?,
            cx.seq,
        ),
    )?;
    let key = cx.db.last_insert_rowid();
    let mut balances = Vec::with_capacity(p.transfer.lines.len());
    for (position, line) in p.transfer.lines.iter().enumerate() {
        let product = stock::product(cx.db, line.product_id)?;
        let lot = line.lot.as_ref().map(|name| lots::clean("lot", name)).transpose()?;
        let place = Place { store: from.key, product: product.key, position };
        let leaving = Quantity(-line.quantity_thousandths.0);
        let after = stock::shift(cx, place, leaving, lot.as_ref(), Some(sent_at))?.after;
        balances.push(after);
        rows::run(
            cx.db,
            "INSERT INTO transfer_line (transfer, position, product, sent) VALUES (?1, ?2, ?3, ?4)",
            (key, position as i64, product.key, line.quantity_thousandths.0),
        )?;
    }
    let transfer = told(cx, key, &balances)?;
    Ok(Applied { event: Event::TransferSent(transfer), store: Some(from.id) })
}

pub(super) fn receive(cx: &Context<'_>, p: &ReceiveTransfer) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let open = open(cx, p.transfer_id)?;
    let store = access::workplace(cx, &caller, open.to)?;
    let lines = open.lines(cx.db)?;
    let arrived = &p.arrival.lines;
    if arrived.len() > lines.len() {
        return Err(Rejection::invalid("lines", Invalid::TooMany { max: lines.len() }).into());
    }
    let at = p.arrival.arrived_at.unwrap_or(cx.command.client_at);
    let mut balances = Vec::with_capacity(lines.len());
    for (position, (product, sent)) in lines.into_iter().enumerate() {
        let line = arrived
            .get(position)
            .ok_or_else(|| Rejection::invalid(format!("lines.{position}"), Invalid::Missing))?;
        let field = format!("lines.{position}.reason");
        let reason = check::text(field.clone(), line.reason.as_deref())?;
        let quantity = line.arrived_thousandths;
        if quantity != sent && reason.is_none() {
            return Err(Rejection::invalid(field, Invalid::Missing).into());
        }
        rows::run(
            cx.db,
            "UPDATE transfer_line SET arrived = ?3, reason = ?4 WHERE transfer = ?1 AND position = ?2",
            (open.key, position as i64, quantity.0, reason),
        )?;
        let place = Place { store: store.key, product, position };
        balances.push(arrive(cx, &open, place, quantity, at)?);
    }
    close(cx, &open, TransferState::Received, caller.key, at, None)?;
    let transfer = told(cx, open.key, &balances)?;
    Ok(Applied { event: Event::TransferReceived(transfer), store: Some(store.id) })
}

pub(super) fn cancel(cx: &Context<'_>, p: &CancelTransfer) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let open = open(cx, p.transfer_id)?;
    let store = access::workplace(cx, &caller, open.from)?;
    let at = p.cancellation.cancelled_at.unwrap_or(cx.command.client_at);
    let mut balances = Vec::new();
    for (position, (product, sent)) in open.lines(cx.db)?.into_iter().enumerate() {
        let place = Place { store: store.key, product, position };
        balances.push(arrive(cx, &open, place, sent, at)?);
    }
    close(cx, &open, TransferState::Cancelled, caller.key, at, Some(p.cancellation.reason.trim()))?;
    let transfer = told(cx, open.key, &balances)?;
    Ok(Applied { event: Event::TransferCancelled(transfer), store: Some(store.id) })
}

/// The goods of a line come into a store, in the lots in which they left. What is over has no lot.
fn arrive(
    cx: &Context<'_>,
    open: &Open,
    place: Place,
    quantity: Quantity,
    at: UtcMicros,
) -> Result<Quantity, ApplyError> {
    let after = stock::shift(cx, place, quantity, None, Some(at))?.after;
    let mut left = quantity.0;
    for share in lots::moved(cx.db, open.seq, place.position)? {
        let part = left.min(-share.moved_thousandths.0);
        if part <= 0 {
            break;
        }
        left -= part;
        let name = LotName { code: share.code, expires_on: share.expires_on };
        lots::arrive(cx, place, Quantity(part), &name, after)?;
    }
    Ok(after)
}

/// The row key of the other store.
fn same_chain(cx: &Context<'_>, from: &Workplace, to: StoreId) -> Result<i64, ApplyError> {
    let found = rows::one(
        cx.db,
        "SELECT id, chain = (SELECT chain FROM store WHERE id = ?2) FROM store WHERE uid = ?1",
        (to.0.as_bytes().as_slice(), from.key),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
    )?;
    let (key, same) = found.ok_or(Rejection::Unknown(Noun::Store))?;
    if same { Ok(key) } else { Err(Rejection::invalid("to_store_id", Invalid::OtherChain).into()) }
}

/// A transfer on its way.
struct Open {
    key: i64,
    seq: i64,
    from: StoreId,
    to: StoreId,
}

/// The transfer, if it is still on its way.
fn open(cx: &Context<'_>, id: TransferId) -> Result<Open, ApplyError> {
    let found = rows::one(
        cx.db,
        "SELECT transfer.id, transfer.seq, a.uid, b.uid, state
         FROM transfer JOIN store AS a ON a.id = from_store JOIN store AS b ON b.id = to_store
         WHERE transfer.uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| {
            let (from, to) = (StoreId(rows::id(row, 2)?), StoreId(rows::id(row, 3)?));
            let open = Open { key: row.get(0)?, seq: row.get(1)?, from, to };
            Ok((open, TransferState::from_column(row, 4)?))
        },
    )?;
    match found.ok_or(Rejection::Unknown(Noun::Transfer))? {
        (open, TransferState::Sent) => Ok(open),
        (_, TransferState::Received | TransferState::Cancelled) => Err(Rejection::TransferClosed.into()),
    }
}

impl Open {
    /// Product and quantity of each line.
    fn lines(&self, db: &Connection) -> rusqlite::Result<Vec<(i64, Quantity)>> {
        rows::all(
            db,
            "SELECT product, sent FROM transfer_line WHERE transfer = ?1 ORDER BY position",
            [self.key],
            |row| Ok((row.get(0)?, Quantity(row.get(1)?))),
        )
    }
}

fn close(
    cx: &Context<'_>,
    open: &Open,
    state: TransferState,
    person: i64,
    at: UtcMicros,
    reason: Option<&str>,
) -> rusqlite::Result<()> {
    rows::run(
        cx.db,
        "UPDATE transfer SET state = ?2, closer = ?3, closed_at = ?4, reason = ?5, closed_seq = ?6 WHERE id = ?1",
        (open.key, state.word(), person, at.0, reason, cx.seq),
    )?;
    Ok(())
}

/// As it is told: with what the store whose goods moved now holds of each.
fn told(cx: &Context<'_>, key: i64, balances: &[Quantity]) -> Result<Transfer, ApplyError> {
    let mut transfer = load(cx.db, key, cx.command.server_at)?.ok_or(Rejection::Unknown(Noun::Transfer))?;
    for (line, balance) in transfer.lines.iter_mut().zip(balances) {
        line.balance_after_thousandths = Some(*balance);
    }
    Ok(transfer)
}

/// A transfer as it stands.
pub fn load(db: &Connection, key: i64, received_at: UtcMicros) -> rusqlite::Result<Option<Transfer>> {
    let head = rows::one(
        db,
        "SELECT transfer.uid, transfer.id, state, a.uid, a.name, b.uid, b.name, note, sender.name, sent_at,
                closer.name, closed_at, reason, coalesce(closed_seq, transfer.seq)
         FROM transfer JOIN store AS a ON a.id = from_store JOIN store AS b ON b.id = to_store
             JOIN person AS sender ON sender.id = transfer.sender
             LEFT JOIN person AS closer ON closer.id = transfer.closer
         WHERE transfer.id = ?1",
        [key],
        |row| Ok((head(row, received_at)?, row.get::<_, i64>(13)?)),
    )?;
    let Some((mut transfer, last)) = head else { return Ok(None) };
    let lines = rows::all(
        db,
        "SELECT product.uid, product.name, unit, sent, arrived, reason, position
         FROM transfer_line JOIN product ON product.id = transfer_line.product
         WHERE transfer = ?1 ORDER BY position",
        [key],
        |row| Ok((line(row)?, row.get::<_, i64>(6)?)),
    )?;
    for (line, position) in lines {
        let position = usize::try_from(position).unwrap_or_default();
        let lots: Vec<LotShare> = lots::moved(db, last, position)?;
        transfer.lines.push(TransferLine { lots, ..line });
    }
    Ok(Some(transfer))
}

fn head(row: &Row<'_>, received_at: UtcMicros) -> rusqlite::Result<Transfer> {
    Ok(Transfer {
        id: TransferId(rows::id(row, 0)?),
        number: row.get(1)?,
        state: TransferState::from_column(row, 2)?,
        from_store_id: StoreId(rows::id(row, 3)?),
        from_store_name: row.get(4)?,
        to_store_id: StoreId(rows::id(row, 5)?),
        to_store_name: row.get(6)?,
        lines: Vec::new(),
        note: row.get(7)?,
        sent_by: row.get(8)?,
        sent_at: UtcMicros(row.get(9)?),
        closed_by: row.get(10)?,
        closed_at: row.get::<_, Option<i64>>(11)?.map(UtcMicros),
        reason: row.get(12)?,
        received_at,
    })
}

fn line(row: &Row<'_>) -> rusqlite::Result<TransferLine> {
    let sent = Quantity(row.get(3)?);
    let arrived = row.get::<_, Option<i64>>(4)?.map(Quantity);
    Ok(TransferLine {
        product_id: ProductId(rows::id(row, 0)?),
        product_name: row.get(1)?,
        unit: Unit::from_column(row, 2)?,
        sent_thousandths: sent,
        arrived_thousandths: arrived,
        lost_thousandths: Quantity(arrived.map_or(0, |arrived| sent.0 - arrived.0)),
        reason: row.get(5)?,
        balance_after_thousandths: None,
        lots: Vec::new(),
    })
}
