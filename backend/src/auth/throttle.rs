//! The brake on guessing: after a few failures an account (from one address), an account (from
//! anywhere) or an address has to wait, each time twice as long, up to a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::{MINUTE, SECOND};

/// Entries kept; beyond it the oldest go.
const ENTRIES: usize = 20_000;
/// Failures are forgotten after this long without another.
const MEMORY: i64 = 15 * MINUTE;
const LONGEST_WAIT: i64 = MINUTE;

#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Failures>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    AccountFrom(String, IpAddr),
    Account(String),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: UtcMicros,
}

impl Key {
    /// Failures that cost nothing: typing errors, and many people behind one address.
    const fn free(&self) -> u32 {
        match self {
            Self::AccountFrom(..) => 5,
            Self::Account(_) | Self::Address(_) => 50,
        }
    }
}

impl Failures {
    fn wait(self, free: u32, now: UtcMicros) -> Option<i64> {
        let over = self.count.checked_sub(free)?;
        let wait = SECOND.checked_shl(over.min(10)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        let left = wait - now.since(self.last);
        (left > 0).then_some(left)
    }
}

impl Throttle {
    /// Whether the account may be tried from this address now; otherwise how many seconds to wait.
    pub fn check(&self, account: &str, address: IpAddr, now: UtcMicros) -> Result<(), u32> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys(account, address)
            .iter()
            .filter_map(|key| table.get(key).and_then(|failures| failures.wait(key.free(), now)))
            .max();
        wait.map_or(Ok(()), |micros| Err(u32::try_from(micros / SECOND + 1).unwrap_or(u32::MAX)))
    }

    pub fn failed(&self, account: &str, address: IpAddr, now: UtcMicros) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() + 3 > ENTRIES {
            table.retain(|_, failures| now.since(failures.last) < MEMORY);
            if table.len() + 3 > ENTRIES {
                table.clear();
            }
        }
        for key in keys(account, address) {
            let failures = table.entry(key).or_insert(Failures { count: 0, last: now });
            let forgotten = now.since(failures.last) >= MEMORY;
            failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
            failures.last = now;
        }
    }

    /// A success clears the account from this address.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.remove(&Key::AccountFrom(account.to_owned(), address));
    }
}

fn keys(account: &str, address: IpAddr) -> [Key; 3] {
    [Key::AccountFrom(account.to_owned(), address), Key::Account(account.to_owned()), Key::Address(address)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn guessing_slows_down_and_others_do_not_suffer() {
        let throttle = Throttle::default();
        let now = UtcMicros(0);
        for _ in 0..5 {
            assert_eq!(throttle.check("ana", HERE, now), Ok(()));
            throttle.failed("ana", HERE, now);
        }
        assert_eq!(throttle.check("ana", HERE, now), Err(2));
        assert_eq!(throttle.check("bia", HERE, now), Ok(()));
        throttle.failed("ana", HERE, now);
        assert_eq!(throttle.check("ana", HERE, now), Err(3));
        assert_eq!(throttle.check("ana", HERE, now.plus(3 * SECOND)), Ok(()));
        for _ in 0..100 {
            throttle.failed("ana", HERE, now);
        }
        assert_eq!(throttle.check("ana", HERE, now), Err(61));
        assert!(throttle.check("bia", HERE, now).is_err(), "the address itself is slowed down");
        assert_eq!(throttle.check("ana", HERE, now.plus(MEMORY)), Ok(()));
    }

    #[test]
    fn a_success_clears_typing_errors() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            throttle.failed("ana", HERE, UtcMicros(0));
        }
        throttle.succeeded("ana", HERE);
        assert_eq!(throttle.check("ana", HERE, UtcMicros(0)), Ok(()));
    }
}
