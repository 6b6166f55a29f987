//! What calls the person at this machine, and the wall.

use tillwatch_desk::settings::Calls;
use tillwatch_monitor::calls::{Call, CallAct, Reach};
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::layout;
use tillwatch_monitor::samples::alarms::{alarm, quiet};
use tillwatch_monitor::state::{Page, State};
use tillwatch_monitor::wall::WallAct;
use tillwatch_shared::api::{Alarm, Event, Severity};
use tillwatch_shared::time::{MINUTE, SECOND};

use crate::story::{SERVER, Story, change};

/// Nobody took care of it, and nobody asked for quiet.
fn fresh(number: i64, severity: Severity, story: &Story) -> Alarm {
    Alarm { severity, quiet: false, ended_at: None, acknowledgement: None, ..alarm(number, story.now) }
}

fn happen(story: &mut Story, events: Vec<Event>) {
    let from = SERVER.changes + 1 + story.state.feed.seq.map_or(0, |seq| seq - SERVER.changes);
    let changes: Vec<_> = (from..).zip(events).map(|(seq, event)| change(seq, event)).collect();
    let end = changes.iter().map(|change| change.seq).max().unwrap_or(from);
    story.changes(changes, end, false);
}

fn calls(story: &mut Story) -> Vec<Call> {
    let asked = std::mem::take(&mut story.asked).into_iter();
    let calls = asked.filter_map(|effect| if let Effect::Call(call) = effect { Some(call) } else { None });
    calls.collect()
}

/// So many minutes, in which the server answers.
fn calls_within(story: &mut Story, minutes: i64) -> Vec<Call> {
    let mut made = Vec::new();
    for _ in 0..minutes {
        story.after(MINUTE);
        while !story.asked.is_empty() {
            for effect in std::mem::take(&mut story.asked) {
                let answer = SERVER.answer(&effect, story.now);
                made.extend(if let Effect::Call(call) = effect { Some(call) } else { None });
                if let Some(answer) = answer {
                    story.answer(answer);
                }
            }
        }
    }
    made
}

#[test]
fn an_alarm_calls_once_and_those_of_before_do_not() {
    let mut story = Story::loaded(Page::Overview);
    // The made-up server has open alarms, which the window found there.
    story.after(10 * MINUTE);
    assert_eq!(calls(&mut story), []);
    let notice = fresh(8, Severity::Notice, &story);
    happen(&mut story, vec![Event::AlarmOpened(notice.clone())]);
    let made = calls(&mut story);
    assert_eq!(made.len(), 1);
    assert!(made[0].title.starts_with(&notice.name) && !made[0].urgent, "{made:?}");
    assert!(made[0].show && made[0].sound && !made[0].body.is_empty());
    for _ in 0..20 {
        story.after(MINUTE);
        story.answer_all();
    }
    assert_eq!(calls(&mut story), [], "not critical: told once");
}

#[test]
fn many_at_once_make_one_call_and_quiet_ones_none() {
    let mut story = Story::loaded(Page::Overview);
    let hushed = Alarm { quiet: true, ..fresh(9, Severity::Critical, &story) };
    let over = Alarm { ended_at: Some(story.now), ..fresh(9, Severity::Critical, &story) };
    happen(&mut story, vec![Event::AlarmOpened(hushed), Event::AlarmOpened(over)]);
    assert_eq!(calls(&mut story), []);
    let many = (20..26).map(|number| Event::AlarmOpened(fresh(number, Severity::Warning, &story)));
    let many = many.collect();
    happen(&mut story, many);
    let made = calls(&mut story);
    assert_eq!((made.len(), made[0].title.as_str()), (1, "6 alarmes novos"));
    assert_eq!(made[0].body.lines().count(), 4);
}

#[test]
fn a_critical_one_calls_again_until_somebody_takes_care() {
    let mut story = Story::loaded(Page::Overview);
    let one = fresh(8, Severity::Critical, &story);
    happen(&mut story, vec![Event::AlarmOpened(one.clone())]);
    assert!(calls(&mut story)[0].urgent);
    story.after(5 * MINUTE - SECOND);
    assert_eq!(calls(&mut story), []);
    story.after(SECOND);
    let again = calls(&mut story);
    assert_eq!(again.len(), 1);
    assert!(again[0].title.starts_with("Ninguém cuidou ainda"), "{again:?}");
    story.after(5 * MINUTE);
    assert_eq!(calls(&mut story).len(), 1);
    happen(&mut story, vec![Event::AlarmAcknowledged(one)]);
    story.after(60 * MINUTE);
    assert_eq!(calls(&mut story), []);
}

#[test]
fn a_quiet_time_silences_what_was_calling_and_its_end_lets_it_call_again() {
    let mut story = Story::loaded(Page::Overview);
    let one = fresh(8, Severity::Critical, &story);
    let mut hush = quiet(1, story.now);
    hush.settings.store_id = one.store_id.unwrap();
    hush.settings.sensor_id = None;
    happen(&mut story, vec![Event::AlarmOpened(one), Event::QuietTimeSet(hush.clone())]);
    assert_eq!(calls(&mut story).len(), 1);
    story.after(30 * MINUTE);
    assert_eq!(calls(&mut story), []);
    happen(&mut story, vec![Event::QuietTimeRemoved(hush)]);
    assert_eq!(calls(&mut story).len(), 1);
}

