//! The slip of a payment on an account: what was paid, and what is still owed.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::NewAccountPayment;
use tillwatch_shared::{Cents, UtcMicros};

use super::document::{Document, Style};
use super::sale::{Head, method};
use super::texts::Text;

/// Who paid whom, when, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    pub customer: &'a str,
    pub person: &'a str,
    pub till: &'a str,
    pub at: UtcMicros,
    pub change: Cents,
    /// Still owed, as far as the till knows.
    pub left: Cents,
}

pub fn slip(payment: &NewAccountPayment, taken: Taken<'_>, head: &Head, lang: Lang) -> Document {
    let at = format::date_time(taken.at, &head.zone);
    let name = at.replace(['/', ':', ' '], "-");
    let mut document = Document::new(Text::FileDebt.with(lang, &[("at", &name)]));
    head.put(&mut document, lang);
    document.rule().centred(Text::DebtTitle.get(lang), Style::Strong);
    document.text(Text::Debtor.with(lang, &[("name", &taken.customer)]));
    document.text(at).text([taken.till, taken.person].join(" - "));
    document.rule();
    document.styled_pair(Text::DebtPaid.get(lang), payment.amount_cents.plain(), Style::Big);
    if taken.change > Cents::ZERO {
        document.amount(method(payment.method, lang), Cents(payment.amount_cents.0 + taken.change.0));
        document.amount(Text::Change.get(lang), taken.change);
    } else {
        document.amount(method(payment.method, lang), payment.amount_cents);
    }
    document.rule();
    document.amount(Text::DebtLeft.get(lang), taken.left);
    document.gap().centred(Text::Thanks.get(lang), Style::Plain);
    document
}
