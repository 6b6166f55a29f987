//! Taking in a sheet: it is looked at first, done piece by piece under one command, and can be stopped.

use std::path::PathBuf;

use tillwatch_desk::failure::Failure;
use tillwatch_monitor::import::{Import, ImportAct, ImportAnswer, ImportEffect, PIECE, Step, Trouble};
use tillwatch_monitor::input::{Answer, Effect, User};
use tillwatch_monitor::samples::sheet_import::{self, ROWS, SHEET};
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::state::Page;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::ImportOutcome;

use crate::story::{Story, problem};

fn act(story: &mut Story, act: ImportAct) {
    story.user(User::Import(act));
}

fn import(story: &Story) -> &Import {
    let Some(import) = &story.state.import else { panic!("no import") };
    import
}

/// What is asked of the disk or the server for the import, since the last look.
fn asked(story: &mut Story) -> Vec<ImportEffect> {
    let all = std::mem::take(&mut story.asked);
    all.into_iter()
        .filter_map(|effect| if let Effect::Import(of) = effect { Some(of) } else { None })
        .collect()
}

fn answer(story: &mut Story, effect: &ImportEffect) {
    let answer = sheet_import::answer(effect, story.now);
    story.answer(answer);
}

/// The one thing that is asked, answered.
fn step(story: &mut Story) -> ImportEffect {
    let mut all = asked(story);
    assert_eq!(all.len(), 1, "{all:?}");
    let effect = all.remove(0);
    answer(story, &effect);
    effect
}

/// A file was read, and what would come of it is known.
fn ready() -> Story {
    let mut story = Story::loaded(Page::Manage);
    story.asked.clear();
    act(&mut story, ImportAct::Open);
    step(&mut story);
    assert_eq!(import(&story).found.as_ref().map(Vec::len), Some(3));
    act(&mut story, ImportAct::Pick(PathBuf::from("/home/lucas/produtos.csv")));
    step(&mut story);
    let ImportEffect::Send { command: None, after: 0, kept: None, .. } = step(&mut story) else {
        panic!("a dry run")
    };
    story
}

/// Every piece names the file that the server has since the dry run.
fn sent(effect: &ImportEffect) -> (CommandId, u64) {
    let ImportEffect::Send { command: Some(command), after, kept, .. } = effect else { panic!("{effect:?}") };
    assert_eq!(kept.as_deref(), Some(SHEET));
    (*command, *after)
}

#[test]
fn nothing_is_done_before_somebody_says_so() {
    let mut story = ready();
    assert_eq!((asked(&mut story), &import(&story).step), (vec![], &Step::Ready));
    assert_eq!(import(&story).rows.len() as u64, ROWS);
    act(&mut story, ImportAct::Show(Some(ImportOutcome::Refused)));
    let refused = import(&story).count(ImportOutcome::Refused);
    assert_eq!(import(&story).shown.len(), refused);
    act(&mut story, ImportAct::SaveRefused);
    let Some(Effect::File(FileEffect::Bytes { name, bytes, .. })) = story.asked.pop() else {
        panic!("a file")
    };
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!((name.as_str(), text.lines().count()), ("recusadas 2026-12-31", refused + 1));
    assert!(text.contains("6;7890000001028;") && text.contains("7,89E+12"), "{text:.400}");
}

#[test]
fn pieces_go_under_one_command_until_the_end() {
    let mut story = ready();
    act(&mut story, ImportAct::Start);
    let (command, first) = sent(&step(&mut story));
    let mut places = vec![first];
    while import(&story).step == Step::Working {
        let (again, after) = sent(&step(&mut story));
        assert_eq!(again, command);
        places.push(after);
    }
    assert_eq!(places, [0, PIECE, 2 * PIECE]);
    assert_eq!((&import(&story).step, import(&story).done), (&Step::Done, ROWS));
    act(&mut story, ImportAct::Start);
    assert_eq!(asked(&mut story), [], "it is done");
}

#[test]
fn stopped_or_failed_it_goes_on_where_it_was() {
    let mut story = ready();
    act(&mut story, ImportAct::Start);
    act(&mut story, ImportAct::Start);
    let mut all = asked(&mut story);
    assert_eq!(all.len(), 1, "pressed twice it begins once");
    let (command, _) = sent(&all[0]);
    act(&mut story, ImportAct::Stop);
    answer(&mut story, &all.remove(0));
    assert_eq!((asked(&mut story), &import(&story).step), (vec![], &Step::Halted));
    act(&mut story, ImportAct::Start);
    let again = asked(&mut story).remove(0);
    assert_eq!(sent(&again), (command, PIECE));
    // The answer is lost: the same piece goes again, under the same command.
    let ImportEffect::Send { ticket, .. } = again else { panic!() };
    story.answer(Answer::Import(ImportAnswer::Came { ticket, result: Err(Failure::TimedOut) }));
    assert_eq!(import(&story).trouble, Some(Trouble::Server(Failure::TimedOut)));
    act(&mut story, ImportAct::Start);
    assert_eq!(sent(&asked(&mut story).remove(0)), (command, PIECE));
    assert_eq!(import(&story).trouble, None);
}

#[test]
fn answers_about_another_file_are_left_out() {
    let mut story = ready();
    act(&mut story, ImportAct::Read);
    let ImportEffect::Read { ticket: old, path } = asked(&mut story).remove(0) else { panic!() };
    assert_eq!(path, PathBuf::from("/home/lucas/produtos.csv"));
    act(&mut story, ImportAct::Open);
    act(&mut story, ImportAct::Pick("/home/lucas/outro.csv".into()));
    answer(&mut story, &ImportEffect::Read { ticket: old, path });
    assert_eq!((&import(&story).step, &import(&story).file), (&Step::Reading, &None));
    act(&mut story, ImportAct::Close);
    assert!(story.state.import.is_none());
    // Another page and back: it is as it was.
    let mut story = ready();
    act(&mut story, ImportAct::Start);
    story.user(User::Open(Page::Sales));
    assert_eq!(import(&story).step, Step::Working);
}

#[test]
fn a_file_that_is_no_sheet_is_told() {
    let mut story = Story::loaded(Page::Manage);
    act(&mut story, ImportAct::Open);
    act(&mut story, ImportAct::Pick("/x.csv".into()));
    story.asked.retain(|effect| matches!(effect, Effect::Import(ImportEffect::Read { .. })));
    step(&mut story);
    let ImportEffect::Send { ticket, .. } = asked(&mut story).remove(0) else { panic!() };
    let refused = problem(400, "bad_sheet", None);
    story.answer(Answer::Import(ImportAnswer::Came { ticket, result: Err(refused.clone()) }));
    assert_eq!(
        (&import(&story).step, &import(&story).trouble),
        (&Step::Choosing, &Some(Trouble::Server(refused)))
    );
}
