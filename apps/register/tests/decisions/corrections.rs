//! What the server has refused is corrected in the form in which it was made, and told again under an id of its own.

use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::samples::{
    self, enter_stock, happened, kept, no_answer, problem, refused, take, till, waiting,
};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::forms::{EntryForm, Part};
use tillwatch_register::state::outbox::{Parcel, Stage, Work};
use tillwatch_register::state::stock::{Purpose, StockForm, StockInput, Task};
use tillwatch_register::till_file::TillFile;
use tillwatch_shared::{CommandId, Quantity};

use crate::till::typed;

fn refuse(state: &mut State) -> Vec<Effect> {
    refuse_this(state, waiting(state))
}

pub(crate) fn refuse_this(state: &mut State, command: CommandId) -> Vec<Effect> {
    let failure = problem(422, "invalid", "Assim não.", "Corrija.");
    happened(state, Event::Sent { command, answer: Err(failure) })
}

/// Keeps what the form sends, and says nothing for so long that the person goes on; then refuses it.
fn refused_later(state: &mut State) -> CommandId {
    kept(state);
    no_answer(state);
    let command = waiting(state);
    refuse(state);
    command
}

fn entry(state: &State) -> &EntryForm {
    let Some(Dialog::Entry(form)) = &state.dialog else { panic!("no entry: {:?}", state.dialog) };
    form
}

pub(crate) fn made(effects: &[Effect]) -> &Parcel {
    let [Effect::Keep(parcel)] = effects else { panic!("one command expected in {effects:?}") };
    parcel
}

#[test]
fn a_refused_entry_is_filled_in_and_sent_under_a_new_id() {
    let folder = tempfile::tempdir().unwrap();
    let file = TillFile::open(folder.path()).unwrap();
    let mut state = refused::entry(Settings::default());
    let old = state.outbox.parcels()[0].clone();
    file.keep(&Parcel { replaces: None, ..old.clone() }).unwrap();
    file.refuse(old.command, Some(&problem_of(&old))).unwrap();

    assert!(state.toasts.texts().any(|text| text.contains("recusou")));
    take(&mut state, Input::OpenOutbox);
    assert!(!state.toasts.texts().any(|text| text.contains("recusou")), "it does not lie over the list");
    take(&mut state, Input::CorrectParcel(old.command));
    let form = entry(&state);
    assert_eq!((form.quantity.as_str(), form.reason.as_str()), ("-3", "?"));
    assert!(form.product.is_some() && form.trouble.failure.is_some());
    take(&mut state, typed(Part::Reason, "pacote furado"));
    let effects = take(&mut state, Input::Submit);
    let new = made(&effects).clone();
    assert!(new.command != old.command && new.replaces == Some(old.command));
    assert_eq!(state.outbox.rejected(), 1, "nothing is gone before the new one is on the disk");

    file.keep(&new).unwrap();
    kept(&mut state);
    assert_eq!(state.outbox.get(old.command), None, "the one stands in the other's place");
    let on_disk: Vec<CommandId> = file.parcels().unwrap().iter().map(|parcel| parcel.command).collect();
    assert_eq!(on_disk, [new.command], "on the disk, too, in one go");
}

fn problem_of(parcel: &Parcel) -> tillwatch_shared::api::Problem {
    let Stage::Rejected(tillwatch_desk::failure::Failure::Problem(problem, _)) = &parcel.stage else {
        panic!("not refused: {parcel:?}")
    };
    (**problem).clone()
}

#[test]
fn a_correction_that_cannot_be_written_or_is_refused_loses_nothing() {
    let mut state = refused::entry(Settings::default());
    let old = state.outbox.parcels()[0].command;
    take(&mut state, Input::CorrectParcel(old));
    take(&mut state, Input::Submit);
    let command = waiting(&state);
    happened(&mut state, Event::Kept { command, result: Err("cheio".to_owned()) });
    assert!(state.outbox.get(old).is_some_and(Parcel::is_rejected));

    // The server is there again, and the person waits for its answer.
    state.connection.answered(samples::NOW, 12_000);
    take(&mut state, Input::Submit);
    kept(&mut state);
    let second = waiting(&state);
    let effects = refuse(&mut state);
    assert!(matches!(effects[..], [Effect::Refuse(command, Some(_))] if command == second), "{effects:?}");
    assert!(state.outbox.get(second).is_some_and(Parcel::is_rejected), "it is in the list in its place");
    take(&mut state, typed(Part::Quantity, "-1"));
    let effects = take(&mut state, Input::Submit);
    assert_eq!(made(&effects).replaces, Some(second));
    kept(&mut state);
    assert_eq!((state.outbox.rejected(), state.outbox.unsent()), (0, 1));
}

