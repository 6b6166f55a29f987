//! The live log over a journal of a million changes: a window without gaps that follows whoever scrolls.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Effect, LogAct, User};
use tillwatch_monitor::livelog::{Filter, KindFilter, Log};
use tillwatch_monitor::past::{PastAct, UNASKED, Way};
use tillwatch_monitor::samples;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::past::reach;
use tillwatch_shared::api::Event;
use tillwatch_shared::time::SECOND;

use crate::story::{SERVER, Story, change};

const JOURNAL: i64 = 1_000_000;
const LONG: MadeUp = MadeUp { changes: JOURNAL, ..SERVER };
/// Rows that the log keeps here.
const ROOM: usize = 3_000;

fn past(story: &mut Story, act: PastAct) {
    story.user(User::Log(LogAct::Past(act)));
}

/// What was asked of the journal's past, answered; how many changes each asked for.
fn answered(story: &mut Story) -> Vec<u32> {
    let mut asked = Vec::new();
    loop {
        let place = story.asked.iter().position(|effect| matches!(effect, Effect::Past { .. }));
        let Some(place) = place else { return asked };
        let effect = story.asked.remove(place);
        if let Effect::Past { limit, .. } = &effect {
            asked.push(*limit);
        }
        let answer = LONG.answer(&effect, story.now).unwrap();
        story.answer(answer);
    }
}

/// Somebody reads the newest rows of a long journal.
fn reading() -> Story {
    let mut story = Story::signed_in();
    story.user(User::Open(Page::Live));
    story.state.log = Log::with_room(ROOM);
    for effect in std::mem::take(&mut story.asked) {
        if let Some(answer) = LONG.answer(&effect, story.now) {
            story.answer(answer);
        }
    }
    answered(&mut story);
    story
}

/// Scrolls on, while that leads anywhere.
fn scrolled(story: &mut Story, to_newest: bool, steps: usize) {
    story.user(User::Log(LogAct::AtTop(false)));
    for _ in 0..steps {
        let Some(act) = reach(&story.state, to_newest, !to_newest) else { return };
        past(story, act);
        answered(story);
    }
}

/// Places in the journal, newest first.
fn shown(story: &Story) -> Vec<i64> {
    let log = &story.state.log;
    (0..log.shown_len()).map(|index| log.shown(index).unwrap().1.seq).collect()
}

fn without_gaps(story: &Story, newest: i64) {
    let seqs = shown(story);
    let wanted: Vec<i64> = (0..seqs.len() as i64).map(|back| newest - back).collect();
    assert_eq!(seqs, wanted);
}

#[test]
fn a_window_without_gaps_follows_whoever_scrolls_back_and_forth() {
    let mut story = reading();
    without_gaps(&story, JOURNAL);
    scrolled(&mut story, false, 12);
    assert_eq!(story.state.log.len(), ROOM, "bounded");
    let oldest = story.state.feed.oldest;
    assert_eq!(oldest, JOURNAL - 13_000);
    without_gaps(&story, oldest + ROOM as i64);
    // What happens now is neither lost nor mixed in.
    story.after(5 * SECOND);
    story.changes(
        vec![change(JOURNAL + 1, Event::SaleRecorded(samples::sale(7, 0, story.now)))],
        JOURNAL + 1,
        false,
    );
    without_gaps(&story, oldest + ROOM as i64);
    scrolled(&mut story, true, 3);
    without_gaps(&story, oldest + ROOM as i64 + 3_000);
    assert_eq!(story.state.log.waiting(), 0, "what was read forward does not wait");
    scrolled(&mut story, false, 2);
    without_gaps(&story, oldest + ROOM as i64 + 1_000);
    past(&mut story, PastAct::Now);
    assert!(story.state.log.is_empty() && story.state.feed.past.newest.is_none());
    story.after(5 * SECOND);
    answered(&mut story);
    without_gaps(&story, JOURNAL);
}

#[test]
fn forward_again_the_present_is_reached() {
    let mut story = reading();
    scrolled(&mut story, false, 6);
    assert!(story.state.feed.past.newest.is_some());
    scrolled(&mut story, true, 20);
    assert_eq!(story.state.feed.past.newest, None);
    without_gaps(&story, JOURNAL);
    story.after(5 * SECOND);
    story.changes(
        vec![change(JOURNAL + 1, Event::SaleRecorded(samples::sale(7, 0, story.now)))],
        JOURNAL + 1,
        false,
    );
    // There is no room, and rows that are read are not pushed out: the new one is read when somebody goes there.
    without_gaps(&story, JOURNAL);
    assert_eq!(story.state.feed.past.newest, Some(JOURNAL));
    let longer = MadeUp { changes: JOURNAL + 1, ..LONG };
    past(&mut story, PastAct::Reach(Way::Newer));
    let page = story.asked.pop().unwrap();
    story.answer(longer.answer(&page, story.now).unwrap());
    without_gaps(&story, JOURNAL + 1);
    assert_eq!(story.state.feed.past.newest, None);
}

