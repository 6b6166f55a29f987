//! Returns: goods that come back, and sales that are cancelled, against the sale that they were.

use super::{LotShare, Payment, Sale, SaleLine, wire};
use crate::{
    CashSessionId, Cents, PersonId, ProductId, Quantity, ReturnId, SaleId, StoreId, UtcMicros, refund,
};
use serde::{Deserialize, Serialize};

wire! {
    #[serde(deny_unknown_fields)]
    pub struct NewReturnLine {
        /// The line's place in the sale, from 0.
        #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 499))]
        pub position: i64,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 1_000_000_000))]
        pub quantity_thousandths: Quantity,
        /// The goods can be sold again; else they are written off.
        pub restock: bool,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewReturn {
        /// The whole sale is cancelled: on its business day, and before anything of it has come back.
        #[serde(default)]
        pub void: bool,
        /// What comes back. Without lines it is all that has not come back, to be sold again; a sale by amount
        /// has none.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 500))]
        pub lines: Vec<NewReturnLine>,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
        /// How the money goes back: together the total. May be left out where the sale told no payments.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 20))]
        pub refunds: Vec<Payment>,
        /// What the customer was told. It must be what was paid for the goods.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0))]
        pub total_cents: Cents,
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub till: Option<String>,
        /// The device's time; the server's if absent.
        pub returned_at: Option<UtcMicros>,
        /// The cash session out of whose drawer cash goes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cash_session: Option<CashSessionId>,
        /// Who has allowed what the seller may not take back alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by: Option<PersonId>,
    }

    /// A manager allows a return at the till. It counts for the return that is recorded under the id `return_id` and
    /// names the person in `approved_by`.
    #[serde(deny_unknown_fields)]
    pub struct NewReturnApproval {
        /// User name or CPF of the one who allows it.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        /// Their password or PIN.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
        pub password: String,
        pub store_id: StoreId,
        /// The sale of which something comes back.
        pub sale_id: SaleId,
        /// The command id under which the return will be recorded.
        pub return_id: ReturnId,
        /// At most so much goes back.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64))]
        pub limit_cents: Cents,
    }

    /// Somebody has allowed a return.
    pub struct ReturnApproval {
        pub return_id: ReturnId,
        pub sale_id: SaleId,
        pub store_id: StoreId,
        pub person_id: PersonId,
        pub person_name: String,
        pub limit_cents: Cents,
        pub approved_at: UtcMicros,
    }

    pub struct ReturnLine {
        /// The line's place in the sale, from 0.
        pub position: i64,
        pub product_id: ProductId,
        pub product_name: String,
        pub quantity_thousandths: Quantity,
        /// What was paid for it.
        pub total_cents: Cents,
        /// Whether it went back into the stock; else it was written off.
        pub restock: bool,
        /// The lots into which it went back: those from which it had been sold.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lots: Vec<LotShare>,
        /// The goods were counted after they came back and before the server heard of it: the balance stays.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub counted_since: bool,
    }

    pub struct Return {
        pub id: ReturnId,
        /// Counts the store's returns.
        pub number: i64,
        pub sale_id: SaleId,
        pub sale_number: i64,
        pub store_id: StoreId,
        pub store_name: String,
        /// Who took it back.
        pub person_id: PersonId,
        pub person_name: String,
        /// Who allowed it, where that person may not alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by_name: Option<String>,
        /// Who had sold it: the return counts in their figures.
        pub seller_id: PersonId,
        pub seller_name: String,
        pub till: Option<String>,
        /// The whole sale was cancelled on its business day.
        pub void: bool,
        /// Empty where only the amount of the sale is known.
        pub lines: Vec<ReturnLine>,
        pub reason: String,
        pub refunds: Vec<Payment>,
        pub total_cents: Cents,
        /// The store's calendar day on which it came back: the day on which it counts.
        pub business_day: String,
        /// By the device's clock.
        pub returned_at: UtcMicros,
        pub received_at: UtcMicros,
        /// The cash session out of whose drawer cash went back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cash_session: Option<CashSessionId>,
    }

    /// What has come back of a line.
    #[derive(Copy, Eq)]
    pub struct LineReturned {
        pub position: i64,
        pub quantity_thousandths: Quantity,
        pub total_cents: Cents,
    }

    /// What has come back of a sale.
    pub struct SaleReturned {
        pub total_cents: Cents,
        /// It was cancelled.
        pub void: bool,
        /// Only in the answer for one sale.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lines: Vec<LineReturned>,
    }
}

impl SaleLine {
    /// What the customer paid for it: what goes back when it comes back whole.
    pub const fn paid(&self) -> Cents {
        Cents(self.total_cents.0 - self.share_cents.0)
    }
}

/// What has come back, and what may.
impl Sale {
    fn back(&self, position: i64) -> Quantity {
        let lines = self.returned.as_ref().map(|returned| returned.lines.as_slice()).unwrap_or_default();
        lines.iter().find(|line| line.position == position).map_or(Quantity::ZERO, |l| l.quantity_thousandths)
    }

    /// What has not come back of the line in this place.
    pub fn left(&self, position: usize) -> Quantity {
        let sold = self.lines.get(position).map_or(Quantity::ZERO, |line| line.quantity_thousandths);
        Quantity(sold.0 - self.back(position as i64).0)
    }

    /// What goes back for these goods, if they can come back.
    pub fn refund(&self, lines: &[NewReturnLine]) -> Option<Cents> {
        let mut total = Cents::ZERO;
        for line in lines {
            let sold = usize::try_from(line.position).ok().and_then(|position| self.lines.get(position))?;
            let before = self.back(line.position);
            let part =
                refund::part(sold.paid(), sold.quantity_thousandths, before, line.quantity_thousandths)?;
            total = total.checked_add(part)?;
        }
        Some(total)
    }

