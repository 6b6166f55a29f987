//! The routes about the pulse: terminals, and the log of their messages.

use reqwest::Method;

use super::routes::{Answer, Query, page_query};
use super::transport::Request;
use super::{Client, to_json};
use crate::UtcMicros;
use crate::api::{
    Direction, MessageKind, NewTerminalAbout, Page, PulseMessage, PulseRetention, PulseRetentionSetting,
    Terminal,
};

/// Which messages of the pulse's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PulseLogQuery {
    pub client: Option<String>,
    pub direction: Option<Direction>,
    pub kind: Option<MessageKind>,
    /// What they hold somewhere; capital and small letters of English are the same.
    pub text: Option<String>,
    pub from: Option<UtcMicros>,
    /// Not included.
    pub to: Option<UtcMicros>,
    pub after: Option<i64>,
    pub limit: u32,
    pub newest_first: bool,
}

impl PulseLogQuery {
    fn pairs(&self) -> Query {
        let mut query = page_query(self.after, self.limit);
        query.extend(self.client.clone().map(|client| ("client", client)));
        let word = |direction| match direction {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        query.extend(self.direction.map(|direction| ("direction", word(direction).to_owned())));
        query.extend(self.kind.map(|kind| ("kind", kind.word().to_owned())));
        query.extend(self.text.clone().map(|text| ("text", text)));
        query.extend(self.from.map(|from| ("from", from.to_string())));
        query.extend(self.to.map(|to| ("to", to.to_string())));
        if self.newest_first {
            query.push(("order", "newest".to_owned()));
        }
        query
    }
}

/// The pulse: see also [`Client::pulse`].
impl Client {
    /// Every terminal.
    pub async fn pulse_terminals(&self) -> Answer<Vec<Terminal>> {
        self.get(&["api", "v1", "pulse", "clients"], Vec::new()).await
    }

    /// Tells what this terminal, which has its pulse here, is and has.
    pub async fn tell_about(&self, client: &str, about: &NewTerminalAbout) -> Answer<()> {
        let path = ["api", "v1", "pulse", "clients", client, "about"];
        let body = Some(to_json(about)?);
        self.tell(Request { body, ..Request::new(Method::PUT, &path) }).await
    }

    /// Forgets a terminal that is not connected.
    pub async fn forget_terminal(&self, client: &str) -> Answer<()> {
        self.tell(Request::new(Method::DELETE, &["api", "v1", "pulse", "clients", client])).await
    }

    /// How long messages are kept.
    pub async fn pulse_retention(&self) -> Answer<PulseRetentionSetting> {
        self.get(&["api", "v1", "pulse", "retention"], Vec::new()).await
    }

    pub async fn set_pulse_retention(&self, wanted: PulseRetention) -> Answer<PulseRetentionSetting> {
        let body = Some(to_json(&wanted)?);
        self.ask(Request { body, ..Request::new(Method::PUT, &["api", "v1", "pulse", "retention"]) }).await
    }

    /// A page of the log of messages. A page with a `next` may hold fewer than `limit`.
    pub async fn pulse_messages(&self, query: &PulseLogQuery) -> Answer<Page<PulseMessage>> {
        self.get(&["api", "v1", "pulse", "messages"], query.pairs()).await
    }
}
