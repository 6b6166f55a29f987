//! Refused sales by amount, drawers, debts, returns and transfers: each is in its form again, and what is told from
//! there stands in the place of what was refused, here and on the disk.

use tempfile::TempDir;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, Event, Input, ReturnsInput};
use tillwatch_register::samples::{self, NOW, answer_find, happened, no_answer, returning, take, till};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::cash::{CashField, CashForm, CashInput, CashPage};
use tillwatch_register::state::debts::{DebtStep, DebtsInput};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::outbox::{Parcel, Stage, Work};
use tillwatch_register::state::returns::{ReturnForm, Step};
use tillwatch_register::state::sold::{Find, SoldHere};
use tillwatch_register::state::stock::{StockForm, StockInput, StockWork, Task};
use tillwatch_register::texts::Text;
use tillwatch_register::till_file::TillFile;
use tillwatch_register::update::corrections::{Way, way};
use tillwatch_shared::api::{CashMovementKind, PaymentMethod};
use tillwatch_shared::cash::Entry;
use tillwatch_shared::{Cents, CommandId, Quantity};

use crate::corrections::{made, refuse_this};
use crate::till::typed;

/// A till whose file takes in what it asks for.
struct Desk {
    state: State,
    file: TillFile,
    _folder: TempDir,
}

impl Desk {
    fn new(state: State) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { state, file: TillFile::open(folder.path()).unwrap(), _folder: folder }
    }

    fn take(&mut self, input: Input) -> Vec<Effect> {
        let effects = take(&mut self.state, input);
        self.run(&effects);
        effects
    }

    fn run(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Keep(parcel) = effect {
                self.file.keep(parcel).unwrap();
                let event = Event::Kept { command: parcel.command, result: Ok(()) };
                let more = happened(&mut self.state, event);
                self.run(&more);
            } else if let Effect::Refuse(command, refusal) = effect {
                self.file.refuse(*command, refusal.as_deref()).unwrap();
            } else if let Effect::Forget(command) = effect {
                self.file.forget(*command).unwrap();
            }
        }
    }

    /// What was sent last got no answer in time, and is refused later.
    fn refused(&mut self) -> CommandId {
        let command = samples::waiting(&self.state);
        no_answer(&mut self.state);
        self.refuse(command);
        command
    }

    fn refuse(&mut self, command: CommandId) {
        let effects = refuse_this(&mut self.state, command);
        self.run(&effects);
        assert!(self.state.outbox.get(command).is_some_and(Parcel::is_rejected));
    }

    /// Opens what was refused in its form again.
    fn correct(&mut self, command: CommandId) -> Vec<Effect> {
        self.take(Input::OpenOutbox);
        self.take(Input::CorrectParcel(command))
    }

    /// Sends the form, which takes the place of `old` here and on the disk.
    fn resend(&mut self, old: CommandId) -> Parcel {
        let effects = self.take(Input::Submit);
        let new = made(&effects).clone();
        assert!(new.replaces == Some(old) && new.command != old, "{new:?}");
        assert_eq!(self.state.outbox.get(old), None);
        let on_disk: Vec<CommandId> = self.file.parcels().unwrap().iter().map(|p| p.command).collect();
        assert!(on_disk.contains(&new.command) && !on_disk.contains(&old), "{on_disk:?}");
        new
    }

    fn way(&self, command: CommandId) -> Option<Way> {
        way(&self.state, self.state.outbox.get(command).unwrap())
    }

    fn cash(&mut self, input: CashInput) -> Vec<Effect> {
        self.take(Input::Cash(input))
    }

    fn type_cash(&mut self, field: CashField, text: &str) {
        self.cash(CashInput::Text(field, text.to_owned()));
    }

    fn drawer(&self) -> &CashForm {
        let Some(Dialog::Cash(form)) = &self.state.dialog else { panic!("{:?}", self.state.dialog) };
        form
    }

    /// Opens the drawer with R$ 100.
    fn open_drawer(&mut self) -> CommandId {
        self.cash(CashInput::Open);
        self.type_cash(CashField::Float, "100");
        self.cash(CashInput::Submit);
        samples::waiting(&self.state)
    }

    fn withdraw(&mut self, amount: &str) -> CommandId {
        self.cash(CashInput::Open);
        self.cash(CashInput::Page(CashPage::Move(CashMovementKind::Withdrawal)));
        self.type_cash(CashField::Amount, amount);
        self.type_cash(CashField::Reason, "cofre");
        self.cash(CashInput::Submit);
        samples::waiting(&self.state)
    }

    /// What the book of the open drawer says was taken out: in memory, and on the disk.
    fn withdrawn(&self) -> Vec<i64> {
        let on_disk = self.file.cash().unwrap();
        assert_eq!(on_disk, self.state.cash, "what is kept is what is known");
        let moved = |(_, entry): &(CommandId, Entry)| match entry {
            Entry::Moved(moved) => Some(moved.amount_cents.0),
            Entry::Sold(_) | Entry::Refunded { .. } | Entry::DebtPaid(_) => None,
        };
        on_disk.open.iter().flat_map(|book| &book.entries).filter_map(moved).collect()
    }
}