    /// The sale after this return, if it can be made.
    pub fn after_return(&self, back: &NewReturn) -> Option<Self> {
        if back.lines.is_empty() {
            let whole = self.lines.iter().zip(0_i64..).map(|(line, position)| LineReturned {
                position,
                quantity_thousandths: line.quantity_thousandths,
                total_cents: line.paid(),
            });
            let (total_cents, void) = (self.total_cents, back.void);
            let open =
                self.returned.as_ref().is_none_or(|before| !back.void && before.total_cents < total_cents);
            return open.then(|| Self {
                returned: Some(SaleReturned { total_cents, void, lines: whole.collect() }),
                ..self.clone()
            });
        }
        self.refund(&back.lines)?;
        self.with_back(&back.lines, 1)
    }

    /// The sale as if this return, which was counted, had not been made.
    #[must_use]
    pub fn before_return(&self, back: &NewReturn) -> Self {
        let counted = if back.lines.is_empty() { None } else { self.with_back(&back.lines, -1) };
        counted.unwrap_or_else(|| Self { returned: None, ..self.clone() })
    }

    fn with_back(&self, lines: &[NewReturnLine], sign: i64) -> Option<Self> {
        let moved = |position| {
            lines.iter().find(|l| l.position == position).map_or(0, |l| l.quantity_thousandths.0 * sign)
        };
        let mut counted = Vec::new();
        for (line, position) in self.lines.iter().zip(0_i64..) {
            let back = Quantity(self.back(position).0 + moved(position));
            if back != Quantity::ZERO {
                let worth = refund::part(line.paid(), line.quantity_thousandths, Quantity::ZERO, back)?;
                counted.push(LineReturned { position, quantity_thousandths: back, total_cents: worth });
            }
        }
        let total_cents = counted.iter().map(|line| line.total_cents).sum();
        let returned =
            (!counted.is_empty()).then_some(SaleReturned { total_cents, void: false, lines: counted });
        Some(Self { returned, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sale(lines: &[(i64, i64)]) -> Sale {
        let lines: Vec<_> = lines
            .iter()
            .map(|(quantity, total)| {
                serde_json::json!({
                    "product_id": uuid::Uuid::nil(), "product_name": "x", "quantity_thousandths": quantity,
                    "unit_price_cents": 1, "total_cents": total
                })
            })
            .collect();
        let total: i64 = lines.iter().filter_map(|line| line["total_cents"].as_i64()).sum();
        let id = uuid::Uuid::nil();
        let sale = serde_json::json!({
            "id": id, "number": 1, "store_id": id, "store_name": "A", "person_id": id, "person_name": "B",
            "lines": lines, "payments": [], "total_cents": total, "change_cents": 0,
            "business_day": "2026-12-31", "sold_at": "2026-12-31T12:00:00Z", "received_at": "2026-12-31T12:00:00Z"
        });
        serde_json::from_value(sale).unwrap()
    }

    fn back(lines: &[(i64, i64)]) -> NewReturn {
        let lines = lines.iter().map(|(position, quantity)| NewReturnLine {
            position: *position,
            quantity_thousandths: Quantity(*quantity),
            restock: true,
        });
        NewReturn {
            void: false,
            lines: lines.collect(),
            reason: "x".to_owned(),
            refunds: Vec::new(),
            total_cents: Cents::ZERO,
            till: None,
            cash_session: None,
            approved_by: None,
            returned_at: None,
        }
    }

    #[test]
    fn a_cancelled_sale_has_nothing_left() {
        let sale = sale(&[(450, 1796), (3000, 999)]);
        let void = NewReturn { void: true, ..back(&[]) };
        let cancelled = sale.after_return(&void).unwrap();
        assert_eq!((cancelled.left(0), cancelled.left(1)), (Quantity::ZERO, Quantity::ZERO));
        assert_eq!(cancelled.returned.as_ref().unwrap().total_cents, Cents(2795));
        assert_eq!(cancelled.after_return(&void), None, "not twice");
        assert_eq!(cancelled.refund(&back(&[(0, 1)]).lines), None);
        let part = sale.after_return(&back(&[(1, 1000)])).unwrap();
        assert_eq!(part.after_return(&void), None, "not after a part came back");
        assert_eq!(part.after_return(&back(&[])).unwrap().returned.unwrap().total_cents, Cents(2795));
        assert_eq!(cancelled.before_return(&void), sale);
    }

    proptest! {
        /// What each return gives is by how much the returned total grows, and taking it back undoes it.
        #[test]
        fn the_till_counts_as_the_server_does(
            lines in prop::collection::vec((1_i64..5000, 0_i64..10_000), 1..4),
            cuts in prop::collection::vec((0_usize..4, 1_i64..3000), 1..12),
        ) {
            let mut sale = sale(&lines);
            for (place, quantity) in cuts {
                let position = place % lines.len();
                let left = sale.left(position).0;
                let body = back(&[(position as i64, quantity)]);
                let known = |sale: &Sale| sale.returned.as_ref().map_or(0, |r| r.total_cents.0);
                match (sale.refund(&body.lines), sale.after_return(&body)) {
                    (Some(refund), Some(after)) => {
                        prop_assert!(quantity <= left);
                        prop_assert_eq!(known(&after) - known(&sale), refund.0);
                        prop_assert_eq!(&after.before_return(&body), &sale);
                        sale = after;
                    }
                    (None, None) => prop_assert!(quantity > left),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
    }
}
