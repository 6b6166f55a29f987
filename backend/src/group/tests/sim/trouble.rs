//! What goes wrong: members fall and stand still, networks are cut, disks fail, clocks jump.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::check::MEMBERS;
use super::net::Weather;
use super::world::{Phase, World};
use crate::group::types::MemberId;
use crate::locks::lock;

const HOUR: u64 = 3_600_000_000;

impl World {
    /// One thing after the other, until the world has gone on long enough.
    pub async fn trouble(self: Arc<Self>) {
        while !self.is_over() {
            self.rest(self.roll(20..900), Phase::Net).await;
            let member = self.one_of(&MEMBERS);
            match self.roll(0..100) {
                0..20 => self.one_falls(member),
                20..23 => MEMBERS.into_iter().for_each(|member| self.one_falls(member)),
                23..40 => self.cut(member),
                40..50 => self.heal(),
                50..62 => self.other_weather(),
                62..72 => self.stands_still(member),
                72..77 => self.clock_jumps(member),
                77..90 => self.disk_fails(member),
                90..95 => self.wants_to_coordinate(member).await,
                _ => self.gate_is_shut(member),
            }
        }
        self.calm().await;
    }

    /// Nothing is wrong any more.
    async fn calm(&self) {
        self.note(format_args!("all is well again"));
        *lock(&self.weather) = Weather::default();
        // Those that have fallen come back by themselves.
        while lock(&self.hosts).len() < MEMBERS.len() {
            self.rest(20, Phase::Net).await;
        }
        for host in lock(&self.hosts).values() {
            host.disk.log_fails.store(0, Ordering::Relaxed);
            host.disk.ledger_fails.store(0, Ordering::Relaxed);
            host.disk.slow.store(0, Ordering::Relaxed);
        }
        self.is_calm.store(true, Ordering::Relaxed);
    }

    fn one_falls(self: &Arc<Self>, member: MemberId) {
        if self.fall(member) {
            let (world, away) = (Arc::clone(self), self.roll(20..3_000));
            tokio::spawn(async move {
                world.rest(away, Phase::Net).await;
                world.start(member).await;
            });
        }
    }

    /// Between one and the others, in one direction or both, or between two.
    fn cut(&self, member: MemberId) {
        let (out, inward) = self.one_of(&[(true, true), (true, false), (false, true)]);
        let spared = if self.chance(400) { self.one_of(&MEMBERS) } else { 0 };
        self.note(format_args!("{member} is cut off: {out} {inward} {spared}"));
        let mut weather = lock(&self.weather);
        for other in MEMBERS.into_iter().filter(|other| *other != member && *other != spared) {
            if out {
                weather.cut.insert((member, other));
            }
            if inward {
                weather.cut.insert((other, member));
            }
        }
    }

    fn heal(&self) {
        self.note(format_args!("all hear each other"));
        lock(&self.weather).cut.clear();
    }

    fn other_weather(&self) {
        let (lost, doubled, slow) = (self.roll(0..200), self.roll(0..150), self.roll(0..150));
        let bad = self.chance(600);
        self.note(format_args!("other weather: {bad} {lost} {doubled} {slow}"));
        let mut weather = lock(&self.weather);
        (weather.lost, weather.doubled, weather.slow) = if bad { (lost, doubled, slow) } else { (0, 0, 0) };
    }

    fn stands_still(self: &Arc<Self>, member: MemberId) {
        let Some(host) = self.host(member) else { return };
        let (world, long) = (Arc::clone(self), self.roll(20..3_000));
        self.note(format_args!("{member} stands still"));
        host.life.stop();
        tokio::spawn(async move {
            world.rest(long, Phase::Net).await;
            world.note(format_args!("{member} goes on"));
            host.life.go_on();
        });
    }

    fn clock_jumps(&self, member: MemberId) {
        let Some(host) = self.host(member) else { return };
        let by = self.roll(0..48 * HOUR).cast_signed() - (24 * HOUR).cast_signed();
        self.note(format_args!("the clock of {member} jumps by {by}"));
        host.clock.advance(by);
    }

    fn disk_fails(&self, member: MemberId) {
        let Some(host) = self.host(member) else { return };
        let (which, times) = (self.roll(0..3), self.roll(1..4));
        self.note(format_args!("the disk of {member} fails: {which} {times}"));
        match which {
            0 => host.disk.log_fails.store(times, Ordering::Relaxed),
            1 => host.disk.ledger_fails.store(times, Ordering::Relaxed),
            _ => host.disk.slow.store(times * self.roll(0..60), Ordering::Relaxed),
        }
    }

    /// As the principal does when it is back.
    async fn wants_to_coordinate(&self, member: MemberId) {
        let Some(host) = self.host(member) else { return };
        self.note(format_args!("{member} wants to coordinate"));
        // It may have ended.
        let _ = host.raft().trigger().elect().await;
    }

    fn gate_is_shut(self: &Arc<Self>, member: MemberId) {
        let Some(host) = self.host(member) else { return };
        let (world, long) = (Arc::clone(self), self.roll(20..2_000));
        self.note(format_args!("the gate of {member} is shut"));
        tokio::spawn(async move {
            let _shut = host.gate.shut().await;
            world.rest(long, Phase::Net).await;
        });
    }
}
