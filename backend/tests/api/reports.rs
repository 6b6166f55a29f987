//! Reports: equal to a recount of the sales, whoever asks and for whatever period; and as files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::json;
use tillwatch_shared::api::{Person, ReportRow, ReportStep, Return, Sale, SalesReport, Store, net};
use tillwatch_shared::{Cents, StoreId, UtcMicros};
use uuid::Uuid;

use crate::common::goods::{all, new_product, sale};
use crate::common::{Caller, dice::Dice};
use crate::shop::{PASSWORD, Shop, add};

async fn report(caller: &Caller, path: &str, from: Date, to: Date, more: &str) -> SalesReport {
    caller.get(&format!("/api/v1/reports/{path}?from={from}&to={to}{more}")).await.expect(200)
}

/// A sale by amount at this moment.
async fn told(caller: &Caller, store: StoreId, cents: i64, at: &str) -> Sale {
    let body = json!({ "store_id": store, "total_cents": cents, "sold_at": at });
    caller.post("/api/v1/sales", &body).await.expect(201)
}

fn net_of(row: &ReportRow) -> Cents {
    net(row.total_cents, row.returned_cents)
}

/// Rows as (id, sales, centavos), in their order.
fn rows(report: &SalesReport) -> Vec<(Uuid, i64, i64)> {
    report.rows.iter().map(|row| (row.id.unwrap(), row.sales, row.total_cents.0)).collect()
}

/// What the sales themselves say: by key, best first.
fn recount(sales: &[&Sale], key: impl Fn(&Sale) -> Uuid) -> BTreeMap<Uuid, (i64, i64)> {
    let mut by_key: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for sale in sales {
        let (count, cents) = by_key.entry(key(sale)).or_default();
        *count += 1;
        *cents += sale.total_cents.0;
    }
    by_key
}

/// That a report says what came back, in its sums, its rows and its series.
fn compare_returned(report: &SalesReport, back: &[&Return], key: impl Fn(&Return) -> Uuid, what: &str) {
    let sum =
        |found: &[&Return]| (found.len() as i64, found.iter().map(|back| back.total_cents.0).sum::<i64>());
    assert_eq!((report.returns, report.returned_cents.0), sum(back), "{what}");
    for row in &report.rows {
        let found: Vec<_> = back.iter().copied().filter(|back| Some(key(back)) == row.id).collect();
        assert_eq!((row.returns, row.returned_cents.0), sum(&found), "{what}: {}", row.name);
    }
    for point in &report.series {
        let within = |back: &&Return| {
            let day: Date = back.business_day.parse().unwrap();
            let zone = TimeZone::get(ZONES[usize::from(back.store_name == "Loja B")]).unwrap();
            let hour = back.returned_at.timestamp().to_zoned(zone).hour();
            let weekday = day.weekday().to_monday_one_offset();
            (point.from..=point.to).contains(&day)
                && point.hour.is_none_or(|own| own == hour)
                && point.weekday.is_none_or(|own| own == weekday)
        };
        let found: Vec<_> = back.iter().copied().filter(within).collect();
        assert_eq!((point.returns, point.returned_cents.0), sum(&found), "{what}: {point:?}");
    }
}

/// Some sales come back, whole or in part, at random moments of later days.
async fn random_returns(shop: &Shop, dice: &mut Dice) {
    for sale in all::<Sale>(&shop.admin, "/api/v1/sales").await {
        if dice.between(0, 3) > 0 {
            continue;
        }
        let lines = match sale.lines.first() {
            None => json!([]),
            Some(line) => json!([{
                "position": 0, "quantity_thousandths": line.quantity_thousandths, "restock": true
            }]),
        };
        let later = dice.between(0, 60 * 24 * 60) * tillwatch_shared::time::MINUTE;
        let body = json!({
            "lines": lines, "reason": "devolvida", "total_cents": sale.total_cents,
            "refunds": [{ "method": "cash", "amount_cents": sale.total_cents }],
            "returned_at": sale.sold_at.plus(later),
        });
        let path = format!("/api/v1/sales/{}/returns", sale.id);
        shop.admin.post(&path, &body).await.expect::<Return>(201);
    }
}

