//! What the large chart is compared with, and which readings that takes.

use std::slice;

use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::compare::{Against, Before, CompareAct};
use tillwatch_monitor::compare_texts::Text;
use tillwatch_monitor::input::{Answer, ChartsShown, Effect, Input, User, ViewAct};
use tillwatch_monitor::layout;
use tillwatch_monitor::samples;
use tillwatch_monitor::state::{Page, State};
use tillwatch_shared::client::Step;
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{SensorId, UtcMicros};

use crate::story::{Story, problem};

fn sensor(number: usize) -> SensorId {
    samples::sensor_id(number)
}

fn compare(story: &mut Story, act: CompareAct) {
    story.user(User::Compare(act));
}

/// The first sensor is large and all its readings are here.
fn large() -> Story {
    let mut story = Story::loaded(Page::Sensors);
    story.user(User::View(ViewAct::Sensor(Some(sensor(0)))));
    story.user(User::View(ViewAct::Shown(ChartsShown { sensors: vec![sensor(0)], points: 300 })));
    story.answer_all();
    story
}

/// The request for readings that are at least a day old.
fn earlier(story: &Story) -> Option<u64> {
    story.asked.iter().find_map(|effect| {
        let Effect::Series { ticket, query } = effect else { return None };
        (query.to.0 < story.now.0 - DAY).then_some(*ticket)
    })
}

#[test]
fn an_earlier_period_comes_in_the_same_buckets_and_once() {
    let mut story = large();
    let step = story.state.sensor_charts.block.as_ref().unwrap().step;
    compare(&mut story, CompareAct::With(Against::Before(Before::Week)));
    let (ticket, query) = story.series().unwrap();
    assert_eq!((query.sensors.as_slice(), query.step), ([sensor(0)].as_slice(), Step::Micros(step)));
    let range = story.state.range(&story.state.sensor_charts, story.now);
    assert!(query.from.0 <= range.from - 7 * DAY && range.to - 7 * DAY <= query.to.0, "{query:?}");
    assert!(query.to.since(query.from) <= range.span() * 3 / 2);
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&query)) });
    assert!(story.state.compare.earlier.block.is_some());
    // Two minutes of following the present lie within the margin.
    for _ in 0..24 {
        story.after(5 * SECOND);
        assert_eq!(earlier(&story), None);
        story.answer_all();
    }
    for _ in 0..60 {
        story.after(5 * SECOND);
        story.answer_all();
    }
    let range = story.state.range(&story.state.sensor_charts, story.now);
    let covered = story.state.compare.earlier.block.as_ref().unwrap().covered;
    assert!(covered.from <= range.from - 7 * DAY && range.to - 7 * DAY <= covered.to, "it went along");
}

#[test]
fn another_range_brings_other_buckets_after_those_in_sight() {
    let mut story = large();
    compare(&mut story, CompareAct::With(Against::Before(Before::Day)));
    story.answer_all();
    story.user(User::View(ViewAct::Range(RangeChoice::Day)));
    let (ticket, whole) = story.series().unwrap();
    assert!(matches!(whole.step, Step::Points(_)));
    assert_eq!(story.series(), None, "the buckets are not known yet");
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&whole)) });
    let (_, query) = story.series().unwrap();
    assert_eq!(query.step, Step::Micros(story.state.sensor_charts.block.as_ref().unwrap().step));
    assert!(query.to.since(query.from) >= DAY);
}

#[test]
fn a_view_that_moves_takes_the_earlier_period_with_it_when_it_rests() {
    let mut story = large();
    compare(&mut story, CompareAct::With(Against::Before(Before::By(3 * HOUR))));
    story.answer_all();
    for _ in 0..20 {
        story.now = story.now.plus(SECOND / 60);
        story.user(User::View(ViewAct::Pan(-5 * MINUTE)));
        assert_eq!(story.series(), None, "not while the hand moves");
    }
    story.after(SECOND / 4);
    story.answer_all();
    let range = story.state.range(&story.state.sensor_charts, story.now);
    let covered = story.state.compare.earlier.block.as_ref().unwrap().covered;
    assert!(covered.from <= range.from - 3 * HOUR && range.to - 3 * HOUR <= covered.to);
}

#[test]
fn what_failed_is_tried_with_the_next_poll_and_a_strange_answer_is_no_endless_question() {
    let mut story = large();
    compare(&mut story, CompareAct::With(Against::Before(Before::Year)));
    let (ticket, query) = story.series().unwrap();
    story.answer(Answer::Series { ticket, result: Err(problem(500, "internal", None)) });
    assert!(story.state.compare.earlier.failure.is_some());
    story.after(SECOND);
    assert_eq!(story.series(), None);
    story.after(5 * SECOND);
    let again = earlier(&story).unwrap();
    story.asked.clear();
    let mut strange = samples::series(&query);
    strange.step_micros *= 2;
    story.answer(Answer::Series { ticket: again, result: Ok(strange) });
    for _ in 0..10 {
        story.after(SECOND / 10);
        assert_eq!(earlier(&story), None);
    }
}

