//! The sale in a feed's record: reading its fields, and finding the store, seller and products that it
//! names. The fields are listed in the README; each has an English and a Portuguese name.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use tillwatch_shared::api::{
    AliasKind, NewSale, NewSaleLine, ParkReason, ParkedThing, Payment, PaymentMethod,
};
use tillwatch_shared::{Cents, ProductId, Quantity, StoreId, UtcMicros, barcode, names};

use super::access::{Caller, Workplace};
use super::rows::{self, Word};

/// What a record says about a sale.
#[derive(Debug, PartialEq)]
pub enum Told {
    /// It is about something else.
    Nothing,
    Sale(Box<ToldSale>),
    /// It is a sale, but this field cannot be used.
    Broken(&'static str),
}

#[derive(Debug, PartialEq)]
pub struct ToldSale {
    pub chain: Option<String>,
    pub store: String,
    /// User name, name or CPF. Without one the sale is the feed's own.
    pub seller: Option<String>,
    pub amount: Cents,
    pub when: When,
    pub till: Option<String>,
    pub payment: PaymentMethod,
    pub items: Vec<ToldItem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    At(UtcMicros),
    /// Without a zone: by the store's clock.
    Local(DateTime),
}

#[derive(Debug, PartialEq, Eq)]
pub struct ToldItem {
    pub product: String,
    pub code: Option<String>,
    pub quantity: Quantity,
    pub price: Cents,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, alias = "rede")]
    chain: Option<&'a RawValue>,
    #[serde(borrow, alias = "loja")]
    store: Option<&'a RawValue>,
    #[serde(borrow, alias = "vendedor")]
    seller: Option<&'a RawValue>,
    #[serde(borrow, alias = "valor", alias = "total")]
    amount: Option<&'a RawValue>,
    #[serde(borrow, alias = "quando", alias = "data")]
    when: Option<&'a RawValue>,
    #[serde(borrow, alias = "caixa")]
    till: Option<&'a RawValue>,
    #[serde(borrow, alias = "pagamento")]
    payment: Option<&'a RawValue>,
    #[serde(borrow, alias = "itens")]
    items: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ItemFields<'a> {
    #[serde(borrow, alias = "produto")]
    product: Option<&'a RawValue>,
    #[serde(borrow, alias = "codigo")]
    code: Option<&'a RawValue>,
    #[serde(borrow, alias = "quantidade")]
    quantity: Option<&'a RawValue>,
    #[serde(borrow, alias = "preco", alias = "preço")]
    price: Option<&'a RawValue>,
}

/// Reads the sale in a record. A record with a store and an amount is one.
pub fn read(body: &str) -> Told {
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(body) else {
        // The same field in both languages, for instance.
        return Told::Broken("fields");
    };
    let (Some(store), Some(amount)) = (fields.store, fields.amount) else { return Told::Nothing };
    match sale(&fields, store, amount) {
        Ok(sale) => Told::Sale(Box::new(sale)),
        Err(field) => Told::Broken(field),
    }
}

fn sale(fields: &Fields<'_>, store: &RawValue, amount: &RawValue) -> Result<ToldSale, &'static str> {
    Ok(ToldSale {
        chain: optional(fields.chain).ok_or("chain")?,
        store: text(store).ok_or("store")?,
        seller: optional(fields.seller).ok_or("seller")?,
        amount: decimal(amount, 2).map(Cents).ok_or("amount")?,
        when: fields.when.and_then(moment).ok_or("when")?,
        till: optional(fields.till).ok_or("till")?,
        payment: payment(fields.payment).ok_or("payment")?,
        items: items(fields.items).ok_or("items")?,
    })
}

fn items(raw: Option<&RawValue>) -> Option<Vec<ToldItem>> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Some(Vec::new()) };
    let fields: Vec<ItemFields<'_>> = serde_json::from_str(raw.get()).ok()?;
    let item = |fields: ItemFields<'_>| {
        let code = optional(fields.code)?;
        Some(ToldItem {
            // A code alone names a product too.
            product: fields.product.and_then(text).or_else(|| code.clone())?,
            code,
            quantity: decimal(fields.quantity?, 3).map(Quantity)?,
            price: decimal(fields.price?, 2).map(Cents)?,
        })
    };
    fields.into_iter().map(item).collect()
}

/// A text, or a number as it is written. `None` if it is neither, or empty.
fn text(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    let text = match raw.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(raw).ok()?,
        b'-' | b'0'..=b'9' => raw.to_owned(),
        _ => return None,
    };
    names::clean(&text, tillwatch_shared::limits::NAME_CHARS)
}

/// `Some(None)` where the field is absent, null or blank; `None` where it is unusable.
#[expect(clippy::option_option, reason = "absent and unusable are two things")]
fn optional(raw: Option<&RawValue>) -> Option<Option<String>> {
    match raw {
        None => Some(None),
        Some(raw) if matches!(raw.get(), "null" | "\"\"") => Some(None),
        Some(raw) => text(raw).map(Some),
    }
}

