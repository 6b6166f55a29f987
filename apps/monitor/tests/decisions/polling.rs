//! When the server is asked, for what, and what its silence does.

use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::samples;
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::feed::wait_after;
use tillwatch_monitor::update::next_wake;
use tillwatch_shared::api::{AlarmTurns, Changes, Event};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use crate::story::{SERVER, Story, change, problem};

#[test]
fn waits_grow_up_to_thirty_seconds() {
    let waits: Vec<i64> = (1..9).map(|n| wait_after(n) / SECOND).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    assert_eq!(wait_after(u32::MAX) / SECOND, 30);
}

#[test]
fn nothing_is_asked_before_somebody_signed_in() {
    let mut story = Story::new();
    story.after(HOUR);
    story.user(User::Refresh);
    assert!(story.asked.iter().all(|e| matches!(e, Effect::SignIn(_))), "{:?}", story.asked);
}

#[test]
fn the_first_load_reads_the_newest_rows_back() {
    let mut story = Story::signed_in();
    assert!(story.asked.contains(&Effect::Latest));
    story.answer_all();
    assert_eq!(story.state.log.len(), 40);
    assert_eq!(story.state.log.shown(0).unwrap().1.seq, 40);
    assert_eq!(story.state.feed.oldest, 0);
    assert!(story.state.log.newest(40).all(|row| row.arrived_at.is_none()), "only what comes later glows");
    assert!(story.state.stock.is_complete());
    assert_eq!(story.state.today().unwrap().0, 37);
}

#[test]
fn polls_every_five_seconds_and_only_what_is_new() {
    let mut story = Story::loaded(Page::Live);
    assert_eq!(next_wake(&story.state, story.now), 5 * SECOND);
    story.after(5 * SECOND - 1);
    assert_eq!(story.asked, []);
    story.after(1);
    assert_eq!(story.asked, [Effect::Changes { after: 40, limit: 500 }]);
    // One request at a time, whatever time passes.
    story.after(20 * SECOND);
    assert_eq!(story.asked.iter().filter(|e| matches!(e, Effect::Changes { .. })).count(), 1);
}

#[test]
fn a_sale_shows_once_glows_and_freshens_what_depends_on_it() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    story.asked.clear();
    let sale = samples::sale(900, 1, story.now);
    story.changes(vec![change(41, Event::SaleRecorded(sale.clone()))], 41, false);
    let (_, row) = story.state.log.shown(0).unwrap();
    assert_eq!((row.number, row.arrived_at), (900, Some(story.now)));
    assert!(story.asked.contains(&Effect::DayTotals));
    // The sold products are on the first page of their store; no other page is read again.
    let stock: Vec<_> = story.asked.iter().filter(|e| matches!(e, Effect::Stock { .. })).collect();
    assert_eq!(stock.len(), 1);
    assert!(matches!(stock[0], Effect::Stock { page, .. } if page.store == sale.store_id));
    // The same change told twice is one row.
    story.changes(vec![change(41, Event::SaleRecorded(sale))], 41, false);
    assert_eq!(story.state.log.len(), 41);
}

#[test]
fn a_long_feed_is_drained_in_bounded_rounds() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    let mut requests = 0;
    let mut seq = 40;
    loop {
        let asked = story.asked.iter().filter(|e| matches!(e, Effect::Changes { .. })).count();
        story.asked.clear();
        if asked == 0 {
            break;
        }
        requests += asked;
        seq += 500;
        story.changes(Vec::new(), seq, true);
        assert!(requests < 100, "a round must end");
    }
    assert_eq!(requests, 20);
    story.after(SECOND);
    assert_eq!(story.asked, [Effect::Changes { after: seq, limit: 500 }]);
}

#[test]
fn a_server_that_went_back_is_read_anew() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    story.asked.clear();
    story.changes(Vec::new(), 12, false);
    assert!(story.state.log.is_empty());
    assert!(story.asked.contains(&Effect::Latest));
    assert_eq!(story.state.toasts.texts().count(), 1);
    story.answer_all();
    assert_eq!(story.state.log.len(), 40);
}

