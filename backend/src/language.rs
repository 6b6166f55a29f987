//! The two languages that the server speaks.

/// The language of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Portuguese,
    English,
}

impl Language {
    /// The first language of `Accept-Language` that we speak; Portuguese if none is.
    pub fn of(header: Option<&str>) -> Self {
        let english = header.unwrap_or_default().split(',').find_map(|range| {
            let tag = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.get(..2) {
                Some("pt") => Some(false),
                Some("en") => Some(true),
                Some(_) | None => None,
            }
        });
        if english == Some(true) { Self::English } else { Self::Portuguese }
    }

    /// The one of the two that is in this language.
    pub const fn pick(self, pt: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Portuguese => pt,
            Self::English => en,
        }
    }

    /// Picks the one that is in this language from the Portuguese and the English words.
    pub const fn picker(self) -> fn([&'static str; 2]) -> &'static str {
        match self {
            Self::Portuguese => |[portuguese, _]| portuguese,
            Self::English => |[_, english]| english,
        }
    }
}
