//! What the register decides: tables over `update`, without a window or a server.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

mod carts;
mod cash;
mod corrections;
mod corrections_of_money;
mod debts;
mod feed;
mod forms;
mod offline;
mod outbox;
mod outbox_machine;
mod people;
mod prices;
mod pulse;
mod receipts;
mod returns;
mod scan;
mod selling;
mod session;
mod slow_screen;
mod stock;
mod till;