#[test]
fn another_sensor_is_read_with_the_first() {
    let mut story = large();
    compare(&mut story, CompareAct::With(Against::Sensor(sensor(2))));
    assert_eq!(story.state.other_sensor().map(|other| other.id.clone()), Some(sensor(2)));
    let shown = ChartsShown { sensors: vec![sensor(0), sensor(2)], points: 300 };
    story.user(User::View(ViewAct::Shown(shown)));
    let (ticket, query) = story.series().unwrap();
    assert_eq!(query.sensors, [sensor(0), sensor(2)]);
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&query)) });
    assert!(story.state.sensor_charts.block.as_ref().unwrap().has_all(&query.sensors));
}

#[test]
fn the_choice_searches_marks_and_takes() {
    let mut story = large();
    compare(&mut story, CompareAct::Toggle);
    let names = |story: &Story| {
        let search = &story.state.compare.chooser.as_ref().unwrap().search;
        story.state.offered_beside(search).iter().map(|sensor| sensor.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&story).len(), 2, "all but the large one");
    compare(&mut story, CompareAct::Mark(1));
    compare(&mut story, CompareAct::Mark(5));
    let second = names(&story)[1].clone();
    let wanted = story.state.sensors().iter().find(|known| known.id == second).unwrap().name.to_uppercase();
    compare(&mut story, CompareAct::Search(wanted));
    assert_eq!(names(&story), slice::from_ref(&second));
    compare(&mut story, CompareAct::TakeMarked);
    assert_eq!(story.state.against(), Some(&Against::Sensor(second)));
    assert!(story.state.compare.chooser.is_none());
    compare(&mut story, CompareAct::Toggle);
    assert_eq!(story.state.against(), None, "off by the same key");
    compare(&mut story, CompareAct::Choose);
    compare(&mut story, CompareAct::Search("there is none such".to_owned()));
    compare(&mut story, CompareAct::TakeMarked);
    assert!(story.state.compare.chooser.is_some() && story.state.against().is_none());
}

#[test]
fn a_beginning_is_typed_and_must_lie_before_what_is_in_sight() {
    let mut story = large();
    let wrong = |story: &Story| story.state.compare.chooser.as_ref().and_then(|chooser| chooser.wrong);
    compare(&mut story, CompareAct::Choose);
    for (typed, expected) in [
        ("ontem", Text::WrongBegin),
        ("31/02/2026 10:00", Text::WrongBegin),
        ("01/01/2030 10:00", Text::NotEarlier),
        ("01/01/1950 10:00", Text::NotEarlier),
    ] {
        compare(&mut story, CompareAct::Begin(typed.to_owned()));
        assert_eq!(wrong(&story), None);
        compare(&mut story, CompareAct::TakeBegin);
        assert_eq!(wrong(&story), Some(expected), "{typed}");
    }
    compare(&mut story, CompareAct::Begin("24/12/2026 18:00".to_owned()));
    compare(&mut story, CompareAct::TakeBegin);
    let range = story.state.range(&story.state.sensor_charts, story.now);
    let by = story.state.earlier_by(story.now).unwrap();
    // 18:00 in the shop is 21:00 UTC.
    assert_eq!(range.from - by, "2026-12-24T21:00:00Z".parse::<UtcMicros>().unwrap().0);
}

#[test]
fn it_ends_with_the_large_sensor_and_with_the_other_one() {
    let mut story = large();
    compare(&mut story, CompareAct::With(Against::Sensor(sensor(2))));
    story.user(User::View(ViewAct::Sensor(Some(sensor(1)))));
    assert_eq!(story.state.compare.with, None);
    compare(&mut story, CompareAct::With(Against::Sensor(sensor(2))));
    let left = samples::sensors(2, story.now);
    story.take(Input::Answer(Answer::Sensors(Ok(left))));
    assert_eq!(story.state.compare.with, None, "it is no longer listed");
}

#[test]
fn it_is_there_again_when_the_window_opens() {
    let mut story = large();
    for with in [Against::Sensor(sensor(2)), Against::Before(Before::Year), Against::Before(Before::By(HOUR))]
    {
        compare(&mut story, CompareAct::With(with.clone()));
        layout::remember(&mut story.state);
        let mut opened = State { settings: story.state.settings.clone(), ..State::default() };
        layout::restore(&mut opened);
        assert_eq!((opened.large, opened.compare.with), (Some(sensor(0)), Some(with)));
    }
}
