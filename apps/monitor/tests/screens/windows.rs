//! Several windows of one program, drawn side by side in the test's one: what is done in one, and what all share.

use std::path::Path;

use egui::{Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::settings::{Preference, Settings, SettingsFile};
use tillwatch_desk::{Lang, Theme, shell, sign_in};
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::program::Program;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{self, clock};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::wall::WallAct;
use tillwatch_monitor::windows::{MOST, WindowAct};
use tillwatch_shared::api::Problem;
use tillwatch_shared::client::ClientError;
use tillwatch_shared::time::SECOND;

type Desk<'a> = Harness<'a, Program>;

fn program<'a>(folder: &Path) -> Desk<'a> {
    let file = SettingsFile::new(Some(folder), "monitor");
    let saved = file.load();
    let settings = Settings { lang: Lang::En, theme: Some(Theme::Dark), ..saved };
    let first = stage::app(settings.clone());
    let mut desk = Harness::builder()
        .with_size(Vec2::new(1400.0, 900.0))
        .with_context_setup(move |ctx| {
            let window =
                shell::Window { app_id: "test", title: "test", theme: Theme::Dark, settings: &settings };
            shell::dress(ctx, window);
        })
        .build_ui_state(
            |ui, program: &mut Program| {
                program.step(ui.ctx());
                program.draw(ui);
            },
            Program::new(first, file, Vec::new()),
        );
    desk.run_steps(2);
    enter(&mut desk);
    desk
}

fn enter(desk: &mut Desk<'_>) {
    let made_up = MadeUp::default();
    made_up.enter(&mut desk.state_mut().first);
    made_up.settle(&mut desk.state_mut().first, clock());
    desk.run_steps(3);
}

fn numbers(desk: &Desk<'_>) -> Vec<u32> {
    desk.state().numbers().into_iter().collect()
}

fn first(desk: &mut Desk<'_>, user: User) {
    desk.state_mut().first.take(Input::User(user));
    desk.run_steps(3);
}

fn take(desk: &mut Desk<'_>, number: u32, input: Input) {
    assert!(desk.state().with(number, |app| app.take(input)).is_some(), "no window {number}");
    desk.run_steps(3);
}

fn page(desk: &Desk<'_>, number: u32) -> Option<Page> {
    desk.state().with(number, |app| app.state.page)
}

fn asked(desk: &Desk<'_>, wanted: impl Fn(&Effect) -> bool) -> usize {
    desk.state().first.pending.iter().filter(|of| wanted(&of.what)).count()
}

#[test]
fn a_window_is_opened_by_key_at_its_page_and_goes_its_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    first(&mut desk, User::Open(Page::Sensors));
    desk.key_press_modifiers(Modifiers::COMMAND, Key::N);
    desk.run_steps(4);
    assert_eq!((numbers(&desk), page(&desk, 2)), (vec![2], Some(Page::Sensors)));
    assert!(desk.query_by_label("Tillwatch · Monitor 2").is_some(), "a window of its own");
    first(&mut desk, User::Open(Page::Live));
    assert_eq!(page(&desk, 2), Some(Page::Sensors));
    take(&mut desk, 2, Input::User(User::Wall(WallAct::Enter)));
    assert!(desk.state().first.state.wall.is_none(), "the wall is in one of them");
    let awake = |on| move |effect: &Effect| *effect == Effect::StayAwake(on);
    desk.state().with(2, |app| assert!(app.pending.iter().any(|of| awake(true)(&of.what))));
    let saved = asked(&desk, |effect| matches!(effect, Effect::Save(_)));
    take(&mut desk, 2, Input::User(User::Window(WindowAct::Close)));
    assert!(numbers(&desk).is_empty());
    assert_eq!(asked(&desk, awake(false)), 1, "the screen may go off again");
    assert_eq!(asked(&desk, |effect| matches!(effect, Effect::Save(_))), saved + 1);
    assert!(desk.state().first.state.settings.layout.keys().all(|name| !name.starts_with("window")));
}

#[test]
fn windows_open_again_after_the_next_sign_in_as_they_were_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    for page in [Page::Stock, Page::Reports] {
        first(&mut desk, User::Open(page));
        first(&mut desk, User::Window(WindowAct::Open));
    }
    take(&mut desk, 3, Input::User(User::Open(Page::Sales)));
    first(&mut desk, User::Open(Page::Overview));
    desk.state_mut().leave();
    drop(desk);
    let mut desk = program(folder.path());
    assert_eq!(desk.state().first.state.page, Page::Overview);
    assert_eq!(
        (numbers(&desk), page(&desk, 2), page(&desk, 3)),
        (vec![2, 3], Some(Page::Stock), Some(Page::Sales))
    );
    // One that was closed stays closed.
    take(&mut desk, 2, Input::User(User::Window(WindowAct::Close)));
    desk.state_mut().leave();
    drop(desk);
    assert_eq!(numbers(&program(folder.path())), [3]);
}

