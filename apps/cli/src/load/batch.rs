//! Batches of 10,000 readings, as devices with a backlog send them: each sensor once a second.
//!
//! The bodies are made once. Used again, a body becomes that of another day by writing another date
//! over the old one, which costs the load generator next to nothing.

use tillwatch_shared::api::{NewReading, ReadingBatch};
use tillwatch_shared::limits::BATCH_READINGS;
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{SensorId, UtcMicros, compact};

use super::connection::Address;
use super::drive::{Caller, drive};
use super::{BatchFormat, LoadArgs, print_tally};
use crate::{CliError, clock, say};
use tillwatch_shared::random::Random;

/// A row of the compact form, and where in it the time is.
const ROW_BYTES: usize = 34;
const TIME_IN_ROW: usize = 2;
const DAY_SECONDS: usize = 86_400;
/// Different bodies of one caller; a body of JSON is over a megabyte.
const MOST_BODIES: usize = 16;
/// Bytes of the date in a time like `2026-12-31T23:59:59Z`.
const DATE_BYTES: usize = 10;
/// The day that the bodies are made for: 2001-01-01.
const FIRST_DAY: i64 = 11_323;
/// Days until the bodies would leave the times that a server accepts.
const DAYS: i64 = 60_000;

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    let address = args.address()?;
    let callers = args.callers(4);
    let devices: Vec<Device> = (0..callers)
        .map(|caller| Device::new(args, &address, caller))
        .collect::<Option<_>>()
        .ok_or_else(|| CliError::Usage("the batches cannot be written in this form".into()))?;
    let bytes = devices.first().and_then(|device| device.bodies.first()).map_or(0, |body| body.request.len());
    say::line(format_args!("{callers} callers, {BATCH_READINGS} readings in {bytes} bytes a request"));
    let (tally, _) = drive(&address, devices, args.time()).await?;
    print_tally("readings", &tally);
    super::check(&tally)
}

/// One caller with its own sensors, so that no two callers send the same reading.
struct Device {
    bodies: Vec<Body>,
    next: usize,
    day: i64,
}

impl Device {
    /// `None` if not even one batch fits in a day.
    fn new(args: &LoadArgs, address: &Address, caller: usize) -> Option<Self> {
        let sensors = args.sensors();
        let seconds = BATCH_READINGS.div_ceil(sensors);
        let bodies_a_day = (DAY_SECONDS / seconds).min(MOST_BODIES);
        // Sensors of their own for every run: what an earlier run sent would count as duplicate.
        let run = clock::now().0 / SECOND % 10_000_000;
        let ids: Vec<SensorId> =
            (0..sensors).map(|n| SensorId::Text(format!("carga-{run}-{caller}-{n}"))).collect();
        let mut random = Random::new(caller as u64);
        let bodies: Vec<Body> = (0..bodies_a_day)
            .map(|index| Body::new(args, address, &readings(&ids, index * seconds, &mut random)))
            .collect::<Option<_>>()?;
        (!bodies.is_empty()).then_some(Self { bodies, next: 0, day: 0 })
    }
}

impl Caller for Device {
    fn request(&mut self) -> &[u8] {
        if self.next >= self.bodies.len() {
            self.next = 0;
            self.day = (self.day + 1) % DAYS;
        }
        let body = self.bodies.get_mut(self.next);
        self.next += 1;
        body.map(|body| body.of_day(self.day)).unwrap_or_default()
    }

    fn done(&self, status: u16, body: &[u8]) -> Option<u64> {
        (status == 200).then(|| stored(body))
    }
}

/// A request and where in it each reading says its time.
struct Body {
    request: Vec<u8>,
    times: Times,
    day: i64,
}

enum Times {
    /// At these places a text begins with the date.
    Text(Vec<usize>),
    /// From the first of these on, every so many bytes: microseconds, little endian.
    Binary { first: usize, every: usize },
}

impl Body {
    fn new(args: &LoadArgs, address: &Address, readings: &[NewReading]) -> Option<Self> {
        let (content_type, body) = match args.format {
            BatchFormat::Json => ("application/json", json(readings)?),
            BatchFormat::Compact => (compact::MEDIA_TYPE, compact::encode(readings)?),
        };
        let headers = format!("content-type: {content_type}\r\nx-api-key: {}\r\n", args.api_key);
        let request = address.request("/api/v1/readings", &headers, &body);
        let times = match args.format {
            BatchFormat::Json => Times::Text(places_of(&request, b"\"measured_at\":\"")),
            BatchFormat::Compact => {
                let first = request.len().checked_sub(readings.len() * ROW_BYTES)? + TIME_IN_ROW;
                Times::Binary { first, every: ROW_BYTES }
            }
        };
        Some(Self { request, times, day: 0 })
    }

