//! The cart: lines, their totals, and taking back what was removed.

use tillwatch_shared::api::{NewSaleLine, Product, Unit};
use tillwatch_shared::limits;
use tillwatch_shared::{Cents, ProductId, Quantity};

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub product_id: ProductId,
    pub name: String,
    pub unit: Unit,
    pub quantity: Quantity,
    /// The price of one unit that the customer was shown.
    pub unit_price: Cents,
    pub total: Cents,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cart {
    lines: Vec<Line>,
    selected: usize,
    /// The line that was removed last, and where it stood.
    removed: Option<(usize, Line)>,
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

impl Cart {
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Which line the keys act on.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    pub fn selected_line(&self) -> Option<&Line> {
        self.lines.get(self.selected)
    }

    pub fn select(&mut self, index: usize) {
        self.selected = index.min(self.lines.len().saturating_sub(1));
    }

    /// The sum of the lines. [`Cart::add`] keeps it within bounds.
    pub fn total(&self) -> Cents {
        self.lines.iter().map(|line| line.total).sum()
    }

    /// Adds to the line of this product and price, or a new line. The line is selected.
    pub fn add(&mut self, product: &Product, quantity: Quantity) -> Result<(), CartError> {
        let same = |line: &Line| line.product_id == product.id && line.unit_price == product.price_cents;
        if quantity.0 <= 0 {
            return Err(CartError::NotPositive);
        }
        if let Some(index) = self.lines.iter().position(same) {
            let held = self.lines.get(index).map_or(Quantity::ZERO, |line| line.quantity);
            let quantity = held.checked_add(quantity).ok_or(CartError::TooMuch)?;
            self.set_quantity(index, quantity)?;
            self.selected = index;
            return Ok(());
        }
        if self.lines.len() >= limits::SALE_LINES {
            return Err(CartError::TooManyLines);
        }
        let total = line_total(product.unit, product.price_cents, quantity)?;
        self.check_total(Cents::ZERO, total)?;
        self.lines.push(Line {
            product_id: product.id,
            name: product.name.clone(),
            unit: product.unit,
            quantity,
            unit_price: product.price_cents,
            total,
        });
        self.selected = self.lines.len() - 1;
        self.removed = None;
        Ok(())
    }

    pub fn set_quantity(&mut self, index: usize, quantity: Quantity) -> Result<(), CartError> {
        let Some(line) = self.lines.get(index) else { return Ok(()) };
        let total = line_total(line.unit, line.unit_price, quantity)?;
        self.check_total(line.total, total)?;
        if let Some(line) = self.lines.get_mut(index) {
            line.quantity = quantity;
            line.total = total;
        }
        Ok(())
    }

    /// Takes the selected line out; [`Cart::undo`] puts it back.
    pub fn remove_selected(&mut self) -> Option<&Line> {
        if self.selected >= self.lines.len() {
            return None;
        }
        let line = self.lines.remove(self.selected);
        self.removed = Some((self.selected, line));
        self.select(self.selected);
        self.removed.as_ref().map(|(_, line)| line)
    }

    pub const fn can_undo(&self) -> bool {
        self.removed.is_some()
    }

    pub fn undo(&mut self) {
        if let Some((index, line)) = self.removed.take() {
            let index = index.min(self.lines.len());
            self.lines.insert(index, line);
            self.selected = index;
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// As a sale says them.
    pub fn sale_lines(&self) -> Vec<NewSaleLine> {
        let line = |line: &Line| NewSaleLine {
            product_id: line.product_id,
            quantity_thousandths: line.quantity,
            unit_price_cents: line.unit_price,
        };
        self.lines.iter().map(line).collect()
    }

    fn check_total(&self, instead_of: Cents, line: Cents) -> Result<(), CartError> {
        let total = self.total().checked_sub(instead_of).and_then(|total| total.checked_add(line));
        match total {
            Some(total) if total.0 <= limits::AMOUNT_CENTS => Ok(()),
            Some(_) | None => Err(CartError::TotalTooLarge),
        }
    }
}

fn line_total(unit: Unit, price: Cents, quantity: Quantity) -> Result<Cents, CartError> {
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
            let by_lines: i64 = cart.lines().iter().map(|line| line.total.0).sum();
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
    }
}
