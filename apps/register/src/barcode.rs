//! Barcodes as bars: Code 128 (ISO/IEC 15417), EAN-13 and EAN-8 (ISO/IEC 15420).

/// A barcode as the widths of bars and gaps in turn, in modules; it begins and ends with a bar. The quiet
/// zones on both sides are the caller's to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    widths: Vec<u8>,
    /// What stands below it.
    pub text: String,
}

/// The light that a scanner needs on each side, in modules.
pub const QUIET: usize = 11;

/// Bars and gaps of the 106 signs of Code 128.
#[rustfmt::skip]
const CODE_128: [&str; 106] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232",
];
const STOP: &str = "2331112";
const START_B: u8 = 104;
const START_C: u8 = 105;
/// Turns to set B in the middle.
const TO_B: u8 = 100;
/// Turns to set C in the middle.
const TO_C: u8 = 99;
/// Digits on end from which pairs are shorter than single signs.
const WORTH_PAIRS: usize = 4;

/// The bars and gaps of the ten digits in EAN's set A; set C is the same with the colours turned, B is C
/// from behind.
const EAN: [[u8; 4]; 10] = [
    [3, 2, 1, 1],
    [2, 2, 2, 1],
    [2, 1, 2, 2],
    [1, 4, 1, 1],
    [1, 1, 3, 2],
    [1, 2, 3, 1],
    [1, 1, 1, 4],
    [1, 3, 1, 2],
    [1, 2, 1, 3],
    [3, 1, 1, 2],
];
/// Which of the left six digits are in set B, by the first digit, which has no bars of its own.
const FIRST: [[bool; 6]; 10] = {
    const A: bool = false;
    const B: bool = true;
    [
        [A, A, A, A, A, A],
        [A, A, B, A, B, B],
        [A, A, B, B, A, B],
        [A, A, B, B, B, A],
        [A, B, A, A, B, B],
        [A, B, B, A, A, B],
        [A, B, B, B, A, A],
        [A, B, A, B, A, B],
        [A, B, A, B, B, A],
        [A, B, B, A, B, A],
    ]
};

impl Bars {
    /// A stored code as a product's label carries it: EAN-13 or EAN-8 where it is such a number, Code 128
    /// otherwise. `None` for what Code 128 has no signs for.
    pub fn of_code(code: &str) -> Option<Self> {
        let printed = tillwatch_shared::barcode::printed(code);
        let is_gtin = tillwatch_shared::barcode::gtin14(code).is_some();
        match printed.len() {
            8 if is_gtin => ean8(printed),
            12 if is_gtin => ean13(&format!("0{printed}")),
            13 if is_gtin => ean13(printed),
            _ => code128(printed),
        }
    }

    /// The width of all, in modules.
    pub fn modules(&self) -> usize {
        self.widths.iter().map(|width| usize::from(*width)).sum()
    }

    /// Each bar's place and width, in modules from the left.
    pub fn bars(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut place = 0;
        self.widths.iter().enumerate().filter_map(move |(index, width)| {
            let (from, width) = (place, usize::from(*width));
            place += width;
            (index % 2 == 0).then_some((from, width))
        })
    }
}

/// Printable ASCII as Code 128, runs of digits in pairs. `None` for anything else, and for nothing.
pub fn code128(text: &str) -> Option<Bars> {
    if text.is_empty() || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return None;
    }
    let signs = signs(text.as_bytes());
    let weighted = (1_u32..).zip(signs.iter().skip(1)).map(|(place, sign)| place * u32::from(*sign));
    let sum = u32::from(*signs.first()?) + weighted.sum::<u32>();
    let check = u8::try_from(sum % 103).ok()?;
    let mut widths = Vec::with_capacity(signs.len() * 6 + 13);
    for sign in signs.into_iter().chain([check]) {
        push(&mut widths, CODE_128.get(usize::from(sign))?);
    }
    push(&mut widths, STOP);
    Some(Bars { widths, text: text.to_owned() })
}

