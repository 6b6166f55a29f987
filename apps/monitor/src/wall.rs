//! The wall: a full screen that turns its pages by itself, for a monitor that hangs where everybody sees it.

use std::collections::BTreeSet;

use tillwatch_shared::{AlarmId, UtcMicros};

use crate::state::Page;

/// What the wall shows, one after the other.
pub const PAGES: [Page; 3] = [Page::Overview, Page::Sensors, Page::Alarms];
/// How long a page may stay, in seconds.
pub const SECONDS: [u32; 4] = [10, 20, 30, 60];

/// While it is on.
#[derive(Debug)]
pub struct Wall {
    /// When the next page comes.
    pub turns_at: UtcMicros,
    /// Alarms that opened and that hold the wall at their page: nobody has taken care, and they go on.
    pub held_by: BTreeSet<AlarmId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WallAct {
    Enter,
    Leave,
    /// One of [`SECONDS`].
    Seconds(u32),
}
