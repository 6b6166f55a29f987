//! How fridges, freezers and rooms behave: pure steps from a state and a time span to values.
//!
//! A cold cabinet is two masses: the air, which the sensor feels and which an open door warms in
//! seconds, and the goods, which change in hours and pull the air back. The thermostat switches the
//! compressor by the goods' side, so the curve is the saw-tooth of a real fridge. Humidity follows:
//! a running compressor dries the air, an open door and a defrost make it damp.

use tillwatch_shared::random::Random;

/// Longest span that is computed at once; longer ones are cut.
const SUBSTEP_SECONDS: f64 = 5.0;
const DAY_SECONDS: f64 = 86_400.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// °C
    pub temperature: f64,
    /// % relative humidity
    pub humidity: f64,
    /// hPa
    pub pressure: f64,
}

/// What all devices of a shop share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surroundings {
    /// Seconds since midnight, local time.
    pub time_of_day: f64,
    pub room_celsius: f64,
    pub room_humidity: f64,
    pub pressure_hpa: f64,
}

/// The weather outside and the shop's room within it.
#[derive(Clone, Debug)]
pub struct Weather {
    time_of_day: f64,
    /// Departure of the pressure from its mean, hPa.
    front: f64,
    random: Random,
}

impl Weather {
    pub fn new(time_of_day: f64, mut random: Random) -> Self {
        Self { time_of_day, front: random.normal(3.0), random }
    }

    /// Lets `seconds` go by.
    pub fn step(&mut self, seconds: f64) -> Surroundings {
        self.time_of_day = (self.time_of_day + seconds).rem_euclid(DAY_SECONDS);
        // Fronts come and go over about two days (an Ornstein–Uhlenbeck process).
        let memory = 2.0 * DAY_SECONDS;
        self.front +=
            -self.front * seconds / memory + self.random.normal(4.0 * (2.0 * seconds / memory).sqrt());
        let angle = std::f64::consts::TAU * self.time_of_day / DAY_SECONDS;
        // Warmest at 15 h; the air tide of the tropics has its peaks at 10 h and 22 h.
        let warmth = (angle - std::f64::consts::TAU * 9.0 / 24.0).sin();
        let tide = (2.0 * angle - std::f64::consts::TAU * 7.0 / 12.0).sin();
        Surroundings {
            time_of_day: self.time_of_day,
            room_celsius: 24.0 + 2.5 * warmth,
            room_humidity: 58.0 - 8.0 * warmth,
            pressure_hpa: 1013.2 + self.front + 1.3 * tide,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Fridge,
    Freezer,
    Room,
}

/// Something worth a line on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    DoorOpened,
    DoorClosed,
    DefrostBegan,
    DefrostEnded,
}

/// The fixed traits of a cold cabinet. Times in seconds, temperatures in °C, rates in °C/s.
#[derive(Clone, Debug)]
struct Cabinet {
    /// The compressor starts above the first and stops below the second.
    on_above: f64,
    off_below: f64,
    /// Goods to room through the walls.
    leak_time: f64,
    cooling_rate: f64,
    /// Air to room through the open door.
    door_time: f64,
    defrost_every: Option<f64>,
    defrost_seconds: f64,
    defrost_rate: f64,
    /// Openings an hour while the shop is open.
    openings_an_hour: f64,
    dry_humidity: f64,
    damp_humidity: f64,
}

#[derive(Clone, Debug)]
pub struct Device {
    cabinet: Option<Cabinet>,
    random: Random,
    air: f64,
    goods: f64,
    humidity: f64,
    compressor: bool,
    /// Seconds that the door stays open still; 0 when shut.
    door_open: f64,
    /// Seconds until the next defrost begins, and that the present one lasts still.
    until_defrost: f64,
    defrost_left: f64,
    pressure_offset: f64,
}

impl Device {
    /// A device as found running: somewhere in its cycle.
    pub fn new(kind: Kind, mut random: Random) -> Self {
        let cabinet = match kind {
            Kind::Fridge => Some(fridge(&mut random)),
            Kind::Freezer => Some(freezer(&mut random)),
            Kind::Room => None,
        };
        let goods = cabinet.as_ref().map_or(24.0, |c| random.between(c.off_below, c.on_above));
        let until_defrost = cabinet.as_ref().and_then(|c| c.defrost_every).unwrap_or(f64::INFINITY);
        Self {
            humidity: cabinet.as_ref().map_or(58.0, |c| c.dry_humidity),
            cabinet,
            air: goods,
            goods,
            compressor: random.unit() < 0.4,
            door_open: 0.0,
            until_defrost: until_defrost * random.between(0.05, 1.0),
            defrost_left: 0.0,
            pressure_offset: random.normal(0.3),
            random,
        }
    }

