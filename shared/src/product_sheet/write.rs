//! From products to a sheet that [`super::read`] reads as the same products, and that spreadsheets in Brazil open:
//! UTF-8 with its mark, semicolons, decimal commas, and codes that stay texts.

use super::cells::{guard, written_day};
use super::table;
use crate::api::{PriceList, PricePeriod, Product, ProductColumn, Store};
use crate::barcode;

/// Which of the two languages: picks from the Portuguese and the English words.
type Pick = fn([&'static str; 2]) -> &'static str;

/// The products, each with its price lists below it. Lists of stores that are not named are left out.
pub fn write(products: &[Product], stores: &[Store], pick: Pick) -> Vec<u8> {
    let mut lines = vec![ProductColumn::ALL.map(|column| pick(column.words()).to_owned())];
    for product in products {
        lines.push(of_product(product, pick));
        for list in &product.price_lists {
            let store = match list.store_id {
                None => Some(""),
                Some(id) => stores.iter().find(|store| store.id == id).map(|store| store.name.as_str()),
            };
            lines.extend(store.into_iter().flat_map(|store| of_list(product, list, store)));
        }
    }
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend(lines.iter().flat_map(|cells| table::line(cells).into_bytes()));
    bytes
}

fn of_product(product: &Product, pick: Pick) -> [String; 9] {
    [
        code(product),
        guard(&product.name),
        product.unit.symbol().to_owned(),
        ungrouped(&product.price_cents.plain()),
        ungrouped(&product.minimum_thousandths.to_string()),
        answer(product.active, pick).to_owned(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

fn of_list<'p>(
    product: &'p Product,
    list: &'p PriceList,
    store: &'p str,
) -> impl Iterator<Item = [String; 9]> + 'p {
    let line = move |period: &PricePeriod| {
        [
            code(product),
            guard(&product.name),
            String::new(),
            ungrouped(&period.price_cents.plain()),
            String::new(),
            String::new(),
            guard(store),
            written_day(period.first_day),
            period.last_day.map(written_day).unwrap_or_default(),
        ]
    };
    list.periods.iter().map(line)
}

/// As it stands on the packet. Of digits alone a spreadsheet would make a number.
fn code(product: &Product) -> String {
    let code = product.code.as_deref().map(barcode::printed).unwrap_or_default();
    let number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    if number { format!("=\"{code}\"") } else { guard(code) }
}

/// Whether a product is active, as it is written.
pub fn answer(active: bool, pick: Pick) -> &'static str {
    pick(if active { ["sim", "yes"] } else { ["não", "no"] })
}

/// A number without dots between the thousands, which some spreadsheets do not read.
fn ungrouped(number: &str) -> String {
    number.replace('.', "")
}