/// A decimal number, as a number (`55.80`) or a text (`"55.80"`, `"1.234,56"`), in units of its last place.
/// Read from its digits: it never passes through a float.
fn decimal(raw: &RawValue, places: usize) -> Option<i64> {
    let text = text(raw)?;
    let plain = if text.contains(',') { text.replace('.', "").replace(',', ".") } else { text };
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = fraction.trim_end_matches('0');
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || kept.len() > places {
        return None;
    }
    let value: i64 = format!("{whole}{kept:0<places$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

fn moment(raw: &RawValue) -> Option<When> {
    let text: String = serde_json::from_str(raw.get()).ok()?;
    match text.parse::<UtcMicros>() {
        Ok(at) => Some(When::At(at)),
        Err(_) => text.parse::<DateTime>().ok().map(When::Local),
    }
}

fn payment(raw: Option<&RawValue>) -> Option<PaymentMethod> {
    let Some(word) = optional(raw)? else { return Some(PaymentMethod::Cash) };
    match names::fold(&word).as_str() {
        "cash" | "dinheiro" => Some(PaymentMethod::Cash),
        "pix" => Some(PaymentMethod::Pix),
        "credit" | "credito" | "cartao de credito" => Some(PaymentMethod::Credit),
        "debit" | "debito" | "cartao de debito" => Some(PaymentMethod::Debit),
        _ => None,
    }
}

/// What a record says of the store or product for which it waits.
pub fn told_of(reason: ParkReason, subject: &str, body: &str) -> Option<ParkedThing> {
    let Told::Sale(told) = read(body) else { return None };
    let nothing = ParkedThing { code: None, price_cents: None, chain: None };
    match reason {
        ParkReason::UnknownStore => Some(ParkedThing { chain: told.chain, ..nothing }),
        ParkReason::UnknownProduct => {
            let item = told.items.into_iter().find(|item| item.product == subject)?;
            Some(ParkedThing { code: item.code, price_cents: Some(item.price), ..nothing })
        }
        ParkReason::UnknownSeller | ParkReason::BadSale | ParkReason::Changed => None,
    }
}

/// The user name of the person to whom sales without a seller belong.
pub fn own_seller(feed: &str) -> String {
    format!("feed-{feed}")
}

/// What is missing, and its name in the feed.
pub type Missing = (ParkReason, String);

/// Finds what a record names among the shop's own things.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    pub db: &'a Connection,
    /// Row key of the feed.
    pub feed: i64,
    pub feed_name: &'a str,
}

impl Lookup<'_> {
    /// The sale as the shop's own till would tell it, its store and its seller.
    pub fn resolve(
        &self,
        told: &ToldSale,
    ) -> rusqlite::Result<Result<(NewSale, Workplace, Caller), Missing>> {
        let Some(store) = self.store(told)? else {
            return Ok(Err((ParkReason::UnknownStore, told.store.clone())));
        };
        let Some(seller) = self.seller(told.seller.as_deref())? else {
            let name = told.seller.clone().unwrap_or_else(|| own_seller(self.feed_name));
            return Ok(Err((ParkReason::UnknownSeller, name)));
        };
        let mut lines = Vec::with_capacity(told.items.len());
        for item in &told.items {
            let Some(product_id) = self.product(item)? else {
                return Ok(Err((ParkReason::UnknownProduct, item.product.clone())));
            };
            lines.push(NewSaleLine::of(product_id, item.quantity, item.price));
        }
        let Some(sold_at) = moment_in(told.when, &store.zone) else {
            return Ok(Err((ParkReason::BadSale, "when".to_owned())));
        };
        let payments = match (told.amount, lines.is_empty()) {
            (Cents(0), _) | (_, true) => Vec::new(),
            (amount_cents, false) => vec![Payment { method: told.payment, amount_cents }],
        };
        let sale = NewSale {
            lines,
            payments,
            total_cents: told.amount,
            till: told.till.clone(),
            sold_at: Some(sold_at),
            ..NewSale::of(store.id)
        };
        Ok(Ok((sale, store, seller)))
    }

    pub fn store(&self, told: &ToldSale) -> rusqlite::Result<Option<Workplace>> {
        let columns = "SELECT store.id, store.uid, store.name, store.zone FROM store";
        let found = match self.alias(AliasKind::Store, &told.store)? {
            Some(uid) => {
                rows::all(self.db, &format!("{columns} WHERE uid = ?1"), [uid.as_slice()], workplace)?
            }
            None => rows::all(
                self.db,
                &format!(
                    "{columns} JOIN chain ON chain.id = store.chain
                     WHERE (store.name_folded = ?1 OR store.cnpj = ?2)
                       AND (?3 IS NULL OR chain.name_folded = ?3) LIMIT 2"
                ),
                (names::fold(&told.store), digits(&told.store), told.chain.as_deref().map(names::fold)),
                workplace,
            )?,
        };
        // A name that two chains use names no store.
        let [store] = <[Workplace; 1]>::try_from(found).map_or([None], |[store]| [Some(store)]);
        Ok(store)
    }

    pub fn seller(&self, name: Option<&str>) -> rusqlite::Result<Option<Caller>> {
        let own = own_seller(self.feed_name);
        let name = name.unwrap_or(&own);
        let columns = "SELECT uid, id, name, role FROM person";
        if let Some(uid) = self.alias(AliasKind::Seller, name)? {
            return rows::one(self.db, &format!("{columns} WHERE uid = ?1"), [uid.as_slice()], caller);
        }
        let folded = names::fold(name);
        let sql = format!("{columns} WHERE username_folded = ?1 OR cpf = ?2 ORDER BY cpf = ?2 DESC LIMIT 1");
        if let Some(found) = rows::one(self.db, &sql, (folded, digits(name)), caller)? {
            return Ok(Some(found));
        }
        let mut named = rows::all(self.db, &format!("{columns} WHERE name = ?1 LIMIT 2"), [name], caller)?;
        Ok(if named.len() == 1 { named.pop() } else { None })
    }

    pub fn product(&self, item: &ToldItem) -> rusqlite::Result<Option<ProductId>> {
        let id = |row: &rusqlite::Row<'_>| rows::id(row, 0).map(ProductId);
        if let Some(uid) = self.alias(AliasKind::Product, &item.product)? {
            return rows::one(self.db, "SELECT uid FROM product WHERE uid = ?1", [uid.as_slice()], id);
        }
        if let Some(code) = &item.code
            && let Some(found) =
                rows::one(self.db, "SELECT uid FROM product WHERE code = ?1", [barcode::normalise(code)], id)?
        {
            return Ok(Some(found));
        }
        let folded = names::fold(&item.product);
        rows::one(self.db, "SELECT uid FROM product WHERE name_folded = ?1", [folded], id)
    }

    fn alias(&self, kind: AliasKind, name: &str) -> rusqlite::Result<Option<[u8; 16]>> {
        rows::one(
            self.db,
            "SELECT target FROM feed_alias WHERE feed = ?1 AND kind = ?2 AND name_folded = ?3",
            (self.feed, kind.word(), names::fold(name)),
            |row| row.get(0),
        )
    }
}