/// That a report says what the sales say, in its sums, its rows and its series.
fn compare(report: &SalesReport, sales: &[&Sale], key: impl Fn(&Sale) -> Uuid, what: &str) {
    let cents: i64 = sales.iter().map(|sale| sale.total_cents.0).sum();
    assert_eq!((report.sales, report.total_cents.0), (sales.len() as i64, cents), "{what}");
    let expected = recount(sales, key);
    for row in &report.rows {
        let (count, cents) = expected.get(&row.id.unwrap()).copied().unwrap_or_default();
        assert_eq!((row.sales, row.total_cents.0), (count, cents), "{what}: {}", row.name);
    }
    assert!(
        expected.keys().all(|id| report.rows.iter().any(|row| row.id == Some(*id))),
        "{what}: a row is missing"
    );
    assert!(report.rows.is_sorted_by(|a, b| net_of(a) >= net_of(b)), "{what}: best first");
    if matches!(report.step, ReportStep::Hour | ReportStep::Weekday) {
        return compare_laid_over(report, sales, what);
    }
    let mut next = report.from;
    for point in &report.series {
        assert_eq!(point.from, next, "{what}: no gap");
        let within = |sale: &&&Sale| {
            let day: Date = sale.business_day.parse().unwrap();
            point.from <= day && day <= point.to
        };
        let found: Vec<_> = sales.iter().filter(within).collect();
        let cents: i64 = found.iter().map(|sale| sale.total_cents.0).sum();
        assert_eq!((point.sales, point.total_cents.0), (found.len() as i64, cents), "{what}: {point:?}");
        next = point.to.tomorrow().unwrap();
    }
    assert_eq!(next, report.to.tomorrow().unwrap(), "{what}");
}

/// The zones of the shop's stores; the second moves to the west.
const ZONES: [&str; 2] = ["America/Sao_Paulo", "America/Manaus"];

/// That the hours or weekdays of a report are those of the sales.
fn compare_laid_over(report: &SalesReport, sales: &[&Sale], what: &str) {
    let part = |sale: &Sale| {
        let zone = ZONES[usize::from(sale.store_name == "Loja B")];
        let local = sale.sold_at.timestamp().to_zoned(TimeZone::get(zone).unwrap());
        if report.step == ReportStep::Hour { local.hour() } else { local.weekday().to_monday_one_offset() }
    };
    let parts: Vec<i8> = report.series.iter().filter_map(|point| point.hour.or(point.weekday)).collect();
    let expected: Vec<i8> =
        if report.step == ReportStep::Hour { (0..24).collect() } else { (1..8).collect() };
    assert_eq!(parts, expected, "{what}");
    for (point, at) in report.series.iter().zip(parts) {
        let found: Vec<_> = sales.iter().filter(|sale| part(sale) == at).collect();
        let cents: i64 = found.iter().map(|sale| sale.total_cents.0).sum();
        assert_eq!((point.sales, point.total_cents.0), (found.len() as i64, cents), "{what}: {point:?}");
        assert_eq!((point.from, point.to), (report.from, report.to), "{what}");
    }
}

/// Sales at random moments of three years, many about midnight and the ends of months, in two zones.
async fn random_sales(shop: &Shop, sellers: &[(Caller, Vec<StoreId>)], dice: &mut Dice) {
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    for _ in 0..260 {
        let (caller, stores) = dice.pick(sellers);
        let store = *dice.pick(stores);
        let day = date(2024, 1, 1).checked_add(dice.between(0, 850).days()).unwrap();
        let day = if dice.between(0, 3) == 0 { day.last_of_month() } else { day };
        // About midnight in both zones, and any time.
        let minutes = if dice.between(0, 2) == 0 { dice.between(170, 250) } else { dice.between(0, 1440) };
        let midnight = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let at = UtcMicros::from(midnight).plus(minutes * tillwatch_shared::time::MINUTE);
        let mut body = if dice.between(0, 2) == 0 {
            sale(store, &[(product.id, dice.between(1, 9) * 500, dice.between(1, 3000))])
        } else {
            json!({ "store_id": store, "total_cents": dice.between(1, 100_000) })
        };
        body["sold_at"] = json!(at);
        caller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    }
}

