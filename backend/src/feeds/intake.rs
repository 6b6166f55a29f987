//! From records to commands: leaves out what the ledger has already, and hands over the rest in batches.

use std::collections::HashMap;
use std::sync::Arc;

use tillwatch_shared::api::{FeedFault, FeedFormat, FeedState, RecordsTaken};
use tillwatch_shared::limits::FEED_BATCH;
use tillwatch_shared::time::SECOND;

use super::file::{Taker, Trouble};
use super::record::Bad;
use super::status::{Board, FAULTS};
use crate::domain::Payload;
use crate::domain::feeds::{Digest, Record, Source, TakeRecords, command_id, digest};
use crate::http::App;
use crate::ledger::queries::feeds as queries;

/// Bytes of records in one command.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Records that went back to an earlier content, which are held until the file is read: the same file may
/// hold the newer content too. More than these are taken at once.
const REVERTS: usize = 10_000;
/// How often a batch is offered to a ledger that does not take it, before the file is left for later.
const ATTEMPTS: u32 = 8;

#[derive(Debug)]
pub struct Intake<'a> {
    app: &'a App,
    runtime: &'a tokio::runtime::Handle,
    board: &'a Board,
    feed: &'a str,
    pending: Vec<Record>,
    pending_bytes: usize,
    /// How far the file is read with what is pending.
    read: Source,
    from_start: bool,
    reverts: HashMap<String, Record>,
    taken: u64,
    bad_records: i64,
    faults: Arc<Vec<FeedFault>>,
}

impl<'a> Intake<'a> {
    pub fn new(
        app: &'a App,
        runtime: &'a tokio::runtime::Handle,
        board: &'a Board,
        feed: &'a str,
        known: &Source,
    ) -> Self {
        Self {
            app,
            runtime,
            board,
            feed,
            pending: Vec::new(),
            pending_bytes: 0,
            read: Source::default(),
            from_start: false,
            reverts: HashMap::new(),
            taken: 0,
            bad_records: known.bad_records,
            faults: Arc::clone(&known.faults),
        }
    }

    /// The file is read: hands over the rest, and notes how far.
    pub fn finish(mut self, read: Source) -> Result<Source, Trouble> {
        let (mut last_seq, mut records) = self.sift()?;
        let mut back: Vec<Record> = std::mem::take(&mut self.reverts).into_values().collect();
        back.sort_by(|a, b| a.id.cmp(&b.id));
        records.append(&mut back);
        while records.len() > FEED_BATCH {
            let rest = records.split_off(FEED_BATCH);
            last_seq = self.submit(last_seq, std::mem::replace(&mut records, rest))?;
        }
        let read = self.with_faults(read);
        self.read = read.clone();
        // How far the file is read is worth a row of the journal only where something was new.
        if self.taken > 0 || !records.is_empty() {
            self.submit(last_seq, records)?;
        }
        Ok(read)
    }

    /// A place in the file with what was bad up to it.
    fn with_faults(&self, read: Source) -> Source {
        Source { bad_records: self.bad_records, faults: Arc::clone(&self.faults), ..read }
    }

    fn push(&mut self, record: Record) -> Result<(), Trouble> {
        if self.pending.len() >= FEED_BATCH || self.pending_bytes + record.body.len() > BATCH_BYTES {
            self.flush()?;
        }
        self.pending_bytes += record.body.len();
        self.pending.push(record);
        Ok(())
    }

    /// Hands over what is new among the pending.
    fn flush(&mut self) -> Result<(), Trouble> {
        let (last_seq, records) = self.sift()?;
        if records.is_empty() {
            return Ok(());
        }
        self.submit(last_seq, records).map(drop)
    }

    /// What is new among the pending, and where the feed ends.
    fn sift(&mut self) -> Result<(i64, Vec<Record>), Trouble> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let feed = self.feed;
        let known = self
            .app
            .ledger
            .read(|db| queries::known(db, feed, &pending))
            .map_err(|error| Trouble::Ledger(error.to_string()))?;
        let mut now: HashMap<String, Digest> = known.current;
        let mut records = Vec::new();
        for (record, earlier) in pending.into_iter().zip(known.earlier) {
            let digest = digest(&record.body);
            // What the file says last counts.
            self.reverts.remove(&record.id);
            if now.get(&record.id) == Some(&digest) {
                continue;
            }
            if earlier && self.from_start && self.reverts.len() < REVERTS {
                self.reverts.insert(record.id.clone(), record);
                continue;
            }
            now.insert(record.id.clone(), digest);
            records.push(record);
        }
        Ok((known.last_seq, records))
    }

    fn submit(&mut self, last_seq: i64, records: Vec<Record>) -> Result<i64, Trouble> {
        self.taken += records.len() as u64;
        let source = self.read.clone();
        let place = serde_json::to_string(&source).map_err(|error| Trouble::Ledger(error.to_string()))?;
        let contents: Vec<u8> = records
            .iter()
            .flat_map(|record| [blake3::hash(record.id.as_bytes()), blake3::hash(record.body.as_bytes())])
            .flat_map(|hash| *hash.as_bytes())
            .collect();
        let parts = [b"take", self.feed.as_bytes(), &last_seq.to_le_bytes(), &contents, place.as_bytes()];
        let id = command_id(&parts);
        let payload = Payload::TakeRecords(TakeRecords { feed: self.feed.to_owned(), records, source });
        let mut attempt = 0;
        loop {
            let now = self.app.now();
            let command = crate::domain::Command {
                id,
                actor: None,
                till: None,
                client_at: now,
                server_at: now,
                payload: payload.clone(),
            };
            match self.runtime.block_on(self.app.ledger.submit(command)) {
                Ok(receipt) => {
                    self.board.sales_may_wait();
                    let taken = RecordsTaken::try_from(receipt.event);
                    return taken.map(|taken| taken.last_seq).map_err(|e| Trouble::Ledger(e.to_string()));
                }
                Err(error) if error.may_pass() && attempt < ATTEMPTS => {
                    let wait = std::time::Duration::from_millis(50 << attempt);
                    self.runtime.block_on(tokio::time::sleep(wait));
                    attempt += 1;
                }
                Err(error) => return Err(Trouble::Ledger(error.to_string())),
            }
        }
    }
}

impl Taker for Intake<'_> {
    fn begin(&mut self, format: FeedFormat, from_start: bool) {
        self.from_start = from_start;
        if from_start {
            self.bad_records = 0;
            self.faults = Arc::default();
        }
        self.board.update(self.feed, |status| {
            status.state = FeedState::Reading;
            status.format = Some(format);
            if from_start {
                status.faults.clear();
            }
        });
    }

    fn record(&mut self, record: Record, read: &Source) -> Result<(), Trouble> {
        // Handed over before this record, what is pending reaches to the place before it.
        self.push(record)?;
        self.read = self.with_faults(read.clone());
        Ok(())
    }

    fn bad(&mut self, line: i64, bad: Bad) {
        self.bad_records += 1;
        let fault = FeedFault::new(self.app.now(), Some(line), bad.record_id, bad.reason);
        let faults = Arc::make_mut(&mut self.faults);
        if faults.len() >= FAULTS {
            faults.remove(0);
        }
        faults.push(fault.clone());
        self.board.bad_record(self.feed, fault, self.bad_records);
    }

    fn progress(&mut self, position: u64, size: u64) {
        let now = self.app.now();
        self.board.update(self.feed, |status| {
            status.position_bytes = position;
            status.size_bytes = size;
            if status.looked_at.is_none_or(|at| now.since(at).abs() > SECOND) {
                status.looked_at = Some(now);
            }
        });
    }
}
