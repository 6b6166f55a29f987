//! The slip of a return: what came back of a sale, and the money that went back for it.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::{NewReturn, NewReturnLine, Sale};
use tillwatch_shared::{Cents, UtcMicros, mark};

use super::document::{Document, Style};
use super::sale::{Head, method, signature};
use super::texts::Text;

/// Who took the goods back, and when.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    pub person: &'a str,
    /// Who allowed it, where that person may not alone.
    pub approver: Option<&'a str>,
    pub at: UtcMicros,
}

/// `after` is the sale as it is after the return.
pub fn slip(after: &Sale, back: &NewReturn, taken: Taken<'_>, head: &Head, lang: Lang) -> Document {
    let mark = mark::of(after.id);
    let name = if after.number > 0 { after.number.to_string() } else { mark.clone() };
    let mut document = Document::new(Text::FileReturn.with(lang, &[("name", &name)]));
    head.put(&mut document, lang);
    let title = if back.void { Text::VoidTitle } else { Text::ReturnTitle };
    document.rule().centred(title.get(lang), Style::Strong);
    let of = match after.number {
        1.. => Text::OfSale.with(lang, &[("number", &after.number)]),
        _ => Text::OfSaleMark.with(lang, &[("mark", &mark)]),
    };
    document.pair(of, format::date_time(taken.at, &head.zone));
    document.pair(Text::SoldAt.get(lang), format::date_time(after.sold_at, &head.zone));
    let names = back.till.iter().map(String::as_str).chain([taken.person]);
    document.text(names.collect::<Vec<_>>().join(" - "));
    if let Some(name) = taken.approver {
        document.text(Text::ApprovedBy.with(lang, &[("name", &name)]));
    }
    document.rule();
    goods(&mut document, after, back, lang);
    document.rule();
    document.styled_pair(Text::GivenBack.get(lang), back.total_cents.plain(), Style::Big);
    for refund in &back.refunds {
        document.amount(method(refund.method, lang), refund.amount_cents);
    }
    document.text(Text::Reason.with(lang, &[("reason", &back.reason)]));
    signature(&mut document, lang);
    document
}

fn goods(document: &mut Document, after: &Sale, back: &NewReturn, lang: Lang) {
    if after.lines.is_empty() {
        document.amount(Text::AmountOnly.get(lang), back.total_cents);
    }
    let before = after.before_return(back);
    for line in lines(after, back) {
        let Some(sold) = usize::try_from(line.position).ok().and_then(|place| after.lines.get(place)) else {
            continue;
        };
        let quantity = format!("  {} x {}", line.quantity_thousandths, sold.unit_price_cents.plain());
        let fate = if line.restock { Text::ToStock } else { Text::WrittenOff };
        let worth = before.refund(&[line]).unwrap_or(Cents::ZERO);
        document.text(&sold.product_name).amount(quantity, worth).text(fate.get(lang));
    }
}

/// A sale that is cancelled comes back whole.
fn lines(after: &Sale, back: &NewReturn) -> Vec<NewReturnLine> {
    if !back.lines.is_empty() {
        return back.lines.clone();
    }
    let whole = after.lines.iter().zip(0_i64..).map(|(sold, position)| NewReturnLine {
        position,
        quantity_thousandths: sold.quantity_thousandths,
        restock: true,
    });
    whole.collect()
}
