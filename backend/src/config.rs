//! Settings: the command line, the environment and a `.env` file, read once at the start.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use tillwatch_shared::time::DEFAULT_ZONE;

/// How the server is to run, from the command line and the environment.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Address and port; port 0 picks a free one.
    #[arg(long, env = "TILLWATCH_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// Where everything is kept. Without it: the user's data directory, or with --demo one that is thrown away.
    #[arg(long, env = "TILLWATCH_DATA_DIR", value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Demonstration: people, stores, products and sales to try things with; every password is 1234.
    #[arg(long, env = "TILLWATCH_DEMO")]
    pub demo: bool,
    /// People may register themselves and become managers. Always on with --demo.
    #[arg(long, env = "TILLWATCH_OPEN_REGISTRATION")]
    pub open_registration: bool,
    /// The time zone of new stores and of the sensor answers.
    #[arg(long, env = "TILLWATCH_ZONE", default_value = DEFAULT_ZONE, value_name = "IANA ZONE")]
    pub zone: String,
    /// Threads that serve connections.
    #[arg(long, env = "TILLWATCH_WORKERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: u16,
    /// A key that devices may write readings with.
    #[arg(long, env = "API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// A key for the live readings.
    #[arg(long, env = "API_KEY_WS", hide_env_values = true, value_name = "KEY")]
    pub api_key_ws: Option<String>,
    /// Adds a route that answers a reading without storing it, for measurements.
    #[arg(long, hide = true)]
    pub bench_routes: bool,
}

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub data_dir: PathBuf,
    pub demo: bool,
    pub open_registration: bool,
    pub zone: String,
    pub time_zone: TimeZone,
    pub workers: usize,
    pub api_key: Option<Key>,
    pub api_key_ws: Option<Key>,
    pub bench_routes: bool,
}

/// A key from the environment. Its debug form says nothing.
#[derive(Clone)]
pub struct Key(pub String);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// The key that demonstration devices use where the environment sets none.
pub const DEMO_KEY: &str = "demo";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("--zone {0}: no such time zone; one is like America/Sao_Paulo")]
    Zone(String),
    #[error("no home directory was found: name one with --data-dir DIR")]
    NoDataDir,
}

impl Settings {
    /// Settings for this command line; `data_dir` is where the data lies.
    pub fn new(args: &ServeArgs, data_dir: PathBuf) -> Result<Self, ConfigError> {
        let time_zone = TimeZone::get(&args.zone).map_err(|_| ConfigError::Zone(args.zone.clone()))?;
        let demo_key = args.demo.then(|| DEMO_KEY.to_owned());
        Ok(Self {
            data_dir,
            demo: args.demo,
            open_registration: args.demo || args.open_registration,
            zone: args.zone.clone(),
            time_zone,
            workers: usize::from(args.workers),
            api_key: args.api_key.clone().filter(|key| !key.is_empty()).or(demo_key.clone()).map(Key),
            api_key_ws: args.api_key_ws.clone().filter(|key| !key.is_empty()).or(demo_key).map(Key),
            bench_routes: args.bench_routes,
        })
    }
}

/// The usual place of the data of a shop.
pub fn usual_data_dir() -> Result<PathBuf, ConfigError> {
    let dirs = directories::ProjectDirs::from("", "", "tillwatch").ok_or(ConfigError::NoDataDir)?;
    Ok(dirs.data_local_dir().join("server"))
}
