//! Reads a PDF of ours back in tests: what stands on its pages, and where the bars are.

use std::collections::BTreeMap;

/// A page as it was drawn.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Each piece of text with the place from the page's lower left corner.
    pub(crate) texts: Vec<(f32, f32, String)>,
    /// Left, bottom, width, height.
    pub(crate) bars: Vec<[f32; 4]>,
}

pub(crate) fn pages(pdf: &[u8]) -> Vec<Page> {
    assert!(pdf.starts_with(b"%PDF-1."), "{:?}", pdf.get(..8));
    assert!(String::from_utf8_lossy(pdf).trim_end().ends_with("%%EOF"));
    let streams = streams(pdf);
    let text = |stream: &Vec<u8>| String::from_utf8_lossy(stream).into_owned();
    let meanings: Vec<_> =
        streams.iter().map(text).filter(|s| s.contains("begincmap")).map(|s| letters(&s)).collect();
    let drawn = streams.iter().filter(|stream| !stream.starts_with(&[0, 1, 0, 0])).map(text);
    drawn.filter(|s| !s.contains("begincmap")).map(|s| page(&s, &meanings)).collect()
}

/// All streams, those that are pressed unpressed.
fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|place| from + place)
    };
    let mut streams = Vec::new();
    let mut at = 0;
    while let Some(begin) = find(at, b"\nstream\n") {
        let body = begin + b"\nstream\n".len();
        let end = find(body, b"\nendstream").unwrap();
        let raw = &pdf[body..end];
        let unpressed = miniz_oxide::inflate::decompress_to_vec_zlib(raw);
        streams.push(unpressed.unwrap_or_else(|_| raw.to_vec()));
        at = end;
    }
    streams
}

/// What each glyph means, from the face's own table.
fn letters(cmap: &str) -> BTreeMap<u16, char> {
    let body = cmap.split("beginbfchar").skip(1).filter_map(|part| part.split("endbfchar").next());
    let lines = body.flat_map(str::lines).filter_map(|line| line.trim().split_once("> <"));
    lines
        .map(|(glyph, letter)| {
            let number = |hex: &str| u16::from_str_radix(hex.trim_matches(['<', '>']), 16).unwrap();
            (number(glyph), char::from_u32(number(letter).into()).unwrap())
        })
        .collect()
}

fn page(content: &str, meanings: &[BTreeMap<u16, char>]) -> Page {
    let mut page = Page::default();
    let (mut face, mut place) = (0, (0.0, 0.0));
    for line in content.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |index: usize| words[index].parse::<f32>().unwrap();
        match words.last() {
            Some(&"Tf") => face = usize::from(words[0] == "/S"),
            Some(&"Td") => place = (number(0), number(1)),
            Some(&"Tj") => {
                let string = line.strip_suffix(" Tj").unwrap();
                page.texts.push((place.0, place.1, shown(string, &meanings[face])));
            }
            Some(&"re") => page.bars.push([number(0), number(1), number(2), number(3)]),
            _ => {}
        }
    }
    page
}

/// A string of glyphs, in either of the two ways in which a PDF writes one.
fn shown(string: &str, letters: &BTreeMap<u16, char>) -> String {
    let inside = &string[1..string.len() - 1];
    let bytes = if string.starts_with('<') {
        let pairs = inside.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    } else {
        unescaped(inside.as_bytes())
    };
    bytes.chunks(2).map(|two| letters[&u16::from_be_bytes([two[0], two[1]])]).collect()
}

fn unescaped(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = match (first, after.first()) {
            (b'\\', Some(b'0'..=b'7')) => {
                let octal = str::from_utf8(&after[..3]).unwrap();
                (u8::from_str_radix(octal, 8).unwrap(), 4)
            }
            (b'\\', Some(sign)) => {
                let named = [(b'n', b'\n'), (b'r', b'\r'), (b't', b'\t'), (b'b', 8), (b'f', 12)];
                (named.iter().find(|(name, _)| name == sign).map_or(*sign, |(_, byte)| *byte), 2)
            }
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes
}
