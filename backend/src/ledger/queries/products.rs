//! Products.

use rusqlite::{Connection, OptionalExtension};
use tillwatch_shared::api::{Page, Product};
use tillwatch_shared::{ProductId, barcode, names};

use super::Slice;
use crate::domain::products::{COLUMNS, from_row};
use crate::domain::rows;

/// Products in the order in which they were added; `search` matches parts of names and whole codes.
pub fn list(db: &Connection, search: Option<&str>, slice: Slice) -> rusqlite::Result<Page<Product>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT {} FROM product
         WHERE id > ?1 AND id < ?2 AND (?3 IS NULL OR instr(name_folded, ?3) > 0 OR code = ?4)
         ORDER BY id {} LIMIT ?5",
        *COLUMNS,
        slice.direction()
    );
    let folded = search.map(names::fold);
    let code = search.map(barcode::normalise);
    let found = rows::all(db, &sql, (above, below, folded, code, slice.limit + 1), from_row)?;
    Ok(slice.page(found.into_iter().map(|product| (product.number, product)).collect()))
}

pub fn by_id(db: &Connection, id: ProductId) -> rusqlite::Result<Option<Product>> {
    let sql = format!("SELECT {} FROM product WHERE uid = ?1", *COLUMNS);
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)
}

pub fn by_number(db: &Connection, number: i64) -> rusqlite::Result<Option<Product>> {
    let sql = format!("SELECT {} FROM product WHERE id = ?1", *COLUMNS);
    db.prepare_cached(&sql)?.query_row([number], from_row).optional()
}

/// The product with this code, as codes are kept.
pub fn by_code(db: &Connection, code: &str) -> rusqlite::Result<Option<Product>> {
    rows::one(db, &format!("SELECT {} FROM product WHERE code = ?1", *COLUMNS), [code], from_row)
}

/// The product with this name, as [`names::fold`] makes it.
pub fn by_folded_name(db: &Connection, folded: &str) -> rusqlite::Result<Option<Product>> {
    rows::one(db, &format!("SELECT {} FROM product WHERE name_folded = ?1", *COLUMNS), [folded], from_row)
}
