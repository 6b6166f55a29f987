//! Files that the server follows: their state, their records, and what a person decides about them.

use reqwest::Method;

use super::routes::page_query;
use super::{Client, ClientError};
use crate::CommandId;
use crate::api::{Dismissal, Feed, FeedAlias, FeedAliasSet, FeedRecords, NewDismissal, Page, ParkedRecord};

type Answer<T> = Result<T, ClientError>;

impl Client {
    /// Every feed, and what is wrong with it.
    pub async fn feeds(&self) -> Answer<Vec<Feed>> {
        self.get(&["api", "v1", "feeds"], Vec::new()).await
    }

    /// The records after a place in the feed, oldest first.
    pub async fn feed_records(&self, feed: &str, after: i64, limit: u32) -> Answer<FeedRecords> {
        self.get(&["api", "v1", "feeds", feed, "records"], page_query(Some(after), limit)).await
    }

    /// Records that need a person, oldest first.
    pub async fn parked_records(&self, feed: &str, limit: u32) -> Answer<Page<ParkedRecord>> {
        self.get(&["api", "v1", "feeds", feed, "parked"], page_query(None, limit)).await
    }

    /// Says what a name of the feed means.
    pub async fn set_feed_alias(
        &self,
        command: CommandId,
        feed: &str,
        alias: &FeedAlias,
    ) -> Answer<FeedAliasSet> {
        self.command(Method::POST, &["api", "v1", "feeds", feed, "aliases"], command, alias).await
    }

    /// Puts a parked record away.
    pub async fn dismiss_record(
        &self,
        command: CommandId,
        feed: &str,
        body: &NewDismissal,
    ) -> Answer<Dismissal> {
        self.command(Method::POST, &["api", "v1", "feeds", feed, "dismissals"], command, body).await
    }
}
