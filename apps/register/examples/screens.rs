//! Draws the register's screens with made-up data into PNG files, so that a person can look at them:
//! `cargo run -p tillwatch-register --example screens -- DIRECTORY`
#![expect(clippy::expect_used, reason = "a picture that cannot be drawn is all there is to tell")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::PathBuf;

use common::window;
use egui::Vec2;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Lang, Theme};
use tillwatch_register::input::{FormInput, Input};
use tillwatch_register::state::forms::Part;
use tillwatch_register::{State, samples, update};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::PaymentMethod;

fn main() {
    let directory: PathBuf = std::env::args().nth(1).unwrap_or_else(|| "target/screens".to_owned()).into();
    std::fs::create_dir_all(&directory).expect("a directory for the pictures");
    let usual = Vec2::new(1366.0, 768.0);
    for (name, lang, theme, zoom, size) in [
        ("light-pt", Lang::Pt, Theme::Light, 100, usual),
        ("dark-en", Lang::En, Theme::Dark, 100, usual),
        ("zoom-pt", Lang::Pt, Theme::Light, 200, usual),
        ("small-pt", Lang::Pt, Theme::Light, 100, Vec2::new(1024.0, 600.0)),
        ("wide-en", Lang::En, Theme::Light, 150, Vec2::new(3840.0, 2160.0)),
    ] {
        let settings = || Settings { lang, theme: Some(theme), zoom, ..Settings::default() };
        for (screen, state) in screens(&settings) {
            let picture = window(state, size).render().expect("a picture");
            picture.save(directory.join(format!("{screen}-{name}.png"))).expect("a file");
        }
    }
}

fn screens(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let with = |mut state: State, inputs: Vec<Input>| {
        for input in inputs {
            update(&mut state, input, Moment { at: samples::NOW, fresh: CommandId::now() });
        }
        state
    };
    let till = || samples::till(settings());
    let text = |part, text: &str| Input::Form(FormInput::Text(part, text.to_owned()));
    let pay = || vec![Input::OpenPay, Input::PayMethod(PaymentMethod::Cash), text(Part::Amount, "100")];
    let mut paid = pay();
    paid.push(Input::Submit);
    let mut unsure = with(till(), paid.clone());
    samples::no_answer(&mut unsure);
    let mut confirmed = with(till(), paid);
    samples::sale_answer(&mut confirmed);
    let mut refused = with(till(), vec![Input::OpenProduct, text(Part::Name, "Arroz"), Input::Submit]);
    samples::name_taken(&mut refused);
    let mut later = with(till(), pay());
    update(&mut later, Input::Submit, Moment { at: samples::NOW, fresh: CommandId::now() });
    samples::no_answer(&mut later);
    let mut refused_later = later;
    samples::refused_later(&mut refused_later);
    let refused_later = with(refused_later, vec![Input::OpenOutbox]);
    let several = with(samples::choosing(settings()), vec![Input::ChooseStore(2)]);
    vec![
        ("20-set-up", samples::first_start(settings())),
        ("21-wrong-password", samples::wrong_password(settings())),
        ("22-load-failed", samples::load_failed(settings())),
        ("23-outbox", refused_later),
        ("01-sign-in", samples::signed_out(settings(), true)),
        ("02-no-server", samples::signed_out(settings(), false)),
        ("03-stores", samples::choosing(settings())),
        ("04-empty", samples::empty(settings())),
        ("05-till", till()),
        ("06-search", with(till(), vec![Input::Search("3*leite".to_owned()), Input::MoveProduct(1)])),
        ("07-nothing", with(till(), vec![Input::Search("vinho do porto".to_owned())])),
        ("08-product", with(till(), vec![Input::OpenProduct, Input::Submit])),
        ("09-product-refused", refused),
        ("10-entry", with(till(), vec![Input::OpenEntry])),
        (
            "11-entry-quantity",
            with(
                till(),
                vec![
                    Input::MoveProduct(2),
                    Input::OpenEntry,
                    Input::Form(FormInput::Kind(tillwatch_shared::api::StockEntryKind::Adjust)),
                    text(Part::Quantity, "-50"),
                ],
            ),
        ),
        ("12-pay", with(till(), vec![Input::OpenPay])),
        ("13-pay-cash", with(till(), pay())),
        ("14-unconfirmed", unsure),
        ("15-confirmed", confirmed),
        ("16-menu", with(till(), vec![Input::OpenMenu])),
        ("17-keys", with(till(), vec![Input::OpenKeys])),
        ("18-cancel", with(till(), vec![Input::OpenCancelSale])),
        ("24-amount", with(several, vec![Input::OpenAmount, text(Part::Amount, "149,9")])),
        ("25-amount-bad", with(till(), vec![Input::OpenAmount, text(Part::When, "amanhã"), Input::Submit])),
        ("19-quantity", with(till(), vec![Input::OpenQuantity])),
    ]
}
