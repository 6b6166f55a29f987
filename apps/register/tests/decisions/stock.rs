//! Lots, counts and transfers at the desk.

use jiff::civil::date;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::stock::{count_answer, counting, scan};
use tillwatch_register::samples::{self, NOW, happened, take};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::forms::{Complaint, Part};
use tillwatch_register::state::outbox::{Done, Work};
use tillwatch_register::state::stock::{
    Purpose, ScanNotice, StockDone, StockEffect, StockForm, StockInput, StockWork, Task,
};
use tillwatch_register::update::stock::open_transfers;
use tillwatch_shared::api::{StockEntryKind, Transfer, TransferState};
use tillwatch_shared::expiry::ExpiryError;
use tillwatch_shared::limits::QUANTITY_THOUSANDTHS;
use tillwatch_shared::{Quantity, StoreId};

use crate::till::{balance, sent, sent_entry, shop, typed};

fn stock(state: &mut State, input: StockInput) -> Vec<Effect> {
    take(state, Input::Stock(input))
}

fn lines(state: &State, purpose: Purpose) -> Vec<(String, i64)> {
    let store = state.store.as_ref().unwrap().id;
    let draft = state.stock.draft(purpose, store).unwrap();
    let name = |line: &tillwatch_register::state::stock::ScanLine| {
        let name = state.catalogue.get(line.product).unwrap().product.name.clone();
        (name.split(' ').next().unwrap().to_owned(), line.quantity.0)
    };
    draft.lines.iter().map(name).collect()
}

fn notice(state: &State) -> Option<ScanNotice> {
    let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { panic!("no list is open") };
    form.notice.clone()
}

#[test]
fn goods_come_in_with_lot_and_expiry() {
    for (lot, expiry, outcome) in [
        ("", "", Ok(None)),
        ("l1", "0517", Ok(Some((Some("l1"), Some(date(2027, 5, 17)))))),
        ("", "202701e", Ok(Some((None, Some(date(2027, 1, 31)))))),
        ("l2", " ", Ok(Some((Some("l2"), None)))),
        ("", "30/12/26", Err((Part::Expiry, Complaint::Expiry(ExpiryError::Past(date(2026, 12, 30)))))),
        ("", "31/12/26", Ok(Some((None, Some(date(2026, 12, 31)))))),
        ("", "31/06", Err((Part::Expiry, Complaint::Expiry(ExpiryError::NoSuchDay)))),
        ("", "logo", Err((Part::Expiry, Complaint::Expiry(ExpiryError::NotADate)))),
        ("x\u{7}", "", Err((Part::Lot, Complaint::LotBad))),
    ] {
        let mut state = shop();
        take(&mut state, Input::Search("arroz".to_owned()));
        take(&mut state, Input::OpenEntry);
        for (part, text) in [(Part::Quantity, "24"), (Part::Lot, lot), (Part::Expiry, expiry)] {
            take(&mut state, typed(part, text));
        }
        let effects = take(&mut state, Input::Submit);
        match outcome {
            Ok(expected) => {
                let (_, entry) = sent_entry(&effects);
                let told = entry.lot.as_ref().map(|lot| (lot.code.as_deref(), lot.expires_on));
                assert_eq!(told, expected, "{lot} {expiry}");
            }
            Err(complaint) => {
                assert_eq!(effects, []);
                let Some(Dialog::Entry(form)) = &state.dialog else { panic!("the dialog is gone") };
                assert_eq!(form.trouble.complaint, Some(complaint), "{lot} {expiry}");
            }
        }
    }
}

#[test]
fn the_menu_leads_to_each_form() {
    for (index, task) in Task::ALL.into_iter().enumerate() {
        let mut state = shop();
        stock(&mut state, StockInput::Open);
        stock(&mut state, StockInput::Move(isize::try_from(index).unwrap()));
        take(&mut state, Input::Submit);
        let right = match (&state.dialog, task) {
            (Some(Dialog::Entry(form)), Task::Receive) => form.kind == StockEntryKind::Receive,
            (Some(Dialog::Entry(form)), Task::Adjust) => form.kind == StockEntryKind::Adjust,
            (Some(Dialog::Stock(StockForm::Scan(form))), Task::Count) => form.purpose == Purpose::Count,
            (Some(Dialog::Stock(StockForm::Scan(form))), Task::Send) => form.purpose == Purpose::Send,
            (Some(Dialog::Stock(StockForm::Transfers { .. })), Task::Arrive) => true,
            _ => false,
        };
        assert!(right, "{task:?}");
    }
}