/// The start sign, and the text's.
fn signs(text: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut signs = Vec::with_capacity(text.len() + 2);
    let mut pairs: Option<bool> = None;
    while let Some((first, after)) = rest.split_first() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        // All digits, or many: an odd one goes first as a sign of its own.
        let enough = digits >= WORTH_PAIRS || (digits == text.len() && digits == 2);
        let in_pairs = if pairs == Some(true) { digits >= 2 } else { enough && digits % 2 == 0 };
        match (pairs, in_pairs) {
            (None, true) => signs.push(START_C),
            (None, false) => signs.push(START_B),
            (Some(false), true) => signs.push(TO_C),
            (Some(true), false) => signs.push(TO_B),
            (Some(_), _) => {}
        }
        pairs = Some(in_pairs);
        if let (true, [tens, ones, after @ ..]) = (in_pairs, rest) {
            signs.push((tens - b'0') * 10 + (ones - b'0'));
            rest = after;
        } else {
            signs.push(first - b' ');
            rest = after;
        }
    }
    signs
}

fn push(widths: &mut Vec<u8>, pattern: &str) {
    widths.extend(pattern.bytes().map(|width| width - b'0'));
}

/// Thirteen digits. The check digit is taken as it is.
pub fn ean13(digits: &str) -> Option<Bars> {
    let values = values(digits, 13)?;
    let (first, rest) = values.split_first()?;
    let (left, right) = rest.split_at_checked(6)?;
    let in_b = FIRST.get(usize::from(*first))?;
    Some(Bars {
        widths: guarded(left.iter().copied().zip(in_b.iter().copied()), right)?,
        text: digits.to_owned(),
    })
}

/// Eight digits. The check digit is taken as it is.
pub fn ean8(digits: &str) -> Option<Bars> {
    let values = values(digits, 8)?;
    let (left, right) = values.split_at_checked(4)?;
    Some(Bars { widths: guarded(left.iter().map(|digit| (*digit, false)), right)?, text: digits.to_owned() })
}

fn values(digits: &str, count: usize) -> Option<Vec<u8>> {
    let right = digits.len() == count && digits.bytes().all(|b| b.is_ascii_digit());
    right.then(|| digits.bytes().map(|b| b - b'0').collect())
}

