//! Every route of `/api/v1` as it should be used, and who may use it.
#![cfg(test)]

#[path = "../common/mod.rs"]
pub mod common;

mod feed;
mod goods;
mod headers;
mod keys;
mod once;
mod people;
mod pins;
mod proxies;
mod readings;
mod reports;
mod sales;
mod sessions;
mod shop;
mod surface;
