//! Reads a printer's bytes back into what stands on the paper, knowing nothing of how they were made.
#![allow(clippy::indexing_slicing, reason = "bytes that are not a printer's fail the test")]

/// The letters of Portuguese and their bytes in the code pages 850, 860 and 1252, from the printers' manuals.
const LETTERS: [(char, u8, u8, u8); 28] = [
    ('á', 0xa0, 0xa0, 0xe1),
    ('à', 0x85, 0x85, 0xe0),
    ('â', 0x83, 0x83, 0xe2),
    ('ã', 0xc6, 0x84, 0xe3),
    ('ç', 0x87, 0x87, 0xe7),
    ('é', 0x82, 0x82, 0xe9),
    ('ê', 0x88, 0x88, 0xea),
    ('í', 0xa1, 0xa1, 0xed),
    ('ó', 0xa2, 0xa2, 0xf3),
    ('ô', 0x93, 0x93, 0xf4),
    ('õ', 0xe4, 0x94, 0xf5),
    ('ú', 0xa3, 0xa3, 0xfa),
    ('ü', 0x81, 0x81, 0xfc),
    ('Á', 0xb5, 0x86, 0xc1),
    ('À', 0xb7, 0x91, 0xc0),
    ('Â', 0xb6, 0x8f, 0xc2),
    ('Ã', 0xc7, 0x8e, 0xc3),
    ('Ç', 0x80, 0x80, 0xc7),
    ('É', 0x90, 0x90, 0xc9),
    ('Ê', 0xd2, 0x89, 0xca),
    ('Í', 0xd6, 0x8b, 0xcd),
    ('Ó', 0xe0, 0x9f, 0xd3),
    ('Ô', 0xe2, 0x8c, 0xd4),
    ('Õ', 0xe5, 0x99, 0xd5),
    ('Ú', 0xe9, 0x96, 0xda),
    ('Ü', 0x9a, 0x9a, 0xdc),
    ('º', 0xa7, 0xa7, 0xba),
    ('ª', 0xa6, 0xa6, 0xaa),
];

/// What was printed, a line of the paper in each line of text behind a margin of two: `*` says that it is
/// bold, `#` that it is twice as large. A barcode is its digits, and `>` tells what knife and drawer did.
pub fn read(bytes: &[u8]) -> String {
    let mut printer = Printer {
        bytes,
        at: 0,
        page: 0,
        paper: String::new(),
        line: String::new(),
        margin: ' ',
        bold: false,
        big: false,
    };
    while printer.at < bytes.len() {
        printer.step();
    }
    printer.paper
}

struct Printer<'a> {
    bytes: &'a [u8],
    at: usize,
    page: u8,
    paper: String,
    line: String,
    margin: char,
    bold: bool,
    big: bool,
}

impl Printer<'_> {
    fn next(&mut self) -> u8 {
        let byte = self.bytes[self.at];
        self.at += 1;
        byte
    }

    fn step(&mut self) {
        match self.next() {
            0x1b => self.escape(),
            0x1d => self.group(),
            b'\n' => self.end_line(),
            byte @ b' '..=b'~' => self.print(char::from(byte)),
            byte @ 0x80.. => self.letter(byte),
            other => panic!("byte {other:#x} at {}", self.at),
        }
    }

    fn print(&mut self, letter: char) {
        if self.line.is_empty() {
            self.margin = match (self.big, self.bold) {
                (true, true) => '#',
                (false, true) => '*',
                (false, false) => ' ',
                (true, false) => panic!("large, but not bold"),
            };
        }
        self.line.push(letter);
    }

    fn end_line(&mut self) {
        let line = format!("{} {}", self.margin, self.line);
        self.paper.push_str(line.trim_end());
        self.paper.push('\n');
        self.line.clear();
        self.margin = ' ';
    }

    fn told(&mut self, what: &str) {
        assert!(self.line.is_empty(), "in the middle of a line: {}", self.line);
        self.paper.extend(["> ", what, "\n"]);
    }

    fn letter(&mut self, byte: u8) {
        let held = |(_, latin, portuguese, windows): &&(char, u8, u8, u8)| match self.page {
            2 | 19 => *latin == byte,
            3 => *portuguese == byte,
            16 => *windows == byte,
            other => panic!("page {other}"),
        };
        let letter = LETTERS.iter().find(held);
        let (letter, ..) = letter.unwrap_or_else(|| panic!("byte {byte:#x} in page {}", self.page));
        self.print(*letter);
    }

    fn escape(&mut self) {
        match self.next() {
            b'@' => (self.bold, self.big) = (false, false),
            b't' => self.page = self.next(),
            b'E' => self.bold = self.next() == 1,
            b'd' => {
                let lines = self.next();
                self.told(&format!("feed {lines}"));
            }
            b'a' => {
                self.next();
            }
            b'p' => {
                self.at += 3;
                self.told("drawer");
            }
            other => panic!("ESC {other:#x}"),
        }
    }

    fn group(&mut self) {
        match self.next() {
            b'!' => self.big = self.next() == 0x11,
            b'V' => {
                self.at += 2;
                self.told("cut");
            }
            b'h' | b'w' | b'H' => self.at += 1,
            b'k' => self.barcode(),
            other => panic!("GS {other:#x}"),
        }
    }

    fn barcode(&mut self) {
        assert_eq!(self.next(), 73, "Code 128");
        let length = usize::from(self.next());
        let data = &self.bytes[self.at..self.at + length];
        self.at += length;
        assert_eq!(&data[..2], b"{C", "pairs of digits");
        let digits: Vec<String> = data[2..].iter().map(|pair| format!("{pair:02}")).collect();
        self.line = format!("[{}]", digits.concat());
    }
}
