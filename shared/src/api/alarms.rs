//! Alarms: the rules that watch, what they found, and who took care of it.

use super::wire;
use crate::ids::LotId;
use crate::{AlarmId, AlarmRuleId, PersonId, ProductId, QuietTimeId, SensorId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire! {
    /// What is watched for.
    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum AlarmKind {
        High,
        Low,
        Rate,
        Cumulative,
        Silent,
        Frozen,
        LowStock,
        Expiring,
        TillSilent,
        FeedBroken,
        ServerBehind,
        BatteryLow,
        BackupFailed,
        JournalDiffers,
    }

    /// Which value of a reading.
    #[derive(Copy, Eq, Hash, Default, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum Measure {
        /// °C
        #[default]
        Temperature,
        /// % relative humidity
        Humidity,
        /// hPa
        Pressure,
    }

    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum Severity {
        Notice,
        Warning,
        Critical,
    }

    /// What a rule looks at, and when it finds something. Times of readings are those at which they were measured.
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    pub enum AlarmWatch {
        /// Above the limit for so long; it is over when the value is back at the limit less the margin.
        High {
            #[serde(default)]
            measure: Measure,
            /// Absent, for temperatures: the upper end of the sensor's band.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            limit: Option<f64>,
            #[serde(default)]
            recovery_margin: f64,
            delay_seconds: i64,
        },
        /// The same below the limit.
        Low {
            #[serde(default)]
            measure: Measure,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            limit: Option<f64>,
            #[serde(default)]
            recovery_margin: f64,
            delay_seconds: i64,
        },
        /// Two readings within the window differ by more than this for each minute of the window.
        Rate {
            #[serde(default)]
            measure: Measure,
            per_minute: f64,
            window_seconds: i64,
        },
        /// Within the window, more than so many seconds out of band. A reading counts until the next one, but no
        /// longer than 15 minutes.
        Cumulative {
            #[serde(default)]
            measure: Measure,
            /// Absent, for temperatures: the ends of the sensor's band.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            low: Option<f64>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            high: Option<f64>,
            seconds: i64,
            window_seconds: i64,
        },
        /// No reading for so many of the sensor's usual intervals, and at least for so many seconds: none came, or
        /// none that was measured since.
        Silent { intervals: i64, at_least_seconds: i64 },
        /// The very same value for so long, in at least three readings.
        Frozen {
            #[serde(default)]
            measure: Measure,
            seconds: i64,
        },
        /// A product is at its minimum or below.
        LowStock {},
        /// Goods of a lot expire in fewer days than these; 0: they are expired.
        Expiring { days: i64 },
        /// A terminal sends nothing for so long while a drawer of its store is open (a cash session).
        TillSilent { seconds: i64 },
        /// A feed's file cannot be used. Feeds belong to no store: such a rule has none.
        FeedBroken {},
        /// A member of the group of servers lacks more entries of the log than so many, for so long; it is over when
        /// it lacks half as many or fewer. Servers belong to no store: such a rule has none.
        ServerBehind { entries: i64, seconds: i64 },
        /// A sensor's battery is below so many percent; it is over at the other figure.
        BatteryLow { percent: i64, recovery_percent: i64 },
        /// A backup that a server was asked for could not be made, or could not be restored on trial; it is over with
        /// the next one that passed. Such a rule has no store.
        BackupFailed {},
        /// A member of the group of servers has another journal than most of them. Such a rule has no store.
        JournalDiffers {},
    }

    /// A rule as a person sets it. One for a sensor counts more than one for all sensors of its store, and both
    /// count more than what Tillwatch watches for by itself.
    #[serde(deny_unknown_fields)]
    pub struct AlarmRuleSettings {
        /// Absent only for what belongs to no store.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub store_id: Option<StoreId>,
        /// One sensor of the store; all of them if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sensor_id: Option<SensorId>,
        pub watch: AlarmWatch,
        pub severity: Severity,
        /// False: this is not watched for.
        #[serde(default = "yes")]
        pub enabled: bool,
        /// What is to be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub instructions: Option<String>,
    }

    pub struct AlarmRule {
        pub id: AlarmRuleId,
        /// Nobody set it: Tillwatch watches for this by itself. Setting a rule under its id changes that.
        pub is_default: bool,
        pub settings: AlarmRuleSettings,
    }

    /// What an alarm is about.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum AlarmSubject {
        Sensor { sensor_id: SensorId },
        Product { product_id: ProductId },
        Lot { lot_id: LotId },
        Terminal { client: String },
        Feed { feed: String },
        /// A member of the group of servers.
        Server { member: u64 },
        /// The backups of a server; of a member of a group with its number.
        Backups {
            #[serde(default, skip_serializing_if = "Option::is_none")]
            member: Option<u64>,
        },
    }

    /// Somebody took care of it.
    #[derive(Eq)]
    pub struct Acknowledgement {
        pub person_id: PersonId,
        pub person_name: String,
        pub reason: String,
        pub action: String,
        pub at: UtcMicros,
    }

    /// A server of a group told somebody of an alarm, by webhook or e-mail. The others know by it that this was done.
    #[derive(Eq)]
    pub struct AlarmTold {
        pub alarm_id: AlarmId,
        /// What the alarm's subject was called.
        pub name: String,
        /// What each attempt carries: a webhook as `Idempotency-Key`, an e-mail in its `Message-ID`.
        pub message_id: Uuid,
        /// False: it could not be told, and nobody tries any more.
        pub told: bool,
    }

    /// Something that a rule found. Of a subject, kind and measure one alarm at most is open.
    pub struct Alarm {
        pub id: AlarmId,
        /// Counts the alarms of the ledger; the place for cursors.
        pub number: i64,
        pub rule_id: AlarmRuleId,
        pub kind: AlarmKind,
        pub measure: Option<Measure>,
        pub severity: Severity,
        /// Absent for what belongs to no store.
        pub store_id: Option<StoreId>,
        pub subject: AlarmSubject,
        /// What the subject was called then.
        pub name: String,
        /// The limit that was passed. In °C, % or hPa; for rates in these for each minute; in seconds for the kinds
        /// `cumulative`, `silent`, `frozen` and `till_silent`; in units for `low_stock`; in days for `expiring`;
        /// in entries of the log for `server_behind`; in % for `battery_low`.
        pub limit: Option<f64>,
        /// The worst value until now or until the end, in the limit's unit.
        pub worst: Option<f64>,
        pub began_at: UtcMicros,
        /// When the rule was fulfilled, by the readings' time where it is about readings.
        pub fired_at: UtcMicros,
        pub ended_at: Option<UtcMicros>,
        /// It was found more than a minute after it fired, or when it was over: the readings came late.
        pub retroactive: bool,
        /// It began in a quiet time: nobody is told before that ends.
        pub quiet: bool,
        pub instructions: Option<String>,
        pub acknowledgement: Option<Acknowledgement>,
    }

    /// One step of an alarm's history.
    pub struct AlarmStep {
        pub at: UtcMicros,
        pub what: AlarmStepKind,
        /// Who did it; absent where the server did.
        pub person_name: Option<String>,
        /// The corrective action, or the recipient and what went wrong.
        pub detail: Option<String>,
    }

    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum AlarmStepKind {
        Opened,
        Acknowledged,
        Cleared,
        Told,
        NotTold,
    }

    /// An alarm and what happened to it, oldest first.
    pub struct AlarmHistory {
        pub alarm: Alarm,
        pub steps: Vec<AlarmStep>,
    }

    /// Whether there is news of alarms.
    #[derive(Copy, Eq)]
    pub struct AlarmTurns {
        /// One was opened, acknowledged or cleared after the place that was asked about.
        pub turned: bool,
    }

    /// What became of a trial for one recipient.
    #[derive(Eq)]
    pub struct Telling {
        /// The mail address, or the host of a webhook.
        pub recipient: String,
        /// Told only of alarms that nobody takes care of.
        pub second: bool,
        pub told: bool,
        /// What the mail server or the webhook said, or why it could not be reached.
        pub answer: String,
    }

    #[derive(Eq)]
    #[serde(deny_unknown_fields)]
    pub struct NewAcknowledgement {
        /// Why it came to this.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
        /// What was done about it.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub action: String,
    }

    /// For a time alarms are recorded and shown, but nobody is told.
    #[serde(deny_unknown_fields)]
    pub struct QuietTimeSettings {
        pub store_id: StoreId,
        /// One sensor of the store; everything in it if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sensor_id: Option<SensorId>,
        /// One kind of alarm; all if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub alarm_kind: Option<AlarmKind>,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
        /// Now, if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<UtcMicros>,
        /// At most 30 days after its begin.
        pub until: UtcMicros,
    }

    pub struct QuietTime {
        pub id: QuietTimeId,
        pub settings: QuietTimeSettings,
        pub from: UtcMicros,
        pub set_by: PersonId,
        pub set_by_name: String,
        pub set_at: UtcMicros,
    }

    /// A rule that is tried on what was measured, before it is set.
    #[serde(deny_unknown_fields)]
    pub struct NewRehearsal {
        pub rule: AlarmRuleSettings,
        /// 90 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 366))]
        pub days: Option<i64>,
    }

    /// One line of a rehearsal's answer: when the rule would have fired. A sensor's lines come by time, those about goods,
    /// lots and batteries as they ended; the last line of the answer is `done`. `readings` counts what was looked at:
    /// readings, movements of goods, levels of batteries, silences of tills, alarms that there were.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum RehearsalLine {
        Alarm {
            subject: AlarmSubject,
            name: String,
            began_at: UtcMicros,
            fired_at: UtcMicros,
            /// `null`: it goes on.
            ended_at: Option<UtcMicros>,
            /// `null`: there is nothing to be measured.
            worst: Option<f64>,
        },
        /// Nothing is known of what was before.
        KnownSince { at: UtcMicros },
        /// So far.
        Progress { readings: u64, percent: f64 },
        Done { alarms: u64, readings: u64 },
        /// It could not go on.
        Failed { reason: String },
    }
}

