//! The forms for products and stock entries.

use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Event, FormInput, Input};
use tillwatch_register::samples::{self, NOW, happened, take};
use tillwatch_register::state::forms::{Complaint, Part};
use tillwatch_register::state::outbox::{Done, Work};
use tillwatch_register::state::{Dialog, State};
use tillwatch_shared::Quantity;
use tillwatch_shared::api::{Role, StockEntryKind, Unit};

use crate::till::{balance, entry_of, sent, sent_entry, shop, typed};

#[test]
fn a_first_product_and_what_came_in() {
    let mut state = samples::empty(Settings::default());
    take(&mut state, Input::Search("Parafuso 10mm".to_owned()));
    take(&mut state, Input::OpenProduct);
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("no dialog") };
    assert_eq!(form.name, "Parafuso 10mm".to_owned(), "what was searched for is its name");
    let effects = take(&mut state, Input::Submit);
    let (command, work) = sent(&effects);
    assert!(matches!(work, Work::Product(product) if product.name == "Parafuso 10mm"));
    let product = samples::product(1, "Parafuso 10mm", "", 0, Unit::Un);
    let answer = Ok(Done::Product(product.clone()));
    happened(&mut state, Event::Sent { command, answer });
    assert!(state.dialog.is_none());
    assert_eq!(balance(&state, product.id), Quantity::ZERO);

    take(&mut state, Input::OpenEntry);
    take(&mut state, typed(Part::Quantity, "50"));
    let effects = take(&mut state, Input::Submit);
    let (command, entry) = sent_entry(&effects);
    assert_eq!((entry.product_id, entry.quantity_thousandths), (product.id, Quantity(50_000)));
    let answer = Ok(Done::Entry(entry_of(&state, &entry, 50_000)));
    happened(&mut state, Event::Sent { command, answer });
    assert!(state.dialog.is_none());
    assert_eq!(balance(&state, product.id), Quantity(50_000));
}

#[test]
fn forms_complain_before_anything_is_sent() {
    let product_cases = [
        ("", "1", "0", Part::Name, Complaint::NameMissing),
        ("Arroz", "abc", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "-1", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "99999999999", "0", Part::Price, Complaint::PriceBad),
        ("Arroz", "1,00", "x", Part::Minimum, Complaint::MinimumBad),
    ];
    for (name, price, minimum, part, complaint) in product_cases {
        let mut state = shop();
        take(&mut state, Input::OpenProduct);
        for (part, text) in [(Part::Name, name), (Part::Price, price), (Part::Minimum, minimum)] {
            take(&mut state, typed(part, text));
        }
        assert!(take(&mut state, Input::Submit).is_empty());
        let Some(Dialog::Product(form)) = &state.dialog else { panic!("the dialog is gone") };
        assert_eq!(form.trouble.complaint, Some((part, complaint)), "{name} {price} {minimum}");
        assert_eq!(state.focus, Some(part), "the focus goes to what is wrong");
    }
    let entry_cases = [
        (StockEntryKind::Receive, "0", "", Part::Quantity, Complaint::QuantityBad),
        (StockEntryKind::Receive, "-3", "", Part::Quantity, Complaint::QuantityBad),
        (StockEntryKind::Receive, "0,5", "", Part::Quantity, Complaint::NotWhole),
        (StockEntryKind::Receive, "2000000", "", Part::Quantity, Complaint::TooMuch),
        (StockEntryKind::Adjust, "-3", " ", Part::Reason, Complaint::ReasonMissing),
        (StockEntryKind::Count, "-1", "", Part::Quantity, Complaint::QuantityBad),
    ];
    for (kind, quantity, reason, part, complaint) in entry_cases {
        let mut state = shop();
        take(&mut state, Input::Search("arroz".to_owned()));
        take(&mut state, Input::OpenEntry);
        take(&mut state, Input::Form(FormInput::Kind(kind)));
        take(&mut state, typed(Part::Quantity, quantity));
        take(&mut state, typed(Part::Reason, reason));
        assert!(take(&mut state, Input::Submit).is_empty());
        let Some(Dialog::Entry(form)) = &state.dialog else { panic!("the dialog is gone") };
        assert_eq!(form.trouble.complaint, Some((part, complaint)), "{kind:?} {quantity}");
    }
}

/// As at the server: sellers add products and move stock, but only managers change what a product is.
#[test]
fn a_seller_changes_no_product_with_or_without_the_server() {
    let as_role = |state: &mut State, role| state.person.as_mut().unwrap().role = role;
    for away in [false, true] {
        let mut state = shop();
        if away {
            state.connection.silent(NOW);
        }
        as_role(&mut state, Role::Seller);
        take(&mut state, Input::Search("arroz".to_owned()));
        assert_eq!(take(&mut state, Input::EditProduct), []);
        assert!(state.dialog.is_none() && state.outbox.is_empty());
        assert!(state.toasts.texts().any(|text| text.contains("gerente") && text.contains("Ctrl+L")));

        // The seller has taken over while the manager's form was open.
        as_role(&mut state, Role::Manager);
        take(&mut state, Input::EditProduct);
        assert!(matches!(state.dialog, Some(Dialog::Product(_))));
        as_role(&mut state, Role::Seller);
        assert_eq!(take(&mut state, Input::Submit), []);
        assert!(state.outbox.is_empty(), "nothing is kept that the server would refuse");
        let Some(Dialog::Product(form)) = &state.dialog else { panic!("the form is gone") };
        assert_eq!(form.trouble.waiting, None);
        as_role(&mut state, Role::Admin);
        let (_, work) = sent(&take(&mut state, Input::Submit));
        assert!(matches!(work, Work::ProductChange(..)));
    }
    let mut state = shop();
    as_role(&mut state, Role::Seller);
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Vinagre"));
    let (_, work) = sent(&take(&mut state, Input::Submit));
    assert!(matches!(work, Work::Product(_)), "a new one is anybody's");
}

#[test]
fn a_refused_form_keeps_its_words() {
    let mut state = shop();
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Arroz agulhinha tipo 1 5 kg"));
    let (first, _) = sent(&take(&mut state, Input::Submit));
    assert_eq!(take(&mut state, Input::Submit), [], "a second Enter sends nothing");
    samples::kept(&mut state);
    samples::name_taken(&mut state);
    assert!(state.outbox.is_empty());
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("the dialog is gone") };
    assert!(form.trouble.failure.is_some() && form.trouble.waiting.is_none());
    take(&mut state, typed(Part::Name, "Arroz 2"));
    let (other, _) = sent(&take(&mut state, Input::Submit));
    assert_ne!(first, other, "other words are another command");
}
