//! When the servers of the group are asked about, and which need somebody.

use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::samples::{NOW, servers};
use tillwatch_monitor::servers::Trouble;
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::POLL;
use tillwatch_shared::api::{GroupMember, Role};

use crate::story::Story;

/// How often they were asked about since the last look.
fn asked(story: &mut Story) -> usize {
    std::mem::take(&mut story.asked).iter().filter(|effect| matches!(effect, Effect::Group)).count()
}

#[test]
fn managers_ask_with_each_poll_while_they_look() {
    let mut story = Story::loaded(Page::Overview);
    story.answer(Answer::Group(Ok(None)));
    asked(&mut story);
    story.user(User::Open(Page::Servers));
    assert_eq!(asked(&mut story), 1);
    story.answer(Answer::Group(Ok(Some(servers::group(NOW)))));
    story.after(3 * POLL);
    assert_eq!(asked(&mut story), 1, "one question at a time");
    story.answer(Answer::Group(Ok(Some(servers::group(NOW)))));
    story.user(User::Open(Page::Stock));
    story.after(10 * POLL);
    assert_eq!(asked(&mut story), 0, "nobody looks");
    let mut story = Story::loaded(Page::Stock);
    story.state.signed_in.as_mut().unwrap().person.role = Role::Seller;
    story.user(User::Open(Page::Servers));
    assert_eq!(asked(&mut story), 0, "sellers are not told");
}

#[test]
fn troubles_come_with_the_worst_first() {
    let mut story = Story::loaded(Page::Overview);
    story.answer(Answer::Group(Ok(Some(servers::group(NOW)))));
    assert_eq!(story.state.servers.troubles(), []);
    let mut group = servers::troubled(NOW);
    group.coordinator = None;
    group.members[1].agrees = Some(false);
    group.members.push(GroupMember { id: 4, lacks_readings: true, ..servers::group(NOW).members[2].clone() });
    story.answer(Answer::Group(Ok(Some(group.clone()))));
    let [first, second, third, fourth] = group.members.as_slice() else { panic!() };
    let expected = [
        Trouble::NobodyCoordinates,
        Trouble::Differs(second),
        Trouble::Away(first),
        Trouble::Behind(third, 128_400),
        Trouble::LacksReadings(fourth),
    ];
    assert_eq!(story.state.servers.troubles(), expected);
}
