//! Many clients on the live readings at once, and one device that posts: how long until the last client has
//! heard a reading, whether any was lost or out of order, and what a client costs the server.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connection::{Address, Connection, Wire};
use super::{LoadArgs, milliseconds};
use crate::{CliError, say};

/// Latencies are kept in microseconds up to a minute, to three digits.
const LONGEST_MICROS: u64 = 60_000_000;
/// How long a client may take to be let in, and the last readings to arrive.
const PATIENCE: Duration = Duration::from_secs(15);
const BUFFER_BYTES: usize = 4096;
const HEAD_END: &[u8] = b"\r\n\r\n";
/// A pong without a message, masked with zeros as a client must.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// What was sent and heard so far.
#[derive(Debug, Default)]
struct Heard {
    /// Of this run alone: the newest reading of an earlier one is heard first.
    sensor: String,
    /// When each reading was posted, and how many clients have heard it.
    readings: Vec<(Instant, usize)>,
    /// From the POST to the last client.
    complete: Vec<Duration>,
    total: usize,
    out_of_order: usize,
    lost_clients: usize,
    clients: usize,
}

/// A client on the live readings.
struct Client {
    stream: Box<dyn Wire>,
    buffer: Vec<u8>,
}

enum Frame {
    /// Number of the reading.
    Reading(usize),
    Other,
    Ping,
    Close,
}

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    let address = args.address()?;
    let clients = args.callers(100);
    let before = args.pid.map(resident_bytes).transpose()?;
    let mut open = Vec::with_capacity(clients);
    for _ in 0..clients {
        open.push(Client::open(&address, &args.live_key).await?);
    }
    say::line(format_args!("{clients} clients listen"));
    if let (Some(pid), Some(before)) = (args.pid, before) {
        let each = resident_bytes(pid)?.saturating_sub(before) / clients.max(1) as u64;
        say::line(format_args!("memory for each client, idle: {:.1} KB", each as f64 / 1000.0));
    }
    let heard = Rc::new(RefCell::new(Heard {
        sensor: format!("carga-{}", uuid::Uuid::now_v7()),
        clients,
        ..Heard::default()
    }));
    let local = LocalSet::new();
    for client in open {
        drop(local.spawn_local(client.listen(Rc::clone(&heard))));
    }
    local.run_until(post(args, &address, &heard)).await?;
    if let (Some(pid), Some(before)) = (args.pid, before) {
        let each = resident_bytes(pid)?.saturating_sub(before) / clients.max(1) as u64;
        say::line(format_args!("memory for each client, after the run: {:.1} KB", each as f64 / 1000.0));
    }
    report(&heard.borrow())
}

