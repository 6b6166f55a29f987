//! What `update` decides, as tables and stories, without a window.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::input::{Answer, ChartsShown, Effect, Input, LogAct, User, ViewAct};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::{Health, Page, State};
use tillwatch_monitor::update::feed::wait_after;
use tillwatch_monitor::update::{next_wake, update};
use tillwatch_shared::api::{Change, Changes, Event, Problem};
use tillwatch_shared::client::{SeriesQuery, Step};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{CommandId, UtcMicros};

const SERVER: MadeUp = MadeUp { stores: 2, sensors: 3, changes: 40, products: 12, demo: false };

/// A state, its clock, and what it has asked for.
struct Story {
    state: State,
    now: UtcMicros,
    asked: Vec<Effect>,
}

impl Story {
    fn new() -> Self {
        let sign_in = sign_in::State::new("a".into(), None, "monitor".into());
        Self { state: State::new(Settings::default(), sign_in), now: NOW, asked: Vec::new() }
    }

    fn signed_in() -> Self {
        let mut story = Self::new();
        let session = samples::session(SERVER.stores);
        story.take(Input::SignIn(sign_in::Input::Happened(sign_in::Event::SignedIn(Ok(session)))));
        story
    }

    /// Everything that is asked has been answered.
    fn loaded(page: Page) -> Self {
        let mut story = Self::signed_in();
        story.user(User::Open(page));
        story.answer_all();
        story
    }

    fn take(&mut self, input: Input) {
        let moment = Moment { at: self.now, fresh: CommandId::now() };
        self.asked.extend(update(&mut self.state, input, moment));
    }

    fn user(&mut self, user: User) {
        self.take(Input::User(user));
    }

    fn answer(&mut self, answer: Answer) {
        self.take(Input::Answer(answer));
    }

    fn answer_all(&mut self) {
        for _ in 0..100 {
            let asked = std::mem::take(&mut self.asked);
            if asked.is_empty() {
                return;
            }
            for effect in asked {
                if let Some(answer) = SERVER.answer(&effect, self.now) {
                    self.answer(answer);
                }
            }
        }
        panic!("the monitor never stops asking");
    }

    fn after(&mut self, micros: i64) {
        self.now = self.now.plus(micros);
        self.take(Input::Tick);
    }

    fn series(&mut self) -> Option<(u64, SeriesQuery)> {
        let position = self.asked.iter().position(|e| matches!(e, Effect::Series { .. }))?;
        if let Effect::Series { ticket, query } = self.asked.remove(position) {
            Some((ticket, query))
        } else {
            None
        }
    }

    fn changes(&mut self, changes: Vec<Change>, next_after: i64, more: bool) {
        let answer = Changes { changes, next_after, more, server_at: self.now };
        self.answer(Answer::Changes(Ok(answer), 1_000));
    }

    fn show_charts(&mut self, points: u32) {
        let sensors = (0..SERVER.sensors).map(samples::sensor_id).collect();
        self.user(User::View(ViewAct::Shown(ChartsShown { sensors, points })));
    }
}

fn change(seq: i64, event: Event) -> Change {
    let command_id = CommandId::now();
    Change { seq, command_id, actor_id: None, store_id: None, client_at: NOW, server_at: NOW, event }
}

fn problem(status: u16, code: &str, retry_after: Option<u32>) -> Failure {
    let problem = Problem {
        kind: String::new(),
        title: String::new(),
        status,
        code: code.into(),
        detail: "detail".into(),
        hint: String::new(),
        field: None,
    };
    Failure::Problem(Box::new(problem), retry_after)
}

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

#[test]
fn an_ended_session_leads_to_the_sign_in_and_leaves_nothing() {
    let mut story = Story::loaded(Page::Live);
    let epoch = story.state.epoch;
    story.after(5 * SECOND);
    story.answer(Answer::Changes(Err(problem(401, "session_ended", None)), 0));
    assert!(story.state.signed_in.is_none());
    assert!(story.state.log.is_empty() && story.state.stock.is_empty() && story.state.sensors().is_empty());
    assert_eq!(story.state.toasts.texts().count(), 1);
    assert!(story.state.epoch > epoch, "late answers are recognised");
    // The address and the name stay for the next sign-in.
    assert_eq!(story.state.settings.username.as_deref(), Some("lucas"));
    assert_eq!(story.state.sign_in.address, "a");
}

#[test]
fn signing_out_tells_the_server_and_forgets() {
    let mut story = Story::loaded(Page::Live);
    story.asked.clear();
    story.user(User::SignOut);
    assert_eq!(story.asked, [Effect::SignIn(sign_in::Effect::SignOut)]);
    assert!(story.state.signed_in.is_none() && story.state.log.is_empty());
}

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
fn reading_below_the_top_holds_the_log() {
    let mut story = Story::loaded(Page::Live);
    story.user(User::Log(LogAct::AtTop(false)));
    story.after(5 * SECOND);
    story.changes(vec![change(41, Event::SaleRecorded(samples::sale(900, 0, NOW)))], 41, false);
    assert_eq!((story.state.log.shown_len(), story.state.log.waiting()), (40, 1));
    story.user(User::Log(LogAct::AtTop(true)));
    assert_eq!((story.state.log.shown_len(), story.state.log.waiting()), (41, 0));
    // A pause is not ended by scrolling.
    story.user(User::Log(LogAct::Hold(true)));
    story.user(User::Log(LogAct::AtTop(true)));
    assert!(story.state.log.is_held());
}

#[test]
fn the_mark_walks_and_stays_inside() {
    let mut story = Story::loaded(Page::Live);
    let place = |story: &Story| story.state.log.place_of(story.state.marked.unwrap());
    for (by, expected) in [(1, 0), (1, 1), (15, 16), (100, 39), (-3, 36), (-100, 0)] {
        story.user(User::Log(LogAct::Mark(by)));
        assert_eq!(place(&story), Some(expected), "{by}");
    }
}

#[test]
fn preferences_are_saved_and_the_server_is_told_the_language() {
    let mut story = Story::loaded(Page::Settings);
    story.asked.clear();
    story.user(User::Prefer(Preference::Lang(Lang::En)));
    story.user(User::Prefer(Preference::Theme(Theme::Light)));
    assert_eq!((story.state.lang(), story.state.theme()), (Lang::En, Theme::Light));
    assert!(story.asked.contains(&Effect::SignIn(sign_in::Effect::Speak(Lang::En))));
    assert!(
        matches!(story.asked.last(), Some(Effect::Save(settings)) if settings.theme == Some(Theme::Light))
    );
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
    sensor.last = None;
    assert_eq!(Health::of(&sensor, NOW), Health::Unheard);
}
