//! The way to one member from the others: each connection's bytes pass through here, and are held up, cut off or never
//! arrive. Which member a connection comes from is told by who owns its other end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Outcome;

/// How long a connection that is cut is held, between two looks whether it still is.
const LOOK: Duration = Duration::from_millis(20);
const BYTES: usize = 64 * 1024;

/// What is wrong between members; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// From one to another. What is said there arrives when it is healed, if the connection lives so long.
    held: BTreeSet<(usize, usize)>,
    /// Connections there break off.
    broken: BTreeSet<(usize, usize)>,
    slow: BTreeMap<(usize, usize), Duration>,
    /// The processes of the members.
    processes: BTreeMap<u32, usize>,
}

impl Links {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is(&self, process: u32, place: usize) {
        self.state().processes.insert(process, place);
    }

    /// Between these two, in this direction.
    pub fn cut(&self, from: usize, to: usize, breaks: bool) {
        let mut state = self.state();
        if breaks {
            state.broken.insert((from, to))
        } else {
            state.held.insert((from, to))
        };
    }

    pub fn slow(&self, from: usize, to: usize, by: Duration) {
        self.state().slow.insert((from, to), by);
    }

    pub fn heal(&self) {
        let mut state = self.state();
        state.held.clear();
        state.broken.clear();
        state.slow.clear();
    }

    /// Opens the way to a member. Where it begins.
    pub async fn to(&self, place: usize, member: SocketAddr) -> Outcome<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let links = self.clone();
        tokio::spawn(async move {
            while let Ok((near, peer)) = listener.accept().await {
                let links = links.clone();
                // A connection that breaks is what this is for.
                tokio::spawn(async move { links.carry(near, peer, place, member).await.ok() });
            }
        });
        Ok(address)
    }

    async fn carry(&self, near: TcpStream, peer: SocketAddr, to: usize, member: SocketAddr) -> Outcome<()> {
        let links = self.clone();
        let from = tokio::task::spawn_blocking(move || links.owner(peer)).await?;
        if self.gate(from, to).await.is_none() {
            return Ok(());
        }
        let far = TcpStream::connect(member).await?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let (near_in, near_out) = near.into_split();
        let (far_in, far_out) = far.into_split();
        tokio::select! {
            ended = self.pass(near_in, far_out, from, to) => ended,
            ended = self.pass(far_in, near_out, to, from) => ended,
        }
    }

    async fn pass(
        &self,
        mut from: impl AsyncReadExt + Unpin,
        mut to: impl AsyncWriteExt + Unpin,
        one: usize,
        other: usize,
    ) -> Outcome<()> {
        let mut bytes = vec![0; BYTES];
        loop {
            let count = from.read(&mut bytes).await?;
            let Some(wait) = self.gate(one, other).await.filter(|_| count > 0) else { return Ok(()) };
            tokio::time::sleep(wait).await;
            to.write_all(bytes.get(..count).unwrap_or_default()).await?;
        }
    }

    /// Waits while what is said there is held. How long it takes then; none where the connection breaks.
    async fn gate(&self, from: usize, to: usize) -> Option<Duration> {
        loop {
            {
                let state = self.state();
                if state.broken.contains(&(from, to)) {
                    return None;
                }
                if !state.held.contains(&(from, to)) {
                    return Some(state.slow.get(&(from, to)).copied().unwrap_or_default());
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The place of the member that has a connection with this port at its end; one that is none, for others.
    fn owner(&self, peer: SocketAddr) -> usize {
        let processes = self.state().processes.clone();
        let socket = socket(peer.port());
        let owns = |process: u32| {
            let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
            files
                .flatten()
                .any(|file| fs::read_link(file.path()).is_ok_and(|to| socket.as_deref() == to.to_str()))
        };
        processes.into_iter().find(|(process, _)| owns(*process)).map_or(usize::MAX, |(_, place)| place)
    }
}

/// What the system calls the socket with this local port: `socket:[12345]`.
fn socket(port: u16) -> Option<String> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let wanted = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1)?;
        let inode = fields.nth(7)?;
        (local.ends_with(&wanted) && inode != "0").then(|| format!("socket:[{inode}]"))
    })
}
