//! The monitor window: what was sold and received, by whom, where; what every sensor measures; what needs
//! a person now. `state` is plain data, `update` decides, `ui` draws, `job` talks to the server.

pub mod charts;
pub mod input;
pub mod livelog;
pub mod samples;
pub mod state;
pub mod stock;
pub mod texts;
pub mod update;
