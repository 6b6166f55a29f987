//! What must be in the books afterwards, worked out in another way than the server does: what each store holds of
//! each product, which transfers are on their way, and who has done what under whose leave.
//!
//! A product's balance is what was counted last, by the moment that the count told, and what moved after that; a
//! product that nobody counted has what it had and what moved. What the till knew of the journal when it counted
//! had happened before, whatever its clock says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rusqlite::Connection;
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::stock::StockWork;
use tillwatch_shared::api::{Arrival, Event, NewReturn, NewSaleLine, NewTransfer, NewTransferLine};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{CommandId, PersonId, ProductId, SaleId, StoreId, UtcMicros};
use uuid::Uuid;

use super::Outcome;
use super::deeds::{Deed, Deeds};
use super::lots::{self, Found, Lots};
use super::proof::Told;
use super::refusals::NOT_ALLOWED;

/// Balances by store and product.
pub type Stock = BTreeMap<(StoreId, ProductId), i64>;

/// A code of the server: somebody else has ended the transfer.
const ENDED: &str = "transfer_closed";

/// Goods moved.
#[derive(Debug)]
struct Move {
    seq: i64,
    at: UtcMicros,
    by: i64,
}

/// Goods were counted. No count is of the future.
#[derive(Debug)]
struct Counted {
    seq: i64,
    at: UtcMicros,
    /// Up to where the till knew the journal.
    seen: Option<i64>,
    quantity: i64,
    /// Of each lot, where it was counted lot by lot.
    lots: Lots,
}

impl Counted {
    /// It moved after the count, and the till did not know of it then.
    fn precedes(&self, moved: &Move) -> bool {
        moved.at > self.at && self.seen.is_none_or(|seen| moved.seq > seen)
    }
}

#[derive(Debug, Default)]
struct Shelf {
    moves: Vec<Move>,
    counts: Vec<Counted>,
}

impl Shelf {
    fn last_count(&self) -> Option<&Counted> {
        let mut last: Option<&Counted> = None;
        for count in &self.counts {
            let earlier = last.is_none_or(|last| (last.at, -last.seq) < (count.at, -count.seq));
            last = if earlier { Some(count) } else { last };
        }
        last
    }

    fn holds(&self) -> i64 {
        let Some(last) = self.last_count() else {
            return self.moves.iter().map(|moved| moved.by).sum::<i64>();
        };
        last.quantity
            + self.moves.iter().filter(|moved| last.precedes(moved)).map(|moved| moved.by).sum::<i64>()
    }

    /// The lots, where they are known from the last count alone: nothing moved or came in since.
    fn lots(&self) -> Option<&Lots> {
        let last = self.last_count()?;
        let quiet = |moved: &Move| moved.seq < last.seq && !last.precedes(moved);
        let of_lots = !last.lots.is_empty() && self.counts.iter().all(|count| count.seq <= last.seq);
        (of_lots && self.moves.iter().all(quiet)).then_some(&last.lots)
    }
}

/// A transfer, and what became of it.
struct Sent {
    sent: NewTransfer,
    ended: Option<Ended>,
}

enum Ended {
    Arrived(Arrival),
    TakenBack,
}

/// What one person has done.
#[derive(Default, PartialEq, Eq, Debug)]
struct Person {
    sales: i64,
    sold: i64,
    returns: i64,
    returned: i64,
    /// Sales and returns of others that had their leave.
    allowed: i64,
}

/// All that is added up.
pub struct Books {
    shelves: BTreeMap<(StoreId, ProductId), Shelf>,
    transfers: BTreeMap<TransferId, Sent>,
    people: BTreeMap<PersonId, Person>,
    /// Sales with discounts, and returns, that somebody had to allow: who did it, and who allowed it.
    approved: Vec<(CommandId, PersonId, PersonId)>,
}

/// A movement of the demonstration's own.
pub struct Before {
    place: (StoreId, ProductId),
    moved: Move,
}

