//! Who changed what: a change field by field, so that it can be laid beside what was there before.

use tillwatch_desk::format;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{
    AlarmRuleSettings, AliasKind, Coordination, Event, FeedAliasSet, Matter, Person, Product, QuietTime,
    SensorChange, Store, Thing, Upkeep,
};

use super::Context;
use super::manage::{celsius, role, scope};
use crate::manage_texts::Text;
use crate::sensor_notes_texts::{self as notes, Text as Notes};
use crate::texts;
use crate::{alarm_texts, servers};

type Facts = Vec<(Text, String)>;

fn written(text: Option<&str>) -> String {
    text.unwrap_or("–").to_owned()
}

fn yes(is: bool, context: &Context) -> String {
    if is { Text::Yes.get(context.lang) } else { Text::No.get(context.lang) }.to_owned()
}

/// The fields of what was changed; nothing of what has none that a person sets.
pub fn facts(event: &Event, context: &Context) -> Option<Facts> {
    if let Event::FeedRecordDismissed(one) = event {
        return Some(vec![(Text::File, one.feed.clone()), (Text::Record, one.record_id.clone())]);
    }
    if let Matter::Servers(one) = event.matter() {
        return Some(coordination(one, context));
    }
    if let Matter::Upkeep(one) = event.matter() {
        return upkeep(one);
    }
    let (_, thing) = event.set_up()?;
    Some(match thing {
        Thing::Product(one) => product(one, context),
        Thing::Person(one) => person(one, context),
        Thing::Store(one) => store(one),
        Thing::Sensor(one) => sensor(one, context),
        Thing::Key(one) => {
            let may: Vec<&str> = one.scopes.iter().map(|may| scope(*may).get(context.lang)).collect();
            vec![
                (Text::Name, one.name.clone()),
                (Text::May, may.join(", ")),
                (Text::Revoked, yes(one.revoked, context)),
            ]
        }
        Thing::Till(one) => {
            vec![(Text::Name, one.name.clone()), (Text::ShutOut, yes(one.revoked, context))]
        }
        Thing::Chain(one) => vec![(Text::Name, one.name.clone())],
        Thing::Rule(one) => rule(&one.settings, context),
        Thing::Quiet(one) => quiet(one, context),
        Thing::Alias(one) => alias(one, context),
        Thing::Calibration(one) => {
            let words = notes::calibration(one, Notes::Whole, context.zone(one.store_id), context.lang);
            let gone = notes::withdrawn(one.withdrawn_because.as_ref(), context.lang);
            vec![(Text::WhatChanged, format!("{words}{gone}"))]
        }
        Thing::Annotation(one) => {
            let words = notes::annotation(one, context.zone(one.store_id), context.lang);
            let gone = notes::withdrawn(one.withdrawn_because.as_ref(), context.lang);
            vec![(Text::WhatChanged, format!("{words}{gone}"))]
        }
    })
}

fn product(one: &Product, context: &Context) -> Facts {
    let mut periods = Vec::new();
    for list in &one.price_lists {
        let place = list.store_id.map_or(Text::Everywhere.get(context.lang), |store| context.store(store));
        for period in &list.periods {
            let days = super::period_words(period.first_day, period.last_day, context.lang);
            periods.push(format!("{} ({days}, {place})", period.price_cents));
        }
    }
    vec![
        (Text::Name, one.name.clone()),
        (Text::Code, written(one.code.as_deref())),
        (Text::SoldBy, one.unit.symbol().to_owned()),
        (Text::Price, one.price_cents.to_string()),
        (Text::Minimum, one.minimum_thousandths.to_string()),
        (Text::OtherPrices, if periods.is_empty() { written(None) } else { periods.join("; ") }),
        (Text::OnSale, yes(one.active, context)),
    ]
}

fn person(one: &Person, context: &Context) -> Facts {
    let stores: Vec<&str> = one.stores.iter().map(|store| context.store(*store)).collect();
    vec![
        (Text::Name, one.name.clone()),
        (Text::Username, one.username.clone()),
        (Text::Role, role(one.role).get(context.lang).to_owned()),
        (Text::StoresOf, stores.join(", ")),
        (Text::Pin, yes(one.has_pin, context)),
        (Text::Access, yes(one.active, context)),
    ]
}

