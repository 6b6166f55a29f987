//! Made-up files of other programs, in each of their states.

use tillwatch_shared::api::{
    AliasKind, FaultCode, FaultReason, Feed, FeedAliasSet, FeedFault, FeedFormat, FeedState, Page,
    ParkReason, ParkedRecord, ParkedThing,
};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{Cents, UtcMicros};

use super::{product_id, store};
use crate::feed_new::Addition;
use crate::feeds::Target;

/// Up to three: one that is well, one that needs somebody, one that cannot be used.
pub fn feeds(count: usize, now: UtcMicros) -> Vec<Feed> {
    let fault = |line: i64, id: Option<&str>, code: FaultCode, about: &str| {
        let reason = FaultReason::about(code, about);
        FeedFault::new(now.plus(-3 * MINUTE), Some(line), id.map(str::to_owned), reason)
    };
    let well = Feed {
        name: "centro".to_owned(),
        path: Some("/srv/caixas/centro/vendas-2026.ndjson".to_owned()),
        format: Some(FeedFormat::Ndjson),
        state: FeedState::Current,
        position_bytes: 14_680_064,
        size_bytes: 14_680_064,
        last_seq: 48_217,
        records: 48_210,
        updates: 7,
        sales: 48_102,
        waiting: 0,
        parked: 0,
        bad_records: 0,
        last_fault: None,
        faults: Vec::new(),
        looked_at: Some(now.plus(-2 * SECOND)),
    };
    let faults = vec![
        fault(207, Some("V-00000207"), FaultCode::NotUtf8, "84"),
        fault(1_412, None, FaultCode::NoId, ""),
        fault(1_998, Some("V-00001998"), FaultCode::NotJson, "1:61"),
    ];
    let needy = Feed {
        name: "bairro".to_owned(),
        path: Some("/srv/caixas/loja-do-bairro-novo-segundo-andar/exportado/data.json".to_owned()),
        format: Some(FeedFormat::Json),
        records: 2_104,
        sales: 2_093,
        parked: 8,
        bad_records: 3,
        last_fault: faults.last().cloned(),
        faults,
        ..well.clone()
    };
    let broken = Feed {
        name: "shopping".to_owned(),
        path: Some("/srv/caixas/shopping/data.json".to_owned()),
        format: Some(FeedFormat::Json),
        state: FeedState::Failed,
        records: 76,
        sales: 70,
        updates: 0,
        last_fault: Some(fault(77, None, FaultCode::CutInside, "77")),
        ..well.clone()
    };
    [well, needy, broken].into_iter().take(count).collect()
}

pub fn parked(feed: &str) -> Page<ParkedRecord> {
    let long = "LOJAS MARTINS Shopping Iguatemi Praça de Alimentação Piso Superior (antiga Martins 3)";
    let made = [
        ("V-00000031", ParkReason::UnknownStore, long),
        ("V-00000032", ParkReason::UnknownStore, long),
        ("V-00000035", ParkReason::UnknownStore, long),
        ("V-00000040", ParkReason::UnknownStore, long),
        ("V-00000112", ParkReason::UnknownProduct, "Pão de queijo da casa"),
        ("V-00000118", ParkReason::UnknownSeller, "Zé"),
        ("V-00000203", ParkReason::BadSale, "amount"),
        ("V-00000009", ParkReason::Changed, "sale"),
    ];
    let record = |(record_id, reason, subject): (&str, ParkReason, &str)| ParkedRecord {
        feed: feed.to_owned(),
        record_id: record_id.to_owned(),
        version: 1,
        reason,
        subject: subject.to_owned(),
        told: told(reason),
    };
    let items = if feed == "bairro" { made.map(record).to_vec() } else { Vec::new() };
    Page { items, next: None }
}

/// What the first of them say of what is unknown.
fn told(reason: ParkReason) -> Option<ParkedThing> {
    let nothing = ParkedThing { code: None, price_cents: None, chain: None };
    match reason {
        ParkReason::UnknownStore => Some(ParkedThing { chain: Some("Max Atacado".to_owned()), ..nothing }),
        ParkReason::UnknownProduct => {
            let code = Some("7891000100103".to_owned());
            Some(ParkedThing { code, price_cents: Some(Cents(1_250)), ..nothing })
        }
        ParkReason::UnknownSeller | ParkReason::BadSale | ParkReason::Changed => None,
    }
}

pub fn added(addition: &Addition) -> Target {
    let name = match addition {
        Addition::Product(product) => &product.name,
        Addition::Store(store) => &store.name,
    };
    Target { id: super::uuid(3, 900), name: name.clone(), note: String::new() }
}

pub fn targets(kind: AliasKind) -> Vec<Target> {
    let target = |id, name: &str, note: &str| Target { id, name: name.to_owned(), note: note.to_owned() };
    match kind {
        AliasKind::Store => Vec::new(),
        AliasKind::Seller => super::PEOPLE
            .into_iter()
            .zip(0..)
            .map(|(name, index)| target(super::uuid(4, index), name, &format!("pessoa{index}")))
            .collect(),
        AliasKind::Product => vec![
            target(product_id(1).0, "Pão de queijo congelado", "1 · R$ 39,90"),
            target(product_id(4).0, "Pão francês", "4 · R$ 17,90"),
        ],
    }
}

pub fn alias_set() -> FeedAliasSet {
    FeedAliasSet {
        feed: "bairro".to_owned(),
        kind: AliasKind::Store,
        name: "Loja 3".to_owned(),
        target_id: store(0).id.0,
        released: 4,
    }
}
