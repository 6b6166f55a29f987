//! What `update` decides, as tables and stories, without a window.

mod alarms;
mod calls;
mod charts;
mod compare;
mod feed_new;
mod forms;
mod history;
mod import;
mod keeping;
mod lists;
mod papers;
mod past;
mod person;
mod polling;
mod saving;
mod sensor_notes;
mod servers;
mod sheets;
mod story;
mod windows;