/// What was found in order.
#[derive(Default)]
pub struct Balanced {
    counted: usize,
    by_lot: usize,
    /// Lots of these.
    pub lots: usize,
    /// Shelves with lots that moved since they were counted.
    pub lots_unknown: Vec<String>,
    in_transit: usize,
    arrived: usize,
    taken_back: usize,
    lost: i64,
    people: Vec<String>,
}

impl fmt::Display for Balanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stock of all stores agrees ({} balances were counted, {} lots on {} shelves are as counted); transfers: {} arrived with {} thousandths lost, {} \
             taken back, {} on their way; people: {}",
            self.counted,
            self.lots,
            self.by_lot,
            self.arrived,
            self.lost,
            self.taken_back,
            self.in_transit,
            self.people.join(", ")
        )
    }
}

/// Nothing may be refused but the second end of a transfer that the till had not heard the end of, and what sellers
/// change of products.
pub fn check_refusals(deeds: &Deeds, sellers: &BTreeSet<PersonId>) -> Outcome<()> {
    for (id, why) in &deeds.refused {
        let deed = deeds.commands.get(id);
        let ended_before = deed.is_some_and(|deed| ended_by_another(*id, deed, deeds));
        let not_theirs = deed.is_some_and(|deed| {
            matches!(deed.work, Work::ProductChange(..)) && sellers.contains(&deed.person)
        });
        if !(ended_before && why.contains(ENDED) || not_theirs && why.contains(NOT_ALLOWED)) {
            return Err(format!("the server refused {id}: {why}").into());
        }
    }
    Ok(())
}

fn ended_by_another(id: CommandId, deed: &Deed, deeds: &Deeds) -> bool {
    let ends = |work: &Work| if let Work::Stock(work) = work { work.ends() } else { None };
    let transfer = ends(&deed.work);
    let other =
        |(own, deed): (&CommandId, &Deed)| *own != id && deed.happened && ends(&deed.work) == transfer;
    transfer.is_some() && !deed.happened && deeds.commands.iter().any(other)
}

impl Books {
    /// With what was there before the till came, which did not all happen before its clock says it is.
    pub fn new(before: Vec<Before>) -> Self {
        let mut shelves: BTreeMap<(StoreId, ProductId), Shelf> = BTreeMap::new();
        for Before { place, moved } in before {
            shelves.entry(place).or_default().moves.push(moved);
        }
        Self { shelves, transfers: BTreeMap::new(), people: BTreeMap::new(), approved: Vec::new() }
    }

    /// Adds what a till did and the server has.
    pub fn take(&mut self, id: CommandId, deed: &Deed, told: &Told, deeds: &Deeds) -> Outcome<()> {
        let person = self.people.entry(deed.person).or_default();
        match &deed.work {
            Work::Sale(sale) => {
                person.sales += 1;
                person.sold += sale.total_cents.0;
                if let Some(approver) = sale.approved_by {
                    self.approved.push((id, deed.person, approver));
                    self.people.entry(approver).or_default().allowed += 1;
                }
            }
            Work::Return(_, back) => {
                person.returns += 1;
                person.returned += back.total_cents.0;
                if let Some(approver) = back.approved_by {
                    self.approved.push((id, deed.person, approver));
                    self.people.entry(approver).or_default().allowed += 1;
                }
            }
            Work::Stock(StockWork::Count(count)) => {
                for found in lots::found(count) {
                    let shelf = self.shelves.entry((count.store_id, found.product)).or_default();
                    let Found { seen, quantity, lots, .. } = found;
                    let at = found.at.min(told.server_at);
                    shelf.counts.push(Counted { seq: told.seq, at, seen, quantity, lots });
                }
            }
            Work::Stock(StockWork::Send(sent)) => {
                self.transfers.insert(TransferId(id.0), Sent { sent: sent.clone(), ended: None });
            }
            Work::Stock(StockWork::Arrive(transfer, arrival)) => {
                self.end(*transfer, Ended::Arrived(arrival.clone()))?;
            }
            Work::Stock(StockWork::TakeBack(transfer, _)) => self.end(*transfer, Ended::TakenBack)?,
            Work::Product(_)
            | Work::ProductChange(..)
            | Work::Entry(_)
            | Work::CashOpen(_)
            | Work::CashMove(..)
            | Work::DebtPaid(..)
            | Work::CashClose(..) => {}
        }
        for (store, product, by) in moves(&deed.work, deeds)? {
            let moved = Move { seq: told.seq, at: deed.made_at, by };
            self.shelves.entry((store, product)).or_default().moves.push(moved);
        }
        Ok(())
    }

