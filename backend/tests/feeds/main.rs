//! Feeds: files of other programs, whole, growing, broken, replaced and gone.
#![cfg(test)]

#[path = "../common/mod.rs"]
pub mod common;

mod files;
mod followed;
mod restarts;
mod sales;
