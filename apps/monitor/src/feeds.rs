//! The files of other programs that the server follows, and what in them waits for a person. Plain data and
//! decisions. (The change feed of the server itself is [`crate::state::Feed`].)

use std::collections::VecDeque;

use tillwatch_desk::remote::Remote;
use tillwatch_shared::api::{AliasKind, Feed, FeedState, Page, ParkReason, ParkedRecord, ParkedThing};
use tillwatch_shared::{UtcMicros, names};
use uuid::Uuid;

use crate::feed_new::{NewAct, NewThing};

/// Parked records that are asked for; those behind them come when these are done.
pub const PARKED_ROWS: u32 = 500;
/// Things that are offered as what a name means.
pub const TARGETS: u32 = 50;

#[derive(Debug, Default)]
pub struct Feeds {
    pub list: Remote<Vec<Feed>>,
    /// When they are asked for again.
    pub next_at: UtcMicros,
    /// The feed that is shown in full; the first one unless somebody chose.
    pub chosen: Option<String>,
    pub parked: Remote<Page<ParkedRecord>>,
    /// The request for parked records that counts; answers to those before it are dropped.
    pub ticket: u64,
    /// Somebody is saying what a name means.
    pub matching: Option<Matching>,
    /// A decision is on its way to the server.
    pub deciding: bool,
    /// Records of the shown feed that are put away one after the other.
    pub putting_away: VecDeque<String>,
}

/// The question what a name of a feed means.
#[derive(Debug)]
pub struct Matching {
    pub kind: AliasKind,
    pub name: String,
    /// Records that wait for it.
    pub records: usize,
    pub search: String,
    /// What the record says of it.
    pub told: Option<ParkedThing>,
    /// It is being added.
    pub new: Option<NewThing>,
    /// It was added: what is left is to say so.
    pub confirm_next: bool,
    pub targets: Remote<Vec<Target>>,
    pub ticket: u64,
    pub picked: Option<Uuid>,
}

/// A store, person or product that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: Uuid,
    pub name: String,
    /// By what it is told from others of its name.
    pub note: String,
}

/// Parked records with the same remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub reason: ParkReason,
    pub subject: String,
    /// What the first record says of it.
    pub told: Option<ParkedThing>,
    pub records: Vec<String>,
}

/// What a person does on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedAct {
    Choose(String),
    /// Asks what a name means.
    Match(Group),
    Search(String),
    Pick(Uuid),
    Confirm,
    /// Adds it, because it is new.
    New(NewAct),
    Cancel,
    /// The records become no sales; those that did stay as they are.
    PutAway(Vec<String>),
}

impl Feeds {
    /// The feed that is shown in full.
    pub fn shown(&self) -> Option<&Feed> {
        let list = self.list.value()?;
        let chosen = self.chosen.as_ref().and_then(|name| list.iter().find(|feed| feed.name == *name));
        chosen.or_else(|| list.first())
    }

    /// How many things need somebody: records, and files that cannot be used.
    pub fn needing(&self) -> usize {
        let list = self.list.value().map_or(&[][..], Vec::as_slice);
        let of = |feed: &Feed| {
            let parked = usize::try_from(feed.parked).unwrap_or_default();
            parked + usize::from(feed.state == FeedState::Failed)
        };
        list.iter().map(of).sum()
    }

    /// Another feed: nothing of the old one's records stays.
    pub fn choose(&mut self, name: String) {
        self.chosen = Some(name);
        self.parked = Remote::default();
        self.ticket += 1;
        self.putting_away.clear();
    }

    /// The parked records by what can be done about them, in the order in which the first of each came.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for record in self.parked.value().map_or(&[][..], |page| page.items.as_slice()) {
            let same = |group: &&mut Group| {
                group.reason == record.reason
                    && alias_kind(record.reason).is_some()
                    && names::fold(&group.subject) == names::fold(&record.subject)
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.records.push(record.record_id.clone()),
                None => groups.push(Group {
                    reason: record.reason,
                    subject: record.subject.clone(),
                    told: record.told.clone(),
                    records: vec![record.record_id.clone()],
                }),
            }
        }
        groups
    }
}

impl Matching {
    /// What is offered: the server has looked for products already, the others are looked through here.
    pub fn offered(&self) -> impl Iterator<Item = &Target> {
        let wanted = names::fold(&self.search);
        let all = self.kind == AliasKind::Product;
        let targets = self.targets.value().map_or(&[][..], Vec::as_slice);
        targets.iter().filter(move |target| {
            all || names::fold(&target.name).contains(&wanted) || names::fold(&target.note).contains(&wanted)
        })
    }

    pub fn picked(&self) -> Option<&Target> {
        let id = self.picked?;
        self.targets.value()?.iter().find(|target| target.id == id)
    }
}

/// What a person has to say so that records with this trouble go on; `None` if nothing can be said.
pub const fn alias_kind(reason: ParkReason) -> Option<AliasKind> {
    match reason {
        ParkReason::UnknownStore => Some(AliasKind::Store),
        ParkReason::UnknownSeller => Some(AliasKind::Seller),
        ParkReason::UnknownProduct => Some(AliasKind::Product),
        ParkReason::BadSale | ParkReason::Changed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parked(record_id: &str, reason: ParkReason, subject: &str) -> ParkedRecord {
        let (record_id, subject) = (record_id.to_owned(), subject.to_owned());
        ParkedRecord { feed: "a".to_owned(), record_id, version: 1, reason, subject, told: None }
    }

    #[test]
    fn records_that_wait_for_one_name_are_one_question() {
        let mut feeds = Feeds::default();
        let items = vec![
            parked("1", ParkReason::UnknownStore, "Loja 3"),
            parked("2", ParkReason::BadSale, "amount"),
            parked("3", ParkReason::UnknownStore, "LOJA  3"),
            parked("4", ParkReason::UnknownProduct, "Loja 3"),
            parked("5", ParkReason::BadSale, "amount"),
        ];
        feeds.parked.finish(Ok(Page { items, next: None }), UtcMicros(0));
        let groups = feeds.groups();
        let ids: Vec<Vec<&str>> =
            groups.iter().map(|group| group.records.iter().map(String::as_str).collect()).collect();
        assert_eq!(ids, [vec!["1", "3"], vec!["2"], vec!["4"], vec!["5"]]);
    }

    #[test]
    fn names_are_found_without_accents() {
        let target = |name: &str| Target { id: Uuid::nil(), name: name.to_owned(), note: String::new() };
        let mut targets = Remote::default();
        targets.finish(Ok(vec![target("Atakadão Norte"), target("Centro")]), UtcMicros(0));
        let (kind, search, name) = (AliasKind::Store, "ATAKADAO".to_owned(), String::new());
        let (told, new, confirm_next) = (None, None, false);
        let matching = Matching {
            kind,
            name,
            records: 1,
            search,
            told,
            new,
            confirm_next,
            targets,
            ticket: 0,
            picked: None,
        };
        let found: Vec<&str> = matching.offered().map(|target| target.name.as_str()).collect();
        assert_eq!(found, ["Atakadão Norte"]);
    }
}
