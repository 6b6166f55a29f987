//! Backups and the trial of who is told: who may, when the server is asked, and what becomes of the answers.

use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::keeping::{KeepingAct, KeepingAnswer, KeepingEffect};
use tillwatch_monitor::samples::{NOW, keeping};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::Role;
use tillwatch_shared::time::{MINUTE, SECOND};

use crate::story::Story;

/// What was asked for since the last look.
fn asked(story: &mut Story) -> Vec<KeepingEffect> {
    let all = std::mem::take(&mut story.asked);
    all.into_iter()
        .filter_map(|effect| if let Effect::Keeping(effect) = effect { Some(effect) } else { None })
        .collect()
}

fn act(story: &mut Story, act: KeepingAct) {
    story.user(User::Keeping(act));
}

fn open(role: Role) -> Story {
    let mut story = Story::loaded(Page::Overview);
    if let Some(signed_in) = &mut story.state.signed_in {
        signed_in.person.role = role;
    }
    story.asked.clear();
    story.user(User::Open(Page::Settings));
    story
}

#[test]
fn only_an_admin_asks_about_backups() {
    for (role, effects) in [
        (Role::Seller, vec![]),
        (Role::Manager, vec![KeepingEffect::Trial]),
        (Role::Admin, vec![KeepingEffect::Backups, KeepingEffect::Trial]),
    ] {
        let mut story = open(role);
        act(&mut story, KeepingAct::Trial);
        act(&mut story, KeepingAct::Trial);
        assert_eq!(asked(&mut story), effects, "{role:?}");
    }
    let mut story = open(Role::Manager);
    act(&mut story, KeepingAct::MakeBackup);
    assert_eq!(asked(&mut story), []);
}

#[test]
fn one_is_begun_followed_and_told() {
    let mut story = open(Role::Admin);
    assert_eq!(asked(&mut story), [KeepingEffect::Backups]);
    story.answer(Answer::Keeping(KeepingAnswer::Backups(Ok(keeping::backups(2, NOW)))));
    act(&mut story, KeepingAct::MakeBackup);
    act(&mut story, KeepingAct::MakeBackup);
    assert_eq!(asked(&mut story), [KeepingEffect::MakeBackup], "one at a time");
    story.answer(Answer::Keeping(KeepingAnswer::Begun(Ok(keeping::under_way(NOW)))));
    act(&mut story, KeepingAct::MakeBackup);
    assert_eq!(asked(&mut story), [], "one is under way");
    story.after(SECOND);
    assert_eq!(asked(&mut story), [KeepingEffect::Backups], "looked at each second");
    story.answer(Answer::Keeping(KeepingAnswer::Backups(Ok(keeping::backups(3, NOW)))));
    assert_eq!(story.state.keeping.backups.value().unwrap().items.len(), 3);
    story.after(SECOND);
    assert_eq!(asked(&mut story), [], "nobody waits any more");
    story.after(MINUTE);
    assert_eq!(asked(&mut story), [KeepingEffect::Backups]);
}

#[test]
fn a_refusal_stays_in_sight_and_the_list_is_read_again() {
    let mut story = open(Role::Admin);
    story.answer(Answer::Keeping(KeepingAnswer::Backups(Ok(keeping::backups(2, NOW)))));
    act(&mut story, KeepingAct::MakeBackup);
    asked(&mut story);
    story.answer(Answer::Keeping(KeepingAnswer::Begun(Err(Failure::Unreachable))));
    assert_eq!(story.state.keeping.refused, Some(Failure::Unreachable));
    assert_eq!(asked(&mut story), [KeepingEffect::Backups]);
    story.answer(Answer::Keeping(KeepingAnswer::Backups(Ok(keeping::backups(2, NOW)))));
    act(&mut story, KeepingAct::MakeBackup);
    assert_eq!(story.state.keeping.refused, None);
}

#[test]
fn nothing_is_asked_while_another_page_is_open() {
    let mut story = open(Role::Admin);
    story.answer(Answer::Keeping(KeepingAnswer::Backups(Ok(keeping::backups(2, NOW)))));
    story.user(User::Open(Page::Live));
    asked(&mut story);
    story.after(3 * MINUTE);
    assert_eq!(asked(&mut story), []);
    // The overview says when the newest one is of no use.
    story.user(User::Open(Page::Overview));
    story.after(SECOND);
    assert_eq!(asked(&mut story), [KeepingEffect::Backups]);
}
