//! What monitors ask of a server: polls with nothing new, 500 of them, watching 300 sensors, the time from a reading to
//! its alarm, and charts of a history of 100 million readings, compared with what was put in.
//! `cargo bench -p tillwatch-server --bench monitor [-- polls|alarms|history [READINGS]]` prints tables. The server is
//! this program again, in a process of its own, so that its share of the processor is known (Linux).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser as _;
use reqwest::Method;
use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH};
use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings};
use tillwatch_server::run;
use tillwatch_server::telemetry::{Batch, BatchSensor, Buckets, Options, SeriesRequest, Telemetry};
use tillwatch_shared::compact::CompactRow;
use tillwatch_shared::limits::BATCH_READINGS;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, SensorId, UtcMicros};

type Failure = Box<dyn std::error::Error>;

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if args.first().is_some_and(|argument| argument == "serve") {
        return runtime.block_on(serve(&args));
    }
    let asked = |part: &str| args.is_empty() || args.iter().any(|argument| argument == part);
    if asked("polls") {
        runtime.block_on(polls())?;
    }
    if asked("alarms") {
        runtime.block_on(alarms())?;
    }
    if asked("history") {
        let readings = args.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000_000);
        runtime.block_on(history(readings))?;
    }
    Ok(())
}

fn print(what: &str, figures: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "| {what:<70} | {figures:<60} |")?;
    Ok(())
}

/// A text at a place of an answer.
fn text(answer: &Value, place: &str) -> Result<String, Failure> {
    let found = answer.pointer(place).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("nothing at {place}"))?.to_owned())
}

fn quantile(times: &mut [Duration], share: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn fresh(name: &str) -> Result<PathBuf, Failure> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("monitor-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// The server, until nobody holds its standard input.
async fn serve(args: &[String]) -> Result<(), Failure> {
    let line = Line::try_parse_from(args)?;
    let dir = line.serve.data_dir.clone().ok_or("no directory")?;
    let settings = Settings::new(&line.serve, dir)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let running = run::serve(listener, settings, Clock::system(), None).await?;
    writeln!(std::io::stdout(), "{}", running.url())?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(running.stop().await?)
}

/// A server in a process of its own, with the demonstration in it, and a manager who is signed in.
struct Server {
    child: Child,
    dir: PathBuf,
    url: String,
    http: reqwest::Client,
    token: String,
}

impl Server {
    async fn start(name: &str, more: &[&str]) -> Result<Self, Failure> {
        let dir = fresh(name)?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--demo", "--data-dir"])
            .arg(&dir)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut url)?;
        let http = reqwest::Client::new();
        let mut server = Self { child, dir, url: url.trim().to_owned(), http, token: String::new() };
        let session = json!({ "username": "lucas", "password": "1234" });
        let (_, session) = server.ask(Method::POST, "/api/v1/sessions", Some(session)).await?;
        server.token = text(&session, "/access_token")?;
        Ok(server)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(HeaderMap, Value), Failure> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?.error_for_status()?;
        Ok((answer.headers().clone(), answer.json().await?))
    }

    /// One reading of a device, now.
    async fn post(&self, sensor: &str, celsius: f64) -> Result<(), Failure> {
        let body =
            json!({ "sensor_id": sensor, "temperature": celsius, "humidity": 50.0, "pressure": 1013.0 });
        let request = self.http.post(format!("{}/api/temperature_reading", self.url));
        request.header("x-api-key", "demo").json(&body).send().await?.error_for_status()?;
        Ok(())
    }

    /// Processor time so far: user and system ticks of a hundredth of a second.
    fn processor(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, rest) = stat.rsplit_once(')').ok_or("stat")?;
        let ticks =
            rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        Ok(std::fs::remove_dir_all(&self.dir)?)
    }
}

const OPEN: &str = "/api/v1/alarms?open=true";

/// Where the journal ends, and what a poll for more of it asks.
async fn tip(server: &Server) -> Result<(i64, String), Failure> {
    let mut after = 0;
    loop {
        let path = format!("/api/v1/changes?after={after}&limit=500");
        let (_, changes) = server.ask(Method::GET, &path, None).await?;
        let last = changes.pointer("/changes").and_then(|list| list.as_array()?.last()?.get("seq")?.as_i64());
        let Some(last) = last else { return Ok((after, format!("/api/v1/changes?after={after}"))) };
        after = last;
    }
}

