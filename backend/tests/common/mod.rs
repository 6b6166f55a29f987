//! What the tests drive: a server in this process (`inside`), the real program (`program`), and a plain
//! HTTP caller that shows every byte of an answer (`caller`).

#![expect(
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "helpers of tests: they panic when the test fails"
)]

pub mod authority;
pub mod caller;
pub mod dice;
pub mod goods;
pub mod hook;
pub mod inside;
pub mod mail;
pub mod program;
pub mod readings_socket;
pub mod socket;

pub use authority::Authority;
pub use caller::{Answer, Caller};
pub use dice::Dice;
pub use hook::Hook;
pub use inside::Server;
pub use program::Program;
