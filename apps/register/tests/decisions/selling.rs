//! The cart and paying.

use proptest::prelude::*;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Input;
use tillwatch_register::samples::{sale_answer, take, till};
use tillwatch_register::state::forms::{Complaint, Part};
use tillwatch_register::state::{Dialog, Notice};
use tillwatch_register::{State, samples};
use tillwatch_shared::api::PaymentMethod;
use tillwatch_shared::{Cents, Quantity};

use crate::till::{enter, sent_sale, shop, typed};

#[test]
fn lines_add_what_they_say() {
    let cases = [
        ("7891000315507", "Arroz agulhinha tipo 1 5 kg", 1000),
        ("07891000315507", "Arroz agulhinha tipo 1 5 kg", 1000),
        ("3*7896036090244", "Leite integral 1 L", 3000),
        ("0,450*qm", "Queijo minas", 450),
        ("acucar", "Açúcar União 1 kg", 1000),
        ("12*9", "Parafuso 10mm", 12_000),
    ];
    for (line, name, quantity) in cases {
        let mut state = shop();
        enter(&mut state, line);
        let added = state.cart.selected_line().unwrap_or_else(|| panic!("{line} adds nothing"));
        assert_eq!((added.name.as_str(), added.quantity), (name, Quantity(quantity)), "{line}");
        assert!(state.search.text.is_empty(), "{line}: ready for the next");
    }
}

#[test]
fn lines_that_add_nothing_say_why_and_stay() {
    let cases = [
        ("vinho", Notice::NotFound("vinho".to_owned())),
        ("7891000315508", Notice::NotFound("7891000315508".to_owned())),
        ("abc*leite", Notice::QuantityBad("abc".to_owned())),
        ("0,5*7891000315507", Notice::Refused(tillwatch_register::state::cart::CartError::NotWhole)),
        ("-1*7891000315507", Notice::Refused(tillwatch_register::state::cart::CartError::NotPositive)),
    ];
    for (line, notice) in cases {
        let mut state = shop();
        enter(&mut state, line);
        assert!(state.cart.is_empty(), "{line}");
        assert_eq!(state.search.notice, Some(notice), "{line}");
        assert_eq!(state.search.text, line);
    }
    let mut state = shop();
    enter(&mut state, "");
    assert!(state.cart.is_empty() && state.search.notice.is_none(), "an empty line sells nothing");
}

#[test]
fn cash_gives_change_and_the_sale_is_sent_once() {
    let mut state = till(Settings::default());
    let total = state.cart.total();
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    assert_eq!(state.pay.as_ref().unwrap().amount, "62,33", "the open amount is offered");
    take(&mut state, typed(Part::Amount, "100"));
    let effects = take(&mut state, Input::Submit);
    let (command, sale) = sent_sale(&effects);
    assert_eq!((sale.total_cents, sale.lines.len()), (total, 3));
    assert_eq!(sale.payments.first().unwrap().amount_cents, Cents(10_000));
    assert!(take(&mut state, Input::Submit).is_empty(), "a second Enter sends nothing");
    assert!(!state.cart.is_empty(), "the cart stays until the sale is confirmed");
    sale_answer(&mut state);
    assert!(state.cart.is_empty() && state.pay.is_none() && state.outbox.is_empty());
    let confirmation = state.confirmation.clone().unwrap();
    assert_eq!((confirmation.number, confirmation.change), (Some(1042), Cents(3767)));
    assert_eq!(state.outbox.get(command), None);
    take(&mut state, Input::Search("7".to_owned()));
    assert_eq!(state.confirmation, None, "gone at the next scan");
}

#[test]
fn payments_may_be_split_and_only_cash_gives_change() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Pix));
    take(&mut state, typed(Part::Amount, "100"));
    assert!(take(&mut state, Input::Submit).is_empty());
    let trouble = |state: &State| state.pay.as_ref().unwrap().trouble.about(Part::Amount);
    assert_eq!(trouble(&state), Some(Complaint::AmountOverOpen));
    for bad in ["", "0", "-5", "abc", "9999999999999"] {
        take(&mut state, typed(Part::Amount, bad));
        take(&mut state, Input::Submit);
        assert_eq!(trouble(&state), Some(Complaint::AmountBad), "{bad}");
    }
    take(&mut state, typed(Part::Amount, "50"));
    assert!(take(&mut state, Input::Submit).is_empty(), "some is still open");
    take(&mut state, Input::PayMethod(PaymentMethod::Debit));
    assert_eq!(state.pay.as_ref().unwrap().amount, "12,33");
    let effects = take(&mut state, Input::Submit);
    let (_, sale) = sent_sale(&effects);
    let methods: Vec<PaymentMethod> = sale.payments.iter().map(|payment| payment.method).collect();
    assert_eq!(methods, [PaymentMethod::Pix, PaymentMethod::Debit]);
}