async fn polls() -> Result<(), Failure> {
    let server = Server::start("polls", &["--alarms-by", "hand"]).await?;
    let (_, path) = tip(&server).await?;
    let (head, _) = server.ask(Method::GET, OPEN, None).await?;
    let tag = head.get(ETAG).ok_or("no tag")?.clone();
    for (name, path) in [("changes", path.as_str()), ("open alarms, as they were", OPEN)] {
        const TIMES: u32 = 5_000;
        let (mut times, mut bytes) = (Vec::new(), 0);
        let before = server.processor()?;
        for _ in 0..TIMES {
            let begun = Instant::now();
            let answer = server.request(Method::GET, path).header(IF_NONE_MATCH, &tag).send().await?;
            let head: usize =
                answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
            bytes = head + 17 + answer.bytes().await?.len();
            times.push(begun.elapsed());
        }
        let each = server.processor()?.saturating_sub(before) / TIMES;
        let (half, most) = (quantile(&mut times, 50), quantile(&mut times, 99));
        print(
            &format!("a poll with nothing new: {name}"),
            &format!("{each:.0?} of processor, {bytes} bytes back; p50 {half:.0?}, p99 {most:.0?}"),
        )?;
    }
    many(&server, &path, &tag).await?;
    server.stop()
}

/// 500 monitors, each on a connection of its own, each asking twice every five seconds.
async fn many(server: &Server, path: &str, tag: &reqwest::header::HeaderValue) -> Result<(), Failure> {
    const MONITORS: u32 = 500;
    const EVERY: Duration = Duration::from_secs(5);
    const TURNS: u32 = 6;
    let monitors: Vec<_> = (0..MONITORS)
        .map(|number| {
            let http = reqwest::Client::builder().build()?;
            let (url, token, tag) = (server.url.clone(), server.token.clone(), tag.clone());
            let paths = [path.to_owned(), OPEN.to_owned()];
            Ok::<_, Failure>(tokio::spawn(async move {
                let begun = tokio::time::Instant::now() + EVERY * number / MONITORS;
                let mut times = Vec::new();
                // The first turn connects.
                for turn in 0..=TURNS {
                    tokio::time::sleep_until(begun + EVERY * turn).await;
                    for path in &paths {
                        let asked = Instant::now();
                        let request = http.get(format!("{url}{path}")).bearer_auth(&token);
                        request.header(IF_NONE_MATCH, &tag).send().await?.bytes().await?;
                        times.push(asked.elapsed());
                    }
                }
                Ok::<_, reqwest::Error>(times)
            }))
        })
        .collect::<Result<_, _>>()?;
    tokio::time::sleep(EVERY).await;
    let (before, begun) = (server.processor()?, Instant::now());
    tokio::time::sleep(EVERY * (TURNS - 1)).await;
    let share = server.processor()?.saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let mut times = Vec::new();
    for monitor in monitors {
        times.extend(monitor.await??);
    }
    let slow = quantile(&mut times, 99);
    print(
        &format!("{MONITORS} monitors, each two questions every {EVERY:?}"),
        &format!("{:.1} % of one core; p99 {slow:.0?}", share * 100.0),
    )
}

const WATCHED: u32 = 300;

/// A server with sensors that have a band, and rules of every kind that looks at values.
async fn watched(name: &str, more: &[&str]) -> Result<Server, Failure> {
    let server = Server::start(name, more).await?;
    let (_, stores) = server.ask(Method::GET, "/api/v1/stores", None).await?;
    let store = text(&stores, "/0/id")?;
    for number in 0..WATCHED {
        let sensor = json!({ "name": format!("Geladeira {number}"), "store_id": store, "low_celsius": 2, "high_celsius": 8 });
        server.ask(Method::PUT, &format!("/api/v1/sensors/g{number}"), Some(sensor)).await?;
    }
    for watch in [
        json!({ "kind": "rate", "per_minute": 20, "window_seconds": 120 }),
        json!({ "kind": "cumulative", "seconds": 600, "window_seconds": 3600 }),
        json!({ "kind": "frozen", "seconds": 3600 }),
    ] {
        let rule = json!({ "store_id": store, "severity": "warning", "watch": watch });
        let path = format!("/api/v1/alarm-rules/{}", CommandId::now());
        server.ask(Method::PUT, &path, Some(rule)).await?;
    }
    Ok(server)
}

