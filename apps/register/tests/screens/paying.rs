//! Paying, by the labels of the window; and what a person does about a sale that was refused.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Input;
use tillwatch_register::samples;
use tillwatch_register::state::outbox::Work;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{NewSale, PaymentMethod};

use crate::common::Window;
use crate::{click, ctrl, desk, kept_work, key, write};

fn sale(harness: &Window<'_>) -> NewSale {
    match kept_work(harness) {
        Work::Sale(sale) => sale,
        other => panic!("no sale: {other:?}"),
    }
}

fn paid(sale: &NewSale) -> Vec<(PaymentMethod, i64)> {
    sale.payments.iter().map(|payment| (payment.method, payment.amount_cents.0)).collect()
}

#[test]
fn every_way_to_pay_has_its_key_and_its_button() {
    let methods = [
        (Key::Num1, "Dinheiro", PaymentMethod::Cash),
        (Key::Num2, "Pix", PaymentMethod::Pix),
        (Key::Num3, "Crédito", PaymentMethod::Credit),
        (Key::Num4, "Débito", PaymentMethod::Debit),
        (Key::Num5, "Fiado", PaymentMethod::Account),
    ];
    for (digit, name, method) in methods {
        for by_key in [true, false] {
            let mut harness = desk(samples::till(Settings::default()));
            click(&mut harness, "Receber R$\u{a0}62,33");
            harness.get_by_label("Como o cliente paga?");
            if by_key {
                key(&mut harness, digit);
            } else {
                click(&mut harness, name);
            }
            harness.get_by_role_and_label(Role::TextInput, &format!("Valor em {name}"));
            if method == PaymentMethod::Account {
                assert!(harness.get_by_role_and_label(Role::TextInput, "Nome do cliente").is_focused());
                write(&mut harness, "Zezé");
            }
            key(&mut harness, Key::Enter);
            let sale = sale(&harness);
            assert_eq!(paid(&sale), [(method, 6_233)], "{name}");
            assert_eq!(sale.customer_name.as_deref(), (method == PaymentMethod::Account).then_some("Zezé"));
        }
    }
}

#[test]
fn a_note_is_one_key() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F12);
    key(&mut harness, Key::Num1);
    for label in ["Exato", "5", "10", "20", "50", "100", "200"] {
        harness.get_by_role_and_label(Role::Button, label);
    }
    key(&mut harness, Key::F6);
    harness.get_by_label("37,67");
    click(&mut harness, "Confirmar R$\u{a0}100,00");
    assert_eq!(paid(&sale(&harness)), [(PaymentMethod::Cash, 10_000)]);
}

#[test]
fn a_payment_is_taken_back_before_the_sale_is_paid() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F12);
    key(&mut harness, Key::Num2);
    write(&mut harness, "40");
    key(&mut harness, Key::Enter);
    harness.get_by_label("22,33");
    click(&mut harness, "Desfazer o último pagamento");
    assert!(harness.query_by_label("22,33").is_none());
    key(&mut harness, Key::Num4);
    click(&mut harness, "Outra forma");
    key(&mut harness, Key::Num3);
    key(&mut harness, Key::Enter);
    assert_eq!(paid(&sale(&harness)), [(PaymentMethod::Credit, 6_233)]);
}

#[test]
fn a_refused_sale_goes_back_into_the_cart() {
    let mut state = samples::till(Settings::default());
    for input in [Input::OpenPay, Input::PayMethod(PaymentMethod::Pix), Input::Submit] {
        samples::take(&mut state, input);
    }
    samples::kept(&mut state);
    samples::no_answer(&mut state);
    samples::refused_later(&mut state);
    let mut harness = desk(state);
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("O preço de Queijo minas mudou.");
    click(&mut harness, "Devolver ao carrinho");
    let state = &harness.state().state;
    assert_eq!((state.cart.lines().len(), state.cart.total()), (3, Cents(6_233)));
}

#[test]
fn the_first_start_makes_the_shop() {
    let mut harness = desk(samples::first_start(Settings::default()));
    harness.get_by_label("Primeiro uso");
    // From field to field as the Tab key goes.
    for text in ["ABCD-1234", "dona", "segredo", "Mercadinho"] {
        write(&mut harness, text);
        key(&mut harness, Key::Tab);
    }
    let form = &harness.state().state.sign_in;
    let written = [&form.code, &form.username, &form.password, &form.store_name];
    assert_eq!(written, ["ABCD-1234", "dona", "segredo", "Mercadinho"]);
    for label in ["Código de instalação", "Usuário", "Senha (4 caracteres ou mais)", "Nome da loja"] {
        assert!(harness.query_all_by_label(label).next().is_some(), "{label}");
    }
    click(&mut harness, "Criar a loja e entrar");
    harness.get_by_label_contains("Falando com o servidor");
}

#[test]
fn a_catalogue_that_cannot_be_loaded_is_asked_for_again() {
    let mut harness = desk(samples::load_failed(Settings::default()));
    let before = harness.state().effects.len();
    click(&mut harness, "Tentar de novo");
    assert!(harness.state().effects.len() > before);
}

#[test]
fn a_manager_changes_a_product() {
    let mut harness = desk(samples::till(Settings::default()));
    write(&mut harness, "leite integral");
    ctrl(&mut harness, Key::E);
    harness.get_by_label("Editar produto");
    let price = harness.get_by_role_and_label(Role::TextInput, "Preço");
    price.focus();
    harness.run_steps(3);
    key(&mut harness, Key::End);
    for _ in 0.."5,49".len() {
        key(&mut harness, Key::Backspace);
    }
    write(&mut harness, "5,79");
    click(&mut harness, "Salvar produto");
    let Work::ProductChange(_, change) = kept_work(&harness) else { panic!("no change") };
    assert_eq!(change.price_cents, Some(Cents(579)));
}

#[test]
fn goods_are_sent_to_a_store_that_is_chosen() {
    let mut harness = desk(samples::stock::counting(Settings::default()));
    key(&mut harness, Key::F5);
    key(&mut harness, Key::Num4);
    click(&mut harness, "MAX ATACADO Norte");
    write(&mut harness, "3*7891000315507");
    key(&mut harness, Key::Enter);
    key(&mut harness, Key::F12);
    assert!(matches!(kept_work(&harness), Work::Stock(tillwatch_register::state::stock::StockWork::Send(_))));
}
