//! Lifts an SQLite file to its newest form.

use rusqlite::Connection;

/// Takes the steps that the file has not made, each in its own transaction; `user_version` counts them. The first
/// one makes the file.
pub fn lift(connection: &mut Connection, found: i64, steps: &[&str]) -> rusqlite::Result<()> {
    for (form, step) in (1_i64..).zip(steps).filter(|(form, _)| *form > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", form)?;
        transaction.commit()?;
    }
    Ok(())
}