#[test]
fn each_scan_adds_one_and_is_on_the_disk() {
    let mut state = shop();
    stock(&mut state, StockInput::Choose(Task::Count));
    stock(&mut state, StockInput::Text("7891000315507".to_owned()));
    let effects = take(&mut state, Input::Submit);
    let [Effect::Stock(StockEffect::KeepDraft(draft))] = effects.as_slice() else { panic!("{effects:?}") };
    let store = state.store.as_ref().unwrap().id;
    assert_eq!(Some(draft.as_ref()), state.stock.draft(Purpose::Count, store));
    assert_eq!((draft.lines[0].at, draft.lines[0].seen_seq), (NOW, state.feed.after));
    for line in ["7896036090244", "7891000315507", "3*7896036090244", "0,450*QM", "0*café", "=0,300"] {
        scan(&mut state, line);
    }
    // `=` is about the last one, which was the coffee: it is sold in whole pieces.
    assert_eq!(notice(&state), Some(ScanNotice::NotWhole));
    scan(&mut state, "=7");
    let expected = [("Arroz", 2_000), ("Leite", 4_000), ("Queijo", 450), ("Café", 7_000)];
    assert_eq!(lines(&state, Purpose::Count), expected.map(|(name, held)| (name.to_owned(), held)));
    stock(&mut state, StockInput::RemoveLast);
    assert_eq!(lines(&state, Purpose::Count).len(), 3);
    // Escape leaves the list as it is.
    take(&mut state, Input::Close);
    stock(&mut state, StockInput::Choose(Task::Count));
    assert_eq!(lines(&state, Purpose::Count).len(), 3);
    stock(&mut state, StockInput::Drop);
    assert!(state.dialog.is_none() && state.stock.draft(Purpose::Count, store).is_none());
}

