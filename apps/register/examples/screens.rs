//! Draws the register's screens with made-up data into PNG files, so that a person can look at them:
//! `cargo run -p tillwatch-register --example screens -- DIRECTORY [PART-OF-A-NAME]`
#![allow(clippy::expect_used, reason = "a picture that cannot be drawn is all there is to tell")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::window;
use egui::Vec2;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::printer::LabelLayout;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Lang, Theme};
use tillwatch_register::action::Action;
use tillwatch_register::input::{FormInput, Input, KeysInput, ReturnsInput};
use tillwatch_register::labels::{self, Label};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::cart::Scope;
use tillwatch_register::state::carts::{CartInput, Field as CartField};
use tillwatch_register::state::cash::CashPage;
use tillwatch_register::state::debts::DebtsInput;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::people::PeopleInput;
use tillwatch_register::state::receipts::{ReceiptsDialog, ReceiptsInput};
use tillwatch_register::state::stock::{StockInput, Task};
use tillwatch_register::update::receipts::shown_document;
use tillwatch_register::{State, pdf, samples, update};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{CashMovementKind, PaymentMethod, Role};

fn main() {
    let directory: PathBuf = std::env::args().nth(1).unwrap_or_else(|| "target/screens".to_owned()).into();
    std::fs::create_dir_all(&directory).expect("a directory for the pictures");
    papers(&directory);
    // Only those whose name has this in it, if that is told.
    let wanted = std::env::args().nth(2).unwrap_or_default();
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
            let file = format!("{screen}-{name}.png");
            if !file.contains(&wanted) {
                continue;
            }
            let picture = window(state, size).render().expect("a picture");
            picture.save(directory.join(file)).expect("a file");
        }
    }
}

/// What is printed, as PDF files.
fn papers(directory: &Path) {
    let state = samples::receipts::listed(Settings::default());
    if let Some(Dialog::Receipts(ReceiptsDialog::List(form))) = &state.dialog
        && let Some((_, document)) = shown_document(&state, form)
    {
        std::fs::write(directory.join("receipt.pdf"), pdf::receipt(&document).expect("a file"))
            .expect("a disk");
    }
    let labels: Vec<_> =
        samples::products().iter().map(|product| (Label::of(product, product.price_cents), 4)).collect();
    for layout in LabelLayout::ALL {
        let sheet = labels::sheet("labels", &labels, layout, 1).expect("a sheet");
        std::fs::write(directory.join(format!("labels-{layout:?}.pdf")), sheet).expect("a disk");
    }
}

/// Every screen, under the name of its picture.
pub fn screens(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let mut all = selling(settings);
    all.extend(carts(settings));
    all.extend(paper(settings));
    all.extend(stock(settings));
    all.extend(returns(settings));
    all.extend(drawer(settings));
    all.extend(debts(settings));
    all.extend(unsettled(settings));
    all.extend(roles(settings));
    all
}

fn with(mut state: State, inputs: Vec<Input>) -> State {
    for input in inputs {
        update(&mut state, input, Moment { at: samples::NOW, fresh: CommandId::now() });
    }
    state
}

fn selling(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
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
        ("13-pay-pix", with(till(), vec![Input::OpenPay, Input::PayMethod(PaymentMethod::Pix)])),
        ("13-pay-card", with(till(), vec![Input::OpenPay, Input::PayMethod(PaymentMethod::Credit)])),
        (
            "13-pay-account",
            with(
                till(),
                vec![
                    Input::OpenPay,
                    Input::PayMethod(PaymentMethod::Account),
                    text(Part::Debtor, "João Batista"),
                ],
            ),
        ),
        ("07-unknown-code", with(till(), vec![samples::scan("78910003")])),
        ("14-unconfirmed", unsure),
        ("15-confirmed", confirmed),
        ("16-menu", with(till(), vec![Input::OpenMenu])),
        ("17-keys", with(till(), vec![Input::OpenKeys])),
        ("26-reader", with(till(), vec![Input::OpenReader])),
        ("27-key-changed", with(till(), vec![Input::OpenKeys, Input::Keys(KeysInput::Change(Action::Pay))])),
        ("18-cancel", with(till(), vec![Input::OpenCancelSale])),
        ("24-amount", with(several, vec![Input::OpenAmount, text(Part::Amount, "149,9")])),
        ("25-amount-bad", with(till(), vec![Input::OpenAmount, text(Part::When, "amanhã"), Input::Submit])),
        ("60-locked", samples::locked(settings())),
        ("29-refused-entry", with(samples::refused::entry(settings()), vec![Input::OpenOutbox])),
        ("28-discard", samples::discarding(settings())),
        ("62-offline", samples::offline(settings())),
        ("61-clock", samples::clock_behind(settings())),
        ("19-quantity", with(till(), vec![Input::OpenQuantity])),
    ]
}

