//! Alarms: told once, cared for with reason and action, rules tried before they are set, quiet times.

use tillwatch_monitor::alarm_texts::Text;
use tillwatch_monitor::asking::Long;
use tillwatch_monitor::forms::{About, Form, FormAct, Order, Part, Step};
use tillwatch_monitor::input::{Answer, Effect, ReportOf, User};
use tillwatch_monitor::lists::{ListAct, Topic};
use tillwatch_monitor::lists_texts::Word;
use tillwatch_monitor::samples::{self, NOW, alarms as made};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::lists::uncared;
use tillwatch_shared::AlarmRuleId;
use tillwatch_shared::api::{AlarmKind, AlarmWatch, Event, Measure, RehearsalLine, Severity};
use tillwatch_shared::time::{HOUR, SECOND};

use crate::story::{Story, change};

fn open(topic: Topic, about: Option<About>) -> Story {
    let mut story = Story::loaded(Page::Alarms);
    story.user(User::List(ListAct::Tab(Page::Alarms, Some(topic))));
    story.answer_all();
    if let Some(about) = about {
        story.user(User::Form(FormAct::Open(about)));
    }
    story.asked.clear();
    story
}

fn set(story: &mut Story, part: Part, value: &str) {
    story.user(User::Form(FormAct::Set(part, value.to_owned())));
}

fn go(story: &mut Story) {
    story.user(User::Form(FormAct::Go));
}

fn wrong(story: &Story) -> Option<(Part, Word)> {
    story.state.form.as_ref().and_then(Form::wrong).map(|wrong| (wrong.part, wrong.why))
}

fn sent(story: &Story) -> Vec<Order> {
    let of = |effect: &Effect| {
        if let Effect::Order { order, .. } = effect { Some((**order).clone()) } else { None }
    };
    story.asked.iter().filter_map(of).collect()
}

#[test]
fn an_alarm_that_opens_is_read_at_once_and_told_once() {
    let mut story = Story::loaded(Page::Sales);
    story.asked.clear();
    let alarm = made::alarm(9, NOW);
    story.after(5 * SECOND);
    story.changes(vec![change(41, Event::AlarmOpened(alarm.clone()))], 41, false);
    assert!(story.asked.iter().any(|effect| matches!(effect, Effect::List { topic: Topic::Alarms, .. })));
    let told = |story: &Story| story.state.toasts.texts().filter(|text| text.contains("Alarme")).count();
    assert_eq!(told(&story), 1);
    // One that is quiet is there, and calls nobody.
    let quiet = samples::alarms::alarm(7, NOW);
    assert!(quiet.quiet);
    story.changes(vec![change(42, Event::AlarmOpened(quiet))], 42, false);
    assert_eq!(told(&story), 1);
}

#[test]
fn what_nobody_has_taken_care_of_is_counted() {
    let story = Story::loaded(Page::Overview);
    // The fourth of the four open ones is beyond what this small shop has.
    let numbers: Vec<i64> =
        tillwatch_monitor::update::lists::alarms(&story.state).map(|alarm| alarm.number).collect();
    assert_eq!(numbers, [9]);
    assert_eq!(uncared(&story.state), 1);
}

#[test]
fn taking_care_needs_a_reason_and_an_action() {
    let alarm = made::alarm(9, NOW);
    let mut story = open(Topic::Alarms, Some(About::Acknowledge(alarm.id)));
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Reason, Text::WriteWhy.into())));
    set(&mut story, Part::Reason, "Porta aberta");
    assert_eq!(wrong(&story), Some((Part::Action, Text::WriteAction.into())));
    set(&mut story, Part::Action, "Fechei");
    go(&mut story);
    go(&mut story);
    let orders = sent(&story);
    let [Order::Acknowledge(id, body)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((*id, body.reason.as_str(), body.action.as_str()), (alarm.id, "Porta aberta", "Fechei"));
    story.asked.clear();
    story.answer(Answer::Ordered(Ok(None)));
    assert!(story.asked.iter().any(|effect| matches!(effect, Effect::List { topic: Topic::Alarms, .. })));
}

