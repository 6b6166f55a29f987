//! When what people said of a sensor is asked for.

use std::slice;

use tillwatch_monitor::input::{Answer, Effect, User, ViewAct};
use tillwatch_monitor::samples;
use tillwatch_monitor::sensor_notes::Said;
use tillwatch_monitor::state::Page;
use tillwatch_shared::SensorId;
use tillwatch_shared::api::Event;
use tillwatch_shared::time::SECOND;

use crate::story::{Story, change, problem};

/// The change feed tells of it.
fn tell(story: &mut Story, event: Event) {
    let seq = story.state.feed.seq.unwrap_or_default() + 1;
    story.changes(vec![change(seq, event)], seq, false);
}

fn asked(story: &mut Story) -> Vec<SensorId> {
    let mut found = Vec::new();
    story.asked.retain(|effect| {
        if let Effect::Notes(sensor) = effect {
            found.push(sensor.clone());
        }
        !matches!(effect, Effect::Notes(_))
    });
    found
}

#[test]
fn with_the_large_sensor_and_again_when_something_is_said_of_it() {
    let mut story = Story::loaded(Page::Sensors);
    assert!(asked(&mut story).is_empty(), "the wall shows none");
    let (first, second) = (samples::sensor_id(0), samples::sensor_id(1));
    story.user(User::View(ViewAct::Sensor(Some(first.clone()))));
    assert_eq!(asked(&mut story), slice::from_ref(&first));
    let said = samples::notes::said(&first, story.now);
    story.answer(Answer::Notes(first.clone(), Ok(said.clone())));
    story.after(20 * SECOND);
    assert!(asked(&mut story).is_empty(), "once is enough");
    let of_another = samples::notes::said(&second, story.now).annotations.remove(0);
    tell(&mut story, Event::AnnotationAdded(of_another));
    assert!(asked(&mut story).is_empty());
    tell(&mut story, Event::AnnotationWithdrawn(said.annotations[0].clone()));
    assert_eq!(asked(&mut story), slice::from_ref(&first));
    story.after(SECOND);
    story.answer(Answer::Notes(first.clone(), Err(problem(503, "busy", None))));
    assert!(asked(&mut story).is_empty(), "a refusal is asked again with the next poll");
    assert!(story.state.notes.about(&first).is_some(), "what was known stays in sight");

    story.user(User::View(ViewAct::Sensor(Some(second.clone()))));
    assert_eq!(asked(&mut story), slice::from_ref(&second));
    story.answer(Answer::Notes(first.clone(), Ok(Said::default())));
    assert!(story.state.notes.about(&second).is_none(), "an answer about another one is no answer");
}

#[test]
fn a_calibration_asks_for_the_charts_anew() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    let sensor = samples::sensor_id(0);
    let one = samples::notes::said(&sensor, story.now).calibrations.remove(0);
    story.after(SECOND);
    story.asked.clear();
    tell(&mut story, Event::CalibrationSet(one));
    assert!(story.asked.iter().any(|effect| matches!(effect, Effect::Series { .. })));
    assert!(story.asked.iter().any(|effect| matches!(effect, Effect::Sensors)));
}
