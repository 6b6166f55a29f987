//! New commands: each is put into the outbox, and to the disk first.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::api::{NewReturn, Sale};
use tillwatch_shared::{Cents, PersonId};

use super::super::{cash, receipts, sold};
use super::waiting_trouble;
use crate::input::Effect;
use crate::state::State;
use crate::state::cash::Note;
use crate::state::debts::{self, Debtor};
use crate::state::outbox::{Parcel, Stage, Work};
use crate::texts::Text;

/// Puts a new command into the outbox: first to the disk. Its id is the moment's.
pub fn send(state: &mut State, work: Work, subject: String, change: Cents, moment: Moment) -> Vec<Effect> {
    let sold = work.sale().and_then(|sale| sold::told_ahead(state, sale, change, moment)).map(Box::new);
    if let Some(sale) = &sold {
        receipts::sold(state, sale);
    }
    let cash = sold.as_deref().and_then(|sale| cash::note_of_sale(state, sale)).map(Box::new);
    put(state, Parcel { subject, change, sold, cash, ..blank(work, moment) })
}

/// The same for goods that come back of this sale.
pub fn send_return(
    state: &mut State,
    sale: &Sale,
    back: NewReturn,
    subject: String,
    moment: Moment,
) -> Vec<Effect> {
    let sold = sale.after_return(&back).map(Box::new);
    // The report of a session that is closed stays as it was made.
    let open = cash::session(state);
    let cash = cash::note_of_return(&back).filter(|note| open == Some(note.session)).map(Box::new);
    let debtor = (debts::on_account(&back.refunds) > Cents::ZERO).then(|| Box::new(Debtor::of(sale)));
    let work = Work::Return(sale.id, Box::new(back));
    put(state, Parcel { subject, sold, cash, debtor, ..blank(work, moment) })
}

/// The same for what is done to the drawer, which is noted with it unless the drawer is closed.
pub fn send_noted(state: &mut State, work: Work, note: Option<Note>, moment: Moment) -> Vec<Effect> {
    put(state, Parcel { cash: note.map(Box::new), ..blank(work, moment) })
}

/// The same for a payment on an account: of whom, with the change.
pub fn send_payment(
    state: &mut State,
    work: Work,
    (subject, change): (String, Cents),
    note: Option<Note>,
    moment: Moment,
) -> Vec<Effect> {
    put(state, Parcel { subject, change, cash: note.map(Box::new), ..blank(work, moment) })
}

/// A command that nobody has given so far.
fn blank(work: Work, moment: Moment) -> Parcel {
    Parcel {
        number: 0,
        command: moment.fresh,
        person: PersonId(moment.fresh.0),
        work,
        subject: String::new(),
        replaces: None,
        change: Cents::ZERO,
        sold: None,
        cash: None,
        debtor: None,
        made_at: moment.at,
        tried_at: moment.at,
        tries: 0,
        stage: Stage::Keeping,
    }
}

fn put(state: &mut State, parcel: Parcel) -> Vec<Effect> {
    let Some(person) = state.person.as_ref().map(|person| person.id) else { return Vec::new() };
    let replaces = waiting_trouble(state, parcel.command).and_then(|trouble| trouble.replaces);
    // Only what was refused for good is told again under another id: anything else may still happen.
    if replaces.is_some_and(|command| !state.outbox.awaits_person(command)) {
        state.dialog = None;
        state.toasts.problem(Text::NotRefusedNow.get(state.lang()));
        return Vec::new();
    }
    let parcel = Parcel { number: state.outbox.next_number(), person, replaces, ..parcel };
    state.outbox.put(parcel.clone());
    vec![Effect::Keep(Box::new(parcel))]
}
