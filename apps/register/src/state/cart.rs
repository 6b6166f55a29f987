//! The cart: lines, discounts, whose sale it is, and taking back what was removed.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{NewSaleLine, Product, Unit};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::limits;
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, Quantity};

/// What is taken off, as it was typed: a percentage follows what it is taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    #[default]
    None,
    Amount(Cents),
    Percent(Percent),
}

impl Discount {
    /// What it takes off a price; never more than that.
    pub fn of(self, price: Cents) -> Cents {
        match self {
            Self::None => Cents::ZERO,
            Self::Amount(amount) => amount.min(price),
            Self::Percent(percent) => percent.of(price),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub product_id: ProductId,
    pub name: String,
    pub unit: Unit,
    pub quantity: Quantity,
    /// The price of one unit that the customer was shown.
    pub unit_price: Cents,
    pub discount: Discount,
    /// Quantity times price, rounded, without the discount.
    pub undiscounted: Cents,
}

impl Line {
    pub fn discount_cents(&self) -> Cents {
        self.discount.of(self.undiscounted)
    }

    pub fn total(&self) -> Cents {
        Cents(self.undiscounted.0 - self.discount_cents().0)
    }
}

/// Who has allowed discounts above what the seller may give, and how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    pub person: PersonId,
    pub name: String,
    pub limit: Cents,
}

/// Which discount is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Whole,
    Line(usize),
}

/// What makes a sale, without what is only on the screen: this is what the till's file keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Basket {
    /// The command id under which the sale will be recorded; made with the first line.
    pub sale: Option<CommandId>,
    pub lines: Vec<Line>,
    /// On the whole sale, after the discounts of its lines.
    pub discount: Discount,
    pub customer: Option<TaxId>,
    pub allowed: Option<Allowed>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cart {
    basket: Basket,
    selected: usize,
    /// What was taken out last.
    removed: Option<Removed>,
}

/// What [`Cart::undo`] brings back.
#[derive(Clone, Debug, PartialEq)]
enum Removed {
    /// With the place where it stood.
    Line(usize, Line),
    Discount(Scope, Discount),
}

/// Why something does not go into the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CartError {
    /// Zero or less.
    NotPositive,
    /// Pieces are sold whole.
    NotWhole,
    TooMuch,
    TooManyLines,
    /// The total would be beyond what the system can hold.
    TotalTooLarge,
}

impl Basket {
    /// The sum of the lines, before the discount on the whole.
    pub fn subtotal(&self) -> Cents {
        self.lines.iter().map(Line::total).sum()
    }

    /// What it would cost without any discount.
    pub fn undiscounted(&self) -> Cents {
        self.lines.iter().map(|line| line.undiscounted).sum()
    }

    /// What the discount on the whole sale comes to.
    pub fn discount_cents(&self) -> Cents {
        self.discount.of(self.subtotal())
    }

    pub fn total(&self) -> Cents {
        Cents(self.subtotal().0 - self.discount_cents().0)
    }

    /// All discounts together.
    pub fn discounts(&self) -> Cents {
        Cents(self.undiscounted().0 - self.total().0)
    }
}

impl Cart {
    pub const fn basket(&self) -> &Basket {
        &self.basket
    }

    /// A sale that was begun earlier goes on.
    pub fn of(basket: Basket) -> Self {
        let selected = basket.lines.len().saturating_sub(1);
        Self { basket, selected, removed: None }
    }

    pub fn lines(&self) -> &[Line] {
        &self.basket.lines
    }

    pub const fn is_empty(&self) -> bool {
        self.basket.lines.is_empty()
    }

