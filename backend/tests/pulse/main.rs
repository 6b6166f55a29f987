//! The pulse, as its contract words it, and in faults.
#![cfg(test)]

mod about;
#[path = "../common/mod.rs"]
pub mod common;
mod contract;
mod faults;
mod log;
#[path = "../api/shop.rs"]
pub mod shop;
