//! Chart data: what the server sent, merged and cut at its gaps; which time range is looked at; where the
//! ticks stand. Nothing here draws.

pub mod columns;
pub mod history;
pub mod scale;
pub mod table;
pub mod ticks;
pub mod view;

pub use history::{Block, Bucket, History, Measure, Stat};
pub use view::{Range, RangeChoice, View};
