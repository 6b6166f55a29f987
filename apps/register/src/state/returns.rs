//! Returning goods of a sale: which sale, what of it, why, and how the money goes back.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{NewReturn, NewReturnLine, Payment, PaymentMethod, Sale};
use tillwatch_shared::{Cents, Quantity, SaleId, StoreId, mark};

use super::consent::Consent;
use super::forms::Trouble;
use super::sold::{Find, SoldHere};

#[derive(Clone, Debug, PartialEq)]
pub struct ReturnForm {
    pub step: Step,
    pub complaint: Option<ReturnComplaint>,
    /// Where the keyboard focus goes in the next frame.
    pub focus: Option<ReturnPart>,
    /// Where it is: the keys act on that.
    pub at: ReturnPart,
    pub trouble: Trouble,
    /// A manager's, where the seller may not make the return alone.
    pub consent: Option<Consent>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Find(FindForm),
    Lines(Box<LinesForm>),
}

/// Which sale it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindForm {
    /// A number, or what the receipt's code says.
    pub wanted: String,
    /// The last sales of this till; absent until they are read.
    pub rows: Option<Vec<SoldHere>>,
    pub row: usize,
    /// The last sale is meant, without a look at the list.
    pub last: bool,
    pub asked: Option<Asked>,
}

/// A sale that is being looked for, at the till and at the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub find: Find,
    pub here: Answer,
    pub there: Answer,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nobody is asked.
    Nobody,
    Awaited,
    Known(Option<Box<Sale>>),
    Failed(Failure),
}

/// What of the sale comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct LinesForm {
    pub sale: Sale,
    /// What has come back of it is what this till knows: the server was not there to be asked.
    pub till_alone: bool,
    /// One for each line of the sale.
    pub lines: Vec<Chosen>,
    pub reason: String,
    pub refund: Refund,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// As it is typed; nothing for nothing.
    pub quantity: String,
    pub restock: bool,
}

/// How the money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refund {
    /// As it came: only of a whole sale.
    AsPaid,
    By(PaymentMethod),
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnPart {
    Wanted,
    Line(usize),
    Reason,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReturnComplaint {
    /// Neither a number nor a receipt's code.
    NotANumber,
    NotFound,
    /// Neither the till nor the server could be asked with success.
    NotAnswered(Failure),
    OtherStore(String),
    NothingLeft,
    /// The line's quantity is not one, or more than is left.
    Quantity(usize, Quantity),
    /// Pieces come back whole.
    NotWhole(usize),
    NothingChosen,
    ReasonMissing,
}

/// What the form asks of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FindAtServer {
    pub store: StoreId,
    pub find: Find,
}

impl ReturnForm {
    pub fn find(last: bool) -> Self {
        let find = FindForm { last, ..FindForm::default() };
        Self {
            step: Step::Find(find),
            complaint: None,
            focus: Some(ReturnPart::Wanted),
            at: ReturnPart::Wanted,
            trouble: Trouble::default(),
            consent: None,
        }
    }

    /// The sale is still looked for.
    pub const fn is_finding(&self) -> bool {
        matches!(self.step, Step::Find(_))
    }

    pub const fn find_mut(&mut self) -> Option<&mut FindForm> {
        match &mut self.step {
            Step::Find(find) => Some(find),
            Step::Lines(_) => None,
        }
    }

    pub fn lines_mut(&mut self) -> Option<&mut LinesForm> {
        match &mut self.step {
            Step::Lines(lines) => Some(lines),
            Step::Find(_) => None,
        }
    }
}

impl LinesForm {
    pub fn new(sale: Sale, till_alone: bool) -> Self {
        let lines = sale.lines.iter().map(|_| Chosen { quantity: String::new(), restock: true }).collect();
        let refund = largest(&sale.payments).map_or(Refund::AsPaid, Refund::By);
        Self { sale, till_alone, lines, reason: String::new(), refund }
    }

    /// What was chosen before of the same sale.
    pub fn choose_again(&mut self, back: &NewReturn) {
        if back.void {
            self.choose_all();
        }
        for chosen in &back.lines {
            let line = usize::try_from(chosen.position).ok().and_then(|place| self.lines.get_mut(place));
            if let Some(line) = line {
                line.quantity = chosen.quantity_thousandths.to_string();
                line.restock = chosen.restock;
            }
        }
        back.reason.clone_into(&mut self.reason);
        let by = back.refunds.first().map(|first| Refund::By(first.method));
        for refund in by.into_iter().chain([Refund::AsPaid]) {
            self.refund = refund;
            if self.refunds() == back.refunds {
                return;
            }
        }
        self.refund = by.unwrap_or(Refund::AsPaid);
    }

    /// Everything that is left comes back.
    pub fn choose_all(&mut self) {
        for position in 0..self.lines.len() {
            self.choose_whole(position);
        }
        if self.is_whole() && !self.sale.payments.is_empty() {
            self.refund = Refund::AsPaid;
        }
    }

    pub fn choose_whole(&mut self, position: usize) {
        let left = self.sale.left(position);
        if let Some(line) = self.lines.get_mut(position) {
            line.quantity = if left > Quantity::ZERO { left.to_string() } else { String::new() };
        }
    }

