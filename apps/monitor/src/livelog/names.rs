//! Names of products, people and stores, each kept once however many rows show it.

use std::collections::HashMap;
use std::sync::Arc;

use tillwatch_shared::StoreId;
use tillwatch_shared::names::fold;

/// A name that many rows share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(u32);

#[derive(Debug, Default)]
pub struct Names {
    texts: Vec<Arc<str>>,
    folded: Vec<String>,
    ids: HashMap<Arc<str>, NameId>,
    stores: HashMap<StoreId, NameId>,
}

impl Names {
    pub fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        // Four billion names do not fit into memory, so the last id is never shared in practice.
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let shared: Arc<str> = text.into();
        self.texts.push(Arc::clone(&shared));
        self.folded.push(fold(text));
        self.ids.insert(shared, id);
        id
    }

    /// The name of a store that an event names by its id alone, as an earlier row called it.
    pub fn store(&mut self, store: StoreId) -> NameId {
        match self.stores.get(&store) {
            Some(name) => *name,
            None => self.intern("–"),
        }
    }

    /// The name of a store as an event tells it, for those that tell its id alone.
    pub fn learn(&mut self, store: Option<StoreId>, name: &str) -> NameId {
        let name = self.intern(name);
        if let Some(store) = store {
            self.stores.insert(store, name);
        }
        name
    }

    pub fn text(&self, id: NameId) -> &str {
        usize::try_from(id.0).ok().and_then(|i| self.texts.get(i)).map_or("", |t| t)
    }

    pub fn matches(&self, id: NameId, folded: &str) -> bool {
        usize::try_from(id.0).ok().and_then(|i| self.folded.get(i)).is_some_and(|t| t.contains(folded))
    }
}
