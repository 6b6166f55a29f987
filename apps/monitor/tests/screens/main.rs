//! Every screen in both languages, found and used by its labels as a person with a screen reader would.

#[path = "../common/mod.rs"]
mod common;
mod feeds;
mod goods;
mod hands;
mod live;
mod pages;
mod person;
mod pictures;
mod reports;
mod sensors;
mod terminals;
