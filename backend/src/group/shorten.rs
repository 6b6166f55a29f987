//! Many readings make a long log: where its file grows large, fewer of the entries that a copy covers are kept, and a copy
//! is made sooner.

use std::time::Duration;

use tokio::time::Instant;

use super::GroupError;
use super::seat::Seat;

/// Bytes of the log's file from which on it is shortened, and how often at most.
const MOST: u64 = 256 * 1024 * 1024;
const EVERY: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub struct Shortening {
    last: Option<Instant>,
}

impl Shortening {
    pub async fn look(&mut self, seat: &Seat) {
        if let Err(error) = self.shorten(seat).await {
            tracing::warn!(%error, "the group's log stays as long as it is");
        }
    }

    async fn shorten(&mut self, seat: &Seat) -> Result<(), GroupError> {
        let (Some(raft), Some(metrics)) = (seat.raft(), seat.metrics()) else { return Ok(()) };
        if self.last.is_some_and(|at| at.elapsed() < EVERY) || seat.log().bytes().await? <= MOST {
            return Ok(());
        }
        self.last = Some(Instant::now());
        if let Some(place) = metrics.snapshot.filter(|place| Some(*place) > metrics.purged) {
            raft.trigger().purge_log(place.index).await?;
        }
        raft.trigger().snapshot().await?;
        Ok(())
    }
}