#[test]
fn a_day_is_gone_to_with_few_questions() {
    let mut story = reading();
    past(&mut story, PastAct::Day("nunca".into()));
    past(&mut story, PastAct::Go);
    assert!(answered(&mut story).is_empty());
    // A change comes every 37 seconds: this is some 370,000 before the last.
    past(&mut story, PastAct::Day("25/07/2026 08:30".into()));
    past(&mut story, PastAct::Go);
    let asked = answered(&mut story);
    let (probes, pages): (Vec<u32>, Vec<u32>) = asked.into_iter().partition(|limit| *limit == 1);
    assert!(probes.len() <= 20 && pages == [1_000], "{probes:?} {pages:?}");
    let (_, row) = story.state.log.shown(story.state.log.shown_len() - 1).unwrap();
    let zone = story.state.zone(None);
    let told = |row: &tillwatch_monitor::livelog::Row| tillwatch_desk::format::date_time(row.at, &zone);
    assert_eq!(told(row), "25/07/2026 08:30");
    assert_eq!(
        story.state.marked,
        story.state.log.shown(story.state.log.shown_len() - 1).map(|(number, _)| number)
    );
    let first = row.seq;
    assert_eq!(story.state.feed.oldest, first - 1, "the one before is earlier");
    scrolled(&mut story, false, 1);
    without_gaps(&story, first + 999);
    assert_eq!(shown(&story).last(), Some(&(first - 1_000)));
    // A day that has not come is now.
    past(&mut story, PastAct::Day("01/01/2100".into()));
    past(&mut story, PastAct::Go);
    answered(&mut story);
    assert_eq!(story.state.feed.past.newest, None);
    // Whoever leaves the past finds the present.
    past(&mut story, PastAct::Day("25/07/2026".into()));
    past(&mut story, PastAct::Go);
    answered(&mut story);
    story.user(User::Open(Page::Overview));
    assert_eq!((story.state.feed.past.newest, story.state.log.is_empty()), (None, true));
}

#[test]
fn a_filter_is_tried_on_what_is_read_and_the_search_ends() {
    let mut story = reading();
    let filter = Filter { kind: KindFilter::Entries, ..Filter::default() };
    story.user(User::Log(LogAct::Filter(filter)));
    scrolled(&mut story, false, 4);
    assert!(story.state.log.shown_len() > 500 && shown(&story).iter().all(|seq| seq % 5 == 0));
    let filter = Filter { text: "nada assim".into(), ..Filter::default() };
    story.user(User::Log(LogAct::Filter(filter)));
    let before = story.state.feed.oldest;
    scrolled(&mut story, false, 1_000);
    assert_eq!(before - story.state.feed.oldest, i64::from(UNASKED) * 1_000, "then somebody has to ask");
    past(&mut story, PastAct::Older);
    assert_eq!(answered(&mut story), [1_000]);
}

#[test]
fn late_and_failed_answers_leave_no_gap() {
    let mut story = reading();
    scrolled(&mut story, false, 3);
    past(&mut story, PastAct::Reach(Way::Older));
    let late = story.asked.pop().unwrap();
    past(&mut story, PastAct::Day("25/07/2026".into()));
    past(&mut story, PastAct::Go);
    answered(&mut story);
    let (newest, oldest) = (shown(&story)[0], story.state.feed.oldest);
    let as_it_was = |story: &mut Story| {
        story.answer(LONG.answer(&late, story.now).unwrap());
        assert_eq!((shown(story)[0], story.state.feed.oldest), (newest, oldest));
        without_gaps(story, newest);
    };
    as_it_was(&mut story);
    past(&mut story, PastAct::Reach(Way::Older));
    // Nor is it taken for the page that is under way now.
    as_it_was(&mut story);
    let Some(Effect::Past { ticket, .. }) = story.asked.pop() else { panic!("a page") };
    story.answer(Answer::Past { ticket, result: Err(Failure::TimedOut) });
    assert_eq!(reach(&story.state, false, true), None, "it is not asked again and again");
    without_gaps(&story, newest);
    past(&mut story, PastAct::Older);
    answered(&mut story);
    without_gaps(&story, newest);
    assert_eq!(story.state.feed.oldest, oldest - 1_000);
}