/// What each sensor tells once a second, for so long. Gives the server's share of a core.
async fn tell(server: &Server, seconds: u32) -> Result<f64, Failure> {
    let (before, begun) = (server.processor()?, tokio::time::Instant::now());
    for second in 0..seconds {
        for number in 0..WATCHED {
            tokio::time::sleep_until(
                begun + Duration::from_secs(1) * second + Duration::from_secs(1) * number / WATCHED,
            )
            .await;
            server.post(&format!("g{number}"), 4.0 + f64::from((second + number) % 20) / 10.0).await?;
        }
    }
    Ok(server.processor()?.saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64())
}

async fn alarms() -> Result<(), Failure> {
    let (with, without) = (watched("with", &[]).await?, watched("without", &["--alarms-by", "hand"]).await?);
    let (mut shares, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        shares.push(tell(&with, 15).await?);
        plain.push(tell(&without, 15).await?);
    }
    let percent = |shares: &[f64]| {
        shares.iter().map(|share| format!("{:.1}", share * 100.0)).collect::<Vec<_>>().join(", ")
    };
    print(
        &format!("{WATCHED} sensors, one reading a second each, six rules a sensor"),
        &format!("{} % of one core, with nobody watching {} %", percent(&shares), percent(&plain)),
    )?;
    without.stop()?;
    until_seen(&with).await?;
    with.stop()
}

/// From the answer to a reading until its alarm is in the change feed and in the list.
async fn until_seen(server: &Server) -> Result<(), Failure> {
    let (_, stores) = server.ask(Method::GET, "/api/v1/stores", None).await?;
    let store = text(&stores, "/0/id")?;
    let watch = json!({ "kind": "high", "limit": 30, "delay_seconds": 0 });
    let rule = json!({ "store_id": store, "severity": "critical", "watch": watch });
    let (_, rules) = server.ask(Method::GET, "/api/v1/alarm-rules", None).await?;
    let is = |rule: &Value, place: &str, word: &str| text(rule, place).is_ok_and(|found| found == word);
    let high =
        |rule: &&Value| is(rule, "/settings/watch/kind", "high") && is(rule, "/settings/store_id", &store);
    let default = rules.as_array().and_then(|rules| rules.iter().find(high)).ok_or("no rule")?;
    let path = format!("/api/v1/alarm-rules/{}", text(default, "/id")?);
    server.ask(Method::PUT, &path, Some(rule)).await?;
    let mut times = Vec::new();
    for number in 0..100 {
        let (_, path) = tip(server).await?;
        server.post(&format!("g{number}"), 40.0).await?;
        let begun = Instant::now();
        let opened = loop {
            let (_, changes) = server.ask(Method::GET, &path, None).await?;
            let text = changes.to_string();
            if text.contains(&format!("\"g{number}\"")) && text.contains("alarm_opened") {
                break begun.elapsed();
            }
            if begun.elapsed() > Duration::from_secs(10) {
                return Err("no alarm was raised".into());
            }
        };
        let (_, list) = server.ask(Method::GET, &format!("{OPEN}&order=newest"), None).await?;
        if !list.to_string().contains(&format!("\"g{number}\"")) {
            return Err("it is in the feed and not in the list".into());
        }
        times.push(opened);
    }
    let (half, most) = (quantile(&mut times, 50), quantile(&mut times, 100));
    print(
        "from a reading's answer to its alarm in the change feed",
        &format!("p50 {half:.1?}, most {most:.1?}"),
    )
}

/// 2026-01-01T00:00:00Z
const BASE: i64 = 1_767_225_600_000_000;
const SENSORS: i64 = 10;

/// What a sensor measures in a second: a slow wave with rare peaks of one reading.
fn celsius(n: i64) -> f64 {
    let wave = (n % 40_003 - 20_001).abs() as f64 / 2_000.0;
    let peak = if n % 777_773 == 5 { 30.0 } else { 0.0 };
    ((wave + peak) * 10.0).round() / 10.0
}

