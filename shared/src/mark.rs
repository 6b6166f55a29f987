//! The number under a receipt's barcode: it names a sale before the server has numbered it, and in any store.
//!
//! It is the first half of the sale's id (a moment in milliseconds, and chance) in twenty digits, which every
//! scanner reads from paper of 58 mm. The whole id would not fit.

use uuid::Uuid;

use crate::SaleId;

/// Digits of a mark.
const DIGITS: usize = 20;

/// `00113542967802052608`
pub fn of(sale: SaleId) -> String {
    let (first, _) = sale.0.as_u64_pair();
    format!("{first:0DIGITS$}")
}

/// The first and last id that a scanned mark may mean. `None` for what is not a mark.
pub fn range(text: &str) -> Option<(SaleId, SaleId)> {
    let text = text.trim();
    if text.len() != DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let first: u64 = text.parse().ok()?;
    let id = |second| Uuid::from_u64_pair(first, second);
    let within = |id: Uuid| id.get_version_num() == 7;
    within(id(0)).then(|| (SaleId(id(0)), SaleId(id(u64::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_finds_its_sale_and_nothing_else_is_one() {
        let sale = SaleId::now();
        let mark = of(sale);
        assert_eq!(mark.len(), DIGITS);
        let (first, last) = range(&format!(" {mark}\n")).unwrap();
        assert!((first..=last).contains(&sale));
        let later: SaleId = "ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap();
        assert_eq!(of(later), "18446744073709518847");
        for other in
            ["", "7891000315507", "99999999999999999999", "00000000000000000001", "0011354296780205260x"]
        {
            assert_eq!(range(other), None, "{other}");
        }
    }
}