#[test]
fn escape_goes_back_one_step() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Close);
    assert!(state.pay.as_ref().is_some_and(|pay| pay.method.is_none()));
    take(&mut state, Input::Close);
    assert!(state.pay.is_none());
    take(&mut state, Input::Search("leite".to_owned()));
    take(&mut state, Input::Close);
    assert_eq!(state.search.text, "");
    assert_eq!(state.cart.lines().len(), 3, "the cart is not touched");
}

#[test]
fn a_refused_sale_by_amount_is_not_lost() {
    let mut state = shop();
    take(&mut state, Input::OpenAmount);
    take(&mut state, typed(Part::Amount, "50"));
    let (command, _) = sent_sale(&take(&mut state, Input::Submit));
    take(&mut state, typed(Part::Amount, "60"));
    let Some(Dialog::Amount(form)) = &state.dialog else { panic!("the dialog is gone") };
    assert_eq!(form.amount, "50", "what is on its way is not changed any more");
    assert_eq!(take(&mut state, Input::Submit), [], "it is one sale");
    samples::kept(&mut state);
    take(&mut state, Input::Close);
    samples::refused_later(&mut state);
    take(&mut state, Input::ReturnParcel(command));
    assert!(state.outbox.get(command).is_some(), "it has no lines that a cart could hold");
    take(&mut state, Input::DiscardParcel(command));
    assert!(state.outbox.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Against sums that are kept apart: what is open, what may still be given, and when the sale is paid.
    #[test]
    fn however_it_is_paid_what_was_given_less_the_change_is_the_total(
        paid in prop::collection::vec((0_usize..PaymentMethod::ALL.len(), -50_i64..9_000, any::<bool>()), 1..12)
    ) {
        let mut state = till(Settings::default());
        let total = i128::from(state.cart.total().0);
        take(&mut state, Input::OpenPay);
        let mut given: Vec<(PaymentMethod, i128)> = Vec::new();
        let sum = |given: &[(PaymentMethod, i128)]| given.iter().map(|(_, amount)| amount).sum::<i128>();
        for (method, amount, taken_back) in paid {
            if taken_back && given.pop().is_some() {
                take(&mut state, Input::TakeBackPayment);
            }
            let method = PaymentMethod::ALL[method];
            take(&mut state, Input::PayMethod(method));
            take(&mut state, typed(Part::Debtor, "João"));
            take(&mut state, typed(Part::Amount, &Cents(amount).plain()));
            let (open, amount) = (total - sum(&given), i128::from(amount));
            let fits = amount > 0 && (method == PaymentMethod::Cash || amount <= open);
            let effects = take(&mut state, Input::Submit);
            if fits {
                given.push((method, amount));
            }
            if sum(&given) >= total {
                let (_, sale) = sent_sale(&effects);
                let told: Vec<_> =
                    sale.payments.iter().map(|p| (p.method, i128::from(p.amount_cents.0))).collect();
                prop_assert_eq!(&told, &given);
                let change = sum(&given) - total;
                let in_cash: i128 =
                    given.iter().filter(|(method, _)| *method == PaymentMethod::Cash).map(|(_, a)| a).sum();
                prop_assert!(change <= in_cash, "change from cash only");
                take(&mut state, Input::Tick);
                samples::kept(&mut state);
                let shown = state.confirmation.as_ref().map(|c| i128::from(c.change.0));
                prop_assert!(shown.is_none_or(|shown| shown == change), "{shown:?} is not {change}");
                return Ok(());
            }
            prop_assert!(effects.is_empty(), "{effects:?}");
            let pay = state.pay.as_ref().unwrap();
            prop_assert_eq!(i128::from(pay.open(state.cart.total()).0), total - sum(&given));
            if pay.method.is_some() {
                take(&mut state, Input::Close);
            }
        }
    }
}
