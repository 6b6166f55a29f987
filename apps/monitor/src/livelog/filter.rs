//! Which rows are shown.

use tillwatch_shared::StoreId;
use tillwatch_shared::names::fold;

use super::names::{NameId, Names};
use super::row::{Row, What};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KindFilter {
    #[default]
    All,
    Sales,
    Entries,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: KindFilter,
    pub store: Option<StoreId>,
    pub text: String,
}

impl Filter {
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }
}

/// A filter, made ready to be tried on many rows.
pub(super) struct Test<'f> {
    filter: &'f Filter,
    folded: String,
    number: Option<i64>,
}

impl<'f> Test<'f> {
    pub fn new(filter: &'f Filter) -> Self {
        let number = filter.text.trim().trim_start_matches('#').parse().ok();
        Self { filter, folded: fold(&filter.text), number }
    }

    pub fn passes(&self, names: &Names, row: &Row) -> bool {
        let kind = match (self.filter.kind, &row.what) {
            (KindFilter::All, _)
            | (KindFilter::Sales, What::Sale { .. })
            | (KindFilter::Entries, What::Entry { .. }) => true,
            (KindFilter::Sales, What::Entry { .. }) | (KindFilter::Entries, What::Sale { .. }) => false,
        };
        let store = self.filter.store.is_none_or(|store| store == row.store_id);
        kind && store && (self.folded.is_empty() || self.number == Some(row.number) || self.text(names, row))
    }

    fn text(&self, names: &Names, row: &Row) -> bool {
        let hit = |id: NameId| names.matches(id, &self.folded);
        hit(row.person)
            || hit(row.store)
            || match &row.what {
                What::Sale { lines, .. } => lines.iter().any(|line| hit(line.product)),
                What::Entry { product, .. } => hit(*product),
            }
    }
}
