//! The monthly temperature sheet of one piece of equipment, as it is filed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Annotation, Calibration, SensorKind, wire};
use crate::tax_id::Cnpj;
use crate::{SensorId, UtcMicros};

wire! {
    /// A part of the store's day: until noon, until six in the evening, until midnight.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum Shift {
        Morning,
        Afternoon,
        Night,
    }

    /// What the thermometer showed in one shift.
    pub struct ShiftTemperature {
        pub shift: Shift,
        /// When `current_celsius` was measured.
        pub at: UtcMicros,
        /// At the shift's usual hour (8, 14, 20), or nearest to it.
        pub current_celsius: f64,
        pub min_celsius: f64,
        pub max_celsius: f64,
    }

    pub struct SheetDay {
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub day: Date,
        /// Shifts without a reading are left out.
        pub shifts: Vec<ShiftTemperature>,
    }

    /// Which limit was passed.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum BandSide {
        Low,
        High,
    }

    /// A time out of the band.
    pub struct Excursion {
        pub side: BandSide,
        pub start: UtcMicros,
        /// `null` while it lasts.
        pub end: Option<UtcMicros>,
        /// Until the end, or until the last reading.
        pub seconds: i64,
        /// The furthest from the band.
        pub peak_celsius: f64,
        /// What was done about it and by whom, as the acknowledgement of its alarm says.
        pub action: Option<String>,
        pub person_name: Option<String>,
    }

    pub struct TemperatureSheet {
        pub sensor_id: SensorId,
        /// The equipment.
        pub sensor_name: String,
        pub kind: SensorKind,
        /// The establishment.
        pub store_name: String,
        pub store_cnpj: Option<Cnpj>,
        /// Whoever answers for it, as the request told.
        pub responsible: Option<String>,
        /// Its first day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        pub month: Date,
        /// IANA time zone of the days.
        pub zone: String,
        pub low_celsius: Option<f64>,
        pub high_celsius: Option<f64>,
        pub readings: i64,
        /// Hours of the month, as far as it is over, without a reading.
        pub silent_hours: i64,
        /// `null` in a month without readings, as are the next three.
        pub min_celsius: Option<f64>,
        pub max_celsius: Option<f64>,
        pub mean_celsius: Option<f64>,
        /// With an activation energy of 83.144 kJ/mol.
        pub mean_kinetic_celsius: Option<f64>,
        pub days: Vec<SheetDay>,
        /// Oldest first, to the minute.
        pub excursions: Vec<Excursion>,
        /// Those that count in the month, oldest first; all temperatures of the sheet are corrected by them.
        #[serde(default)]
        pub calibrations: Vec<Calibration>,
        /// What people noted about times of the month, oldest first.
        #[serde(default)]
        pub annotations: Vec<Annotation>,
        pub server_at: UtcMicros,
    }
}

impl Shift {
    /// The one in which this hour of the store's day lies.
    pub const fn of_hour(hour: i8) -> Self {
        match hour {
            ..12 => Self::Morning,
            12..18 => Self::Afternoon,
            _ => Self::Night,
        }
    }
}

impl TemperatureSheet {
    /// What was done about the excursions that began in this shift of the store's day.
    pub fn actions(&self, day: Date, shift: Shift, zone: &TimeZone) -> String {
        let began = |excursion: &&Excursion| {
            let at = excursion.start.timestamp().to_zoned(zone.clone());
            at.date() == day && Shift::of_hour(at.hour()) == shift
        };
        let actions = self.excursions.iter().filter(began).filter_map(|one| one.action.as_deref());
        actions.collect::<Vec<_>>().join("; ")
    }
}
