//! Whole receipts, compared with the files in `tests/golden`.

use serde_json::{Value, json};
use tillwatch_desk::printer::CodePage;
use tillwatch_desk::{Lang, format};
use tillwatch_register::receipt::Document;
use tillwatch_register::receipt::escpos::{self, Paper};
use tillwatch_register::receipt::sale::{Head, receipt};
use tillwatch_shared::api::{Sale, Unit};
use tillwatch_shared::{Cents, ProductId, Quantity};
use uuid::Uuid;

use super::paper::read;

const AT: &str = "2027-01-01T00:05:09Z";
const BY_WEIGHT: ProductId = ProductId(Uuid::from_u128(7));
const BY_PIECE: ProductId = ProductId(Uuid::from_u128(8));

fn line(product: ProductId, name: &str, thousandths: i64, price: i64) -> Value {
    let total = Cents(price).times(Quantity(thousandths)).unwrap();
    json!({
        "product_id": product, "product_name": name, "quantity_thousandths": thousandths,
        "unit_price_cents": price, "total_cents": total,
    })
}

/// As the server tells it.
fn sale() -> Sale {
    let milk = "Leite em pó integral instantâneo vitaminado com ferro, lata econômica de 400 g";
    let lines = [
        line(BY_PIECE, "Arroz agulhinha tipo 1 5 kg", 1000, 2790),
        line(BY_PIECE, milk, 3000, 1890),
        line(BY_WEIGHT, "Queijo minas", 450, 3990),
        line(BY_PIECE, "Parafuso 10mm", 1_200_000, 25),
    ];
    let pay = |method: &str, cents: i64| json!({ "method": method, "amount_cents": cents });
    let sale = json!({
        "id": "01914e9a-7f00-7abc-8def-0123456789ab", "number": 1042, "store_id": Uuid::nil(),
        "store_name": "Loja Centro", "person_id": Uuid::nil(), "person_name": "Maria das Dores",
        "till": "Caixa 2", "lines": lines, "total_cents": 40_256, "change_cents": 4_744,
        "payments": [pay("pix", 15_000), pay("credit", 10_000), pay("debit", 10_000), pay("cash", 10_000)],
        "business_day": "2026-12-31", "sold_at": AT, "received_at": AT,
    });
    serde_json::from_value(sale).unwrap()
}

fn head() -> Head {
    Head {
        store: "MAX ATACADO Praça da Árvore e Região Metropolitana".to_owned(),
        cnpj: Some("11.222.333/0001-81".to_owned()),
        zone: format::zone("America/Sao_Paulo"),
    }
}

const fn unit(product: ProductId) -> Option<Unit> {
    match product {
        BY_WEIGHT => Some(Unit::Kg),
        BY_PIECE => Some(Unit::Un),
        _ => None,
    }
}

fn printed(document: &Document, columns: usize, page: CodePage) -> String {
    read(&escpos::bytes(document, Paper { columns, page, cut: true }))
}

/// What differs from the golden file, to be looked at and written into it.
fn differs(printed: &str, golden: &str) -> Option<String> {
    (printed != golden.replace('\r', "")).then(|| printed.to_owned())
}

#[test]
fn the_whole_paper() {
    let pt = receipt(&sale(), &head(), unit, Lang::Pt);
    let en = receipt(&sale(), &head(), unit, Lang::En);
    let waiting =
        Sale { number: 0, lines: Vec::new(), payments: Vec::new(), change_cents: Cents(0), ..sale() };
    let waiting = receipt(&waiting, &Head { cnpj: None, ..head() }, unit, Lang::Pt);
    assert_eq!(waiting.name, "recibo-00112957891123641020");
    let different: Vec<String> = [
        (&pt, 48, CodePage::Latin850, include_str!("../../golden/receipt-pt-48.txt")),
        (&pt, 32, CodePage::Portuguese860, include_str!("../../golden/receipt-pt-32.txt")),
        (&en, 48, CodePage::Windows1252, include_str!("../../golden/receipt-en-48.txt")),
        (&en, 32, CodePage::Latin858, include_str!("../../golden/receipt-en-32.txt")),
        (&waiting, 32, CodePage::Latin850, include_str!("../../golden/receipt-waiting.txt")),
    ]
    .into_iter()
    .filter_map(|(document, columns, page, golden)| differs(&printed(document, columns, page), golden))
    .collect();
    assert!(different.is_empty(), "{}", different.join("\n=====\n"));
}

#[test]
fn the_same_paper_in_every_code_page() {
    let document = receipt(&sale(), &head(), unit, Lang::Pt);
    let papers = CodePage::ALL.map(|page| printed(&document, 48, page));
    assert!(papers.windows(2).all(|two| two.first() == two.last()), "{papers:#?}");
}

#[test]
fn no_line_is_wider_than_the_paper() {
    for (columns, lang) in [(32, Lang::Pt), (48, Lang::Pt), (32, Lang::En), (48, Lang::En)] {
        let paper = printed(&receipt(&sale(), &head(), unit, lang), columns, CodePage::Latin850);
        for line in paper.lines() {
            let letters = line.chars().count().saturating_sub(2);
            let width = letters * if line.starts_with('#') { 2 } else { 1 };
            assert!(width <= columns, "{width} in {columns}: {line}");
        }
    }
}
