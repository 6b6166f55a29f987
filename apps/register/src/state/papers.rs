//! The papers that can be printed again: receipts of sales, and slips of what came back and of debts that were paid.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::Sale;
use tillwatch_shared::{Cents, SaleId, StoreId, UtcMicros, names};
use uuid::Uuid;

use super::receipts::{Elsewhere, ListForm};
use super::sold::Sold;
use crate::receipt::Document;

/// What a slip tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlipOf {
    Return { sale: SaleId, void: bool },
    Debt { customer: String },
}

/// A slip that this till has issued.
#[derive(Clone, Debug, PartialEq)]
pub struct SlipHere {
    /// Of the return, or of the payment.
    pub id: Uuid,
    pub store: StoreId,
    pub at: UtcMicros,
    pub of: SlipOf,
    /// Of the sale of which goods came back, once it is known.
    pub number: Option<i64>,
    pub total: Cents,
    pub document: Document,
}

impl SlipHere {
    /// The sale of which goods came back.
    pub const fn sale(&self) -> Option<SaleId> {
        match self.of {
            SlipOf::Return { sale, .. } => Some(sale),
            SlipOf::Debt { .. } => None,
        }
    }

    fn is_of(&self, folded: &str) -> bool {
        matches!(&self.of, SlipOf::Debt { customer } if names::fold(customer).contains(folded))
    }
}

/// One row of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Row<'a> {
    Sale(&'a Sale),
    Slip(&'a SlipHere),
}

impl<'a> Row<'a> {
    pub const fn id(self) -> Uuid {
        match self {
            Self::Sale(sale) => sale.id.0,
            Self::Slip(slip) => slip.id,
        }
    }

    pub const fn at(self) -> UtcMicros {
        match self {
            Self::Sale(sale) => sale.sold_at,
            Self::Slip(slip) => slip.at,
        }
    }

    pub const fn sale(self) -> Option<&'a Sale> {
        match self {
            Self::Sale(sale) => Some(sale),
            Self::Slip(_) => None,
        }
    }

    fn is_of(self, folded: &str) -> bool {
        match self {
            Self::Sale(sale) => {
                sale.customer_name.as_deref().is_some_and(|name| names::fold(name).contains(folded))
            }
            Self::Slip(slip) => slip.is_of(folded),
        }
    }
}

/// What was typed, if it is a name: a number and a receipt's code have no letters.
pub fn name(form: &ListForm) -> Option<String> {
    Some(names::fold(&form.wanted)).filter(|folded| folded.chars().any(char::is_alphabetic))
}

/// A customer's name was typed, and there are papers of theirs.
pub fn is_of_customer(sold: &Sold, form: &ListForm) -> bool {
    let row = |name: &str| rows(sold, form).and_then(|rows| rows.first().map(|row| row.is_of(name)));
    name(form).is_some_and(|name| row(&name).unwrap_or(false))
}

/// What the list shows: another till's sale first, then what this one has, the newest first. A name that was typed
/// leaves the papers of the customers who have it, if there are any. Absent until the till's file has answered.
pub fn rows<'a>(sold: &'a Sold, form: &'a ListForm) -> Option<Vec<Row<'a>>> {
    let sales = sold.sales.as_ref()?.iter().map(|here| Row::Sale(&here.sale));
    let mut rows: Vec<Row<'a>> = sales.chain(sold.slips.iter().map(Row::Slip)).collect();
    // Stable: what the file tells in one moment stays as it tells it.
    rows.sort_by_key(|row| std::cmp::Reverse(row.at()));
    if let Some(folded) = name(form)
        && rows.iter().any(|row| row.is_of(&folded))
    {
        rows.retain(|row| row.is_of(&folded));
    }
    if let Elsewhere::Found(sale) = &form.elsewhere {
        rows.insert(0, Row::Sale(sale));
    }
    Some(rows)
}