    /// Which line the keys act on.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    pub fn selected_line(&self) -> Option<&Line> {
        self.basket.lines.get(self.selected)
    }

    pub fn select(&mut self, index: usize) {
        self.selected = index.min(self.basket.lines.len().saturating_sub(1));
    }

    /// What the customer pays. [`Cart::add`] keeps it within bounds.
    pub fn total(&self) -> Cents {
        self.basket.total()
    }

    /// Adds to the line of this product and price, or a new line. The line is selected.
    pub fn add(&mut self, product: &Product, quantity: Quantity) -> Result<(), CartError> {
        let same = |line: &Line| line.product_id == product.id && line.unit_price == product.price_cents;
        if quantity.0 <= 0 {
            return Err(CartError::NotPositive);
        }
        if let Some(index) = self.basket.lines.iter().position(same) {
            let held = self.basket.lines.get(index).map_or(Quantity::ZERO, |line| line.quantity);
            let quantity = held.checked_add(quantity).ok_or(CartError::TooMuch)?;
            self.set_quantity(index, quantity)?;
            self.selected = index;
            return Ok(());
        }
        let line = Line {
            product_id: product.id,
            name: product.name.clone(),
            unit: product.unit,
            quantity,
            unit_price: product.price_cents,
            discount: Discount::None,
            undiscounted: price_of(product.unit, product.price_cents, quantity)?,
        };
        self.push(line)
    }

    fn push(&mut self, line: Line) -> Result<(), CartError> {
        if self.basket.lines.len() >= limits::SALE_LINES {
            return Err(CartError::TooManyLines);
        }
        self.check_total(Cents::ZERO, line.undiscounted)?;
        self.basket.lines.push(line);
        self.selected = self.basket.lines.len() - 1;
        self.removed = None;
        Ok(())
    }

    /// A line of a sale that did not happen comes back, with its price and discount.
    pub fn put_back(&mut self, product: &Product, line: &NewSaleLine) -> Result<(), CartError> {
        let (quantity, unit_price) = (line.quantity_thousandths, line.unit_price_cents);
        let discount = match line.discount_cents {
            Cents(0) => Discount::None,
            amount => Discount::Amount(amount),
        };
        self.push(Line {
            product_id: product.id,
            name: product.name.clone(),
            unit: product.unit,
            quantity,
            unit_price,
            discount,
            undiscounted: price_of(product.unit, unit_price, quantity)?,
        })
    }

    pub fn set_quantity(&mut self, index: usize, quantity: Quantity) -> Result<(), CartError> {
        let Some(line) = self.basket.lines.get(index) else { return Ok(()) };
        let undiscounted = price_of(line.unit, line.unit_price, quantity)?;
        self.check_total(line.undiscounted, undiscounted)?;
        if let Some(line) = self.basket.lines.get_mut(index) {
            line.quantity = quantity;
            line.undiscounted = undiscounted;
        }
        Ok(())
    }

    /// One that is taken away can be brought back by [`Cart::undo`].
    pub fn set_discount(&mut self, scope: Scope, discount: Discount) {
        let place = match scope {
            Scope::Whole => Some(&mut self.basket.discount),
            Scope::Line(index) => self.basket.lines.get_mut(index).map(|line| &mut line.discount),
        };
        let before = place.map(|place| std::mem::replace(place, discount)).unwrap_or_default();
        if discount == Discount::None && before != Discount::None {
            self.removed = Some(Removed::Discount(scope, before));
        }
    }

    pub fn set_customer(&mut self, customer: Option<TaxId>) {
        self.basket.customer = customer;
    }

    pub fn allow(&mut self, allowed: Allowed) {
        self.basket.allowed = Some(allowed);
    }

    /// Takes this id for the sale, if it has none yet.
    pub const fn name_sale(&mut self, sale: CommandId) {
        if self.basket.sale.is_none() {
            self.basket.sale = Some(sale);
        }
    }

    /// The sale was refused under its id: the next try is another sale, and what was allowed was allowed for
    /// the old one.
    pub fn rename_sale(&mut self, sale: CommandId) {
        self.basket.sale = Some(sale);
        self.basket.allowed = None;
    }

    /// Takes the selected line out; [`Cart::undo`] puts it back.
    pub fn remove_selected(&mut self) -> Option<&Line> {
        if self.selected >= self.basket.lines.len() {
            return None;
        }
        let line = self.basket.lines.remove(self.selected);
        let place = self.selected;
        self.select(place);
        match self.removed.insert(Removed::Line(place, line)) {
            Removed::Line(_, line) => Some(line),
            Removed::Discount(..) => None,
        }
    }

    pub const fn can_undo(&self) -> bool {
        self.removed.is_some()
    }

    pub fn undo(&mut self) {
        match self.removed.take() {
            Some(Removed::Line(index, line)) => {
                let index = index.min(self.basket.lines.len());
                self.basket.lines.insert(index, line);
                self.selected = index;
            }
            Some(Removed::Discount(scope, discount)) => self.set_discount(scope, discount),
            None => {}
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// As a sale says them.
    pub fn sale_lines(&self) -> Vec<NewSaleLine> {
        let line = |line: &Line| NewSaleLine {
            discount_cents: line.discount_cents(),
            ..NewSaleLine::of(line.product_id, line.quantity, line.unit_price)
        };
        self.basket.lines.iter().map(line).collect()
    }

    /// Without discounts, so that taking one off again stays within bounds.
    fn check_total(&self, instead_of: Cents, line: Cents) -> Result<(), CartError> {
        let whole = self.basket.undiscounted();
        let total = whole.checked_sub(instead_of).and_then(|total| total.checked_add(line));
        match total {
            Some(total) if total.0 <= limits::AMOUNT_CENTS => Ok(()),
            Some(_) | None => Err(CartError::TotalTooLarge),
        }
    }
}

fn price_of(unit: Unit, price: Cents, quantity: Quantity) -> Result<Cents, CartError> {
    if quantity.0 <= 0 {
        return Err(CartError::NotPositive);
    }
    if unit == Unit::Un && quantity.as_whole().is_none() {
        return Err(CartError::NotWhole);
    }
    if quantity.0 > limits::QUANTITY_THOUSANDTHS {
        return Err(CartError::TooMuch);
    }
    price.times(quantity).ok_or(CartError::TotalTooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tillwatch_shared::UtcMicros;
    use tillwatch_shared::api::NewSale;

    use super::*;

    fn product(price: i64, unit: Unit) -> Product {
        Product {
            id: ProductId::now(),
            number: 1,
            name: "Arroz".to_owned(),
            code: None,
            unit,
            price_cents: Cents(price),
            minimum_thousandths: Quantity::ZERO,
            active: true,
            created_at: UtcMicros(0),
            changed_at: UtcMicros(0),
            price_lists: Vec::new(),
        }
    }

    #[test]
    fn one_product_is_one_line() {
        let rice = product(2790, Unit::Un);
        let mut cart = Cart::default();
        cart.add(&rice, Quantity::ONE).unwrap();
        cart.add(&product(549, Unit::Un), Quantity(3000)).unwrap();
        cart.add(&rice, Quantity(2000)).unwrap();
        assert_eq!(cart.lines().len(), 2);
        assert_eq!(cart.selected(), 0);
        assert_eq!(cart.total(), Cents(3 * 2790 + 3 * 549));
    }

    #[test]
    fn what_cannot_be_sold_is_refused_and_changes_nothing() {
        let mut cart = Cart::default();
        let piece = product(100, Unit::Un);
        let gold = product(limits::PRICE_CENTS, Unit::Kg);
        assert_eq!(cart.add(&piece, Quantity(0)), Err(CartError::NotPositive));
        assert_eq!(cart.add(&piece, Quantity(-1000)), Err(CartError::NotPositive));
        assert_eq!(cart.add(&piece, Quantity(450)), Err(CartError::NotWhole));
        assert_eq!(cart.add(&piece, Quantity(limits::QUANTITY_THOUSANDTHS + 1000)), Err(CartError::TooMuch));
        assert_eq!(cart.add(&gold, Quantity(i64::MAX)), Err(CartError::TooMuch));
        assert_eq!(cart.add(&gold, Quantity(limits::QUANTITY_THOUSANDTHS)), Err(CartError::TotalTooLarge));
        assert!(cart.is_empty());
    }

    #[test]
    fn a_removed_line_comes_back_to_its_place() {
        let mut cart = Cart::default();
        for price in [100, 200, 300] {
            cart.add(&product(price, Unit::Un), Quantity::ONE).unwrap();
        }
        let before = cart.lines().to_vec();
        cart.select(1);
        assert_eq!(cart.remove_selected().unwrap().unit_price, Cents(200));
        assert_eq!(cart.total(), Cents(400));
        cart.undo();
        assert_eq!(cart.lines(), before);
        cart.undo();
        assert_eq!(cart.lines().len(), 3);
    }

    proptest! {
        #[test]
        fn the_total_is_the_sum_of_rounded_lines(
            lines in prop::collection::vec((0_i64..1_000_000, 1_i64..100_000), 0..40)
        ) {
            let mut cart = Cart::default();
            let mut expected = 0_i64;
            for (price, thousandths) in lines {
                cart.add(&product(price, Unit::Kg), Quantity(thousandths)).unwrap();
                expected += (price * thousandths * 2 + 1000) / 2000;
            }
            prop_assert_eq!(cart.total(), Cents(expected));
            let by_lines: i64 = cart.lines().iter().map(|line| line.total().0).sum();
            prop_assert_eq!(by_lines, expected);
        }

        #[test]
        fn removing_and_undoing_changes_nothing(
            prices in prop::collection::vec(1_i64..100_000, 1..20), at in 0_usize..20
        ) {
            let mut cart = Cart::default();
            for price in prices {
                cart.add(&product(price, Unit::Un), Quantity::ONE).unwrap();
            }
            cart.select(at);
            let before = (cart.lines().to_vec(), cart.total());
            cart.remove_selected();
            cart.undo();
            prop_assert_eq!(before, (cart.lines().to_vec(), cart.total()));
        }

        /// Against whole fractions: each discount is the nearest centavo of its exact part, the lines and the
        /// total follow from them, and what the server checks holds.
        #[test]
        fn discounts_agree_with_exact_fractions(
            lines in prop::collection::vec((0_i64..100_000, 1_i64..5_000, 0_i64..=10_000), 1..20),
            whole in 0_i64..=10_000,
        ) {
            let nearest = |amount: i128, hundredths: i64| (2 * amount * i128::from(hundredths) + 10_000) / 20_000;
            let mut cart = Cart::default();
            let (mut subtotal, mut undiscounted) = (0_i128, 0_i128);
            for (index, (price, thousandths, percent)) in lines.into_iter().enumerate() {
                cart.add(&product(price, Unit::Kg), Quantity(thousandths)).unwrap();
                cart.set_discount(Scope::Line(index), Discount::Percent(Percent(percent)));
                let full = (2 * i128::from(price) * i128::from(thousandths) + 1000) / 2000;
                undiscounted += full;
                subtotal += full - nearest(full, percent);
            }
            cart.set_discount(Scope::Whole, Discount::Percent(Percent(whole)));
            let total = subtotal - nearest(subtotal, whole);
            let basket = cart.basket();
            prop_assert_eq!(i128::from(basket.undiscounted().0), undiscounted);
            prop_assert_eq!(i128::from(basket.subtotal().0), subtotal);
            prop_assert_eq!(i128::from(cart.total().0), total);
            prop_assert_eq!(i128::from(basket.discounts().0), undiscounted - total);
            let sale = NewSale {
                lines: cart.sale_lines(),
                discount_cents: basket.discount_cents(),
                ..NewSale::of(tillwatch_shared::StoreId::now())
            };
            prop_assert_eq!(sale.discounts(), basket.discounts());
            prop_assert_eq!(sale.shares().into_iter().sum::<Cents>(), basket.discount_cents());
        }

        /// A fixed amount takes off at most what there is, and comes back whole when there is more again.
        #[test]
        fn an_amount_never_takes_off_more_than_there_is(
            price in 0_i64..10_000, amount in 0_i64..20_000, few in 1_i64..5, many in 5_i64..20,
        ) {
            let mut cart = Cart::default();
            cart.add(&product(price, Unit::Un), Quantity(few * 1000)).unwrap();
            for scope in [Scope::Whole, Scope::Line(0)] {
                cart.set_discount(Scope::Whole, Discount::None);
                cart.set_discount(Scope::Line(0), Discount::None);
                cart.set_discount(scope, Discount::Amount(Cents(amount)));
                for quantity in [few, many, few] {
                    cart.set_quantity(0, Quantity(quantity * 1000)).unwrap();
                    prop_assert_eq!(cart.total(), Cents((price * quantity - amount).max(0)));
                }
            }
        }
    }
}
