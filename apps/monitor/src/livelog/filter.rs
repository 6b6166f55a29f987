//! Which rows are shown.

use tillwatch_shared::StoreId;
use tillwatch_shared::names::fold;

use super::names::{NameId, Names};
use super::row::{Row, What};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KindFilter {
    #[default]
    All,
    /// With what came back of them.
    Sales,
    Returns,
    Entries,
    Money,
    Alarms,
    SignIns,
}

impl KindFilter {
    /// In the order of their buttons.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Sales, Self::Returns, Self::Entries, Self::Money, Self::Alarms, Self::SignIns];
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: KindFilter,
    pub store: Option<StoreId>,
    /// By name, as the rows tell it.
    pub person: Option<String>,
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
            | (KindFilter::Sales, What::Sale { .. } | What::Return { .. })
            | (KindFilter::Returns, What::Return { .. })
            | (KindFilter::Entries, What::Entry { .. } | What::Count { .. } | What::Transfer { .. })
            | (KindFilter::Money, What::Money { .. })
            | (KindFilter::Alarms, What::Alarm { .. })
            | (KindFilter::SignIns, What::Session { .. }) => true,
            (
                KindFilter::Sales
                | KindFilter::Returns
                | KindFilter::Entries
                | KindFilter::Money
                | KindFilter::Alarms
                | KindFilter::SignIns,
                _,
            ) => false,
        };
        let store = self.filter.store.is_none_or(|store| Some(store) == row.store_id);
        let person = self.filter.person.as_deref().is_none_or(|person| person == names.text(row.person));
        kind && store && person && (self.folded.is_empty() || self.number(row) || self.text(names, row))
    }

    /// A sale is found with what came back of it.
    fn number(&self, row: &Row) -> bool {
        let Some(wanted) = self.number else { return false };
        match &row.what {
            What::Return { sale_number, .. } => *sale_number == wanted,
            What::Sale { .. } | What::Entry { .. } | What::Count { .. } | What::Transfer { .. } => {
                row.number == wanted
            }
            What::Money { .. } | What::Alarm { .. } | What::Session { .. } | What::Coordinates(_) => false,
        }
    }

    fn text(&self, names: &Names, row: &Row) -> bool {
        let hit = |id: NameId| names.matches(id, &self.folded);
        hit(row.person)
            || hit(row.store)
            || match &row.what {
                What::Sale { lines, .. } | What::Return { lines, .. } => {
                    lines.iter().any(|line| hit(line.product))
                }
                What::Entry { product, .. } => hit(*product),
                What::Alarm { about, .. } => hit(*about),
                What::Coordinates(_) => false,
                What::Session { device, .. } => device.is_some_and(hit),
                What::Money { till, note, .. } => {
                    [till, note].into_iter().flatten().any(|text| fold(text).contains(&self.folded))
                }
                What::Count { portions, .. } => portions.iter().any(|portion| hit(portion.product)),
                What::Transfer { other, portions, .. } => {
                    hit(*other) || portions.iter().any(|portion| hit(portion.product))
                }
            }
    }
}
