//! All names and codes as one text in the order in which they are shown, for it is walked on every key: read one after
//! the other they come far quicker than from wherever each product lies.

use std::sync::OnceLock;

use tillwatch_shared::ProductId;

use super::Item;

/// Made when it is needed first after the products have changed. It says nothing that they do not: catalogues with and
/// without it are equal.
#[derive(Clone, Debug, Default)]
pub struct Searched(OnceLock<Haystack>);

#[derive(Clone, Debug)]
pub struct Haystack {
    text: String,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    id: ProductId,
    /// Where its name ends in the text, and its code.
    ends: [usize; 2],
}

/// A product that is sold, as it is searched.
#[derive(Clone, Copy, Debug)]
pub struct Straw<'h> {
    pub id: ProductId,
    pub name: &'h str,
    /// As it is printed; nothing without one.
    pub code: &'h str,
}

impl Searched {
    pub fn forget(&mut self) {
        self.0.take();
    }

    pub fn haystack<'i>(&self, ordered: impl Iterator<Item = &'i Item>) -> &Haystack {
        self.0.get_or_init(|| Haystack::of(ordered))
    }
}

impl PartialEq for Searched {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Haystack {
    fn of<'i>(ordered: impl Iterator<Item = &'i Item>) -> Self {
        let (mut text, mut rows) = (String::new(), Vec::new());
        for item in ordered.filter(|item| item.product.active) {
            text.push_str(&item.folded);
            let name = text.len();
            text.push_str(&item.printed);
            rows.push(Row { id: item.product.id, ends: [name, text.len()] });
        }
        Self { text, rows }
    }

    pub fn straws(&self) -> impl Iterator<Item = Straw<'_>> {
        let mut begin = 0;
        self.rows.iter().map(move |Row { id, ends: [name, code] }| {
            let part = |from, to| self.text.get(from..to).unwrap_or_default();
            let straw = Straw { id: *id, name: part(begin, *name), code: part(*name, *code) };
            begin = *code;
            straw
        })
    }
}
