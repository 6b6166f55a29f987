//! What must be so when nothing is wrong any more.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Coordination, GroupStatus, Page, Sale, Session};
use tillwatch_shared::random::Random;

use super::callers::Sold;
use super::members::{KEY, Members};
use super::{ALL, Outcome};

/// How long members may take to come to the same.
const AGREES: Duration = Duration::from_mins(2);

/// All that was answered is there, and nothing else.
pub async fn prove(members: &Members, sold: &Sold) -> Outcome<()> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let body = json!({ "username": "lucas", "password": "1234" });
    let url = format!("{}/api/v1/sessions", members.url(0));
    let session: Session = http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
    let mut asks = Vec::new();
    for place in ALL {
        asks.push(Asks { http: http.clone(), url: members.url(place), token: session.access_token.clone() });
    }
    agree(&asks).await?;
    let mut coordinators: Option<Vec<Coordination>> = None;
    for (place, ask) in asks.iter().enumerate() {
        let id = place + 1;
        let told = ask.all::<Coordination>("/api/v1/group/coordinators").await?;
        let before = coordinators.get_or_insert_with(|| told.clone());
        if *before != told {
            return Err(format!("member {id} tells of other coordinators").into());
        }
        let mut found = BTreeMap::new();
        for sale in ask.all::<Sale>("/api/v1/sales").await? {
            let sale_id = CommandId(sale.id.0);
            if found.insert(sale_id, sale).is_some() {
                return Err(format!("member {id} lists the sale {sale_id} twice").into());
            }
        }
        let known = |sale: &&CommandId| sold.asked.contains_key(sale) || sold.before.contains(sale);
        if let Some(stray) = found.keys().find(|sale| !known(sale)) {
            return Err(format!("member {id} has the sale {stray}, which nobody asked for").into());
        }
        for (sale, answered) in &sold.acknowledged {
            match found.get(sale) {
                None => {
                    return Err(
                        format!("member {id} does not have the sale {sale}, which was answered").into()
                    );
                }
                Some(there) if there != answered => {
                    return Err(format!("the sale {sale} is another one at member {id}").into());
                }
                Some(_) => {}
            }
        }
    }
    let count = coordinators.map_or(0, |all| all.len());
    println!("all members have one journal, and tell of the same {count} times that one began to coordinate");
    readings(&http, members, sold).await?;
    for place in ALL {
        members.stop(place)?;
    }
    for place in ALL {
        members.verify(place)?;
    }
    println!(
        "each has all {} readings that were answered, under the ids that the journal seals",
        sold.readings.len()
    );
    Ok(())
}

pub struct Asks {
    pub http: reqwest::Client,
    pub url: String,
    pub token: String,
}

impl Asks {
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        let asked = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send();
        Ok(asked.await?.error_for_status()?.json().await?)
    }

    /// Every row of a list.
    pub async fn all<T: DeserializeOwned>(&self, path: &str) -> Outcome<Vec<T>> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let page: Page<T> = self.get(&format!("{path}?limit=1000{after}")).await?;
            rows.extend(page.items);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(rows),
            }
        }
    }
}

/// Until all have one journal, with one hash.
async fn agree(asks: &[Asks]) -> Outcome<()> {
    let end = Instant::now() + AGREES;
    loop {
        let mut how = Vec::new();
        for ask in asks {
            match ask.get::<Option<GroupStatus>>("/api/v1/group").await {
                Ok(Some(status)) if agrees(&status) => {}
                Ok(status) => how.push(format!("{status:?}")),
                Err(error) => how.push(error.to_string()),
            }
        }
        if how.is_empty() {
            return Ok(());
        }
        if how.iter().any(|how| how.contains("agrees: Some(false)") || how.contains("out_of_service: true")) {
            return Err(format!("a journal differs: {}", how.join("\n")).into());
        }
        if Instant::now() > end {
            return Err(format!("the members do not come to the same: {}", how.join("\n")).into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn agrees(status: &GroupStatus) -> bool {
    let journal = status.members.first().and_then(|member| member.journal);
    let same = |member: &&tillwatch_shared::api::GroupMember| {
        member.journal == journal && member.agrees == Some(true) && !member.out_of_service
    };
    journal.is_some()
        && status.members.len() == ALL.len()
        && status.members.iter().filter(same).count() == ALL.len()
}

/// A reading that is sent again, to whichever member, is there already.
async fn readings(http: &reqwest::Client, members: &Members, sold: &Sold) -> Outcome<()> {
    for place in ALL {
        for some in sold.readings.chunks(1_000) {
            let url = format!("{}/api/v1/readings", members.url(place));
            let answer = http.post(url).header("x-api-key", KEY).json(&json!({ "readings": some })).send();
            let answer: Value = answer.await?.error_for_status()?.json().await?;
            if answer.get("duplicate").is_none_or(|known| *known != some.len()) {
                return Err(format!("member {} lacks readings that it answered: {answer}", place + 1).into());
            }
        }
    }
    Ok(())
}

/// Changes the newest row of a member's journal below it.
pub fn plant(members: &Members) -> Outcome<()> {
    let place = usize::try_from(Random::new(1).next() % 3)?;
    let file = Connection::open(members.data(place).join("ledger.sqlite"))?;
    file.busy_timeout(Duration::from_secs(10))?;
    file.execute("UPDATE journal SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM journal)", [])?;
    Ok(())
}
