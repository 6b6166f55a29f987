//! The command line. The only place that reads the environment.

use std::path::PathBuf;

use clap::Parser;

/// The Tillwatch register: the cashier's window.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Where the server is; several addresses are separated by commas.
    #[arg(long, env = "TILLWATCH_SERVER", value_name = "URL[,URL…]")]
    pub server: Option<String>,
    /// Where the settings are kept, instead of the user's configuration directory.
    #[arg(long, env = "TILLWATCH_CONFIG_DIR", value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
    /// Where this till keeps what the server has not confirmed yet, instead of the user's data directory.
    #[arg(long, env = "TILLWATCH_TILL_DIR", value_name = "DIR")]
    pub till_dir: Option<PathBuf>,
}
