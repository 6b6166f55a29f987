//! Faults that a change might bring: each must be found by what the watcher is compared with.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::machine::Test;
use super::{Server, in_any_order, in_order, tests};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// After a start nothing is looked at again: a delay and a window begin anew.
    BeginsAnewAfterAStart,
    /// An open alarm is not known after a start: a second one is opened beside it.
    ForgetsWhatIsOpen,
    /// What comes late is stored, and nobody looks at it.
    DeafToWhatIsLate,
    /// An alarm is over as soon as the value is at the limit.
    HasNoMargin,
    /// It is told at once.
    HasNoDelay,
    /// What is over is recorded with another end.
    EndsWhereItBegan,
    /// That it got worse is not told.
    KeepsTheFirstWorst,
}

impl Fault {
    /// What the watcher is made to look for.
    pub const fn in_test(self, test: Test) -> Test {
        match (self, test) {
            (Self::HasNoMargin, Test::Above { limit, delay, .. }) => {
                Test::Above { limit, recovery: limit, delay }
            }
            (Self::HasNoMargin, Test::Below { limit, delay, .. }) => {
                Test::Below { limit, recovery: limit, delay }
            }
            (Self::HasNoDelay, Test::Above { limit, recovery, .. }) => {
                Test::Above { limit, recovery, delay: 0 }
            }
            (Self::HasNoDelay, Test::Below { limit, recovery, .. }) => {
                Test::Below { limit, recovery, delay: 0 }
            }
            (_, test) => test,
        }
    }
}

/// Whether it is found, with the same readings each time.
fn is_found(fault: Fault) -> bool {
    let runner = || {
        let config =
            Config { cases: 400, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let algorithm = proptest::test_runner::RngAlgorithm::ChaCha;
        TestRunner::new_with_rng(config, proptest::test_runner::TestRng::deterministic_rng(algorithm))
    };
    let ordered = prop::collection::vec((1..12_i64, 0..12_i32, any::<bool>()), 1..60);
    let any_order = prop::collection::vec((0..200_i64, 0..12_i32, any::<bool>()), 1..60);
    let in_order = runner().run(&(tests(), ordered), |(test, readings)| {
        in_order(Server::with(test, Some(fault)), test, readings)
    });
    in_order.is_err()
        || runner()
            .run(&(tests(), any_order), |(test, readings)| {
                in_any_order(Server::with(test, Some(fault)), test, readings)
            })
            .is_err()
}

#[test]
fn each_planted_fault_is_found() {
    for fault in [
        Fault::BeginsAnewAfterAStart,
        Fault::ForgetsWhatIsOpen,
        Fault::DeafToWhatIsLate,
        Fault::HasNoMargin,
        Fault::HasNoDelay,
        Fault::EndsWhereItBegan,
        Fault::KeepsTheFirstWorst,
    ] {
        assert!(is_found(fault), "{fault:?} is not found");
    }
}
