//! Noting what is settled: as much as there is, in one transaction. After a day without the server there are
//! thousands, and each commit is a wait for the disk.

use rusqlite::OptionalExtension as _;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::Sale;

use super::{TillFile, TillFileError, slips, sold};

#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// The server has the sale, and tells it so.
    Confirmed(Box<Sale>),
    /// The command is the server's, or nobody's any more.
    Forgotten(CommandId),
}

impl TillFile {
    /// In this order. If the disk fails none of it is noted: it is sent once more, which changes nothing.
    pub fn settle(&self, all: &[Settled]) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        for settled in all {
            match settled {
                Settled::Confirmed(sale) => sold::confirm(&transaction, sale)?,
                Settled::Forgotten(command) => {
                    let sql = "DELETE FROM parcel WHERE command = ?1 RETURNING refusal IS NOT NULL";
                    let id = command.0.as_bytes();
                    let refused = transaction.prepare_cached(sql)?.query_row([id], |row| row.get(0));
                    // Thrown away after the server had refused it: it has not happened.
                    if refused.optional()? == Some(true) {
                        slips::forget(&transaction, *command)?;
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// It is settled.
    pub fn forget(&self, command: CommandId) -> Result<(), TillFileError> {
        self.settle(&[Settled::Forgotten(command)])
    }

    /// The server has the sale: what it tells takes the place of what was noted here.
    pub fn confirm_sale(&self, sale: &Sale) -> Result<(), TillFileError> {
        self.settle(&[Settled::Confirmed(Box::new(sale.clone()))])
    }
}
