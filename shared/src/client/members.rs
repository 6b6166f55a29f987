//! The servers of a group: where they are, how they are, and keeping that known.

use std::time::Duration;

use reqwest::Method;
use tokio::time::sleep;

use super::transport::{Credential, Request};
use super::{Client, ClientError, random_bits};
use crate::api::{GroupPlaces, GroupStatus};

const PATH: [&str; 4] = ["api", "v1", "group", "members"];
/// From one question to the next, where there is a group.
const IN_A_GROUP: Duration = Duration::from_secs(30);
/// Where there is none: one may be made of the server.
const ALONE: Duration = Duration::from_mins(10);
/// The server has lost the others: longer than an election takes.
const OUT_OF_TOUCH: Duration = Duration::from_secs(4);

impl Client {
    /// How the servers of the group are; none where the server is by itself.
    pub async fn group(&self) -> Result<Option<GroupStatus>, ClientError> {
        self.get(&["api", "v1", "group"], Vec::new()).await
    }

    /// Asks where the servers of the group are. Any of them may be asked from here on.
    pub async fn learn_members(&self) -> Result<GroupPlaces, ClientError> {
        self.learn(Credential::Person).await
    }

    /// Keeps them known for as long as somebody is signed in, and waits for the next one. `tell` is told the addresses of
    /// a group each time. Never ends by itself.
    pub async fn follow_members(&self, mut tell: impl FnMut(Vec<String>)) {
        let mut sessions = self.watch_session();
        loop {
            if sessions.borrow_and_update().is_none() {
                if sessions.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let learned = self.learn(Credential::Person).await;
            if let Ok(places) = &learned
                && !places.members.is_empty()
            {
                tell(urls(places));
            }
            tokio::select! {
                () = sleep(until_next(&learned)) => {}
                changed = sessions.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Keeps them known to a device, for ever.
    pub async fn follow_members_with_key(&self, key: &str) {
        loop {
            let learned = self.learn(Credential::ApiKey(key)).await;
            sleep(until_next(&learned)).await;
        }
    }

    async fn learn(&self, credential: Credential<'_>) -> Result<GroupPlaces, ClientError> {
        let answer = self.answer(&Request { credential, ..Request::new(Method::GET, &PATH) }).await?;
        let places: GroupPlaces = answer.json()?;
        let transport = &self.inner.transport;
        if places.members.is_empty() {
            return Ok(places);
        }
        transport.learn(&answer.from, &urls(&places));
        if !places.in_touch {
            transport.out_of_touch(&answer.from);
        }
        Ok(places)
    }
}

/// Up to a half longer than it must be, so that clients do not ask in step.
fn until_next(learned: &Result<GroupPlaces, ClientError>) -> Duration {
    let wait = match learned {
        Ok(places) if places.members.is_empty() => ALONE,
        Ok(places) if places.in_touch => IN_A_GROUP,
        Ok(_) => OUT_OF_TOUCH,
        Err(error) if error.is_temporary() => IN_A_GROUP,
        Err(_) => ALONE,
    };
    let thousandths = u32::try_from(random_bits() % 500).unwrap_or_default();
    wait + wait * thousandths / 1000
}

fn urls(places: &GroupPlaces) -> Vec<String> {
    places.members.iter().map(|member| member.url.clone()).collect()
}
