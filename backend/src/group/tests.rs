//! The engine's own tests of what it is given to store with, and a group of real ledgers between which the network is
//! the test's.

mod flood;
mod net;
mod older;
mod rescued;
pub mod sim;
mod unbound;

use std::sync::Arc;

use openraft::StorageError;
use openraft::testing::{StoreBuilder, Suite};
use tempfile::TempDir;

use super::log::LogStore;
use super::machine::{Machine, Waiting};
use super::types::{MemberId, Types};
use crate::ledger::Ledger;
use crate::ledger::backup::LEDGER_FILE;

struct Builder;

impl StoreBuilder<Types, LogStore, Machine, TempDir> for Builder {
    async fn build(&self) -> Result<(TempDir, LogStore, Machine), StorageError<MemberId>> {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(&folder.path().join("group.sqlite")).unwrap();
        let file = folder.path().join(LEDGER_FILE);
        let (ledger, _, applier) = Ledger::open_member(&file).unwrap();
        let copies = folder.path().join("group");
        let waiting = Arc::new(Waiting::new().unwrap());
        let machine = Machine::open(1, &file, &copies, (&ledger, applier), waiting, log.clone()).unwrap();
        Ok((folder, log, machine))
    }
}

#[test]
fn the_engine_s_suite_of_stores_passes() {
    Suite::test_all(Builder).unwrap();
}