/// Of each line: the product's first word, its lot, and the quantity.
fn by_lot(state: &State) -> Vec<(String, String, i64)> {
    let store = state.store.as_ref().unwrap().id;
    let lots = state.stock.draft(Purpose::Count, store).unwrap().lines.iter().map(|line| {
        let lot = line.lot.clone().unwrap_or_default();
        let day = lot.expires_on.map(|day| day.to_string());
        [lot.code, day].into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    lines(state, Purpose::Count).into_iter().zip(lots).map(|((name, held), lot)| (name, lot, held)).collect()
}

fn print(state: &mut State, lot: &str, expiry: &str) {
    for (part, text) in [(Part::Lot, lot), (Part::Expiry, expiry)] {
        stock(state, StockInput::Printed(part, text.to_owned()));
    }
}

const MILK: &str = "7896036090244";
const RICE: &str = "7891000315507";

#[test]
fn what_is_printed_is_of_what_is_scanned_then_and_of_no_other_product() {
    let mut state = shop();
    stock(&mut state, StockInput::Choose(Task::Count));
    print(&mut state, "l1", "0517");
    for line in [MILK, "3*7896036090244", RICE, MILK] {
        scan(&mut state, line);
    }
    let all = |lines: &[(&str, &str, i64)]| -> Vec<(String, String, i64)> {
        lines.iter().map(|(name, lot, held)| ((*name).to_owned(), (*lot).to_owned(), *held)).collect()
    };
    assert_eq!(
        by_lot(&state),
        all(&[("Leite", "L1 2027-05-17", 4_000), ("Arroz", "", 1_000), ("Leite", "", 1_000)])
    );
    // Typed after the scan; goods on a shelf may have expired. What follows is of the same lot.
    print(&mut state, "", "30/12/26");
    take(&mut state, Input::Submit);
    scan(&mut state, MILK);
    scan(&mut state, "=9");
    assert_eq!(by_lot(&state).last().unwrap(), &("Leite".to_owned(), "2026-12-30".to_owned(), 9_000));
    // The lot of before is found again, however its code is typed.
    print(&mut state, " L1 ", "17/05/27");
    let effects = {
        stock(&mut state, StockInput::Text(MILK.to_owned()));
        take(&mut state, Input::Submit)
    };
    let [Effect::Stock(StockEffect::KeepDraft(draft))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((draft.lines.len(), draft.products()), (3, 2));
    assert_eq!(by_lot(&state).last().unwrap(), &("Leite".to_owned(), "L1 2027-05-17".to_owned(), 5_000));
    let kept = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<tillwatch_register::state::stock::Draft>(&kept).unwrap(), **draft);
    // Enter without anything new changes nothing.
    assert_eq!(take(&mut state, Input::Submit), []);

    let effects = stock(&mut state, StockInput::Finish);
    let (_, work) = sent(&effects);
    let Work::Stock(StockWork::Count(count)) = work else { panic!("{work:?}") };
    let lots: Vec<_> =
        count.lines.iter().map(|line| line.lot.as_ref().map(|lot| lot.expires_on.is_some())).collect();
    assert_eq!(lots, [None, Some(true), Some(true)]);
    assert_eq!(StockWork::Count(count.clone()).as_draft(NOW).unwrap().lines, draft.lines);
}

#[test]
fn what_is_printed_and_not_understood_adds_nothing() {
    for (lot, expiry, part, complaint) in [
        ("x\u{7}", "", Part::Lot, Complaint::LotBad),
        ("", "logo", Part::Expiry, Complaint::Expiry(ExpiryError::NotADate)),
        ("", "31/12/2010", Part::Expiry, Complaint::Expiry(ExpiryError::Past(date(2010, 12, 31)))),
    ] {
        let mut state = shop();
        stock(&mut state, StockInput::Choose(Task::Count));
        print(&mut state, lot, expiry);
        stock(&mut state, StockInput::Text(MILK.to_owned()));
        assert_eq!(take(&mut state, Input::Submit), []);
        let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { panic!("no list is open") };
        assert_eq!((form.trouble.complaint, state.focus), (Some((part, complaint)), Some(part)));
        assert_eq!(form.text, MILK, "what was scanned is still there");
        print(&mut state, "", "");
        take(&mut state, Input::Submit);
        assert_eq!(by_lot(&state).len(), 1);
    }
}

#[test]
fn what_cannot_be_counted_or_sent_is_said() {
    let bad = |text: &str| Some(ScanNotice::QuantityBad(text.to_owned()));
    let too_much = format!("{}*arroz", QUANTITY_THOUSANDTHS / 1_000 + 1);
    for (task, line, expected) in [
        (Task::Count, "vinho do porto", Some(ScanNotice::NotFound("vinho do porto".to_owned()))),
        (Task::Count, "x*arroz", bad("x")),
        (Task::Count, "0,5*arroz", Some(ScanNotice::NotWhole)),
        (Task::Count, too_much.as_str(), Some(ScanNotice::TooMuch)),
        (Task::Count, "0*arroz", None),
        (Task::Count, "-1*arroz", bad("-1")),
        (Task::Send, "0*arroz", bad("0")),
        (Task::Send, "2*arroz", None),
        (Task::Count, "", None),
        (Task::Count, "=3", None),
    ] {
        let mut state = shop();
        stock(&mut state, StockInput::Choose(task));
        scan(&mut state, line);
        assert_eq!(notice(&state), expected, "{task:?} {line}");
    }
    let mut state = shop();
    stock(&mut state, StockInput::Choose(Task::Count));
    assert_eq!(stock(&mut state, StockInput::Finish), []);
    assert_eq!(notice(&state), Some(ScanNotice::Empty));
}

#[test]
fn a_count_is_sent_and_its_result_is_seen() {
    let mut state = counting(Settings::default());
    stock(&mut state, StockInput::Choose(Task::Count));
    let (command, work) = sent(&stock(&mut state, StockInput::Finish));
    let Work::Stock(StockWork::Count(count)) = &work else { panic!("{work:?}") };
    assert_eq!(count.lines.len(), 3);
    assert!(count.lines.iter().all(|line| line.counted_at == NOW && line.seen_seq == Some(7)));
    assert_eq!(stock(&mut state, StockInput::Finish), [], "once");
    assert_eq!(lines(&state, Purpose::Count).len(), 3, "the list stays until the command is on the disk");
    samples::kept(&mut state);
    let store = state.store.as_ref().unwrap().id;
    assert!(state.stock.draft(Purpose::Count, store).is_none());
    count_answer(&mut state);
    let Some(Dialog::Stock(StockForm::Report(report))) = &state.dialog else { panic!("no report") };
    assert_eq!(report.id.0, command.0);
    assert_eq!(balance(&state, count.lines[0].product_id), count.lines[0].counted_thousandths);
    take(&mut state, Input::Submit);
    assert!(state.dialog.is_none());
}

#[test]
fn a_refused_count_is_a_list_again() {
    let mut state = counting(Settings::default());
    let before = lines(&state, Purpose::Count);
    stock(&mut state, StockInput::Choose(Task::Count));
    let (command, _) = sent(&stock(&mut state, StockInput::Finish));
    samples::kept(&mut state);
    let failure = samples::problem(404, "unknown_product", "Produto não encontrado", "Atualize.");
    let effects = happened(&mut state, Event::Sent { command, answer: Err(failure) });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Stock(StockEffect::KeepDraft(_)))));
    assert_eq!(lines(&state, Purpose::Count), before);
    let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { panic!("the list is gone") };
    assert!(form.trouble.failure.is_some() && form.trouble.waiting.is_none());
}