#[test]
fn a_rule_is_tried_before_it_is_set() {
    let mut story = open(Topic::Rules, Some(About::NewRule));
    set(&mut story, Part::Limit, "sete");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Limit, Text::WrongNumber.into())));
    set(&mut story, Part::Limit, "7,5");
    set(&mut story, Part::Minutes, "0,5");
    go(&mut story);
    let tried = |story: &Story| -> Vec<(u64, AlarmWatch)> {
        let of = |effect: &Effect| {
            if let Effect::Rehearse { ticket, rehearsal } = effect {
                Some((*ticket, rehearsal.rule.watch.clone()))
            } else {
                None
            }
        };
        story.asked.iter().filter_map(of).collect()
    };
    let measure = Measure::Temperature;
    let watch = AlarmWatch::High { measure, limit: Some(7.5), recovery_margin: 0.5, delay_seconds: 30 };
    let rehearsed = tried(&story);
    let [(first, asked)] = &rehearsed[..] else { panic!("{rehearsed:?}") };
    assert_eq!(*asked, watch);
    assert_eq!(sent(&story), []);
    // Another limit is another rehearsal; the answer to the first does not count any more.
    story.user(User::Form(FormAct::Back));
    set(&mut story, Part::Limit, "6");
    go(&mut story);
    let rehearsal = |story: &Story| story.state.form.as_ref().unwrap().rehearsal.value().map(Vec::len);
    story.answer(Answer::Rehearsed { ticket: *first, result: Ok(made::rehearsal(NOW)) });
    assert_eq!(rehearsal(&story), None);
    let second = tried(&story)[1].0;
    story.answer(Answer::Rehearsed { ticket: second, result: Ok(made::rehearsal(NOW)) });
    assert_eq!(rehearsal(&story), Some(4));
    go(&mut story);
    let orders = sent(&story);
    let [Order::SetRule(None, settings)] = &orders[..] else { panic!("{orders:?}") };
    assert!(
        matches!(settings.watch, AlarmWatch::High { limit: Some(limit), .. } if limit.total_cmp(&6.0).is_eq())
    );
    assert_eq!((settings.severity, settings.enabled, &settings.sensor_id), (Severity::Warning, true, &None));
}

fn dropped(story: &Story) -> Vec<u64> {
    let of = |effect: &Effect| {
        if let Effect::Drop(Long::Rehearsal(ticket)) = effect { Some(*ticket) } else { None }
    };
    story.asked.iter().filter_map(of).collect()
}

#[test]
fn a_rule_is_saved_after_its_rehearsal_or_without_one_on_purpose() {
    let mut story = open(Topic::Rules, Some(About::NewRule));
    set(&mut story, Part::Limit, "7,5");
    go(&mut story);
    let form = |story: &Story| {
        let form = story.state.form.as_ref().unwrap();
        (form.ticket, format!("{:.0} %", form.rehearsed), form.rehearsal.is_loading())
    };
    let (ticket, ..) = form(&story);
    story.answer(Answer::Rehearsing { ticket: ticket + 1, percent: 90.0 });
    story.answer(Answer::Rehearsing { ticket, percent: 41.5 });
    assert_eq!(form(&story), (ticket, "42 %".to_owned(), true));
    go(&mut story);
    assert_eq!((sent(&story).len(), dropped(&story)), (0, vec![]), "it waits");
    story.user(User::Form(FormAct::Stop));
    assert_eq!(dropped(&story), [ticket]);
    // What comes after that is no longer asked for.
    story.answer(Answer::Rehearsed { ticket, result: Ok(made::rehearsal(NOW)) });
    assert!(story.state.form.as_ref().unwrap().rehearsal.value().is_none());
    story.user(User::Form(FormAct::Again));
    let (again, done, loading) = form(&story);
    assert_eq!((again != ticket, done.as_str(), loading), (true, "0 %", true));
    // Who goes back, or away, lets the server stop too.
    story.asked.clear();
    story.user(User::Form(FormAct::Back));
    assert_eq!(dropped(&story), [again]);
    go(&mut story);
    let (third, ..) = form(&story);
    story.user(User::Form(FormAct::Stop));
    go(&mut story);
    assert_eq!((sent(&story).len(), dropped(&story)), (1, vec![again, third]), "on purpose without it");
}

#[test]
fn who_closes_the_form_lets_the_server_stop() {
    let mut story = open(Topic::Rules, Some(About::NewRule));
    set(&mut story, Part::Limit, "7,5");
    go(&mut story);
    let ticket = story.state.form.as_ref().unwrap().ticket;
    story.user(User::Form(FormAct::Close));
    assert_eq!(dropped(&story), [ticket]);
    assert!(story.state.form.is_none());
}

