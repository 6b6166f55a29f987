//! Returns and cancelled sales: never more than was sold, never twice, and what was paid goes back.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillwatch_shared::api::{
    DayTotal, LotShare, Page, Return, ReturnApproval, Sale, StockEntry, StockLevel, Store,
};
use tillwatch_shared::time::HOUR;
use tillwatch_shared::{CommandId, PersonId, ProductId, Quantity, SaleId, mark};

use crate::common::goods::{all, balances_are_sums, new_product, receipt, sale};
use crate::common::inside::prove;
use crate::common::{Answer, Caller, dice::Dice};
use crate::shop::{PASSWORD, Shop};
use crate::tills::Desk;

/// A return of these lines (position, thousandths, restock), by Pix.
fn back(lines: &[(i64, i64, bool)], total: i64) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(position, quantity, restock)| {
            json!({ "position": position, "quantity_thousandths": quantity, "restock": restock })
        })
        .collect();
    let refunds = if total == 0 { json!([]) } else { json!([{ "method": "pix", "amount_cents": total }]) };
    json!({ "lines": lines, "reason": "com defeito", "refunds": refunds, "total_cents": total })
}

/// The whole sale is cancelled.
fn void(total: i64) -> Value {
    let mut body = back(&[], total);
    body["void"] = json!(true);
    body
}

async fn give_back(caller: &Caller, sale: &Sale, body: &Value) -> Answer {
    caller.post(&format!("/api/v1/sales/{}/returns", sale.id), body).await
}

async fn balance(caller: &Caller, product: ProductId) -> i64 {
    let own: Vec<Store> = caller.get("/api/v1/stores").await.expect(200);
    let levels = all::<StockLevel>(caller, &format!("/api/v1/stock?store_id={}", own[0].id)).await;
    levels.iter().find(|level| level.product_id == product).unwrap().balance_thousandths.0
}

async fn read(caller: &Caller, sale: &Sale) -> Sale {
    caller.get(&format!("/api/v1/sales/{}", sale.id)).await.expect(200)
}

/// Cheese by weight and three packets for a price that three does not divide, on Monday at noon.
async fn sell(shop: &Shop) -> (Sale, [ProductId; 2]) {
    let cheese = new_product(&shop.manager, "Queijo minas", 3990).await.id;
    let rice = new_product(&shop.manager, "Arroz", 333).await.id;
    let body = sale(shop.a, &[(cheese, 450, 3990), (rice, 3000, 333)]);
    (shop.seller.post("/api/v1/sales", &body).await.expect(201), [cheese, rice])
}

