//! Cash sessions as a state machine: what a till does in any order, from seeds. The till keeps its own book and
//! makes its own report with the shared function; a second book only adds integers. The server agrees with both.

use serde_json::{Value, json};
use tillwatch_shared::api::{
    Account, CashMovement, CashMovementKind, CashReport, CashReportMovement, CashSession, CashSessionReport,
    Page, Payment, PaymentMethod, Sale,
};
use tillwatch_shared::cash::{self, DENOMINATIONS, Entry, Opening, Sold};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{CashSessionId, Cents, CommandId, ProductId};

use crate::cash::{opening, paid, report};
use crate::common::Caller;
use crate::common::dice::Dice;
use crate::common::goods::new_product;
use crate::common::inside::prove;
use crate::shop::{PASSWORD, Shop};

const SEEDS: u64 = 4;
const STEPS: usize = 50;

/// A till's own book of the session that is open.
struct Book {
    session: CashSession,
    opening: Opening,
    entries: Vec<Entry>,
    /// What lies in the drawer, by plain addition.
    drawer: i64,
}

struct Till<'s> {
    shop: &'s Shop,
    seller: Caller,
    manager: Caller,
    product: ProductId,
    dice: Dice,
    book: Option<Book>,
    closed: Vec<CashSessionReport>,
}