const fn yes() -> bool {
    true
}

impl AlarmWatch {
    pub const fn kind(&self) -> AlarmKind {
        match self {
            Self::High { .. } => AlarmKind::High,
            Self::Low { .. } => AlarmKind::Low,
            Self::Rate { .. } => AlarmKind::Rate,
            Self::Cumulative { .. } => AlarmKind::Cumulative,
            Self::Silent { .. } => AlarmKind::Silent,
            Self::Frozen { .. } => AlarmKind::Frozen,
            Self::LowStock {} => AlarmKind::LowStock,
            Self::Expiring { .. } => AlarmKind::Expiring,
            Self::TillSilent { .. } => AlarmKind::TillSilent,
            Self::FeedBroken {} => AlarmKind::FeedBroken,
            Self::ServerBehind { .. } => AlarmKind::ServerBehind,
            Self::BatteryLow { .. } => AlarmKind::BatteryLow,
            Self::BackupFailed {} => AlarmKind::BackupFailed,
            Self::JournalDiffers {} => AlarmKind::JournalDiffers,
        }
    }

    /// Which value of readings it looks at, if any.
    pub const fn measure(&self) -> Option<Measure> {
        match self {
            Self::High { measure, .. }
            | Self::Low { measure, .. }
            | Self::Rate { measure, .. }
            | Self::Cumulative { measure, .. }
            | Self::Frozen { measure, .. } => Some(*measure),
            Self::Silent { .. }
            | Self::LowStock {}
            | Self::Expiring { .. }
            | Self::TillSilent { .. }
            | Self::FeedBroken {}
            | Self::ServerBehind { .. }
            | Self::BatteryLow { .. }
            | Self::BackupFailed {}
            | Self::JournalDiffers {} => None,
        }
    }
}

