//! A day without the server: so many sales in a row, how long each takes to be on the disk, and how long all of them
//! take to the server when it is back. Nothing is killed here.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Outcome;
use super::till::Till;
use tillwatch_register::input::Input;
use tillwatch_register::state::Screen;

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_mins(5);

/// A till that knows a person and the products, and is on its own from now on.
pub struct Day {
    till: Till,
    durable: Vec<Duration>,
}

/// What was measured.
pub struct Figures {
    sales: usize,
    median: Duration,
    most: Duration,
    sent: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sales without the server: on the disk and confirmed in {:.1} ms (median; longest {:.1} ms); \
             all sent in {:.2} s",
            self.sales,
            self.median.as_secs_f64() * 1e3,
            self.most.as_secs_f64() * 1e3,
            self.sent.as_secs_f64()
        )
    }
}

impl Day {
    /// The morning: somebody signs in, and the catalogue comes.
    pub fn begin(folder: &Path, address: &str) -> Outcome<Self> {
        let mut till = Till::open(folder, &format!("http://{address}"), 1, None)?;
        till.act(Input::Start)?;
        let begun = Instant::now();
        while till.state.screen != Screen::Till || till.state.feed.after.is_none() {
            till.hear()?;
            till.get_in()?;
            till.breathe();
            patient(begun)?;
        }
        Ok(Self { till, durable: Vec::new() })
    }

    /// The server is gone: sells so many times.
    pub fn sell(&mut self, sales: usize) -> Outcome<()> {
        let begun = Instant::now();
        while !self.till.state.connection.is_offline() {
            self.till.hear()?;
            self.till.breathe();
            patient(begun)?;
        }
        for _ in 0..sales {
            let paid = Instant::now();
            self.till.sell()?;
            while self.till.state.pay.is_some() {
                self.till.hear()?;
                self.till.breathe();
                patient(begun)?;
            }
            self.durable.push(paid.elapsed());
        }
        Ok(())
    }

    /// The server is back: waits until it has everything.
    pub fn send(mut self) -> Outcome<Figures> {
        let back = Instant::now();
        while !self.till.state.outbox.is_empty() {
            self.till.hear()?;
            self.till.breathe();
            patient(back)?;
        }
        let sent = back.elapsed();
        self.durable.sort_unstable();
        let at = |place: usize| self.durable.get(place).copied().unwrap_or_default();
        let sales = self.durable.len();
        Ok(Figures { sales, median: at(sales / 2), most: at(sales.saturating_sub(1)), sent })
    }
}

fn patient(begun: Instant) -> Outcome<()> {
    if begun.elapsed() < PATIENCE { Ok(()) } else { Err("it takes too long".into()) }
}
