//! The servers behind the till: one by itself, or three as a group. Each has a bad network in front of it, and they are
//! killed and started again.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tillwatch_shared::CommandId;
use tillwatch_shared::api::{GroupMember, SignIn};
use tillwatch_shared::client::{Client, ClientOptions};
use tillwatch_shared::random::Random;

use super::life::{PEOPLE, SECRET};
use super::proxy::Proxy;
use super::server::Server;
use super::{Outcome, span};

/// How long members may take to come to the same.
const AGREES: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// One time of so many all are killed.
const ALL_OF: u64 = 6;

pub struct Servers {
    all: Vec<(Server, Arc<Proxy>)>,
    dice: Random,
    pub kills: u32,
}

/// An address that is free now.
fn free() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Servers {
    pub async fn one(program: PathBuf, folder: &Path, mut dice: Random) -> Outcome<Self> {
        let server = Server::start(program, &folder.join("server"))?;
        let proxy = Proxy::start(server.address(), dice.fork()).await?;
        Ok(Self { all: vec![(server, proxy)], dice, kills: 0 })
    }

    /// The first is the principal, and has a shop before there is a group. Tills know the members by their bad networks.
    pub async fn group(program: PathBuf, folder: &Path, mut dice: Random) -> Outcome<Self> {
        let (outside, inside) = ([free()?, free()?, free()?], [free()?, free()?, free()?]);
        let mut proxies = Vec::new();
        for address in outside {
            proxies.push(Proxy::start(&address.to_string(), dice.fork()).await?);
        }
        let mut all = Vec::new();
        for ((id, address), proxy) in (1..).zip(outside).zip(&proxies) {
            let mut text = format!("me = {id}\nprincipal = 1\nsecret = \"uma frase que ninguem adivinha\"\n");
            for ((id, address), proxy) in (1..).zip(inside).zip(&proxies) {
                let url = &proxy.address;
                writeln!(text, "[[member]]\nid = {id}\naddress = \"{address}\"\nurl = \"{url}\"")?;
            }
            let file = folder.join(format!("group{id}.toml"));
            std::fs::write(&file, text)?;
            let data = folder.join(format!("server{id}"));
            if id == 1 {
                Server::start(program.clone(), &data)?.stop()?;
            }
            let server = Server::of_group(program.clone(), &data, &address.to_string(), &file)?;
            all.push((server, Arc::clone(proxy)));
        }
        let mut servers = Self { all, dice, kills: 0 };
        servers.wait()?;
        servers.agree().await?;
        Ok(servers)
    }

    /// As a till is told of them.
    pub fn addresses(&self) -> String {
        let addresses: Vec<&str> = self.all.iter().map(|(_, proxy)| proxy.address.as_str()).collect();
        addresses.join(",")
    }

    pub fn set_calm(&self, calm: bool) {
        self.all.iter().for_each(|(_, proxy)| proxy.set_calm(calm));
    }

    /// What their networks did, a line for each.
    pub fn told(&self) -> String {
        let told: Vec<String> = self.all.iter().map(|(_, proxy)| proxy.told()).collect();
        told.join("\n          ")
    }

    /// Kills one, or all of them, and starts again what was killed.
    pub async fn disturb(&mut self) -> Outcome<()> {
        let chosen = usize::try_from(self.dice.next())? % self.all.len();
        let every = self.dice.next().is_multiple_of(ALL_OF);
        let down = |place: usize| every || place == chosen;
        for (place, (server, _)) in self.all.iter_mut().enumerate() {
            if down(place) {
                server.kill()?;
                self.kills += 1;
            }
        }
        tokio::time::sleep(span(&mut self.dice, 0.0, 3.0)).await;
        for (place, (server, _)) in self.all.iter_mut().enumerate() {
            if down(place) {
                server.begin()?;
            }
        }
        self.wait()
    }

    /// Until all that were begun are there.
    fn wait(&mut self) -> Outcome<()> {
        self.all.iter_mut().try_for_each(|(server, _)| server.listens())
    }

    /// Of each: where it answers without a bad network, and its data.
    pub fn each(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.all.iter().map(|(server, _)| (server.address(), server.data()))
    }

    pub fn first(&mut self) -> Option<&mut Server> {
        self.all.first_mut().map(|(server, _)| server)
    }

    /// Until all members of a group have one journal.
    pub async fn agree(&self) -> Outcome<()> {
        let Some((server, _)) = self.all.first() else { return Ok(()) };
        // Signing in is in the journal, too.
        let manager = manager(server.address()).await?;
        let end = Instant::now() + AGREES;
        loop {
            let Some(status) = manager.group().await? else { return Ok(()) };
            let first = status.members.first().and_then(|member| member.journal);
            let same = |member: &GroupMember| member.agrees == Some(true) && member.journal == first;
            if status.members.len() == self.all.len() && status.members.iter().all(same) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("the members do not come to the same: {:?}", status.members).into());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    pub fn stop(&mut self) -> Outcome<()> {
        self.all.iter_mut().try_for_each(|(server, _)| server.stop())
    }

    pub fn verify(&self) -> Outcome<()> {
        self.all.iter().try_for_each(|(server, _)| server.verify())
    }
}

/// A manager who asks one server.
pub async fn manager(address: &str) -> Outcome<Client> {
    let servers = vec![format!("http://{address}")];
    let client = Client::new(&ClientOptions { servers, ..ClientOptions::default() })?;
    let [_, manager] = PEOPLE;
    let words =
        SignIn { username: manager.to_owned(), password: SECRET.to_owned(), device: None, till: None };
    client.sign_in(CommandId::now(), &words).await?;
    Ok(client)
}