fn till_desk() -> Desk {
    Desk::new(till(Settings::default()))
}

#[test]
fn a_refused_sale_by_amount_is_typed_again_and_counts_once() {
    let mut desk = till_desk();
    desk.take(Input::OpenAmount);
    desk.take(typed(Part::Amount, "500"));
    desk.take(Input::Submit);
    let old = desk.refused();
    assert_eq!(desk.way(old), Some(Way::Form));
    desk.correct(old);
    let Some(Dialog::Amount(form)) = &desk.state.dialog else { panic!("{:?}", desk.state.dialog) };
    assert_eq!(form.amount, "500,00");
    assert!(!form.when.is_empty() && form.trouble.failure.is_some(), "the time that was meant: {form:?}");
    desk.take(typed(Part::Amount, "50"));
    let new = desk.resend(old);
    assert!(matches!(&new.work, Work::Sale(sale) if sale.total_cents == Cents(5_000)));
    let store = desk.state.store.as_ref().unwrap().id;
    let remembered = desk.file.sold(store, Find::Newest).unwrap();
    let totals: Vec<_> = remembered.iter().map(|sold| sold.sale.total_cents).collect();
    assert_eq!(totals, [Cents(5_000)], "what was refused is not among the sales of this till");
}

#[test]
fn a_refused_opening_is_corrected_while_the_drawer_is_untouched() {
    let mut desk = till_desk();
    let old = desk.open_drawer();
    desk.refuse(old);
    desk.correct(old);
    assert_eq!((desk.drawer().page, desk.drawer().float.as_str()), (CashPage::Open, "100,00"));
    desk.type_cash(CashField::Float, "120");
    let new = desk.resend(old);
    let open = desk.state.cash.open.as_ref().unwrap();
    assert_eq!(open.session.id.0, new.command.0, "the session has the new command's id");
    assert_eq!(open.session.opening.float_cents, Cents(12_000));
    assert_eq!(desk.withdrawn(), [0_i64; 0]);

    desk.withdraw("30");
    desk.refuse(new.command);
    assert_eq!(desk.way(new.command), Some(Way::OnlyAgain(Text::DrawerUsed)));
    assert_eq!(desk.correct(new.command), []);
    assert!(matches!(desk.state.dialog, Some(Dialog::Outbox(_))), "the list stays, and says why");
}

#[test]
fn a_refused_movement_is_corrected_in_its_session_and_is_in_the_book_once() {
    let mut desk = till_desk();
    desk.open_drawer();
    let old = desk.withdraw("300");
    desk.refuse(old);
    assert_eq!(desk.withdrawn(), [30_000]);
    desk.correct(old);
    assert_eq!((desk.drawer().amount.as_str(), desk.drawer().reason.as_str()), ("300,00", "cofre"));
    desk.type_cash(CashField::Amount, "30");
    let new = desk.resend(old);
    let session = desk.state.cash.open.as_ref().unwrap().session.id;
    assert!(matches!(&new.work, Work::CashMove(of, _) if *of == session));
    assert_eq!(desk.withdrawn(), [3_000], "once, and with the new amount");

    // After the close it is still of its session, whose report stays as it was made.
    let late = new.command;
    desk.refuse(late);
    samples::cash::close_with(&mut desk.state, &[]);
    let closed = desk.state.cash.last.clone();
    desk.correct(late);
    desk.type_cash(CashField::Amount, "20");
    let new = desk.resend(late);
    let Work::CashMove(of, movement) = &new.work else { panic!("{new:?}") };
    assert_eq!((*of, movement.recorded_at, new.cash.is_none()), (session, Some(NOW), true));
    assert!(desk.state.dialog.is_none() && desk.state.cash.last == closed);
}

