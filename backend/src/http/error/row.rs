//! What a client is told about an error: a row of the table.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use crate::language::Language;

/// All that there is to say about an error.
#[derive(Clone, Debug)]
pub struct Row {
    pub status: StatusCode,
    /// Stable: clients decide by it.
    pub code: &'static str,
    /// Seconds after which the caller may try again.
    pub retry_after: Option<u32>,
    /// The field of the request that is wrong.
    pub field: Option<Cow<'static, str>>,
    pt: Text,
    en: Text,
}

/// An error in one language.
#[derive(Clone, Debug)]
pub struct Text {
    pub title: &'static str,
    /// What the person can do.
    pub hint: &'static str,
    detail: Option<Cow<'static, str>>,
}

/// A row that has no words yet.
pub struct Unworded(StatusCode, &'static str);

/// A row that has no English words yet.
pub struct Portuguese(Unworded, Text);

/// Begins a row.
pub fn row(status: StatusCode, code: &'static str) -> Unworded {
    Unworded(status, code)
}

impl Unworded {
    pub fn pt(self, title: &'static str, hint: &'static str) -> Portuguese {
        Portuguese(self, Text { title, hint, detail: None })
    }
}

impl Portuguese {
    pub fn en(self, title: &'static str, hint: &'static str) -> Row {
        let Self(Unworded(status, code), pt) = self;
        Row { status, code, retry_after: None, field: None, pt, en: Text { title, hint, detail: None } }
    }
}

impl Row {
    pub(super) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(super) fn field(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// What is special about this one, in both languages.
    pub(super) fn detail(
        mut self,
        pt: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.pt.detail = Some(pt.into());
        self.en.detail = Some(en.into());
        self
    }

    /// What is special about this one, as the library says it that found it.
    pub(super) fn technical(self, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        self.detail(detail.clone(), detail)
    }

    pub const fn text(&self, language: Language) -> &Text {
        match language {
            Language::Portuguese => &self.pt,
            Language::English => &self.en,
        }
    }
}

impl Text {
    /// The title, where there is nothing special to say.
    pub fn detail(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.title)
    }
}