    /// Ids grow with time, so a transfer was sent before it ends.
    fn end(&mut self, transfer: TransferId, ended: Ended) -> Outcome<()> {
        let sent = self.transfers.get_mut(&transfer).ok_or("a transfer ended that was never sent")?;
        if sent.ended.replace(ended).is_some() {
            return Err(format!("transfer {} ended twice", transfer.0).into());
        }
        Ok(())
    }

    /// Compares with the ledger; the first difference is the error.
    pub fn check(&self, db: &Connection, stock: &Stock) -> Outcome<Balanced> {
        let counted = self.shelves.values().filter(|shelf| !shelf.counts.is_empty()).count();
        let mut balanced = Balanced { counted, ..Balanced::default() };
        for key in self.shelves.keys().chain(stock.keys()) {
            let wanted = self.shelves.get(key).map_or(0, Shelf::holds);
            let is = stock.get(key).copied().unwrap_or(0);
            if wanted != is {
                let why = self.shelves.get(key);
                return Err(
                    format!("the balance of {} in {} is {is}, not {wanted}: {why:?}", key.1, key.0).into()
                );
            }
        }
        self.check_lots(db, &mut balanced)?;
        self.check_transfers(db, &mut balanced)?;
        self.check_people(db, &mut balanced)?;
        Ok(balanced)
    }

    fn check_lots(&self, db: &Connection, balanced: &mut Balanced) -> Outcome<()> {
        let held = lots::held(db)?;
        for (key, shelf) in &self.shelves {
            let Some(wanted) = shelf.lots() else { continue };
            let is = held.get(key).cloned().unwrap_or_default();
            if *wanted != is {
                return Err(format!("the lots of {} in {} are {is:?}, not {wanted:?}", key.1, key.0).into());
            }
            balanced.by_lot += 1;
            balanced.lots += is.len();
        }
        let known =
            |key: &(StoreId, ProductId)| self.shelves.get(key).is_some_and(|shelf| shelf.lots().is_some());
        let unknown = held.keys().filter(|key| !known(key));
        balanced.lots_unknown = unknown.map(|(store, product)| format!("{product} in {store}")).collect();
        Ok(())
    }

    fn check_transfers(&self, db: &Connection, balanced: &mut Balanced) -> Outcome<()> {
        let theirs = transfers(db)?;
        if theirs.len() != self.transfers.len() {
            return Err(
                format!("{} transfers at the server, not {}", theirs.len(), self.transfers.len()).into()
            );
        }
        for (id, own) in &self.transfers {
            let Some((state, lines)) = theirs.get(id) else {
                return Err(format!("transfer {} is not at the server", id.0).into());
            };
            let sent = |line: &NewTransferLine| line.quantity_thousandths.0;
            let wanted: Vec<(i64, Option<i64>)> = match &own.ended {
                Some(Ended::Arrived(arrival)) => {
                    let arrived = arrival.lines.iter().map(|line| Some(line.arrived_thousandths.0));
                    own.sent.lines.iter().map(sent).zip(arrived).collect()
                }
                Some(Ended::TakenBack) | None => {
                    own.sent.lines.iter().map(|line| (sent(line), None)).collect()
                }
            };
            let word = match &own.ended {
                None => "sent",
                Some(Ended::Arrived(_)) => "received",
                Some(Ended::TakenBack) => "cancelled",
            };
            if (state.as_str(), lines) != (word, &wanted) {
                return Err(format!("transfer {} is {state} {lines:?}, not {word} {wanted:?}", id.0).into());
            }
            balanced.in_transit += usize::from(own.ended.is_none());
            balanced.taken_back += usize::from(matches!(own.ended, Some(Ended::TakenBack)));
            balanced.arrived += usize::from(matches!(own.ended, Some(Ended::Arrived(_))));
            balanced.lost +=
                wanted.iter().map(|(sent, arrived)| sent - arrived.unwrap_or(*sent)).sum::<i64>();
        }
        Ok(())
    }

