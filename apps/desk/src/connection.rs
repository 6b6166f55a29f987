//! The state of the connection to the server, as both windows show it.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

use crate::texts::Table as _;
use crate::tokens::Tone;
use crate::{Lang, format, texts};

texts! {
    Text {
        Connecting: "conectando", "connecting";
        Online: "ligado · {ms} ms", "online · {ms} ms";
        Offline: "sem servidor {age}", "no server · {age}";
        UpdatedNow: "atualizado agora", "updated now";
        Updated: "atualizado {age}", "updated {age}";
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Unknown,
    Online {
        round_trip_micros: i64,
    },
    Offline {
        since: UtcMicros,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    link: Link,
    last_answer_at: Option<UtcMicros>,
}

impl Connection {
    /// The server answered, whatever it said.
    pub const fn answered(&mut self, now: UtcMicros, round_trip_micros: i64) {
        self.link = Link::Online { round_trip_micros };
        self.last_answer_at = Some(now);
    }

    /// The server did not answer. The first failure starts the time without it.
    pub fn silent(&mut self, now: UtcMicros) {
        if !matches!(self.link, Link::Offline { .. }) {
            self.link = Link::Offline { since: self.last_answer_at.unwrap_or(now) };
        }
    }

    pub const fn link(&self) -> Link {
        self.link
    }

    pub const fn is_offline(&self) -> bool {
        matches!(self.link, Link::Offline { .. })
    }

    /// When the server last answered.
    pub const fn last_answer_at(&self) -> Option<UtcMicros> {
        self.last_answer_at
    }

    pub const fn tone(&self) -> Tone {
        match self.link {
            Link::Unknown => Tone::Neutral,
            Link::Online { .. } => Tone::Good,
            Link::Offline { .. } => Tone::Attention,
        }
    }

    /// `ligado · 12 ms`, `sem servidor há 2 min`
    pub fn words(&self, lang: Lang, now: UtcMicros) -> String {
        match self.link {
            Link::Unknown => Text::Connecting.get(lang).to_owned(),
            Link::Online { round_trip_micros } => {
                Text::Online.with(lang, &[("ms", &(round_trip_micros.max(0) / 1000).max(1))])
            }
            Link::Offline { since } => {
                Text::Offline.with(lang, &[("age", &format::age(lang, now.since(since)))])
            }
        }
    }

    /// `atualizado há 2 s`; empty before the first answer.
    pub fn data_age(&self, lang: Lang, now: UtcMicros) -> String {
        match self.last_answer_at.map(|at| now.since(at)) {
            None => String::new(),
            Some(age) if age < SECOND => Text::UpdatedNow.get(lang).to_owned(),
            Some(age) => Text::Updated.with(lang, &[("age", &format::age(lang, age))]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_counts_from_the_last_answer() {
        let mut connection = Connection::default();
        assert_eq!(connection.words(Lang::Pt, UtcMicros(0)), "conectando");
        connection.answered(UtcMicros(10 * SECOND), 12_000);
        assert_eq!(connection.words(Lang::Pt, UtcMicros(10 * SECOND)), "ligado · 12 ms");
        connection.silent(UtcMicros(15 * SECOND));
        connection.silent(UtcMicros(20 * SECOND));
        assert_eq!(connection.words(Lang::Pt, UtcMicros(20 * SECOND)), "sem servidor há 10 s");
        assert_eq!(connection.data_age(Lang::En, UtcMicros(20 * SECOND)), "updated 10 s ago");
    }
}
