//! Notices and what is open under them.

use egui::{Key, Rect, Role, Vec2};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::samples;
use tillwatch_register::state::people::Lock;

use crate::common::{Window, window};
use crate::key;

const LONG: &str =
    "O código 7891000053508 não entrou: termine o que está aberto e leia de novo. O carrinho está igual.";

fn notice(harness: &mut Window<'_>) -> Rect {
    let now = harness.state().state.now;
    harness.state_mut().state.toasts.info(LONG, now);
    harness.run_steps(3);
    harness.get_by_label(LONG).rect()
}

#[test]
fn a_notice_covers_nothing_of_a_dialog() {
    for zoom in [100, 200] {
        for (open, field) in [(Key::F4, "Quantidade"), (Key::F3, "Nome"), (Key::F7, "CPF ou CNPJ")] {
            let state = samples::till(Settings { zoom, ..Settings::default() });
            let mut harness = window(state, Vec2::new(1366.0, 768.0));
            key(&mut harness, open);
            let notice = notice(&mut harness);
            let close = harness.get_by_role_and_label(Role::Button, "Fechar (Esc)").rect();
            let field = harness.get_by_role_and_label(Role::TextInput, field).rect();
            let case = format!("{open:?} at {zoom} %: {notice} over {close} and {field}");
            assert!(notice.max.y < close.min.y && notice.max.y < field.min.y, "{case}");
            let whole = harness.ctx.content_rect();
            assert!(whole.contains_rect(notice) && whole.contains_rect(close), "{case}");
        }
    }
}

#[test]
fn a_notice_covers_nothing_of_the_locked_till() {
    for zoom in [100, 200] {
        let mut state = samples::till(Settings { zoom, ..Settings::default() });
        state.people.lock = Some(Lock::default());
        let mut harness = window(state, Vec2::new(1366.0, 768.0));
        let notice = notice(&mut harness);
        let title = harness.get_by_label_contains("Caixa bloqueado").rect();
        assert!(notice.max.y <= title.min.y, "{zoom} %: {notice} over {title}");
    }
}
