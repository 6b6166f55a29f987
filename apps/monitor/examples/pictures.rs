//! Renders the screens in their states to PNG files, to be looked at:
//! `cargo run -p tillwatch-monitor --example pictures -- DIR`. Needs Vulkan; Mesa's software driver will do.

#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::path::PathBuf;

use common::{Window, settle, user, window};
use egui::{Vec2, vec2};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::feeds::FeedAct;
use tillwatch_monitor::input::{Answer, Effect, Input, LogAct, User, ViewAct};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, app, loaded, settings};
use tillwatch_monitor::state::{Dialog, Page};
use tillwatch_monitor::terminals::TerminalAct;
use tillwatch_shared::api::ReadingsHeld;
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

type Outcome = Result<(), Box<dyn Error>>;

const DESK: Vec2 = vec2(1366.0, 768.0);
const SMALL: Vec2 = vec2(1024.0, 600.0);
/// The desk's window at 200 %.
const DOUBLE: Vec2 = vec2(683.0, 384.0);

struct Album {
    directory: PathBuf,
}

impl Album {
    fn add(&self, name: &str, mut window: Window<'_>) -> Outcome {
        window.render()?.save(self.directory.join(format!("{name}.png")))?;
        Ok(())
    }
}

fn main() -> Outcome {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pictures".to_owned()));
    std::fs::create_dir_all(&directory)?;
    let album = Album { directory };
    pages(&album)?;
    states(&album)?;
    held(&album)?;
    charts(&album)
}

fn at(page: Page, lang: Lang, theme: Theme, size: Vec2, scale: f32, made_up: MadeUp) -> Window<'static> {
    let mut window = window(loaded(settings(lang, theme), made_up, page), size, scale);
    settle(&mut window, made_up);
    window
}

fn pages(album: &Album) -> Outcome {
    let names =
        ["overview", "live", "sensors", "stock", "sales", "reports", "terminals", "feeds", "settings"];
    let (usual, demo) = (MadeUp::default(), MadeUp { demo: true, ..MadeUp::default() });
    for (name, page) in names.into_iter().zip(Page::ALL) {
        album.add(name, at(page, Lang::Pt, Theme::Dark, DESK, 1.0, usual))?;
        album.add(&format!("{name}-light"), at(page, Lang::En, Theme::Light, DESK, 1.0, demo))?;
        album.add(&format!("{name}-200"), at(page, Lang::Pt, Theme::Light, DOUBLE, 2.0, usual))?;
    }
    Ok(())
}

/// Readings that wait on the server's disk.
fn held(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, lang, theme, size, scale, refused) in [
        ("held", Lang::Pt, Theme::Dark, DESK, 1.0, false),
        ("held-light", Lang::En, Theme::Light, DESK, 1.0, false),
        ("held-refused-200", Lang::Pt, Theme::Light, DOUBLE, 2.0, true),
    ] {
        let mut away = at(Page::Overview, lang, theme, size, scale, usual);
        if let Some(Answer::Server(Ok(mut info))) = usual.answer(&Effect::Server, NOW) {
            let since = NOW.plus(-25 * MINUTE);
            let (bytes, room_bytes) = (6_420_000, 64 << 20);
            info.readings_held = Some(ReadingsHeld { since, readings: 138_204, bytes, room_bytes, refused });
            away.state_mut().take(Input::Answer(Answer::Server(Ok(info))));
        }
        away.run_steps(2);
        album.add(name, away)?;
    }
    Ok(())
}

