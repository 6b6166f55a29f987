//! What a person does: signing out, reading the log, preferences.

use tillwatch_desk::settings::Preference;
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::input::{Answer, Effect, LogAct, User};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::Event;
use tillwatch_shared::time::SECOND;

use crate::story::{Story, change, problem};

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
