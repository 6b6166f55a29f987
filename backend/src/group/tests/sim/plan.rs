//! What is simulated.

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// After so many steps all is healed, and what is there is checked.
    pub steps: u64,
    pub planted: Option<Planted>,
    pub keeps_lines: bool,
}

/// A fault of the product that the checker has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Who coordinates answers as soon as a command is offered to its log.
    AnswersBeforeAgreed,
    /// The log says that it is on the disk a while before it is.
    AnswersBeforeDisk,
    /// The ledger does not look whether it has had a command before.
    ForgetsIds,
    /// Readers are not held up until their member shows what they have seen.
    ReadsTooEarly,
}

impl Plan {
    pub const fn new(seed: u64, steps: u64) -> Self {
        Self { seed, steps, planted: None, keeps_lines: false }
    }

    pub fn has(&self, planted: Planted) -> bool {
        self.planted == Some(planted)
    }
}
