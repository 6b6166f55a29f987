//! Charts of sensors.

use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::compare::{Against, Before, CompareAct};
use tillwatch_monitor::input::{User, ViewAct};
use tillwatch_monitor::samples::sensor_id;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::advance;
use tillwatch_monitor::state::Page;
use tillwatch_shared::time::{HOUR, SECOND};

use super::common::{settle, user};
use super::{Album, DESK, DOUBLE, Outcome, SMALL, at};

/// The large chart over ranges and sizes.
pub fn ranges(album: &Album) -> Outcome {
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
    for (name, size, scale) in [("large-small", SMALL, 1.0), ("large-double", DOUBLE, 2.0)] {
        let mut window = at(Page::Sensors, Lang::En, Theme::Light, size, scale, usual);
        user(&mut window, User::View(ViewAct::Sensor(Some(sensor_id(0)))));
        settle(&mut window, usual);
        album.add(name, window)?;
    }
    let mut wall = at(Page::Sensors, Lang::Pt, Theme::Dark, DESK, 1.0, usual);
    wall.hover_at(egui::pos2(450.0, 200.0));
    wall.run_steps(2);
    album.add("wall-cursor", wall)
}

/// The large chart with a second curve, and the dialog in which one chooses it.
pub fn compared(album: &Album) -> Outcome {
    let usual = MadeUp::default();
    let other = || Against::Sensor(sensor_id(2));
    for (name, lang, theme, size, scale, range, with) in [
        ("sensor", Lang::Pt, Theme::Dark, DESK, 1.0, RangeChoice::Minutes15, other()),
        ("sensor-light", Lang::En, Theme::Light, DESK, 1.0, RangeChoice::Day, other()),
        ("sensor-200", Lang::Pt, Theme::Light, DOUBLE, 2.0, RangeChoice::Minutes15, other()),
        ("week", Lang::Pt, Theme::Dark, DESK, 1.0, RangeChoice::Hour, Against::Before(Before::Week)),
        ("year-light", Lang::En, Theme::Light, SMALL, 1.0, RangeChoice::Week, Against::Before(Before::Year)),
        ("day-200", Lang::En, Theme::Dark, DOUBLE, 2.0, RangeChoice::Minutes15, Against::Before(Before::Day)),
    ] {
        let mut window = at(Page::Sensors, lang, theme, size, scale, usual);
        user(&mut window, User::View(ViewAct::Sensor(Some(sensor_id(0)))));
        user(&mut window, User::View(ViewAct::Range(range)));
        user(&mut window, User::Compare(CompareAct::With(with)));
        settle(&mut window, usual);
        window.hover_at(egui::pos2(size.x * 0.66, size.y * 0.62));
        advance(SECOND);
        settle(&mut window, usual);
        album.add(&format!("compare-{name}"), window)?;
    }
    for (name, lang, theme, size, scale) in [
        ("choice", Lang::Pt, Theme::Dark, DESK, 1.0),
        ("choice-light", Lang::En, Theme::Light, SMALL, 1.0),
        ("choice-200", Lang::Pt, Theme::Light, DOUBLE, 2.0),
    ] {
        let mut window = at(Page::Sensors, lang, theme, size, scale, usual);
        user(&mut window, User::View(ViewAct::Sensor(Some(sensor_id(0)))));
        settle(&mut window, usual);
        user(&mut window, User::Compare(CompareAct::Choose));
        user(&mut window, User::Compare(CompareAct::Mark(1)));
        user(&mut window, User::Compare(CompareAct::Begin("hoje".to_owned())));
        user(&mut window, User::Compare(CompareAct::TakeBegin));
        album.add(&format!("compare-{name}"), window)?;
    }
    Ok(())
}