fn paper(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let printing = || Settings { printer: samples::receipts::printer(), ..settings() };
    let mut offered = samples::receipts::paid(printing());
    samples::sale_answer(&mut offered);
    vec![
        ("30-receipts", samples::receipts::listed(printing())),
        ("30-slips", samples::receipts::slips(printing())),
        ("34-receipt-elsewhere", samples::receipts::elsewhere(printing())),
        ("31-printer", with(samples::till(printing()), vec![Input::Receipts(ReceiptsInput::OpenPrinter)])),
        ("32-labels", samples::receipts::labels(settings())),
        ("33-offered", offered),
    ]
}

fn stock(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let till = || samples::till(settings());
    let stock = Input::Stock;
    let text = |part, text: &str| Input::Form(FormInput::Text(part, text.to_owned()));
    vec![
        (
            "80-entry-lot",
            with(
                till(),
                vec![
                    Input::MoveProduct(2),
                    Input::OpenEntry,
                    text(Part::Quantity, "24"),
                    text(Part::Lot, "L2031"),
                    text(Part::Expiry, "0517"),
                ],
            ),
        ),
        ("81-stock-menu", with(samples::stock::counting(settings()), vec![stock(StockInput::Open)])),
        (
            "82-count",
            with(samples::stock::counting(settings()), vec![stock(StockInput::Choose(Task::Count))]),
        ),
        (
            "83-count-bad",
            with(
                samples::stock::counting(settings()),
                vec![
                    stock(StockInput::Choose(Task::Count)),
                    stock(StockInput::Text("0,5*arroz".to_owned())),
                    Input::Submit,
                ],
            ),
        ),
        (
            "89-drop",
            with(
                samples::stock::counting(settings()),
                vec![stock(StockInput::Choose(Task::Count)), stock(StockInput::AskDrop(true))],
            ),
        ),
        ("84-count-report", samples::stock::counted(settings())),
        ("84-count-lots", samples::stock::counting_lots(settings())),
        ("84-count-lots-report", samples::stock::counted_lots(settings())),
        ("85-send", with(samples::stock::counting(settings()), vec![stock(StockInput::Choose(Task::Send))])),
        (
            "86-transfers",
            with(samples::stock::counting(settings()), vec![stock(StockInput::Choose(Task::Arrive))]),
        ),
        (
            "87-arrive",
            with(
                samples::stock::counting(settings()),
                vec![
                    stock(StockInput::Choose(Task::Arrive)),
                    stock(StockInput::Pick(0)),
                    stock(StockInput::Text("9".to_owned())),
                    Input::Submit,
                    Input::Submit,
                ],
            ),
        ),
        (
            "88-take-back",
            with(
                samples::stock::counting(settings()),
                vec![stock(StockInput::Choose(Task::Arrive)), stock(StockInput::Pick(1))],
            ),
        ),
    ]
}

fn returns(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    vec![
        ("50-return-find", samples::finding(settings())),
        ("54-return-consent", samples::consenting(settings())),
        ("51-return-lines", samples::returning(settings())),
        (
            "52-return-part",
            with(
                samples::returning(settings()),
                vec![
                    Input::Returns(ReturnsInput::Quantity(1, "2".to_owned())),
                    Input::Returns(ReturnsInput::Quantity(2, "1".to_owned())),
                    Input::Returns(ReturnsInput::Restock(1, false)),
                    Input::Returns(ReturnsInput::Submit),
                ],
            ),
        ),
        (
            "53-return-void",
            with(
                samples::returning(settings()),
                vec![
                    Input::Returns(ReturnsInput::All),
                    Input::Returns(ReturnsInput::Move(9)),
                    Input::Returns(ReturnsInput::Move(1)),
                ],
            ),
        ),
    ]
}

fn drawer(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let printing = || Settings { printer: samples::receipts::printer(), ..settings() };
    vec![
        ("70-drawer-open", samples::cash::opening(settings())),
        ("71-drawer", samples::cash::at(settings(), CashPage::Menu)),
        ("72-withdraw", samples::cash::at(settings(), CashPage::Move(CashMovementKind::Withdrawal))),
        ("73-drawer-count", samples::cash::counting(settings())),
        ("74-drawer-confirm", samples::cash::at(settings(), CashPage::Confirm)),
        ("75-x", samples::cash::at(printing(), CashPage::X)),
        ("76-z", samples::cash::closed(settings())),
        ("76-z-earlier", samples::cash::turned_back(printing())),
    ]
}

