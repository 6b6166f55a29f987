//! Choosing labels: which products, how many of each, on which sheets.

use tillwatch_desk::printer::LabelLayout;
use tillwatch_shared::ProductId;

/// The dialog of labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelsForm {
    /// A product, or `12*product`.
    pub search: String,
    pub hits: Vec<ProductId>,
    pub hit: usize,
    pub wanted: Vec<Wanted>,
    /// Places that are used up on the first sheet, as typed.
    pub skip: String,
    pub complaint: Option<LabelComplaint>,
    /// The file is being made.
    pub waiting: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub product: ProductId,
    pub copies: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelComplaint {
    NotFound,
    /// Not a whole number of labels.
    CopiesBad,
    TooMany,
    SkipBad,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LabelsInput {
    Open,
    Search(String),
    MoveHit(isize),
    /// Enter in the search field: the selected product goes on the list; nothing typed saves the file.
    Enter,
    Add(ProductId),
    /// One more or one less.
    Copies(ProductId, i64),
    Remove(ProductId),
    Layout(LabelLayout),
    Skip(String),
    Save,
}

impl LabelsForm {
    pub fn labels(&self) -> u32 {
        self.wanted.iter().map(|wanted| wanted.copies).sum()
    }
}
