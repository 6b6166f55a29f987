//! What the register and the monitor window share: how things look (tokens, fonts, icons, widgets), what
//! they say (texts, formats, failures), and how a window lives (shell, worker, settings, sign-in,
//! connection). Nothing here knows what a cart or a chart is.

pub mod clock;
pub mod connection;
pub mod failure;
pub mod files;
pub mod fonts;
pub mod format;
pub mod icons;
pub mod keys;
pub mod link;
pub mod printer;
pub mod remote;
pub mod settings;
pub mod shell;
pub mod sign_in;
pub mod texts;
pub mod toasts;
pub mod tokens;
pub mod typed_ahead;
pub mod widgets;
pub mod worker;

pub use texts::Lang;
pub use tokens::Theme;