#[tokio::test]
async fn every_report_is_a_recount_of_the_sales() {
    let shop = Shop::open().await;
    let west = json!({ "zone": ZONES[1] });
    shop.admin.patch(&format!("/api/v1/stores/{}", shop.b), &west).await.expect::<Store>(200);
    let chain = shop.chain;
    let both = add(&shop.admin, "dupla", "seller", &[shop.a, shop.b]).await;
    let (caller, _) = shop.nobody.sign_in("dupla", PASSWORD).await;
    let sellers = [
        (shop.seller.clone(), vec![shop.a]),
        (shop.stranger.clone(), vec![shop.b]),
        (caller, vec![shop.a, shop.b]),
    ];
    let mut dice = Dice::new(26);
    random_sales(&shop, &sellers, &mut dice).await;
    let sales: Vec<Sale> = all(&shop.admin, "/api/v1/sales").await;
    assert_eq!(sales.len(), 260);
    random_returns(&shop, &mut dice).await;
    let returns: Vec<Return> = all(&shop.admin, "/api/v1/returns").await;
    assert!(returns.len() > 50, "{} came back", returns.len());
    let seller = |back: &Return| back.seller_id.0;
    let place = |back: &Return| back.store_id.0;
    let person = |sale: &Sale| sale.person_id.0;
    let store = |sale: &Sale| sale.store_id.0;
    for round in 0..40 {
        let from = date(2023, 12, 1).checked_add(dice.between(0, 900).days()).unwrap();
        let from = if round % 4 == 0 { from.first_of_month() } else { from };
        let to = from.checked_add(dice.between(0, 500).days()).unwrap();
        let to = if round % 3 == 0 { to.last_of_month() } else { to };
        let step = dice.pick(&[
            "",
            "&step=day",
            "&step=week",
            "&step=month",
            "&step=weekday",
            "&step=hour",
            "&step=hour",
        ]);
        let what = format!("round {round}, {from} to {to} {step}");
        let within = |sale: &&Sale| {
            let day: Date = sale.business_day.parse().unwrap();
            from <= day && day <= to
        };
        let every: Vec<&Sale> = sales.iter().filter(within).collect();
        let of = |id: StoreId| every.iter().copied().filter(|sale| sale.store_id == id).collect::<Vec<_>>();
        let get = async |path: &str, more: &str| {
            report(&shop.admin, path, from, to, &format!("{step}{more}")).await
        };
        let back: Vec<&Return> = returns
            .iter()
            .filter(|back| (from..=to).contains(&back.business_day.parse::<Date>().unwrap()))
            .collect();
        let ranked = get("best-sellers", "").await;
        compare(&ranked, &every, person, &what);
        compare_returned(&ranked, &back, seller, &what);
        let ranked = get("best-stores", "").await;
        compare(&ranked, &every, store, &what);
        compare_returned(&ranked, &back, place, &what);
        compare(&get(&format!("chains/{chain}"), "").await, &every, store, &what);
        let of_b = get(&format!("stores/{}", shop.b), "").await;
        compare(&of_b, &of(shop.b), person, &what);
        let back_in_b: Vec<&Return> = back.iter().copied().filter(|back| back.store_id == shop.b).collect();
        compare_returned(&of_b, &back_in_b, seller, &what);
        let in_a = format!("&store_id={}", shop.a);
        compare(&get("best-sellers", &in_a).await, &of(shop.a), person, &what);
        let own: Vec<&Sale> = every.iter().copied().filter(|sale| sale.person_id == both.id).collect();
        let of_both = get(&format!("sellers/{}", both.id), "").await;
        compare(&of_both, &own, store, &what);
        let own_back: Vec<&Return> = back.into_iter().filter(|back| back.seller_id == both.id).collect();
        compare_returned(&of_both, &own_back, place, &what);
        // The manager of A sees of them what they sold in A.
        let seen = report(&shop.manager, &format!("sellers/{}", both.id), from, to, step).await;
        let own_in_a: Vec<&Sale> = own.into_iter().filter(|sale| sale.store_id == shop.a).collect();
        compare(&seen, &own_in_a, store, &what);
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn days_are_the_stores_days() {
    let shop = Shop::open().await;
    let west = json!({ "zone": ZONES[1] });
    shop.admin.patch(&format!("/api/v1/stores/{}", shop.b), &west).await.expect::<Store>(200);
    // 03:30 UTC on the 15th is 00:30 in São Paulo, and 23:30 of the 14th in Manaus.
    told(&shop.seller, shop.a, 700, "2026-06-15T03:30:00Z").await;
    told(&shop.stranger, shop.b, 300, "2026-06-15T03:30:00Z").await;
    let (d14, d15) = (date(2026, 6, 14), date(2026, 6, 15));
    let on = async |day| report(&shop.admin, "best-stores", day, day, "").await;
    assert_eq!(rows(&on(d14).await), [(shop.b.0, 1, 300), (shop.a.0, 0, 0)]);
    assert_eq!(rows(&on(d15).await), [(shop.a.0, 1, 700), (shop.b.0, 0, 0)]);
    let two = report(&shop.admin, "best-stores", d14, d15, "").await;
    assert_eq!((two.total_cents, two.series.len(), two.step), (Cents(1000), 2, ReportStep::Day));
    assert_eq!(two.rows[0].chain_name.as_deref().map(str::is_empty), Some(false));
    shop.server.stop().await;
}

#[tokio::test]
async fn who_may_ask_what() {
    let shop = Shop::open().await;
    told(&shop.seller, shop.a, 700, "2026-06-15T12:00:00Z").await;
    told(&shop.stranger, shop.b, 300, "2026-06-15T12:00:00Z").await;
    let day = date(2026, 6, 15);
    let at = |path: String| format!("/api/v1/reports/{path}?from={day}&to={day}");
    let of = |person: &Person| at(format!("sellers/{}", person.id));
    let (chain, best) = (at(format!("chains/{}", shop.chain)), at("best-sellers".into()));
    let (store_a, store_b) = (at(format!("stores/{}", shop.a)), at(format!("stores/{}", shop.b)));

    let own: SalesReport = shop.seller.get(&of(shop.seller_person())).await.expect(200);
    assert_eq!((own.subject.as_deref(), rows(&own)), (Some("vendedora"), vec![(shop.a.0, 1, 700)]));
    for path in [&of(shop.stranger_person()), &best, &at("best-stores".into()), &store_a, &chain] {
        shop.seller.get(path).await.problem(403, "role_not_allowed");
        shop.nobody.get(path).await.problem(401, "not_signed_in");
    }
    let seen: SalesReport = shop.manager.get(&of(shop.seller_person())).await.expect(200);
    assert_eq!(rows(&seen), rows(&own));
    shop.manager.get(&of(shop.stranger_person())).await.problem(404, "unknown_person");
    shop.manager.get(&store_b).await.problem(403, "store_not_allowed");
    shop.manager.get(&format!("{best}&store_id={}", shop.b)).await.problem(403, "store_not_allowed");
    let part: SalesReport = shop.manager.get(&chain).await.expect(200);
    assert!(part.partial, "there are stores of the chain that this manager does not see");
    assert_eq!(rows(&part), [(shop.a.0, 1, 700)]);
    let part: SalesReport = shop.manager.get(&best).await.expect(200);
    assert_eq!((part.partial, part.total_cents), (true, Cents(700)));
    let whole: SalesReport = shop.admin.get(&chain).await.expect(200);
    assert_eq!((whole.partial, whole.total_cents), (false, Cents(1000)));

    // What an admin gives and takes counts with the next question, also for one who has the answer.
    let answer = shop.manager.get(&best).await;
    let tag = answer.header("etag").unwrap().to_owned();
    let again = async || {
        crate::common::caller::send(
            shop.manager.request(reqwest::Method::GET, &best).header("if-none-match", &tag),
        )
        .await
    };
    assert_eq!(again().await.status, 304);
    let path = format!("/api/v1/people/{}", shop.manager_person().id);
    shop.admin.patch(&path, &json!({ "stores": [shop.b] })).await.expect::<Person>(200);
    let moved: SalesReport = again().await.expect(200);
    assert_eq!(moved.total_cents, Cents(300));
    shop.manager.get(&store_a).await.problem(403, "store_not_allowed");
    shop.admin.patch(&path, &json!({ "role": "seller" })).await.expect::<Person>(200);
    shop.manager.get(&best).await.problem(403, "role_not_allowed");
    shop.server.stop().await;
}

/// Whatever a manager of A asks, in whatever form and cut: nothing of B comes out.
#[tokio::test]
async fn no_report_and_no_file_tells_of_another_store() {
    let shop = Shop::open().await;
    let other = json!({ "name": "Outra rede" });
    let other: tillwatch_shared::api::Chain = shop.admin.post("/api/v1/chains", &other).await.expect(201);
    let body = json!({ "chain_id": other.id, "name": "Loja C" });
    let c: Store = shop.admin.post("/api/v1/stores", &body).await.expect(201);
    let both = add(&shop.admin, "dupla", "seller", &[shop.a, shop.b]).await;
    let (pair, _) = shop.nobody.sign_in("dupla", PASSWORD).await;
    told(&shop.seller, shop.a, 700, "2026-06-15T12:00:00Z").await;
    told(&pair, shop.a, 50, "2026-06-15T12:00:00Z").await;
    told(&pair, shop.b, 777_777_777, "2026-06-15T13:00:00Z").await;
    told(&shop.stranger, shop.b, 777_777_777, "2026-06-15T13:00:00Z").await;
    told(&shop.admin, c.id, 777_777_777, "2026-06-15T14:00:00Z").await;
    let (a, b, c, chain) = (shop.a, shop.b, c.id, shop.chain);
    let refused = [
        format!("stores/{b}?"),
        format!("stores/{c}?"),
        format!("chains/{}?", other.id),
        format!("best-sellers?store_id={b}"),
        format!("best-stores?store_id={c}"),
        format!("best-stores?chain_id={}", other.id),
        format!("best-sellers?chain_id={chain}&store_id={b}"),
        format!("sellers/{}?", shop.stranger_person().id),
    ];
    let allowed = [
        format!("stores/{a}?"),
        format!("chains/{chain}?"),
        format!("best-sellers?chain_id={chain}"),
        "best-stores?".to_owned(),
        format!("sellers/{}?", both.id),
    ];
    let period = "&from=2026-06-15&to=2026-06-15";
    for step in ["month", "hour"] {
        for form in ["format=json", "format=csv", "format=csv&part=series", "format=xlsx"] {
            for path in &refused {
                let path = format!("/api/v1/reports/{path}{period}&step={step}&{form}");
                let answer = shop.manager.get(&path).await;
                assert!([403, 404].contains(&answer.status), "{path}: {}", answer.status);
                answer.any_problem();
                shop.seller.get(&path).await.problem(403, "role_not_allowed");
            }
            for path in &allowed {
                let path = format!("/api/v1/reports/{path}{period}&step={step}&{form}");
                let answer = shop.manager.get(&path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
                let told = if form == "format=xlsx" {
                    ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"]
                        .map(|name| unpacked(&answer.bytes, name))
                        .concat()
                } else {
                    answer.text()
                };
                let own = ["7,50", "7.5<", "750", "0,50", "0.5<", ":50"].iter().any(|sum| told.contains(sum));
                assert!(own, "{path} says what was sold in A: {told}");
                for foreign in ["7777777", "Loja B", "Loja C", "vizinho"] {
                    assert!(!told.contains(foreign), "{path} tells {foreign}: {told}");
                }
            }
        }
    }
    // A seller's own total counts everywhere; nobody else's is theirs to see.
    let own = format!("/api/v1/reports/sellers/{}?{}", both.id, &period[1..]);
    assert_eq!(pair.get(&own).await.expect::<SalesReport>(200).total_cents, Cents(777_777_827));
    shop.seller.get(&own).await.problem(403, "role_not_allowed");
    shop.server.stop().await;
}

#[tokio::test]
async fn bad_periods_and_scopes() {
    let shop = Shop::open().await;
    let ask = async |query: &str| shop.admin.get(&format!("/api/v1/reports/best-stores{query}")).await;
    for bad in [
        "",
        "?from=2026-01-01",
        "?to=2026-01-01",
        "?from=2026-02-30&to=2026-03-01",
        "?from=01/02/2026&to=2026-03-01",
        "?from=2026-01-01&to=2026-01-02&step=minute",
        "?from=2026-01-01&to=2026-01-02&format=pdf",
        "?from=2026-01-01&to=2026-01-02&chain_id=x",
    ] {
        ask(bad).await.problem(400, "malformed_request");
    }
    for (bad, field) in [
        ("?from=2026-01-02&to=2026-01-01", "from"),
        ("?from=1969-01-01&to=1970-01-01", "from"),
        ("?from=2010-01-01&to=2026-01-01", "to"),
        ("?from=2199-01-01&to=2201-01-01", "to"),
        ("?from=2026-01-01&to=2026-01-01&limit=0", "limit"),
        ("?from=2026-01-01&to=2026-01-01&limit=1001", "limit"),
    ] {
        assert_eq!(ask(bad).await.problem(400, "invalid_value")["field"], field, "{bad}");
    }
    let day = "?from=2026-01-01&to=2026-01-01";
    ask(&format!("{day}&chain_id={}", shop.a)).await.problem(404, "unknown_chain");
    ask(&format!("{day}&store_id={}", shop.chain)).await.problem(403, "store_not_allowed");
    let short: SalesReport = ask(&format!("{day}&limit=1")).await.expect(200);
    assert_eq!((short.rows.len(), short.rows_left_out), (1, 1));
    shop.server.stop().await;
}

/// The text of one file within a ZIP file.
pub fn unpacked(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn reports_as_files() {
    let shop = Shop::open().await;
    let evil = add(&shop.admin, "=HYPERLINK(\"x\";\"y\")", "seller", &[shop.a]).await;
    let (caller, _) = shop.nobody.sign_in(&evil.username, PASSWORD).await;
    told(&caller, shop.a, 123_456, "2026-06-14T12:00:00Z").await;
    let last = told(&shop.seller, shop.a, 5, "2026-06-15T12:00:00Z").await;
    let void = json!({ "void": true, "reason": "engano", "total_cents": 5 });
    let path = format!("/api/v1/sales/{}/returns", last.id);
    shop.seller.post(&path, &void).await.expect::<Return>(201);
    let path = "/api/v1/reports/best-sellers?from=2026-06-14&to=2026-06-15";

    let answer = shop.manager.get(&format!("{path}&format=csv")).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"tillwatch-best-sellers-2026-06-14-2026-06-15.csv\"")
    );
    assert_eq!(
        answer.text(),
        "\u{feff}Posição;Vendedor;Vendas;Total (R$);Ticket médio (R$);Devolvido (R$);Líquido (R$)\r\n\
         1;\"'=HYPERLINK(\"\"x\"\";\"\"y\"\")\";1;1234,56;1234,56;0,00;1234,56\r\n\
         2;vendedora;1;0,05;0,05;0,05;0,00\r\n\
         ;Total;2;1234,61;617,31;0,05;1234,56\r\n"
    );
    let request = shop.manager.request(reqwest::Method::GET, &format!("{path}&part=series"));
    let english =
        crate::common::caller::send(request.header("accept", "text/csv").header("accept-language", "en"))
            .await;
    assert_eq!(
        english.text(),
        "\u{feff}From;To;Sales;Total (R$);Average sale (R$);Returned (R$);Net (R$)\r\n\
         2026-06-14;2026-06-14;1;1234.56;1234.56;0.00;1234.56\r\n\
         2026-06-15;2026-06-15;1;0.05;0.05;0.05;0.00\r\n\
         2026-06-14;2026-06-15;2;1234.61;617.31;0.05;1234.56\r\n"
    );

    let book = shop.manager.get(&format!("{path}&format=xlsx")).await;
    assert!(book.header("content-disposition").unwrap().ends_with(".xlsx\""));
    let sheet = unpacked(&book.bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>1234.56</v>"), "money is a number: {sheet}");
    assert!(!sheet.contains("<f>"), "no formula: {sheet}");
    let styles = unpacked(&book.bytes, "xl/styles.xml");
    assert!(styles.contains("[$R$-416] #,##0.00") && styles.contains("dd/mm/yyyy"), "{styles}");
    let texts = unpacked(&book.bytes, "xl/sharedStrings.xml");
    for text in ["Posição", "Vendedor", "Ticket médio (R$)", "14/06/2026 a 15/06/2026", "=HYPERLINK("] {
        assert!(texts.contains(text), "{text}: {texts}");
    }
    // 2026-06-14 as a spreadsheet counts days.
    let series = unpacked(&book.bytes, "xl/worksheets/sheet2.xml");
    assert!(series.contains("<v>46187</v>"), "days are dates: {series}");
    let request = shop.manager.request(reqwest::Method::GET, path).header("accept", "image/png");
    crate::common::caller::send(request).await.problem(400, "malformed_request");
    shop.server.stop().await;
}