fn batch(from: i64) -> Batch {
    let count = i64::try_from(BATCH_READINGS).unwrap_or_default();
    let row = |n: i64| CompactRow {
        sensor: u16::try_from(n % SENSORS).unwrap_or_default(),
        measured_at: UtcMicros(BASE + n / SENSORS * SECOND),
        values: [celsius(n), 40.0 + (n % 13) as f64 / 10.0, 1_000.0 + (n % 101) as f64 / 10.0],
    };
    let sensor = |n| BatchSensor { id: SensorId::Text(format!("fridge-{n}")), allowed: true };
    Batch {
        sensors: (0..SENSORS).map(sensor).collect(),
        rows: (from..from + count).map(row).collect(),
        received_at: UtcMicros(BASE + (from + count) / SENSORS * SECOND),
        source: Some([10, 0, 0, 1].into()),
        key: None,
    }
}

async fn history(readings: i64) -> Result<(), Failure> {
    let dir = fresh("history")?;
    let telemetry = Telemetry::open(&dir, Options::default())?;
    let begun = Instant::now();
    for from in (0..readings).step_by(BATCH_READINGS) {
        telemetry.store(batch(from)).await?;
    }
    let filled = begun.elapsed();
    telemetry.close();
    drop(telemetry);
    let bytes = dir.join("telemetry.sqlite").metadata()?.len() as f64 / readings as f64;
    print(
        &format!("{readings} readings of {SENSORS} sensors"),
        &format!("filled in {filled:.0?}, {bytes:.1} bytes each"),
    )?;
    let begun = Instant::now();
    let telemetry = Telemetry::open(&dir, Options::default())?;
    print("opened again", &format!("{:.1?}", begun.elapsed()))?;
    let seconds = readings / SENSORS;
    for (name, shortest, longest) in [
        ("the whole", seconds, seconds + 1),
        ("ranges of a week and more", 7 * 86_400, seconds),
        ("ranges of a day to a week", 86_400, 7 * 86_400),
        ("ranges of an hour to a day", 3_600, 86_400),
        ("ranges of a minute to an hour", 60, 3_600),
    ] {
        ranges(&telemetry, name, seconds, shortest.min(seconds)..longest)?;
    }
    drop(telemetry);
    Ok(std::fs::remove_dir_all(&dir)?)
}

/// Asks for ranges of such lengths, and compares every bucket with all of its readings.
fn ranges(
    telemetry: &Telemetry,
    name: &str,
    seconds: i64,
    lengths: std::ops::Range<i64>,
) -> Result<(), Failure> {
    const TIMES: i64 = 60;
    let (mut times, mut compared) = (Vec::new(), 0_i64);
    let mut dice = 88_172_645_463_325_252_u64;
    let mut roll = |below: i64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        i64::try_from(dice % u64::try_from(below.max(1)).unwrap_or(1)).unwrap_or_default()
    };
    for turn in 0..TIMES {
        let length = lengths.start + roll(lengths.end - lengths.start);
        let from = BASE + roll(seconds - length + 1) * SECOND;
        let sensor = roll(SENSORS);
        let request = SeriesRequest {
            sensors: vec![SensorId::Text(format!("fridge-{sensor}"))],
            from: UtcMicros(from),
            to: UtcMicros(from + length * SECOND),
            buckets: Buckets::Points(1_000),
        };
        let begun = Instant::now();
        let answer = telemetry.series(&request)?;
        times.push(begun.elapsed());
        // The whole of what is long would take minutes.
        if length > 30 * 86_400 && turn > 5 {
            continue;
        }
        let series = answer.series.first().ok_or("no series")?;
        let extremes = series.temperature.min.iter().zip(&series.temperature.max);
        for ((start, count), (min, max)) in series.start_micros.iter().zip(&series.count).zip(extremes) {
            let first = ((start - BASE) / SECOND).max(0);
            let last = ((start + answer.step_micros - BASE) / SECOND).min(seconds);
            let all = (first..last).map(|second| celsius(second * SENSORS + sensor));
            let (low, high) =
                all.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
            let same = min.to_bits() == low.to_bits() && max.to_bits() == high.to_bits();
            if !same || i64::from(*count) != last - first {
                return Err(
                    format!("{name}: bucket {start}: {min}..{max} of {count}, not {low}..{high}").into()
                );
            }
            compared += last - first;
        }
    }
    let first = times.first().copied().unwrap_or_default();
    let (half, most) = (quantile(&mut times, 50), quantile(&mut times, 100));
    print(
        &format!("{name}, 1,000 points"),
        &format!("first {first:.1?}, p50 {half:.1?}, most {most:.1?}; {compared} readings compared"),
    )
}
