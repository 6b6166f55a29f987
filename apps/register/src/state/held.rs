//! What the store holds, counting what this till has done and the server has not told yet. So balances go down
//! while the server is away; when it has told, its own word takes the place of this sum.

use std::borrow::Cow;
use std::collections::HashMap;

use tillwatch_shared::{ProductId, Quantity};

use super::State;
use super::catalogue::Item;

/// By how much each product has moved since.
#[derive(Clone, Debug, Default)]
pub struct Moved(HashMap<ProductId, i64>);

impl Moved {
    /// In the store of this till, by all that waits and was not refused.
    pub fn of(state: &State) -> Self {
        let mut moved = HashMap::new();
        let Some(store) = state.store.as_ref().map(|store| store.id) else { return Self(moved) };
        for (place, product, by) in state.outbox.moves() {
            if place == store {
                let sum: &mut i64 = moved.entry(product).or_default();
                *sum = sum.saturating_add(by);
            }
        }
        Self(moved)
    }

    /// The product with the balance that is to be shown.
    pub fn apply<'a>(&self, item: &'a Item) -> Cow<'a, Item> {
        match (item.balance, self.0.get(&item.product.id)) {
            (Some(held), Some(by)) => {
                let mut shown = item.clone();
                shown.balance = Some(Quantity(held.0.saturating_add(*by)));
                Cow::Owned(shown)
            }
            (None, _) | (_, None) => Cow::Borrowed(item),
        }
    }
}
