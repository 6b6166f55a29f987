//! Which readings the charts ask for, and how a sensor is judged.

use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::input::{Answer, Effect, User, ViewAct};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::{Health, Page};
use tillwatch_shared::client::Step;
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};

use crate::story::{Story, problem};

#[test]
fn one_series_for_all_charts_and_then_only_the_tail() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    let (ticket, query) = story.series().unwrap();
    assert_eq!(query.sensors.len(), 3);
    assert_eq!(query.to, story.state.server_now(story.now));
    assert_eq!(query.to.since(query.from), 15 * MINUTE * 5 / 4);
    assert_eq!(query.step, Step::Points(375));
    story.after(SECOND);
    assert_eq!(story.series(), None, "one at a time");
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&query)) });
    let step = story.state.sensor_charts.block.as_ref().unwrap().step;

    story.after(5 * SECOND);
    let (ticket, tail) = story.series().unwrap();
    assert_eq!(tail.step, Step::Micros(step));
    assert!(tail.to.since(tail.from) < MINUTE, "only the tail: {tail:?}");
    assert!(tail.from.0 < query.to.0, "it overlaps what is here");
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&tail)) });
    let block = story.state.sensor_charts.block.as_ref().unwrap();
    assert!(block.covered.to >= tail.to.0);
}

#[test]
fn late_readings_come_in_with_the_whole_at_growing_distances() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    let mut wholes = Vec::new();
    let begin = story.now;
    for _ in 0..240 {
        story.after(5 * SECOND);
        let whole =
            |e: &Effect| matches!(e, Effect::Series { query, .. } if matches!(query.step, Step::Points(_)));
        if story.asked.iter().any(whole) {
            wholes.push(story.now.since(begin) / SECOND);
        }
        story.answer_all();
    }
    assert_eq!(wholes, [15, 45, 105, 225, 465, 765, 1065]);
}

#[test]
fn charts_that_nobody_sees_are_not_fetched() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    story.user(User::Open(Page::Stock));
    story.asked.clear();
    for _ in 0..20 {
        story.after(5 * SECOND);
        assert_eq!(story.series(), None);
        story.answer_all();
    }
}

#[test]
fn a_view_that_moves_is_fetched_when_it_rests_and_the_old_data_stays() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    for _ in 0..10 {
        story.now = story.now.plus(SECOND / 60);
        story.user(User::View(ViewAct::Pan(-5 * MINUTE)));
    }
    assert_eq!(story.series(), None, "not while the hand moves");
    assert!(story.state.sensor_charts.block.is_some());
    story.after(SECOND / 4);
    let (_, query) = story.series().unwrap();
    let range = story.state.sensor_charts.view.range(story.now.0);
    assert!(query.from.0 <= range.from && range.to <= query.to.0);
    assert!(!story.state.sensor_charts.view.follows());
}

#[test]
fn zooming_in_brings_finer_buckets_and_a_choice_is_at_once() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    story.user(User::View(ViewAct::Range(RangeChoice::Day)));
    let (ticket, query) = story.series().unwrap();
    assert_eq!(query.to.since(query.from), DAY * 5 / 4);
    story.answer(Answer::Series { ticket, result: Ok(samples::series(&query)) });
    let at = story.now.0 - 12 * HOUR;
    story.user(User::View(ViewAct::Zoom { factor: 0.2, at: Some(at) }));
    story.after(SECOND / 4);
    let (_, query) = story.series().unwrap();
    assert!(query.to.since(query.from) < DAY / 2, "{query:?}");
}

#[test]
fn an_answer_for_another_request_is_passed_over() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    let (ticket, query) = story.series().unwrap();
    story.answer(Answer::Series { ticket: ticket + 7, result: Ok(samples::series(&query)) });
    assert!(story.state.sensor_charts.block.is_none());
}

#[test]
fn a_failed_series_keeps_the_old_one_and_is_tried_with_the_next_poll() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    story.user(User::View(ViewAct::Range(RangeChoice::Week)));
    let (ticket, _) = story.series().unwrap();
    story.answer(Answer::Series { ticket, result: Err(problem(500, "internal", None)) });
    assert!(story.state.sensor_charts.block.is_some() && story.state.sensor_charts.failure.is_some());
    story.after(SECOND);
    assert_eq!(story.series(), None);
    story.after(4 * SECOND);
    assert!(story.series().is_some());
}

#[test]
fn sensors_are_judged_by_band_and_silence() {
    let mut sensor = samples::sensors(1, NOW).remove(0);
    let mut health = |celsius: f64, age: i64| {
        let last = sensor.last.as_mut().unwrap();
        last.temperature = celsius;
        last.measured_at = NOW.plus(-age);
        Health::of(&sensor, NOW)
    };
    let cases = [
        (4.0, 0, Health::Good),
        (8.0, 0, Health::Good),
        (8.1, 0, Health::TooWarm),
        (1.9, 0, Health::TooCold),
        (9.0, 11 * MINUTE, Health::Silent),
        (4.0, 9 * MINUTE, Health::Good),
    ];
    for (celsius, age, expected) in cases {
        assert_eq!(health(celsius, age), expected, "{celsius} {age}");
    }
    // One that tells something once an hour is not silent for that; one that does each second soon is.
    for (usual, age, expected) in [
        (180 * MINUTE, 60 * MINUTE, Health::Good),
        (180 * MINUTE, 181 * MINUTE, Health::Silent),
        (MINUTE, 61 * SECOND, Health::Silent),
        (MINUTE, 59 * SECOND, Health::Good),
    ] {
        sensor.silent_after_micros = Some(usual);
        let last = sensor.last.as_mut().unwrap();
        (last.temperature, last.measured_at) = (4.0, NOW.plus(-age));
        assert_eq!(Health::of(&sensor, NOW), expected, "{usual} {age}");
    }
    sensor.last = None;
    assert_eq!(Health::of(&sensor, NOW), Health::Unheard);
}
