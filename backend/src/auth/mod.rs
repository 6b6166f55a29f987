//! Proving who one is: passwords, tokens, device keys, and the brake on guessing.

pub mod keyring;
pub mod passwords;
pub mod secret;
pub mod throttle;
pub mod tokens;