impl Till<'_> {
    async fn step(&mut self) {
        self.shop.server.clock.advance(self.dice.between(0, 10 * SECOND));
        match (self.dice.between(0, 12), self.book.is_some()) {
            (0..=1, false) => self.open().await,
            (_, false) => self.refused().await,
            (0..=5, true) => self.sell().await,
            (6..=7, true) => self.move_cash().await,
            (8, true) => self.pay_debt().await,
            (9..=10, true) => self.look().await,
            (_, true) => self.close().await,
        }
    }

    async fn open(&mut self) {
        let float = self.dice.between(0, 30_000);
        let session: CashSession =
            self.seller.post("/api/v1/cash-sessions", &opening(self.shop.a, float)).await.expect(201);
        let opening = Opening {
            store_name: session.store_name.clone(),
            till: session.till.clone(),
            opened_by_name: "vendedora".to_owned(),
            opened_at: self.shop.server.clock.now(),
            float_cents: Cents(float),
        };
        self.book = Some(Book { session, opening, entries: Vec::new(), drawer: float });
    }

    /// Without an open session there is nothing to move or close.
    async fn refused(&mut self) {
        let id = self.closed.last().map_or_else(|| CashSessionId(CommandId::now().0), |z| z.session.id);
        let code =
            if self.closed.is_empty() { (404, "unknown_cash_session") } else { (409, "cash_session_closed") };
        let path = format!("/api/v1/cash-sessions/{id}/closing");
        self.seller.post(&path, &json!({ "counts": [] })).await.problem(code.0, code.1);
    }

    /// Payments that cover the total, split in some way; only cash goes over it.
    fn split(&mut self, total: i64) -> Vec<(&'static str, i64)> {
        let mut payments = Vec::new();
        let mut open = total;
        while open > 0 {
            let method = *self.dice.pick(&["cash", "pix", "credit", "debit", "account"]);
            let part = self.dice.between(1, open + 1);
            let amount =
                if method == "cash" && part == open { open + self.dice.between(0, 5000) } else { part };
            payments.push((method, amount));
            open -= amount;
        }
        payments
    }

    async fn sell(&mut self) {
        let (price, seller) = (self.dice.between(1, 20_000), self.dice.between(0, 3) > 0);
        let payments = self.split(price);
        let shop = self.shop;
        let caller = if seller { &self.seller } else { &self.manager };
        let sold_at = shop.server.clock.now().plus(-self.dice.between(0, 30 * HOUR));
        let Some(book) = &mut self.book else { return };
        let mut body = paid(shop.a, book.session.id, (self.product, 1000, price), &payments);
        body["customer_name"] = json!("João");
        body["sold_at"] = json!(sold_at);
        let sale: Sale = caller.post("/api/v1/sales", &body).await.expect(201);
        // By integers: what was handed over is the total and the change, and the drawer keeps the rest.
        let (paid, cash) = (sum(&payments, |_| true), sum(&payments, |method| method == "cash"));
        assert_eq!(paid - sale.change_cents.0, price);
        book.drawer += cash - (paid - price);
        book.entries.push(Entry::Sold(Sold {
            person_id: sale.person_id,
            person_name: if seller { "vendedora" } else { "gerente" }.to_owned(),
            hour: sold_at.timestamp().to_zoned(zone()).hour(),
            total_cents: Cents(price),
            discount_cents: Cents::ZERO,
            change_cents: Cents(paid - price),
            payments: sale.payments,
        }));
    }

    async fn move_cash(&mut self) {
        let amount = self.dice.between(1, 10_000);
        let out = self.dice.between(0, 2) == 0;
        let (kind, word, by) = if out {
            (CashMovementKind::Withdrawal, "withdrawal", -amount)
        } else {
            (CashMovementKind::Deposit, "deposit", amount)
        };
        let reason = format!("motivo {amount}");
        let Some(book) = &mut self.book else { return };
        let path = format!("/api/v1/cash-sessions/{}/movements", book.session.id);
        let body = json!({ "kind": word, "amount_cents": amount, "reason": reason });
        self.seller.post(&path, &body).await.expect::<CashMovement>(201);
        book.drawer += by;
        book.entries.push(Entry::Moved(CashReportMovement {
            recorded_at: self.shop.server.clock.now(),
            kind,
            amount_cents: Cents(amount),
            reason,
            person_name: "vendedora".to_owned(),
        }));
    }

    async fn pay_debt(&mut self) {
        let owed: Page<Account> = self.manager.get("/api/v1/accounts").await.expect(200);
        let (Some(account), Some(book)) = (owed.items.first(), &mut self.book) else { return };
        let amount = self.dice.between(1, account.balance_cents.0 + 1);
        let cash = self.dice.between(0, 2) == 0;
        let (method, word) = if cash { (PaymentMethod::Cash, "cash") } else { (PaymentMethod::Pix, "pix") };
        let body = json!({ "method": word, "amount_cents": amount, "cash_session": book.session.id });
        let path = format!("/api/v1/accounts/{}/payments", account.id);
        self.seller.post(&path, &body).await.expect::<Value>(201);
        book.drawer += if cash { amount } else { 0 };
        book.entries.push(Entry::DebtPaid(Payment { method, amount_cents: Cents(amount) }));
    }

    fn own_report(&self) -> Option<CashReport> {
        let book = self.book.as_ref()?;
        let own = cash::report(&book.opening, &book.entries);
        assert_eq!(own.expected_cents.0, book.drawer, "the report against plain addition");
        Some(own)
    }

    async fn look(&self) {
        let (Some(own), Some(book)) = (self.own_report(), &self.book) else { return };
        let told = report(&self.seller, book.session.id).await.report;
        assert_eq!(serde_json::to_string(&told).unwrap(), serde_json::to_string(&own).unwrap());
    }

    async fn close(&mut self) {
        self.look().await;
        let (Some(own), Some(book)) = (self.own_report(), self.book.take()) else { return };
        let mut counts: Vec<Value> = Vec::new();
        let mut counted = 0;
        for value in DENOMINATIONS {
            let count = self.dice.between(0, 4);
            counted += value.0 * count;
            counts.push(json!({ "value_cents": value, "count": count }));
        }
        let path = format!("/api/v1/cash-sessions/{}/closing", book.session.id);
        let z: CashSessionReport = self.seller.post(&path, &json!({ "counts": counts })).await.expect(201);
        let closing = z.report.closing.clone().unwrap();
        assert_eq!(closing.counted_cents.0, counted);
        assert_eq!(closing.difference_cents.0, counted - book.drawer);
        let by = (closing.closed_by, "vendedora");
        let own = cash::closed(own, by, self.shop.server.clock.now(), &closing.counts, None);
        assert_eq!(serde_json::to_string(&z.report).unwrap(), serde_json::to_string(&own).unwrap());
        self.closed.push(z);
    }
}

fn sum(payments: &[(&str, i64)], which: impl Fn(&str) -> bool) -> i64 {
    payments.iter().filter(|(method, _)| which(method)).map(|(_, amount)| amount).sum()
}

fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap()
}

#[tokio::test]
async fn the_tills_book_and_the_servers_agree() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    for seed in 1..=SEEDS {
        println!("seed {seed}");
        let (seller, _) = shop.nobody.sign_in("vendedora", PASSWORD).await;
        let (manager, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
        let dice = Dice::new(seed);
        let mut till = Till { shop: &shop, seller, manager, product, dice, book: None, closed: Vec::new() };
        for _ in 0..STEPS {
            till.step().await;
        }
        till.close().await;
        assert!(!till.closed.is_empty());
        for z in &till.closed {
            assert_eq!(&report(&till.manager, z.session.id).await, z, "seed {seed}: a reprint");
        }
    }
    prove(shop.server.stop().await.path().join("ledger.sqlite").as_path());
}
