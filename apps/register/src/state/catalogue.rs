//! The products and what the store holds of each, kept in memory and searched on every keystroke.

use std::collections::HashMap;

use tillwatch_shared::api::{Product, Sale, StockEntry, StockLevel};
use tillwatch_shared::names::fold;
use tillwatch_shared::{ProductId, Quantity, barcode};

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub product: Product,
    folded: String,
    /// What the store holds; unknown until the stock has come.
    pub balance: Option<Quantity>,
}

impl Item {
    /// Has a minimum and is at or below it.
    pub fn is_low(&self) -> bool {
        let minimum = self.product.minimum_thousandths;
        minimum.0 > 0 && self.balance.is_some_and(|balance| balance <= minimum)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Ordered by folded name.
    items: Vec<Item>,
    by_id: HashMap<ProductId, usize>,
    by_code: HashMap<String, ProductId>,
    /// Balances that came before their product.
    waiting: HashMap<ProductId, Quantity>,
}

impl Catalogue {
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, id: ProductId) -> Option<&Item> {
        self.by_id.get(&id).and_then(|index| self.items.get(*index))
    }

    pub fn by_code(&self, code: &str) -> Option<&Item> {
        self.by_code.get(&barcode::normalise(code)).and_then(|id| self.get(*id))
    }