#[test]
fn without_the_server_a_count_is_kept_here() {
    let mut state = counting(Settings::default());
    state.connection.silent(NOW);
    stock(&mut state, StockInput::Choose(Task::Count));
    stock(&mut state, StockInput::Finish);
    samples::kept(&mut state);
    assert!(state.dialog.is_none(), "the counter goes on at once");
    assert_eq!(state.outbox.unsent(), 1);
    count_answer(&mut state);
    assert!(state.dialog.is_none() && state.outbox.is_empty(), "nobody waits for the result any more");
}

#[test]
fn goods_are_sent_to_a_store_that_is_known() {
    let mut state = shop();
    stock(&mut state, StockInput::Choose(Task::Send));
    scan(&mut state, "2*arroz");
    assert_eq!(stock(&mut state, StockInput::Finish), []);
    assert_eq!(notice(&state), Some(ScanNotice::NoDestination));

    let mut state = counting(Settings::default());
    let store = state.store.as_ref().unwrap().id;
    stock(&mut state, StockInput::Choose(Task::Send));
    stock(&mut state, StockInput::Destination(1));
    let (_, work) = sent(&stock(&mut state, StockInput::Finish));
    let Work::Stock(StockWork::Send(transfer)) = &work else { panic!("{work:?}") };
    let to = state.stock.known(store).unwrap().destinations[1].store_id;
    assert_eq!((transfer.from_store_id, transfer.to_store_id, transfer.lines.len()), (store, to, 3));
}

/// The transfer to this store, opened.
fn arriving() -> State {
    let mut state = counting(Settings::default());
    stock(&mut state, StockInput::Choose(Task::Arrive));
    stock(&mut state, StockInput::Pick(0));
    state
}

fn arrived(state: &State) -> &tillwatch_register::state::stock::ArriveForm {
    let Some(Dialog::Stock(StockForm::Arrive(form))) = &state.dialog else { panic!("no arrival is open") };
    form
}

#[test]
fn what_arrived_is_checked_line_by_line() {
    let mut state = arriving();
    assert_eq!(arrived(&state).arrived, ["10", "3"]);
    take(&mut state, Input::Submit);
    assert_eq!(arrived(&state).line, 1);
    stock(&mut state, StockInput::Text("2".to_owned()));
    assert_eq!(take(&mut state, Input::Submit), []);
    let missing = Some((Part::Reason, Complaint::ReasonMissing));
    assert_eq!((arrived(&state).trouble.complaint, state.focus), (missing, Some(Part::Reason)));
    stock(&mut state, StockInput::Reason("3".to_owned()));
    assert_eq!(arrived(&state).reason, "Perda ou furto");
    let (_, work) = sent(&take(&mut state, Input::Submit));
    let Work::Stock(StockWork::Arrive(_, arrival)) = &work else { panic!("{work:?}") };
    let told: Vec<_> =
        arrival.lines.iter().map(|line| (line.arrived_thousandths.0, line.reason.as_deref())).collect();
    assert_eq!(told, [(10_000, None), (2_000, Some("Perda ou furto"))]);
    for (text, complaint) in
        [("", Complaint::QuantityBad), ("-1", Complaint::QuantityBad), ("2,5", Complaint::NotWhole)]
    {
        let mut state = arriving();
        stock(&mut state, StockInput::Text(text.to_owned()));
        assert_eq!(stock(&mut state, StockInput::Finish), []);
        assert_eq!(arrived(&state).trouble.complaint, Some((Part::Quantity, complaint)), "{text}");
    }
}

