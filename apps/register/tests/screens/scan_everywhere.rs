//! A scan on every screen and in every form that there is: no figure that stands in a field is another one after it.

use std::mem::discriminant;

use egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Input;
use tillwatch_register::samples::{self, take};
use tillwatch_register::state::stock::{StockForm, StockInput};
use tillwatch_register::state::{Dialog, State};

use crate::common::Window;
use crate::desk;
use crate::names::drawn;
use crate::scan::scan_by;
use crate::slow_screen::asleep;

/// Fields that a scan is for: what is looked for, and the code of a product.
const FOR_CODES: [&str; 6] = [
    "Produto ou código",
    "Código",
    "Produto",
    "Ler produto",
    "Número da venda ou código do recibo",
    "Número da venda, código do recibo ou cliente",
];

/// Codes that no product has, one with each of the digits that choose something in a menu.
fn code(digit: u8) -> String {
    let twelve = format!("{digit}99990123456");
    let digits = (0_u32..).zip(twelve.bytes());
    let sum: u32 = digits.map(|(place, d)| u32::from(d - b'0') * if place % 2 == 0 { 1 } else { 3 }).sum();
    format!("{twelve}{}", (10 - sum % 10) % 10)
}

/// What stands in the fields that no scan is for, in their order.
fn figures(harness: &Window<'_>) -> Vec<(String, String)> {
    let fields = harness.query_all_by_role(Role::TextInput).map(|field| field.accesskit_node());
    let told = fields.map(|field| (field.label().unwrap_or_default(), field.value().unwrap_or_default()));
    told.filter(|(label, _)| !FOR_CODES.contains(&label.as_str())).collect()
}

fn kind(state: &State) -> Option<std::mem::Discriminant<Dialog>> {
    state.dialog.as_ref().map(discriminant)
}

/// How many figures there are, and whether the scan was heard: while an answer is awaited, keys wait too.
fn assert_unchanged(screen: &str, state: &State, code: &str) -> (usize, bool) {
    let mut harness = desk(state.clone());
    let before = figures(&harness);
    scan_by(&mut harness, code, Key::Enter, 1, 0.008);
    // Where no field has the focus each key has frames for itself.
    asleep(&mut harness);
    let after = &harness.state().state;
    // Pages that only show something close for it.
    let closes = matches!(state.dialog, Some(Dialog::Menu | Dialog::Keys(_) | Dialog::Outbox(_)));
    if !(closes && after.dialog.is_none()) {
        assert_eq!(kind(after), kind(state), "{screen}: {code}");
        assert_eq!(figures(&harness), before, "{screen}: {code}");
    }
    assert_eq!(after.pay, state.pay, "{screen}: {code}");
    assert_eq!(after.cart.lines(), state.cart.lines(), "{screen}: {code}");
    assert_eq!(after.settings.till, state.settings.till, "{screen}: {code}");
    let secrets = |state: &State| {
        let lock = state.people.lock.as_ref().map(|lock| (lock.secret.clone(), lock.waiting));
        (lock, state.sign_in.password.clone())
    };
    assert_eq!(secrets(after), secrets(state), "{screen}: {code}");
    assert_eq!(after.outbox.parcels().len(), state.outbox.parcels().len(), "{screen}: {code}");
    let heard = after.toasts.texts().any(|text| !state.toasts.texts().any(|before| before == text));
    (before.len(), heard || after.dialog != state.dialog || after.search != state.search)
}

#[test]
fn no_figure_on_any_screen_changes_by_a_scan() {
    let (mut fields, mut deaf) = (0, Vec::new());
    for (screen, state) in drawn::screens(&|| Settings { lang: Lang::Pt, ..Settings::default() }) {
        let (figures, heard) = assert_unchanged(screen, &state, &code(1));
        fields += figures;
        deaf.extend((!heard).then_some(screen));
    }
    assert!(fields > 40, "only {fields} fields were found: the test looks at the wrong things");
    assert_eq!(deaf, [""; 0], "no scan was heard there");
}

#[test]
fn no_digit_of_a_scan_chooses_from_a_menu() {
    let mut stock = samples::till(Settings::default());
    take(&mut stock, Input::Search("arroz".to_owned()));
    take(&mut stock, Input::Stock(StockInput::Open));
    let mut paying = samples::till(Settings::default());
    take(&mut paying, Input::OpenPay);
    let drawer = samples::cash::at(Settings::default(), tillwatch_register::state::cash::CashPage::Menu);
    for (screen, state) in [("stock", stock), ("paying", paying), ("drawer", drawer)] {
        for digit in 1..=5 {
            assert_unchanged(screen, &state, &code(digit));
        }
    }
}

#[test]
fn the_stock_menu_is_there_again_after_a_scan() {
    let mut state = samples::till(Settings::default());
    take(&mut state, Input::Search("arroz".to_owned()));
    take(&mut state, Input::Stock(StockInput::Open));
    let mut harness = desk(state);
    scan_by(&mut harness, &code(1), Key::Enter, 1, 0.008);
    let menu = Some(Dialog::Stock(StockForm::Menu { row: 0 }));
    assert_eq!(harness.state().state.dialog, menu);
    harness.get_by_label_contains("não entrou");
    // By hand the same digit chooses.
    harness.key_press(Key::Num1);
    harness.run_steps(3);
    assert!(matches!(harness.state().state.dialog, Some(Dialog::Entry(_))));
}
