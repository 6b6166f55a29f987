//! A fault that the checker has to find: who coordinates answers what is offered to its log, before anybody else has it.

use std::sync::atomic::Ordering;

use tillwatch_shared::api::{Chain, Event};
use tillwatch_shared::{ChainId, UtcMicros};

use super::plan::Planted;
use super::world::world;
use crate::domain::{Command, Payload};
use crate::group::machine::Waiting;
use crate::group::types::{MemberId, Portion};
use crate::ledger::Receipt;
use crate::reply::Wakes;

/// With nothing else going on, each of these gets the place that is answered here.
pub fn offered(member: MemberId, portion: &Portion, waiting: Option<&Waiting>) {
    let Some(world) = world().filter(|world| world.plan.has(Planted::AnswersBeforeAgreed)) else { return };
    let Some(host) = world.host(member) else { return };
    let mut wakes = Wakes::default();
    for proposal in portion.0.iter() {
        let command: Command = serde_json::from_str(&proposal.command).unwrap();
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