/// The digits of a CPF or CNPJ, with or without its dots.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '.' | '/' | '-' | ' ')).collect()
}

fn workplace(row: &rusqlite::Row<'_>) -> rusqlite::Result<Workplace> {
    Ok(Workplace { key: row.get(0)?, id: StoreId(rows::id(row, 1)?), name: row.get(2)?, zone: row.get(3)? })
}

fn caller(row: &rusqlite::Row<'_>) -> rusqlite::Result<Caller> {
    Ok(Caller {
        id: tillwatch_shared::PersonId(rows::id(row, 0)?),
        key: row.get(1)?,
        name: row.get(2)?,
        role: tillwatch_shared::api::Role::from_column(row, 3)?,
    })
}

fn moment_in(when: When, zone: &str) -> Option<UtcMicros> {
    match when {
        When::At(at) => Some(at),
        When::Local(local) => {
            let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            local.to_zoned(zone).ok().map(|zoned| zoned.timestamp().into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_and_amounts_to_the_centavo() {
        let english = r#"{"id":1,"store":"A","seller":"Ana","amount":55.80,"when":"2026-06-15T12:00:00-03:00",
            "items":[{"product":"Arroz","code":7891000100103,"quantity":2,"price":27.9}]}"#;
        let portuguese = r#"{"id":1,"loja":"A","vendedor":"Ana","valor":"55,80","quando":"2026-06-15T15:00:00Z",
            "itens":[{"produto":"Arroz","codigo":"7891000100103","quantidade":"2,000","preco":"27.90"}]}"#;
        let Told::Sale(sale) = read(english) else { panic!("{:?}", read(english)) };
        assert_eq!(read(portuguese), Told::Sale(sale));
        let Told::Sale(sale) = read(english) else { panic!() };
        assert_eq!(sale.amount, Cents(5580));
        assert_eq!(sale.items[0].quantity, Quantity(2000));
    }

    #[test]
    fn what_is_no_sale_and_what_is_a_broken_one() {
        assert_eq!(read(r#"{"id":1,"temperature":4}"#), Told::Nothing);
        for (body, field) in [
            (r#"{"store":"A","amount":1.005,"when":"2026-06-15T12:00:00Z"}"#, "amount"),
            (r#"{"store":"A","amount":1e2,"when":"2026-06-15T12:00:00Z"}"#, "amount"),
            (r#"{"store":[],"amount":1,"when":"2026-06-15T12:00:00Z"}"#, "store"),
            (r#"{"store":"A","amount":1,"when":"yesterday"}"#, "when"),
            (r#"{"store":"A","amount":1,"when":"2026-06-15T12:00:00Z","items":[{}]}"#, "items"),
            (r#"{"store":"A","amount":1,"valor":1}"#, "fields"),
        ] {
            assert_eq!(read(body), Told::Broken(field), "{body}");
        }
    }
}
