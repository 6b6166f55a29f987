//! What the windows say, in both languages. Each crate writes its own table with [`crate::texts!`]; a text that
//! is missing in one language does not compile.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Pt,
    En,
}

impl Lang {
    /// For `Accept-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Pt => "pt-BR",
            Self::En => "en",
        }
    }

    /// How the language names itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pt => "Português",
            Self::En => "English",
        }
    }

    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Pt => Self::En,
            Self::En => Self::Pt,
        }
    }
}

/// Puts values into the named places of a text: `fill("há {n} s", &[("n", &2)])`.
pub fn fill(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

/// The names of the places in a text, sorted.
pub fn places(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
    names.sort_unstable();
    names
}

/// A table of texts.
pub trait Table: Sized {
    /// The text in a language.
    fn text(self, lang: Lang) -> &'static str;

    /// The text with values in its places.
    fn with(self, lang: Lang, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        fill(self.text(lang), values)
    }
}

/// Declares a table of texts: `texts! { pub Text { SignIn: "Entrar", "Sign in"; } }` makes
/// `Text::SignIn.get(lang)` and (with [`Table`] in scope) `Text::SignIn.with(lang, &[("name", &value)])`.
#[macro_export]
macro_rules! texts {
    ($(#[$meta:meta])* $visibility:vis $table:ident { $($name:ident: $pt:literal, $en:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $table { $($name),* }

        impl $table {
            /// The text in a language.
            $visibility const fn get(self, lang: $crate::Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, $crate::Lang::Pt) => $pt,
                    (Self::$name, $crate::Lang::En) => $en,)*
                }
            }
        }

        impl $crate::texts::Table for $table {
            fn text(self, lang: $crate::Lang) -> &'static str {
                self.get(lang)
            }
        }

        #[cfg(test)]
        #[test]
        fn both_languages_have_the_same_places() {
            $(assert_eq!(
                $crate::texts::places($pt),
                $crate::texts::places($en),
                "{}", stringify!($name)
            );)*
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    texts! { Sample { Ago: "há {n} {unit}", "{n} {unit} ago"; } }

    #[test]
    fn values_go_into_their_places() {
        let values: &[(&str, &dyn std::fmt::Display)] = &[("n", &2), ("unit", &"s")];
        assert_eq!(Sample::Ago.with(Lang::Pt, values), "há 2 s");
        assert_eq!(Sample::Ago.with(Lang::En, values), "2 s ago");
    }
}