    /// What the line's text says; nothing is zero.
    pub fn quantity(&self, position: usize) -> Option<Quantity> {
        let text = self.lines.get(position)?.quantity.trim();
        let quantity = if text.is_empty() { Quantity::ZERO } else { Quantity::parse(text).ok()? };
        (Quantity::ZERO..=self.sale.left(position)).contains(&quantity).then_some(quantity)
    }

    /// What comes back, as far as it is understood.
    pub fn chosen(&self) -> Vec<NewReturnLine> {
        let lines = self.lines.iter().enumerate();
        lines
            .filter_map(|(position, line)| {
                let quantity = self.quantity(position).filter(|quantity| *quantity > Quantity::ZERO)?;
                Some(NewReturnLine {
                    position: position as i64,
                    quantity_thousandths: quantity,
                    restock: line.restock,
                })
            })
            .collect()
    }

    /// Only the amount of the sale is known.
    pub const fn by_amount(&self) -> bool {
        self.sale.lines.is_empty()
    }

    /// The whole sale comes back, and nothing of it did before.
    pub fn is_whole(&self) -> bool {
        let line = |(position, line): (usize, &tillwatch_shared::api::SaleLine)| {
            self.quantity(position) == Some(line.quantity_thousandths)
        };
        self.sale.returned.is_none() && self.sale.lines.iter().enumerate().all(line)
    }

    /// The whole sale, to be sold again, on the day on which it was sold: it is cancelled.
    pub fn is_void(&self, today: &str) -> bool {
        self.is_whole() && self.lines.iter().all(|line| line.restock) && self.sale.business_day == today
    }

    /// What goes back to the customer.
    pub fn total(&self) -> Cents {
        if self.by_amount() {
            return self.sale.total_cents;
        }
        self.sale.refund(&self.chosen()).unwrap_or_default()
    }

    /// How it goes back.
    pub fn refunds(&self) -> Vec<Payment> {
        let total = self.total();
        if total == Cents::ZERO {
            return Vec::new();
        }
        match self.refund {
            Refund::AsPaid if self.is_whole() => as_paid(&self.sale),
            Refund::AsPaid => {
                let method = largest(&self.sale.payments).unwrap_or(PaymentMethod::Cash);
                vec![Payment { method, amount_cents: total }]
            }
            Refund::By(method) => vec![Payment { method, amount_cents: total }],
        }
    }
}

/// The method of the largest payment.
fn largest(payments: &[Payment]) -> Option<PaymentMethod> {
    payments.iter().max_by_key(|payment| payment.amount_cents).map(|payment| payment.method)
}

/// What was paid, the change taken out of the cash again.
fn as_paid(sale: &Sale) -> Vec<Payment> {
    let mut change = sale.change_cents;
    let mut refunds = Vec::new();
    for payment in &sale.payments {
        let kept = if payment.method == PaymentMethod::Cash {
            let out = change.min(payment.amount_cents);
            change = Cents(change.0 - out.0);
            Cents(payment.amount_cents.0 - out.0)
        } else {
            payment.amount_cents
        };
        if kept > Cents::ZERO {
            refunds.push(Payment { method: payment.method, amount_cents: kept });
        }
    }
    refunds
}

/// A receipt's code tells the sale's id, or the first half of it; what a person types is its number.
pub fn wanted(text: &str) -> Option<Find> {
    let text = text.trim().trim_start_matches('#');
    if let Some((first, last)) = mark::range(text) {
        return Some(Find::Between(first, last));
    }
    if let Ok(number) = text.parse::<i64>() {
        return (number > 0).then_some(Find::Number(number));
    }
    text.parse::<SaleId>().ok().map(Find::Id)
}

#[cfg(test)]
mod tests {
    use tillwatch_desk::settings::Settings;

    use super::*;
    use crate::samples;

    #[test]
    fn a_number_or_a_receipts_code() {
        let id = SaleId::now();
        assert_eq!(wanted(" 1042 "), Some(Find::Number(1042)));
        assert_eq!(wanted("#7"), Some(Find::Number(7)));
        assert_eq!(wanted(&id.to_string()), Some(Find::Id(id)));
        assert_eq!(wanted(&id.0.simple().to_string().to_uppercase()), Some(Find::Id(id)));
        let Some(Find::Between(first, last)) = wanted(&mark::of(id)) else { panic!("a receipt's barcode") };
        assert!((first..=last).contains(&id));
        for bad in ["", "0", "-3", "abc", "10,5"] {
            assert_eq!(wanted(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_money_goes_back_as_it_came_without_the_change() {
        let mut sale = samples::sell(&mut samples::till(Settings::default())).unwrap();
        let payment = |method, cents| Payment { method, amount_cents: Cents(cents) };
        sale.payments = vec![
            payment(PaymentMethod::Cash, 1000),
            payment(PaymentMethod::Pix, 4000),
            payment(PaymentMethod::Cash, 1533),
        ];
        sale.change_cents = Cents(300 + 1000);
        sale.total_cents = Cents(5233);
        assert_eq!(
            as_paid(&sale),
            [payment(PaymentMethod::Pix, 4000), payment(PaymentMethod::Cash, 1233)],
            "the change came out of the cash"
        );
        assert_eq!(as_paid(&sale).iter().map(|p| p.amount_cents).sum::<Cents>(), sale.total_cents);
    }
}