    /// By the short number that people use. A product that the server has not seen yet has none, which is 0.
    pub fn by_number(&self, number: i64) -> Option<&Item> {
        self.items.iter().find(|item| item.product.number == number && item.product.active && number > 0)
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Takes products, new ones and newer versions of known ones.
    pub fn take_products(&mut self, products: impl IntoIterator<Item = Product>) {
        for product in products {
            let folded = fold(&product.name);
            match self.by_id.get(&product.id).and_then(|index| self.items.get_mut(*index)) {
                Some(item) if item.product.changed_at > product.changed_at => {}
                Some(item) => *item = Item { product, folded, balance: item.balance },
                None => {
                    let balance = self.waiting.remove(&product.id);
                    self.by_id.insert(product.id, self.items.len());
                    self.items.push(Item { product, folded, balance });
                }
            }
        }
        self.reorder();
    }

    /// Products that were made now: no store holds any of them yet.
    pub fn take_new(&mut self, products: Vec<Product>) {
        let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
        self.take_products(products);
        for id in ids {
            if self.get(id).is_some_and(|item| item.balance.is_none()) {
                self.set_balance(id, Quantity::ZERO);
            }
        }
    }

    /// What this machine remembers from when the server was last heard.
    pub fn take_remembered(&mut self, items: Vec<(Product, Option<Quantity>)>) {
        for (id, balance) in items.iter().filter_map(|(product, held)| held.map(|held| (product.id, held))) {
            self.set_balance(id, balance);
        }
        self.take_products(items.into_iter().map(|(product, _)| product));
    }

    pub fn take_levels(&mut self, levels: impl IntoIterator<Item = StockLevel>) {
        for level in levels {
            self.set_balance(level.product_id, level.balance_thousandths);
        }
    }

    /// An entry says what the balance is after it.
    pub fn take_entry(&mut self, entry: &StockEntry) {
        self.set_balance(entry.product_id, entry.balance_after_thousandths);
    }

    /// Goods of a sale left the store.
    pub fn take_sale(&mut self, sale: &Sale) {
        for line in &sale.lines {
            let held = self.get(line.product_id).and_then(|item| item.balance);
            if let Some(held) = held {
                let left = Quantity(held.0.saturating_sub(line.quantity_thousandths.0));
                self.set_balance(line.product_id, left);
            }
        }
    }

    /// The balances of another store begin.
    pub fn forget_balances(&mut self) {
        self.waiting.clear();
        for item in &mut self.items {
            item.balance = None;
        }
    }

    /// Products whose name has every word of `text` in it, or whose code or its beginning is `text`;
    /// those whose name begins with it come first. All of them for an empty text.
    pub fn search(&self, text: &str) -> Vec<ProductId> {
        let wanted = fold(text);
        let active = self.items.iter().filter(|item| item.product.active);
        if wanted.is_empty() {
            return active.map(|item| item.product.id).collect();
        }
        let code = barcode::normalise(text);
        let bare_code = text.trim().to_uppercase();
        let words: Vec<&str> = wanted.split(' ').collect();
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for item in active {
            let own = item.product.code.as_deref();
            if own.is_some_and(|own| own == code || barcode::printed(own).starts_with(&bare_code))
                || item.folded.starts_with(&wanted)
            {
                first.push(item.product.id);
            } else if words.iter().all(|word| item.folded.contains(word)) {
                rest.push(item.product.id);
            }
        }
        first.append(&mut rest);
        first
    }

    fn set_balance(&mut self, id: ProductId, balance: Quantity) {
        match self.by_id.get(&id).and_then(|index| self.items.get_mut(*index)) {
            Some(item) => item.balance = Some(balance),
            None => {
                self.waiting.insert(id, balance);
            }
        }
    }

    fn reorder(&mut self) {
        self.items.sort_by(|a, b| a.folded.cmp(&b.folded));
        self.by_id = self.items.iter().enumerate().map(|(index, item)| (item.product.id, index)).collect();
        self.by_code = self
            .items
            .iter()
            .filter(|item| item.product.active)
            .filter_map(|item| item.product.code.clone().map(|code| (code, item.product.id)))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::api::Unit;
    use tillwatch_shared::{Cents, UtcMicros};

    use super::*;

    fn product(number: i64, name: &str, code: Option<&str>) -> Product {
        Product {
            id: ProductId::now(),
            number,
            name: name.to_owned(),
            code: code.map(barcode::normalise),
            unit: Unit::Un,
            price_cents: Cents(100),
            minimum_thousandths: Quantity(3000),
            active: true,
            created_at: UtcMicros(0),
            changed_at: UtcMicros(number),
        }
    }

    fn names(catalogue: &Catalogue, text: &str) -> Vec<String> {
        let name = |id: &ProductId| catalogue.get(*id).unwrap().product.name.clone();
        catalogue.search(text).iter().map(name).collect()
    }

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::default();
        catalogue.take_products([
            product(1, "Leite integral 1 L", Some("7891000315507")),
            product(2, "Açúcar União", Some("ab-1")),
            product(3, "Doce de leite", None),
        ]);
        catalogue
    }

    #[test]
    fn search_ignores_case_and_accents_and_finds_parts() {
        let catalogue = catalogue();
        assert_eq!(names(&catalogue, "ACUCAR"), ["Açúcar União"]);
        assert_eq!(names(&catalogue, "leite"), ["Leite integral 1 L", "Doce de leite"]);
        assert_eq!(names(&catalogue, "int lei"), ["Leite integral 1 L"]);
        assert_eq!(names(&catalogue, "78910003"), ["Leite integral 1 L"]);
        assert_eq!(names(&catalogue, ""), ["Açúcar União", "Doce de leite", "Leite integral 1 L"]);
        assert!(names(&catalogue, "vinho").is_empty());
    }

    #[test]
    fn codes_are_found_as_scanned() {
        let catalogue = catalogue();
        assert_eq!(catalogue.by_code("07891000315507").unwrap().product.number, 1);
        assert_eq!(catalogue.by_code(" AB-1").unwrap().product.number, 2);
        assert_eq!(catalogue.by_number(3).unwrap().product.name, "Doce de leite");
    }

    #[test]
    fn balances_may_come_before_their_product_and_older_versions_are_ignored() {
        let mut catalogue = Catalogue::default();
        let milk = product(5, "Leite", None);
        let level = StockLevel {
            store_id: tillwatch_shared::StoreId::now(),
            product_id: milk.id,
            product_number: 5,
            product_name: "Leite".to_owned(),
            unit: Unit::Un,
            balance_thousandths: Quantity(3000),
            minimum_thousandths: Quantity(3000),
            low: true,
        };
        catalogue.take_levels([level]);
        catalogue.take_products([milk.clone()]);
        assert!(catalogue.get(milk.id).unwrap().is_low());
        let older = Product { name: "Antigo".to_owned(), changed_at: UtcMicros(1), ..milk.clone() };
        catalogue.take_products([older]);
        assert_eq!(catalogue.get(milk.id).unwrap().product.name, "Leite");
    }
}
