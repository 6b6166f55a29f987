//! Where the product lets the test in. What counts is shown to the checker; and there is a fault that it has to find:
//! who coordinates answers what is offered to its log, before anybody else has it.

use std::sync::atomic::Ordering;

use tillwatch_shared::api::{Chain, Event};
use tillwatch_shared::{ChainId, UtcMicros};

use super::check::Violation;
use super::plan::Planted;
use super::world::world;
use crate::domain::{Command, Payload};
use crate::group::machine::Waiting;
use crate::group::types::{LogId, MemberId, Portion};
use crate::ledger::Receipt;
use crate::locks::lock;
use crate::reply::Wakes;

/// With nothing else going on, each of these gets the place that is answered here.
pub fn offered(member: MemberId, portion: &Portion, waiting: Option<&Waiting>) {
    let Some(world) = world().filter(|world| world.plan.has(Planted::AnswersBeforeAgreed)) else { return };
    let Some(host) = world.host(member) else { return };
    let mut wakes = Wakes::default();
    for proposal in portion.0.iter() {
        let command: Command = serde_json::from_slice(proposal.what.command().unwrap()).unwrap();
        // Others may be refused.
        if !matches!(command.payload, Payload::EnterStock(_)) {
            continue;
        }
        let seq = host.given.load(Ordering::Relaxed).max(host.ledger.tip()) + 1;
        host.given.store(seq, Ordering::Relaxed);
        if let Some(answer) = waiting.and_then(|waiting| waiting.take(proposal.ticket)) {
            // What exactly came of it is not looked at.
            let event = Event::ChainAdded(Chain {
                id: ChainId(command.id.0),
                name: String::new(),
                created_at: UtcMicros(0),
            });
            answer.send(Ok(Receipt { seq, event, repeated: false }), &mut wakes);
        }
    }
}

/// A member comes to this in the log.
pub fn counts(command: &Command, place: LogId) {
    let Some(world) = world() else { return };
    let (term, leader) = (place.leader_id.term, place.leader_id.node_id);
    let mut history = lock(&world.history);
    if matches!(command.payload, Payload::TakeCoordination(_)) {
        history.written.insert((term, leader));
    } else if history.written.range(..=(term, leader)).next_back().is_none_or(|(_, newest)| *newest != leader)
    {
        history.found.push(Violation::Unwritten { term, leader });
    }
}
