//! What `update` decides, as tables and stories, without a window.

mod charts;
mod person;
mod polling;
mod story;