#[test]
fn without_a_server_the_data_stays_and_waits_grow() {
    let mut story = Story::loaded(Page::Overview);
    let mut gaps = Vec::new();
    story.after(5 * SECOND);
    for _ in 0..7 {
        assert!(story.asked.iter().any(|e| matches!(e, Effect::Changes { .. })));
        story.asked.clear();
        story.answer(Answer::Sensors(Err(Failure::Unreachable)));
        story.answer(Answer::Changes(Err(Failure::Unreachable), 0));
        let wait = next_wake(&story.state, story.now);
        gaps.push(story.state.feed.next_at.since(story.now) / SECOND);
        assert!(wait <= 5 * SECOND, "the age on the screen goes on");
        assert_eq!(story.asked, [], "nothing else is asked meanwhile");
        story.after(story.state.feed.next_at.since(story.now));
    }
    assert_eq!(gaps, [1, 2, 4, 8, 16, 30, 30]);
    assert!(story.state.connection.is_offline());
    assert_eq!(story.state.log.len(), 40);
    assert_eq!(story.state.today().unwrap().0, 37);
    // Back: by itself, and everything is fresh again.
    story.changes(Vec::new(), 40, false);
    assert!(!story.state.connection.is_offline());
    for effect in [Effect::DayTotals, Effect::Sensors, Effect::Server] {
        assert!(story.asked.contains(&effect), "{effect:?}");
    }
    assert_eq!(story.state.feed.next_at.since(story.now), 5 * SECOND);
}

#[test]
fn a_busy_server_is_left_alone_as_long_as_it_says() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    story.answer(Answer::Changes(Err(problem(503, "busy", Some(12))), 0));
    assert_eq!(story.state.feed.next_at.since(story.now), 12 * SECOND);
    assert!(!story.state.connection.is_offline());
}

#[test]
fn refresh_does_not_wait() {
    let mut story = Story::loaded(Page::Stock);
    story.after(5 * SECOND);
    story.answer(Answer::Changes(Err(Failure::TimedOut), 0));
    story.asked.clear();
    story.user(User::Refresh);
    assert_eq!(story.asked, [Effect::Changes { after: 40, limit: 500 }]);
}

/// Every request of its own would wake the window and cost frames.
#[test]
fn an_idle_window_asks_for_everything_at_one_moment() {
    let mut story = Story::loaded(Page::Sensors);
    story.show_charts(300);
    story.answer_all();
    story.after(20 * SECOND);
    let mut rounds = Vec::new();
    for tick in 0..200 {
        story.answer_all();
        story.after(SECOND / 10);
        if !story.asked.is_empty() {
            rounds.push((tick, story.asked.len()));
        }
    }
    assert_eq!(rounds.iter().map(|(tick, _)| tick).collect::<Vec<_>>(), [&49, &99, &149, &199]);
    assert!(rounds.iter().all(|(_, requests)| *requests >= 3), "{rounds:?}");
}

#[test]
fn ages_are_told_by_the_servers_clock() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    let answer =
        Changes { changes: Vec::new(), next_after: 40, more: false, server_at: story.now.plus(-3 * HOUR) };
    story.answer(Answer::Changes(Ok(answer), 20_000));
    assert_eq!(story.state.server_now(story.now), story.now.plus(-3 * HOUR + 10_000));
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut story = Story::loaded(Page::Overview);
    story.after(-3 * HOUR);
    assert!(story.asked.iter().any(|e| matches!(e, Effect::Changes { .. })));
    story.answer_all();
    assert_eq!(story.state.feed.next_at.since(story.now), 5 * SECOND);
    story.after(5 * SECOND);
    assert!(story.asked.iter().any(|e| matches!(e, Effect::Changes { .. })));
    assert!(story.asked.contains(&Effect::Sensors));
}

