//! Every screen in both languages, found and used by its labels as a person with a screen reader would.

mod alarms;
#[path = "../common/mod.rs"]
mod common;
mod compare;
#[cfg(test)]
mod extremes;
mod feeds;
mod goods;
mod hands;
mod import;
mod keeping;
mod lists;
mod live;
mod manage;
mod names;
mod pages;
mod person;
mod pictures;
mod reports;
mod row_keys;
mod sensor_notes;
#[cfg(test)]
mod sensors;
mod servers;
mod sheets;
mod terminals;
mod wall;
mod windows;
