//! What the person does with goods beside selling them: new products, receipts, counts, and transfers between the
//! stores.

use tillwatch_register::input::{FormInput, Input};
use tillwatch_register::state::Dialog;
use tillwatch_register::state::carts::CartInput;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::stock::{StockForm, StockInput, Task};
use tillwatch_register::update::stock::open_transfers;
use tillwatch_shared::CommandId;

use super::Outcome;
use super::till::Till;

impl Till {
    pub fn receive(&mut self) -> Outcome<()> {
        let Some(name) = self.any_product() else { return Ok(()) };
        self.act(Input::Search(name))?;
        self.act(Input::OpenEntry)?;
        let quantity = (1 + self.below(9)).to_string();
        self.act(Input::Form(FormInput::Text(Part::Quantity, quantity)))?;
        if self.one_in(2) {
            let lot = self.any_lot();
            self.act(Input::Form(FormInput::Text(Part::Lot, lot)))?;
            let day = self.any_day();
            self.act(Input::Form(FormInput::Text(Part::Expiry, day.to_owned())))?;
        }
        self.act(Input::Submit)
    }

    /// Under a name that nobody else gives.
    pub fn add_product(&mut self) -> Outcome<()> {
        let name = format!("Novidade {}", CommandId::now());
        let price = format!("{},{:02}", 1 + self.below(60), self.below(100));
        self.act(Input::Search(String::new()))?;
        self.act(Input::OpenProduct)?;
        for (part, text) in [(Part::Name, name), (Part::Price, price)] {
            self.act(Input::Form(FormInput::Text(part, text)))?;
        }
        self.act(Input::Submit)
    }

    /// Some products of the shelf, some of them lot by lot; often the rest is counted later, while sales go on.
    pub fn count(&mut self) -> Outcome<()> {
        self.act(Input::Stock(StockInput::Choose(Task::Count)))?;
        let most = 150;
        self.list(most)?;
        for _ in 0..self.below(5) {
            self.count_lots(most)?;
        }
        if self.one_in(2) { self.act(Input::Close) } else { self.act(Input::Stock(StockInput::Finish)) }
    }

    fn any_lot(&mut self) -> String {
        format!("L{}", self.below(4))
    }

    fn any_day(&mut self) -> &'static str {
        self.any(&["", "31/10/2035", "28/02/2036"])
    }

    /// Up to three lots of a product, and what of it has none.
    fn count_lots(&mut self, most: usize) -> Outcome<()> {
        let Some(name) = self.any_product() else { return Ok(()) };
        for last in [false, false, false, true] {
            let lot = if last { String::new() } else { self.any_lot() };
            let day = if last { "" } else { self.any_day() };
            for (part, text) in [(Part::Lot, lot), (Part::Expiry, day.to_owned())] {
                self.act(Input::Stock(StockInput::Printed(part, text)))?;
            }
            let times = 1 + self.below(most);
            self.act(Input::Stock(StockInput::Text(format!("{times}*{name}"))))?;
            self.act(Input::Submit)?;
        }
        Ok(())
    }

    pub fn send_goods(&mut self) -> Outcome<()> {
        self.act(Input::Stock(StockInput::Choose(Task::Send)))?;
        self.list(9)?;
        self.act(Input::Stock(StockInput::Finish))
    }

    /// Up to three products, each up to so many times.
    fn list(&mut self, most: usize) -> Outcome<()> {
        for _ in 0..=self.below(3) {
            let Some(name) = self.any_product() else { return Ok(()) };
            let times = 1 + self.below(most);
            self.act(Input::Stock(StockInput::Text(format!("{times}*{name}"))))?;
            self.act(Input::Submit)?;
        }
        Ok(())
    }

    /// What is on its way here arrives, not always whole; what left here is sometimes taken back.
    pub fn end_transfer(&mut self) -> Outcome<()> {
        let open = open_transfers(&self.state).len();
        if open == 0 {
            return Ok(());
        }
        let row = self.below(open);
        self.act(Input::Stock(StockInput::Choose(Task::Arrive)))?;
        self.act(Input::Stock(StockInput::Pick(row)))?;
        let lines = match &self.state.dialog {
            Some(Dialog::Stock(StockForm::Arrive(form))) => form.arrived.len(),
            Some(_) | None => 0,
        };
        if lines == 0 && !self.one_in(4) {
            return self.act(Input::Close);
        }
        for line in 0..lines {
            if self.one_in(3) {
                let arrived = self.below(9).to_string();
                self.act(Input::Stock(StockInput::Pick(line)))?;
                self.act(Input::Stock(StockInput::Text(arrived)))?;
            }
        }
        self.act(Input::Stock(StockInput::Reason("contado outra vez".to_owned())))?;
        self.act(Input::Stock(StockInput::Finish))
    }

    /// To one of the two stores; an open sale waits.
    pub fn change_store(&mut self) -> Outcome<()> {
        if !self.state.cart.is_empty() {
            self.act(Input::Cart(CartInput::Suspend))?;
        }
        self.act(Input::ChangeStore)
    }
}
