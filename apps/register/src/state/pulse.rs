//! The till's pulse: its link check, as the status bar shows it.

use tillwatch_desk::Lang;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::client::PulseNews;
use tillwatch_shared::pulse::Link;

use crate::texts::Text;

/// How it stands with the pulse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beating {
    #[default]
    Connecting,
    Online,
    /// The server does not answer; it is tried again.
    Waiting,
    /// Another till has the same name.
    TakenOver,
    /// The session is over.
    Ended,
}

/// What is known of it at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    pub beating: Beating,
    pub value: u8,
    pub step: u8,
    pub round_trip_micros: Option<i64>,
}

/// What the server is told of this till beside its pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Commands that the server has not settled.
    pub unsent: u32,
    /// Others, that it has refused and that a person has to look at.
    pub refused: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// The name that it runs under; nobody is at the till without.
    pub name: Option<String>,
    pub beat: Beat,
    /// What was told on this link, and when.
    pub told: Option<(About, UtcMicros)>,
}

impl Beat {
    pub const fn of(news: &PulseNews<'_>) -> Self {
        let beating = match news.machine.link() {
            Link::Connecting | Link::Opening { .. } if news.error.is_none() => Beating::Connecting,
            Link::Waiting { .. } | Link::Connecting | Link::Opening { .. } => Beating::Waiting,
            Link::Online => Beating::Online,
            Link::TakenOver => Beating::TakenOver,
        };
        let (value, step) = (news.machine.value(), news.machine.step());
        Self { beating, value, step, round_trip_micros: news.machine.round_trip() }
    }

    pub const fn tone(&self) -> Tone {
        match self.beating {
            Beating::Connecting | Beating::Ended => Tone::Neutral,
            Beating::Online => Tone::Good,
            Beating::Waiting | Beating::TakenOver => Tone::Attention,
        }
    }

    /// `pulso 42 · 5 ms`, `pulso: sem resposta`
    pub fn words(&self, lang: Lang) -> String {
        match (self.beating, self.round_trip_micros) {
            (Beating::Online, Some(micros)) => {
                let ms = (micros / 1000).max(1);
                Text::PulseOnline.with(lang, &[("value", &self.value), ("ms", &ms)])
            }
            (Beating::Online, None) => Text::PulseFirst.with(lang, &[("value", &self.value)]),
            (Beating::Connecting, _) => Text::PulseConnecting.get(lang).to_owned(),
            (Beating::Waiting, _) => Text::PulseWaiting.get(lang).to_owned(),
            (Beating::TakenOver, _) => Text::PulseTakenOver.get(lang).to_owned(),
            (Beating::Ended, _) => Text::PulseEnded.get(lang).to_owned(),
        }
    }
}