#[test]
fn a_refused_close_is_explained_and_what_was_counted_stays() {
    let mut desk = till_desk();
    desk.open_drawer();
    desk.cash(CashInput::Open);
    desk.cash(CashInput::Page(CashPage::Count));
    desk.type_cash(CashField::Count(2), "2");
    desk.cash(CashInput::Submit);
    desk.cash(CashInput::Submit);
    let old = samples::waiting(&desk.state);
    desk.refuse(old);
    desk.take(Input::Close);
    let first = desk.state.cash.last.clone().unwrap();
    // The next session is open already.
    desk.open_drawer();
    let next = desk.state.cash.open.clone().unwrap();
    desk.correct(old);
    assert_eq!((desk.drawer().page, desk.drawer().counts[2].as_str()), (CashPage::Confirm, "2"));
    desk.cash(CashInput::Page(CashPage::Count));
    assert_eq!(desk.drawer().page, CashPage::Confirm, "nobody counts anew who knows what should be there");
    desk.type_cash(CashField::Reason, "quem abriu já foi embora");
    let new = desk.resend(old);
    let Work::CashClose(session, told) = &new.work else { panic!("{new:?}") };
    assert_eq!((*session, told.reason.as_deref()), (first.session, Some("quem abriu já foi embora")));
    assert_eq!(desk.file.cash().unwrap(), desk.state.cash);
    assert_eq!(desk.state.cash.open.as_ref(), Some(&next), "the session after it goes on");
    let last = desk.state.cash.last.clone().unwrap();
    let (before, after) = (first.report.closing.unwrap(), last.report.closing.unwrap());
    assert_eq!((after.counts, after.expected_cents), (before.counts, before.expected_cents));
    assert!(after.reason.is_some());
}

#[test]
fn a_refused_payment_of_a_debt_is_typed_again_for_the_same_customer() {
    let mut desk = till_desk();
    desk.open_drawer();
    desk.take(Input::Debts(DebtsInput::Open));
    samples::debts::answer(&mut desk.state);
    for input in [
        DebtsInput::Wanted("maria".to_owned()),
        DebtsInput::Pick(0),
        DebtsInput::Amount("35".to_owned()),
        DebtsInput::Received("50".to_owned()),
        DebtsInput::Submit,
    ] {
        desk.take(Input::Debts(input));
    }
    let old = desk.refused();
    desk.take(Input::Close);
    let effects = desk.correct(old);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Debts(_))), "who owes now? {effects:?}");
    let Some(DebtStep::Pay(pay)) = samples::debts::step(&desk.state) else { panic!("no payment") };
    assert_eq!((pay.amount.as_str(), pay.received.as_str()), ("35,00", "50,00"));
    let account = pay.account;
    desk.take(Input::Close);
    assert!(desk.state.dialog.is_none(), "from here no other customer is chosen");

    desk.correct(old);
    desk.take(Input::Debts(DebtsInput::Amount("30".to_owned())));
    let new = desk.resend(old);
    assert!(matches!(&new.work, Work::DebtPaid(of, told)
        if *of == account && told.amount_cents == Cents(3_000) && told.method == PaymentMethod::Cash));
    let report = desk.state.cash.open.as_ref().unwrap().report();
    assert_eq!(report.expected_cents, Cents(13_000), "the drawer has it once");
    assert_eq!(desk.file.cash().unwrap(), desk.state.cash);

    // Another till has taken all of the money: there is nothing to correct.
    desk.refused();
    let store = desk.state.store.as_ref().unwrap().id;
    desk.take(Input::Close);
    happened(&mut desk.state, Event::Debts { store, answer: Ok(Vec::new()) });
    assert_eq!(desk.way(new.command), Some(Way::OnlyAgain(Text::DebtPaidUp)));
    desk.correct(new.command);
    assert!(matches!(desk.state.dialog, Some(Dialog::Outbox(_))));
}

fn back(state: &State) -> &ReturnForm {
    let Some(Dialog::Return(form)) = &state.dialog else { panic!("no return: {:?}", state.dialog) };
    form
}

