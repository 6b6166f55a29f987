//! Every control that can have the focus says what it is, for screen readers, and stands inside the window: on every
//! screen, in every size that is promised.

use egui::Vec2;
use egui_kittest::kittest::{AccessKitNode as Node, By, Queryable};
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;

use crate::common::{Window, window};

/// The screens that are drawn for people to look at.
#[path = "../../examples/screens.rs"]
#[allow(
    dead_code,
    clippy::duplicate_mod,
    reason = "its program is not run here, and has its own way to a window"
)]
pub mod drawn;

#[test]
fn every_control_has_a_name_and_stands_inside_the_window_in_portuguese() {
    every_control_has_a_name_and_stands_inside_the_window(Lang::Pt);
}

#[test]
fn every_control_has_a_name_and_stands_inside_the_window_in_english() {
    every_control_has_a_name_and_stands_inside_the_window(Lang::En);
}

fn every_control_has_a_name_and_stands_inside_the_window(lang: Lang) {
    for (screen, state) in drawn::screens(&|| Settings { lang, ..Settings::default() }) {
        let mut harness = window(state, Vec2::new(1366.0, 768.0));
        let nameless = |node: &Node<'_>| node.label().is_none_or(|label| label.trim().is_empty());
        assert_eq!(controls(&harness, &nameless), [""; 0], "{screen}: without a name");
        assert_eq!(beside(&harness, 1366.0), [""; 0], "{screen}: beside the window");
        // The last one is the first at 200 %.
        for size in [Vec2::new(1024.0, 600.0), Vec2::new(683.0, 384.0)] {
            harness.set_size(size);
            harness.run_steps(2);
            assert_eq!(beside(&harness, size.x), [""; 0], "{screen}: beside a window of {size}");
        }
    }
}

/// Lists scroll up and down, so what is below the edge can be reached; nothing scrolls sideways.
fn beside(harness: &Window<'_>, width: f32) -> Vec<String> {
    controls(harness, &|node| {
        let place = node.bounding_box();
        place.is_some_and(|place| place.x0 < -1.0 || place.x1 > f64::from(width) + 1.0)
    })
}

/// Those of this kind among the controls that can have the focus.
fn controls(harness: &Window<'_>, kind: &dyn Fn(&Node<'_>) -> bool) -> Vec<String> {
    let wanted = By::new().predicate(|node| {
        node.data().supports_action(egui::accesskit::Action::Focus) && !node.is_hidden() && kind(node)
    });
    harness.query_all(wanted).map(|node| format!("{node:?}")).collect()
}