    /// The request with its readings moved to a day.
    fn of_day(&mut self, day: i64) -> &[u8] {
        let moved = (day - self.day) * DAY;
        self.day = day;
        if moved != 0 {
            match &self.times {
                Times::Text(places) => {
                    let date = UtcMicros((FIRST_DAY + day) * DAY).to_string();
                    let date = date.as_bytes().get(..DATE_BYTES).unwrap_or_default();
                    for place in places {
                        if let Some(text) = self.request.get_mut(*place..*place + date.len()) {
                            text.copy_from_slice(date);
                        }
                    }
                }
                Times::Binary { first, every } => {
                    for row in self.request.get_mut(*first..).unwrap_or_default().chunks_mut(*every) {
                        if let Some(time) = row.first_chunk_mut::<8>() {
                            *time = (i64::from_le_bytes(*time) + moved).to_le_bytes();
                        }
                    }
                }
            }
        }
        &self.request
    }
}

/// A batch that begins so many seconds into the first day.
fn readings(ids: &[SensorId], first_second: usize, random: &mut Random) -> Vec<NewReading> {
    (0..BATCH_READINGS)
        .zip(ids.iter().cycle())
        .map(|(index, sensor_id)| {
            let second = i64::try_from(first_second + index / ids.len()).unwrap_or_default();
            NewReading {
                sensor_id: sensor_id.clone(),
                temperature: (random.between(2.0, 8.0) * 100.0).round() / 100.0,
                humidity: (random.between(40.0, 80.0) * 10.0).round() / 10.0,
                pressure: (random.between(1005.0, 1020.0) * 100.0).round() / 100.0,
                measured_at: UtcMicros(FIRST_DAY * DAY + second * SECOND),
                battery_percent: None,
            }
        })
        .collect()
}

fn json(readings: &[NewReading]) -> Option<Vec<u8>> {
    serde_json::to_vec(&ReadingBatch { readings: readings.to_vec() }).ok()
}

/// Where something follows each occurrence of `text`.
fn places_of(bytes: &[u8], text: &[u8]) -> Vec<usize> {
    let found = bytes.windows(text.len()).enumerate().filter(|(_, window)| *window == text);
    found.map(|(place, _)| place + text.len()).collect()
}

/// The number of readings that the answer says it stored.
fn stored(body: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct Stored {
        stored: u64,
    }
    // The counts come first; only they are read, for the row results cost more than all else here.
    let counts = body.split(|byte| *byte == b',').next().unwrap_or_default();
    let counts = [counts, b"}"].concat();
    serde_json::from_slice::<Stored>(&counts).map_or(0, |counts| counts.stored)
}

#[cfg(test)]
mod tests {
    use super::{Body, readings, stored};
    use crate::load::connection::Address;
    use crate::load::{BatchFormat, LoadArgs};
    use tillwatch_shared::api::ReadingBatch;
    use tillwatch_shared::random::Random;
    use tillwatch_shared::time::DAY;
    use tillwatch_shared::{SensorId, compact};

    fn ids() -> Vec<SensorId> {
        (0..16).map(|n| SensorId::Text(format!("carga-{n}"))).collect()
    }

    fn body(format: BatchFormat) -> Body {
        let args = LoadArgs { format, ..LoadArgs::for_test() };
        let address = Address::parse("http://127.0.0.1:1").unwrap();
        Body::new(&args, &address, &readings(&ids(), 625, &mut Random::new(1))).unwrap()
    }

    fn after_head(request: &[u8]) -> &[u8] {
        let end = request.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        &request[end + 4..]
    }

    #[test]
    fn another_day_is_the_same_batch_later() {
        let first = readings(&ids(), 625, &mut Random::new(1));
        let mut json = body(BatchFormat::Json);
        let mut binary = body(BatchFormat::Compact);
        for day in [0, 1, 59, 3000, 2] {
            let later = first.iter().map(|r| r.measured_at.plus(day * DAY));
            let batch: ReadingBatch = serde_json::from_slice(after_head(json.of_day(day))).unwrap();
            assert!(batch.readings.iter().map(|r| r.measured_at).eq(later.clone()), "day {day}");
            let batch = compact::decode(after_head(binary.of_day(day))).unwrap();
            assert!(batch.rows.iter().map(|r| r.measured_at).eq(later), "day {day}");
        }
    }

    #[test]
    fn a_batch_has_each_sensor_once_a_second() {
        let mut keys: Vec<_> = readings(&ids(), 0, &mut Random::new(1))
            .into_iter()
            .map(|r| (r.sensor_id, r.measured_at))
            .collect();
        assert_eq!(keys.len(), 10_000);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 10_000);
    }

    #[test]
    fn reads_the_count_only() {
        assert_eq!(stored(br#"{"stored":9998,"duplicate":2,"refused":0,"rows":["stored""#), 9998);
        assert_eq!(stored(b"nonsense"), 0);
    }
}
