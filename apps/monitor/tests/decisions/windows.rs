//! Several windows: what is kept of each, what counts for all, and what only the first one does.

use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::input::{Effect, Input, User, ViewAct};
use tillwatch_monitor::layout;
use tillwatch_monitor::samples::{NOW, alarms::alarm, sensor_id};
use tillwatch_monitor::state::{Page, State};
use tillwatch_monitor::update::windows::further;
use tillwatch_monitor::windows::{self, MOST, Shared, WindowAct};
use tillwatch_shared::api::{Alarm, Event, Severity};

use crate::story::{SERVER, Story, change};

/// Beside the first window, at that page.
fn second(first: &Story, page: Page) -> Story {
    let state = further(&first.state, first.state.settings.clone(), 2);
    let mut story = Story { state, now: first.now, asked: Vec::new() };
    story.user(User::Open(page));
    story.answer_all();
    story
}

fn at(page: Page) -> Settings {
    let mut state = State::new(Settings::default(), sign_in::State::default());
    state.page = page;
    layout::remember(&mut state);
    state.settings
}

#[test]
fn each_window_is_kept_by_itself_and_found_again() {
    let mut settings = at(Page::Overview);
    let alone = settings.clone();
    let stock = Settings { size: Some((1100.0, 700.5)), place: Some((-1920.0, 12.0)), ..at(Page::Stock) };
    windows::keep(&mut settings, 2, &stock);
    windows::keep(&mut settings, 3, &at(Page::Live));
    assert_eq!(windows::kept(&settings).into_iter().collect::<Vec<_>>(), [2, 3]);
    let again = windows::settings_of(&settings, 2);
    assert_eq!((again.layout, again.size, again.place), (stock.layout, stock.size, stock.place));
    assert_eq!(windows::settings_of(&settings, 3).place, None, "it was never told");
    windows::keep(&mut settings, 2, &at(Page::Sales));
    assert_eq!(windows::settings_of(&settings, 2).size, None, "nothing is left of how it was before");
    windows::forget(&mut settings, 2);
    windows::forget(&mut settings, 3);
    assert_eq!(settings, alone);
}

#[test]
fn the_first_window_keeps_the_others_when_it_notes_its_own() {
    let mut settings = at(Page::Overview);
    windows::keep(&mut settings, 2, &at(Page::Stock));
    let mut state = State::new(settings, sign_in::State::default());
    assert_eq!(state.page, Page::Overview);
    state.page = Page::Reports;
    layout::remember(&mut state);
    assert!(windows::kept(&state.settings).contains(&2));
    assert_eq!(
        State::new(windows::settings_of(&state.settings, 2), sign_in::State::default()).page,
        Page::Stock
    );
    assert_eq!(State::new(state.settings, sign_in::State::default()).page, Page::Reports);
}

#[test]
fn numbers_are_found_again_and_have_an_end() {
    let taken = |numbers: &[u32]| windows::free(&numbers.iter().copied().collect());
    assert_eq!((taken(&[]), taken(&[2, 4])), (Some(2), Some(3)));
    assert_eq!(taken(&(2..=MOST).collect::<Vec<_>>()), None);
    let mut settings = Settings::default();
    settings.layout.insert("window.99.page".to_owned(), "Live".to_owned());
    settings.layout.insert("window.x.page".to_owned(), "Live".to_owned());
    assert!(windows::kept(&settings).is_empty(), "what a hand wrote into the file opens no window");
}

#[test]
fn a_window_opens_as_the_one_that_asked_and_asks_by_itself() {
    let mut first = Story::loaded(Page::Sensors);
    first.user(User::View(ViewAct::Sensor(Some(sensor_id(1)))));
    first.asked.clear();
    first.user(User::Window(WindowAct::Open));
    let [Effect::OpenWindow(layout)] = &first.asked[..] else { panic!("{:?}", first.asked) };
    let settings = Settings { layout: layout.clone(), ..Settings::default() };
    let state = further(&first.state, settings, 2);
    assert_eq!((state.page, state.large.clone()), (Page::Sensors, Some(sensor_id(1))));
    assert_eq!(state.stores().len(), SERVER.stores, "the same person, at once");
    let mut story = Story { state, now: first.now, asked: Vec::new() };
    story.after(0);
    assert!(story.asked.contains(&Effect::Latest), "{:?}", story.asked);
    story.answer_all();
    assert_eq!(story.state.log.shown_len(), 40);
    assert_eq!(first.state.log.shown_len(), 40);
}

#[test]
fn only_a_further_window_closes_itself() {
    let mut first = Story::loaded(Page::Live);
    let mut other = second(&first, Page::Live);
    for story in [&mut first, &mut other] {
        story.asked.clear();
        story.user(User::Window(WindowAct::Close));
    }
    assert_eq!((&first.asked[..], &other.asked[..]), (&[][..], &[Effect::CloseWindow][..]));
}

#[test]
fn what_one_window_sets_counts_for_all_and_the_first_writes_it() {
    let mut first = Story::loaded(Page::Overview);
    let mut other = second(&first, Page::Stock);
    windows::keep(&mut first.state.settings, 2, &at(Page::Stock));
    other.user(User::Prefer(Preference::Theme(Theme::Light)));
    other.user(User::Prefer(Preference::Lang(Lang::En)));
    let told = Shared::Settings(Box::new(other.state.settings.clone()));
    first.asked.clear();
    first.take(Input::Shared(told.clone()));
    assert_eq!((first.state.lang(), first.state.theme()), (Lang::En, Theme::Light));
    let [Effect::Save(saved)] = &first.asked[..] else { panic!("{:?}", first.asked) };
    assert!(windows::kept(saved).contains(&2), "the first's view of the windows stays");
    let mut third = second(&first, Page::Live);
    layout::remember(&mut third.state);
    let own = third.state.settings.layout.clone();
    third.asked.clear();
    third.take(Input::Shared(told));
    assert_eq!((third.state.lang(), &third.state.settings.layout), (Lang::En, &own));
    assert!(third.asked.is_empty(), "one window writes");
}

#[test]
fn only_the_first_window_calls() {
    let mut first = Story::loaded(Page::Overview);
    let mut other = second(&first, Page::Live);
    let one = Alarm {
        severity: Severity::Critical,
        quiet: false,
        ended_at: None,
        acknowledgement: None,
        ..alarm(8, NOW)
    };
    for story in [&mut first, &mut other] {
        story.asked.clear();
        let opened = vec![change(SERVER.changes + 1, Event::AlarmOpened(one.clone()))];
        story.changes(opened, SERVER.changes + 1, false);
        story.after(3_600_000_000);
    }
    let calls = |story: &Story| story.asked.iter().filter(|one| matches!(one, Effect::Call(_))).count();
    assert_eq!((calls(&first), calls(&other)), (2, 0), "once, and again as nobody took care");
    assert_eq!(other.state.toasts.texts().count(), 1, "but it is said there too");
}

#[test]
fn the_end_of_the_session_reaches_a_window_that_asked_for_nothing() {
    let mut first = Story::loaded(Page::Live);
    first.take(Input::Shared(Shared::SessionOver));
    assert!(first.state.signed_in.is_none() && first.state.log.is_empty());
    assert_eq!(first.state.toasts.texts().count(), 1);
    first.take(Input::Shared(Shared::SessionOver));
    assert_eq!(first.state.toasts.texts().count(), 1, "said once");
}
