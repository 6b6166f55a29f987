//! The steps by which the ledger's file came to its present form. A step that was released is never
//! edited; a new one is added at the end.

use std::path::{Path, PathBuf};

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, TransactionBehavior};
use tillwatch_shared::UtcMicros;

use super::OpenError;
use crate::domain::sales;

/// "TilW": marks the file as ours.
pub const APPLICATION_ID: i32 = 0x5469_6c57;

pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_shop.sql"),
    include_str!("migrations/0002_chain.sql"),
    include_str!("migrations/0003_feeds.sql"),
    include_str!("migrations/0004_pin.sql"),
    include_str!("migrations/0005_hours.sql"),
    include_str!("migrations/0006_tills.sql"),
    include_str!("migrations/0007_lots.sql"),
    include_str!("migrations/0008_discounts.sql"),
    include_str!("migrations/0009_returns.sql"),
    include_str!("migrations/0010_counts.sql"),
    include_str!("migrations/0011_prices.sql"),
    include_str!("migrations/0012_cash.sql"),
    include_str!("migrations/0013_alarms.sql"),
    include_str!("migrations/0014_return_approvals.sql"),
    include_str!("migrations/0015_sensor_notes.sql"),
    include_str!("migrations/0016_lot_counts.sql"),
    include_str!("migrations/0017_group.sql"),
    include_str!("migrations/0019_goods_and_methods.sql"),
    include_str!("migrations/0020_coordination.sql"),
    include_str!("migrations/0021_watched.sql"),
];

/// Brings the file to the newest form. A file that already held something is copied first.
pub fn migrate(connection: &mut Connection, file: &Path, steps: &[&str]) -> Result<(), OpenError> {
    let known = steps.len() as i64;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(OpenError::Foreign { file: file.to_owned() });
    }
    if found > known {
        return Err(OpenError::Newer { file: file.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        back_up(connection, file, found)?;
    }
    lift(connection, found, steps)
}

/// Brings a copy of another member's ledger, which is in this file, to the newest form. Nothing of it is kept beside: the
/// other has it.
pub fn lift_copy(file: &Path) -> Result<(), OpenError> {
    let mut connection = Connection::open(file)?;
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(OpenError::Newer { file: file.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    lift(&mut connection, found, MIGRATIONS)
}

fn lift(connection: &mut Connection, found: i64, steps: &[&str]) -> Result<(), OpenError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("local_hour", 2, flags, |cx| {
        let (at, zone): (i64, Option<String>) = (cx.get(0)?, cx.get(1)?);
        Ok(sales::local(zone.as_deref().unwrap_or_default(), UtcMicros(at)).hour())
    })?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", steps.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

/// Where the copy made before an upgrade from `version` lies: beside the ledger, never overwritten.
pub fn backup_before(file: &Path, version: i64) -> PathBuf {
    let stem = file.file_stem().map_or_else(|| "ledger".into(), |s| s.to_string_lossy().into_owned());
    file.with_file_name(format!("{stem}-before-upgrade-from-{version}.sqlite"))
}

fn back_up(connection: &Connection, file: &Path, version: i64) -> Result<(), OpenError> {
    let copy = backup_before(file, version);
    if copy.exists() {
        // Left by an upgrade that did not finish: the file has not changed since.
        std::fs::remove_file(&copy).map_err(|error| OpenError::Backup(error.to_string()))?;
    }
    super::backup::copy_database(connection, &copy).map_err(|error| OpenError::Backup(error.to_string()))?;
    tracing::info!(copy = %copy.display(), "copied the ledger before upgrading it");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);";
    const TWO: &str = "ALTER TABLE a ADD COLUMN y INTEGER;";

    fn open(file: &Path, steps: &[&str]) -> Result<(), OpenError> {
        migrate(&mut Connection::open(file).unwrap(), file, steps)
    }

    #[test]
    fn an_upgrade_leaves_a_copy_of_what_was() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.sqlite");
        open(&file, &[ONE]).unwrap();
        assert!(!backup_before(&file, 0).exists(), "a new file needs no copy");
        open(&file, &[ONE, TWO]).unwrap();
        let copy = Connection::open(backup_before(&file, 1)).unwrap();
        assert_eq!(copy.query_row("SELECT x FROM a", [], |r| r.get::<_, i64>(0)).unwrap(), 1);
        assert!(copy.prepare("SELECT y FROM a").is_err());
        assert!(Connection::open(&file).unwrap().prepare("SELECT y FROM a").is_ok());
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.sqlite");
        open(&file, &[ONE]).unwrap();
        assert!(open(&file, &[ONE, "ALTER TABLE a ADD COLUMN y INTEGER; nonsense;"]).is_err());
        assert!(Connection::open(&file).unwrap().prepare("SELECT y FROM a").is_err());
        open(&file, &[ONE, TWO]).unwrap();
    }

    #[test]
    fn newer_and_foreign_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.sqlite");
        open(&file, &[ONE, TWO]).unwrap();
        let refused = open(&file, &[ONE]).unwrap_err();
        assert!(refused.to_string().contains("newer Tillwatch"), "{refused}");
        let other = dir.path().join("other.sqlite");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE b (x)").unwrap();
        assert!(matches!(open(&other, &[ONE]), Err(OpenError::Foreign { .. })));
    }
}
