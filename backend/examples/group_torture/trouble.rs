//! What goes wrong, from a seed: one thing after the other, some of them at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tillwatch_shared::random::Random;

use super::members::Members;
use super::{ALL, Outcome};

/// How often it is looked whether something is over.
const LOOK: Duration = Duration::from_millis(50);

pub struct Trouble {
    members: Arc<Members>,
    dice: Random,
    made: BTreeMap<&'static str, usize>,
    /// What ends when.
    ends: Vec<(Instant, End)>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Revive(usize),
    GoOn(usize),
    Empty(usize),
    Quick(usize),
    Heal,
}

impl Trouble {
    pub const fn new(members: Arc<Members>, dice: Random) -> Self {
        Self { members, dice, made: BTreeMap::new(), ends: Vec::new() }
    }

    /// `12 kills, 7 cuts, …`
    pub fn told(&self) -> String {
        let parts: Vec<String> = self.made.iter().map(|(what, count)| format!("{count} {what}")).collect();
        parts.join(", ")
    }

    pub async fn make(&mut self, long: Duration) -> Outcome<()> {
        let end = Instant::now() + long;
        let mut next = Instant::now() + self.between(0.5, 2.0);
        while Instant::now() < end {
            if Instant::now() >= next {
                self.one()?;
                next = Instant::now() + self.between(0.4, 3.0);
            }
            self.end_what_is_over()?;
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    fn between(&mut self, low: f64, high: f64) -> Duration {
        Duration::from_secs_f64(self.dice.between(low, high))
    }

    fn one(&mut self) -> Outcome<()> {
        let roll = self.dice.next() % 100;
        let place = usize::try_from(self.dice.next() % 3)?;
        let what = match roll {
            0..30 => {
                self.kill(place)?;
                "kills"
            }
            30..34 => {
                for place in ALL {
                    self.kill(place)?;
                }
                "kills of all"
            }
            34..54 => {
                self.members.stand_still(place, true)?;
                let over = self.between(0.2, 4.0);
                self.ends.push((Instant::now() + over, End::GoOn(place)));
                "stops"
            }
            54..80 => {
                self.cut(place);
                "cuts"
            }
            80..87 => {
                let by = self.between(0.02, 0.25);
                for other in ALL.into_iter().filter(|other| *other != place) {
                    self.members.links.slow(place, other, by);
                    self.members.links.slow(other, place, by);
                }
                "slow lines"
            }
            87..93 if self.members.slow.is_some() => {
                let each = self.between(0.02, 0.4);
                self.members.slow_down(place, Some(each))?;
                let over = self.between(0.5, 5.0);
                self.ends.push((Instant::now() + over, End::Quick(place)));
                "slow disks"
            }
            93.. if self.members.disks => {
                self.members.fill(place, true)?;
                let over = self.between(0.3, 3.0);
                self.ends.push((Instant::now() + over, End::Empty(place)));
                "full disks"
            }
            _ => return Ok(()),
        };
        *self.made.entry(what).or_default() += 1;
        Ok(())
    }

    fn kill(&mut self, place: usize) -> Outcome<()> {
        self.members.kill(place)?;
        let over = self.between(0.1, 4.0);
        self.ends.push((Instant::now() + over, End::Revive(place)));
        Ok(())
    }

    /// A member from the others, or from one of them, in one direction or in both.
    fn cut(&mut self, place: usize) {
        let roll = self.dice.next();
        let (out, inward) = [(true, true), (true, true), (true, false), (false, true)]
            .get(usize::try_from(roll % 4).unwrap_or_default())
            .copied()
            .unwrap_or((true, true));
        let breaks = roll & 16 == 0;
        let spared = if roll & 32 == 0 { Some((place + 1) % 3) } else { None };
        for other in ALL.into_iter().filter(|other| *other != place && Some(*other) != spared) {
            if out {
                self.members.links.cut(place, other, breaks);
            }
            if inward {
                self.members.links.cut(other, place, breaks);
            }
        }
        let over = self.between(0.3, 6.0);
        self.ends.push((Instant::now() + over, End::Heal));
    }

    fn end_what_is_over(&mut self) -> Outcome<()> {
        let now = Instant::now();
        let over: Vec<End> = self.ends.iter().filter(|(at, _)| *at <= now).map(|(_, end)| *end).collect();
        self.ends.retain(|(at, _)| *at > now);
        for end in over {
            match end {
                End::Revive(place) => self.members.revive(place)?,
                End::GoOn(place) => self.members.stand_still(place, false)?,
                End::Empty(place) => self.members.fill(place, false)?,
                End::Quick(place) => self.members.slow_down(place, None)?,
                End::Heal => self.members.links.heal(),
            }
        }
        // One that ended by itself is started again, as what watches over a server does.
        for place in ALL {
            let waits = self.ends.iter().any(|(_, end)| matches!(end, End::Revive(one) if *one == place));
            if !waits {
                self.members.revive(place)?;
            }
        }
        Ok(())
    }
}
