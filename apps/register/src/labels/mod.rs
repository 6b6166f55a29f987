//! Sheets of price labels with barcodes, as a PDF for an ordinary printer.

mod sheet;

use tillwatch_desk::printer::LabelLayout;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Product, Unit};

pub use sheet::sheet;

/// Labels in one file: some forty sheets of the smallest.
pub const MOST: u32 = 2_600;

/// What stands on one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub name: String,
    pub price: Cents,
    pub unit: Unit,
    /// As it is stored.
    pub code: Option<String>,
}

impl Label {
    /// `price` is what the product costs in the store and on the day of the label.
    pub fn of(product: &Product, price: Cents) -> Self {
        Self { name: product.name.clone(), price, unit: product.unit, code: product.code.clone() }
    }

    /// `R$ 39,90/kg`; a piece's price needs no unit.
    pub fn price(&self) -> String {
        let price = self.price.to_string().replace('\u{a0}', " ");
        if self.unit == Unit::Un { price } else { format!("{price}/{}", self.unit.symbol()) }
    }
}

/// How the labels lie on an A4 sheet, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    pub columns: usize,
    pub rows: usize,
    pub size: (f32, f32),
    /// Of the first label's upper left corner.
    pub edge: (f32, f32),
    /// From one label to the next.
    pub step: (f32, f32),
}

/// The makers' measures of the sheets that Brazilian shops buy (Pimaco, Avery).
pub const fn grid(layout: LabelLayout) -> Grid {
    match layout {
        LabelLayout::By5x13 => {
            Grid { columns: 5, rows: 13, size: (38.1, 21.2), edge: (4.75, 10.7), step: (40.6, 21.2) }
        }
        LabelLayout::By3x11 => {
            Grid { columns: 3, rows: 11, size: (63.5, 25.4), edge: (7.2, 8.8), step: (66.0, 25.4) }
        }
        LabelLayout::By3x8 => {
            Grid { columns: 3, rows: 8, size: (70.0, 37.0), edge: (0.0, 0.5), step: (70.0, 37.0) }
        }
        LabelLayout::By2x7 => {
            Grid { columns: 2, rows: 7, size: (99.1, 38.1), edge: (4.65, 15.15), step: (101.6, 38.1) }
        }
    }
}

impl Grid {
    pub const fn labels(&self) -> usize {
        self.columns * self.rows
    }
}
