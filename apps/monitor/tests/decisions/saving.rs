//! Files that are made: with all rows, one at a time, how far they are, and that they can be stopped.

use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::lists::{Filter, ListAct, Row, Topic};
use tillwatch_monitor::samples::{NOW, goods, store};
use tillwatch_monitor::saving::{FileAnswer, FileEffect, SaveFailure, SavingAct, Step};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::{next_wake, saving};
use tillwatch_shared::api::Page as ListPage;
use tillwatch_shared::time::SECOND;

use crate::story::{Story, problem};

/// Transfers of one store, with older ones at the server if there are.
fn transfers(next: Option<i64>) -> Story {
    let mut story = Story::loaded(Page::Stock);
    story.user(User::List(ListAct::Tab(Page::Stock, Some(Topic::Transfers))));
    let filter = Filter { store: Some(store(1).id), text: "a".into(), ..Filter::default() };
    story.user(User::List(ListAct::Filter(Topic::Transfers, filter)));
    let Some(list) = story.state.lists.get(Topic::Transfers) else { panic!("no transfers") };
    let ticket = list.ticket;
    let items = (1..=9).map(|number| Row::Transfer(goods::one_of_transfers(number, NOW))).collect();
    let result = Ok(ListPage { items, next });
    story.answer(Answer::List { topic: Topic::Transfers, ticket, result });
    story.asked.clear();
    story
}

fn files(story: &mut Story) -> Vec<FileEffect> {
    let asked = std::mem::take(&mut story.asked).into_iter();
    asked.filter_map(|effect| if let Effect::File(file) = effect { Some(file) } else { None }).collect()
}

fn told(story: &Story) -> Vec<&str> {
    story.state.toasts.texts().collect()
}

#[test]
fn a_file_of_a_list_has_the_rows_that_the_window_does_not_have() {
    for (act, as_paper) in
        [(ListAct::SaveCsv(Topic::Transfers), false), (ListAct::SavePdf(Topic::Transfers), true)]
    {
        let mut story = transfers(Some(17));
        story.user(User::List(act));
        let [FileEffect::List { ask, name }] = &files(&mut story)[..] else { panic!("one file") };
        assert_eq!(
            (ask.topic, ask.as_paper, ask.filter.store),
            (Topic::Transfers, as_paper, Some(store(1).id))
        );
        assert_eq!((ask.filter.text.as_str(), name.as_str()), ("a", "Transferências 2026-12-31"));
    }
    let mut whole = transfers(None);
    whole.user(User::List(ListAct::SaveCsv(Topic::Transfers)));
    assert!(matches!(&files(&mut whole)[..], [FileEffect::Bytes { .. }]), "all of it is here");
}

#[test]
fn a_window_makes_one_file_at_a_time_and_says_how_far_it_is() {
    let mut story = transfers(Some(17));
    let save = || User::List(ListAct::SaveCsv(Topic::Transfers));
    story.user(save());
    story.user(save());
    assert_eq!(files(&mut story).len(), 1);
    assert!(saving::shown(&story.state, story.now).is_none(), "it may be done at once");
    assert!(next_wake(&story.state, story.now) < SECOND, "but not for long");
    story.answer(Answer::File(FileAnswer::Step(Step::Read(500))));
    story.after(SECOND);
    assert_eq!(saving::shown(&story.state, story.now).map(|saving| saving.step), Some(Step::Read(500)));
    story.answer(Answer::File(FileAnswer::Saved(Ok("/t.csv".into()))));
    assert!(story.state.saving.is_none() && told(&story).contains(&"Salvo em /t.csv"));
    story.answer(Answer::File(FileAnswer::Step(Step::Read(900))));
    assert!(story.state.saving.is_none(), "a late word about it");
    story.asked.clear();
    story.user(save());
    assert_eq!(files(&mut story).len(), 1);
}

#[test]
fn a_file_is_stopped_once_and_another_can_be_made() {
    let mut story = transfers(Some(17));
    story.user(User::Saving(SavingAct::Stop));
    assert_eq!(files(&mut story), [], "there is nothing to stop");
    story.user(User::List(ListAct::SavePdf(Topic::Transfers)));
    story.asked.clear();
    story.user(User::Saving(SavingAct::Stop));
    story.user(User::Saving(SavingAct::Stop));
    assert_eq!(files(&mut story), [FileEffect::Stop]);
    story.user(User::List(ListAct::SavePdf(Topic::Transfers)));
    assert_eq!(files(&mut story), [], "not before the first has ended");
    story.answer(Answer::File(FileAnswer::Saved(Err(SaveFailure::Stopped))));
    assert_eq!(told(&story), ["Parado: nenhum arquivo foi gravado."]);
    story.user(User::List(ListAct::SavePdf(Topic::Transfers)));
    assert_eq!(files(&mut story).len(), 1);
    story.answer(Answer::File(FileAnswer::Saved(Err(SaveFailure::TooLong(500_000)))));
    assert!(told(&story)[1].contains("500.000"), "{:?}", told(&story));
}

#[test]
fn a_session_that_ends_while_a_file_is_read_ends_in_the_window() {
    let mut story = transfers(Some(17));
    story.user(User::List(ListAct::SaveCsv(Topic::Transfers)));
    let over = SaveFailure::Server(problem(401, "session_ended", None));
    story.answer(Answer::File(FileAnswer::Saved(Err(over))));
    assert!(story.state.signed_in.is_none() && story.state.saving.is_none());
}
