//! Many terminals with a pulse each, as `tillwatch pulse` has one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tillwatch_shared::client::Client;
use tillwatch_shared::pulse::Link;
use tokio::task::LocalSet;

use super::{CONNECTING, LoadArgs, milliseconds};
use crate::{CliError, say};

/// Clock ticks a second in `/proc/PID/stat`.
const TICKS: f64 = 100.0;

/// What all terminals came to.
struct Figures {
    online: Cell<usize>,
    acknowledged: Cell<u64>,
    lost: Cell<u64>,
    latencies: RefCell<Histogram<u64>>,
}

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    let (client, _) = args.sign_in().await?;
    LocalSet::new().run_until(measure(args, &client)).await
}

async fn measure(args: &LoadArgs, client: &Client) -> Result<(), CliError> {
    let terminals = args.callers(1_000);
    let latencies =
        Histogram::new_with_bounds(1, 60_000_000, 3).map_err(|error| CliError::Load(error.to_string()))?;
    let figures = Rc::new(Figures {
        online: Cell::new(0),
        acknowledged: Cell::new(0),
        lost: Cell::new(0),
        latencies: RefCell::new(latencies),
    });
    for number in 0..terminals {
        tokio::task::spawn_local(terminal(client.clone(), format!("carga-{number}"), Rc::clone(&figures)));
    }
    let begun = Instant::now();
    while figures.online.get() < terminals && begun.elapsed() < CONNECTING {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let online = figures.online.get();
    say::line(format_args!(
        "{online} of {terminals} terminals online after {:.1} s",
        begun.elapsed().as_secs_f64()
    ));
    figures.latencies.borrow_mut().reset();
    figures.acknowledged.set(0);
    let used = args.pid.map(processor_seconds).transpose()?;
    let begun = Instant::now();
    tokio::time::sleep(args.time()).await;
    let seconds = begun.elapsed().as_secs_f64();
    report(&figures, seconds);
    if let (Some(pid), Some(before)) = (args.pid, used) {
        let share = (processor_seconds(pid)? - before) / seconds * 100.0;
        say::line(format_args!("server: {share:.1} % of one core"));
    }
    if online < terminals || figures.lost.get() > 0 {
        return Err(CliError::Load("not all terminals came or stayed: see above".into()));
    }
    Ok(())
}

fn report(figures: &Figures, seconds: f64) {
    let latencies = figures.latencies.borrow();
    let quantile = |q| milliseconds(Duration::from_micros(latencies.value_at_quantile(q)));
    say::line(format_args!(
        "values: {:.0}/s acknowledged; latency p50 {} p99 {} max {}; connections lost: {}",
        figures.acknowledged.get() as f64 / seconds,
        quantile(0.5),
        quantile(0.99),
        milliseconds(Duration::from_micros(latencies.max())),
        figures.lost.get(),
    ));
}

async fn terminal(client: Client, name: String, figures: Rc<Figures>) {
    let (mut online, mut seen) = (false, 0);
    let end = client.pulse(&name, |news| {
        let now_online = news.machine.link() == Link::Online;
        match (online, now_online) {
            (false, true) => figures.online.set(figures.online.get() + 1),
            (true, false) => figures.lost.set(figures.lost.get() + 1),
            (true, true) | (false, false) => {}
        }
        online = now_online;
        let acknowledged = news.machine.acknowledged();
        if acknowledged > seen {
            figures.acknowledged.set(figures.acknowledged.get() + acknowledged - seen);
            seen = acknowledged;
            let round_trip = news.machine.round_trip().and_then(|micros| u64::try_from(micros).ok());
            figures.latencies.borrow_mut().saturating_record(round_trip.unwrap_or_default());
        }
        true
    });
    end.await;
    figures.lost.set(figures.lost.get() + 1);
}

/// Processor time that a process has used, from Linux's `/proc`.
fn processor_seconds(pid: u32) -> Result<f64, CliError> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).map_err(|error| CliError::Usage(format!("{path}: {error}")))?;
    ticks(&text).map(|ticks| ticks / TICKS).ok_or_else(|| CliError::Usage(format!("{path} is not readable")))
}

/// User and system ticks: the 14th and 15th field. The second one, a name in brackets, may hold blanks.
fn ticks(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut number = || fields.next()?.parse::<f64>().ok();
    Some(number()? + number()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_the_processor_time() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0";
        assert_eq!(super::ticks(stat), Some(150.0));
        assert_eq!(super::ticks("7 (x) S 1"), None);
    }
}
