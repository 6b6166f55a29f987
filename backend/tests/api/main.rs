//! Every route of `/api/v1` as it should be used, and who may use it.
#![cfg(test)]

#[path = "../common/mod.rs"]
pub mod common;

mod accounts;
mod alarms;
mod annotations;
mod backups;
mod calibrations;
mod cash;
mod cash_model;
mod counts;
mod discounts;
mod feed;
mod gone;
mod goods;
mod headers;
mod keys;
mod lot_counts;
mod lots;
mod once;
mod people;
mod pins;
mod prices;
mod product_import;
mod proxies;
mod readings;
mod rehearsal;
mod rehearsal_tills;
mod report_rows;
mod reports;
mod returns;
mod sales;
mod sessions;
mod shop;
mod surface;
mod temperature_sheets;
mod tills;
mod told;
mod told_mail;
mod transfers;
mod upkeep;
mod watching;
mod watching_kinds;
