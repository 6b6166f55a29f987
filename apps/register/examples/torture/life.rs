//! What a person in a hurry does at the till, drawn by lot: through the same inputs as the keyboard.

use std::time::{Duration, Instant};

use tillwatch_desk::sign_in;
use tillwatch_register::input::{FormInput, Input, ReturnsInput};
use tillwatch_register::state::carts::{CartDialog, CartInput, Field as CartField};
use tillwatch_register::state::cash::{CashField, CashInput, CashPage};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::people::PeopleInput;
use tillwatch_register::state::returns::{LinesForm, Refund, Step};
use tillwatch_register::state::{Dialog, Screen};
use tillwatch_shared::api::{CashMovementKind, PaymentMethod, Role};
use tillwatch_shared::time::HOUR;

use super::Outcome;
use super::till::Till;

/// People of the demonstration who work in the same store; their password is its PIN, too.
pub const PEOPLE: [&str; 2] = ["12345678901", "56789012345"];
pub const SECRET: &str = "1234";
/// Both of their stores.
pub const STORES: [&str; 2] = ["Max Atacado Centro", "Max Atacado Boa Vista"];
/// What waits to be sent before nothing more is done: what piles up without end meets no bad network.
const BACKLOG: usize = 300;
/// Sales that are put aside at the same time.
const ASIDE: usize = 5;
/// Between two tries to get in.
const GET_IN_EVERY: Duration = Duration::from_millis(300);
/// Customers with an account.
const DEBTORS: [&str; 3] = ["Maria do Carmo", "José Luís", "Padaria São João"];

impl Till {
    /// Does the next thing that a busy person would do.
    pub fn live(&mut self) -> Outcome<()> {
        if self.one_in(500) {
            self.jump()?;
        }
        if self.state.screen != Screen::Till || self.state.people.lock.is_some() {
            return self.get_in();
        }
        if self.state.pay.is_some() || self.state.dialog.is_some() {
            return self.go_on();
        }
        if self.state.feed.failure.is_some() && self.one_in(20) {
            return self.act(Input::Reload);
        }
        let store = self.state.store.as_ref().map(|store| store.id);
        if self.state.catalogue.is_empty()
            || store.is_none_or(|store| self.state.stock.known(store).is_none())
        {
            // The first morning in this store.
            return Ok(());
        }
        if self.state.people.known().len() < PEOPLE.len() && self.state.cart.is_empty() {
            return self.act(Input::SignOut);
        }
        let seller = self.state.person.as_ref().is_some_and(|person| person.role == Role::Seller);
        // Managers may do what was refused to others, and so they correct it.
        if self.state.outbox.rejected() > 0 && self.one_in(if seller { 20 } else { 3 }) {
            return self.look_at_refused(false);
        }
        if seller && self.one_in(6) {
            return self.change_price_as_before();
        }
        let choice = self.below(100);
        if choice == 99 {
            return self.act(Input::People(PeopleInput::Lock));
        }
        if self.state.outbox.unsent() >= BACKLOG {
            return Ok(());
        }
        if self.state.cash.open.is_none() && self.one_in(5) {
            return self.open_drawer();
        }
        match choice {
            0..38 => self.sell(),
            38..40 => self.adjust(),
            40..42 => self.change_price(),
            42..45 => self.take_debt(),
            45..47 => self.sell_by_amount(),
            // A sale that is left open.
            47..49 => self.add_lines(),
            49..57 => self.discount(),
            57..62 => self.receive(),
            62..68 => self.count(),
            68..71 => self.send_goods(),
            71..76 => self.end_transfer(),
            76 => self.add_product(),
            77..82 => self.put_aside_or_recall(),
            82..90 => self.act(Input::Returns(ReturnsInput::Open)),
            90..95 => self.move_cash(),
            95 => self.close_drawer(),
            96..99 => self.change_store(),
            _ => Ok(()),
        }
    }

