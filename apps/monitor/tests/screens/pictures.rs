//! Pictures of a few pages: what labels cannot tell, such as a colour or a place, is as it was.
//! `UPDATE_SNAPSHOTS=true cargo test -p tillwatch-monitor --test screens pictures` takes them anew; look at them
//! before they are committed. Drawn by Mesa's software driver, so that every machine draws the same.

use egui::{Vec2, vec2};
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::input::{Answer, Input};
use tillwatch_monitor::samples::stage::{app, loaded, settings};
use tillwatch_monitor::samples::{NOW, servers};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::GroupStatus;

use crate::common::{settle, window};
use crate::hands::USUAL;

const SMALL: Vec2 = vec2(1024.0, 600.0);

fn sensors(name: &str, lang: Lang, theme: Theme) {
    let mut window = window(loaded(settings(lang, theme), USUAL, Page::Sensors), SMALL, 1.0);
    settle(&mut window, USUAL);
    window.snapshot(name);
}

/// What stands out does so by its icon and words; where there is little room the less important columns are left out.
#[test]
fn the_table_of_terminals() {
    let app = loaded(settings(Lang::Pt, Theme::Light), USUAL, Page::Terminals);
    let mut window = window(app, SMALL, 1.0);
    settle(&mut window, USUAL);
    window.snapshot("terminals-light-pt");
}

fn page_of_servers(name: &str, lang: Lang, theme: Theme, group: GroupStatus) {
    let mut window = window(loaded(settings(lang, theme), USUAL, Page::Servers), SMALL, 1.0);
    settle(&mut window, USUAL);
    window.state_mut().take(Input::Answer(Answer::Group(Ok(Some(group)))));
    window.run_steps(2);
    window.snapshot(name);
}

/// Who coordinated before stands in columns that have the room for it.
#[test]
fn the_servers() {
    page_of_servers("servers-light-pt", Lang::Pt, Theme::Light, servers::group(NOW));
}

/// Who is away or out of service stands out.
#[test]
fn the_servers_in_trouble() {
    let mut group = servers::troubled(NOW);
    group.members[2].out_of_service = true;
    page_of_servers("servers-dark-en", Lang::En, Theme::Dark, group);
}

#[test]
fn signing_in() {
    window(app(settings(Lang::En, Theme::Dark)), SMALL, 1.0).snapshot("sign-in-dark-en");
}

#[test]
fn the_wall_of_sensors_light() {
    sensors("sensors-light-pt", Lang::Pt, Theme::Light);
}

#[test]
fn the_wall_of_sensors_dark() {
    sensors("sensors-dark-en", Lang::En, Theme::Dark);
}
