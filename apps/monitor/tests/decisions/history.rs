//! The history: what a change was, beside what was there before it.

use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::lists::{ListAct, Part, Row, Topic};
use tillwatch_monitor::samples::{NOW, alarms, manage};
use tillwatch_monitor::state::Page;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{
    AlarmWatch, Change, Coordination, CoordinationCause, Event, Measure, Page as ListPage, Upkeep,
};

use crate::story::{Story, change};

/// The list with these changes in it, the newest first.
fn told(changes: Vec<Change>) -> Story {
    let mut story = Story::loaded(Page::Manage);
    story.user(User::List(ListAct::Tab(Page::Manage, Some(Topic::History))));
    let asked = story.asked.iter().find_map(|effect| {
        if let Effect::List { topic: Topic::History, ticket, .. } = effect { Some(*ticket) } else { None }
    });
    let Some(ticket) = asked else { panic!("the history is not asked for: {:?}", story.asked) };
    let items = changes.into_iter().map(|change| Row::Change(Box::new(change), "Ana".to_owned())).collect();
    story.answer(Answer::List { topic: Topic::History, ticket, result: Ok(ListPage { items, next: None }) });
    story
}

/// What stands in the row, and each field with its value and what it was.
fn opened(story: &mut Story, seq: i64) -> Vec<(String, String, Option<String>)> {
    story.user(User::List(ListAct::Open(Topic::History, seq.to_string())));
    let Some(open) = &story.state.lists.open else { panic!("{seq} is not there") };
    let part = |part: &Part| match part {
        Part::Pair { name, note, value, .. } => Some((name.clone(), value.clone(), note.clone())),
        Part::Head(_) | Part::Note(_) => None,
    };
    open.detail.parts.iter().filter_map(part).collect()
}

/// The value of a field, and what it was.
fn field<'f>(fields: &'f [(String, String, Option<String>)], name: &str) -> (&'f str, Option<&'f str>) {
    let found = fields.iter().find(|(field, ..)| field == name);
    let Some((_, value, was)) = found else { panic!("{name}: {fields:?}") };
    (value, was.as_deref())
}

fn kept(days: u32, rows: u64) -> Event {
    Event::UpkeepNoted(Upkeep::MessagesKept { days, rows })
}

#[test]
fn what_was_done_at_the_server_is_told_with_what_was_there() {
    let forgotten = Event::UpkeepNoted(Upkeep::TerminalForgotten { client: "Caixa 2".to_owned() });
    let asked = Event::UpkeepNoted(Upkeep::BackupAskedFor {});
    let url = "http://10.0.0.4:8080".to_owned();
    let added = Event::UpkeepNoted(Upkeep::MemberAdded { member: 4, url });
    let removed = Event::UpkeepNoted(Upkeep::MemberRemoved { member: 4 });
    let mut story = told(vec![
        change(11, removed),
        change(10, added),
        change(9, asked),
        change(8, kept(7, 20_000)),
        change(6, forgotten),
        change(5, kept(30, 1_000_000)),
    ]);
    let shown: Vec<String> = story
        .state
        .lists
        .get(Topic::History)
        .unwrap()
        .sheet
        .lines
        .iter()
        .map(|line| line.cells[2].text.clone())
        .collect();
    assert_eq!(
        shown,
        [
            "servidor retirado do grupo",
            "servidor posto no grupo",
            "cópia de segurança pedida",
            "mensagens dos terminais: por quanto tempo",
            "terminal esquecido",
            "mensagens dos terminais: por quanto tempo",
        ]
    );
    let fields = opened(&mut story, 8);
    assert_eq!(field(&fields, "Dias"), ("7", Some("antes: 30")));
    assert_eq!(field(&fields, "No máximo"), ("20.000", Some("antes: 1.000.000")));
    assert_eq!(field(&opened(&mut story, 5), "Dias"), ("30", None));
    assert_eq!(field(&opened(&mut story, 6), "Terminal"), ("Caixa 2", None));
    assert_eq!(field(&opened(&mut story, 9), "Quem"), ("Ana", None));
    let fields = opened(&mut story, 10);
    assert_eq!(field(&fields, "Servidor"), ("4", None));
    assert_eq!(field(&fields, "Endereço"), ("http://10.0.0.4:8080", None));
}

#[test]
fn a_rule_a_price_and_a_coordinator_are_laid_beside_what_they_were() {
    let mut rule = alarms::rules().swap_remove(2);
    let was = Event::AlarmRuleSet(rule.clone());
    rule.settings.watch = AlarmWatch::High {
        measure: Measure::Temperature,
        limit: Some(6.0),
        recovery_margin: 0.5,
        delay_seconds: 1_200,
    };
    rule.settings.enabled = false;
    let mut product = manage::product(3, NOW);
    let cheap = Event::ProductChanged(product.clone());
    product.price_cents = Cents(product.price_cents.0 + 100);
    let other = Event::ProductChanged(manage::product(4, NOW));
    let coordinates = |member, before| {
        let cause = CoordinationCause::Silent;
        Event::CoordinationTaken(Coordination { term: 2, member, since: NOW, cause, before })
    };
    let mut story = told(vec![
        change(19, coordinates(2, Some(1))),
        change(18, Event::AlarmRuleSet(rule)),
        change(17, Event::ProductChanged(product.clone())),
        change(16, other),
        change(15, cheap),
        change(14, was),
        change(13, coordinates(1, None)),
    ]);
    let fields = opened(&mut story, 18);
    assert_eq!(field(&fields, "Vigiado"), ("não", Some("antes: sim")));
    let changed = fields.iter().filter(|(_, _, was)| was.is_some()).count();
    assert_eq!(changed, 2, "{fields:?}");
    let fields = opened(&mut story, 17);
    let was = Cents(product.price_cents.0 - 100);
    assert_eq!(
        field(&fields, "Preço"),
        (product.price_cents.to_string().as_str(), Some(format!("antes: {was}").as_str()))
    );
    assert_eq!(field(&opened(&mut story, 16), "Preço").1, None, "another product is nothing to compare with");
    let fields = opened(&mut story, 19);
    assert_eq!(field(&fields, "Servidor"), ("2", Some("antes: 1")));
}
