//! Does what the sign-in screen asks for.

use super::state::{Effect, Event};
use crate::failure::Failure;
use crate::link::Link;

/// Runs an effect; `None` where nothing is to be told.
pub async fn run(link: &Link, effect: Effect) -> Option<Event> {
    match effect {
        Effect::Ask { address, lang } => Some(match link.connect(&address, lang) {
            Ok(client) => Event::Server(client.server_info().await),
            Err(_) => Event::BadAddress,
        }),
        Effect::SignIn(command, body) => Some(Event::SignedIn(match link.client() {
            Some(client) => client.sign_in(command, &body).await,
            None => Err(Failure::Unreachable),
        })),
        Effect::SignUp(command, body) => Some(Event::SignedIn(match link.client() {
            Some(client) => client.sign_up(command, &body).await,
            None => Err(Failure::Unreachable),
        })),
        Effect::SetUp(command, body) => Some(Event::SignedIn(match link.client() {
            Some(client) => client.set_up(command, &body).await,
            None => Err(Failure::Unreachable),
        })),
        Effect::SignOut => {
            if let Some(client) = link.client() {
                // The session has ended here in any case; the server's copy runs out by itself.
                let _ = client.sign_out().await;
            }
            None
        }
        Effect::Speak(lang) => {
            if let Some(client) = link.client() {
                client.set_language(lang.client());
            }
            None
        }
    }
}