    /// Each person's sales and returns, and that whoever allowed what another may not is a manager.
    fn check_people(&self, db: &Connection, balanced: &mut Balanced) -> Outcome<()> {
        let known = people(db)?;
        for (id, own) in &self.people {
            let (name, role, theirs) = known.get(id).ok_or("somebody whom the server does not know")?;
            if own != theirs {
                return Err(format!("{name} has {theirs:?} at the server, not {own:?}").into());
            }
            balanced.people.push(format!("{role} {} sales", own.sales));
        }
        let role = |id: &PersonId| known.get(id).map(|(_, role, _)| role.as_str());
        for (sale, seller, approver) in &self.approved {
            if (role(seller), role(approver)) != (Some("seller"), Some("manager")) {
                return Err(format!("{sale} of {seller} was allowed by {approver}").into());
            }
        }
        Ok(())
    }
}

/// What moved before any till came.
pub fn before(db: &Connection) -> Outcome<Vec<Before>> {
    let mut query = db.prepare(
        "SELECT store.uid, product.uid, movement.seq, sum(quantity), outcome
         FROM movement JOIN journal ON journal.seq = movement.seq
             JOIN store ON store.id = movement.store JOIN product ON product.id = movement.product
         WHERE movement.seq < (SELECT min(seq) FROM journal WHERE kind = 'enrol_till')
         GROUP BY movement.seq, store.uid, product.uid",
    )?;
    let mut rows = query.query(())?;
    let mut before = Vec::new();
    while let Some(row) = rows.next()? {
        let place = (StoreId(Uuid::from_bytes(row.get(0)?)), ProductId(Uuid::from_bytes(row.get(1)?)));
        let event: Event = serde_json::from_str(&row.get::<_, String>(4)?)?;
        let goods = event.goods().ok_or("goods moved by what moves none")?;
        let moved = Move { seq: row.get(2)?, at: goods.happened_at(place.1), by: row.get(3)? };
        before.push(Before { place, moved });
    }
    Ok(before)
}

type Lines = Vec<(i64, Option<i64>)>;

/// State, and of each line what was sent and what arrived.
fn transfers(db: &Connection) -> Outcome<BTreeMap<TransferId, (String, Lines)>> {
    let mut query = db.prepare(
        "SELECT uid, state, sent, arrived FROM transfer JOIN transfer_line ON transfer = transfer.id
         ORDER BY transfer.id, position",
    )?;
    let mut found: BTreeMap<TransferId, (String, Lines)> = BTreeMap::new();
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        let id = TransferId(Uuid::from_bytes(row.get(0)?));
        let (_, lines) = found.entry(id).or_insert((row.get(1)?, Vec::new()));
        lines.push((row.get(2)?, row.get(3)?));
    }
    Ok(found)
}

