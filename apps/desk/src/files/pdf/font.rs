//! A face in a PDF: only the glyphs that are used, addressed by their numbers, with their meaning beside them
//! so that text can be searched and copied.

use std::collections::{BTreeMap, HashMap};

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};
use subsetter::GlyphRemapper;

/// What glyphs are numbered by: their place in the face.
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// What a PDF counts a face's measures in.
const UNITS: f32 = 1000.0;

pub struct Face {
    data: &'static [u8],
    font: FontRef<'static>,
    /// As the PDF names it, with the tag that says that it is a part.
    name: &'static str,
    remapper: GlyphRemapper,
    /// Glyph and width of every letter that the face has.
    letters: HashMap<char, (u16, f32)>,
    /// Each glyph's letter and width, by its number in the part.
    used: BTreeMap<u16, (char, f32)>,
}

impl Face {
    pub fn new(data: &'static [u8], name: &'static str) -> Result<Self, String> {
        let font = FontRef::new(data).map_err(|error| error.to_string())?;
        let metrics = font.glyph_metrics(Size::new(UNITS), LocationRef::default());
        let letter = |(code, glyph): (u32, skrifa::GlyphId)| {
            let number = u16::try_from(glyph.to_u32()).ok().filter(|number| *number != 0)?;
            Some((char::from_u32(code)?, (number, metrics.advance_width(glyph)?)))
        };
        let letters = font.charmap().mappings().filter_map(letter).collect();
        Ok(Self { data, font, name, remapper: GlyphRemapper::new(), letters, used: BTreeMap::new() })
    }

    pub fn has(&self, letter: char) -> bool {
        self.letters.contains_key(&letter)
    }

    /// How wide a text is at 1 point.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.glyph(letter).1).sum::<f32>() / UNITS
    }

    /// A letter that the face lacks takes no room and prints nothing.
    fn glyph(&self, letter: char) -> (u16, f32) {
        self.letters.get(&letter).copied().unwrap_or_default()
    }

    /// The text as the page shows it: two bytes for each glyph.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() * 2);
        for letter in text.chars() {
            let Some((glyph, width)) = self.letters.get(&letter).copied() else { continue };
            let number = self.remapper.remap(glyph);
            self.used.entry(number).or_insert((letter, width));
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    /// Writes the face under five references on end, the first of which is its own.
    pub fn write(&self, pdf: &mut Pdf, first: i32) -> Result<(), String> {
        let at = |offset| Ref::new(first + offset);
        let (font, cid, descriptor, meanings, file) = (at(0), at(1), at(2), at(3), at(4));
        let name = Name(self.name.as_bytes());
        pdf.type0_font(font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(meanings);
        self.write_glyphs(pdf, cid, descriptor);
        self.write_descriptor(pdf, descriptor, file);
        let mut meaning = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
        for (number, (letter, _)) in &self.used {
            meaning.pair(*number, *letter);
        }
        pdf.stream(meanings, meaning.finish().as_slice());
        let part = subsetter::subset(self.data, 0, &self.remapper).map_err(|error| error.to_string())?;
        pdf.stream(file, &super::pressed(&part)).filter(Filter::FlateDecode);
        Ok(())
    }

    fn write_glyphs(&self, pdf: &mut Pdf, cid: Ref, descriptor: Ref) {
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type2)
            .base_font(Name(self.name.as_bytes()))
            .system_info(IDENTITY)
            .font_descriptor(descriptor)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = font.widths();
        for (number, (_, width)) in &self.used {
            widths.same(*number, *number, *width);
        }
        widths.finish();
        font.finish();
    }

    fn write_descriptor(&self, pdf: &mut Pdf, descriptor: Ref, file: Ref) {
        let metrics = self.font.metrics(Size::new(UNITS), LocationRef::default());
        let bounds = metrics.bounds.unwrap_or_default();
        pdf.font_descriptor(descriptor)
            .name(Name(self.name.as_bytes()))
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max))
            .italic_angle(0.0)
            .ascent(metrics.ascent)
            .descent(metrics.descent)
            .cap_height(metrics.cap_height.unwrap_or(metrics.ascent))
            .stem_v(80.0)
            .font_file2(file);
    }
}