    /// Lets `seconds` go by and reads the sensor. What happened meanwhile is added to `happenings`.
    pub fn step(&mut self, seconds: f64, around: Surroundings, happenings: &mut Vec<Happening>) -> Values {
        let mut left = seconds;
        while left > 0.0 {
            let span = left.min(SUBSTEP_SECONDS);
            left -= span;
            match self.cabinet.clone() {
                Some(cabinet) => self.step_cabinet(&cabinet, span, around, happenings),
                None => self.step_room(span, around),
            }
        }
        Values {
            temperature: rounded(self.air + self.random.normal(0.04), 100.0),
            humidity: rounded((self.humidity + self.random.normal(0.25)).clamp(5.0, 99.0), 10.0),
            pressure: rounded(around.pressure_hpa + self.pressure_offset + self.random.normal(0.04), 100.0),
        }
    }

    /// People and doors disturb a room a little, minute by minute.
    fn step_room(&mut self, span: f64, around: Surroundings) {
        self.air += (around.room_celsius - self.air) * span / 900.0 + self.random.normal(0.02 * span.sqrt());
        self.humidity +=
            (around.room_humidity - self.humidity) * span / 900.0 + self.random.normal(0.05 * span.sqrt());
    }

    fn step_cabinet(
        &mut self,
        cabinet: &Cabinet,
        span: f64,
        around: Surroundings,
        happenings: &mut Vec<Happening>,
    ) {
        self.move_door(cabinet, span, around.time_of_day, happenings);
        self.move_defrost(cabinet, span, happenings);
        let defrosting = self.defrost_left > 0.0;
        if defrosting || self.goods < cabinet.off_below {
            self.compressor = false;
        } else if self.goods > cabinet.on_above {
            self.compressor = true;
        }
        let heat = match (defrosting, self.compressor) {
            (true, _) => cabinet.defrost_rate,
            (false, true) => -cabinet.cooling_rate,
            (false, false) => 0.0,
        };
        let open = self.door_open > 0.0;
        let outside = around.room_celsius - self.air;
        let door = if open { outside / cabinet.door_time } else { 0.0 };
        // The evaporator and the heater sit in the air stream: the air leads, the goods follow.
        let lead = if heat == 0.0 { 0.0 } else { heat * 0.6 };
        let exchange = self.air - self.goods;
        self.goods +=
            ((around.room_celsius - self.goods) / cabinet.leak_time + heat + exchange / 2400.0) * span;
        self.air += (-exchange / 180.0 + door + lead) * span;
        self.step_humidity(cabinet, span, open, defrosting);
    }

    fn step_humidity(&mut self, cabinet: &Cabinet, span: f64, open: bool, defrosting: bool) {
        let (target, time) = match (open, defrosting, self.compressor) {
            (true, _, _) => (92.0, 25.0),
            (false, true, _) => (88.0, 300.0),
            (false, false, true) => (cabinet.dry_humidity, 500.0),
            (false, false, false) => (cabinet.damp_humidity, 600.0),
        };
        self.humidity += (target - self.humidity) * (span / time).min(1.0);
    }