impl AlarmKind {
    /// Whether it is about the readings of sensors.
    pub const fn of_readings(self) -> bool {
        match self {
            Self::High | Self::Low | Self::Rate | Self::Cumulative | Self::Silent | Self::Frozen => true,
            Self::LowStock
            | Self::Expiring
            | Self::TillSilent
            | Self::FeedBroken
            | Self::ServerBehind
            | Self::BatteryLow
            | Self::BackupFailed
            | Self::JournalDiffers => false,
        }
    }

    /// Whether it is about sensors: a rule may be for one of them.
    pub const fn of_sensors(self) -> bool {
        self.of_readings() || matches!(self, Self::BatteryLow)
    }

    /// Whether it is about what belongs to no store.
    pub const fn of_no_store(self) -> bool {
        matches!(self, Self::FeedBroken | Self::ServerBehind | Self::BackupFailed | Self::JournalDiffers)
    }
}

impl Measure {
    /// Its value among temperature, humidity and pressure.
    pub const fn of(self, [temperature, humidity, pressure]: [f64; 3]) -> f64 {
        match self {
            Self::Temperature => temperature,
            Self::Humidity => humidity,
            Self::Pressure => pressure,
        }
    }
}

/// A number as alarms keep it: to the thousandth, within a billion. So it is the same after each journey through text.
pub fn thousandths(value: f64) -> f64 {
    (value.clamp(-1e9, 1e9) * 1_000.0).round() / 1_000.0
}
