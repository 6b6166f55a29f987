//! Chains and stores.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Chain, DiscountLimits, Event, Role, Store};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::{ChainId, StoreId, UtcMicros, names};

use super::rejection::{ApplyError, Noun, Rejection, Taken};
use super::{Applied, Context, access, check, rows};

/// What [`from_row`] reads.
macro_rules! select_store {
    () => {
        "SELECT store.uid, chain.uid, store.name, cnpj, zone, store.created_at,
                seller_discount, manager_discount, admin_discount
         FROM store JOIN chain ON chain.id = store.chain"
    };
}
pub(crate) use select_store;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddChain {
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddStore {
    pub chain_id: ChainId,
    pub name: String,
    pub cnpj: Option<Cnpj>,
    /// IANA time zone.
    pub zone: String,
}

/// What changes; what is absent stays. The days of earlier sales stay too, whatever the zone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeStore {
    pub store_id: StoreId,
    pub name: Option<String>,
    pub cnpj: Option<Cnpj>,
    pub zone: Option<String>,
}

impl AddChain {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("name", &self.name).map(drop)
    }
}

impl AddStore {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("name", &self.name)?;
        check::zone("zone", &self.zone)
    }
}

impl ChangeStore {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if let Some(name) = &self.name {
            check::name("name", name)?;
        }
        self.zone.as_ref().map_or(Ok(()), |zone| check::zone("zone", zone))
    }
}

pub(super) fn add_chain(cx: &Context<'_>, p: &AddChain) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Admin)?;
    let name = check::name("name", &p.name)?;
    let id = ChainId(cx.command.id.0);
    let created_at = cx.command.server_at;
    let added = rows::run(
        cx.db,
        "INSERT OR IGNORE INTO chain (uid, name, name_folded, created_at) VALUES (?1, ?2, ?3, ?4)",
        (id.0.as_bytes().as_slice(), &name, names::fold(&name), created_at.0),
    )?;
    if added == 0 {
        return Err(Rejection::Taken(Taken::Name).into());
    }
    Ok(Applied { event: Event::ChainAdded(Chain { id, name, created_at }), store: None })
}

pub(super) fn add_store(cx: &Context<'_>, p: &AddStore) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Admin)?;
    let name = check::name("name", &p.name)?;
    let chain = rows::key_of(cx.db, "SELECT id FROM chain WHERE uid = ?1", &p.chain_id.0, Noun::Chain)?;
    let folded = names::fold(&name);
    taken(cx, chain, 0, &folded, p.cnpj.as_ref())?;
    let id = StoreId(cx.command.id.0);
    let created_at = cx.command.server_at;
    rows::run(
        cx.db,
        "INSERT INTO store (uid, chain, name, name_folded, cnpj, zone, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            id.0.as_bytes().as_slice(),
            chain,
            &name,
            &folded,
            p.cnpj.as_ref().map(Cnpj::as_str),
            &p.zone,
            created_at.0,
        ),
    )?;
    let store = Store {
        id,
        chain_id: p.chain_id,
        name,
        cnpj_masked: p.cnpj.as_ref().map(Cnpj::masked),
        cnpj: None,
        zone: p.zone.clone(),
        created_at,
        discount_limits: DiscountLimits::default(),
    };
    Ok(Applied { event: Event::StoreAdded(store), store: Some(id) })
}

pub(super) fn change_store(cx: &Context<'_>, p: &ChangeStore) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Admin)?;
    let uid = p.store_id.0.as_bytes().as_slice();
    let found = rows::one(cx.db, "SELECT id, chain, name FROM store WHERE uid = ?1", [uid], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    })?;
    let (key, chain, before) = found.ok_or(Rejection::Unknown(Noun::Store))?;
    let name = p.name.as_deref().map_or(Ok(before), |name| check::name("name", name))?;
    let folded = names::fold(&name);
    taken(cx, chain, key, &folded, p.cnpj.as_ref())?;
    rows::run(
        cx.db,
        "UPDATE store SET name = ?2, name_folded = ?3, cnpj = coalesce(?4, cnpj), zone = coalesce(?5, zone)
         WHERE id = ?1",
        (key, &name, &folded, p.cnpj.as_ref().map(Cnpj::as_str), p.zone.as_ref()),
    )?;
    Ok(Applied { event: Event::StoreChanged(load(cx.db, key)?), store: Some(p.store_id) })
}

/// That no other store of the chain has the name, and no other store at all the CNPJ.
fn taken(
    cx: &Context<'_>,
    chain: i64,
    own: i64,
    folded: &str,
    cnpj: Option<&Cnpj>,
) -> Result<(), ApplyError> {
    let by_name = "SELECT 1 FROM store WHERE chain = ?1 AND name_folded = ?2 AND id <> ?3";
    if rows::one(cx.db, by_name, (chain, folded, own), |_| Ok(()))?.is_some() {
        return Err(Rejection::Taken(Taken::Name).into());
    }
    let by_cnpj = "SELECT 1 FROM store WHERE cnpj = ?1 AND id <> ?2";
    if let Some(cnpj) = cnpj
        && rows::one(cx.db, by_cnpj, (cnpj.as_str(), own), |_| Ok(()))?.is_some()
    {
        return Err(Rejection::Taken(Taken::Cnpj).into());
    }
    Ok(())
}

pub(super) fn load(db: &Connection, key: i64) -> Result<Store, ApplyError> {
    rows::one(db, concat!(select_store!(), " WHERE store.id = ?1"), [key], from_row)?
        .ok_or_else(|| Rejection::Unknown(Noun::Store).into())
}

/// A row of `select_store`; the CNPJ is masked here.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Store> {
    let cnpj: Option<String> = row.get(3)?;
    Ok(Store {
        id: StoreId(rows::id(row, 0)?),
        chain_id: ChainId(rows::id(row, 1)?),
        name: row.get(2)?,
        cnpj_masked: cnpj.and_then(|text| Cnpj::parse(&text).ok()).map(|cnpj| cnpj.masked()),
        cnpj: None,
        zone: row.get(4)?,
        created_at: UtcMicros(row.get(5)?),
        discount_limits: DiscountLimits {
            seller: Percent(row.get(6)?),
            manager: Percent(row.get(7)?),
            admin: Percent(row.get(8)?),
        },
    })
}
