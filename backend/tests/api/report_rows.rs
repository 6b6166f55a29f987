//! Reports by product and by payment method: equal to a recount of the sales and returns, whatever period is asked for.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tillwatch_shared::api::{
    Payment, PaymentMethod, Product, ReportKind, ReportRow, Return, Sale, SalesReport, Store, Unit, net,
};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{Cents, CommandId, Quantity, StoreId, UtcMicros, refund};
use uuid::Uuid;

use crate::common::Caller;
use crate::common::dice::Dice;
use crate::common::goods::{all, new_product, sale};
use crate::reports::unpacked;
use crate::shop::Shop;

/// Sales, quantity and money; returns, quantity and money.
type Six = [i64; 6];

fn figures(row: &ReportRow) -> Six {
    let (sold, back) =
        row.goods.map_or((0, 0), |goods| (goods.quantity_thousandths.0, goods.returned_thousandths.0));
    [row.sales, sold, row.total_cents.0, row.returns, back, row.returned_cents.0]
}

fn add<K: Ord>(found: &mut BTreeMap<K, Six>, key: K, more: Six) {
    let sums = found.entry(key).or_default();
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// What the sales and returns themselves say of each product.
fn products(sales: &[&Sale], returns: &[&Return]) -> BTreeMap<Option<Uuid>, Six> {
    let mut found = BTreeMap::new();
    for sale in sales {
        let mut once = BTreeMap::new();
        for line in &sale.lines {
            let money = line.total_cents.0 - line.share_cents.0;
            add(&mut once, line.product_id.0, [0, line.quantity_thousandths.0, money, 0, 0, 0]);
        }
        for (product, [_, quantity, money, ..]) in once {
            add(&mut found, Some(product), [1, quantity, money, 0, 0, 0]);
        }
        if sale.lines.is_empty() {
            add(&mut found, None, [1, 0, sale.total_cents.0, 0, 0, 0]);
        }
    }
    for back in returns {
        let mut once = BTreeMap::new();
        for line in &back.lines {
            add(&mut once, line.product_id.0, [0, 0, 0, 0, line.quantity_thousandths.0, line.total_cents.0]);
        }
        for (product, [.., quantity, money]) in once {
            add(&mut found, Some(product), [0, 0, 0, 1, quantity, money]);
        }
        if back.lines.is_empty() {
            add(&mut found, None, [0, 0, 0, 1, 0, back.total_cents.0]);
        }
    }
    found
}

/// The place of a method in the list of all; beyond it what tells none.
fn place(method: Option<PaymentMethod>) -> usize {
    let all = PaymentMethod::ALL;
    method.and_then(|told| all.iter().position(|one| *one == told)).unwrap_or(all.len())
}

fn by_method(payments: &[Payment], total: Cents, change: Cents) -> BTreeMap<usize, i64> {
    let mut found = BTreeMap::new();
    for payment in payments {
        *found.entry(place(Some(payment.method))).or_default() += payment.amount_cents.0;
    }
    if change > Cents::ZERO {
        *found.entry(place(Some(PaymentMethod::Cash))).or_default() -= change.0;
    }
    if payments.is_empty() {
        found.insert(place(None), total.0);
    }
    found
}

fn methods(sales: &[&Sale], returns: &[&Return]) -> BTreeMap<usize, Six> {
    let mut found = BTreeMap::new();
    for sale in sales {
        for (method, money) in by_method(&sale.payments, sale.total_cents, sale.change_cents) {
            add(&mut found, method, [1, 0, money, 0, 0, 0]);
        }
    }
    for back in returns {
        for (method, money) in by_method(&back.refunds, back.total_cents, Cents::ZERO) {
            add(&mut found, method, [0, 0, 0, 1, 0, money]);
        }
    }
    found
}

/// That the rows are these and no others, best first, and that the report's sums count each sale once.
fn compare<K: Ord + std::fmt::Debug>(
    report: &SalesReport,
    expected: &BTreeMap<K, Six>,
    key: impl Fn(&ReportRow) -> K,
    what: &str,
) {
    let rows: BTreeMap<K, Six> = report.rows.iter().map(|row| (key(row), figures(row))).collect();
    assert_eq!(&rows, expected, "{what}");
    assert_eq!(rows.len(), report.rows.len(), "{what}: no row twice");
    let worth = |row: &ReportRow| net(row.total_cents, row.returned_cents);
    assert!(report.rows.is_sorted_by(|a, b| worth(a) >= worth(b)), "{what}: best first");
    let sums = |of: fn(&ReportRow) -> Cents| report.rows.iter().map(of).sum::<Cents>();
    assert_eq!(sums(|row| row.total_cents), report.total_cents, "{what}");
    assert_eq!(sums(|row| row.returned_cents), report.returned_cents, "{what}");
    assert!(report.rows.iter().all(|row| !row.name.is_empty()), "{what}: every row has words");
}

/// How a customer pays: in one or two ways, and with more cash than is due.
fn payments(total: i64, dice: &mut Dice) -> Value {
    let words = ["cash", "pix", "credit", "debit"];
    if total == 0 {
        return json!([]);
    }
    let first = if total > 1 { dice.between(1, total) } else { 1 };
    let mut paid = vec![json!({ "method": dice.pick(&words), "amount_cents": first })];
    if total > first {
        paid.push(json!({ "method": dice.pick(&words), "amount_cents": total - first }));
    }
    if dice.between(0, 2) == 0 {
        paid.push(json!({ "method": "cash", "amount_cents": dice.between(1, 900) }));
        // The change is what was paid too much, and comes out of all the cash.
    }
    json!(paid)
}

async fn random_sales(shop: &Shop, products: &[Product], dice: &mut Dice) {
    for round in 0..160 {
        let store = *dice.pick(&[shop.a, shop.b]);
        let day = date(2025, 10, 1).checked_add(dice.between(0, 200).days()).unwrap();
        let midnight = UtcMicros::from(day.to_zoned(TimeZone::UTC).unwrap().timestamp());
        let at = midnight.plus(dice.between(0, 1440) * MINUTE);
        let mut body = if dice.between(0, 3) == 0 {
            json!({ "store_id": store, "total_cents": dice.between(1, 9_000) })
        } else {
            // The same product may stand in two lines.
            let lines: Vec<_> = (0..dice.between(1, 5))
                .map(|_| (dice.pick(products).id, dice.between(1, 9) * 250, dice.between(1, 3_000)))
                .collect();
            sale(store, &lines)
        };
        let total = body["total_cents"].as_i64().unwrap();
        if body["lines"].is_array() && dice.between(0, 2) == 0 {
            let discount = dice.between(0, total / 2 + 1);
            body["discount_cents"] = json!(discount);
            body["total_cents"] = json!(total - discount);
        }
        if body["lines"].is_array() || round % 2 == 0 {
            body["payments"] = payments(body["total_cents"].as_i64().unwrap(), dice);
        }
        body["sold_at"] = json!(at);
        shop.admin.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    }
}

/// Some sales come back later, whole or in part, and the money goes back in another way than it came.
async fn random_returns(shop: &Shop, dice: &mut Dice) {
    for sale in all::<Sale>(&shop.admin, "/api/v1/sales").await {
        if dice.between(0, 2) > 0 {
            continue;
        }
        let line = dice.between(0, 5);
        let picked = usize::try_from(line).ok().and_then(|at| sale.lines.get(at));
        let (lines, total) = match picked {
            Some(line_sold) => {
                let part = Quantity((line_sold.quantity_thousandths.0 / 2).max(1));
                let paid = Cents(line_sold.total_cents.0 - line_sold.share_cents.0);
                let money = refund::part(paid, line_sold.quantity_thousandths, Quantity::ZERO, part).unwrap();
                (json!([{ "position": line, "quantity_thousandths": part, "restock": true }]), money)
            }
            None => (json!([]), sale.total_cents),
        };
        let refunds = if total == Cents::ZERO || sale.payments.is_empty() {
            json!([])
        } else {
            json!([{ "method": dice.pick(&["cash", "pix", "credit"]), "amount_cents": total }])
        };
        let body = json!({
            "lines": lines, "reason": "devolvida", "total_cents": total, "refunds": refunds,
            "returned_at": sale.sold_at.plus(dice.between(0, 40 * 24 * 60) * MINUTE),
        });
        shop.admin.post(&format!("/api/v1/sales/{}/returns", sale.id), &body).await.expect::<Return>(201);
    }
}

async fn report(
    caller: &Caller,
    path: &str,
    (from, to): (Date, Date),
    store: Option<StoreId>,
) -> SalesReport {
    let store = store.map(|id| format!("&store_id={id}")).unwrap_or_default();
    caller.get(&format!("/api/v1/reports/{path}?from={from}&to={to}{store}")).await.expect(200)
}

#[tokio::test]
async fn products_and_methods_are_a_recount_of_sales_and_returns() {
    let shop = Shop::open().await;
    let mut goods = Vec::new();
    for name in ["Arroz", "Feijão", "Queijo", "Leite", "Sal"] {
        goods.push(new_product(&shop.admin, name, 1000).await);
    }
    let mut dice = Dice::new(19);
    random_sales(&shop, &goods, &mut dice).await;
    random_returns(&shop, &mut dice).await;
    let sales: Vec<Sale> = all(&shop.admin, "/api/v1/sales").await;
    let returns: Vec<Return> = all(&shop.admin, "/api/v1/returns").await;
    assert!(returns.len() > 30 && sales.iter().any(|sale| sale.change_cents > Cents::ZERO));
    for round in 0..30 {
        let from = date(2025, 9, 20).checked_add(dice.between(0, 120).days()).unwrap();
        let from = if round % 4 == 0 { from.first_of_month() } else { from };
        let to = from.checked_add(dice.between(0, 140).days()).unwrap();
        let to = if round % 3 == 0 { to.last_of_month() } else { to };
        let store = *dice.pick(&[None, Some(shop.a), Some(shop.b)]);
        let what = format!("round {round}, {from} to {to} {store:?}");
        let here = |id: StoreId, day: &str| {
            store.is_none_or(|only| only == id) && (from..=to).contains(&day.parse::<Date>().unwrap())
        };
        let sold: Vec<&Sale> = sales.iter().filter(|sale| here(sale.store_id, &sale.business_day)).collect();
        let back: Vec<&Return> =
            returns.iter().filter(|back| here(back.store_id, &back.business_day)).collect();
        let of_products = report(&shop.admin, "best-products", (from, to), store).await;
        assert_eq!(of_products.kind, ReportKind::BestProducts);
        compare(&of_products, &products(&sold, &back), |row| row.id, &what);
        assert_eq!(
            (of_products.sales, of_products.returns),
            (sold.len() as i64, back.len() as i64),
            "{what}"
        );
        let of_methods = report(&shop.admin, "payment-methods", (from, to), store).await;
        compare(&of_methods, &methods(&sold, &back), |row| place(row.method), &what);
        assert_eq!(of_methods.series, of_products.series, "{what}");
        assert!(of_methods.rows.iter().all(|row| row.id.is_none() && row.goods.is_none()));
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn goods_and_methods_as_files() {
    let shop = Shop::open().await;
    let body = json!({ "name": "Queijo", "price_cents": 3990, "unit": "kg" });
    let cheese: Product = shop.manager.command("/api/v1/products", CommandId::now(), &body).await.expect(201);
    assert_eq!(cheese.unit, Unit::Kg);
    let at = "2026-06-15T12:00:00Z";
    let mut body = sale(shop.a, &[(cheese.id, 450, 3990)]);
    body["payments"] = json!([{ "method": "cash", "amount_cents": 2000 }]);
    body["sold_at"] = json!(at);
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let told = json!({ "store_id": shop.a, "total_cents": 500, "sold_at": at });
    shop.seller.post("/api/v1/sales", &told).await.expect::<Sale>(201);
    // Nothing of another store comes out.
    let other = json!({ "store_id": shop.b, "total_cents": 7_777_777, "sold_at": at });
    shop.stranger.post("/api/v1/sales", &other).await.expect::<Sale>(201);

    let period = "from=2026-06-15&to=2026-06-15";
    let path = format!("/api/v1/reports/best-products?{period}");
    let answer = shop.manager.get(&format!("{path}&format=csv")).await;
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"tillwatch-best-products-2026-06-15-2026-06-15.csv\"")
    );
    assert_eq!(
        answer.text(),
        "\u{feff}Posição;Produto;Unidade;Quantidade;Quantidade devolvida;Vendas;Total (R$);Ticket médio (R$);\
         Devolvido (R$);Líquido (R$)\r\n\
         1;Queijo;kg;0,450;0,000;1;17,96;17,96;0,00;17,96\r\n\
         2;Sem produto;;;;1;5,00;5,00;0,00;5,00\r\n\
         ;Total;;;;2;22,96;11,48;0,00;22,96\r\n"
    );
    let english =
        shop.manager.request(reqwest::Method::GET, &format!("/api/v1/reports/payment-methods?{period}"));
    let english =
        crate::common::caller::send(english.header("accept", "text/csv").header("accept-language", "en"))
            .await;
    assert_eq!(
        english.text(),
        "\u{feff}Place;Payment method;Sales;Total (R$);Average sale (R$);Returned (R$);Net (R$)\r\n\
         1;Cash;1;17.96;17.96;0.00;17.96\r\n\
         2;Method not told;1;5.00;5.00;0.00;5.00\r\n\
         ;Total;2;22.96;11.48;0.00;22.96\r\n"
    );
    let book = shop.manager.get(&format!("{path}&format=xlsx")).await;
    let sheet = unpacked(&book.bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>0.45</v>") && sheet.contains("<v>17.96</v>"), "{sheet}");
    assert!(!sheet.contains("7777"), "{sheet}");
    let part: SalesReport = shop.manager.get(&path).await.expect(200);
    assert!(part.partial);

    for path in ["best-products", "payment-methods"] {
        let of = |more: String| format!("/api/v1/reports/{path}?{period}{more}");
        shop.seller.get(&of(String::new())).await.problem(403, "role_not_allowed");
        shop.nobody.get(&of(String::new())).await.problem(401, "not_signed_in");
        shop.manager.get(&of(format!("&store_id={}", shop.b))).await.problem(403, "store_not_allowed");
    }
    shop.server.stop().await;
}

/// A row's name and total, and what it is compared with.
type Against = (String, i64, Option<(i64, i64)>);

/// The same weekday before up to the same hour of the store's day, by store and by seller.
#[tokio::test]
async fn rows_stand_against_a_week_before() {
    let shop = Shop::open().await;
    let west = json!({ "zone": "America/Manaus" });
    shop.admin.patch(&format!("/api/v1/stores/{}", shop.b), &west).await.expect::<Store>(200);
    let told = async |caller: &Caller, store: StoreId, cents: i64, at: &str| {
        let body = json!({ "store_id": store, "total_cents": cents, "sold_at": at });
        caller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    };
    // 13:59 and 14:00 in São Paulo; the second is not before 14.
    told(&shop.seller, shop.a, 108, "2026-06-14T16:59:59Z").await;
    told(&shop.seller, shop.a, 5_000, "2026-06-14T17:00:00Z").await;
    told(&shop.seller, shop.a, 100, "2026-06-07T16:59:59Z").await;
    told(&shop.seller, shop.a, 7_000, "2026-06-07T17:00:00Z").await;
    // In Manaus that is an hour earlier, so it counts; and of another day nothing does.
    told(&shop.stranger, shop.b, 40, "2026-06-07T17:00:00Z").await;
    told(&shop.stranger, shop.b, 9_000, "2026-06-08T15:00:00Z").await;
    let day = date(2026, 6, 14);
    let ask = async |caller: &Caller, path: &str, more: &str| -> SalesReport {
        caller.get(&format!("/api/v1/reports/{path}?from={day}&to={day}{more}")).await.expect(200)
    };
    let compared = |report: &SalesReport| -> Vec<Against> {
        let of = |row: &ReportRow| row.compared.map(|both| (both.now_cents.0, both.before_cents.0));
        report.rows.iter().map(|row| (row.name.clone(), row.total_cents.0, of(row))).collect()
    };
    let row = |name: &str, total, both| (name.to_owned(), total, both);
    let stores = ask(&shop.admin, "best-stores", "&compare_until_hour=14").await;
    assert_eq!(compared(&stores), [row("Loja A", 5_108, Some((108, 100))), row("Loja B", 0, Some((0, 40)))]);
    assert_eq!(stores.rows[0].compared.unwrap().per_cent(), Some(8));
    // Who sold only then stands at the end.
    let sellers = ask(&shop.admin, "best-sellers", "&compare_until_hour=14").await;
    assert_eq!(
        compared(&sellers),
        [row("vendedora", 5_108, Some((108, 100))), row("vizinho", 0, Some((0, 40)))]
    );
    assert_eq!((sellers.sales, sellers.total_cents), (2, Cents(5_108)), "the sums are of the period");
    let whole = ask(&shop.admin, "best-stores", "&compare_until_hour=24").await;
    assert_eq!(compared(&whole)[0], row("Loja A", 5_108, Some((5_108, 7_100))));
    let nothing = ask(&shop.admin, "best-stores", "&compare_until_hour=0").await;
    assert_eq!(compared(&nothing)[0], row("Loja A", 5_108, Some((0, 0))));
    // Who does not ask is told nothing, and a manager nothing of another store.
    assert_eq!(compared(&ask(&shop.admin, "best-stores", "").await)[0].2, None);
    let own = ask(&shop.manager, "best-sellers", "&compare_until_hour=14").await;
    assert_eq!(compared(&own), [row("vendedora", 5_108, Some((108, 100)))]);
    for bad in ["-1", "25"] {
        let path = format!("/api/v1/reports/best-sellers?from={day}&to={day}&compare_until_hour={bad}");
        assert_eq!(shop.admin.get(&path).await.problem(400, "invalid_value")["field"], "compare_until_hour");
    }
    shop.server.stop().await;
}
