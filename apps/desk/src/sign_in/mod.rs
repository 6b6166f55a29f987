//! Signing in, shared by both windows: state and its pure `update`, the effects, and the screen.

mod effects;
mod state;
mod texts;
mod ui;
mod update;

pub use effects::run;
pub use state::{Complaint, DEMO_PEOPLE, DemoPerson, Effect, Event, Input, Mode, Place, State};
pub use ui::{Answers, Look, ui};
pub use update::update;