/// The day is read again with each full hour: there is more to compare with a week before.
#[test]
fn a_full_hour_brings_more_to_compare() {
    let mut story = Story::loaded(Page::Overview);
    let compared = |story: &mut Story| -> Vec<Option<i8>> {
        let asked = std::mem::take(&mut story.asked);
        let of =
            |effect: &Effect| if let Effect::Report(ask) = effect { Some(ask.compare_until) } else { None };
        asked.iter().filter_map(of).collect()
    };
    assert_eq!(story.state.day.hour, Some(21), "it is 21:05");
    story.after(54 * MINUTE);
    story.answer_all();
    assert_eq!(story.state.day.hour, Some(21), "within the hour");
    story.after(MINUTE);
    assert_eq!(compared(&mut story), [Some(22), Some(22)], "stores and sellers");
    // While these are on their way nothing else is asked, and an answer to the hour before is none to this one.
    story.after(SECOND);
    assert_eq!(compared(&mut story), []);
}

fn polls(story: &Story) -> usize {
    story.asked.iter().filter(|effect| matches!(effect, Effect::Changes { .. })).count()
}

fn listens(story: &Story) -> Option<i64> {
    let of = |effect: &Effect| if let Effect::Turns { after } = effect { Some(*after) } else { None };
    story.asked.iter().find_map(of)
}

fn turned(turned: bool) -> Answer {
    Answer::Turns(Ok(AlarmTurns { turned }), 3 * SECOND)
}

#[test]
fn an_alarm_that_turns_brings_the_poll_at_once() {
    let mut story = Story::signed_in();
    let latest = SERVER.answer(&Effect::Latest, story.now).unwrap();
    story.answer(latest);
    assert_eq!(listens(&story), Some(40), "{:?}", story.asked);
    story.answer_all();
    story.after(SECOND);
    assert_eq!(listens(&story), None, "one question at a time");
    story.answer(turned(true));
    assert_eq!((polls(&story), listens(&story)), (1, None), "asked again it would be answered at once");
    story.asked.clear();
    // It had turned after the journal was read for this answer.
    story.changes(Vec::new(), 40, false);
    assert_eq!((polls(&story), listens(&story)), (1, None));
    story.asked.clear();
    story.changes(Vec::new(), 41, false);
    assert_eq!((polls(&story), listens(&story)), (0, Some(41)));
    story.asked.clear();
    // None for so long: listens on, and polls as ever.
    story.answer(turned(false));
    assert_eq!((polls(&story), listens(&story)), (0, Some(41)));
}

#[test]
fn news_of_an_alarm_during_a_poll_bring_another_one() {
    let mut story = Story::loaded(Page::Live);
    story.after(5 * SECOND);
    assert_eq!(polls(&story), 1);
    story.asked.clear();
    story.answer(turned(true));
    assert_eq!(polls(&story), 0, "one poll at a time");
    story.changes(Vec::new(), 40, false);
    assert_eq!(polls(&story), 1);
    story.asked.clear();
    story.changes(Vec::new(), 44, false);
    assert_eq!((polls(&story), listens(&story)), (0, Some(44)));
}

#[test]
fn a_question_that_is_not_let_wait_is_not_asked_all_the_time() {
    let mut story = Story::loaded(Page::Live);
    for (answer, pause) in [
        // A server that stops; one that is not there; one that does not know the question.
        (Answer::Turns(Ok(AlarmTurns { turned: false }), 2_000), 5 * SECOND),
        (Answer::Turns(Err(Failure::Unreachable), 2_000), 5 * SECOND),
        (Answer::Turns(Err(problem(404, "not_found", None)), 2_000), 10 * MINUTE),
    ] {
        story.asked.clear();
        story.answer(answer);
        assert_eq!(listens(&story), None);
        story.after(pause - 1);
        assert_eq!(listens(&story), None);
        story.after(1);
        assert_eq!(listens(&story), Some(40));
    }
    // While the server is silent only the poll asks.
    story.answer(Answer::Turns(Err(Failure::Unreachable), 2_000));
    story.answer(Answer::Changes(Err(Failure::Unreachable), 2_000));
    story.asked.clear();
    story.after(MINUTE);
    assert_eq!((polls(&story), listens(&story)), (1, None));
    story.asked.clear();
    story.changes(Vec::new(), 40, false);
    assert_eq!(listens(&story), Some(40));
}
