//! What the tests drive: a server in this process (`inside`), the real program (`program`), and a plain
//! HTTP caller that shows every byte of an answer (`caller`).

pub mod caller;
pub mod dice;
pub mod goods;
pub mod inside;
pub mod program;

pub use caller::{Answer, Caller};
pub use dice::Dice;
pub use inside::Server;
pub use program::Program;