#[test]
fn a_refused_return_opens_its_sale_again_with_the_same_lines() {
    let mut desk = Desk::new(returning(Settings::default()));
    let Step::Lines(lines) = &back(&desk.state).step else { panic!("no sale") };
    let sale = lines.sale.clone();
    desk.take(Input::Returns(ReturnsInput::Quantity(1, "2".to_owned())));
    desk.take(Input::Returns(ReturnsInput::Restock(1, false)));
    desk.take(Input::Returns(ReturnsInput::Reason("azedou".to_owned())));
    let effects = desk.take(Input::Returns(ReturnsInput::Submit));
    let noted = made(&effects).sold.clone().unwrap();
    assert!(noted.returned.is_some());
    let old = desk.refused();
    assert_eq!(desk.way(old), Some(Way::Form));

    desk.correct(old);
    // The server is silent; what the till has noted has the refused return in it.
    answer_find(&mut desk.state, Find::Id(sale.id), vec![SoldHere { sale: *noted }]);
    let form = back(&desk.state);
    let Step::Lines(lines) = &form.step else { panic!("the sale is there: {form:?}") };
    assert_eq!((lines.lines[1].quantity.as_str(), lines.lines[1].restock), ("2", false));
    assert_eq!((lines.reason.as_str(), lines.lines[0].quantity.as_str()), ("azedou", ""));
    assert_eq!(lines.sale.left(1), sale.left(1), "what was refused has not come back");

    desk.take(Input::Returns(ReturnsInput::Quantity(1, "1".to_owned())));
    desk.take(Input::Returns(ReturnsInput::Reason("furou".to_owned())));
    let effects = desk.take(Input::Returns(ReturnsInput::Submit));
    let new = made(&effects);
    assert_eq!(new.replaces, Some(old));
    let told = new.sold.as_ref().unwrap();
    assert_eq!(told.left(1), Quantity(sale.left(1).0 - 1_000), "one has come back, not three");
    assert_eq!(desk.state.outbox.get(old), None);
}

#[test]
fn another_sale_that_comes_back_is_no_correction() {
    let mut desk = Desk::new(returning(Settings::default()));
    desk.take(Input::Returns(ReturnsInput::Quantity(1, "2".to_owned())));
    desk.take(Input::Returns(ReturnsInput::Reason("azedou".to_owned())));
    desk.take(Input::Returns(ReturnsInput::Submit));
    let old = desk.refused();
    desk.correct(old);
    let Work::Return(sale, _) = desk.state.outbox.get(old).unwrap().work.clone() else { panic!() };
    let effects = answer_find(&mut desk.state, Find::Id(sale), Vec::new());
    assert!(back(&desk.state).complaint.is_some());
    assert!(matches!(effects[..], [Effect::Sold(_)]), "the sales of this till are offered: {effects:?}");
    assert_eq!(back(&desk.state).trouble.replaces, Some(old));
    desk.take(Input::Returns(ReturnsInput::Wanted("1042".to_owned())));
    desk.take(Input::Returns(ReturnsInput::Enter));
    assert_eq!(back(&desk.state).trouble.replaces, None);
}

#[test]
fn what_ends_a_transfer_is_corrected_while_the_transfer_is_on_its_way() {
    let mut desk = Desk::new(samples::stock::counting(Settings::default()));
    let stock = |input| Input::Stock(input);
    desk.take(stock(StockInput::Choose(Task::Arrive)));
    desk.take(stock(StockInput::Pick(0)));
    desk.take(stock(StockInput::Text("8".to_owned())));
    desk.take(stock(StockInput::Reason("caixa rasgada".to_owned())));
    desk.take(stock(StockInput::Finish));
    let arrival = desk.refused();
    desk.correct(arrival);
    let Some(Dialog::Stock(StockForm::Arrive(form))) = &desk.state.dialog else { panic!() };
    assert_eq!((form.arrived.join(" "), form.reason.as_str()), ("8 3".to_owned(), "caixa rasgada"));
    desk.take(stock(StockInput::Text("9".to_owned())));
    desk.take(Input::Submit);
    let new = desk.resend(arrival);
    let Work::Stock(StockWork::Arrive(_, told)) = &new.work else { panic!("{new:?}") };
    assert_eq!(told.lines[0].arrived_thousandths, Quantity(9_000));

    desk.take(Input::Close);
    desk.take(stock(StockInput::Choose(Task::Arrive)));
    desk.take(stock(StockInput::Pick(0)));
    desk.take(stock(StockInput::Reason("loja errada".to_owned())));
    desk.take(Input::Submit);
    let taken = desk.refused();
    desk.correct(taken);
    let Some(Dialog::Stock(StockForm::TakeBack(form))) = &desk.state.dialog else { panic!() };
    assert_eq!(form.reason, "loja errada");
    desk.take(Input::Close);
    let store = desk.state.store.as_ref().unwrap().id;
    desk.state.stock.remembered.get_mut(&store).unwrap().open.clear();
    assert_eq!(desk.way(taken), Some(Way::OnlyAgain(Text::TransferEnded)));
}

#[test]
fn what_is_not_refused_has_no_way() {
    let mut state = samples::refused::entry(Settings::default());
    let old = state.outbox.parcels()[0].command;
    assert_eq!(way(&state, &state.outbox.parcels()[0]), Some(Way::Form));
    state.outbox.get_mut(old).unwrap().stage = Stage::Waiting(Some(Failure::TimedOut));
    assert_eq!(way(&state, &state.outbox.parcels()[0]), None);
    take(&mut state, Input::CorrectParcel(old));
    assert!(state.dialog.is_none());
}
