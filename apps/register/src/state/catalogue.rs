//! The products and what the store holds of each, kept in memory and searched on every keystroke.

mod haystack;

use std::collections::{HashMap, HashSet};

use tillwatch_shared::api::{Count, Product, Return, Sale, StockEntry, StockLevel, Transfer};
use tillwatch_shared::names::fold;
use tillwatch_shared::{ProductId, Quantity, barcode};

use self::haystack::{Searched, Straw};
use super::offline::Remembered;

/// From so many digits on a part of a code is looked for inside it: fewer are in the codes of half the shop.
const CODE_PART: usize = 4;

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub product: Product,
    folded: String,
    /// The code as it stands on the packet.
    printed: String,
    /// What the store holds; unknown until the stock has come.
    pub balance: Option<Quantity>,
    /// The last change that was in it when the server told it.
    pub until: i64,
}

/// How the server told of goods that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// In its answer to a command of this till.
    AsAnswer,
    /// In its changes, as this one of them.
    AsChange(i64),
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
    /// In the order in which they came; a product keeps its place.
    items: Vec<Item>,
    /// Places of [`Self::items`], by folded name.
    order: Vec<usize>,
    by_id: HashMap<ProductId, usize>,
    by_code: HashMap<String, usize>,
    /// By the short number that people use. A product that the server has not seen yet has none, which is 0.
    by_number: HashMap<i64, usize>,
    /// Balances that came before their product, and until which change.
    waiting: HashMap<ProductId, (Quantity, i64)>,
    searched: Searched,
    /// Remembered products that the server has not told again in the load that is under way.
    unseen: Option<HashSet<ProductId>>,
}