/// What is not sent, where it is told.
fn unsettled(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let unsettled = || samples::refused::unsettled(settings());
    let lock = || Input::People(PeopleInput::Lock);
    let mut counting = samples::cash::counting(settings());
    counting.outbox = unsettled().outbox;
    vec![
        ("63-unsettled", unsettled()),
        ("63-unsettled-signed-out", with(unsettled(), vec![Input::SignOut])),
        ("63-unsettled-stores", with(unsettled(), vec![Input::ChangeStore])),
        ("63-unsettled-locked", with(unsettled(), vec![lock()])),
        ("64-leave", with(unsettled(), vec![Input::AskClose])),
        ("64-leave-locked", with(unsettled(), vec![lock(), Input::AskClose])),
        ("64-leave-counting", with(counting, vec![Input::AskClose])),
        ("29-refused-money", with(samples::refused::money(settings()), vec![Input::OpenOutbox])),
    ]
}

/// What a seller finds otherwise than a manager.
fn roles(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let as_seller = |mut state: State| {
        if let Some(person) = &mut state.person {
            person.role = Role::Seller;
        }
        state
    };
    vec![
        ("05-till-seller", as_seller(samples::till(settings()))),
        ("75-x-seller", as_seller(samples::cash::at(settings(), CashPage::X))),
    ]
}

fn debts(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let debts = Input::Debts;
    let mut away = samples::debts::paid(settings());
    away.now = samples::NOW.plus(9 * tillwatch_shared::time::MINUTE);
    away = with(away, vec![Input::Submit, debts(DebtsInput::Open), debts(DebtsInput::Pick(1))]);
    vec![
        ("90-debts", samples::debts::listed(settings())),
        (
            "91-debts-nobody",
            with(samples::debts::listed(settings()), vec![debts(DebtsInput::Wanted("zezé".to_owned()))]),
        ),
        ("92-debt", samples::debts::paying(settings())),
        (
            "93-debt-too-much",
            with(
                samples::debts::paying(settings()),
                vec![debts(DebtsInput::Amount("900".to_owned())), Input::Submit],
            ),
        ),
        ("94-debt-paid", samples::debts::paid(settings())),
        ("95-debt-away", away),
    ]
}

fn carts(settings: &dyn Fn() -> Settings) -> Vec<(&'static str, State)> {
    let till = || samples::till(settings());
    let cart = |input| Input::Cart(input);
    let in_cart = |field, text: &str| cart(CartInput::Text(field, text.to_owned()));
    let discounted = || {
        vec![
            cart(CartInput::OpenDiscount),
            cart(CartInput::Scope(Scope::Line(1))),
            in_cart(CartField::Discount, "10"),
            Input::Submit,
            cart(CartInput::OpenDiscount),
            in_cart(CartField::Discount, "5"),
            Input::Submit,
            cart(CartInput::OpenCustomer),
            in_cart(CartField::Customer, "52998224725"),
            Input::Submit,
        ]
    };
    let mut asking = discounted();
    asking.extend([cart(CartInput::OpenDiscount), in_cart(CartField::Discount, "40"), Input::Submit]);
    let mut aside = discounted();
    aside.extend([
        cart(CartInput::OpenAside),
        in_cart(CartField::Note, "cliente de boné azul"),
        Input::Submit,
    ]);
    aside.extend([Input::Search("2*cafe".to_owned()), Input::EnterLine, cart(CartInput::OpenAside)]);
    let mut dropping = aside.clone();
    dropping.extend([Input::Submit, cart(CartInput::OpenAside), cart(CartInput::Row(1))]);
    let mut dropping = with(till(), dropping);
    let sale = dropping.carts.aside.first().and_then(|cart| cart.basket.sale);
    dropping = with(dropping, sale.map(|sale| cart(CartInput::Drop(sale))).into_iter().collect());
    vec![
        ("40-discounted", with(till(), discounted())),
        (
            "41-discount",
            with(till(), vec![cart(CartInput::OpenDiscount), in_cart(CartField::Discount, "40")]),
        ),
        ("42-approval", with(till(), asking)),
        (
            "43-customer",
            with(
                till(),
                vec![
                    cart(CartInput::OpenCustomer),
                    in_cart(CartField::Customer, "52998224726"),
                    Input::Submit,
                ],
            ),
        ),
        ("44-aside", with(till(), aside)),
        ("45-drop", dropping),
    ]
}
