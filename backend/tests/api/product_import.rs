//! Sheets of products: what comes of each row, and that a sheet that is taken in again changes nothing.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::json;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{
    ImportFaultCode as Code, ImportOutcome as Outcome, Page, Product, ProductColumn as Column, ProductImport,
};

use crate::common::caller::send;
use crate::common::goods::{all, new_product};
use crate::common::{Answer, Caller};
use crate::shop::Shop;

const PATH: &str = "/api/v1/products/import";

async fn sent(caller: &Caller, query: &str, key: CommandId, sheet: &[u8]) -> Answer {
    let request = caller.request(Method::POST, &format!("{PATH}?{query}"));
    let request = request.header("idempotency-key", key.to_string()).header("content-type", "text/csv");
    send(request.body(sheet.to_vec())).await
}

async fn taken_in(caller: &Caller, sheet: &str) -> ProductImport {
    sent(caller, "dry_run=false", CommandId::now(), sheet.as_bytes()).await.expect(200)
}

fn outcomes(import: &ProductImport) -> Vec<Outcome> {
    import.rows.iter().map(|row| row.outcome).collect()
}

async fn products(caller: &Caller) -> Vec<Product> {
    all(caller, "/api/v1/products").await
}

#[tokio::test]
async fn a_sheet_is_looked_at_and_then_taken_in() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz branco", 1000).await;
    new_product(&shop.manager, "Feijão", 890).await;
    let sheet = "Código;Descrição;Unid;Preço;Mínimo;Ativo\r\n\
        7891000315507;Arroz branco;kg;12,50;1,5;sim\r\n\
        ;feijao;;8,90;;\r\n\
        P-1;Parafuso;cx;1.234,56;;\r\n\
        ;Prego;;;;\r\n\
        7,89E+12;Cola;;3;;\r\n\
        P-2;ARROZ  BRANCO;;1;;\r\n";
    let tip = shop.server.tip();
    let seen: ProductImport = sent(&shop.manager, "", CommandId::now(), sheet.as_bytes()).await.expect(200);
    assert_eq!((seen.dry_run, seen.total, seen.next), (true, 6, None));
    assert_eq!(shop.server.tip(), tip, "a dry run changes nothing");
    let wanted = [
        Outcome::Changed,
        Outcome::Changed,
        Outcome::New,
        Outcome::Refused,
        Outcome::Refused,
        Outcome::Refused,
    ];
    assert_eq!(outcomes(&seen), wanted, "{seen:?}");
    let told = |row: usize| {
        let changes = seen.rows[row].changes.iter();
        changes.map(|c| (c.column, c.before.as_str(), c.after.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(
        told(0),
        [
            (Column::Code, "", "7891000315507"),
            (Column::Unit, "un", "kg"),
            (Column::Price, "10,00", "12,50"),
            (Column::Minimum, "0", "1,500"),
        ]
    );
    assert_eq!(told(1), [(Column::Name, "Feijão", "feijao")]);
    let fault =
        |row: usize| (seen.rows[row].line, seen.rows[row].faults[0].column, seen.rows[row].faults[0].code);
    assert_eq!(fault(3), (5, Some(Column::Price), Code::Missing));
    assert_eq!(fault(4), (6, Some(Column::Code), Code::Scientific));
    assert_eq!(fault(5), (7, Some(Column::Name), Code::NameTaken));
    assert_eq!(seen.rows[5].faults[0].detail, "este nome já é do produto 7891000315507");

    let done = taken_in(&shop.manager, sheet).await;
    assert_eq!(done.rows, seen.rows, "what the dry run said");
    assert_eq!(shop.server.tip(), tip + 3);
    let now: Product = shop.manager.get(&format!("/api/v1/products/{}", rice.id)).await.expect(200);
    assert_eq!((now.code.as_deref(), now.price_cents.0), (Some("07891000315507"), 1250));
    let found: Page<Product> = shop.manager.get("/api/v1/products?q=p-1").await.expect(200);
    assert_eq!((found.items[0].price_cents.0, found.items[0].unit.symbol()), (123_456, "cx"));

    let again = taken_in(&shop.manager, sheet).await;
    let wanted =
        [Outcome::Same, Outcome::Same, Outcome::Same, Outcome::Refused, Outcome::Refused, Outcome::Refused];
    assert_eq!((outcomes(&again).as_slice(), shop.server.tip()), (&wanted[..], tip + 3));
    shop.server.stop().await;
}

#[tokio::test]
async fn an_import_that_is_sent_again_is_found_done() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let (sheet, key) = ("nome;preço\nArroz;12,00\nSal;3,00\n", CommandId::now());
    let first: ProductImport = sent(&shop.manager, "dry_run=false", key, sheet.as_bytes()).await.expect(200);
    // The answer was lost, and meanwhile somebody set another price.
    let path = format!("/api/v1/products/{}", rice.id);
    shop.manager.patch(&path, &json!({ "price_cents": 1500 })).await.expect::<Product>(200);
    let tip = shop.server.tip();
    let again: ProductImport = sent(&shop.manager, "dry_run=false", key, sheet.as_bytes()).await.expect(200);
    assert_eq!((outcomes(&again), shop.server.tip()), (outcomes(&first), tip));
    let now: Product = shop.manager.get(&path).await.expect(200);
    assert_eq!(now.price_cents.0, 1500);
    // Another import means it anew.
    taken_in(&shop.manager, sheet).await;
    assert_eq!(shop.manager.get(&path).await.expect::<Product>(200).price_cents.0, 1200);
    shop.server.stop().await;
}

#[tokio::test]
async fn piece_by_piece_it_is_the_same() {
    let shop = Shop::open().await;
    let rows: Vec<String> = (0..7).map(|n| format!("P{n};Produto {n};{n},50;;\n")).collect();
    let rows = rows.concat();
    let sheet = format!("codigo;nome;preco;loja;de\n{rows}P6;;9,00;;2026-12-24\n");
    let (key, mut after, mut pieces) = (CommandId::now(), 0, Vec::new());
    loop {
        let query = format!("dry_run=false&after={after}&limit=3");
        let piece: ProductImport = sent(&shop.manager, &query, key, sheet.as_bytes()).await.expect(200);
        assert_eq!(piece.total, 8);
        pieces.push(piece.rows.len());
        match piece.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(pieces, [3, 3, 2]);
    let last: ProductImport = sent(&shop.manager, "after=7&limit=5", key, sheet.as_bytes()).await.expect(200);
    assert_eq!(outcomes(&last), [Outcome::Same]);
    assert_eq!(products(&shop.manager).await.len(), 7);
    for bad in ["after=-1", "after=20001", "limit=0", "limit=20001", "dry_run=maybe", "limit=x"] {
        sent(&shop.manager, bad, key, sheet.as_bytes()).await.problem(400, "malformed_request");
    }
    shop.server.stop().await;
}

/// The whole file goes once. What repeats an earlier row is told with that row's line, wherever pieces end.
#[tokio::test]
async fn a_sheet_that_is_kept_is_not_sent_again() {
    let shop = Shop::open().await;
    let mut rows: Vec<String> = (0..40).map(|n| format!("P{n};Produto {n};{n},50\n")).collect();
    rows.extend(
        ["P3;Produto 3;9,00\n", ";Sal;3,00\n", "P99;Sal;4,00\n", "P99;Sal fino;4,00\n"].map(str::to_owned),
    );
    rows.push("P5;Produto 5;9,00\n".to_owned());
    let sheet = format!("codigo;nome;preco\n{}", rows.concat());
    let key = CommandId::now();
    let looked: ProductImport = sent(&shop.manager, "", key, sheet.as_bytes()).await.expect(200);
    let name = looked.sheet.clone().expect("the sheet is kept");
    let (mut after, mut done) = (0, Vec::new());
    loop {
        let query = format!("dry_run=false&after={after}&limit=7&sheet={name}");
        let piece: ProductImport = sent(&shop.manager, &query, key, b"").await.expect(200);
        done.extend(piece.rows);
        match piece.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(done, looked.rows, "what the dry run said");
    let faults =
        done.iter().flat_map(|row| row.faults.iter().map(|fault| (row.line, fault.code, &fault.about)));
    let faults: Vec<_> = faults.map(|(line, code, about)| (line, code, about.as_str())).collect();
    assert_eq!(
        faults,
        [
            (42, Code::Repeated, "5"),
            (44, Code::Repeated, "43"),
            (45, Code::Repeated, "44"),
            (46, Code::Repeated, "7"),
        ]
    );
    assert_eq!(products(&shop.manager).await.len(), 41);

    // The last piece was the end of it; a piece whose answer was lost goes with the file, and changes nothing.
    let tip = shop.server.tip();
    let query = format!("dry_run=false&after=42&limit=7&sheet={name}");
    sent(&shop.manager, &query, key, b"").await.problem(404, "unknown_sheet");
    let again: ProductImport = sent(&shop.manager, &query, key, sheet.as_bytes()).await.expect(200);
    assert_eq!((again.rows.as_slice(), shop.server.tip()), (&done[42..], tip));

    // Nobody else can name it.
    let looked: ProductImport = sent(&shop.manager, "", key, sheet.as_bytes()).await.expect(200);
    let query = format!("sheet={}", looked.sheet.expect("the sheet is kept"));
    sent(&shop.admin, &query, key, b"").await.problem(404, "unknown_sheet");
    sent(&shop.manager, "sheet=%00", key, b"").await.problem(404, "unknown_sheet");
    sent(&shop.manager, &query, key, b"").await.expect::<ProductImport>(200);
    shop.server.stop().await;
}

#[tokio::test]
async fn prices_of_stores_and_days() {
    let shop = Shop::open().await;
    let sheet = "codigo;nome;preco;loja;de;ate\n\
        P1;Panetone;20,00;;;\n\
        P1;;15,00;;01/12/2026;24/12/2026\n\
        P1;;14,00;loja a;01/12/2026;\n\
        P1;;13,00;Loja A;05/01/2027;\n\
        P1;;13,00;Loja B;05/01/2027;\n\
        P9;;13,00;;05/01/2027;\n";
    let done = taken_in(&shop.manager, sheet).await;
    let changed = Outcome::Changed;
    assert_eq!(
        outcomes(&done),
        [Outcome::New, changed, changed, changed, Outcome::Refused, Outcome::Refused],
        "{done:?}"
    );
    assert_eq!(done.rows[4].faults[0].code, Code::UnknownStore, "no store of this manager's");
    assert_eq!(done.rows[5].faults[0].code, Code::UnknownProduct);
    let product = products(&shop.manager).await.remove(0);
    let lists: Vec<_> = product.price_lists.iter().map(|list| (list.store_id, list.periods.len())).collect();
    assert_eq!(lists, [(None, 1), (Some(shop.a), 2)]);
    let price = |day: &str| product.price_on(shop.a, day.parse().unwrap()).0;
    assert_eq!(["2026-11-30", "2026-12-02", "2027-01-05"].map(price), [2000, 1400, 1300]);

    let other = "codigo;preco;loja;de;ate\nP1;14,50;Loja A;2026-12-01;2026-12-31\n";
    let done = taken_in(&shop.manager, other).await;
    let changes: Vec<_> =
        done.rows[0].changes.iter().map(|c| (c.column, c.before.as_str(), c.after.as_str())).collect();
    assert_eq!(changes, [(Column::Price, "14,00", "14,50"), (Column::Until, "", "31/12/2026")]);
    assert_eq!(products(&shop.manager).await[0].price_lists[1].periods.len(), 2, "the other day stays");
    shop.server.stop().await;
}

#[tokio::test]
async fn files_and_callers_that_are_refused() {
    let shop = Shop::open().await;
    let digest = shop.server.digest();
    let key = CommandId::now();
    for (bytes, words) in [
        (&b""[..], "vazio"),
        (b"PK\x03\x04", "Excel"),
        (b"preco;unidade\n1;kg\n", "primeira linha"),
        (b"codigo;ean\n1;2\n", "duas colunas"),
    ] {
        let problem = sent(&shop.manager, "dry_run=false", key, bytes).await.problem(400, "bad_sheet");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    let sheet = b"nome;preco\nArroz;1\n";
    sent(&shop.seller, "dry_run=false", key, sheet).await.problem(403, "role_not_allowed");
    sent(&shop.nobody, "dry_run=false", key, sheet).await.problem(401, "not_signed_in");
    shop.seller.get("/api/v1/products/sheet").await.problem(403, "role_not_allowed");
    let huge = vec![b'x'; 5 * 1024 * 1024];
    sent(&shop.manager, "dry_run=false", key, &huge).await.problem(413, "body_too_large");
    assert_eq!(shop.server.digest(), digest);
    shop.server.stop().await;
}

/// Rows that shops may write, good and bad.
fn sheets() -> impl Strategy<Value = String> {
    let row = (0_usize..6, 0_usize..6, 0_i64..500, 0_usize..4).prop_map(|(code, name, price, list)| {
        let code = ["", "P1", "p2", "7891000315507", "P3", "P4"][code];
        let name = ["", "Arroz", "=Feijão", "'Sal; grosso", "Café \"bom\"", "-"][name];
        let list = [";", ";", ";24/12/2026", "Loja A;2026-12-25"][list];
        format!("{code};\"'{}\";{},{:02};{list}\n", name.replace('"', "\"\""), price / 100, price % 100)
    });
    prop::collection::vec(row, 0..12).prop_map(|rows| format!("codigo;nome;preco;loja;de\n{}", rows.concat()))
}

/// Whatever was taken in: the same sheet again changes nothing, and neither does the shop's own sheet.
#[tokio::test]
async fn what_was_taken_in_or_handed_out_changes_nothing() {
    let shop = Shop::open().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..24 {
        let sheet = sheets().new_tree(&mut runner).unwrap().current();
        let first = taken_in(&shop.manager, &sheet).await;
        let (tip, before) = (shop.server.tip(), products(&shop.manager).await);
        let again = taken_in(&shop.manager, &sheet).await;
        let own = shop.manager.get("/api/v1/products/sheet").await;
        let own = sent(&shop.manager, "dry_run=false", CommandId::now(), &own.bytes).await;
        let own: ProductImport = own.expect(200);
        assert!(own.rows.iter().all(|row| row.outcome == Outcome::Same), "{own:?}");
        let rows = first.rows.iter().zip(&again.rows);
        for (first, again) in rows.clone().filter(|(first, _)| first.outcome != Outcome::Refused) {
            assert_eq!(again.outcome, Outcome::Same, "{first:?} {again:?} {sheet}");
        }
        // A name that was taken may be free once another row has given that product another one.
        if rows
            .clone()
            .all(|(first, again)| (first.outcome == Outcome::Refused) == (again.outcome == Outcome::Refused))
        {
            assert_eq!((shop.server.tip(), products(&shop.manager).await), (tip, before), "{sheet}");
        }
    }
    assert!(products(&shop.manager).await.len() > 4);
    shop.server.stop().await;
}
