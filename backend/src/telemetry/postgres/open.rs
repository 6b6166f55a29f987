//! From an address to an engine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::super::copy::{CopyError, Direction};
use super::super::memory::Sources;
use super::super::types::{OpenError, Options, PostgresPlace};
use super::dial::Dialer;
use super::link::LinkError;
use super::load::Use;
use super::spool::Spool;
use super::tls::Address;
use super::write::COMMIT;
use super::{Known, PostgresEngine, PostgresHistory, Shared};

/// How long a commit of a copy may take, which cannot be held on disk instead.
const COPY_COMMIT: Duration = Duration::from_mins(5);

/// Opens the history of a data directory. A database that is away does not stop the start; one that refuses us,
/// or that belongs to somebody else, does. Blocks for at most some seconds.
pub(in super::super) fn open(
    dir: &Path,
    place: &PostgresPlace,
    options: &Options,
) -> Result<(PostgresEngine, PostgresHistory), OpenError> {
    let (mut engine, history) = prepare(dir, place, options, Use::Serve)?;
    let failed = |reason: std::io::Error| OpenError::Spool { dir: dir.into(), reason };
    match engine.dialer.now() {
        Ok(loaded) => engine.take_over(*loaded).map_err(failed)?,
        Err(LinkError::Away(reason)) => engine.start_without(&reason).map_err(failed)?,
        Err(error) => return Err(OpenError::Postgres(error.to_string())),
    }
    Ok((engine, history))
}

/// The same for a copy: the database must be there, and no readings may wait for another one.
pub(in super::super) fn open_for_copy(
    dir: &Path,
    place: &PostgresPlace,
    options: &Options,
    direction: Direction,
) -> Result<(PostgresEngine, PostgresHistory), CopyError> {
    let purpose = match direction {
        Direction::IntoPostgres => Use::Fill,
        Direction::OutOfPostgres => Use::Serve,
    };
    let (mut engine, history) = prepare(dir, place, options, purpose)?;
    if direction == Direction::IntoPostgres && !engine.spool.is_empty() {
        return Err(CopyError::Held);
    }
    engine.patience = COPY_COMMIT;
    let loaded = engine.dialer.now().map_err(|error| match error {
        LinkError::Away(reason) => CopyError::Away(reason),
        other @ (LinkError::Refused(_)
        | LinkError::Newer { .. }
        | LinkError::Taken
        | LinkError::Empty
        | LinkError::Unfinished) => OpenError::Postgres(other.to_string()).into(),
    })?;
    let failed = |reason: std::io::Error| OpenError::Spool { dir: dir.into(), reason };
    engine.take_over(*loaded).map_err(failed)?;
    Ok((engine, history))
}

/// An engine that is not connected yet.
fn prepare(
    dir: &Path,
    place: &PostgresPlace,
    options: &Options,
    purpose: Use,
) -> Result<(PostgresEngine, PostgresHistory), OpenError> {
    let address = address(place)?;
    let failed = |reason: std::io::Error| OpenError::Spool { dir: dir.into(), reason };
    let spool = Spool::open(dir, place.spool_bytes).map_err(failed)?;
    let dialer = Dialer::new(address.clone(), &spool, purpose);
    let shared = Arc::new(Shared::new(place.spool_bytes));
    let engine = PostgresEngine {
        shared: Arc::clone(&shared),
        dialer,
        open: None,
        sources: Sources::default(),
        known: Known::default(),
        commit: spool.last_commit(),
        next_id: spool.next_id().max(1),
        spool,
        recent_limit: options.recent_readings,
        sensor_limit: options.sensors,
        keep_days: place.keep_days,
        kept_at: None,
        patience: COMMIT,
    };
    let history = PostgresHistory::new(shared, address, options.readers);
    Ok((engine, history))
}

/// The reading half alone, for checks while a server may be running.
pub(in super::super) fn open_history(
    place: &PostgresPlace,
    options: &Options,
) -> Result<PostgresHistory, OpenError> {
    let shared = Arc::new(Shared::new(place.spool_bytes));
    Ok(PostgresHistory::new(shared, address(place)?, options.readers))
}

fn address(place: &PostgresPlace) -> Result<Address, OpenError> {
    let parsed = Address::parse(&place.url.0);
    let mut address = parsed.map_err(|reason| OpenError::Postgres(format!("DATABASE_URL: {reason}")))?;
    let config = &mut address.config;
    config.application_name("tillwatch");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(3));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(15));
    }
    Ok(address)
}
