//! The monthly sheet: which month is asked for, and which answers count.

use jiff::civil::date;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::asking::Long;
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::samples;
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::sheets::SheetAct;
use tillwatch_monitor::state::Page;
use tillwatch_shared::client::{ReportFile, SheetAsk, SheetPart};

use crate::story::Story;

fn sheet(story: &mut Story, act: SheetAct) {
    story.user(User::Sheet(act));
}

/// The questions since the last look.
fn asked(story: &mut Story) -> Vec<(u64, SheetAsk)> {
    let all = std::mem::take(&mut story.asked);
    let of = |effect| if let Effect::Sheet { ticket, ask } = effect { Some((ticket, ask)) } else { None };
    all.into_iter().filter_map(of).collect()
}

fn open() -> Story {
    let mut story = Story::loaded(Page::Sensors);
    story.asked.clear();
    sheet(&mut story, SheetAct::Open(samples::sensor_id(1)));
    story
}

#[test]
fn it_opens_with_this_month_of_the_store() {
    // By UTC it is January already.
    let mut story = open();
    let [(_, ask)] = &asked(&mut story)[..] else { panic!("one question") };
    assert_eq!((&ask.sensor, ask.month), (&samples::sensor_id(1), date(2026, 12, 1)));
    sheet(&mut story, SheetAct::Month(1));
    assert_eq!(asked(&mut story), [], "January has not begun there");
    sheet(&mut story, SheetAct::Month(-1));
    assert_eq!(asked(&mut story)[0].1.month, date(2026, 11, 1));
}

#[test]
fn an_answer_for_another_month_is_left_out() {
    let mut story = open();
    let (late, ask) = asked(&mut story).remove(0);
    sheet(&mut story, SheetAct::Month(-1));
    let (ticket, november) = asked(&mut story).remove(0);
    let told = |ask: &SheetAsk| Ok(Box::new(samples::sheets::sheet(ask, samples::NOW)));
    story.answer(Answer::Sheet { ticket: late, result: told(&ask) });
    assert!(story.state.sheets.open.as_ref().unwrap().sheet.value().is_none());
    story.answer(Answer::Sheet { ticket, result: told(&november) });
    let open = story.state.sheets.open.as_ref().unwrap();
    assert_eq!(open.sheet.value().unwrap().month, date(2026, 11, 1));
    // Closed meanwhile.
    sheet(&mut story, SheetAct::Close);
    story.answer(Answer::Sheet { ticket, result: told(&november) });
    assert!(story.state.sheets.open.is_none());
}

#[test]
fn a_failure_is_asked_again_by_hand() {
    let mut story = open();
    let (ticket, _) = asked(&mut story).remove(0);
    story.answer(Answer::Sheet { ticket, result: Err(Failure::Unreachable) });
    assert!(story.state.sheets.open.as_ref().unwrap().sheet.failure().is_some());
    sheet(&mut story, SheetAct::Retry);
    let [(again, _)] = asked(&mut story)[..] else { panic!("one question") };
    assert_ne!(again, ticket);
}

#[test]
fn a_file_has_the_half_that_is_shown_and_the_name() {
    let mut story = open();
    sheet(&mut story, SheetAct::Responsible("  Ana, CRF 1234 ".to_owned()));
    sheet(&mut story, SheetAct::Excursions(true));
    story.asked.clear();
    sheet(&mut story, SheetAct::Save(ReportFile::Csv));
    sheet(&mut story, SheetAct::Save(ReportFile::Csv));
    let [Effect::File(FileEffect::Sheet { ask, file, part, name })] = &story.asked[..] else {
        panic!("one file at a time: {:?}", story.asked)
    };
    assert_eq!((ask.responsible.as_deref(), *file), (Some("Ana, CRF 1234"), ReportFile::Csv));
    assert_eq!((*part, name.as_str()), (SheetPart::Excursions, "folha-de-temperatura-2026-12"));
    // The name stays for the next sheet.
    sheet(&mut story, SheetAct::Open(samples::sensor_id(2)));
    assert_eq!(story.state.sheets.ask().unwrap().responsible.as_deref(), Some("Ana, CRF 1234"));
}

/// A month that nobody waits for any more is dropped, whether it was stopped, left or closed.
#[test]
fn what_is_not_waited_for_is_dropped() {
    let drops = |story: &mut Story| -> Vec<Long> {
        let all = std::mem::take(&mut story.asked).into_iter();
        all.filter_map(|effect| if let Effect::Drop(long) = effect { Some(long) } else { None }).collect()
    };
    let mut story = Story::loaded(Page::Sensors);
    let act = |story: &mut Story, act| story.user(User::Sheet(act));
    act(&mut story, SheetAct::Open(samples::sensor_id(1)));
    let ticket = |story: &Story| Long::Sheet(story.state.sheets.open.as_ref().unwrap().ticket);
    let first = ticket(&story);
    act(&mut story, SheetAct::Stop);
    act(&mut story, SheetAct::Stop);
    assert_eq!(drops(&mut story), [first], "once");
    assert!(story.state.sheets.open.as_ref().unwrap().wait.stopped);
    act(&mut story, SheetAct::Retry);
    let second = ticket(&story);
    assert!(!story.state.sheets.open.as_ref().unwrap().wait.stopped);
    act(&mut story, SheetAct::Month(-1));
    assert_eq!(drops(&mut story), [second], "another month was chosen");
    let third = ticket(&story);
    act(&mut story, SheetAct::Close);
    assert_eq!(drops(&mut story), [third]);
    // What is there is not dropped.
    act(&mut story, SheetAct::Open(samples::sensor_id(1)));
    story.answer_all();
    act(&mut story, SheetAct::Close);
    assert_eq!(drops(&mut story), []);
}