    fn move_door(&mut self, cabinet: &Cabinet, span: f64, time_of_day: f64, happenings: &mut Vec<Happening>) {
        if self.door_open > 0.0 {
            self.door_open -= span;
            if self.door_open <= 0.0 {
                self.door_open = 0.0;
                happenings.push(Happening::DoorClosed);
            }
            return;
        }
        let hour = time_of_day / 3600.0;
        let busy = if (7.5..20.5).contains(&hour) { 1.0 } else { 0.04 };
        if self.random.unit() < cabinet.openings_an_hour * busy * span / 3600.0 {
            // Mostly a quick grab, now and then somebody stocks the shelf.
            let stocking = self.random.unit() < 0.12;
            self.door_open =
                if stocking { self.random.between(60.0, 110.0) } else { self.random.between(8.0, 35.0) };
            happenings.push(Happening::DoorOpened);
        }
    }

    fn move_defrost(&mut self, cabinet: &Cabinet, span: f64, happenings: &mut Vec<Happening>) {
        if self.defrost_left > 0.0 {
            self.defrost_left -= span;
            if self.defrost_left <= 0.0 {
                self.defrost_left = 0.0;
                happenings.push(Happening::DefrostEnded);
            }
            return;
        }
        self.until_defrost -= span;
        if self.until_defrost <= 0.0 {
            self.until_defrost = cabinet.defrost_every.unwrap_or(f64::INFINITY);
            self.defrost_left = cabinet.defrost_seconds;
            happenings.push(Happening::DefrostBegan);
        }
    }
}

/// 2–8 °C: on for about eight minutes, off for about twelve.
fn fridge(random: &mut Random) -> Cabinet {
    let middle = random.between(4.4, 5.2);
    Cabinet {
        on_above: middle + 1.0,
        off_below: middle - 1.0,
        leak_time: random.between(5500.0, 7500.0),
        cooling_rate: random.between(0.0070, 0.0085),
        door_time: 150.0,
        defrost_every: None,
        defrost_seconds: 0.0,
        defrost_rate: 0.0,
        openings_an_hour: random.between(2.0, 4.0),
        dry_humidity: random.between(48.0, 54.0),
        damp_humidity: random.between(62.0, 68.0),
    }
}

/// −18 °C, defrosted every eight hours for twenty minutes.
fn freezer(random: &mut Random) -> Cabinet {
    Cabinet {
        on_above: -17.0,
        off_below: -19.6,
        leak_time: random.between(17_000.0, 20_000.0),
        cooling_rate: random.between(0.0055, 0.0065),
        door_time: 400.0,
        defrost_every: Some(8.0 * 3600.0),
        defrost_seconds: 1200.0,
        defrost_rate: 0.0045,
        openings_an_hour: 0.8,
        dry_humidity: 52.0,
        damp_humidity: 62.0,
    }
}

/// As a sensor with so many steps to the unit reports it.
fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Device, Happening, Kind, Surroundings, Values, Weather};
    use tillwatch_shared::random::Random;

    const NOON: f64 = 12.0 * 3600.0;

    /// A day of readings, one every ten seconds.
    fn day(kind: Kind, seed: u64) -> (Vec<Values>, Vec<(usize, Happening)>) {
        let mut weather = Weather::new(NOON, Random::new(seed));
        let mut device = Device::new(kind, Random::new(seed + 1));
        let (mut values, mut log) = (Vec::new(), Vec::new());
        for step in 0..8640 {
            let mut happenings = Vec::new();
            values.push(device.step(10.0, weather.step(10.0), &mut happenings));
            log.extend(happenings.into_iter().map(|happening| (step, happening)));
        }
        (values, log)
    }

    fn share(values: &[Values], within: impl Fn(f64) -> bool) -> f64 {
        values.iter().filter(|v| within(v.temperature)).count() as f64 / values.len() as f64
    }

    #[test]
    fn a_fridge_keeps_its_band_but_for_open_doors() {
        for seed in 0..20 {
            let (values, _) = day(Kind::Fridge, seed);
            assert!(share(&values, |t| (2.0..=8.0).contains(&t)) > 0.95, "seed {seed}");
            assert!(share(&values, |t| (0.0..=16.0).contains(&t)) >= 1.0, "seed {seed}");
        }
    }

    #[test]
    fn a_fridge_swings_with_its_compressor() {
        let (values, _) = day(Kind::Fridge, 3);
        // At night nobody opens the door; count how often the curve crosses its mean upwards.
        let night: Vec<f64> = values[4700..6500].iter().map(|v| v.temperature).collect();
        let mean = night.iter().sum::<f64>() / night.len() as f64;
        let smooth: Vec<f64> = night.windows(12).map(|w| w.iter().sum::<f64>() / w.len() as f64).collect();
        let rises = smooth.windows(2).filter(|w| w[0] < mean && w[1] >= mean).count();
        assert!((8..=30).contains(&rises), "{rises} cycles in five hours");
    }

    #[test]
    fn an_open_door_warms_and_dampens_and_passes() {
        let (values, log) = day(Kind::Fridge, 5);
        let longest = log
            .windows(2)
            .filter(|pair| pair[0].1 == Happening::DoorOpened && pair[1].0 + 180 < values.len())
            .max_by_key(|pair| pair[1].0 - pair[0].0)
            .map(|pair| (pair[0].0, pair[1].0))
            .unwrap();
        let before = values[longest.0 - 1];
        let after = values[longest.1];
        assert!(after.temperature > before.temperature + 1.0, "{before:?} {after:?}");
        assert!(after.humidity > before.humidity + 10.0, "{before:?} {after:?}");
        assert!(values[longest.1 + 180].temperature < after.temperature - 0.5);
    }

    #[test]
    fn a_freezer_defrosts_three_times_a_day() {
        let (values, log) = day(Kind::Freezer, 1);
        let defrosts = log.iter().filter(|(_, h)| *h == Happening::DefrostBegan).count();
        assert!((2..=4).contains(&defrosts), "{defrosts}");
        assert!(share(&values, |t| t < -15.0) > 0.85);
        let highest = values.iter().map(|v| v.temperature).fold(f64::NEG_INFINITY, f64::max);
        assert!((-15.0..0.0).contains(&highest), "{highest}");
    }

    #[test]
    fn a_room_follows_the_day() {
        let (values, log) = day(Kind::Room, 1);
        assert_eq!(log, []);
        assert!(share(&values, |t| (19.0..30.0).contains(&t)) >= 1.0);
        // Three in the afternoon is warmer than three in the morning.
        assert!(values[1080].temperature > values[5400].temperature + 2.0);
    }

    #[test]
    fn pressure_drifts_slowly() {
        for seed in 0..10 {
            let (values, _) = day(Kind::Room, seed);
            assert!(values.iter().all(|v| (980.0..1045.0).contains(&v.pressure)), "seed {seed}");
            let jump = values.windows(2).map(|w| (w[1].pressure - w[0].pressure).abs()).fold(0.0, f64::max);
            assert!(jump < 1.0, "seed {seed}: {jump}");
        }
    }

    proptest! {
        #[test]
        fn any_span_gives_sensible_values(seed: u64, seconds in 0.0..100_000.0_f64) {
            let around = Surroundings {
                time_of_day: NOON, room_celsius: 30.0, room_humidity: 50.0, pressure_hpa: 1000.0,
            };
            for kind in [Kind::Fridge, Kind::Freezer, Kind::Room] {
                let values = Device::new(kind, Random::new(seed)).step(seconds, around, &mut Vec::new());
                prop_assert!((-30.0..40.0).contains(&values.temperature));
                prop_assert!((5.0..=99.0).contains(&values.humidity));
                prop_assert!(values.pressure.is_finite());
            }
        }
    }
}
