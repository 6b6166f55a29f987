//! Settings: the command line, the environment and a `.env` file, read once at the start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;
use tillwatch_shared::time::DEFAULT_ZONE;

use crate::feeds::{FeedPath, OnUnknown};
use crate::group::file::{FileError, GroupFile};
use crate::http::proxies::Proxies;
use crate::live;
use crate::nightly::Nightly;
use crate::telemetry::{DatabaseUrl, Place, PostgresPlace};
use crate::tls;
use crate::told::Recipients;
use crate::told::settings::{ToldArgs, ToldError, written};

/// Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Shops are closed then.
const USUAL_NIGHT: Nightly = Nightly::At(jiff::civil::time(3, 30, 0, 0));

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
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Proxies in front of the server (addresses or networks like 10.0.0.0/8): what they say in
    /// `X-Forwarded-For` is believed, and nobody else.
    #[arg(long, env = "TILLWATCH_TRUST_PROXY", value_delimiter = ',', value_name = "ADDRESS[/BITS]")]
    pub trust_proxy: Vec<String>,
    /// Seconds between the server's pings on a pulse; after three without a sign of life it gives the terminal up.
    #[arg(long, env = "TILLWATCH_PULSE_PING_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300), value_name = "SECONDS")]
    pub pulse_ping_seconds: u16,
    /// Live connections that one key may have at the same time; 0 for no limit.
    #[arg(long, env = "MAX_WS_CONNECTIONS_PER_KEY", default_value_t = 0, value_name = "COUNT")]
    pub max_ws_connections_per_key: u32,
    /// Readings that a live client may be behind before it is dropped. Less than a batch of a device with a
    /// backlog (10,000) drops clients that are not slow.
    #[arg(long, env = "TILLWATCH_LIVE_BACKLOG", default_value_t = 32_768, value_name = "READINGS",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub live_backlog: u32,
    /// Seconds between two questions whether a live client is still there; one that does not answer is dropped, and
    /// so is any connection whose other end takes nothing of what is sent to it for so long.
    #[arg(long, env = "TILLWATCH_LIVE_PING", default_value_t = 30, value_name = "SECONDS",
        value_parser = clap::value_parser!(u16).range(1..=600))]
    pub live_ping: u16,
    /// Where the readings are kept: postgres://… puts them into PostgreSQL. Without it: a file in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", global = true)]
    pub database_url: Option<String>,
    /// Days for which single readings are kept; of older ones the count, minimum, maximum and mean of each hour
    /// stay. Without it: for ever.
    #[arg(long, env = "TILLWATCH_READINGS_KEEP_DAYS", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(7..=36_500))]
    pub readings_keep_days: Option<u32>,
    /// Mebibytes of readings that may wait on disk while PostgreSQL is away.
    #[arg(long, env = "TILLWATCH_SPOOL_MIB", value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_024))]
    pub spool_mib: u32,
    /// A file of another program's records to follow, as NAME=PATH; may be given several times (in the
    /// environment separated by semicolons).
    #[arg(long = "feed", env = "TILLWATCH_FEEDS", value_name = "NAME=PATH", value_delimiter = ';')]
    pub feeds: Vec<FeedPath>,
    /// What happens to a feed's sale whose store, seller or product nobody knows.
    #[arg(long, env = "TILLWATCH_FEED_UNKNOWN", value_enum, default_value_t)]
    pub feed_unknown: OnUnknown,
    /// When the server makes a backup by itself, each night, by its time zone; `off` for never. Never with --demo.
    #[arg(long, env = "TILLWATCH_NIGHTLY_BACKUP", default_value_t = USUAL_NIGHT, value_name = "HH:MM|off")]
    pub nightly_backup: Nightly,
    /// This server is one of several; the file says which, and who the others are.
    #[arg(long, env = "TILLWATCH_GROUP", value_name = "FILE", global = true)]
    pub group: Option<PathBuf>,
    #[command(flatten)]
    pub told: ToldArgs,
    /// Who looks for alarms: the server, or a test when it wants.
    #[arg(long, hide = true, value_enum, default_value_t)]
    pub alarms_by: AlarmsBy,
    /// Adds a route that answers a reading without storing it, for measurements.
    #[arg(long, hide = true)]
    pub bench_routes: bool,
}

