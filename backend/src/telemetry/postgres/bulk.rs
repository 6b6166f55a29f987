//! A commit of many readings: the fence and the names by the statement of every commit, the readings by a binary
//! `COPY`, all in one transaction. PostgreSQL takes copied rows page by page, where a statement's come one by one.
//! It costs a second round trip, so few readings go by the statement alone (`write`).

use std::pin::pin;

use futures_util::future::{join, join3};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use super::super::row::Row;
use super::write::{Statements, small};

/// From how many readings on the second round trip is worth it, also when it takes half a millisecond.
pub(super) const MANY: usize = 1_000;

pub(super) const COPY: &str = "\
COPY reading (id, sensor, taken_at, received_at, source, temperature, humidity, pressure) FROM STDIN (FORMAT binary)";

const TYPES: [Type; 8] =
    [Type::INT8, Type::INT4, Type::INT8, Type::INT8, Type::INT4, Type::FLOAT8, Type::FLOAT8, Type::FLOAT8];

/// Commits. `values` are those of [`Statements::store`], without readings. False if the database has this commit
/// or a later one already; then, as after an error, the transaction is open, and the connection is to be given up.
pub(super) async fn store(
    client: &Client,
    statements: &Statements,
    values: &[&(dyn ToSql + Sync)],
    rows: &[(u32, Row)],
) -> Result<bool, Error> {
    // Sent in this order and at once. After a failure the others fail as well.
    let (begun, fence, sink) = join3(
        client.batch_execute("BEGIN"),
        client.query_one(&statements.store, values),
        client.copy_in(&statements.copy),
    )
    .await;
    begun?;
    let passed = fence?.try_get::<_, i64>(0)? == 1;
    let sink = sink?;
    if passed {
        fill(client, BinaryCopyInWriter::new(sink, &TYPES), rows).await?;
    }
    Ok(passed)
}

async fn fill(client: &Client, writer: BinaryCopyInWriter, rows: &[(u32, Row)]) -> Result<(), Error> {
    let mut writer = pin!(writer);
    for (number, Row { id, taken_at, received_at, source, values: [temperature, humidity, pressure] }) in rows
    {
        let (sensor, source) = (small(*number), i32::from(*source));
        writer
            .as_mut()
            .write(&[id, &sensor, taken_at, received_at, &source, temperature, humidity, pressure])
            .await?;
    }
    // `COMMIT` leaves after the last reading. If a reading is not taken, it commits nothing.
    let (copied, committed) = join(writer.finish(), client.batch_execute("COMMIT")).await;
    copied?;
    committed
}
