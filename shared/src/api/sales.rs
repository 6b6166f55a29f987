//! Sales.

use super::{LotShare, SaleReturned, wire};
use crate::tax_id::TaxId;
use crate::{CashSessionId, Cents, PersonId, ProductId, Quantity, SaleId, StoreId, UtcMicros, discount};
use serde::{Deserialize, Serialize};

impl PaymentMethod {
    /// All of them, in the order in which they are listed and have their keys.
    pub const ALL: [Self; 5] = [Self::Cash, Self::Pix, Self::Credit, Self::Debit, Self::Account];
}

wire! {
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum PaymentMethod {
        Cash,
        Pix,
        Credit,
        Debit,
        /// The customer owes it: *fiado*.
        Account,
    }

    pub struct SaleLine {
        pub product_id: ProductId,
        pub product_name: String,
        pub quantity_thousandths: Quantity,
        pub unit_price_cents: Cents,
        /// What was taken off this line.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub discount_cents: Cents,
        /// Quantity times unit price, rounded half away from zero, less the line's own discount.
        pub total_cents: Cents,
        /// This line's share of the discount on the whole sale: what the line brought in is its total less this.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub share_cents: Cents,
        /// The lots that it was taken from, what expires first first. What is beyond them had no lot.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub lots: Vec<LotShare>,
        /// The goods were counted after they were sold and before the sale came in: the count knew that they
        /// were gone, so the balance stays.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub counted_since: bool,
    }

    pub struct Payment {
        pub method: PaymentMethod,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub amount_cents: Cents,
    }

    pub struct Sale {
        pub id: SaleId,
        /// Counts the store's sales: "Venda 1042".
        pub number: i64,
        pub store_id: StoreId,
        pub store_name: String,
        pub person_id: PersonId,
        pub person_name: String,
        /// Which till, as it calls itself.
        pub till: Option<String>,
        /// Empty where only the amount was told.
        pub lines: Vec<SaleLine>,
        /// Empty where nothing was to pay, or where only the amount was told.
        pub payments: Vec<Payment>,
        /// What was taken off the whole sale, after the discounts of its lines.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub discount_cents: Cents,
        pub total_cents: Cents,
        pub change_cents: Cents,
        /// Who allowed a discount that the seller may not give alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by_name: Option<String>,
        /// The customer's CPF or CNPJ, in full: only in the answer for this one sale, for its receipt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"))]
        pub customer_cpf: Option<TaxId>,
        /// The same with its outer digits hidden, as lists and the change feed tell it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub customer_cpf_masked: Option<String>,
        /// The store's calendar day on which it was sold: `2026-12-31`.
        pub business_day: String,
        /// When it was sold by the device's clock.
        pub sold_at: UtcMicros,
        /// When the server took it.
        pub received_at: UtcMicros,
        /// What has come back of it so far. Told where sales are read, and not in the change feed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub returned: Option<SaleReturned>,
        /// The cash session in which it was paid.
        pub cash_session: Option<CashSessionId>,
        /// Who owes what was sold on account.
        pub customer_name: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewSaleLine {
        pub product_id: ProductId,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 1_000_000_000))]
        pub quantity_thousandths: Quantity,
        /// The price the customer was shown.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 1_000_000_000))]
        pub unit_price_cents: Cents,
        /// What is taken off this line: at most what it would cost.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64))]
        pub discount_cents: Cents,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewSale {
        pub store_id: StoreId,
        /// What was sold. Without lines it is a sale by amount: `total_cents` alone says what was sold, no
        /// stock moves, and the payments may be left out.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 500))]
        pub lines: Vec<NewSaleLine>,
        /// Together at least the total; what is over it is change, and comes out of cash only.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 20))]
        pub payments: Vec<Payment>,
        /// What is taken off the whole sale, after the discounts of its lines.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64))]
        pub discount_cents: Cents,
        /// The total that the customer was shown. It must be the sum of the lines less the discount, where there
        /// are lines.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0))]
        pub total_cents: Cents,
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub till: Option<String>,
        /// The device's time; the server's if absent. A sale by amount may be told later, from the year 2000
        /// on, but not more than a day ahead.
        pub sold_at: Option<UtcMicros>,
        /// The customer's CPF or CNPJ for the receipt; the check digits must match.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"))]
        pub customer_cpf: Option<TaxId>,
        /// Who allowed discounts above what the seller may give: needed only then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub approved_by: Option<PersonId>,
        /// The cash session in which it was paid. It may reach the server after this sale does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cash_session: Option<CashSessionId>,
        /// Who owes what is paid on account; needed for that unless there is a CPF or CNPJ.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub customer_name: Option<String>,
    }

    /// Allows a discount above what the seller may give, by whoever is named here. The sale then names this
    /// person in `approved_by`.
    #[serde(deny_unknown_fields)]
    pub struct NewApproval {
        /// User name or CPF of the one who allows it.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        /// Their password or PIN.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
        pub password: String,
        pub store_id: StoreId,
        /// The command id under which the sale will be recorded.
        pub sale_id: SaleId,
        /// All discounts of the sale together are at most this.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub limit_cents: Cents,
        /// What the sale would cost without them.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub undiscounted_cents: Cents,
    }

    /// Somebody has allowed a discount.
    pub struct Approval {
        pub sale_id: SaleId,
        pub store_id: StoreId,
        pub person_id: PersonId,
        pub person_name: String,
        pub limit_cents: Cents,
        pub approved_at: UtcMicros,
    }

    /// A store's day in figures.
    pub struct DayTotal {
        pub store_id: StoreId,
        pub store_name: String,
        pub business_day: String,
        pub sales: i64,
        /// What was sold, whatever came back of it.
        pub total_cents: Cents,
        /// What came back on this day, whenever it was sold.
        #[serde(default)]
        pub returns: i64,
        #[serde(default)]
        pub returned_cents: Cents,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
const fn is_zero(amount: &Cents) -> bool {
    amount.0 == 0
}

impl Sale {
    /// As everybody may read it: without the customer's whole CPF.
    #[must_use]
    pub fn without_customer(self) -> Self {
        Self { customer_cpf: None, ..self }
    }
}

impl NewSaleLine {
    /// So much of a product at this price, without a discount.
    pub const fn of(product_id: ProductId, quantity_thousandths: Quantity, unit_price_cents: Cents) -> Self {
        Self { product_id, quantity_thousandths, unit_price_cents, discount_cents: Cents::ZERO }
    }

    /// What it would cost without discounts: quantity times unit price, rounded once. `None` beyond 64 bits.
    pub fn undiscounted(&self) -> Option<Cents> {
        self.unit_price_cents.times(self.quantity_thousandths)
    }

    /// What it costs, less its own discount. The limits of price and quantity keep it far inside of 64 bits.
    pub fn total(&self) -> Cents {
        Cents(self.undiscounted().unwrap_or_default().0.saturating_sub(self.discount_cents.0))
    }
}

impl NewSale {
    /// Nothing sold so far in this store.
    pub const fn of(store_id: StoreId) -> Self {
        Self {
            store_id,
            lines: Vec::new(),
            payments: Vec::new(),
            discount_cents: Cents::ZERO,
            total_cents: Cents::ZERO,
            till: None,
            sold_at: None,
            customer_cpf: None,
            approved_by: None,
            cash_session: None,
            customer_name: None,
        }
    }

    /// What the lines would cost without discounts.
    pub fn undiscounted(&self) -> Cents {
        self.lines.iter().filter_map(NewSaleLine::undiscounted).sum()
    }

    /// Each line's share of the discount on the whole sale. Empty if the lines come to less than that.
    pub fn shares(&self) -> Vec<Cents> {
        let totals: Vec<Cents> = self.lines.iter().map(NewSaleLine::total).collect();
        discount::split(self.discount_cents, &totals).unwrap_or_default()
    }

    /// All discounts together.
    pub fn discounts(&self) -> Cents {
        self.lines.iter().map(|line| line.discount_cents).chain([self.discount_cents]).sum()
    }
}
