//! Cuts a stream of bytes into records without holding more than one of them: the elements of a JSON array,
//! or the lines of NDJSON. It looks at brackets, quotes and line ends only; whether a record is good JSON is
//! found out by who gets it.

use tillwatch_shared::api::FeedFormat;
use tillwatch_shared::limits::FEED_RECORD_BYTES;

/// Blanks between a record's fields count too until they are taken out.
pub const RAW_BYTES: usize = 4 * FEED_RECORD_BYTES;

/// One record as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Without blanks around it. The beginning only, if it is too long.
    pub bytes: &'a [u8],
    /// The line on which it begins, from 1.
    pub line: i64,
    pub too_long: bool,
}

/// What is wrong with the array as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ends inside of the record that begins on this line.
    CutInside { line: i64 },
    /// It has no end.
    NotClosed,
    /// Something stands behind its end.
    Behind { line: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the array's bracket.
    Before,
    /// In a record, or before the next one.
    Within,
    /// Behind the array.
    Behind,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the last byte")]
#[derive(Debug)]
pub struct Splitter {
    format: FeedFormat,
    place: Place,
    record: Vec<u8>,
    too_long: bool,
    /// The line of the next byte, and the one on which the record began.
    line: i64,
    began: i64,
    /// Bytes pushed so far, and those up to the end of the last record that was given out.
    pushed: u64,
    settled: u64,
    settled_line: i64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    after_comma: bool,
}

impl Splitter {
    /// Begins at this byte and line.
    pub fn new(format: FeedFormat, position: u64, line: i64) -> Self {
        let place = match format {
            FeedFormat::Json => Place::Before,
            FeedFormat::Ndjson => Place::Within,
        };
        Self {
            format,
            place,
            record: Vec::new(),
            too_long: false,
            line,
            began: line,
            pushed: position,
            settled: position,
            settled_line: line,
            depth: 0,
            in_string: false,
            escaped: false,
            after_comma: false,
        }
    }

    /// The bytes, and the line after them, whose records were all given out.
    pub const fn settled(&self) -> (u64, i64) {
        (self.settled, self.settled_line)
    }

    /// Takes more of the file, and gives out each record that ends in it.
    pub fn push<E: From<Broken>>(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(Piece<'_>, (u64, i64)) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.format {
            FeedFormat::Json => self.push_array(bytes, each),
            FeedFormat::Ndjson => self.push_lines(bytes, each),
        }
    }

    /// What stands at the end of an NDJSON file without a line end behind it.
    pub fn rest(&self) -> Option<Piece<'_>> {
        let bytes = self.record.trim_ascii();
        (!bytes.is_empty()).then_some(Piece { bytes, line: self.began, too_long: self.too_long })
    }

    /// The end of the file is here: whether the array is whole.
    pub fn finish(&self) -> Result<(), Broken> {
        match (self.format, self.place) {
            (FeedFormat::Ndjson, _) | (FeedFormat::Json, Place::Behind) => Ok(()),
            (FeedFormat::Json, Place::Within) if !self.record.is_empty() => {
                Err(Broken::CutInside { line: self.began })
            }
            (FeedFormat::Json, Place::Within | Place::Before) => Err(Broken::NotClosed),
        }
    }

    fn push_lines<E>(
        &mut self,
        mut bytes: &[u8],
        each: &mut impl FnMut(Piece<'_>, (u64, i64)) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, more) = bytes.split_at(end);
            self.keep(line);
            self.pushed += end as u64 + 1;
            self.line += 1;
            self.give(each)?;
            bytes = more.get(1..).unwrap_or_default();
        }
        self.pushed += bytes.len() as u64;
        self.keep(bytes);
        Ok(())
    }

    fn push_array<E: From<Broken>>(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(Piece<'_>, (u64, i64)) -> Result<(), E>,
    ) -> Result<(), E> {
        // Where in these bytes the part of the record begins that is not kept yet.
        let mut from = 0;
        let start = self.pushed;
        for (at, byte) in bytes.iter().copied().enumerate() {
            self.line += i64::from(byte == b'\n');
            match self.place {
                Place::Before => {
                    if byte == b'[' {
                        self.place = Place::Within;
                        from = at + 1;
                    }
                }
                Place::Within => {
                    if !self.ends_here(byte) {
                        continue;
                    }
                    self.keep(bytes.get(from..at).unwrap_or_default());
                    from = at + 1;
                    self.pushed = start + from as u64;
                    self.end_of_element(byte, each)?;
                }
                Place::Behind => {
                    if !byte.is_ascii_whitespace() {
                        return Err(Broken::Behind { line: self.line }.into());
                    }
                }
            }
        }
        if self.place == Place::Within {
            self.keep(bytes.get(from..).unwrap_or_default());
        }
        self.pushed = start + bytes.len() as u64;
        Ok(())
    }

    /// Follows strings and brackets. Whether this byte ends the element.
    const fn ends_here(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return true,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }

    fn end_of_element<E>(
        &mut self,
        byte: u8,
        each: &mut impl FnMut(Piece<'_>, (u64, i64)) -> Result<(), E>,
    ) -> Result<(), E> {
        let last = byte == b']';
        if last {
            self.place = Place::Behind;
        }
        // `[]` has no element; `[1,]` and `[,1]` have an empty one, which is a bad record.
        if self.record.is_empty() && (!last || self.after_comma) {
            self.began = self.line;
            each(Piece { bytes: &[], line: self.line, too_long: false }, (self.pushed, self.line))?;
        }
        self.after_comma = true;
        self.give(each)
    }

    /// Adds to the record, up to what one may measure.
    fn keep(&mut self, part: &[u8]) {
        let part = if self.record.is_empty() { self.skip_blanks(part) } else { part };
        let room = RAW_BYTES.saturating_sub(self.record.len());
        match part.get(..room) {
            Some(fits) if part.len() > room => {
                self.record.extend_from_slice(fits);
                self.too_long |= !part.trim_ascii().is_empty();
            }
            Some(_) | None => self.record.extend_from_slice(part),
        }
    }

    /// Leaves out blanks before a record, and notes on which line it begins.
    fn skip_blanks<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let rest = part.trim_ascii_start();
        if !rest.is_empty() {
            // `line` is already past the line ends in what follows.
            let ends = match self.format {
                FeedFormat::Json => rest.split(|byte| *byte == b'\n').count() - 1,
                FeedFormat::Ndjson => 0,
            };
            self.began = self.line - ends as i64;
        }
        rest
    }

    fn give<E>(&mut self, each: &mut impl FnMut(Piece<'_>, (u64, i64)) -> Result<(), E>) -> Result<(), E> {
        (self.settled, self.settled_line) = (self.pushed, self.line);
        let bytes = self.record.trim_ascii();
        let outcome = if bytes.is_empty() {
            Ok(())
        } else {
            each(
                Piece { bytes, line: self.began, too_long: self.too_long },
                (self.settled, self.settled_line),
            )
        };
        self.record.clear();
        self.too_long = false;
        outcome
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Found = Vec<(String, i64, bool)>;

    fn split(format: FeedFormat, parts: &[&[u8]]) -> (Found, Result<(), Broken>, Option<String>) {
        let mut found = Vec::new();
        let mut splitter = Splitter::new(format, 0, 1);
        let mut outcome = Ok(());
        for part in parts {
            outcome = outcome.and_then(|()| {
                splitter.push(part, &mut |piece: Piece<'_>, _| {
                    found.push((
                        String::from_utf8_lossy(piece.bytes).into_owned(),
                        piece.line,
                        piece.too_long,
                    ));
                    Ok::<(), Broken>(())
                })
            });
        }
        let rest = splitter.rest().map(|piece| String::from_utf8_lossy(piece.bytes).into_owned());
        (found, outcome.and_then(|()| splitter.finish()), rest)
    }

    fn json(text: &str) -> (Found, Result<(), Broken>) {
        let (found, outcome, _) = split(FeedFormat::Json, &[text.as_bytes()]);
        (found, outcome)
    }

    #[test]
    fn arrays() {
        let one = |text: &str, line| (text.to_owned(), line, false);
        assert_eq!(json("[]"), (vec![], Ok(())));
        assert_eq!(json(" [ ] \n"), (vec![], Ok(())));
        assert_eq!(
            json("[\n {\"a\": \"],}\\\"[\"},\n {\"b\":[1,{}]}\n, 7]\n"),
            (vec![one("{\"a\": \"],}\\\"[\"}", 2), one("{\"b\":[1,{}]}", 3), one("7", 4)], Ok(()))
        );
        assert_eq!(json("[1,]").0, vec![one("1", 1), one("", 1)]);
        assert_eq!(json("[,1]").0, vec![one("", 1), one("1", 1)]);
        assert_eq!(json("[{\"a\":1},\n{\"b\"").1, Err(Broken::CutInside { line: 2 }));
        assert_eq!(json("[{\"a\":1}").1, Err(Broken::CutInside { line: 1 }));
        assert_eq!(json("[{\"a\":1},").1, Err(Broken::NotClosed));
        assert_eq!(json("[1]\n[2]").1, Err(Broken::Behind { line: 2 }));
    }

    #[test]
    fn lines() {
        let (found, outcome, rest) = split(FeedFormat::Ndjson, &[b"{\"a\":1}\r\n\n  {\"b\":2}\n{\"c\""]);
        assert_eq!(found, [("{\"a\":1}".to_owned(), 1, false), ("{\"b\":2}".to_owned(), 3, false)]);
        assert_eq!((outcome, rest.as_deref()), (Ok(()), Some("{\"c\"")));
    }

    #[test]
    fn what_is_too_long_is_cut_and_the_next_record_is_whole() {
        let long = "x".repeat(3 * RAW_BYTES);
        for (format, text) in
            [(FeedFormat::Json, format!("[\"{long}\",7]")), (FeedFormat::Ndjson, format!("\"{long}\"\n7\n"))]
        {
            let parts: Vec<&[u8]> = text.as_bytes().chunks(1000).collect();
            let (found, outcome, _) = split(format, &parts);
            assert_eq!(outcome, Ok(()));
            assert_eq!((found.len(), found[0].0.len(), found[0].2), (2, RAW_BYTES, true));
            assert_eq!((found[1].0.as_str(), found[1].2), ("7", false));
        }
    }

    proptest! {
        #[test]
        fn wherever_it_is_cut_the_records_are_the_same(
            bytes in prop::collection::vec(
                prop::sample::select(b"[]{},:\"\\ \n\ra1\xff".to_vec()), 0..200
            ),
            cuts in prop::collection::vec(0_usize..200, 0..6),
            lines in any::<bool>(),
        ) {
            let (format, bytes) = if lines {
                (FeedFormat::Ndjson, bytes)
            } else {
                (FeedFormat::Json, [b"[".as_slice(), &bytes].concat())
            };
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            prop_assert_eq!(split(format, &parts), split(format, &[&bytes]));
        }

        #[test]
        fn every_value_of_an_array_comes_out(values in prop::collection::vec(any::<(i64, String)>(), 0..20)) {
            let records: Vec<serde_json::Value> =
                values.iter().map(|(id, text)| serde_json::json!({ "id": id, text.clone(): [text] })).collect();
            let text = serde_json::to_string_pretty(&records).unwrap();
            let (found, outcome) = json(&text);
            prop_assert_eq!(outcome, Ok(()));
            let found: Vec<serde_json::Value> =
                found.iter().map(|(text, ..)| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(found, records);
        }
    }
}
