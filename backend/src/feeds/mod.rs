//! Feeds: files that other programs write, followed for as long as the server runs.
//!
//! `follow` watches a file and decides when to look, `file` reads it (`split` cuts it into records, `record`
//! reads one), `intake` hands to the ledger what is new, `seller` makes sales of the records that are some.
//! What the records mean is in [`crate::domain::feeds`].

pub mod file;
mod follow;
mod intake;
mod record;
mod seller;
pub mod split;
pub mod status;

use std::path::PathBuf;

use actix_web::web::Data;
use tokio::task::JoinSet;

use crate::domain::feeds::good_name;
use crate::http::App;

/// `NAME=PATH` of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPath {
    pub name: String,
    pub path: PathBuf,
}

impl std::str::FromStr for FeedPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').ok_or("a feed is NAME=PATH")?;
        if !good_name(name) {
            return Err(format!("{name:?}: a feed's name has 1 to 64 letters, digits, '-', '_' or '.'"));
        }
        if path.is_empty() {
            return Err("a feed is NAME=PATH".to_owned());
        }
        let path = std::path::absolute(path).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_owned(), path })
    }
}

/// What happens to a sale whose store, seller or product nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnUnknown {
    /// A person says what the name means, or puts the record away.
    #[default]
    Park,
    /// They are added to the shop under the names that the feed gives them.
    Create,
}

/// Follows every feed of the settings, and makes sales of records.
pub fn start(app: &Data<App>, jobs: &mut JoinSet<()>) {
    app.feeds.go_on();
    jobs.spawn(seller::run(app.clone()));
    for feed in &app.settings.feeds {
        app.feeds.add(&feed.name, feed.path.clone());
        jobs.spawn(follow::run(app.clone(), feed.clone()));
    }
}
