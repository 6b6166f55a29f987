//! Names of methods, kinds, roles and complaints in words.

use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{PaymentMethod, Role, StockEntryKind};

use crate::state::forms::Complaint;
use crate::texts::Text;

pub const METHODS: [PaymentMethod; 4] =
    [PaymentMethod::Cash, PaymentMethod::Pix, PaymentMethod::Credit, PaymentMethod::Debit];

pub const fn method(method: PaymentMethod, lang: Lang) -> &'static str {
    match method {
        PaymentMethod::Cash => Text::Cash,
        PaymentMethod::Pix => Text::Pix,
        PaymentMethod::Credit => Text::Credit,
        PaymentMethod::Debit => Text::Debit,
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
    };
    text.get(lang).to_owned()
}
