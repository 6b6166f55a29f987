//! The brake on guessing: after a few failures an account (from one address), an account (from
//! anywhere) or an address has to wait, each time twice as long, up to a limit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};

/// Entries kept; beyond it the oldest go.
const ENTRIES: usize = 20_000;

/// What typing errors cost nothing, and how hard the brake is then.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failures that cost nothing: of an account from one address, of an account, and of an address.
    free: [u32; 3],
    longest_wait: i64,
    /// Failures are forgotten after this long without another.
    memory: i64,
}

/// Typing errors, and many people behind one address.
pub const PASSWORDS: Limits = Limits { free: [5, 50, 50], longest_wait: MINUTE, memory: 15 * MINUTE };

/// A PIN of four digits is found in ten thousand tries: about fifty a day, from wherever they come, make
/// that half a year. An address is slowed down by [`PASSWORDS`].
pub const PINS: Limits = Limits { free: [5, 20, u32::MAX], longest_wait: HOUR, memory: DAY };

#[derive(Debug)]
pub struct Throttle {
    limits: Limits,
    table: Mutex<HashMap<Key, Failures>>,
}

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

impl Limits {
    const fn free(&self, key: &Key) -> u32 {
        let [account_from, account, address] = self.free;
        match key {
            Key::AccountFrom(..) => account_from,
            Key::Account(_) => account,
            Key::Address(_) => address,
        }
    }

    fn wait(&self, failures: Failures, free: u32, now: UtcMicros) -> Option<i64> {
        let over = failures.count.checked_sub(free)?;
        let wait = SECOND.checked_shl(over.min(12)).unwrap_or(self.longest_wait).min(self.longest_wait);
        let left = wait - now.since(failures.last);
        (left > 0).then_some(left)
    }
}

impl Throttle {
    pub fn new(limits: Limits) -> Self {
        Self { limits, table: Mutex::default() }
    }

    /// Whether the account may be tried from this address now; otherwise how many seconds to wait.
    pub fn check(&self, account: &str, address: IpAddr, now: UtcMicros) -> Result<(), u32> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys(account, address)
            .iter()
            .filter_map(|key| {
                table.get(key).and_then(|failures| self.limits.wait(*failures, self.limits.free(key), now))
            })
            .max();
        wait.map_or(Ok(()), |micros| Err(u32::try_from(micros / SECOND + 1).unwrap_or(u32::MAX)))
    }

    pub fn failed(&self, account: &str, address: IpAddr, now: UtcMicros) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() + 3 > ENTRIES {
            table.retain(|_, failures| now.since(failures.last) < self.limits.memory);
            if table.len() + 3 > ENTRIES {
                table.clear();
            }
        }
        for key in keys(account, address) {
            let failures = table.entry(key).or_insert(Failures { count: 0, last: now });
            let forgotten = now.since(failures.last) >= self.limits.memory;
            failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
            failures.last = now;
        }
    }

    /// A success clears the account from this address.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
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
        let throttle = Throttle::new(PASSWORDS);
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
        assert_eq!(throttle.check("ana", HERE, now.plus(PASSWORDS.memory)), Ok(()));
    }

    #[test]
    fn a_success_clears_typing_errors() {
        let throttle = Throttle::new(PASSWORDS);
        for _ in 0..5 {
            throttle.failed("ana", HERE, UtcMicros(0));
        }
        throttle.succeeded("ana", HERE);
        assert_eq!(throttle.check("ana", HERE, UtcMicros(0)), Ok(()));
    }

    #[test]
    fn pins_are_guessed_for_months() {
        let throttle = Throttle::new(PINS);
        let (mut now, mut tried) = (UtcMicros(0), 0);
        let end = now.plus(30 * DAY);
        while now < end {
            // Each time from another address.
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(tried));
            match throttle.check("ana", address, now) {
                Ok(()) => {
                    throttle.failed("ana", address, now);
                    tried += 1;
                }
                Err(seconds) => now = now.plus(i64::from(seconds) * SECOND),
            }
        }
        assert!((700..1_000).contains(&tried), "{tried} tries in thirty days");
    }
}
