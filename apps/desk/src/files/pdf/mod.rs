//! PDF files: pages of text and bars. The same content gives the same bytes: no dates, no chance.
//!
//! `pdf-writer` and `subsetter` (both Typst's) write the file and cut the bundled face down to what is used.

mod columns;
mod font;
mod paper;
#[cfg(test)]
pub(crate) mod read;
mod words;

use std::fmt;

use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use self::font::Face;
use crate::fonts;

pub use self::columns::Column;
pub use self::paper::{Bar, Paper, Part, Table, write, write_watched};

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// Width and height of an upright sheet.
pub const A4: (f32, f32) = (210.0 * MM, 297.0 * MM);
/// References of a face, see [`Face::write`].
const FACE_REFS: i32 = 5;
/// Catalogue, pages, information, two faces.
const FIRST_PAGE: i32 = 4 + 2 * FACE_REFS;
/// How hard streams are pressed: the usual middle.
const LEVEL: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Strong,
}

/// A file being drawn. Places are in points from the page's upper left corner.
pub struct Drawing {
    regular: Face,
    strong: Face,
    title: String,
    size: (f32, f32),
    pages: Vec<Content>,
    /// The page that is drawn on.
    page: usize,
}

impl Drawing {
    /// All pages have this size.
    pub fn new(title: &str, size: (f32, f32)) -> Result<Self, String> {
        Ok(Self {
            regular: Face::new(fonts::REGULAR, "TLLWCH+IBMPlexSans")?,
            strong: Face::new(fonts::SEMIBOLD, "TLLWCH+IBMPlexSans-SemiBold")?,
            title: title.to_owned(),
            size,
            pages: Vec::new(),
            page: 0,
        })
    }

    pub fn new_page(&mut self) {
        self.page = self.pages.len();
        self.pages.push(Content::new());
    }

    /// What follows is drawn on this page, counted from 0.
    pub const fn turn_to(&mut self, page: usize) {
        self.page = page;
    }

    pub const fn pages(&self) -> usize {
        self.pages.len()
    }

    pub fn width(&self, text: &str, size: f32, weight: Weight) -> f32 {
        self.face(weight).width(text) * size
    }

    /// The text with the letters that the face has.
    pub fn spell(&self, text: &str) -> String {
        crate::printer::spell(text, |letter| self.regular.has(letter))
    }

    /// `below` is the line on which the letters stand. A text that is wider than `room` is narrowed.
    pub fn text(&mut self, text: &str, (left, below): (f32, f32), size: f32, weight: Weight, room: f32) {
        let width = self.width(text, size, weight);
        let narrowed = if width > room && width > 0.0 { room / width * 100.0 } else { 100.0 };
        let (face, name) = match weight {
            Weight::Regular => (&mut self.regular, Name(b"R")),
            Weight::Strong => (&mut self.strong, Name(b"S")),
        };
        let glyphs = face.encode(text);
        let height = self.size.1;
        let Some(page) = self.pages.get_mut(self.page) else { return };
        page.begin_text()
            .set_font(name, size)
            .set_horizontal_scaling(narrowed)
            .next_line(left, height - below)
            .show(Str(&glyphs))
            .end_text();
    }

    /// A filled rectangle; `above` is its upper edge.
    pub fn bar(&mut self, (left, above): (f32, f32), (width, height): (f32, f32)) {
        let page_height = self.size.1;
        let Some(page) = self.pages.get_mut(self.page) else { return };
        page.rect(left, page_height - above - height, width, height).fill_nonzero();
    }

    /// As [`Self::bar`], in a shade of grey: 0 is black, 1 is white.
    pub fn shade(&mut self, place: (f32, f32), size: (f32, f32), grey: f32) {
        if let Some(page) = self.pages.get_mut(self.page) {
            page.set_fill_gray(grey);
        }
        self.bar(place, size);
        if let Some(page) = self.pages.get_mut(self.page) {
            page.set_fill_gray(0.0);
        }
    }

    pub fn finish(self) -> Result<Vec<u8>, String> {
        let mut pdf = Pdf::new();
        let (catalogue, tree, about) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let count = i32::try_from(self.pages.len()).map_err(|error| error.to_string())?;
        let page_ref = |index: i32| Ref::new(FIRST_PAGE + 2 * index);
        pdf.catalog(catalogue).pages(tree);
        pdf.document_info(about).title(TextStr(&self.title)).producer(TextStr("Tillwatch"));
        pdf.pages(tree).kids((0..count).map(page_ref)).count(count);
        let (regular, strong) = (4, 4 + FACE_REFS);
        self.regular.write(&mut pdf, regular)?;
        self.strong.write(&mut pdf, strong)?;
        for (index, content) in (0..count).zip(self.pages) {
            let contents = Ref::new(FIRST_PAGE + 2 * index + 1);
            let mut page = pdf.page(page_ref(index));
            page.media_box(Rect::new(0.0, 0.0, self.size.0, self.size.1)).parent(tree).contents(contents);
            let mut resources = page.resources();
            resources.fonts().pair(Name(b"R"), Ref::new(regular)).pair(Name(b"S"), Ref::new(strong));
            resources.finish();
            page.finish();
            let drawn = content.finish();
            pdf.stream(contents, &pressed(drawn.as_slice())).filter(Filter::FlateDecode);
        }
        Ok(pdf.finish())
    }

    const fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Strong => &self.strong,
        }
    }
}

impl fmt::Debug for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, size, pages, .. } = self;
        f.debug_struct("Drawing")
            .field("title", title)
            .field("size", size)
            .field("pages", &pages.len())
            .finish()
    }
}

fn pressed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, LEVEL)
}
