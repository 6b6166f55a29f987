//! The sales that this till made. They are in its file; here is what was last asked of it.

use tillwatch_shared::api::{NewReturn, Sale};
use tillwatch_shared::{CommandId, SaleId, StoreId};

use super::papers::SlipHere;

/// A sale that this till made, as the server tells it. What only the server knows is empty until it has
/// answered: the number is 0, and so is the moment at which it took the sale.
#[derive(Clone, Debug, PartialEq)]
pub struct SoldHere {
    pub sale: Sale,
}

impl SoldHere {
    /// Absent while the server has not told it.
    pub fn number(&self) -> Option<i64> {
        Some(self.sale.number).filter(|number| *number > 0)
    }
}

/// Which sales are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Find {
    #[default]
    Newest,
    Number(i64),
    Id(SaleId),
    /// Ids from the first to the last: what a receipt's barcode may mean.
    Between(SaleId, SaleId),
}

/// What is asked of the till's file.
#[derive(Clone, Debug, PartialEq)]
pub enum SoldEffect {
    /// The server has the sale, and tells it so.
    Confirmed(Box<Sale>),
    /// The server has refused it, and nobody sends it again.
    Dropped(CommandId),
    /// The server has refused a return of this sale, and nobody sends it again.
    ReturnDropped(SaleId, Box<NewReturn>),
    Find {
        store: StoreId,
        find: Find,
    },
}

/// The answer to [`SoldEffect::Find`].
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub store: StoreId,
    pub find: Find,
    /// The newest first. Why the file could not be read.
    pub sales: Result<Vec<SoldHere>, String>,
    /// The slips that belong to them; to the newest, the newest.
    pub slips: Vec<SlipHere>,
}

/// The last question, and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sold {
    pub asked: Option<(StoreId, Find)>,
    /// Absent until the answer is there.
    pub sales: Option<Vec<SoldHere>>,
    pub slips: Vec<SlipHere>,
}

impl Sold {
    /// Takes the answer, if it is the one to the last question.
    pub fn take(&mut self, found: Found) -> Result<(), String> {
        if self.asked == Some((found.store, found.find)) {
            self.sales = Some(found.sales?);
            self.slips = found.slips;
        }
        Ok(())
    }
}
