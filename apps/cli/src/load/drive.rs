//! Many callers at once, each on its own connection, for a set time; what came back is tallied.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::LocalSet;

use super::connection::{Address, Connection};
use crate::CliError;

/// Latencies are kept in microseconds up to a minute, to three digits.
const LONGEST_MICROS: u64 = 60_000_000;
/// A caller that is told to wait, or lost its connection, waits so long.
const PAUSE: Duration = Duration::from_millis(10);

/// What one caller sends.
pub trait Caller {
    /// The next request.
    fn request(&mut self) -> &[u8];
    /// How many things the answer says were done; `None` if it is not a success.
    fn done(&self, status: u16, body: &[u8]) -> Option<u64>;
}

/// What came back.
#[derive(Debug)]
pub struct Tally {
    latency: Histogram<u64>,
    pub requests: u64,
    /// Readings or sales that the server says it stored.
    pub done: u64,
    pub refused: BTreeMap<u16, u64>,
    pub broken: u64,
    pub elapsed: Duration,
}

impl Tally {
    pub fn new() -> Result<Self, CliError> {
        let latency = Histogram::new_with_bounds(1, LONGEST_MICROS, 3)
            .map_err(|error| CliError::Load(error.to_string()))?;
        let (refused, elapsed) = (BTreeMap::new(), Duration::ZERO);
        Ok(Self { latency, requests: 0, done: 0, refused, broken: 0, elapsed })
    }

    /// Things done a second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// The latency that `share` of the requests stayed within.
    pub fn quantile(&self, share: f64) -> Duration {
        Duration::from_micros(self.latency.value_at_quantile(share))
    }

    pub fn max(&self) -> Duration {
        Duration::from_micros(self.latency.max())
    }

    /// Takes in what a later round brought.
    pub fn add(&mut self, other: &Self) -> Result<(), CliError> {
        self.latency.add(&other.latency).map_err(|error| CliError::Load(error.to_string()))?;
        self.requests += other.requests;
        self.done += other.done;
        self.broken += other.broken;
        self.elapsed += other.elapsed;
        for (status, count) in &other.refused {
            *self.refused.entry(*status).or_default() += count;
        }
        Ok(())
    }

    fn record(&mut self, latency: Duration, status: u16, done: Option<u64>) {
        self.requests += 1;
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LONGEST_MICROS);
        self.latency.saturating_record(micros.max(1));
        match done {
            Some(done) => self.done += done,
            None => *self.refused.entry(status).or_default() += 1,
        }
    }
}

/// Lets all `callers` send for `time`. Connections are opened before the clock starts. Returns the
/// callers for another round.
pub async fn drive<C: Caller + 'static>(
    address: &Address,
    callers: Vec<C>,
    time: Duration,
) -> Result<(Tally, Vec<C>), CliError> {
    let mut ready = Vec::with_capacity(callers.len());
    for caller in callers {
        ready.push((caller, Connection::open(address).await?));
    }
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let local = LocalSet::new();
    let started = Instant::now();
    let tasks: Vec<_> = ready
        .into_iter()
        .map(|(caller, connection)| {
            let (tally, address) = (Rc::clone(&tally), address.clone());
            local.spawn_local(call_until(caller, connection, address, started + time, tally))
        })
        .collect();
    let mut callers = Vec::with_capacity(tasks.len());
    local
        .run_until(async {
            for task in tasks {
                callers.push(task.await.map_err(|error| CliError::Load(error.to_string()))?);
            }
            Ok::<(), CliError>(())
        })
        .await?;
    let elapsed = started.elapsed();
    let tally = Rc::into_inner(tally).ok_or_else(|| CliError::Load("a caller did not end".into()))?;
    Ok((Tally { elapsed, ..tally.into_inner() }, callers))
}

async fn call_until<C: Caller>(
    mut caller: C,
    connection: Connection,
    address: Address,
    end: Instant,
    tally: Rc<RefCell<Tally>>,
) -> C {
    let mut connection = Some(connection);
    loop {
        let sent = Instant::now();
        if sent >= end {
            return caller;
        }
        let Some(open) = &mut connection else {
            connection = Connection::open(&address).await.ok();
            if connection.is_none() {
                tally.borrow_mut().broken += 1;
                tokio::time::sleep(PAUSE).await;
            }
            continue;
        };
        let Ok(answer) = open.exchange(caller.request()).await else {
            tally.borrow_mut().broken += 1;
            connection = None;
            continue;
        };
        let (status, last) = (answer.status, answer.last);
        let done = caller.done(status, answer.body);
        tally.borrow_mut().record(sent.elapsed(), status, done);
        if last {
            connection = None;
        }
        if done.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Caller, Tally, drive};
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    struct Fixed(Vec<u8>);

    impl Caller for Fixed {
        fn request(&mut self) -> &[u8] {
            &self.0
        }

        fn done(&self, status: u16, _: &[u8]) -> Option<u64> {
            (status == 201).then_some(1)
        }
    }

    /// Answers 201 and 503 in turn on each connection.
    async fn server() -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let length = address.request("/", "", b"x").len();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    for status in [201, 503].into_iter().cycle() {
                        if stream.read_exact(&mut vec![0; length]).await.is_err() {
                            return;
                        }
                        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn tallies_what_came_back() {
        let address = server().await;
        let callers = (0..4).map(|_| Fixed(address.request("/", "", b"x"))).collect();
        let (tally, callers) = drive(&address, callers, Duration::from_millis(100)).await.unwrap();
        assert_eq!(callers.len(), 4);
        assert!(tally.done >= 4 && tally.rate() > 0.0);
        let refused = tally.refused[&503];
        assert_eq!(tally.requests, tally.done + refused);
        assert!(tally.quantile(0.5) <= tally.quantile(0.99) && tally.quantile(0.99) <= tally.max());
        assert_eq!(tally.broken, 0);
        let mut sum = Tally::new().unwrap();
        sum.add(&tally).unwrap();
        sum.add(&tally).unwrap();
        assert_eq!((sum.requests, sum.refused[&503]), (tally.requests * 2, refused * 2));
    }
}
