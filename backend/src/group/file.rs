//! The file that describes a group, `--group group.toml`. It is the same on each member but for `me`:
//!
//! ```toml
//! me = 1
//! principal = 1
//! secret = "at least sixteen letters, the same on all members"
//!
//! [[member]]
//! id = 1
//! address = "10.0.0.1:8090"      # where the other members reach it
//! url = "http://10.0.0.1:8080"   # where registers and monitors reach it
//!
//! [[member]]
//! id = 2
//! address = "10.0.0.2:8090"
//! url = "http://10.0.0.2:8080"
//! ```
//!
//! `listen` says at which address of its own this member waits for the others, where that is not the one of `address`;
//! `secret_file` names a file with the secret, where it is not to stand here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::types::MemberId;
use crate::config::Key;

/// Letters of the secret.
const SECRET_LEAST: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: {source}", path = path.display())]
    Written { path: PathBuf, source: toml::de::Error },
    #[error("{path}: {what}", path = path.display())]
    Wrong { path: PathBuf, what: String },
}

/// A group as its file describes it.
#[derive(Clone, Debug)]
pub struct GroupFile {
    pub me: MemberId,
    /// Coordinates whenever it can.
    pub principal: MemberId,
    pub secret: Key,
    pub listen: String,
    pub members: BTreeMap<MemberId, Place>,
}

/// Where a member is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub address: String,
    pub url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    me: MemberId,
    principal: MemberId,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
    listen: Option<SocketAddr>,
    member: Vec<WrittenMember>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMember {
    id: MemberId,
    address: String,
    url: String,
}

impl GroupFile {
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let text = read(path)?;
        let written =
            toml::from_str(&text).map_err(|source| FileError::Written { path: path.to_owned(), source })?;
        Self::checked(written, path)
    }

    fn checked(written: Written, path: &Path) -> Result<Self, FileError> {
        let wrong = |what: String| FileError::Wrong { path: path.to_owned(), what };
        let Written { me, principal, secret, secret_file, listen, member } = written;
        let mut members = BTreeMap::new();
        for WrittenMember { id, address, url } in member {
            if !has_port(&address) {
                return Err(wrong(format!("address = \"{address}\": one is like 10.0.0.1:8090")));
            }
            if !(url.starts_with("http://") || url.starts_with("https://")) {
                return Err(wrong(format!("url = \"{url}\": one is like http://10.0.0.1:8080")));
            }
            if members.values().any(|other: &Place| other.address == address || other.url == url) {
                return Err(wrong(format!("member {id} has the address or url of another one")));
            }
            if members.insert(id, Place { address, url }).is_some() {
                return Err(wrong(format!("member {id} is there twice")));
            }
        }
        for (name, id) in [("me", me), ("principal", principal)] {
            if !members.contains_key(&id) {
                return Err(wrong(format!("{name} = {id}: there is no such [[member]]")));
            }
        }
        let secret = match (secret, secret_file) {
            (Some(secret), None) => secret,
            (None, Some(file)) => read(&path.parent().unwrap_or(Path::new("")).join(file))?.trim().to_owned(),
            (None, None) => return Err(wrong("secret or secret_file is missing".into())),
            (Some(_), Some(_)) => {
                return Err(wrong("secret and secret_file are both there: one is enough".into()));
            }
        };
        if secret.chars().count() < SECRET_LEAST {
            return Err(wrong(format!("the secret has fewer than {SECRET_LEAST} letters")));
        }
        let listen =
            listen.map(|at| at.to_string()).or_else(|| members.get(&me).map(|at| at.address.clone()));
        let listen = listen.unwrap_or_default();
        Ok(Self { me, principal, secret: Key(secret), listen, members })
    }
}

fn read(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

fn has_port(address: &str) -> bool {
    let split = address.rsplit_once(':');
    split.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        me = 2
        principal = 1
        secret = "uma frase que ninguem adivinha"
        [[member]]
        id = 1
        address = "10.0.0.1:8090"
        url = "http://10.0.0.1:8080"
        [[member]]
        id = 2
        address = "caixa2:8090"
        url = "https://caixa2"
    "#;

    fn parse(text: &str) -> Result<GroupFile, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "um segredo de outro lugar\n").unwrap();
        let file = folder.path().join("group.toml");
        fs::write(&file, text).unwrap();
        GroupFile::read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_says_who_is_there() {
        let file = parse(GOOD).unwrap();
        assert_eq!((file.me, file.principal, file.members.len()), (2, 1, 2));
        assert_eq!(file.listen, "caixa2:8090");
        let listening =
            parse(&GOOD.replace("principal = 1", "principal = 1\nlisten = \"0.0.0.0:9\"")).unwrap();
        assert_eq!(listening.listen, "0.0.0.0:9");
        let elsewhere =
            parse(&GOOD.replace("secret = \"uma frase que ninguem adivinha\"", "secret_file = \"secret\""));
        assert_eq!(elsewhere.unwrap().secret.0, "um segredo de outro lugar");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("me = 2", "me = 3", "me = 3: there is no such [[member]]"),
            ("principal = 1", "principal = 9", "principal = 9"),
            ("uma frase que ninguem adivinha", "curto", "fewer than 16"),
            ("id = 2", "id = 1", "member 1 is there twice"),
            ("caixa2:8090", "10.0.0.1:8090", "the address or url of another one"),
            ("caixa2:8090", "caixa2", "one is like 10.0.0.1:8090"),
            ("https://caixa2", "caixa2", "one is like http"),
            ("me = 2", "mine = 2", "mine"),
            ("secret = \"uma frase que ninguem adivinha\"", "", "secret or secret_file is missing"),
        ];
        for (old, new, told) in cases {
            let error = parse(&GOOD.replacen(old, new, 1)).unwrap_err();
            assert!(error.contains(told), "{new}: {error}");
        }
    }
}