fn store(one: &Store) -> Facts {
    let limits = &one.discount_limits;
    vec![
        (Text::Name, one.name.clone()),
        (Text::Cnpj, written(one.cnpj_masked.as_deref())),
        (Text::Zone, one.zone.clone()),
        (Text::SellerLimit, limits.seller.to_string()),
        (Text::ManagerLimit, limits.manager.to_string()),
        (Text::AdminLimit, limits.admin.to_string()),
    ]
}

fn sensor(one: &SensorChange, context: &Context) -> Facts {
    let settings = &one.settings;
    vec![
        (Text::SensorId, one.id.to_string()),
        (Text::Name, settings.name.clone()),
        (Text::Store, context.store(settings.store_id).to_owned()),
        (Text::StandsIn, texts::sensor_kind(settings.kind).get(context.lang).to_owned()),
        (Text::Low, celsius(settings.low_celsius).text),
        (Text::High, celsius(settings.high_celsius).text),
    ]
}

fn rule(one: &AlarmRuleSettings, context: &Context) -> Facts {
    let lang = context.lang;
    let sensor = one.sensor_id.as_ref().map_or(Text::All.get(lang).to_owned(), ToString::to_string);
    let store = one.store_id.map_or(Text::Everywhere.get(lang), |store| context.store(store));
    vec![
        (Text::WhatChanged, alarm_texts::rule(&one.watch, lang)),
        (Text::Where, store.to_owned()),
        (Text::OfSensor, sensor),
        (Text::Urgency, alarm_texts::severity(one.severity).get(lang).to_owned()),
        (Text::WatchedFor, yes(one.enabled, context)),
        (Text::ToDo, written(one.instructions.as_deref())),
    ]
}

fn quiet(one: &QuietTime, context: &Context) -> Facts {
    let (lang, settings) = (context.lang, &one.settings);
    let all = || Text::All.get(lang).to_owned();
    let at = |at| context.when(at, settings.store_id).text;
    vec![
        (Text::Where, context.store(settings.store_id).to_owned()),
        (Text::OfSensor, settings.sensor_id.as_ref().map_or_else(all, ToString::to_string)),
        (
            Text::OfKind,
            settings.alarm_kind.map_or_else(all, |kind| alarm_texts::kind(kind).get(lang).to_owned()),
        ),
        (Text::From, at(one.from)),
        (Text::Until, at(settings.until)),
        (Text::Reason, settings.reason.clone()),
    ]
}

fn alias(one: &FeedAliasSet, context: &Context) -> Facts {
    let mut facts = vec![(Text::File, one.feed.clone()), (Text::NameThere, one.name.clone())];
    // The names of people and products are not here.
    if one.kind == AliasKind::Store {
        facts.push((Text::Means, context.store(StoreId(one.target_id)).to_owned()));
    }
    facts
}

fn coordination(one: &Coordination, context: &Context) -> Facts {
    vec![
        (Text::Coordinator, one.member.to_string()),
        (Text::From, format::date_time(one.since, context.own_zone())),
        (Text::Cause, servers::why(one, context.lang)),
    ]
}

fn upkeep(one: &Upkeep) -> Option<Facts> {
    match one {
        Upkeep::MessagesKept { days, rows } => {
            let rows = format::integer(i64::try_from(*rows).unwrap_or(i64::MAX));
            Some(vec![(Text::KeptDays, days.to_string()), (Text::KeptRows, rows)])
        }
        Upkeep::TerminalForgotten { client } => Some(vec![(Text::Terminal, client.clone())]),
        Upkeep::MemberAdded { member, url } => {
            Some(vec![(Text::Coordinator, member.to_string()), (Text::Address, url.clone())])
        }
        Upkeep::MemberRemoved { member } => Some(vec![(Text::Coordinator, member.to_string())]),
        Upkeep::BackupAskedFor {} => None,
    }
}

/// Whether both events are about the same product, person, store, sensor, key, till, or name in a file.
pub fn same_thing(one: &Event, other: &Event) -> bool {
    if let (Event::FeedAliasSet(one), Event::FeedAliasSet(other)) = (one, other) {
        return (&one.feed, one.kind, &one.name) == (&other.feed, other.kind, &other.name);
    }
    if let (Matter::Servers(_), Matter::Servers(_)) = (one.matter(), other.matter()) {
        return true;
    }
    if let (Matter::Upkeep(one), Matter::Upkeep(other)) = (one.matter(), other.matter()) {
        return matches!((one, other), (Upkeep::MessagesKept { .. }, Upkeep::MessagesKept { .. }));
    }
    one.set_up().zip(other.set_up()).is_some_and(|((_, one), (_, other))| one.is_same(other))
}
