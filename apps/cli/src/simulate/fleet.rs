//! A shop's devices together: who they are, and their readings at each tick.

use tillwatch_shared::api::NewReading;
use tillwatch_shared::time::{DAY, HOUR, SECOND};
use tillwatch_shared::{SensorId, UtcMicros};

use super::model::{Device, Happening, Kind, Weather};
use tillwatch_shared::random::Random;

/// Local time in most of Brazil: UTC−3.
const ZONE_OFFSET: i64 = -3 * HOUR;

pub struct Fleet {
    weather: Weather,
    devices: Vec<(SensorId, Device)>,
    at: UtcMicros,
}

/// Something that happened at a device.
pub struct Event {
    pub sensor_id: SensorId,
    pub happening: Happening,
}

impl Fleet {
    /// `count` devices as they are at `at`: a room, a freezer and for the rest fridges; with more
    /// than eight, every sixth is a freezer.
    pub fn new(count: usize, seed: u64, at: UtcMicros) -> Self {
        let mut random = Random::new(seed);
        let time_of_day = at.plus(ZONE_OFFSET).0.rem_euclid(DAY) as f64 / SECOND as f64;
        let weather = Weather::new(time_of_day, random.fork());
        let (mut fridges, mut freezers) = (0, 0);
        let devices = (0..count)
            .map(|index| {
                let (kind, name) = match index {
                    1 => (Kind::Room, "ambiente".to_owned()),
                    2 => (Kind::Freezer, numbered("freezer", &mut freezers)),
                    _ if index % 6 == 2 => (Kind::Freezer, numbered("freezer", &mut freezers)),
                    _ => (Kind::Fridge, numbered("geladeira", &mut fridges)),
                };
                (SensorId::Text(name), Device::new(kind, random.fork()))
            })
            .collect();
        Self { weather, devices, at }
    }

    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Goes on to `at` and reads every sensor.
    pub fn read_at(&mut self, at: UtcMicros) -> (Vec<NewReading>, Vec<Event>) {
        let seconds = at.since(self.at).max(0) as f64 / SECOND as f64;
        self.at = at;
        let around = self.weather.step(seconds);
        let mut events = Vec::new();
        let readings = self
            .devices
            .iter_mut()
            .map(|(sensor_id, device)| {
                let mut happenings = Vec::new();
                let values = device.step(seconds, around, &mut happenings);
                let event = |happening| Event { sensor_id: sensor_id.clone(), happening };
                events.extend(happenings.into_iter().map(event));
                NewReading {
                    sensor_id: sensor_id.clone(),
                    temperature: values.temperature,
                    humidity: values.humidity,
                    pressure: values.pressure,
                    measured_at: at,
                    battery_percent: None,
                }
            })
            .collect();
        (readings, events)
    }
}

fn numbered(name: &str, counter: &mut usize) -> String {
    *counter += 1;
    format!("{name}-{counter}")
}

#[cfg(test)]
mod tests {
    use super::Fleet;
    use tillwatch_shared::UtcMicros;
    use tillwatch_shared::time::{HOUR, SECOND};

    #[test]
    fn the_default_shop() {
        let mut fleet = Fleet::new(6, 1, UtcMicros(0));
        let (readings, _) = fleet.read_at(UtcMicros(SECOND));
        let names: Vec<String> = readings.iter().map(|r| r.sensor_id.to_string()).collect();
        assert_eq!(
            names,
            ["geladeira-1", "ambiente", "freezer-1", "geladeira-2", "geladeira-3", "geladeira-4"]
        );
    }

    #[test]
    fn the_same_seed_is_the_same_day() {
        let day = |seed| {
            let mut fleet = Fleet::new(6, seed, UtcMicros(0));
            (1..=24).map(|hour| fleet.read_at(UtcMicros(hour * HOUR)).0).collect::<Vec<_>>()
        };
        assert_eq!(day(4), day(4));
        assert_ne!(day(4), day(5));
    }
}
