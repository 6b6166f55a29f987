//! Rows about goods: lots and what of them expires, transfers that are on their way, counts and what was missing.

use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::api::{Count, Lot, Transfer, TransferState, Unit};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, Quantity};

use super::{Cell, Column, Context};
use crate::lists_texts::Text;

pub const LOTS: &[Column] = &[
    Column::wide(Text::Product, 0.0).always(),
    Column::wide(Text::Lot, 90.0),
    Column::wide(Text::Store, 150.0),
    Column::wide(Text::ExpiresOn, 104.0).always(),
    Column::wide(Text::Situation, 150.0).always(),
    Column::wide(Text::Balance, 100.0).right().always(),
    Column::wide(Text::Worth, 116.0).right(),
];

pub const TRANSFERS: &[Column] = &[
    Column::wide(Text::Number, 52.0).always(),
    Column::wide(Text::From, 0.0).always(),
    Column::wide(Text::To, 0.0).always(),
    Column::wide(Text::SentAt, 134.0),
    Column::wide(Text::Who, 130.0),
    Column::wide(Text::Items, 60.0).right(),
    Column::wide(Text::Situation, 178.0).always(),
];

pub const COUNTS: &[Column] = &[
    Column::wide(Text::Number, 52.0).always(),
    Column::wide(Text::Store, 0.0).always(),
    Column::wide(Text::When, 134.0),
    Column::wide(Text::Who, 150.0),
    Column::wide(Text::Products, 84.0).right(),
    Column::wide(Text::Differences, 96.0).right().always(),
    Column::wide(Text::WorthOfDifferences, 124.0).right().always(),
];

/// The choices of lots by the days that are left.
const DAYS: [i64; 4] = [i64::MAX, -1, 7, 30];

/// Days until it expires; less than nothing once it has.
pub fn days_left(lot: &Lot, context: &Context) -> Option<i64> {
    let until = context.today.until(lot.expires_on?).ok()?;
    Some(i64::from(until.get_days()))
}

pub fn lot_passes(lot: &Lot, choice: usize, context: &Context) -> bool {
    let most = DAYS.get(choice).copied().unwrap_or(i64::MAX);
    days_left(lot, context).is_some_and(|left| left <= most && (left >= 0 || most < 0))
}

pub fn worth(lot: &Lot) -> Option<Cents> {
    lot.price_cents?.times(lot.balance_thousandths)
}

pub fn lot(lot: &Lot, context: &Context) -> Vec<Cell> {
    let left = days_left(lot, context);
    let (words, tone) = match left {
        None => (context.text(Text::NeverExpires).to_owned(), None),
        Some(0) => (context.text(Text::ExpiresToday).to_owned(), Some(Tone::Danger)),
        Some(-1) => (context.text(Text::ExpiredYesterday).to_owned(), Some(Tone::Danger)),
        Some(1) => (context.text(Text::ExpiresTomorrow).to_owned(), Some(Tone::Attention)),
        Some(days) if days < 0 => (Text::ExpiredFor.with(context.lang, &[("n", &-days)]), Some(Tone::Danger)),
        Some(days) => {
            let tone = (days <= 7).then_some(Tone::Attention);
            (Text::ExpiresIn.with(context.lang, &[("n", &days)]), tone)
        }
    };
    // What never expires stands last.
    let order = left.unwrap_or(i64::MAX);
    let day = lot.expires_on.map_or_else(|| "–".to_owned(), crate::reports::written);
    vec![
        Cell::text(lot.product_name.as_str()),
        Cell::text(lot.code.as_deref().unwrap_or("–")),
        Cell::text(context.store(lot.store_id)),
        Cell::number(day, order),
        Cell::number(words, order).tone(tone),
        Cell::number(amount(lot.balance_thousandths, lot.unit), lot.balance_thousandths.0),
        Cell::money(worth(lot)),
    ]
}

pub fn amount(quantity: Quantity, unit: Unit) -> String {
    format!("{quantity} {}", unit.symbol())
}

/// `+2 cx`
pub fn signed(quantity: Quantity, unit: Unit) -> String {
    let sign = if quantity.0 > 0 { "+" } else { "" };
    format!("{sign}{}", amount(quantity, unit))
}

pub fn transfer_passes(transfer: &Transfer, choice: usize) -> bool {
    match choice {
        1 => transfer.state == TransferState::Sent,
        _ => lost_something(transfer),
    }
}

pub fn lost_something(transfer: &Transfer) -> bool {
    transfer.state == TransferState::Received
        && transfer.lines.iter().any(|line| line.lost_thousandths != Quantity::ZERO)
}

pub fn transfer(transfer: &Transfer, context: &Context) -> Vec<Cell> {
    let days = context.now.since(transfer.sent_at) / DAY;
    let (words, tone) = match transfer.state {
        TransferState::Sent if days >= 1 => {
            let age = format::age(context.lang, context.now.since(transfer.sent_at));
            (Text::OnTheWayFor.with(context.lang, &[("age", &age)]), Tone::Attention)
        }
        TransferState::Sent => (context.text(Text::OnTheWayNow).to_owned(), Tone::Info),
        TransferState::Received if lost_something(transfer) => {
            (context.text(Text::ArrivedShort).to_owned(), Tone::Attention)
        }
        TransferState::Received => (context.text(Text::Arrived).to_owned(), Tone::Good),
        TransferState::Cancelled => (context.text(Text::TakenBack).to_owned(), Tone::Neutral),
    };
    let items = i64::try_from(transfer.lines.len()).unwrap_or(i64::MAX);
    vec![
        Cell::number(transfer.number.to_string(), transfer.number),
        Cell::text(transfer.from_store_name.as_str()),
        Cell::text(transfer.to_store_name.as_str()),
        context.when(transfer.sent_at, transfer.from_store_id),
        Cell::text(transfer.sent_by.as_str()),
        Cell::number(format::integer(items), items),
        Cell::text(words).tone(tone),
    ]
}

pub fn has_differences(count: &Count) -> bool {
    count.lines.iter().any(|line| line.difference_thousandths != Quantity::ZERO)
}

pub fn count(count: &Count, context: &Context) -> Vec<Cell> {
    let products = i64::try_from(count.lines.len()).unwrap_or(i64::MAX);
    let differ = count.lines.iter().filter(|line| line.difference_thousandths != Quantity::ZERO).count();
    let differ = i64::try_from(differ).unwrap_or(i64::MAX);
    let tone = (count.worth_cents.0 < 0).then_some(Tone::Danger);
    vec![
        Cell::number(count.number.to_string(), count.number),
        Cell::text(count.store_name.as_str()),
        context.when(count.started_at, count.store_id),
        Cell::text(count.person_name.as_str()),
        Cell::number(format::integer(products), products),
        Cell::number(format::integer(differ), differ),
        Cell::money(Some(count.worth_cents)).tone(tone),
    ]
}