impl Catalogue {
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, id: ProductId) -> Option<&Item> {
        self.by_id.get(&id).and_then(|place| self.items.get(*place))
    }

    pub fn by_code(&self, code: &str) -> Option<&Item> {
        self.by_code.get(&barcode::normalise(code)).and_then(|place| self.items.get(*place))
    }

    pub fn by_number(&self, number: i64) -> Option<&Item> {
        self.by_number
            .get(&number)
            .and_then(|place| self.items.get(*place))
            .filter(|item| item.product.active)
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Takes products, new ones and newer versions of known ones.
    pub fn take_products(&mut self, products: impl IntoIterator<Item = Product>) {
        self.searched.forget();
        let mut moved = Vec::new();
        for product in products {
            if let Some(unseen) = &mut self.unseen {
                unseen.remove(&product.id);
            }
            if let Some(place) = self.by_id.get(&product.id).copied() {
                self.change(place, product, &mut moved);
            } else {
                moved.push(self.items.len());
                self.add(product);
            }
        }
        self.reorder(moved);
    }

    fn add(&mut self, product: Product) {
        let place = self.items.len();
        let told = self.waiting.remove(&product.id);
        let (balance, until) = (told.map(|(balance, _)| balance), told.map_or(0, |(_, until)| until));
        self.by_id.insert(product.id, place);
        let (folded, printed) = words(&product);
        self.items.push(Item { product, folded, printed, balance, until });
        self.index(place);
    }

    fn change(&mut self, place: usize, product: Product, moved: &mut Vec<usize>) {
        let Some(item) = self.items.get_mut(place) else { return };
        if item.product.changed_at > product.changed_at {
            return;
        }
        if item.product.name != product.name {
            moved.push(place);
        }
        let old_code = if item.product.code == product.code { None } else { item.product.code.clone() };
        let (folded, printed) = words(&product);
        *item = Item { product, folded, printed, balance: item.balance, until: item.until };
        // Another product may have been given the code meanwhile.
        if let Some(code) = old_code.filter(|code| self.by_code.get(code) == Some(&place)) {
            self.by_code.remove(&code);
        }
        self.index(place);
    }

    /// Its code and number lead to it; the code only while it is sold.
    fn index(&mut self, place: usize) {
        let Some(Item { product, .. }) = self.items.get(place) else { return };
        if product.number > 0 {
            self.by_number.insert(product.number, place);
        }
        let Some(code) = &product.code else { return };
        if product.active {
            self.by_code.insert(code.clone(), place);
        } else if self.by_code.get(code) == Some(&place) {
            self.by_code.remove(code);
        }
    }

    /// Puts new and renamed products where they belong: one pass over the others, however many there are.
    fn reorder(&mut self, mut moved: Vec<usize>) {
        if moved.is_empty() {
            return;
        }
        moved.sort_unstable();
        moved.dedup();
        self.order.retain(|place| moved.binary_search(place).is_err());
        let key =
            |place: &usize| self.items.get(*place).map(|item| (item.folded.as_str(), item.product.number));
        moved.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut merged = Vec::with_capacity(self.items.len());
        let mut moved = moved.into_iter().peekable();
        for place in &self.order {
            while let Some(next) = moved.next_if(|next| key(next) < key(place)) {
                merged.push(next);
            }
            merged.push(*place);
        }
        merged.extend(moved);
        self.order = merged;
    }

    /// A whole catalogue is on its way: what it does not name is gone.
    pub fn begin_load(&mut self) {
        self.unseen = Some(self.items.iter().map(|item| item.product.id).collect());
    }

    /// All of it has come.
    pub fn end_load(&mut self) {
        let Some(unseen) = self.unseen.take().filter(|unseen| !unseen.is_empty()) else { return };
        // A product that was made here and is not sent yet has no number: the server cannot know it.
        let gone = |item: &Item| item.product.number > 0 && unseen.contains(&item.product.id);
        let kept = std::mem::take(&mut self.items).into_iter().filter(|item| !gone(item));
        let kept: Vec<Item> = kept.collect();
        *self = Self { waiting: std::mem::take(&mut self.waiting), ..Self::default() };
        for item in &kept {
            if let Some(balance) = item.balance {
                self.waiting.insert(item.product.id, (balance, item.until));
            }
        }
        self.take_products(kept.into_iter().map(|item| item.product));
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
    pub fn take_remembered(&mut self, items: Vec<Remembered>) {
        for (product, held, until) in &items {
            if let Some(held) = *held {
                self.waiting.insert(product.id, (held, *until));
            }
        }
        self.take_products(items.into_iter().map(|(product, _, _)| product));
    }

    pub fn take_levels(&mut self, levels: impl IntoIterator<Item = StockLevel>) {
        for level in levels {
            let told = (level.balance_thousandths, level.changed_until);
            match self.item_mut(level.product_id) {
                Some(item) => (item.balance, item.until) = (Some(told.0), told.1),
                None => {
                    self.waiting.insert(level.product_id, told);
                }
            }
        }
    }

    /// An entry says what the balance is after it.
    pub fn take_entry(&mut self, entry: &StockEntry, told: Told) {
        self.set_unless_known(entry.product_id, entry.balance_after_thousandths, told);
    }

    /// Goods of a sale left the store.
    pub fn take_sale(&mut self, sale: &Sale, told: Told) {
        for line in sale.lines.iter().filter(|line| !line.counted_since) {
            self.shift(line.product_id, -line.quantity_thousandths.0, told);
        }
    }

    /// Goods came back to the store; what was written off of them did not.
    pub fn take_return(&mut self, back: &Return, told: Told) {
        for line in back.lines.iter().filter(|line| line.restock && !line.counted_since) {
            self.shift(line.product_id, line.quantity_thousandths.0, told);
        }
    }

    /// A count says what the balances are after it.
    pub fn take_count(&mut self, count: &Count, told: Told) {
        for line in &count.lines {
            self.set_unless_known(line.product_id, line.balance_after_thousandths, told);
        }
    }

    /// Goods left for another store, or came from one; the balances are of the store where they moved.
    pub fn take_transfer(&mut self, transfer: &Transfer, told: Told) {
        for line in &transfer.lines {
            if let Some(balance) = line.balance_after_thousandths {
                self.set_unless_known(line.product_id, balance, told);
            }
        }
    }

    /// The balance has this change already.
    fn knows(&self, id: ProductId, told: Told) -> bool {
        match told {
            Told::AsAnswer => false,
            Told::AsChange(change) => self.get(id).is_some_and(|item| change <= item.until),
        }
    }

    fn set_unless_known(&mut self, id: ProductId, balance: Quantity, told: Told) {
        if !self.knows(id, told) {
            self.set_balance(id, balance);
        }
    }

    fn shift(&mut self, id: ProductId, thousandths: i64, told: Told) {
        let held = self.get(id).and_then(|item| item.balance);
        if let Some(held) = held.filter(|_| !self.knows(id, told)) {
            self.set_balance(id, Quantity(held.0.saturating_add(thousandths)));
        }
    }

    fn item_mut(&mut self, id: ProductId) -> Option<&mut Item> {
        self.by_id.get(&id).and_then(|place| self.items.get_mut(*place))
    }

    /// The balances of another store begin.
    pub fn forget_balances(&mut self) {
        self.waiting.clear();
        for item in &mut self.items {
            (item.balance, item.until) = (None, 0);
        }
    }

    /// Products whose name has every word of `text` in it, or whose code is `text` or has it in it, as the last digits
    /// that a person reads from a packet; those that begin with it come first. All of them for an empty text.
    pub fn search(&self, text: &str) -> Vec<ProductId> {
        let wanted = fold(text);
        let ordered = self.order.iter().filter_map(|place| self.items.get(*place));
        if wanted.is_empty() {
            let active = ordered.filter(|item| item.product.active);
            return active.map(|item| item.product.id).collect();
        }
        let same_code = self.by_code(text).map(|item| item.product.id);
        let bare_code = text.trim().to_uppercase();
        let words: Vec<&str> = wanted.split(' ').collect();
        let digits = bare_code.len() >= CODE_PART && bare_code.bytes().all(|byte| byte.is_ascii_digit());
        let part = digits.then_some(bare_code.as_bytes());
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for Straw { id, name, code } in self.searched.haystack(ordered).straws() {
            if same_code == Some(id) || code.starts_with(&bare_code) || name.starts_with(&wanted) {
                first.push(id);
            } else if part.is_some_and(|part| has_part(code, part))
                || words.iter().all(|word| name.contains(word))
            {
                rest.push(id);
            }
        }
        first.append(&mut rest);
        first
    }

    fn set_balance(&mut self, id: ProductId, balance: Quantity) {
        match self.item_mut(id) {
            Some(item) => item.balance = Some(balance),
            None => {
                self.waiting.insert(id, (balance, 0));
            }
        }
    }
}

fn has_part(code: &str, part: &[u8]) -> bool {
    code.as_bytes().windows(part.len()).any(|window| window == part)
}

/// The name as it is searched, and the code as it is printed.
fn words(product: &Product) -> (String, String) {
    (fold(&product.name), product.code.as_deref().map(barcode::printed).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests;