#[test]
fn how_windows_are_is_written_while_they_are_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    first(&mut desk, User::Window(WindowAct::Open));
    desk.state_mut().first.pending.clear();
    take(&mut desk, 2, Input::User(User::Open(Page::Stock)));
    let saved = |desk: &Desk<'_>| {
        let all = desk.state().first.pending.iter();
        let saved =
            all.filter_map(|of| if let Effect::Save(all) = &of.what { Some(all.clone()) } else { None });
        saved.map(|all| all.layout.get("window.2.page").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(saved(&desk), []);
    stage::advance(11 * SECOND);
    desk.run_steps(2);
    assert_eq!(saved(&desk), [Some("Stock".to_owned())]);
    stage::advance(11 * SECOND);
    desk.run_steps(2);
    assert_eq!(saved(&desk).len(), 1, "nothing has changed");
}

#[test]
fn who_leaves_one_window_has_left_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    first(&mut desk, User::Open(Page::Live));
    first(&mut desk, User::Window(WindowAct::Open));
    take(&mut desk, 2, Input::User(User::Open(Page::Stock)));
    desk.state_mut().first.pending.clear();
    take(&mut desk, 2, Input::User(User::SignOut));
    assert!(desk.state().first.state.signed_in.is_none());
    assert!(numbers(&desk).is_empty());
    let signs_out = Effect::SignIn(sign_in::Effect::SignOut);
    assert_eq!(asked(&desk, |effect| *effect == signs_out), 1, "told to the server once");
    enter(&mut desk);
    assert_eq!((numbers(&desk), page(&desk, 2)), (vec![2], Some(Page::Stock)));
}

#[test]
fn a_session_that_ended_in_one_window_ended_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    first(&mut desk, User::Window(WindowAct::Open));
    first(&mut desk, User::Window(WindowAct::Open));
    let problem = Problem {
        kind: String::new(),
        title: String::new(),
        status: 401,
        code: "session_ended".into(),
        detail: String::new(),
        hint: String::new(),
        field: None,
    };
    let over = ClientError::Problem(Box::new(problem), None);
    take(&mut desk, 3, Input::Answer(Answer::Changes(Err(over), 0)));
    let state = &desk.state().first.state;
    assert!(state.signed_in.is_none() && desk.state().numbers().is_empty());
    assert_eq!(state.toasts.texts().count(), 1, "it says why");
}

#[test]
fn language_theme_and_zoom_are_those_of_all_windows() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    first(&mut desk, User::Window(WindowAct::Open));
    first(&mut desk, User::Window(WindowAct::Open));
    desk.state_mut().first.pending.clear();
    for preference in [Preference::Lang(Lang::Pt), Preference::Theme(Theme::Light), Preference::ZoomIn] {
        take(&mut desk, 2, Input::User(User::Prefer(preference)));
    }
    assert!((desk.ctx.zoom_factor() - 1.1).abs() < 1e-3);
    let looks = |settings: &Settings| (settings.lang, settings.theme, settings.zoom);
    let wanted = (Lang::Pt, Some(Theme::Light), 110);
    assert_eq!(looks(&desk.state().first.state.settings), wanted);
    for number in [2, 3] {
        assert_eq!(desk.state().with(number, |app| looks(&app.state.settings)), Some(wanted));
        let saves = |app: &mut tillwatch_monitor::app::App| {
            app.pending.iter().any(|of| matches!(of.what, Effect::Save(_)))
        };
        assert_eq!(desk.state().with(number, saves), Some(false), "one owner of the file");
    }
    let newest = desk
        .state()
        .first
        .pending
        .iter()
        .rev()
        .find_map(|of| if let Effect::Save(settings) = &of.what { Some(settings.clone()) } else { None });
    assert_eq!(newest.map(|settings| looks(&settings)), Some(wanted));
}

#[test]
fn there_is_an_end_to_windows() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = program(folder.path());
    for _ in 0..MOST {
        first(&mut desk, User::Window(WindowAct::Open));
    }
    assert_eq!(numbers(&desk).len() + 1, usize::try_from(MOST).unwrap());
    assert_eq!(
        desk.state().first.state.toasts.texts().collect::<Vec<_>>(),
        ["There are 8 windows already: close one of them."]
    );
}
