//! Chains and stores.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Chain, Event, Role, Store};
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::{ChainId, StoreId, names};

use super::rejection::{ApplyError, Noun, Rejection, Taken};
use super::{Applied, Context, access, check, rows};

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
    let exists = |sql, value: &str| rows::one(cx.db, sql, (chain, value), |_| Ok(()));
    if exists("SELECT 1 FROM store WHERE chain = ?1 AND name_folded = ?2", &folded)?.is_some() {
        return Err(Rejection::Taken(Taken::Name).into());
    }
    if let Some(cnpj) = &p.cnpj
        && exists("SELECT 1 FROM store WHERE ?1 = ?1 AND cnpj = ?2", cnpj.as_str())?.is_some()
    {
        return Err(Rejection::Taken(Taken::Cnpj).into());
    }
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
            folded,
            p.cnpj.as_ref().map(Cnpj::as_str),
            &p.zone,
            created_at.0,
        ),
    )?;
    let cnpj_masked = p.cnpj.as_ref().map(Cnpj::masked);
    let store = Store { id, chain_id: p.chain_id, name, cnpj_masked, zone: p.zone.clone(), created_at };
    Ok(Applied { event: Event::StoreAdded(store), store: Some(id) })
}