    /// The last that is done: the drawer is counted and closed, and so are the goods. Whether there is nothing left to do.
    pub fn finish(&mut self) -> Outcome<bool> {
        if self.state.screen != Screen::Till || self.state.people.lock.is_some() {
            self.get_in()?;
        } else if self.state.pay.is_some() || self.state.dialog.is_some() {
            self.go_on()?;
        } else if let Some(book) = &self.state.cash.open {
            let own = Some(book.session.store) == self.state.store.as_ref().map(|store| store.id);
            if own { self.close_drawer()? } else { self.change_store()? }
        } else if self.state.outbox.rejected() > 0 {
            self.look_at_refused(true)?;
        } else if self.state.outbox.unsent() == 0 {
            return self.take_stock();
        }
        Ok(false)
    }

    /// Past the sign-in, the choice of a store, and the lock.
    pub fn get_in(&mut self) -> Outcome<()> {
        let soon = self.tried.is_some_and(|at| at.elapsed() < GET_IN_EVERY);
        if soon || self.state.sign_in.busy {
            return Ok(());
        }
        if self.state.people.lock.as_ref().is_some_and(|lock| lock.waiting.is_some()) {
            return Ok(());
        }
        self.tried = Some(Instant::now());
        if self.state.people.lock.is_some() {
            let row = self.below(self.state.people.known().len());
            self.act(Input::People(PeopleInput::Choose(row)))?;
            self.act(Input::People(PeopleInput::Secret(SECRET.to_owned())))?;
            return self.act(Input::People(PeopleInput::Unlock));
        }
        match self.state.screen {
            Screen::Till => Ok(()),
            Screen::ChooseStore => {
                let wanted = self.any(&STORES);
                let row = self.state.stores.iter().position(|store| store.name == wanted);
                self.act(Input::ChooseStore(row.unwrap_or(0)))
            }
            Screen::SignIn => {
                let [seller, manager] = PEOPLE;
                let who = match self.state.people.known() {
                    // Both work here in the first morning, so that the till knows them.
                    [alone] if alone.person.role == Role::Manager => seller,
                    [_] => manager,
                    _ => self.any(&PEOPLE),
                };
                let who = who.to_owned();
                self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Username, who)))?;
                let secret = SECRET.to_owned();
                self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Password, secret)))?;
                self.act(Input::SignIn(sign_in::Input::Submit))
            }
        }
    }

    /// A form that waits is waited for, one that was refused or not written is given up.
    fn go_on(&mut self) -> Outcome<()> {
        let waits = match &mut self.state.dialog {
            Some(Dialog::Return(_)) => return self.take_back(),
            Some(Dialog::Cash(form)) => form.trouble.waiting.is_some(),
            Some(Dialog::Cart(CartDialog::Approval(form))) if form.waiting.is_some() => true,
            Some(Dialog::Cart(CartDialog::Approval(form))) if form.refusal.is_none() => {
                return self.approve();
            }
            Some(dialog) => dialog.trouble_mut().is_some_and(|trouble| trouble.waiting.is_some()),
            None => {
                let Some(pay) = &self.state.pay else { return Ok(()) };
                let stuck = pay.trouble.failure.is_some() || pay.trouble.complaint.is_some();
                if pay.trouble.waiting.is_none() && !stuck {
                    // A supervisor has allowed the discounts.
                    return self.take_money();
                }
                pay.trouble.waiting.is_some()
            }
        };
        if waits { Ok(()) } else { self.act(Input::Close) }
    }

    fn add_lines(&mut self) -> Outcome<()> {
        for _ in 0..=self.below(4) {
            let Some(name) = self.any_product() else { return Ok(()) };
            self.act(Input::Search(name))?;
            self.act(Input::EnterLine)?;
        }
        Ok(())
    }

    /// On the whole sale; mostly more than the seller alone may give.
    fn discount(&mut self) -> Outcome<()> {
        self.add_lines()?;
        let percent = (1 + self.below(30)).to_string();
        self.act(Input::Cart(CartInput::OpenDiscount))?;
        self.act(Input::Cart(CartInput::Text(CartField::Discount, percent)))?;
        self.act(Input::Submit)
    }

    fn sell_by_amount(&mut self) -> Outcome<()> {
        let amount = format!("{},{:02}", 1 + self.below(300), self.below(100));
        self.act(Input::OpenAmount)?;
        self.act(Input::Form(FormInput::Text(Part::Amount, amount)))?;
        self.act(Input::Submit)
    }

    fn approve(&mut self) -> Outcome<()> {
        let [_, manager] = PEOPLE;
        self.act(Input::Cart(CartInput::Text(CartField::Username, manager.to_owned())))?;
        self.act(Input::Cart(CartInput::Text(CartField::Password, SECRET.to_owned())))?;
        self.act(Input::Submit)
    }

    pub fn sell(&mut self) -> Outcome<()> {
        self.add_lines()?;
        self.act(Input::OpenPay)?;
        if self.state.pay.is_some() { self.take_money() } else { Ok(()) }
    }

    fn take_money(&mut self) -> Outcome<()> {
        match self.below(8) {
            0..3 => self.pay(PaymentMethod::Cash, None),
            3 => self.pay(PaymentMethod::Cash, Some("500,00")),
            4 => self.pay(PaymentMethod::Pix, None),
            5 => self.pay(PaymentMethod::Credit, None),
            6 => {
                self.pay(PaymentMethod::Debit, Some("1,50"))?;
                self.pay(PaymentMethod::Cash, None)
            }
            _ => {
                let debtor = self.any(&DEBTORS).to_owned();
                self.act(Input::Form(FormInput::Text(Part::Debtor, debtor)))?;
                self.pay(PaymentMethod::Account, None)
            }
        }
    }

    /// The open amount, or another.
    fn pay(&mut self, method: PaymentMethod, amount: Option<&str>) -> Outcome<()> {
        self.act(Input::PayMethod(method))?;
        if let Some(amount) = amount {
            self.act(Input::Form(FormInput::Text(Part::Amount, amount.to_owned())))?;
        }
        self.act(Input::Submit)
    }

    fn put_aside_or_recall(&mut self) -> Outcome<()> {
        let Some(store) = self.state.store.as_ref().map(|store| store.id) else { return Ok(()) };
        let aside: Vec<_> = self.state.carts.of_store(store).filter_map(|cart| cart.basket.sale).collect();
        if aside.len() >= ASIDE || (!aside.is_empty() && self.one_in(2)) {
            let Some(sale) = aside.get(self.below(aside.len())) else { return Ok(()) };
            return self.act(Input::Cart(CartInput::Recall(*sale)));
        }
        self.add_lines()?;
        self.act(Input::Cart(CartInput::Suspend))
    }

    /// One step on the way to a return: the sale is looked up, and then it says what of it comes back.
    fn take_back(&mut self) -> Outcome<()> {
        let Some(Dialog::Return(form)) = &self.state.dialog else { return Ok(()) };
        if form.complaint.is_some() || form.trouble.failure.is_some() {
            return self.act(Input::Close);
        }
        if let Some(consent) = form.consent.as_ref().filter(|consent| consent.given.is_none()) {
            if consent.waiting.is_some() {
                return Ok(());
            }
            if consent.refusal.is_some() {
                self.act(Input::Close)?;
                return self.act(Input::Close);
            }
            return self.consent();
        }
        match &form.step {
            Step::Find(find) => match &find.rows {
                Some(rows) if rows.is_empty() => self.act(Input::Close),
                Some(rows) if find.asked.is_none() => {
                    let row = self.below(rows.len());
                    self.act(Input::Returns(ReturnsInput::Pick(row)))
                }
                Some(_) | None => Ok(()),
            },
            Step::Lines(_) if form.trouble.waiting.is_some() => Ok(()),
            Step::Lines(lines) => {
                let lines = lines.clone();
                self.choose_lines(&lines)
            }
        }
    }

    fn consent(&mut self) -> Outcome<()> {
        let [_, manager] = PEOPLE;
        for (field, text) in [(CartField::Username, manager), (CartField::Password, SECRET)] {
            self.act(Input::Returns(ReturnsInput::Consent(field, text.to_owned())))?;
        }
        self.act(Input::Submit)
    }

    fn choose_lines(&mut self, lines: &LinesForm) -> Outcome<()> {
        if self.one_in(2) {
            self.act(Input::Returns(ReturnsInput::All))?;
        } else if !lines.lines.is_empty() {
            let line = self.below(lines.lines.len());
            self.act(Input::Returns(ReturnsInput::Quantity(line, "1".to_owned())))?;
            let restock = self.one_in(2);
            self.act(Input::Returns(ReturnsInput::Restock(line, restock)))?;
            if self.one_in(2) {
                self.act(Input::Returns(ReturnsInput::Refund(Refund::By(PaymentMethod::Cash))))?;
            }
        }
        self.act(Input::Returns(ReturnsInput::Reason("com defeito".to_owned())))?;
        self.act(Input::Returns(ReturnsInput::Submit))
    }

    fn open_drawer(&mut self) -> Outcome<()> {
        let float = format!("{},50", 50 + self.below(200));
        self.act(Input::Cash(CashInput::Open))?;
        self.type_cash(CashField::Float, &float)?;
        self.act(Input::Cash(CashInput::Submit))
    }

    fn move_cash(&mut self) -> Outcome<()> {
        if self.state.cash.open.is_none() {
            return Ok(());
        }
        let kind = if self.one_in(2) { CashMovementKind::Withdrawal } else { CashMovementKind::Deposit };
        let amount = format!("{},{:02}", 1 + self.below(90), self.below(100));
        self.act(Input::Cash(CashInput::Open))?;
        self.act(Input::Cash(CashInput::Page(CashPage::Move(kind))))?;
        self.type_cash(CashField::Amount, &amount)?;
        self.type_cash(CashField::Reason, "cofre")?;
        self.act(Input::Cash(CashInput::Submit))
    }

    /// With whatever was counted: a close always works.
    fn close_drawer(&mut self) -> Outcome<()> {
        if self.state.cash.open.is_none() {
            return Ok(());
        }
        self.act(Input::Cash(CashInput::Open))?;
        self.act(Input::Cash(CashInput::Page(CashPage::Count)))?;
        for value in [0, 3, 7, 12] {
            let count = self.below(30).to_string();
            self.type_cash(CashField::Count(value), &count)?;
        }
        self.act(Input::Cash(CashInput::Submit))?;
        self.type_cash(CashField::Reason, "fim do turno")?;
        self.act(Input::Cash(CashInput::Submit))
    }

    fn type_cash(&mut self, field: CashField, text: &str) -> Outcome<()> {
        self.act(Input::Cash(CashInput::Text(field, text.to_owned())))
    }

    /// Up to twenty hours wrong, in either direction: also on another day.
    pub fn jump(&mut self) -> Outcome<()> {
        let hours = i64::try_from(self.below(41))? - 20;
        let within = i64::try_from(self.below(usize::try_from(HOUR)?))?;
        self.off = hours * HOUR + within;
        self.notes.jump()
    }

    pub fn any_product(&mut self) -> Option<String> {
        let place = self.below(self.state.catalogue.items().len());
        self.state.catalogue.items().get(place).map(|item| item.product.name.clone())
    }

    pub fn any<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let place = self.below(from.len());
        from.get(place).copied().unwrap_or_default()
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.dice.next() >> 33).unwrap_or_default() % count.max(1)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}
