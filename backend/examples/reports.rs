//! How long each report takes over many sales: `cargo run --release -p tillwatch-server --example reports --
//! [SALES] [DIRECTORY]`. Makes a ledger with 60 stores, 480 sellers, 2,000 products and three years, its totals kept as
//! the ledger keeps them, and compares each report with a scan of the sales. With a directory the ledger is left
//! there for a server, in which `dona` signs in with `1234`: `tests/report_times.py` asks it over HTTP.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rusqlite::Connection;
use tillwatch_server::auth::passwords;
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::queries::goods_and_methods;
use tillwatch_server::ledger::queries::periods::Period;
use tillwatch_server::ledger::queries::reports::{self, Figures};
use tillwatch_server::ledger::{open, schema};
use tillwatch_shared::api::ReportStep;

const STORES: i64 = 60;
const SELLERS: i64 = 480;
const DAYS: i64 = 1_095;
const PRODUCTS: i64 = 2_000;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let sales: i64 = std::env::args().nth(1).map_or(Ok(5_000_000), |text| text.parse())?;
    let (folder, kept) = (tempfile::tempdir()?, std::env::args().nth(2).map(PathBuf::from));
    let file = kept.as_deref().unwrap_or(folder.path()).join(LEDGER_FILE);
    let started = Instant::now();
    fill(&open::writer(&file)?, sales)?;
    let mut out = stdout();
    writeln!(out, "{sales} sales in {:.1} s", started.elapsed().as_secs_f64())?;
    let db = open::reader(&file)?;
    let first = date(2024, 1, 1);
    let last = first.checked_add((DAYS - 1).days())?;
    for (name, from, to) in [
        ("three years", first, last),
        ("a year, not by months", date(2024, 3, 15), date(2025, 3, 14)),
        ("30 days", date(2025, 5, 5), date(2025, 6, 3)),
        ("one day", date(2025, 5, 5), date(2025, 5, 5)),
    ] {
        measure(&mut out, &db, name, from, to)?;
    }
    Ok(())
}

/// Sales spread evenly over stores, their eight sellers, and days, two lines each and paid in one way; then the totals,
/// as the migrations of an older ledger make them.
fn fill(db: &Connection, sales: i64) -> Outcome {
    db.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN;",
    )?;
    db.execute("INSERT INTO chain VALUES (1, randomblob(16), 'Rede', 'rede', 0)", [])?;
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO store (id, uid, chain, name, name_folded, zone, created_at)
         SELECT i, randomblob(16), 1, 'Loja ' || i, 'loja ' || i, 'America/Sao_Paulo', 0 FROM n",
        [STORES],
    )?;
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO person (id, uid, username, username_folded, name, role, password_hash, created_at)
         SELECT i, randomblob(16), 'v' || i, 'v' || i, 'Vendedor ' || i, 'seller', '', 0 FROM n",
        [SELLERS],
    )?;
    goods(db)?;
    let each = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)";
    // Before their sales, as the ledger takes them.
    db.execute(
        &format!(
            "{each} INSERT INTO payment (sale, position, method, amount_cents)
             SELECT i + 1, 0, CASE i % 4 WHEN 0 THEN 'cash' WHEN 1 THEN 'pix' WHEN 2 THEN 'credit' ELSE 'debit' END,
                    100 + i * 7919 % 20000 FROM n"
        ),
        [sales],
    )?;
    db.execute(
        &format!(
            "{each} INSERT INTO sale (id, uid, number, store, person, total_cents, change_cents, business_day, sold_at,
                                      seq, hour)
             SELECT i + 1, CAST(printf('%016d', i) AS BLOB), i + 1, i % ?3 % ?2 + 1, i % ?3 + 1,
                    100 + i * 7919 % 20000, 0, date('2024-01-01', '+' || (i / ?3 % ?4) || ' days'), 0, i + 1,
                    8 + i / 7 % 12
             FROM n"
        ),
        [sales, STORES, SELLERS, DAYS],
    )?;
    for (position, factor, cents) in [(0, 7907, "60"), (1, 6421, "40 + i * 7919 % 20000")] {
        db.execute(
            &format!(
                "{each} INSERT INTO sale_line (sale, position, product, quantity, unit_price_cents, total_cents)
                 SELECT i + 1, {position}, i * {factor} % ?2 + 1, 1000, {cents}, {cents} FROM n"
            ),
            [sales, PRODUCTS],
        )?;
    }
    db.execute(
        "INSERT INTO day_total SELECT store, business_day, count(*), sum(total_cents) FROM sale GROUP BY 1, 2",
        [],
    )?;
    for first in ["INSERT INTO seller_day", "INSERT INTO store_hour", "INSERT INTO product_day"] {
        let totals =
            schema::MIGRATIONS.iter().find_map(|step| step.find(first).map(|at| step.split_at(at).1));
        db.execute_batch(totals.ok_or("the step that fills the totals")?)?;
    }
    db.execute(
        "INSERT INTO person (uid, username, username_folded, name, role, password_hash, created_at)
         VALUES (randomblob(16), 'dona', 'dona', 'Dona', 'admin', ?1, 0)",
        [passwords::hash("1234")?.0],
    )?;
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