/// Both halves between their guards. A half's bars and gaps alternate, and so do guards.
fn guarded(left: impl Iterator<Item = (u8, bool)>, right: &[u8]) -> Option<Vec<u8>> {
    let mut widths = vec![1, 1, 1];
    for (digit, reversed) in left {
        let mut pattern = *EAN.get(usize::from(digit))?;
        if reversed {
            pattern.reverse();
        }
        widths.extend(pattern);
    }
    widths.extend([1; 5]);
    for digit in right {
        widths.extend(EAN.get(usize::from(*digit))?);
    }
    widths.extend([1, 1, 1]);
    Some(widths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The modules as a scanner sees them: `1` is dark.
    fn seen(bars: &Bars) -> String {
        let mut modules = vec!['0'; bars.modules()];
        for (from, width) in bars.bars() {
            modules[from..from + width].fill('1');
        }
        modules.into_iter().collect()
    }

    /// Reads EAN modules by the printed sets A, B and C of the GS1 General Specifications, figure 5.2.1.2.1-1.
    fn read_ean(modules: &str) -> String {
        const A: [&str; 10] = [
            "0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011",
            "0110111", "0001011",
        ];
        const B: [&str; 10] = [
            "0100111", "0110011", "0011011", "0100001", "0011101", "0111001", "0000101", "0010001",
            "0001001", "0010111",
        ];
        const C: [&str; 10] = [
            "1110010", "1100110", "1101100", "1000010", "1011100", "1001110", "1010000", "1000100",
            "1001000", "1110100",
        ];
        const SETS: [&str; 10] = [
            "AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA",
            "ABBABA",
        ];
        let half = (modules.len() - 11) / 2;
        assert_eq!(
            (&modules[..3], &modules[3 + half..8 + half], &modules[8 + 2 * half..]),
            ("101", "01010", "101")
        );
        let (mut digits, mut sets) = (String::new(), String::new());
        for place in (3..3 + half).step_by(7) {
            let part = &modules[place..place + 7];
            let in_a = A.iter().position(|p| *p == part);
            sets.push(if in_a.is_some() { 'A' } else { 'B' });
            let digit = in_a.or_else(|| B.iter().position(|p| *p == part)).unwrap();
            digits.push_str(&digit.to_string());
        }
        for place in (8 + half..8 + 2 * half).step_by(7) {
            let digit = C.iter().position(|p| *p == &modules[place..place + 7]).unwrap();
            digits.push_str(&digit.to_string());
        }
        match SETS.iter().position(|set| *set == sets) {
            Some(first) if sets.len() == 6 => format!("{first}{digits}"),
            _ => digits,
        }
    }

    /// Reads Code 128 by the widths of its signs, with the check sign verified.
    fn read_128(bars: &Bars) -> String {
        let widths: String = bars.widths.iter().map(u8::to_string).collect();
        let body = widths.strip_suffix("2331112").unwrap();
        let signs: Vec<usize> = (0..body.len())
            .step_by(6)
            .map(|at| CODE_128.iter().position(|p| *p == &body[at..at + 6]).unwrap())
            .collect();
        let (check, signs) = signs.split_last().unwrap();
        let sum: usize = signs[0] + signs.iter().enumerate().map(|(place, sign)| place * sign).sum::<usize>();
        assert_eq!(sum % 103, *check);
        let mut pairs = signs[0] == 105;
        let mut text = String::new();
        for sign in &signs[1..] {
            match (pairs, *sign) {
                (true, 100) => pairs = false,
                (false, 99) => pairs = true,
                (true, pair) => text.extend(format!("{pair:02}").chars()),
                (false, sign) => text.push(char::from(u8::try_from(sign + 32).unwrap())),
            }
        }
        text
    }

    #[test]
    fn the_table_is_the_standards() {
        for (sign, pattern) in CODE_128.iter().enumerate() {
            let widths: Vec<u8> = pattern.bytes().map(|b| b - b'0').collect();
            assert_eq!(widths.iter().sum::<u8>(), 11, "{sign}");
            // The bars of each sign are an even number of modules together: ISO/IEC 15417, 4.3.1.
            assert_eq!(widths.iter().step_by(2).sum::<u8>() % 2, 0, "{sign}");
        }
        let all: std::collections::BTreeSet<_> = CODE_128.iter().collect();
        assert_eq!(all.len(), 106);
        // Signs that the standard shows: the space, `A`, and the three starts.
        let shown = [0, 33, 103, 104, 105].map(|sign: usize| CODE_128[sign]);
        assert_eq!(shown, ["212222", "111323", "211412", "211214", "211232"]);
    }

    #[test]
    fn a_known_symbol() {
        // "PJJ123C", the example of many manuals: its check sign is 54 after start A, so 55 after start B.
        let bars = code128("PJJ123C").unwrap();
        let (start, check, stop) = ("211214", "311321", "2331112");
        let text = ["313121", "112133", "112133", "123221", "223211", "221132", "131321"];
        let widths: String = bars.widths.iter().map(u8::to_string).collect();
        assert_eq!(widths, [start, &text.concat(), check, stop].concat());
        // EAN-13 of ISO/IEC 15420's kind: 4003994155486.
        let bars = ean13("4003994155486").unwrap();
        assert_eq!(
            seen(&bars),
            "10100011010100111011110100010110010111001110101010110011010011101001110101110010010001010000101"
        );
    }

    #[test]
    fn a_products_code_gets_the_symbol_that_scanners_expect() {
        let of = |code: &str| Bars::of_code(&tillwatch_shared::barcode::normalise(code)).unwrap();
        assert_eq!(
            (of("7891000315507").modules(), read_ean(&seen(&of("7891000315507"))).as_str()),
            (95, "7891000315507")
        );
        assert_eq!((of("96385074").modules(), read_ean(&seen(&of("96385074"))).as_str()), (67, "96385074"));
        assert_eq!(read_ean(&seen(&of("036000291452"))), "0036000291452");
        for own in ["QM", "PAR-10", "12345", "17891000315504", "1"] {
            assert_eq!(read_128(&of(own)), own);
        }
        for none in ["", "AÇÚCAR", "a\u{7}b"] {
            assert_eq!(Bars::of_code(none), None, "{none}");
        }
        assert_eq!(
            code128("00112957891123641020").unwrap().modules(),
            145,
            "fits on 58 mm with two dots a module"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_is_read(text in "[ -~]{1,40}|[0-9]{1,30}|[A-Z]{0,3}[0-9]{0,9}[a-z]{1,3}[0-9]{0,9}") {
            prop_assert_eq!(read_128(&code128(&text).unwrap()), text);
        }

        #[test]
        fn every_number_is_read(digits in "[0-9]{13}") {
            prop_assert_eq!(read_ean(&seen(&ean13(&digits).unwrap())), digits.clone());
            let short = &digits[..8];
            prop_assert_eq!(read_ean(&seen(&ean8(short).unwrap())), short);
        }
    }
}