#[tokio::test]
async fn parts_come_back_until_nothing_is_left() {
    let shop = Shop::open().await;
    let (sale, [cheese, rice]) = sell(&shop).await;
    assert_eq!(sale.total_cents.0, 1796 + 999);
    let tip = shop.server.tip();

    let first: Return = give_back(&shop.seller, &sale, &back(&[(1, 1000, true)], 333)).await.expect(201);
    assert_eq!((first.number, first.sale_number, first.void), (1, 1, false));
    assert_eq!((first.business_day.as_str(), first.reason.as_str()), ("2026-06-15", "com defeito"));
    assert_eq!((first.person_name.as_str(), first.seller_name.as_str()), ("vendedora", "vendedora"));
    assert_eq!(balance(&shop.seller, rice).await, -2000, "into the stock again");

    // A part of the cheese is written off: it came back, and is not sold again.
    let second: Return =
        give_back(&shop.manager, &sale, &back(&[(0, 150, false), (1, 2000, true)], 599 + 666))
            .await
            .expect(201);
    assert_eq!((second.total_cents.0, second.person_name.as_str()), (1265, "gerente"));
    assert_eq!((balance(&shop.seller, cheese).await, balance(&shop.seller, rice).await), (-450, 0));
    let third: Return = give_back(&shop.seller, &sale, &back(&[(0, 300, true)], 1197)).await.expect(201);
    assert_eq!(third.lines[0].product_name, "Queijo minas");
    assert_eq!(balance(&shop.seller, cheese).await, -150);

    let whole = read(&shop.seller, &sale).await.returned.unwrap();
    assert_eq!((whole.total_cents, whole.void), (sale.total_cents, false));
    assert_eq!(whole.lines.iter().map(|line| line.total_cents.0).collect::<Vec<_>>(), [1796, 999]);
    let again = give_back(&shop.manager, &sale, &back(&[(1, 1, true)], 0)).await;
    let problem = again.problem(409, "returned_already");
    assert_eq!(problem["field"], "lines.0.quantity_thousandths");
    assert_eq!(shop.server.tip(), tip + 3, "a refusal changes nothing");

    let listed: Vec<Return> = all(&shop.manager, "/api/v1/returns").await;
    assert_eq!(listed, [first, second, third]);
    let newest: Page<Return> = shop.seller.get("/api/v1/returns?order=newest&limit=1").await.expect(200);
    assert_eq!((newest.items[0].number, newest.next.is_some()), (3, true));
    for (query, found) in [("from=2026-06-15&to=2026-06-15", 3), ("from=2026-06-16", 0), ("to=2026-06-14", 0)]
    {
        assert_eq!(
            all::<Return>(&shop.admin, &format!("/api/v1/returns?{query}")).await.len(),
            found,
            "{query}"
        );
    }
    assert_eq!(all::<Return>(&shop.stranger, "/api/v1/returns").await, [], "another store's");
    shop.server.stop().await;
}

