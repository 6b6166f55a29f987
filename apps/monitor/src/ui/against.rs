//! How a store or seller stands against the same weekday a week before: a sign, a number and the two amounts.

use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_desk::{Lang, icons};
use tillwatch_shared::Cents;
use tillwatch_shared::api::ReportCompared;

use crate::report_texts::Text;

/// What is shown of a comparison, and what is said of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Against {
    /// `até 14h: R$ 108,00 · há 7 dias: R$ 100,00`
    pub amounts: String,
    /// `▲ 8 %`: the sign says what the colour does.
    pub change: String,
    pub tone: Tone,
    /// `até 14h: …, 8 % a mais`
    pub spoken: String,
}

impl Against {
    pub fn new((hour, compared): (i8, ReportCompared), lang: Lang) -> Self {
        let ReportCompared { now_cents, before_cents } = compared;
        let amounts =
            Text::UntilHour.with(lang, &[("hour", &hour), ("now", &now_cents), ("before", &before_cents)]);
        let per_cent = compared.per_cent();
        let number = per_cent.unwrap_or_default().abs();
        let with_sign = |sign: &str| format!("{sign} {number} %");
        let (change, tone, words) = match per_cent {
            None if now_cents == Cents::ZERO => {
                ("–".to_owned(), Tone::Neutral, Text::Same.get(lang).to_owned())
            }
            None => {
                let change = format!("{} {}", icons::CARET_UP, Text::New.get(lang));
                (change, Tone::Good, Text::NothingBefore.get(lang).to_owned())
            }
            Some(0) => (with_sign("="), Tone::Neutral, Text::Same.get(lang).to_owned()),
            Some(1..) => {
                (with_sign(icons::CARET_UP), Tone::Good, Text::PerCentMore.with(lang, &[("n", &number)]))
            }
            Some(_) => (
                with_sign(icons::CARET_DOWN),
                Tone::Attention,
                Text::PerCentLess.with(lang, &[("n", &number)]),
            ),
        };
        let spoken = format!("{amounts}, {words}");
        Self { amounts, change, tone, spoken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_and_a_word_say_what_the_colour_does() {
        let against = |now, before| {
            let compared = ReportCompared { now_cents: Cents(now), before_cents: Cents(before) };
            let Against { change, tone, spoken, .. } = Against::new((14, compared), Lang::Pt);
            (change, tone, spoken.rsplit(", ").next().unwrap_or_default().to_owned())
        };
        let (up, down) = (icons::CARET_UP, icons::CARET_DOWN);
        let expected = |change: &str, tone, words: &str| (change.to_owned(), tone, words.to_owned());
        assert_eq!(against(10_800, 10_000), expected(&format!("{up} 8 %"), Tone::Good, "8 % a mais"));
        assert_eq!(against(9_300, 10_000), expected(&format!("{down} 7 %"), Tone::Attention, "7 % a menos"));
        assert_eq!(against(0, 10_000), expected(&format!("{down} 100 %"), Tone::Attention, "100 % a menos"));
        assert_eq!(against(10_000, 10_000), expected("= 0 %", Tone::Neutral, "igual"));
        assert_eq!(against(100, 0), expected(&format!("{up} novo"), Tone::Good, "nada há 7 dias"));
        assert_eq!(against(0, 0), expected("–", Tone::Neutral, "igual"));
    }
}