/// Who looks for alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum AlarmsBy {
    #[default]
    Server,
    Hand,
}

/// HTTPS by the server itself: certificate files, or an ACME directory.
#[derive(Args, Clone, Debug)]
pub struct TlsArgs {
    /// Serves HTTPS with this certificate chain (PEM), and reads it again when it changes.
    #[arg(long, env = "TILLWATCH_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM).
    #[arg(long, env = "TILLWATCH_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// How often the certificate files are looked at, in seconds. SIGHUP asks for it at once.
    #[arg(
        long, env = "TILLWATCH_TLS_CHECK_SECONDS", default_value_t = 10, value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    pub tls_check_seconds: u32,
    /// Sends people who come to this address over plain HTTP on to HTTPS; nothing else is answered there.
    #[arg(long, env = "TILLWATCH_HTTP_REDIRECT", value_name = "ADDR:PORT")]
    pub http_redirect: Option<SocketAddr>,
    /// The port that people reach HTTPS at, where that is another than the one of --listen.
    #[arg(long, env = "TILLWATCH_HTTPS_PORT", requires = "http_redirect", value_name = "PORT",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub https_port: Option<u16>,
    /// Serves HTTPS with certificates for these names, ordered from an ACME directory. The directory must
    /// reach this server at port 443 of each name. This accepts the directory's terms of service.
    #[arg(
        long,
        env = "TILLWATCH_ACME_DOMAIN",
        value_delimiter = ',',
        conflicts_with = "tls_cert",
        value_name = "NAME"
    )]
    pub acme_domain: Vec<String>,
    /// Where the directory may write to about the certificates.
    #[arg(long, env = "TILLWATCH_ACME_CONTACT", value_delimiter = ',', value_name = "EMAIL")]
    pub acme_contact: Vec<String>,
    /// The ACME directory.
    #[arg(long, env = "TILLWATCH_ACME_DIRECTORY", default_value = LETS_ENCRYPT, value_name = "URL")]
    pub acme_directory: String,
    /// The authority (PEM) that the directory's own certificate is checked with, instead of the system's.
    #[arg(long, env = "TILLWATCH_ACME_CA", value_name = "FILE")]
    pub acme_ca: Option<PathBuf>,
}

