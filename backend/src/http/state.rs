//! What every handler can reach.

use std::sync::Mutex;

use metrics_exporter_prometheus::PrometheusHandle;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{ReadingsHeld, ServerInfo};

use super::kept_sheets::KeptSheets;
use super::rehearsal::Rehearsals;
use crate::alarms;
use crate::auth::keyring::Keyring;
use crate::auth::passwords::Passwords;
use crate::auth::throttle::Throttle;
use crate::auth::tokens::Tokens;
use crate::backups::Backups;
use crate::batteries::Batteries;
use crate::clock::Clock;
use crate::config::Settings;
use crate::feeds::status::Board;
use crate::group::here::View;
use crate::ledger::{Ledger, queries};
use crate::live::Live;
use crate::pulse::Pulse;
use crate::telemetry::{Telemetry, Waiting};
use crate::tls::Tls;
use crate::told::Told;

#[derive(Debug)]
pub struct App {
    pub ledger: Ledger,
    /// Absent where the server is by itself.
    pub group: Option<View>,
    pub telemetry: Telemetry,
    pub pulse: Pulse,
    pub live: Live,
    pub clock: Clock,
    pub settings: Settings,
    /// The files that are followed.
    pub feeds: Board,
    pub alarms: alarms::Board,
    pub batteries: Batteries,
    pub rehearsals: Rehearsals,
    pub kept_sheets: KeptSheets,
    pub backups: Backups,
    /// Absent where nobody is told of alarms.
    pub told: Option<Told>,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub throttle: Throttle,
    /// PINs are few, so wrong ones cost more.
    pub pin_throttle: Throttle,
    pub keyring: Keyring,
    /// The code of the first start, until it was used.
    pub setup_code: Mutex<Option<String>>,
    pub metrics: Option<PrometheusHandle>,
    /// Absent where the server speaks plain HTTP.
    pub tls: Option<Tls>,
}

impl App {
    pub fn now(&self) -> UtcMicros {
        self.clock.now()
    }

    /// Whether a member of a group waits for readings that the others have.
    pub fn lacks_readings(&self) -> bool {
        self.group.as_ref().is_some_and(View::lacks_readings)
    }

    /// Takes the keys from the ledger into memory: at the start, and after each change.
    pub fn reload_keys(&self) -> rusqlite::Result<()> {
        self.keyring.load(self.ledger.read(queries::keys::usable)?);
        self.live.recheck();
        Ok(())
    }

    pub fn info(&self) -> rusqlite::Result<ServerInfo> {
        Ok(ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            demo: self.settings.demo,
            open_registration: self.settings.open_registration,
            needs_setup: !self.ledger.read(queries::people::anybody)?,
            zone: self.settings.zone.clone(),
            server_at: self.now(),
            readings_held: self.telemetry.waiting().map(|waiting| held(&waiting, self.now())),
        })
    }
}

fn held(waiting: &Waiting, now: UtcMicros) -> ReadingsHeld {
    let away_for = i64::try_from(waiting.away_for.as_micros()).unwrap_or(i64::MAX);
    ReadingsHeld {
        since: now.plus(-away_for),
        readings: waiting.readings,
        bytes: waiting.bytes,
        room_bytes: waiting.room_bytes,
        refused: waiting.refused,
    }
}