/// Posts at the rate that was asked for, then waits until all have heard all, for a while.
async fn post(args: &LoadArgs, address: &Address, heard: &Rc<RefCell<Heard>>) -> Result<(), CliError> {
    let mut device = Connection::open(address).await?;
    let headers = format!("content-type: application/json\r\nx-api-key: {}\r\n", args.api_key);
    let sensor = heard.borrow().sensor.clone();
    let mut tick = interval(Duration::from_secs(1) / u32::from(args.rate));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let end = Instant::now() + args.time();
    let mut number = 0_usize;
    while Instant::now() < end {
        tick.tick().await;
        // The number travels as the pressure.
        let body =
            format!(r#"{{"temperature":4.5,"humidity":60,"pressure":{number},"sensor_id":"{sensor}"}}"#);
        let request = address.request("/api/temperature_reading", &headers, body.as_bytes());
        heard.borrow_mut().readings.push((Instant::now(), 0));
        let status = device.exchange(&request).await?.status;
        if status != 201 {
            return Err(CliError::Load(format!("a reading was answered {status}")));
        }
        number += 1;
    }
    let all = async {
        while heard.borrow().complete.len() < number {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // Whoever has not heard all by then is told of as a loss.
    let _ = timeout(PATIENCE, all).await;
    Ok(())
}

fn report(heard: &Heard) -> Result<(), CliError> {
    let mut latency = Histogram::<u64>::new_with_bounds(1, LONGEST_MICROS, 3)
        .map_err(|error| CliError::Load(error.to_string()))?;
    for took in &heard.complete {
        latency.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_MICROS).max(1));
    }
    let quantile = |share| milliseconds(Duration::from_micros(latency.value_at_quantile(share)));
    let expected = heard.readings.len() * heard.clients;
    let lost = expected.saturating_sub(heard.total);
    say::line(format_args!(
        "{} readings to {} clients; from POST to the last client p50 {} p99 {} max {}",
        heard.readings.len(),
        heard.clients,
        quantile(0.5),
        quantile(0.99),
        milliseconds(Duration::from_micros(latency.max())),
    ));
    say::line(format_args!(
        "lost {lost} of {expected}; out of order {}; clients dropped {}",
        heard.out_of_order, heard.lost_clients
    ));
    if lost > 0 || heard.out_of_order > 0 || expected == 0 {
        return Err(CliError::Load("not every client heard every reading in order: see above".into()));
    }
    Ok(())
}

impl Client {
    async fn open(address: &Address, key: &str) -> Result<Self, CliError> {
        let mut stream = address.connect().await?;
        let request = address.upgrade(&format!("/ws/sensor_updates?api-key={key}"));
        stream.write_all(&request).await?;
        let mut client = Self { stream, buffer: Vec::with_capacity(BUFFER_BYTES) };
        let head = timeout(PATIENCE, client.head()).await.map_err(io::Error::from)??;
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err(CliError::Load("the server does not open a WebSocket".into()));
        }
        Ok(client)
    }

    /// The head of the answer; what comes after it stays in the buffer.
    async fn head(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.windows(HEAD_END.len()).position(|part| part == HEAD_END) {
                let rest = self.buffer.split_off(end + HEAD_END.len());
                return Ok(std::mem::replace(&mut self.buffer, rest));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Listens until it is dropped.
    async fn listen(mut self, heard: Rc<RefCell<Heard>>) {
        let mut next = 0;
        let sensor = heard.borrow().sensor.clone();
        loop {
            while let Some((frame, length)) = parse(&self.buffer, &sensor) {
                self.buffer.drain(..length);
                match frame {
                    Frame::Reading(number) => note(&heard, number, &mut next),
                    Frame::Ping if self.stream.write_all(&PONG).await.is_ok() => {}
                    Frame::Other => {}
                    Frame::Ping | Frame::Close => {
                        heard.borrow_mut().lost_clients += 1;
                        return;
                    }
                }
            }
            if !matches!(self.stream.read_buf(&mut self.buffer).await, Ok(1..)) {
                heard.borrow_mut().lost_clients += 1;
                return;
            }
        }
    }
}

fn note(heard: &Rc<RefCell<Heard>>, number: usize, next: &mut usize) {
    let mut heard = heard.borrow_mut();
    heard.total += 1;
    if number != *next {
        heard.out_of_order += 1;
    }
    *next = number + 1;
    let clients = heard.clients;
    let Some((posted, count)) = heard.readings.get_mut(number) else { return };
    *count += 1;
    if *count == clients {
        let took = posted.elapsed();
        heard.complete.push(took);
    }
}

/// The first frame and its length; `None` while it is not complete. A server's frames are not masked.
fn parse(bytes: &[u8], sensor: &str) -> Option<(Frame, usize)> {
    let (first, second) = (bytes.first()?, *bytes.get(1)?);
    let (start, length) = match second {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => return Some((Frame::Close, bytes.len())),
        short => (2, usize::from(short)),
    };
    let message = bytes.get(start..start + length)?;
    let frame = match first & 0x0f {
        8 => Frame::Close,
        9 => Frame::Ping,
        1 => number(message, sensor).map_or(Frame::Other, Frame::Reading),
        _ => Frame::Other,
    };
    Some((frame, start + length))
}

/// The number of a reading of ours.
fn number(message: &[u8], sensor: &str) -> Option<usize> {
    let reading: serde_json::Value = serde_json::from_slice(message).ok()?;
    if reading.get("sensor_id")?.as_str()? != sensor {
        return None;
    }
    let number = reading.get("pressure")?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, sent as a float")]
    let number = number as usize;
    Some(number)
}

/// Memory of a process that is in use, from Linux's `/proc`.
fn resident_bytes(pid: u32) -> Result<u64, CliError> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes * 1024)
        .ok_or_else(|| CliError::Usage(format!("no memory figure of process {pid}")))
}

#[cfg(test)]
mod tests {
    use super::{Frame, parse};

    const SENSOR: &str = "carga";

    #[test]
    fn frames_of_the_server() {
        let text =
            format!(r#"{{"id":1,"pressure":42.0,"sensor_id":"{SENSOR}","padding":"{}"}}"#, "x".repeat(100));
        let mut bytes = vec![0x81, 126];
        bytes.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        assert!(parse(&bytes, SENSOR).is_none(), "not complete");
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&[0x89, 0]);
        let (frame, length) = parse(&bytes, SENSOR).unwrap();
        assert!(matches!(frame, Frame::Reading(42)));
        assert!(matches!(parse(&bytes[length..], SENSOR), Some((Frame::Ping, 2))));
        assert!(matches!(parse(&[0x88, 2, 3, 240], SENSOR), Some((Frame::Close, 4))));
        assert!(matches!(parse(b"\x81\x02{}", SENSOR), Some((Frame::Other, 4))));
    }
}