pub fn sellers(db: &Connection) -> Outcome<BTreeSet<PersonId>> {
    let mut query = db.prepare("SELECT uid FROM person WHERE role = 'seller'")?;
    let rows = query.query_map((), |row| Ok(PersonId(Uuid::from_bytes(row.get(0)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Name, role, and what they did since the till came.
fn people(db: &Connection) -> Outcome<BTreeMap<PersonId, (String, String, Person)>> {
    let mut query = db.prepare(
        "WITH since AS (SELECT min(seq) AS seq FROM journal WHERE kind = 'enrol_till')
         SELECT uid, name, role,
             (SELECT count(*) FROM sale, since WHERE sale.person = person.id AND sale.seq > since.seq),
             (SELECT coalesce(sum(total_cents), 0) FROM sale, since
              WHERE sale.person = person.id AND sale.seq > since.seq),
             (SELECT count(*) FROM sale_return, since
              WHERE sale_return.person = person.id AND sale_return.seq > since.seq),
             (SELECT coalesce(sum(total_cents), 0) FROM sale_return, since
              WHERE sale_return.person = person.id AND sale_return.seq > since.seq),
             (SELECT count(*) FROM sale, since WHERE sale.approver = person.id AND sale.seq > since.seq)
                 + (SELECT count(*) FROM sale_return, since
                    WHERE sale_return.approver = person.id AND sale_return.seq > since.seq)
         FROM person",
    )?;
    let rows = query.query_map((), |row| {
        let person = Person {
            sales: row.get(3)?,
            sold: row.get(4)?,
            returns: row.get(5)?,
            returned: row.get(6)?,
            allowed: row.get(7)?,
        };
        Ok((PersonId(Uuid::from_bytes(row.get(0)?)), (row.get(1)?, row.get(2)?, person)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// By how much it moves what a store holds, but for counts. What arrives is told by the transfer, and what comes back
/// by the lines of its sale.
fn moves(work: &Work, deeds: &Deeds) -> Outcome<Vec<(StoreId, ProductId, i64)>> {
    let sent = |id: &TransferId| match deeds.commands.get(&CommandId(id.0)).map(|deed| &deed.work) {
        Some(Work::Stock(StockWork::Send(sent))) => Ok(sent),
        Some(_) | None => Err("a transfer ended that this till did not send"),
    };
    match work {
        Work::Return(sale, back) => returned(*sale, back, deeds),
        Work::Stock(StockWork::Arrive(id, arrival)) => {
            let sent = sent(id)?;
            let lines = sent.lines.iter().zip(&arrival.lines);
            let moved = lines
                .map(|(line, arrived)| (sent.to_store_id, line.product_id, arrived.arrived_thousandths.0));
            Ok(moved.collect())
        }
        Work::Stock(StockWork::TakeBack(id, _)) => {
            let sent = sent(id)?;
            let back =
                |line: &NewTransferLine| (sent.from_store_id, line.product_id, line.quantity_thousandths.0);
            Ok(sent.lines.iter().map(back).collect())
        }
        Work::Stock(StockWork::Count(_) | StockWork::Send(_))
        | Work::Product(_)
        | Work::ProductChange(..)
        | Work::Entry(_)
        | Work::Sale(_)
        | Work::CashOpen(_)
        | Work::CashMove(..)
        | Work::DebtPaid(..)
        | Work::CashClose(..) => Ok(work.moves()),
    }
}

fn returned(sale: SaleId, back: &NewReturn, deeds: &Deeds) -> Outcome<Vec<(StoreId, ProductId, i64)>> {
    let sale = deeds.commands.get(&CommandId(sale.0)).map(|deed| &deed.work);
    let Some(Work::Sale(sale)) = sale else {
        return Err("something came back of no sale of this till".into());
    };
    if back.void {
        let line = |line: &NewSaleLine| (sale.store_id, line.product_id, line.quantity_thousandths.0);
        return Ok(sale.lines.iter().map(line).collect());
    }
    let mut moves = Vec::new();
    for line in back.lines.iter().filter(|line| line.restock) {
        let sold = usize::try_from(line.position).ok().and_then(|position| sale.lines.get(position));
        let sold = sold.ok_or("a line came back that was not sold")?;
        moves.push((sale.store_id, sold.product_id, line.quantity_thousandths.0));
    }
    Ok(moves)
}
