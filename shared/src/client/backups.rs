//! Backups on the server's own disk.

use reqwest::Method;

use super::transport::Request;
use super::{Client, ClientError};
use crate::api::Backups;

const PATH: [&str; 3] = ["api", "v1", "backups"];

/// Backups.
impl Client {
    pub async fn backups(&self) -> Result<Backups, ClientError> {
        self.get(&PATH, Vec::new()).await
    }

    /// Begins one; how far it is stands in [`Client::backups`].
    pub async fn make_backup(&self) -> Result<Backups, ClientError> {
        self.ask(Request::new(Method::POST, &PATH)).await
    }
}
