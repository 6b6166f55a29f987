//! Makes sales of the records that are some, one command for each, and, where the settings say so, first
//! adds the stores, sellers and products that they name.

use std::time::Duration;

use actix_web::web::Data;
use futures_util::future::join_all;
use tillwatch_shared::api::{NewProduct, Role, Unit};
use tillwatch_shared::{ChainId, CommandId, PersonId, Quantity, StoreId, names};

use super::OnUnknown;
use crate::domain::feed_sale::{self, Lookup, Told, ToldItem, ToldSale};
use crate::domain::feeds::{SellRecord, command_id};
use crate::domain::people::{AddPerson, Entry, PasswordHash};
use crate::domain::products::AddProduct;
use crate::domain::stores::{AddChain, AddStore};
use crate::domain::{Command, Payload, Rejection};
use crate::http::App;
use crate::ledger::SubmitError;
use crate::ledger::queries::feeds::{self as queries, Waiting};
use crate::ledger::queries::people;

/// Records that become sales at the same time: few enough to leave the ledger's queue to the tills.
const AT_ONCE: u32 = 256;
/// When nobody rings, for instance because the ledger was busy.
const ROUND: Duration = Duration::from_secs(5);

/// Runs until it is aborted.
pub async fn run(app: Data<App>) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "records wait to become sales; the next round tries again");
        }
        tokio::select! {
            () = app.feeds.sales_wait() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Goes once through all that wait.
async fn round(app: &Data<App>) -> Result<(), SubmitError> {
    // People belong to a shop that was set up; until then the first one to come is its admin.
    if !app.ledger.read(people::anybody).map_err(storage)? {
        return Ok(());
    }
    let mut after = 0;
    loop {
        let found = app.ledger.read_long(move |db| queries::waiting(db, after, AT_ONCE)).await;
        let waiting = found.map_err(storage)?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = last.key;
        add_unknown(app, &waiting).await?;
        let results = join_all(waiting.iter().map(|record| sell(app, record))).await;
        for (record, result) in waiting.iter().zip(results) {
            match result {
                // It changed meanwhile; the next round sees it as it is then.
                Ok(()) | Err(SubmitError::Rejected(Rejection::Unknown(_))) => {}
                Err(SubmitError::Closed) => return Ok(()),
                Err(error) => {
                    tracing::warn!(feed = record.feed, record = record.record_id, %error, "no sale yet");
                }
            }
        }
    }
}

async fn sell(app: &App, record: &Waiting) -> Result<(), SubmitError> {
    let parts = [
        b"sell",
        record.feed.as_bytes(),
        record.record_id.as_bytes(),
        &record.version.to_le_bytes(),
        &record.tries.to_le_bytes(),
    ];
    let payload = Payload::SellRecord(SellRecord {
        feed: record.feed.clone(),
        record_id: record.record_id.clone(),
        version: record.version,
    });
    submit(app, command_id(&parts), payload).await
}

/// Adds what the records name and nobody knows: always the person to whom the feed's own sales belong, the
/// rest if the settings say so.
async fn add_unknown(app: &Data<App>, waiting: &[Waiting]) -> Result<(), SubmitError> {
    for record in waiting {
        let Told::Sale(told) = feed_sale::read(&record.body) else { continue };
        let add = app.settings.feed_unknown == OnUnknown::Create;
        if add {
            add_store(app, record, &told).await?;
            for item in &told.items {
                add_product(app, record, item).await?;
            }
        }
        if add || told.seller.is_none() {
            add_seller(app, record, &told).await?;
        }
    }
    Ok(())
}

async fn add_store(app: &App, record: &Waiting, told: &ToldSale) -> Result<(), SubmitError> {
    if lookup(app, record, |lookup| lookup.store(told))?.is_some() {
        return Ok(());
    }
    let chain = told.chain.as_deref().unwrap_or(&record.feed);
    let folded = names::fold(chain);
    let known = app.ledger.read(|db| queries::chain(db, &folded)).map_err(storage)?;
    let chain_id = if let Some(id) = known {
        id
    } else {
        let id = command_id(&[b"chain", record.feed.as_bytes(), folded.as_bytes()]);
        add(app, id, Payload::AddChain(AddChain { name: chain.to_owned() })).await?;
        ChainId(id.0)
    };
    let name = names::fold(&told.store);
    let id = command_id(&[b"store", record.feed.as_bytes(), folded.as_bytes(), name.as_bytes()]);
    let store = AddStore { chain_id, name: told.store.clone(), cnpj: None, zone: app.settings.zone.clone() };
    add(app, id, Payload::AddStore(store)).await
}

async fn add_product(app: &App, record: &Waiting, item: &ToldItem) -> Result<(), SubmitError> {
    if lookup(app, record, |lookup| lookup.product(item))?.is_some() {
        return Ok(());
    }
    let folded = names::fold(&item.product);
    let id = command_id(&[b"product", record.feed.as_bytes(), folded.as_bytes()]);
    let product = NewProduct {
        name: item.product.clone(),
        code: item.code.clone(),
        unit: Unit::Un,
        price_cents: item.price,
        minimum_thousandths: Quantity(0),
    };
    add(app, id, Payload::AddProduct(AddProduct { product })).await
}

/// A seller without a password: nobody can sign in as them until a manager gives them one.
async fn add_seller(app: &App, record: &Waiting, told: &ToldSale) -> Result<(), SubmitError> {
    if lookup(app, record, |lookup| lookup.seller(told.seller.as_deref()))?.is_some() {
        return Ok(());
    }
    let own = feed_sale::own_seller(&record.feed);
    let name = told.seller.as_deref().unwrap_or(&own);
    let store = lookup(app, record, |lookup| lookup.store(told))?;
    let stores: Vec<StoreId> = store.map(|store| store.id).into_iter().collect();
    let id = command_id(&[b"seller", record.feed.as_bytes(), names::fold(name).as_bytes()]);
    let person = AddPerson {
        username: name.to_owned(),
        name: None,
        role: Role::Seller,
        cpf: None,
        stores,
        entry: Entry::Added,
        password_hash: PasswordHash(String::new()),
    };
    add(app, id, Payload::AddPerson(person)).await
}

/// Adds something. If it cannot be added (its name is taken, or no good), the sale's own command finds what
/// is missing and parks the record.
async fn add(app: &App, id: CommandId, payload: Payload) -> Result<(), SubmitError> {
    match submit(app, id, payload).await {
        Err(SubmitError::Rejected(_)) => Ok(()),
        result @ (Ok(())
        | Err(
            SubmitError::Busy
            | SubmitError::Unavailable(_)
            | SubmitError::Closed
            | SubmitError::NoCoordinator
            | SubmitError::OlderMember(_)
            | SubmitError::Unknown
            | SubmitError::Refused,
        )) => result,
    }
}

async fn submit(app: &App, id: CommandId, payload: Payload) -> Result<(), SubmitError> {
    let now = app.now();
    let actor: Option<PersonId> = None;
    let command = Command { id, actor, till: None, client_at: now, server_at: now, payload };
    app.ledger.submit(command).await.map(drop)
}

fn lookup<T>(
    app: &App,
    record: &Waiting,
    find: impl FnOnce(&Lookup<'_>) -> rusqlite::Result<T>,
) -> Result<T, SubmitError> {
    let looked = app.ledger.read(|db| find(&Lookup { db, feed: record.feed_key, feed_name: &record.feed }));
    looked.map_err(storage)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn storage(error: rusqlite::Error) -> SubmitError {
    SubmitError::Unavailable(error.to_string().into())
}