#[test]
fn what_opened_in_a_quiet_time_calls_when_that_is_over() {
    let mut story = Story::loaded(Page::Overview);
    let hushed = |number, story: &Story| Alarm { quiet: true, ..fresh(number, Severity::Warning, story) };
    let (stays, ends) = (hushed(9, &story), hushed(15, &story));
    let mut hush = quiet(1, story.now);
    hush.settings.store_id = stays.store_id.unwrap();
    hush.settings.sensor_id = None;
    let opened = [stays.clone(), ends.clone()].map(Event::AlarmOpened);
    happen(&mut story, [vec![Event::QuietTimeSet(hush)], opened.to_vec()].concat());
    assert_eq!(calls_within(&mut story, 60), []);
    happen(&mut story, vec![Event::AlarmCleared(ends)]);
    assert_eq!(calls_within(&mut story, 59), [], "a minute before its end");
    let made = calls_within(&mut story, 2);
    assert!(made.len() == 1 && made[0].title.starts_with(&stays.name), "{made:?}");
    assert_eq!(calls_within(&mut story, 60), [], "once");
}

#[test]
fn what_was_switched_off_stays_off_and_is_kept() {
    let mut story = Story::loaded(Page::Settings);
    for act in [CallAct::Sound(false), CallAct::Repeat(0)] {
        story.user(User::Call(act));
    }
    let saved = story.asked.iter().rev().find_map(|effect| {
        if let Effect::Save(settings) = effect { Some(settings.calls.clone()) } else { None }
    });
    assert_eq!(saved, Some(Calls { sound: false, show: true, repeat_minutes: 0 }));
    let one = fresh(8, Severity::Critical, &story);
    happen(&mut story, vec![Event::AlarmOpened(one.clone())]);
    let made = calls(&mut story);
    assert!(made[0].show && !made[0].sound);
    story.after(60 * MINUTE);
    assert_eq!(calls(&mut story), [], "never again was asked for");
    story.user(User::Call(CallAct::Show(false)));
    let other = fresh(20, one.severity, &story);
    happen(&mut story, vec![Event::AlarmOpened(other)]);
    assert_eq!(calls(&mut story), []);
}

#[test]
fn a_machine_that_cannot_call_says_so_once() {
    let mut story = Story::loaded(Page::Overview);
    let told = |story: &Story| story.state.toasts.texts().count();
    let before = told(&story);
    let reach = Reach { shown: false, heard: false };
    story.answer(Answer::Called(reach));
    story.answer(Answer::Called(reach));
    assert_eq!(told(&story), before + 1);
    assert_eq!(story.state.calls.reach, Some(reach));
}

#[test]
fn the_wall_turns_and_an_alarm_holds_it() {
    let mut story = Story::loaded(Page::Reports);
    story.user(User::Wall(WallAct::Seconds(10)));
    story.user(User::Wall(WallAct::Enter));
    let mut seen = vec![story.state.page];
    for _ in 0..3 {
        story.after(10 * SECOND);
        story.answer_all();
        seen.push(story.state.page);
    }
    assert_eq!(seen, [Page::Overview, Page::Sensors, Page::Alarms, Page::Overview]);
    let one = fresh(8, Severity::Notice, &story);
    happen(&mut story, vec![Event::AlarmOpened(one.clone())]);
    for _ in 0..10 {
        assert_eq!(story.state.page, Page::Alarms);
        story.after(10 * SECOND);
        story.answer_all();
    }
    happen(&mut story, vec![Event::AlarmCleared(one)]);
    story.after(10 * SECOND);
    assert_eq!(story.state.page, Page::Overview);
    story.user(User::Wall(WallAct::Leave));
    story.after(60 * SECOND);
    assert_eq!((story.state.page, story.state.wall.is_none()), (Page::Overview, true));
}

#[test]
fn the_window_opens_as_it_was_left() {
    use tillwatch_monitor::charts::RangeChoice;
    use tillwatch_monitor::input::{LogAct, ViewAct};
    use tillwatch_monitor::livelog::{Filter, KindFilter};
    use tillwatch_monitor::samples::{sensor_id, store};

    let mut story = Story::loaded(Page::Sensors);
    story.user(User::View(ViewAct::Range(RangeChoice::Week)));
    story.user(User::View(ViewAct::Sensor(Some(sensor_id(1)))));
    let narrow = Filter {
        kind: KindFilter::Alarms,
        store: Some(store(1).id),
        text: "maria".into(),
        ..Filter::default()
    };
    story.user(User::Log(LogAct::Filter(narrow.clone())));
    layout::remember(&mut story.state);
    let sign_in = tillwatch_desk::sign_in::State::new("a".into(), None, "monitor".into());
    let again = State::new(story.state.settings.clone(), sign_in);
    assert_eq!(again.page, Page::Sensors);
    assert_eq!(again.sensor_charts.view.choice(), Some(RangeChoice::Week));
    assert_eq!(again.large, Some(sensor_id(1)));
    assert_eq!(
        *again.log.filter(),
        Filter { text: String::new(), ..narrow },
        "what was searched is not kept"
    );
}