#[test]
fn what_may_still_happen_is_not_told_twice() {
    let mut state = refused::entry(Settings::default());
    let old = state.outbox.parcels()[0].command;
    take(&mut state, Input::CorrectParcel(old));
    take(&mut state, Input::RetryParcel(old));
    assert_eq!(take(&mut state, Input::Submit), [], "it is on its way again");
    assert_eq!(state.outbox.parcels().len(), 1);
    assert_eq!(take(&mut state, Input::CorrectParcel(old)), []);
    assert!(state.dialog.is_none(), "only what is refused can be corrected");
}

#[test]
fn a_refused_product_keeps_what_was_typed() {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenProduct);
    for (part, text) in [(Part::Name, "Vinagre"), (Part::Code, "7891000315507"), (Part::Price, "3,5")] {
        take(&mut state, typed(part, text));
    }
    take(&mut state, Input::Form(FormInput::Unit(tillwatch_shared::api::Unit::L)));
    take(&mut state, Input::Submit);
    let old = refused_later(&mut state);
    take(&mut state, Input::CorrectParcel(old));
    let Some(Dialog::Product(form)) = &state.dialog else { panic!("no product: {:?}", state.dialog) };
    assert_eq!((form.name.as_str(), form.price.as_str(), form.editing), ("Vinagre", "3,50", None));
    take(&mut state, typed(Part::Code, ""));
    let effects = take(&mut state, Input::Submit);
    let Work::Product(new) = &made(&effects).work else { panic!("{effects:?}") };
    assert_eq!((new.name.as_str(), new.code.as_deref()), ("Vinagre", None));
}

#[test]
fn a_refused_count_is_a_list_again() {
    let mut state = samples::stock::counting(Settings::default());
    take(&mut state, Input::Stock(StockInput::Choose(Task::Count)));
    take(&mut state, Input::Stock(StockInput::Finish));
    let old = refused_later(&mut state);
    take(&mut state, Input::OpenOutbox);
    let effects = take(&mut state, Input::CorrectParcel(old));
    assert!(
        matches!(effects[..], [Effect::Stock(_), Effect::Forget(command)] if command == old),
        "{effects:?}"
    );
    let store = state.store.as_ref().unwrap().id;
    assert_eq!(state.stock.draft(Purpose::Count, store).map(|draft| draft.lines.len()), Some(3));
    assert!(matches!(&state.dialog, Some(Dialog::Stock(StockForm::Scan(_)))));

    // Another list was begun meanwhile: the record stays.
    take(&mut state, Input::Stock(StockInput::Finish));
    let old = refused_later(&mut state);
    take(&mut state, Input::Stock(StockInput::Choose(Task::Count)));
    samples::stock::scan(&mut state, "QM");
    take(&mut state, Input::Close);
    assert_eq!(take(&mut state, Input::CorrectParcel(old)), []);
    assert!(state.outbox.get(old).is_some());
}

#[test]
fn an_entry_of_another_store_waits_for_that_store() {
    let mut state = refused::entry(Settings::default());
    let old = state.outbox.parcels()[0].command;
    state.store.as_mut().unwrap().id = tillwatch_shared::StoreId::now();
    take(&mut state, Input::CorrectParcel(old));
    assert!(state.dialog.is_none() && state.toasts.texts().any(|text| text.contains("outra loja")));
    enter_stock(&mut state, "1", "x");
    let Some(Work::Entry(new)) = state.outbox.parcels().last().map(|parcel| &parcel.work) else { panic!() };
    assert_eq!(new.quantity_thousandths, Quantity(1000), "what is typed there is another entry");
}