fn goods(db: &Connection) -> Outcome {
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO product (id, uid, name, name_folded, unit, price_cents, minimum, created_at, changed_at)
         SELECT i, randomblob(16), 'Produto ' || i, 'produto ' || i, 'un', 100, 0, 0, 0 FROM n",
        [PRODUCTS],
    )?;
    Ok(())
}

fn measure(out: &mut impl Write, db: &Connection, name: &str, from: Date, to: Date) -> Outcome {
    let period = Period::new(from, to)?;
    let stores: Vec<String> = (1..=STORES).map(|key| key.to_string()).collect();
    let all = format!("[{}]", stores.join(","));
    writeln!(out, "{name} ({from} to {to}):")?;
    let scanned = Instant::now();
    let (count, cents): (i64, i64) = db.query_row(
        "SELECT count(*), coalesce(sum(total_cents), 0) FROM sale WHERE business_day BETWEEN ?1 AND ?2",
        [from.to_string(), to.to_string()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    writeln!(out, "  a scan of the sales                {:8.1} ms", millis(scanned))?;
    let mut ask_by = |what: &str,
                      step: ReportStep,
                      ask: &dyn Fn(ReportStep) -> rusqlite::Result<Figures>,
                      whole: bool|
     -> Outcome {
        let mut worst: f64 = 0.0;
        for _ in 0..10 {
            let asked = Instant::now();
            let figures = ask(step)?;
            worst = worst.max(millis(asked));
            let rows: i64 = figures.rows.iter().map(|row| row.total_cents.0).sum();
            let points: i64 = figures.series.iter().map(|point| point.total_cents.0).sum();
            let right = [rows, points] == [figures.sum.total_cents.0; 2]
                && (!whole || (figures.sum.sales, figures.sum.total_cents.0) == (count, cents));
            if !right {
                return Err(format!("{what}: not what the sales say").into());
            }
        }
        writeln!(out, "  {what:34} {worst:8.1} ms, slowest of 10")?;
        Ok(())
    };
    for (cut, step) in
        [("", period.usual_step()), (", by weekday", ReportStep::Weekday), (", by hour", ReportStep::Hour)]
    {
        let mut ask = |what: &str, ask: &dyn Fn(ReportStep) -> rusqlite::Result<Figures>, whole: bool| {
            ask_by(&format!("{what}{cut}"), step, ask, whole)
        };
        ask("best sellers", &|step| reports::by_seller(db, &all, period, step), true)?;
        ask("best stores, a chain", &|step| reports::by_store(db, &all, period, step), true)?;
        ask("best products", &|step| goods_and_methods::by_product(db, &all, period, step), true)?;
        ask("payment methods", &|step| goods_and_methods::by_method(db, &all, period, step), true)?;
        ask("one store", &|step| reports::by_seller(db, "[7]", period, step), false)?;
        ask("one seller", &|step| reports::of_seller(db, 7, None, period, step), false)?;
    }
    Ok(())
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