fn states(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    let empty = MadeUp { sensors: 0, changes: 0, products: 0, stores: 1, demo: true };
    for (name, page) in [
        ("overview", Page::Overview),
        ("live", Page::Live),
        ("sensors", Page::Sensors),
        ("stock", Page::Stock),
        ("sales", Page::Sales),
        ("reports", Page::Reports),
        ("terminals", Page::Terminals),
        ("feeds", Page::Feeds),
    ] {
        album.add(&format!("empty-{name}"), at(page, Lang::Pt, Theme::Dark, SMALL, 1.0, empty))?;
    }
    let dark = settings(Lang::Pt, Theme::Dark);
    album.add("sign-in", window(app(dark.clone()), SMALL, 1.0))?;

    let mut first = app(dark.clone());
    usual.enter(&mut first);
    album.add("first", window(first, SMALL, 1.0))?;

    let mut failed = app(dark);
    usual.enter(&mut failed);
    failed.take(Input::Answer(Answer::Latest(Err(Failure::Unreachable), 0)));
    album.add("failed", window(failed, SMALL, 1.0))?;

    let mut stale = at(Page::Overview, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    advance(90 * SECOND);
    stale.run_steps(1);
    stale.state_mut().take(Input::Answer(Answer::Changes(Err(Failure::Unreachable), 0)));
    stale.run_steps(2);
    album.add("stale", stale)?;

    let mut terminals = at(Page::Terminals, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    let chosen = terminals.state().state.terminals.list.value().and_then(|list| list.first().cloned());
    user(&mut terminals, User::Terminal(TerminalAct::Choose(chosen.map(|terminal| terminal.client))));
    settle(&mut terminals, usual);
    album.add("terminals-open", terminals)?;
    for (lang, theme, size, scale, suffix) in
        [(Lang::Pt, Theme::Dark, DESK, 1.0, ""), (Lang::En, Theme::Light, DOUBLE, 2.0, "-200")]
    {
        for (name, dialog) in [("terminals-forget", Dialog::Forget), ("terminals-kept", Dialog::Retention)] {
            let mut window = at(Page::Terminals, lang, theme, size, scale, usual);
            let last = window.state().state.terminals.list.value().and_then(|list| list.last().cloned());
            user(&mut window, User::Terminal(TerminalAct::Choose(last.map(|terminal| terminal.client))));
            settle(&mut window, usual);
            user(&mut window, User::Terminal(TerminalAct::EditRetention));
            user(&mut window, User::Dialog(Some(dialog)));
            album.add(&format!("{name}{suffix}"), window)?;
        }
    }

    for (name, group) in [("feeds-store", 0), ("feeds-product", 1)] {
        let mut window = at(Page::Feeds, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
        user(&mut window, User::Feed(FeedAct::Choose("bairro".to_owned())));
        settle(&mut window, usual);
        if let Some(group) = window.state().state.feeds.groups().get(group).cloned() {
            user(&mut window, User::Feed(FeedAct::Match(group)));
        }
        settle(&mut window, usual);
        album.add(name, window)?;
    }
    for (name, lang, theme, size, scale) in [
        ("feeds-needy", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("feeds-needy-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("feeds-needy-tall", Lang::Pt, Theme::Light, egui::vec2(1000.0, 1100.0), 1.0),
        ("feeds-needy-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Feeds, lang, theme, size, scale, usual);
        user(&mut window, User::Feed(FeedAct::Choose("bairro".to_owned())));
        settle(&mut window, usual);
        album.add(name, window)?;
    }
    let mut broken = at(Page::Feeds, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    user(&mut broken, User::Feed(FeedAct::Choose("shopping".to_owned())));
    settle(&mut broken, usual);
    album.add("feeds-broken", broken)?;

    let mut open = at(Page::Live, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    if let Some((number, _)) = open.state().state.log.shown(3) {
        user(&mut open, User::Log(LogAct::Expand(number)));
    }
    album.add("live-open", open)?;
    for (name, dialog) in [("keys", Dialog::Keys), ("sign-out", Dialog::SignOut)] {
        let mut window = at(Page::Live, Lang::Pt, Theme::Dark, SMALL, 1.0, usual);
        user(&mut window, User::Dialog(Some(dialog)));
        album.add(name, window)?;
    }
    Ok(())
}

fn charts(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    for (name, choice) in
        [("15min", RangeChoice::Minutes15), ("day", RangeChoice::Day), ("year", RangeChoice::Year)]
    {
        let mut window = at(Page::Sensors, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
        let sensor = window.state().state.sensors().get(4).map(|s| s.id.clone());
        user(&mut window, User::View(ViewAct::Sensor(sensor)));
        user(&mut window, User::View(ViewAct::Range(choice)));
        if choice == RangeChoice::Day {
            user(&mut window, User::View(ViewAct::Pan(-HOUR)));
        }
        window.hover_at(egui::pos2(900.0, 300.0));
        advance(SECOND);
        settle(&mut window, usual);
        album.add(&format!("large-{name}"), window)?;
    }
    let mut wall = at(Page::Sensors, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    wall.hover_at(egui::pos2(450.0, 200.0));
    wall.run_steps(2);
    album.add("wall-cursor", wall)
}
