//! Prices that are changed, by managers and by sellers who were managers when the till heard of them; and what the
//! person does about what the server has refused: it is sent again, corrected under another id, or thrown away. What
//! was thrown away never happens, and what was corrected happens once.

use std::collections::BTreeMap;
use std::{fmt, mem};

use rusqlite::Connection;
use tillwatch_register::input::{FormInput, Input};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::stock::StockForm;
use tillwatch_register::state::{Dialog, outbox};
use tillwatch_register::update::corrections::{Way, way};
use tillwatch_shared::api::{Role, StockEntryKind};
use tillwatch_shared::{Cents, CommandId, ProductId};
use uuid::Uuid;

use super::Outcome;
use super::deeds::Deeds;
use super::till::Till;

/// A code of the server: sellers change no product.
pub const NOT_ALLOWED: &str = "role_not_allowed";

/// So many deeds without one that is refused are no chance.
const LONG: usize = 2_000;

impl Till {
    /// The price of a product; the server takes it from managers alone.
    pub fn change_price(&mut self) -> Outcome<()> {
        let Some(name) = self.any_product() else { return Ok(()) };
        self.act(Input::Search(name))?;
        self.act(Input::EditProduct)?;
        self.type_price()?;
        self.act(Input::Submit)
    }

    /// By a seller whom the till still takes for the manager they were. The server does not.
    pub fn change_price_as_before(&mut self) -> Outcome<()> {
        let role = self.state.person.as_mut().map(|person| mem::replace(&mut person.role, Role::Manager));
        self.change_price()?;
        if let (Some(person), Some(role)) = (&mut self.state.person, role) {
            person.role = role;
        }
        Ok(())
    }

    fn type_price(&mut self) -> Outcome<()> {
        let price = format!("{},{:02}", 1 + self.below(60), self.below(100));
        self.act(Input::Form(FormInput::Text(Part::Price, price)))
    }

    /// Some more of a product, or less.
    pub fn adjust(&mut self) -> Outcome<()> {
        let Some(name) = self.any_product() else { return Ok(()) };
        self.act(Input::Search(name))?;
        self.act(Input::OpenEntry)?;
        self.act(Input::Form(FormInput::Kind(StockEntryKind::Adjust)))?;
        let sign = if self.one_in(2) { "-" } else { "" };
        let quantity = format!("{sign}{}", 1 + self.below(5));
        for (part, text) in [(Part::Quantity, quantity), (Part::Reason, "achado no fundo".to_owned())] {
            self.act(Input::Form(FormInput::Text(part, text)))?;
        }
        self.act(Input::Submit)
    }

    /// Looks at something that the server has refused. `finally`: it is not sent again as it is.
    pub fn look_at_refused(&mut self, finally: bool) -> Outcome<()> {
        let refused: Vec<_> =
            self.state.outbox.parcels().iter().filter(|parcel| parcel.is_rejected()).cloned().collect();
        let Some(parcel) = refused.get(self.below(refused.len())) else { return Ok(()) };
        let command = parcel.command;
        match self.below(4) {
            0 if !finally => self.act(Input::RetryParcel(command)),
            1 | 2 if way(&self.state, parcel) == Some(Way::Form) => self.correct(parcel),
            _ => {
                self.notes.discarded(command)?;
                self.act(Input::DiscardParcel(command))?;
                self.send_discarded(parcel)
            }
        }
    }

    fn correct(&mut self, parcel: &outbox::Parcel) -> Outcome<()> {
        self.act(Input::OpenOutbox)?;
        self.act(Input::CorrectParcel(parcel.command))?;
        match &self.state.dialog {
            Some(Dialog::Product(_)) => self.type_price()?,
            // What ends a transfer is told as it was.
            Some(Dialog::Stock(StockForm::Arrive(_) | StockForm::TakeBack(_))) => {}
            Some(_) | None => return self.act(Input::Close),
        }
        if matches!(self.state.dialog, Some(Dialog::Stock(_))) {
            return self.act(Input::Stock(tillwatch_register::state::stock::StockInput::Finish));
        }
        self.act(Input::Submit)
    }
}

/// What was found in order.
#[derive(Default)]
pub struct Settled {
    refused: usize,
    corrected: usize,
    discarded: usize,
    retried: usize,
    prices: usize,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} commands were refused: {} corrected, each once, {} thrown away, {} \
             sent again, and none of them happened; {} products have the price that they were given last",
            self.refused, self.corrected, self.discarded, self.retried, self.prices
        )
    }
}

/// What was refused has not happened, whatever was done about it, and what stands in its place has.
pub fn check(deeds: &Deeds) -> Outcome<Settled> {
    let happened = |id: &CommandId| deeds.commands.get(id).is_some_and(|deed| deed.happened);
    if let Some(id) = deeds.discarded.iter().find(|id| happened(id)) {
        return Err(format!("{id} was thrown away, and the server has it").into());
    }
    if let Some((old, new)) = deeds.replaced.iter().find(|(old, _)| happened(old)) {
        return Err(format!("{old} was corrected to {new}, and the server has it").into());
    }
    if let Some(id) = deeds.refused.keys().find(|id| happened(id)) {
        return Err(format!("{id} was refused, and the server has it").into());
    }
    // Whoever meets none has proved nothing about them.
    if deeds.commands.len() > LONG && deeds.refused.is_empty() {
        return Err("nothing was refused in all that time".into());
    }
    let kept = |new: &&CommandId| deeds.commands.get(new).is_some_and(|deed| deed.confirmed);
    Ok(Settled {
        refused: deeds.refused.len(),
        corrected: deeds.replaced.values().filter(kept).count(),
        discarded: deeds.discarded.len(),
        retried: deeds.retried,
        prices: 0,
    })
}

/// Each product costs what it was made or changed with last.
pub fn check_prices(db: &Connection, deeds: &Deeds, seqs: &BTreeMap<CommandId, i64>) -> Outcome<usize> {
    let mut last: BTreeMap<ProductId, (i64, Cents)> = BTreeMap::new();
    for (id, deed) in &deeds.commands {
        let Some(seq) = seqs.get(id) else { continue };
        let (product, price) = match &deed.work {
            Work::Product(new) => (ProductId(id.0), new.price_cents),
            Work::ProductChange(product, change) => {
                (*product, change.price_cents.ok_or("a change without a price")?)
            }
            Work::Entry(_)
            | Work::Stock(_)
            | Work::Sale(_)
            | Work::CashOpen(_)
            | Work::CashMove(..)
            | Work::CashClose(..)
            | Work::DebtPaid(..)
            | Work::Return(..) => continue,
        };
        if last.get(&product).is_none_or(|(before, _)| before < seq) {
            last.insert(product, (*seq, price));
        }
    }
    let mut query = db.prepare("SELECT uid, price_cents FROM product")?;
    let rows =
        query.query_map((), |row| Ok((ProductId(Uuid::from_bytes(row.get(0)?)), Cents(row.get(1)?))))?;
    let there: BTreeMap<ProductId, Cents> = rows.collect::<Result<_, _>>()?;
    for (product, (_, price)) in &last {
        if there.get(product) != Some(price) {
            return Err(format!("{product} costs {:?}, not {price}", there.get(product)).into());
        }
    }
    Ok(last.len())
}

impl Settled {
    pub fn with_prices(self, prices: usize) -> Self {
        Self { prices, ..self }
    }
}