impl TlsArgs {
    /// Where certificates come from; nothing means plain HTTP.
    pub fn source(&self) -> Option<tls::Source> {
        if let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let check_every = Duration::from_secs(self.tls_check_seconds.into());
            return Some(tls::Source::Files { cert: cert.clone(), key: key.clone(), check_every });
        }
        let domains = written(&self.acme_domain);
        let address = |text: String| if text.contains(':') { text } else { format!("mailto:{text}") };
        (!domains.is_empty()).then(|| tls::Source::Acme {
            domains,
            contacts: written(&self.acme_contact).into_iter().map(address).collect(),
            directory: self.acme_directory.clone(),
            ca: self.acme_ca.clone(),
        })
    }
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
    pub tls: Option<tls::Source>,
    pub http_redirect: Option<SocketAddr>,
    pub https_port: Option<u16>,
    pub trust_proxy: Proxies,
    pub pulse_ping: Duration,
    pub live: live::Options,
    pub feeds: Vec<FeedPath>,
    pub feed_unknown: OnUnknown,
    pub bench_routes: bool,
    pub alarms_by: AlarmsBy,
    pub nightly: Nightly,
    /// Who is told of alarms.
    pub told: Recipients,
    /// The group that this server is one of.
    pub group: Option<GroupFile>,
    /// Where the readings are kept.
    pub readings: Place,
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
    #[error(
        "DATABASE_URL must begin with postgres:// or postgresql://, or be left out for the embedded database"
    )]
    DatabaseUrl,
    #[error("--zone {0}: no such time zone; one is like America/Sao_Paulo")]
    Zone(String),
    #[error("--trust-proxy {0}: not an address like 10.0.0.2 or a network like 10.0.0.0/8")]
    Proxy(String),
    #[error("no home directory was found: name one with --data-dir DIR")]
    NoDataDir,
    #[error("--http-redirect sends people to HTTPS: give --tls-cert and --tls-key, or --acme-domain, too")]
    NowhereToSend,
    #[error(transparent)]
    Told(#[from] ToldError),
    #[error("--group {0}")]
    Group(#[from] FileError),
    #[error("--feed: {0} is named twice")]
    FeedTwice(String),
}

impl ServeArgs {
    /// Where the readings are kept.
    pub fn readings(&self) -> Result<Place, ConfigError> {
        match self.database_url.as_deref().map(str::trim) {
            None | Some("") => Ok(Place::Embedded { keep_days: self.readings_keep_days }),
            Some(url) if is_postgres(url) => Ok(Place::Postgres(PostgresPlace {
                url: DatabaseUrl(url.to_owned()),
                keep_days: self.readings_keep_days,
                spool_bytes: u64::from(self.spool_mib) * 1024 * 1024,
            })),
            Some(_) => Err(ConfigError::DatabaseUrl),
        }
    }
}

/// Whether a URL names a PostgreSQL database.
pub fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

impl Settings {
    /// Settings for this command line; `data_dir` is where the data lies.
    pub fn new(args: &ServeArgs, data_dir: PathBuf) -> Result<Self, ConfigError> {
        let time_zone = TimeZone::get(&args.zone).map_err(|_| ConfigError::Zone(args.zone.clone()))?;
        for (position, feed) in args.feeds.iter().enumerate() {
            if args.feeds.iter().take(position).any(|other| other.name == feed.name) {
                return Err(ConfigError::FeedTwice(feed.name.clone()));
            }
        }
        let tls = args.tls.source();
        if args.tls.http_redirect.is_some() && tls.is_none() {
            return Err(ConfigError::NowhereToSend);
        }
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
            tls,
            http_redirect: args.tls.http_redirect,
            https_port: args.tls.https_port,
            trust_proxy: Proxies::new(&args.trust_proxy).map_err(ConfigError::Proxy)?,
            pulse_ping: Duration::from_secs(args.pulse_ping_seconds.into()),
            live: live::Options {
                backlog: usize::try_from(args.live_backlog).unwrap_or(usize::MAX),
                connections_per_key: usize::try_from(args.max_ws_connections_per_key).unwrap_or(usize::MAX),
                ping: Duration::from_secs(args.live_ping.into()),
            },
            feeds: args.feeds.clone(),
            feed_unknown: args.feed_unknown,
            bench_routes: args.bench_routes,
            alarms_by: args.alarms_by,
            nightly: if args.demo { Nightly::Off } else { args.nightly_backup },
            told: args.told.recipients()?,
            group: args.group.as_deref().map(GroupFile::read).transpose()?,
            readings: args.readings()?,
        })
    }
}

/// The usual place of the data of a shop.
pub fn usual_data_dir() -> Result<PathBuf, ConfigError> {
    let dirs = directories::ProjectDirs::from("", "", "tillwatch").ok_or(ConfigError::NoDataDir)?;
    Ok(dirs.data_local_dir().join("server"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const EXAMPLE: &str = include_str!("../../deploy/.env.example");
    /// Read by the log, not by the command line.
    const OF_THE_LOG: &str = "TILLWATCH_LOG";

    #[test]
    fn the_example_names_every_setting() {
        let command = ServeArgs::augment_args(clap::Command::new("settings"));
        let envs = command.get_arguments().filter_map(|setting| setting.get_env());
        let mut settings: BTreeSet<&str> = envs.map(|name| name.to_str().unwrap()).collect();
        settings.insert(OF_THE_LOG);
        let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix('#'));
        let named: BTreeSet<&str> = lines
            .filter_map(|line| line.split_once('='))
            .map(|(name, _)| name)
            .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            .collect();
        assert_eq!(named, settings, "deploy/.env.example and the settings differ");
    }
}
