//! The window's way to its server: the API client in use, replaced when the address changes.

use std::sync::{Mutex, PoisonError};

use tillwatch_shared::client::{Client, ClientOptions, OptionsError};

use crate::Lang;

/// Where the server is when nobody has said anything else.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

#[derive(Debug)]
pub struct Link {
    client: Mutex<Option<Client>>,
    user_agent: String,
}

impl Link {
    /// Not connected yet; `user_agent` names the program.
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self { client: Mutex::new(None), user_agent: user_agent.into() }
    }

    /// Turns to the servers in `addresses`, separated by commas. The session of the old client ends here.
    pub fn connect(&self, addresses: &str, lang: Lang) -> Result<Client, OptionsError> {
        let options = ClientOptions {
            servers: servers(addresses),
            language: lang.client(),
            user_agent: self.user_agent.clone(),
            ..ClientOptions::default()
        };
        let client = Client::new(&options)?;
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    /// The client in use.
    pub fn client(&self) -> Option<Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The addresses in a list separated by commas.
pub fn servers(addresses: &str) -> Vec<String> {
    addresses.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_address_is_refused_and_the_old_client_stays() {
        let link = Link::new("test");
        link.connect("http://127.0.0.1:1, 127.0.0.1:2", Lang::Pt).unwrap();
        assert!(link.connect(" , ", Lang::Pt).is_err());
        assert_eq!(link.client().unwrap().server(), "http://127.0.0.1:1");
    }
}
