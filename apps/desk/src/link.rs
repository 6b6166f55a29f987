//! The window's way to its servers: the API client in use, replaced when the address changes. The other servers of a group
//! are learned from whichever answers, and remembered for the next start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tillwatch_shared::client::{Client, ClientOptions, OptionsError};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::Lang;

/// Where the server is when nobody has said anything else.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

#[derive(Debug)]
pub struct Link {
    connected: Mutex<Option<Connected>>,
    user_agent: String,
    /// Where the servers of a group are remembered.
    memory: Option<PathBuf>,
}

#[derive(Debug)]
struct Connected {
    client: Client,
    following: Option<AbortHandle>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(following) = &self.following {
            following.abort();
        }
    }
}

/// The servers of a group, and the addresses with which they were found.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Remembered {
    given: Vec<String>,
    members: Vec<String>,
}

impl Link {
    /// Not connected yet; `user_agent` names the program.
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self { connected: Mutex::new(None), user_agent: user_agent.into(), memory: None }
    }

    /// Remembers the servers of a group in this file.
    #[must_use]
    pub fn remembering(self, memory: Option<PathBuf>) -> Self {
        Self { memory, ..self }
    }

    /// Turns to the servers in `addresses`, separated by commas. The session of the old client ends here.
    pub fn connect(&self, addresses: &str, lang: Lang) -> Result<Client, OptionsError> {
        let given = servers(addresses);
        let members = self.memory.as_deref().and_then(|file| recall(file, &given)).unwrap_or_default();
        let options = ClientOptions {
            servers: given.clone(),
            members: members.clone(),
            language: lang.client(),
            user_agent: self.user_agent.clone(),
            ..ClientOptions::default()
        };
        let client = Client::new(&options)?;
        let following = self.follow(client.clone(), Remembered { given, members });
        *self.lock() = Some(Connected { client: client.clone(), following });
        Ok(client)
    }

    /// The client in use.
    pub fn client(&self) -> Option<Client> {
        self.lock().as_ref().map(|connected| connected.client.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connected>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns the servers of the group for as long as this client is in use. Without a runtime nothing is asked at all.
    fn follow(&self, client: Client, mut known: Remembered) -> Option<AbortHandle> {
        let memory = self.memory.clone();
        let follow = async move {
            client
                .follow_members(|members| {
                    let changed = members != known.members;
                    known.members = members;
                    if let Some(file) = memory.as_deref().filter(|_| changed)
                        && let Err(error) = remember(file, &known)
                    {
                        tracing::warn!(%error, "the servers could not be remembered");
                    }
                })
                .await;
        };
        Some(Handle::try_current().ok()?.spawn(follow).abort_handle())
    }
}

/// What was learned with these same addresses. A missing or damaged file has nothing.
fn recall(file: &Path, given: &[String]) -> Option<Vec<String>> {
    let known: Remembered = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (known.given == given).then_some(known.members)
}

/// Replaces the file as a whole.
fn remember(file: &Path, known: &Remembered) -> io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    let fresh = file.with_extension("json.new");
    fs::write(&fresh, serde_json::to_vec_pretty(known)?)?;
    fs::rename(fresh, file)
}

/// The addresses in a list separated by commas.
pub fn servers(addresses: &str) -> Vec<String> {
    addresses.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::settings::SettingsFile;

    #[test]
    fn a_bad_address_is_refused_and_the_old_client_stays() {
        let link = Link::new("test");
        link.connect("http://127.0.0.1:1, 127.0.0.1:2", Lang::Pt).unwrap();
        let before = link.client().unwrap().server();
        assert!(["http://127.0.0.1:1", "http://127.0.0.1:2"].contains(&before.as_str()), "{before}");
        assert!(link.connect(" , ", Lang::Pt).is_err());
        assert_eq!(link.client().unwrap().server(), before);
    }

    /// Whoever asks is told of one member.
    async fn tells(listener: TcpListener, member: &str) {
        let body = format!(r#"{{"in_touch":true,"members":[{{"id":1,"url":"{member}","principal":true}}]}}"#);
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut lines = BufReader::new(&mut stream).lines();
            while lines.next_line().await.unwrap().is_some_and(|line| !line.is_empty()) {}
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_servers_of_a_group_are_learned_once_somebody_is_signed_in() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let given = vec![format!("http://{}", listener.local_addr().unwrap())];
        tokio::spawn(tells(listener, "http://10.0.0.9:8080"));
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(Some(folder.path()), "monitor").beside("servers").unwrap();
        let link = Link::new("test").remembering(Some(file.clone()));
        let client = link.connect(&given[0], Lang::Pt).unwrap();
        let session = r#"{"id":"018f0000-0000-7000-8000-000000000001","access_token":"a","access_expires_at":
            "2026-06-15T12:00:00Z","refresh_token":"r","refresh_expires_at":"2026-06-15T12:00:00Z","person":{"id":
            "018f0000-0000-7000-8000-000000000002","username":"ana","name":"Ana","role":"manager","stores":[],
            "active":true,"created_at":"2026-06-15T12:00:00Z"},"stores":[]}"#;
        client.restore(serde_json::from_str(session).unwrap());
        let begun = Instant::now();
        while recall(&file, &given).is_none() {
            assert!(begun.elapsed() < Duration::from_mins(1), "nothing is remembered");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(recall(&file, &given), Some(servers("http://10.0.0.9:8080")));
        assert_eq!(file.file_name().unwrap(), "monitor.servers.json");
    }

    #[test]
    fn what_was_learned_is_known_again_with_the_same_addresses_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config").join("monitor.servers.json");
        let given = servers("10.0.0.1:8080, 10.0.0.2:8080");
        assert_eq!(recall(&file, &given), None);
        let members = servers("http://10.0.0.1:8080,http://10.0.0.2:8080,http://10.0.0.3:8080");
        remember(&file, &Remembered { given: given.clone(), members: members.clone() }).unwrap();
        assert_eq!(recall(&file, &given), Some(members));
        assert_eq!(recall(&file, &given[..1]), None);
        fs::write(&file, "{").unwrap();
        assert_eq!(recall(&file, &given), None);
    }
}
