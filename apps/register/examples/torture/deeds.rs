//! What the till notes of its own deeds, apart from the register's own file: what it does before it does it, and what
//! it has confirmed. Each note is one write, which a kill cannot undo.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use tillwatch_register::state::cash::NoteOf;
use tillwatch_register::state::outbox::{Parcel, Work};
use tillwatch_shared::api::CashReport;
use tillwatch_shared::{CashSessionId, CommandId, PersonId, UtcMicros};
use uuid::Uuid;

use super::Outcome;

const FILE: &str = "deeds.log";

/// A command that the till made.
pub struct Deed {
    pub person: PersonId,
    /// By the till's clock.
    pub made_at: UtcMicros,
    pub work: Work,
    /// It was on the till's disk, and the till said so.
    pub confirmed: bool,
    /// The server has it, as the proof found.
    pub happened: bool,
}

/// All that tills in this folder noted, over all of their lives.
#[derive(Default)]
pub struct Deeds {
    pub commands: BTreeMap<CommandId, Deed>,
    /// Z as the till made it, by the command that closed the session.
    pub closed: BTreeMap<CommandId, (CashSessionId, CashReport)>,
    /// Unfinished sales that were on the disk when the till confirmed something later.
    pub carts: Vec<CommandId>,
    /// What the server has refused, and why.
    pub refused: BTreeMap<CommandId, String>,
    /// What a person threw away after that.
    pub discarded: Vec<CommandId>,
    /// What was corrected, and the command in its place.
    pub replaced: BTreeMap<CommandId, CommandId>,
    /// How often something refused was sent again.
    pub retried: usize,
    /// How often the clock jumped while the till ran.
    pub jumps: usize,
}

/// Where the notes go.
pub struct Notes(File);

impl Notes {
    /// For one more life.
    pub fn open(folder: &Path) -> Outcome<Self> {
        let file = OpenOptions::new().create(true).append(true).open(folder.join(FILE))?;
        let mut notes = Self(file);
        // What a kill cut off stays a line of its own.
        notes.line("\nlife")?;
        Ok(notes)
    }

    pub fn made(&mut self, parcel: &Parcel) -> Outcome<()> {
        let (id, person, at) = (parcel.command, parcel.person, parcel.made_at.0);
        if let Some(NoteOf::Closed(report)) = parcel.cash.as_deref().map(|note| &note.of)
            && let Work::CashClose(session, _) = &parcel.work
        {
            self.line(&format!("closed {id} {session} {}", serde_json::to_string(report)?))?;
        }
        if let Some(old) = parcel.replaces {
            self.line(&format!("replaced {old} {id}"))?;
        }
        self.line(&format!("made {id} {person} {at} {}", serde_json::to_string(&parcel.work)?))
    }

    pub fn discarded(&mut self, command: CommandId) -> Outcome<()> {
        self.line(&format!("discarded {command}"))
    }

    pub fn retried(&mut self, command: CommandId) -> Outcome<()> {
        self.line(&format!("retried {command}"))
    }

    pub fn confirmed(&mut self, command: CommandId) -> Outcome<()> {
        self.line(&format!("confirmed {command}"))
    }

    pub fn refused(&mut self, command: CommandId, why: &str) -> Outcome<()> {
        self.line(&format!("refused {command} {why}"))
    }

    /// An unfinished sale is on its way to the disk.
    pub fn cart(&mut self, sale: CommandId) -> Outcome<()> {
        self.line(&format!("cart {sale}"))
    }

    pub fn jump(&mut self) -> Outcome<()> {
        self.line("jump")
    }

    fn line(&mut self, line: &str) -> Outcome<()> {
        Ok(self.0.write_all(format!("{line}\n").as_bytes())?)
    }
}

pub fn deeds(folder: &Path) -> Outcome<Deeds> {
    let text = std::fs::read_to_string(folder.join(FILE))?;
    let mut deeds = Deeds::default();
    // Writes reach the disk in their order: what the till confirms tells of the carts before it.
    let mut unsure: Vec<(CommandId, usize)> = Vec::new();
    let (mut made, mut replaced) = (BTreeMap::new(), Vec::new());
    for (place, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        match words.as_slice() {
            ["life"] => unsure.clear(),
            ["jump"] => deeds.jumps += 1,
            ["cart", sale] => unsure.push((id(sale)?, place)),
            ["made", command, person, at, work] => {
                let (person, made_at) = (person.parse()?, UtcMicros(at.parse()?));
                let work = serde_json::from_str(work)?;
                let deed = Deed { person, made_at, work, confirmed: false, happened: false };
                deeds.commands.insert(id(command)?, deed);
                made.insert(id(command)?, place);
            }
            ["closed", command, session, ..] => {
                let report = line.splitn(4, ' ').last().unwrap_or_default();
                deeds.closed.insert(id(command)?, (session.parse()?, serde_json::from_str(report)?));
            }
            ["confirmed", command] => {
                let command = id(command)?;
                let deed = deeds.commands.get_mut(&command).ok_or("confirmed before it was made")?;
                deed.confirmed = true;
                let made = made.get(&command).copied().unwrap_or_default();
                deeds.carts.extend(unsure.extract_if(.., |(_, noted)| *noted < made).map(|(sale, _)| sale));
            }
            ["discarded", command] => deeds.discarded.push(id(command)?),
            ["replaced", old, new] => {
                replaced.push((id(old)?, id(new)?));
            }
            ["retried", _] => deeds.retried += 1,
            ["refused", command, why @ ..] => {
                deeds.refused.insert(id(command)?, why.join(" "));
            }
            // A note that a kill cut off: what it was to tell had not happened.
            _ => {}
        }
    }
    // One that did not come to the disk has replaced nothing.
    let kept = |new: &CommandId| deeds.commands.get(new).is_some_and(|deed| deed.confirmed);
    deeds.replaced = replaced.into_iter().filter(|(_, new)| kept(new)).collect();
    Ok(deeds)
}

fn id(text: &str) -> Outcome<CommandId> {
    Ok(CommandId(text.parse::<Uuid>()?))
}
