//! Arrows, Home, End, Page Up, Page Down and Enter in tables.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::Lang;
use tillwatch_monitor::input::{Effect, User};
use tillwatch_monitor::lists::{ListAct, Topic};
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, at, page_of, press};

/// What a screen reader says of the table that has the focus.
fn told(window: &Window<'_>) -> String {
    let focused = window.query_all_by_role(Role::ListBox).find(|node| node.accesskit_node().is_focused());
    focused.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}

pub fn key(window: &mut Window<'_>, key: Key) -> String {
    press(window, Modifiers::NONE, key);
    told(window)
}

#[test]
fn a_list_is_walked_and_its_row_opened() {
    let mut window = at(Page::Manage, Lang::Pt);
    let lines = window.state().state.lists.get(Topic::Products).unwrap().sheet.lines.clone();
    let name = |at: usize| lines[at].cells[1].text.clone();
    assert_eq!(told(&window), "");
    assert!(key(&mut window, Key::ArrowDown).contains(&name(0)), "{}", told(&window));
    assert!(key(&mut window, Key::ArrowDown).contains(&name(1)));
    assert!(key(&mut window, Key::ArrowUp).contains(&name(0)));
    assert!(key(&mut window, Key::ArrowUp).contains(&name(0)), "there is none above");
    let last = lines.len() - 1;
    assert!(key(&mut window, Key::End).contains(&name(last)));
    assert!(key(&mut window, Key::PageUp).contains(&name(last.saturating_sub(15))));
    assert!(key(&mut window, Key::Home).contains(&name(0)));
    assert!(key(&mut window, Key::PageDown).contains(&name(last.min(15))));
    key(&mut window, Key::Home);
    key(&mut window, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let open = window.state().state.lists.open.as_ref().map(|open| open.id.clone());
    assert_eq!(open.as_ref(), Some(&lines[1].id));
    // What lies over it has the keys.
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.lists.open.is_none());
    assert!(
        key(&mut window, Key::ArrowUp).contains(&name(0)),
        "the row is still the second: {}",
        told(&window)
    );
}

#[test]
fn a_table_is_one_stop_of_tab() {
    let mut window = at(Page::Manage, Lang::Pt);
    let mut stops = 0;
    for _ in 0..200 {
        press(&mut window, Modifiers::NONE, Key::Tab);
        let row = window.query_all_by_role(Role::Button).any(|node| {
            let node = node.accesskit_node();
            node.is_focused() && node.label().is_some_and(|label| label.starts_with("Ver "))
        });
        assert!(!row, "a row takes the focus");
        stops += usize::from(!told(&window).is_empty());
    }
    assert!(stops > 0, "the table is never reached");
}

#[test]
fn every_table_has_its_keys() {
    for (page, opens) in [
        (Page::Stock, Some(Page::Live)),
        (Page::Sales, Some(Page::Live)),
        (Page::Reports, None),
        (Page::Feeds, None),
    ] {
        let mut window = at(page, Lang::En);
        let first = key(&mut window, Key::ArrowDown);
        assert!(first.contains(": "), "{page:?}: {first}");
        let second = key(&mut window, Key::ArrowDown);
        assert!(!second.is_empty() && (second != first || page == Page::Feeds), "{page:?}: {second}");
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert_eq!(page_of(&window), opens.unwrap_or(page), "{page:?}");
    }
    let mut window = at(Page::Terminals, Lang::En);
    key(&mut window, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state().state.terminals.chosen.is_some());
    let asked = |effect: &Effect| matches!(effect, Effect::PulseLog { .. });
    assert!(window.state().pending.iter().any(|effect| asked(&effect.what)));
    let mut window = at(Page::Alarms, Lang::En);
    for topic in [Topic::Rules, Topic::PastAlarms] {
        user(&mut window, User::List(ListAct::Tab(Page::Alarms, Some(topic))));
        settle(&mut window, USUAL);
        let first = key(&mut window, Key::Home);
        assert!(first.contains(": "), "{topic:?}: {first}");
    }
}
