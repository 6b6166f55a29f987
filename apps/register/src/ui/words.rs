//! Names of methods, kinds, roles and complaints in words.

use jiff::civil::Date;
use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{PaymentMethod, Role, StockEntryKind};
use tillwatch_shared::expiry::ExpiryError;

use crate::state::forms::Complaint;
use crate::state::outbox::Outbox;
use crate::stock_texts::Text as Stock;
use crate::texts::Text;

pub const fn method(method: PaymentMethod, lang: Lang) -> &'static str {
    match method {
        PaymentMethod::Cash => Text::Cash,
        PaymentMethod::Pix => Text::Pix,
        PaymentMethod::Credit => Text::Credit,
        PaymentMethod::Debit => Text::Debit,
        PaymentMethod::Account => Text::OnAccount,
    }
    .get(lang)
}

pub const fn role(role: Role, lang: Lang) -> &'static str {
    match role {
        Role::Seller => Text::RoleSeller,
        Role::Manager => Text::RoleManager,
        Role::Admin => Text::RoleAdmin,
    }
    .get(lang)
}

pub const fn kind(kind: StockEntryKind, lang: Lang) -> &'static str {
    match kind {
        StockEntryKind::Receive => Text::KindReceive,
        StockEntryKind::Adjust => Text::KindAdjust,
        StockEntryKind::Count => Text::KindCount,
    }
    .get(lang)
}

pub fn items(count: usize, lang: Lang) -> String {
    if count == 1 { Text::ItemsOne.get(lang).to_owned() } else { Text::Items.with(lang, &[("n", &count)]) }
}

/// How many the server has refused and how many it has not confirmed, and how bad that is; nothing where it is none.
pub fn unsettled(outbox: &Outbox, lang: Lang) -> Option<(Tone, String)> {
    let unsent = |n: usize| Text::Unsent.with(lang, &[("n", &n)]);
    match (outbox.rejected(), outbox.unsent()) {
        (0, 0) => None,
        (0, n) => Some((Tone::Attention, unsent(n))),
        (n, 0) => Some((Tone::Danger, refused(n, lang))),
        (no, n) => Some((Tone::Danger, format!("{} · {}", refused(no, lang), unsent(n)))),
    }
}

pub fn refused(count: usize, lang: Lang) -> String {
    if count == 1 {
        Text::RefusedOne.get(lang).to_owned()
    } else {
        Text::Refused.with(lang, &[("n", &count)])
    }
}

/// What is wrong, in words. `open` is what is still to be paid.
pub fn complaint(complaint: Complaint, open: Cents, lang: Lang) -> String {
    let text = match complaint {
        Complaint::NameMissing => Text::NameMissing,
        Complaint::PriceBad => Text::PriceBad,
        Complaint::QuantityBad => Text::QuantityBad,
        Complaint::MinimumBad => Text::MinimumBad,
        Complaint::ProductMissing => Text::ProductMissing,
        Complaint::ReasonMissing => Text::ReasonMissing,
        Complaint::NotWhole => Text::NotWhole,
        Complaint::TooMuch => Text::TooMuch,
        Complaint::AmountBad => Text::AmountBad,
        Complaint::AmountOverOpen => return Text::AmountOverOpen.with(lang, &[("open", &open)]),
        Complaint::TooManyLines => Text::TooManyLines,
        Complaint::TotalTooLarge => Text::TotalTooLarge,
        Complaint::WhenBad => Text::WhenBad,
        Complaint::CustomerMissing => Text::CustomerMissing,
        Complaint::NotACount => Text::NotACount,
        Complaint::LotBad => return Stock::LotBad.get(lang).to_owned(),
        Complaint::Expiry(error) => return expiry(error, lang),
    };
    text.get(lang).to_owned()
}

/// Why what was typed is not an expiry.
pub fn expiry(error: ExpiryError, lang: Lang) -> String {
    match error {
        ExpiryError::NotADate => Stock::ExpiryNotADate.get(lang).to_owned(),
        ExpiryError::NoSuchDay => Stock::ExpiryNoSuchDay.get(lang).to_owned(),
        ExpiryError::Past(day) => Stock::ExpiryPast.with(lang, &[("day", &date(day))]),
        ExpiryError::TooFar(day) => Stock::ExpiryTooFar.with(lang, &[("day", &date(day))]),
    }
}

/// `31/12/2026`
pub fn date(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}
