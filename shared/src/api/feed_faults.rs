//! What can be wrong with a feed's file or with a record in it: codes that stay as they are, and their words in
//! Portuguese and English.

use std::fmt;

use super::wire;
use crate::UtcMicros;
use serde::{Deserialize, Serialize};

wire! {
    /// Why a record or a file cannot be used.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum FaultCode {
        /// A record: it is longer than `about` kB.
        TooLong,
        /// A record: its byte `about`, from 1, is not UTF-8.
        NotUtf8,
        /// A record: two commas have nothing between them.
        NothingThere,
        /// A record: it is something other than an object.
        NotAnObject,
        /// A record: `about` is the line and the column of the mistake, counted within the record.
        NotJson,
        /// A record: it has the field `id` more than once.
        IdTwice,
        /// A record: `id` is missing, or is neither a text nor a number.
        NoId,
        NoSuchFile,
        Directory,
        /// Something like a device.
        NotAFile,
        Emptied,
        /// Neither of the forms; `about` is how it begins.
        UnknownForm,
        /// The array ends inside of the record that begins on line `about`.
        CutInside,
        /// The array has no end.
        NotClosed,
        /// Something stands behind the end of the array, on line `about`.
        BehindTheEnd,
        /// It was written while it was read.
        Changing,
        /// The system does not let the server read it.
        NotAllowed,
        /// `about` is what the system says.
        Unreadable,
        /// The ledger did not take the records; `about` is why.
        NotTaken,
        Stopping,
    }

    /// Something in the file that could not be used.
    #[derive(Eq)]
    pub struct FeedFault {
        pub at: UtcMicros,
        /// The line on which it begins.
        pub line: Option<i64>,
        /// The record's id, as far as it can be read.
        pub record_id: Option<String>,
        /// Absent where an earlier release took note of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<FaultCode>,
        /// What the code is about; see there.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub about: String,
        /// In words, in the language of whoever asked.
        pub detail: String,
    }
}

/// A code with what it is about. Shown in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultReason {
    pub code: FaultCode,
    /// Empty where the code says all.
    pub about: String,
}

impl FaultCode {
    /// In Portuguese and in English, with a place for what it is about.
    const fn words(self) -> [&'static str; 2] {
        match self {
            Self::TooLong => ["mais longo que {about} kB", "longer than {about} kB"],
            Self::NotUtf8 => ["não é UTF-8 no seu byte {about}", "not UTF-8 at its byte {about}"],
            Self::NothingThere => ["não há nada entre duas vírgulas", "nothing between two commas"],
            Self::NotAnObject => ["não é um objeto", "not an object"],
            Self::NotJson => [
                "não é JSON: erro em {about} (linha e coluna do registro)",
                "not JSON: mistake at {about} (line and column of the record)",
            ],
            Self::IdTwice => ["tem o campo id mais de uma vez", "it has the field id more than once"],
            Self::NoId => {
                ["o id falta, ou não é texto nem número", "its id is missing, or no text or number"]
            }
            Self::NoSuchFile => ["o arquivo não existe", "there is no such file"],
            Self::Directory => ["é uma pasta", "it is a directory"],
            Self::NotAFile => ["não é um arquivo comum", "it is not a regular file"],
            Self::Emptied => ["o arquivo foi esvaziado", "the file was emptied"],
            Self::UnknownForm => [
                "não é um array JSON nem um objeto por linha: começa com {about}",
                "neither a JSON array nor one object a line: it begins with {about}",
            ],
            Self::CutInside => [
                "o array não está completo: termina dentro do registro que começa na linha {about}",
                "the array is not complete: it ends inside of the record that begins on line {about}",
            ],
            Self::NotClosed => [
                "o array não está completo: falta o ] no fim",
                "the array is not complete: there is no ] at its end",
            ],
            Self::BehindTheEnd => [
                "linha {about}: há algo depois do fim do array",
                "line {about}: something stands behind the end of the array",
            ],
            Self::Changing => [
                "o arquivo mudou durante a leitura; é lido de novo",
                "the file was changed while it was read; it is read again",
            ],
            Self::NotAllowed => {
                ["o servidor não tem permissão para ler o arquivo", "the server may not read the file"]
            }
            Self::Unreadable => ["não pode ser lido: {about}", "it cannot be read: {about}"],
            Self::NotTaken => [
                "o servidor não guardou os registros e tenta de novo: {about}",
                "the server did not keep the records and tries again: {about}",
            ],
            Self::Stopping => ["o servidor está parando", "the server is stopping"],
        }
    }
}

impl FaultReason {
    /// One that needs no more words.
    pub const fn plain(code: FaultCode) -> Self {
        Self { code, about: String::new() }
    }

    pub fn about(code: FaultCode, about: impl fmt::Display) -> Self {
        Self { code, about: about.to_string() }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [_, english] = self.code.words();
        f.write_str(&english.replace("{about}", &self.about))
    }
}

impl FeedFault {
    /// Told in English.
    pub fn new(at: UtcMicros, line: Option<i64>, record_id: Option<String>, reason: FaultReason) -> Self {
        let detail = reason.to_string();
        Self { at, line, record_id, code: Some(reason.code), about: reason.about, detail }
    }

    pub fn portuguese(&self) -> String {
        self.in_words(|[portuguese, _]| portuguese)
    }

    pub fn english(&self) -> String {
        self.in_words(|[_, english]| english)
    }

    /// As it was told, where no code is known.
    fn in_words(&self, pick: impl FnOnce([&'static str; 2]) -> &'static str) -> String {
        let told = |code: FaultCode| pick(code.words()).replace("{about}", &self.about);
        self.code.map_or_else(|| self.detail.clone(), told)
    }
}

impl fmt::Display for FeedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(id) = &self.record_id {
            write!(f, "record {id}: ")?;
        }
        f.write_str(&self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_and_what_an_earlier_release_noted() {
        let reason = FaultReason::about(FaultCode::NotUtf8, 84);
        let fault = FeedFault::new(UtcMicros(0), Some(7), Some("V-2".to_owned()), reason);
        assert_eq!(fault.portuguese(), "não é UTF-8 no seu byte 84");
        assert_eq!(fault.to_string(), "line 7: record V-2: not UTF-8 at its byte 84");
        let sent = serde_json::to_value(&fault).unwrap();
        assert_eq!((&sent["code"], &sent["about"]), (&"not_utf8".into(), &"84".into()));
        // It is written again as it was: the journal's rows have it.
        let old = r#"{"at":"1970-01-01T00:00:00Z","line":7,"record_id":null,"detail":"not UTF-8"}"#;
        let fault: FeedFault = serde_json::from_str(old).unwrap();
        assert_eq!((fault.code, fault.portuguese().as_str()), (None, "not UTF-8"));
        assert_eq!(serde_json::to_string(&fault).unwrap(), old);
    }
}
