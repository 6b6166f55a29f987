//! A row as the server told it: by what it is known, what it shows, and which choices it passes.

use tillwatch_shared::api::{
    Account, Alarm, AlarmRule, ApiKey, CashSession, Change, Count, Lot, Person, Product, QuietTime, Sensor,
    Store, Till, Transfer,
};
use tillwatch_shared::{Cents, StoreId};

use super::{Cell, Context, alarms, goods, manage, money};

/// A row as the server told it.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Lot(Lot),
    Transfer(Transfer),
    Count(Count),
    Session(CashSession),
    Account(Account),
    Product(Product),
    /// With the name of its chain.
    Store(Store, String),
    Person(Person),
    Sensor(Sensor),
    Key(ApiKey),
    Till(Till),
    /// With the name of who made it, if it was a person.
    Change(Box<Change>, String),
    Alarm(Box<Alarm>),
    Rule(AlarmRule),
    Quiet(QuietTime),
}

impl Row {
    /// By what it is found again when the list is read anew.
    pub fn id(&self) -> String {
        match self {
            Self::Lot(lot) => lot.id.to_string(),
            Self::Transfer(transfer) => transfer.id.to_string(),
            Self::Count(count) => count.id.to_string(),
            Self::Session(session) => session.id.to_string(),
            Self::Account(account) => account.id.to_string(),
            Self::Product(product) => product.id.to_string(),
            Self::Store(store, _) => store.id.to_string(),
            Self::Person(person) => person.id.to_string(),
            Self::Sensor(sensor) => sensor.id.to_string(),
            Self::Key(key) => key.id.to_string(),
            Self::Till(till) => till.id.to_string(),
            Self::Change(change, _) => change.seq.to_string(),
            Self::Alarm(alarm) => alarm.id.to_string(),
            Self::Rule(rule) => rule.id.to_string(),
            Self::Quiet(quiet) => quiet.id.to_string(),
        }
    }

    /// Whether it passes the choice of this place among the topic's [`Topic::choices`].
    pub(super) fn passes(&self, choice: usize, context: &Context) -> bool {
        choice == 0
            || match self {
                Self::Lot(lot) => goods::lot_passes(lot, choice, context),
                Self::Transfer(transfer) => goods::transfer_passes(transfer, choice),
                Self::Count(count) => goods::has_differences(count),
                Self::Session(session) => money::session_passes(session, choice),
                Self::Product(product) if choice == 1 => product.active,
                Self::Product(product) => product.price_lists.iter().any(|list| !list.periods.is_empty()),
                Self::Person(person) => person.active,
                Self::Key(key) => !key.revoked,
                Self::Alarm(alarm) => alarms::passes(alarm, choice),
                Self::Account(_)
                | Self::Store(..)
                | Self::Sensor(_)
                | Self::Till(_)
                | Self::Change(..)
                | Self::Rule(_)
                | Self::Quiet(_) => true,
            }
    }

    pub(super) fn cells(&self, context: &Context) -> Vec<Cell> {
        match self {
            Self::Lot(lot) => goods::lot(lot, context),
            Self::Transfer(transfer) => goods::transfer(transfer, context),
            Self::Count(count) => goods::count(count, context),
            Self::Session(session) => money::session(session, context),
            Self::Account(account) => money::account(account, context),
            Self::Product(product) => manage::product(product, context),
            Self::Store(store, chain) => manage::store(store, chain, context),
            Self::Person(person) => manage::person(person, context),
            Self::Sensor(sensor) => manage::sensor(sensor, context),
            Self::Key(key) => manage::key(key, context),
            Self::Till(till) => manage::till(till, context),
            Self::Change(change, who) => manage::change(change, who, context),
            Self::Alarm(alarm) if alarm.ended_at.is_some() => alarms::past(alarm, context),
            Self::Alarm(alarm) => alarms::open(alarm, context),
            Self::Rule(rule) => alarms::rule(rule, context),
            Self::Quiet(quiet) => alarms::quiet(quiet, context),
        }
    }

    pub(super) fn money(&self) -> Option<Cents> {
        match self {
            Self::Lot(lot) => goods::worth(lot),
            Self::Transfer(_)
            | Self::Product(_)
            | Self::Store(..)
            | Self::Person(_)
            | Self::Sensor(_)
            | Self::Key(_)
            | Self::Till(_)
            | Self::Change(..)
            | Self::Alarm(_)
            | Self::Rule(_)
            | Self::Quiet(_) => None,
            Self::Count(count) => Some(count.worth_cents),
            Self::Session(session) => session.closing.as_ref().map(|closing| closing.difference_cents),
            Self::Account(account) => Some(account.balance_cents),
        }
    }

    /// Whether it is about goods or money of this store.
    pub fn is_of(&self, store: StoreId) -> bool {
        match self {
            Self::Lot(lot) => lot.store_id == store,
            Self::Transfer(transfer) => transfer.from_store_id == store || transfer.to_store_id == store,
            Self::Count(count) => count.store_id == store,
            Self::Session(session) => session.store_id == store,
            Self::Account(account) => account.store_id == store,
            Self::Store(own, _) => own.id == store,
            Self::Person(person) => manage::works_in(person, store),
            Self::Sensor(sensor) => sensor.store_id == Some(store),
            Self::Product(_) | Self::Key(_) | Self::Till(_) => true,
            Self::Change(change, _) => change.store_id.is_none_or(|own| own == store),
            Self::Alarm(alarm) => alarm.store_id.is_none_or(|own| own == store),
            Self::Rule(rule) => rule.settings.store_id.is_none_or(|own| own == store),
            Self::Quiet(quiet) => quiet.settings.store_id == store,
        }
    }
}