#[test]
fn a_received_transfer_leaves_the_list_before_the_server_knows() {
    let mut state = arriving();
    state.connection.silent(NOW);
    let transfer = open_transfers(&state)[0].clone();
    let (command, _) = sent(&stock(&mut state, StockInput::Finish));
    samples::kept(&mut state);
    assert!(open_transfers(&state).iter().all(|open| open.id != transfer.id));
    // Another till was first: refused, it waits for a person, and is seen again until the feed says otherwise.
    let failure = samples::problem(409, "transfer_closed", "Já foi recebida.", "Atualize a lista.");
    happened(&mut state, Event::Sent { command, answer: Err(failure) });
    assert_eq!((state.outbox.rejected(), open_transfers(&state).len()), (1, 2));
    let mut closed = transfer;
    closed.state = TransferState::Received;
    closed.closed_at = Some(NOW);
    closed.lines[0].balance_after_thousandths = Some(Quantity(77_000));
    let product = closed.lines[0].product_id;
    let change = tillwatch_shared::api::Change {
        seq: 8,
        command_id: command,
        actor_id: None,
        store_id: None,
        client_at: NOW,
        server_at: NOW,
        event: tillwatch_shared::api::Event::TransferReceived(closed),
    };
    let round = state.feed.round;
    let effects = happened(&mut state, samples::changes(round, 8, vec![change]));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Stock(StockEffect::Remember(..)))));
    assert_eq!(open_transfers(&state).len(), 1);
    assert_eq!(balance(&state, product), Quantity(77_000));
}

/// The till is moved from one store to the other, and does not hear the server there.
#[test]
fn the_other_store_of_this_till_hears_of_a_transfer_too() {
    let mut state = arriving();
    let transfer = open_transfers(&state)[0].clone();
    let known = state.stock.known(transfer.to_store_id).unwrap().clone();
    state.stock.remembered.insert(transfer.from_store_id, known);
    let done = StockDone::Moved(Transfer { state: TransferState::Received, ..transfer.clone() });
    let effects = tillwatch_register::update::stock::settled(&mut state, false, &done);
    let mut told: Vec<StoreId> = Vec::new();
    for effect in &effects {
        let Effect::Stock(StockEffect::Remember(store, known)) = effect else { panic!("{effect:?}") };
        assert!(known.open.iter().all(|open| open.id != transfer.id));
        told.push(*store);
    }
    told.sort_unstable();
    let mut both = [transfer.from_store_id, transfer.to_store_id];
    both.sort_unstable();
    assert_eq!(told, both);
}

#[test]
fn what_has_not_arrived_can_be_taken_back() {
    let mut state = counting(Settings::default());
    stock(&mut state, StockInput::Choose(Task::Arrive));
    stock(&mut state, StockInput::Pick(1));
    assert_eq!(take(&mut state, Input::Submit), [], "not without a reason");
    stock(&mut state, StockInput::Reason("loja errada".to_owned()));
    let (command, work) = sent(&take(&mut state, Input::Submit));
    assert!(matches!(&work, Work::Stock(StockWork::TakeBack(_, why)) if why.reason == "loja errada"));
    samples::kept(&mut state);
    let mut back = state.stock.known(state.store.as_ref().unwrap().id).unwrap().open[1].clone();
    back.state = TransferState::Cancelled;
    let answer = Ok(Done::Stock(Box::new(StockDone::Moved(back))));
    happened(&mut state, Event::Sent { command, answer });
    assert!(state.dialog.is_none());
    assert_eq!(open_transfers(&state).len(), 1);
}

#[test]
fn the_reader_adds_to_the_open_list_wherever_the_focus_is() {
    let scan = |state: &mut State, code: &str, at: i64| {
        use tillwatch_register::state::burst::{Stroke, StrokeKey};
        let keys = code.chars().map(StrokeKey::Char).chain([StrokeKey::End]);
        let strokes = (0..).zip(keys).map(|(place, key)| Stroke::at(at + place * 5_000, key));
        take(state, Input::Keyed(strokes.collect()))
    };
    let mut state = shop();
    stock(&mut state, StockInput::Choose(Task::Count));
    let effects = scan(&mut state, "7891000315507", 1_000_000_000);
    assert!(matches!(effects.as_slice(), [Effect::Stock(StockEffect::KeepDraft(_))]));
    stock(&mut state, StockInput::Text("12*".to_owned()));
    scan(&mut state, "7896036090244", 2_000_000_000);
    stock(&mut state, StockInput::Text("lei".to_owned()));
    scan(&mut state, "7891000315507", 3_000_000_000);
    assert_eq!(lines(&state, Purpose::Count), [("Leite".to_owned(), 12_000), ("Arroz".to_owned(), 2_000)]);
    scan(&mut state, "7891000999999", 4_000_000_000);
    assert_eq!(notice(&state), Some(ScanNotice::NotFound("7891000999999".to_owned())));
    assert!(state.cart.is_empty(), "nothing of it is sold");
}