#[test]
fn each_kind_asks_for_what_it_needs() {
    for (kind, parts) in [
        (AlarmKind::Rate, &[Part::Measure, Part::PerMinute, Part::Window][..]),
        (AlarmKind::Cumulative, &[Part::Measure, Part::Low, Part::High, Part::Minutes, Part::Window]),
        (AlarmKind::Silent, &[Part::Intervals, Part::Minutes]),
        (AlarmKind::Frozen, &[Part::Measure, Part::Minutes]),
        (AlarmKind::LowStock, &[]),
        (AlarmKind::Expiring, &[Part::Days]),
        (AlarmKind::TillSilent, &[Part::Minutes]),
        (AlarmKind::FeedBroken, &[]),
        (AlarmKind::ServerBehind, &[Part::Entries, Part::Minutes]),
        (AlarmKind::BatteryLow, &[Part::Percent, Part::Recovery]),
        (AlarmKind::BackupFailed, &[]),
        (AlarmKind::JournalDiffers, &[]),
    ] {
        let mut story = open(Topic::Rules, Some(About::NewRule));
        set(&mut story, Part::Instructions, "Chame o gerente");
        set(&mut story, Part::Watch, &format!("{kind:?}").to_lowercase());
        let form = story.state.form.as_ref().unwrap();
        let common = [Part::Watch, Part::Store, Part::Sensor, Part::Severity, Part::Instructions];
        let own: Vec<Part> =
            form.fields.iter().map(|field| field.part).filter(|part| !common.contains(part)).collect();
        assert_eq!(own, parts, "{kind:?}");
        assert_eq!(form.value(Part::Instructions), "Chame o gerente", "what was typed stays");
        go(&mut story);
        assert_eq!(
            story.state.form.as_ref().unwrap().step,
            Step::Reviewing,
            "{kind:?}: what is usual is good"
        );
        story.user(User::Form(FormAct::Stop));
        go(&mut story);
        let orders = sent(&story);
        let [Order::SetRule(None, settings)] = &orders[..] else { panic!("{orders:?}") };
        assert_eq!(settings.watch.kind(), kind);
        assert_eq!(settings.store_id.is_none(), kind.of_no_store());
    }
}

#[test]
fn a_battery_is_well_again_at_no_less_than_where_it_is_low() {
    let mut story = open(Topic::Rules, Some(About::NewRule));
    set(&mut story, Part::Limit, "-15");
    set(&mut story, Part::Watch, "batterylow");
    let form = story.state.form.as_ref().unwrap();
    assert_eq!((form.value(Part::Percent), form.value(Part::Recovery)), ("20", "30"), "no degrees");
    set(&mut story, Part::Percent, "40");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Recovery, Text::WrongRecovery.into())));
    set(&mut story, Part::Recovery, "40");
    go(&mut story);
    assert!(story.asked.iter().any(|effect| matches!(effect, Effect::Rehearse { .. })));
    story.answer_all();
    go(&mut story);
    let orders = sent(&story);
    let [Order::SetRule(None, settings)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(settings.watch, AlarmWatch::BatteryLow { percent: 40, recovery_percent: 40 });
}

#[test]
fn a_rule_that_is_there_opens_as_it_is_and_can_be_taken_out() {
    let rules = made::rules();
    let id: AlarmRuleId = rules[2].id;
    let mut story = open(Topic::Rules, Some(About::Rule(id)));
    let form = story.state.form.as_ref().unwrap();
    assert_eq!((form.value(Part::Limit), form.value(Part::Minutes)), ("7,5", "20"));
    go(&mut story);
    go(&mut story);
    assert_eq!(sent(&story), [], "nothing changed");
    let mut story = open(Topic::Rules, Some(About::RemoveRule(id)));
    go(&mut story);
    assert_eq!(sent(&story), [Order::RemoveRule(id)]);
}

#[test]
fn a_quiet_time_has_a_reason_and_an_end() {
    let mut story = open(Topic::Quiet, Some(About::NewQuiet));
    set(&mut story, Part::Hours, "721");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Hours, Text::WrongHours.into())));
    set(&mut story, Part::Hours, "3");
    go(&mut story);
    assert_eq!(wrong(&story), Some((Part::Reason, Text::WriteWhy.into())));
    set(&mut story, Part::Reason, "Degelo");
    go(&mut story);
    go(&mut story);
    let orders = sent(&story);
    let [Order::SetQuiet(quiet)] = &orders[..] else { panic!("{orders:?}") };
    // By the server's clock, which is a few milliseconds ahead.
    assert_eq!(quiet.until, story.state.server_now(NOW).plus(3 * HOUR));
    assert_eq!((quiet.alarm_kind, &quiet.sensor_id), (None, &None));
}

#[test]
fn an_alarm_looked_at_closely_asks_what_happened() {
    let mut story = open(Topic::PastAlarms, None);
    let alarm = made::alarm(4, NOW);
    story.user(User::List(ListAct::Open(Topic::PastAlarms, alarm.id.to_string())));
    assert_eq!(story.asked, [Effect::Tell(ReportOf::Alarm(alarm.id))]);
    story.answer_all();
    assert!(story.state.lists.open.as_ref().unwrap().report.value().is_some());
    assert!(matches!(made::rehearsal(NOW).last(), Some(RehearsalLine::Done { .. })));
}