#[tokio::test]
async fn what_does_not_add_up_changes_nothing() {
    let shop = Shop::open().await;
    let (sale, _) = sell(&shop).await;
    let digest = shop.server.digest();
    let with = |field: &str, value: Value| {
        let mut body = back(&[(1, 1000, true)], 333);
        body[field] = value;
        body
    };
    for (body, status, code) in [
        (back(&[(1, 3001, true)], 999), 409, "returned_already"),
        (back(&[(1, 1000, true)], 334), 400, "total_mismatch"),
        (with("refunds", json!([{ "method": "cash", "amount_cents": 332 }])), 400, "refund_mismatch"),
        (with("refunds", json!([])), 400, "refund_mismatch"),
        (with("reason", json!("  ")), 400, "invalid_value"),
        (with("void", json!(true)), 400, "invalid_value"),
        (back(&[(2, 1000, true)], 333), 400, "invalid_value"),
        (back(&[(-1, 1000, true)], 333), 400, "invalid_value"),
        (back(&[(1, 0, true)], 0), 400, "invalid_value"),
        (back(&[(1, 1000, true), (1, 1000, true)], 666), 400, "invalid_value"),
        (void(1), 400, "total_mismatch"),
    ] {
        give_back(&shop.manager, &sale, &body).await.problem(status, code);
    }
    let unknown = format!("/api/v1/sales/{}/returns", SaleId::now());
    shop.manager.post(&unknown, &void(1)).await.problem(404, "unknown_sale");
    give_back(&shop.stranger, &sale, &void(2795)).await.problem(403, "store_not_allowed");
    assert_eq!(shop.server.digest(), digest);
    for bad in ["from=15/06/2026", "to=2026-02-30", "store_id=x", "limit=0"] {
        shop.manager.get(&format!("/api/v1/returns?{bad}")).await.problem(400, "malformed_request");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_sale_is_cancelled_on_its_day_and_by_whom_it_may() {
    let shop = Shop::open().await;
    let (sold, [cheese, rice]) = sell(&shop).await;
    let (other, later) = {
        let body = sale(shop.a, &[(rice, 3000, 333)]);
        let other: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
        let later: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
        (other, later)
    };
    let cancelled: Return = give_back(&shop.seller, &sold, &void(2795)).await.expect(201);
    assert!(cancelled.void && cancelled.lines.iter().all(|line| line.restock));
    assert_eq!((balance(&shop.seller, cheese).await, balance(&shop.seller, rice).await), (0, -6000));
    give_back(&shop.seller, &sold, &void(2795)).await.problem(409, "return_began");
    give_back(&shop.seller, &sold, &back(&[], 2795)).await.problem(409, "returned_already");
    assert!(read(&shop.seller, &sold).await.returned.unwrap().void);

    give_back(&shop.seller, &other, &back(&[(0, 1000, true)], 333)).await.expect::<Return>(201);
    give_back(&shop.seller, &other, &void(999)).await.problem(409, "return_began");
    // Midnight in the store: a return, and by a manager.
    shop.server.clock.advance(12 * HOUR);
    let (seller, _) = shop.nobody.sign_in("vendedora", PASSWORD).await;
    let (manager, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
    give_back(&manager, &later, &void(999)).await.problem(409, "void_too_late");
    give_back(&seller, &later, &back(&[], 999)).await.problem(403, "return_needs_manager");
    let rest: Return = give_back(&manager, &other, &back(&[], 666)).await.expect(201);
    assert_eq!(
        (rest.lines[0].quantity_thousandths, rest.business_day.as_str()),
        (Quantity(2000), "2026-06-16")
    );
    // At the till it was still the day of the sale.
    let mut in_time = void(999);
    in_time["returned_at"] = json!("2026-06-16T02:59:00Z");
    give_back(&seller, &later, &in_time).await.expect::<Return>(201);

    let figures = async |day: &str| {
        let path = format!("/api/v1/day-totals?day={day}");
        let totals: Vec<DayTotal> = manager.get(&path).await.expect(200);
        (totals[0].sales, totals[0].total_cents.0, totals[0].returns, totals[0].returned_cents.0)
    };
    assert_eq!(figures("2026-06-15").await, (3, 2795 + 999 + 999, 3, 2795 + 333 + 999));
    assert_eq!(figures("2026-06-16").await, (0, 0, 1, 666), "on the day on which it came back");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_sale_by_amount_comes_back_whole() {
    let shop = Shop::open().await;
    let body = json!({ "store_id": shop.a, "total_cents": 500 });
    let told: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
    give_back(&shop.seller, &told, &back(&[(0, 1000, true)], 500)).await.problem(400, "invalid_value");
    // The sale did not tell how it was paid, so the return need not either.
    let mut body = void(500);
    body["refunds"] = json!([]);
    let cancelled: Return = give_back(&shop.seller, &told, &body).await.expect(201);
    assert_eq!((cancelled.lines, cancelled.total_cents.0), (Vec::new(), 500));
    give_back(&shop.manager, &told, &back(&[], 500)).await.problem(409, "returned_already");

    let free = new_product(&shop.manager, "Brinde", 0).await.id;
    let gift: Sale = shop.seller.post("/api/v1/sales", &sale(shop.a, &[(free, 1000, 0)])).await.expect(201);
    give_back(&shop.seller, &gift, &back(&[], 0)).await.expect::<Return>(201);
    give_back(&shop.seller, &gift, &back(&[], 0)).await.problem(409, "returned_already");
    shop.server.stop().await;
}

#[tokio::test]
async fn one_return_is_made_once_and_two_of_the_same_line_are_not_both_made() {
    let shop = Shop::open().await;
    let (sale, [_, rice]) = sell(&shop).await;
    let path = format!("/api/v1/sales/{}/returns", sale.id);
    let id = CommandId::now();
    let body = back(&[(1, 2000, true)], 666);
    let first: Return = shop.seller.command(&path, id, &body).await.expect(201);
    let again: Return = shop.seller.command(&path, id, &body).await.expect(201);
    assert_eq!(first, again, "the same command, sent twice");
    let last = back(&[(1, 1000, true)], 333);
    let answers = tokio::join!(
        shop.seller.post(&path, &last),
        shop.manager.post(&path, &last),
        shop.admin.post(&path, &last),
    );
    let mut statuses = [answers.0.status, answers.1.status, answers.2.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    assert_eq!(balance(&shop.seller, rice).await, 0);
    shop.server.stop().await;
}

/// What is left of each line, and what has gone back for it.
type Left = BTreeMap<i64, (i64, i64)>;

/// The expected amount by fractions: what all returns of a line are worth, less what was given.
fn worth(sale: &Sale, given: &mut Left, lines: &[(i64, i64, bool)]) -> Option<i64> {
    let mut total = 0;
    for (position, quantity, _) in lines {
        let line = &sale.lines[usize::try_from(*position).unwrap()];
        let (back, cents) = given.entry(*position).or_default();
        *back += quantity;
        if *back > line.quantity_thousandths.0 {
            return None;
        }
        // Twice the worth in whole numbers: half of it, rounded up, is rounding half away from zero.
        let sold = line.quantity_thousandths.0;
        let so_far = (2 * line.total_cents.0 * *back + sold).div_euclid(2 * sold);
        total += so_far - *cents;
        *cents = so_far;
    }
    Some(total)
}

/// Random sales and returns by several people, from a seed; the model says what must be accepted.
#[tokio::test]
async fn random_returns_follow_the_model_and_the_journal_gives_the_same() {
    let shop = Shop::open().await;
    let mut dice = Dice::new(4711);
    let mut products = Vec::new();
    for number in 0..4 {
        products.push(new_product(&shop.manager, &format!("Produto {number}"), 100).await.id);
    }
    let callers = [shop.manager.clone(), shop.admin.clone(), shop.seller.clone()];
    let mut sales: Vec<(Sale, Left)> = Vec::new();
    let (mut made, mut refused, mut refunded) = (0, 0, 0);
    for _ in 0..240 {
        if sales.len() < 8 || dice.between(0, 4) == 0 {
            let lines: Vec<_> = (0..dice.between(1, 5))
                .map(|_| (*dice.pick(&products), dice.between(1, 5000), dice.between(0, 3000)))
                .collect();
            let sale = shop.seller.post("/api/v1/sales", &sale(shop.a, &lines)).await.expect(201);
            sales.push((sale, Left::new()));
            continue;
        }
        let at = usize::try_from(dice.between(0, sales.len() as i64)).unwrap();
        let (sale, given) = &mut sales[at];
        let mut lines = Vec::new();
        for position in 0..sale.lines.len() as i64 {
            if dice.between(0, 2) == 0 {
                let sold = sale.lines[usize::try_from(position).unwrap()].quantity_thousandths.0;
                lines.push((position, dice.between(1, sold + 1), dice.between(0, 2) == 0));
            }
        }
        let mut after = given.clone();
        let expected = if lines.is_empty() { continue } else { worth(sale, &mut after, &lines) };
        let answer = give_back(dice.pick(&callers), sale, &back(&lines, expected.unwrap_or(1))).await;
        if let Some(total) = expected {
            let back: Return = answer.expect(201);
            assert_eq!(back.total_cents.0, total, "{lines:?} of {sale:?}");
            *given = after;
            refunded += total;
            made += 1;
        } else {
            answer.problem(409, "returned_already");
            refused += 1;
        }
    }
    assert!(made > 60 && refused > 20, "{made} made, {refused} refused: both ways were tried");
    // What is left of every sale comes back at once, and then all of it has come back.
    for (sale, given) in &sales {
        let rest: Vec<_> = sale
            .lines
            .iter()
            .zip(0..)
            .filter_map(|(line, position)| {
                let back = given.get(&position).map_or(0, |given| given.0);
                (back < line.quantity_thousandths.0)
                    .then(|| (position, line.quantity_thousandths.0 - back, true))
            })
            .collect();
        let left = sale.total_cents.0 - given.values().map(|(_, cents)| cents).sum::<i64>();
        if !rest.is_empty() {
            give_back(&shop.manager, sale, &back(&rest, left)).await.expect::<Return>(201);
            refunded += left;
        }
        assert_eq!(read(&shop.admin, sale).await.returned.unwrap().total_cents, sale.total_cents);
    }
    let sold: i64 = sales.iter().map(|(sale, _)| sale.total_cents.0).sum();
    assert_eq!(refunded, sold);
    let totals: Vec<DayTotal> = shop.manager.get("/api/v1/day-totals").await.expect(200);
    assert_eq!((totals[0].total_cents.0, totals[0].returned_cents.0), (sold, sold));
    balances_are_sums(&shop.admin, &[shop.a]).await;
    // Stopping plays the journal again and compares every table.
    shop.server.stop().await;
}

#[tokio::test]
async fn what_is_restocked_goes_back_into_its_lots() {
    let shop = Shop::open().await;
    let milk = new_product(&shop.manager, "Leite", 500).await.id;
    for (code, expires_on) in [("B", "2026-08-01"), ("A", "2026-07-01")] {
        let mut body = receipt(shop.a, milk, 2000);
        body["lot"] = json!({ "code": code, "expires_on": expires_on });
        shop.seller.post("/api/v1/stock-entries", &body).await.expect::<StockEntry>(201);
    }
    let sold: Sale = shop.seller.post("/api/v1/sales", &sale(shop.a, &[(milk, 3000, 500)])).await.expect(201);
    let lots = |back: &Return| -> Vec<(String, i64)> {
        let of = |share: &LotShare| (share.code.clone().unwrap(), share.moved_thousandths.0);
        back.lines[0].lots.iter().map(of).collect()
    };
    let written_off: Return =
        give_back(&shop.seller, &sold, &back(&[(0, 500, false)], 250)).await.expect(201);
    assert_eq!(lots(&written_off), []);
    let first: Return = give_back(&shop.seller, &sold, &back(&[(0, 1500, true)], 750)).await.expect(201);
    assert_eq!(lots(&first), [("B".to_owned(), 1000), ("A".to_owned(), 500)], "the last that was taken");
    let rest: Return = give_back(&shop.seller, &sold, &back(&[], 500)).await.expect(201);
    assert_eq!(lots(&rest), [("A".to_owned(), 1000)]);
    assert_eq!(balance(&shop.seller, milk).await, 3500);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_number_finds_the_sale() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 500).await.id;
    let mut made = Vec::new();
    for (caller, store) in [(&shop.seller, shop.a), (&shop.seller, shop.a), (&shop.stranger, shop.b)] {
        made.push(caller.post("/api/v1/sales", &sale(store, &[(rice, 1000, 500)])).await.expect::<Sale>(201));
    }
    let found = async |caller: &Caller, query: &str| -> Vec<SaleId> {
        all::<Sale>(caller, &format!("/api/v1/sales?{query}")).await.iter().map(|sale| sale.id).collect()
    };
    assert_eq!(found(&shop.seller, "number=2").await, [made[1].id]);
    assert_eq!(found(&shop.admin, "number=1").await, [made[0].id, made[2].id], "one in each store");
    assert_eq!(found(&shop.admin, &format!("number=1&store_id={}", shop.b)).await, [made[2].id]);
    assert_eq!(found(&shop.seller, "number=3").await, []);
    // What stands under the barcode of a receipt finds it too, in the stores of the person.
    let by_mark = async |caller: &Caller, sale: &Sale| -> Vec<SaleId> {
        found(caller, &format!("mark={}", mark::of(sale.id))).await
    };
    assert!(by_mark(&shop.seller, &made[1]).await.contains(&made[1].id));
    assert!(by_mark(&shop.admin, &made[2]).await.contains(&made[2].id));
    assert!(!by_mark(&shop.seller, &made[2]).await.contains(&made[2].id), "another store's");
    let unknown = "00112957891123641020";
    assert_eq!(found(&shop.admin, &format!("mark={unknown}")).await, []);
    shop.seller.get("/api/v1/sales?mark=7891000315507").await.problem(400, "malformed_request");
    shop.server.stop().await;
}

/// The day after the sale; the seller is signed in again.
async fn next_day(shop: &Shop) -> Caller {
    shop.server.clock.advance(24 * HOUR);
    shop.nobody.sign_in("vendedora", PASSWORD).await.0
}

fn leave(shop: &Shop, sale: &Sale, back: CommandId, username: &str, cents: i64) -> Value {
    json!({
        "username": username, "password": PASSWORD, "store_id": shop.a, "sale_id": sale.id, "return_id": back,
        "limit_cents": cents
    })
}

#[tokio::test]
async fn a_manager_allows_what_the_seller_may_not_take_back_alone() {
    let shop = Shop::open().await;
    let (sold, _) = sell(&shop).await;
    let seller = next_day(&shop).await;
    let path = format!("/api/v1/sales/{}/returns", sold.id);
    let manager = shop.manager_person().id;
    let one = |by: Option<PersonId>| {
        let mut body = back(&[(1, 1000, true)], 333);
        body["approved_by"] = json!(by);
        body
    };
    let id = CommandId::now();
    let send = async |id: CommandId, by: PersonId| seller.command(&path, id, &one(Some(by))).await;
    let ask = async |body: &Value| seller.post("/api/v1/approvals/returns", body).await;
    let tip = shop.server.tip();
    send(CommandId::now(), manager).await.problem(403, "approval_missing");
    ask(&leave(&shop, &sold, id, "vendedora", 333)).await.problem(403, "return_approver_not_allowed");
    ask(&leave(&shop, &sold, id, "vizinho", 333)).await.problem(403, "store_not_allowed");
    let mut wrong = leave(&shop, &sold, id, "gerente", 333);
    wrong["password"] = json!("outra");
    assert_eq!(ask(&wrong).await.status, 401);
    assert_eq!(shop.server.tip(), tip, "a refusal changes nothing");

    let given: ReturnApproval = ask(&leave(&shop, &sold, id, "gerente", 333)).await.expect(201);
    assert_eq!((given.person_id, given.return_id.0), (manager, id.0));
    // For that return, that sale, and no more money.
    send(CommandId::now(), manager).await.problem(403, "approval_missing");
    send(CommandId::now(), shop.seller_person().id).await.problem(403, "return_approver_not_allowed");
    send(CommandId::now(), PersonId::now()).await.problem(404, "unknown_person");
    let done: Return = send(id, manager).await.expect(201);
    assert_eq!((done.approved_by, done.approved_by_name.as_deref()), (Some(manager), Some("gerente")));
    assert_eq!(done.person_name, "vendedora");
    let less = CommandId::now();
    ask(&leave(&shop, &sold, less, "gerente", 332)).await.expect::<ReturnApproval>(201);
    send(less, manager).await.problem(403, "approval_missing");

    // Who may do it alone needs nobody, and nobody is noted.
    let (own, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
    let alone: Return = give_back(&own, &sold, &one(Some(manager))).await.expect(201);
    assert_eq!(alone.approved_by, None);
    let listed: Vec<Return> = all(&own, "/api/v1/returns").await;
    assert_eq!(listed, [done, alone]);
    prove(shop.server.stop().await.path().join("ledger.sqlite").as_path());
}

#[tokio::test]
async fn a_till_vouches_for_a_manager_who_allowed_it_without_the_server() {
    let shop = Shop::open().await;
    let (sold, _) = sell(&shop).await;
    let desk = Desk::new(&shop);
    next_day(&shop).await;
    let (seller, manager) = (desk.sign_in("vendedora").await.person.id, shop.manager_person().id);
    let mut body = back(&[(1, 1000, true)], 333);
    body["approved_by"] = json!(manager);
    let path = format!("/api/v1/sales/{}/returns", sold.id);
    let send = async |body: &Value| desk.send(seller, &path, CommandId::now(), body).await;
    send(&body).await.problem(403, "approval_missing");
    desk.sign_in("gerente").await;
    let kept: Return = send(&body).await.expect(201);
    assert_eq!((kept.person_id, kept.approved_by), (seller, Some(manager)));
    let (owner, _) = shop.nobody.sign_in("dona", PASSWORD).await;
    owner.patch(&format!("/api/v1/people/{manager}"), &json!({ "active": false })).await.expect::<Value>(200);
    send(&body).await.problem(404, "unknown_person");
    shop.server.stop().await;
}
