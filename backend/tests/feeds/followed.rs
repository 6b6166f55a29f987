//! A server that follows one file, and the file.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tillwatch_shared::api::{Feed, FeedState, FeedVersion};

use crate::common::{Caller, Server, inside};

/// A server that follows one file.
pub struct Followed {
    pub server: Server,
    pub manager: Caller,
    pub files: TempDir,
    pub file: PathBuf,
}

impl Followed {
    pub async fn open(first: Option<&[u8]>) -> Self {
        Self::with(first, &[]).await
    }

    pub async fn with(first: Option<&[u8]>, more: &[&str]) -> Self {
        let files = tempfile::tempdir().unwrap();
        let file = files.path().join("data.json");
        if let Some(first) = first {
            fs::write(&file, first).unwrap();
        }
        let spec = format!("vendas={}", file.display());
        let server = Server::start(&[&["--demo", "--feed", &spec], more].concat()).await;
        let (manager, _) = server.caller().sign_in("lucas", "1234").await;
        Self { server, manager, files, file }
    }

    /// Replaces the file in one step.
    pub fn replace(&self, text: impl AsRef<[u8]>) {
        let next = self.files.path().join("next");
        fs::write(&next, text).unwrap();
        fs::rename(next, &self.file).unwrap();
    }

    /// Writes over the file where it lies.
    pub fn overwrite(&self, text: impl AsRef<[u8]>) {
        fs::write(&self.file, text).unwrap();
    }

    pub fn append(&self, text: impl AsRef<[u8]>) {
        fs::OpenOptions::new().append(true).open(&self.file).unwrap().write_all(text.as_ref()).unwrap();
    }

    pub async fn feed(&self) -> Feed {
        let feeds: Vec<Feed> = self.manager.get("/api/v1/feeds").await.expect(200);
        feeds.into_iter().next().unwrap()
    }

    /// Waits until the feed's state is as it is meant to be, and nothing is being read: figures of a file that is
    /// half read come one after the other.
    pub async fn until(&self, what: &str, done: impl Fn(&Feed) -> bool) -> Feed {
        let begun = Instant::now();
        loop {
            let feed = self.feed().await;
            if feed.state != FeedState::Reading && done(&feed) {
                return feed;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{what}: {feed:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn data(&self) -> Vec<Value> {
        self.manager.get("/data").await.expect(200)
    }

    pub async fn history(&self, id: &str) -> Vec<FeedVersion> {
        self.manager.get(&format!("/api/v1/feeds/vendas/history?record_id={id}")).await.expect(200)
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}

pub fn lines(records: &[Value]) -> String {
    records.iter().flat_map(|record| [record.to_string(), "\n".to_owned()]).collect()
}

pub fn record(id: i64, note: &str) -> Value {
    json!({ "id": id, "note": note })
}

/// A server on a data directory that was used before.
pub async fn again(dir: TempDir, file: &Path) -> Followed {
    let spec = format!("vendas={}", file.display());
    let server = Server::open(dir, &["--demo", "--feed", &spec], inside::clock()).await;
    let (manager, _) = server.caller().sign_in("lucas", "1234").await;
    Followed { server, manager, files: tempfile::tempdir().unwrap(), file: file.to_owned() }
}
