//! What is typed into the search line: `leite`, `7891000315507`, `3*7891000315507`, `0,450*queijo`.

use tillwatch_shared::Quantity;

/// A line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub quantity: Quantity,
    /// What to look for.
    pub text: &'a str,
}

/// `Err` holds the part that is not a quantity.
pub fn parse(line: &str) -> Result<Line<'_>, &str> {
    let Some((quantity, text)) = line.split_once('*') else {
        return Ok(Line { quantity: Quantity::ONE, text: line.trim() });
    };
    let quantity_text = quantity.trim();
    match Quantity::parse(quantity_text) {
        Ok(quantity) => Ok(Line { quantity, text: text.trim() }),
        Err(_) => Err(quantity_text),
    }
}

/// The part that is looked for while the line is being typed.
pub fn wanted(line: &str) -> &str {
    line.split_once('*').map_or(line, |(_, text)| text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_may_stand_before_a_star() {
        let cases = [
            ("leite", 1000, "leite"),
            (" 7891000315507 ", 1000, "7891000315507"),
            ("3*789", 3000, "789"),
            ("0,450 * queijo minas", 450, "queijo minas"),
            ("2*", 2000, ""),
        ];
        for (line, quantity, text) in cases {
            assert_eq!(parse(line), Ok(Line { quantity: Quantity(quantity), text }), "{line}");
            assert_eq!(wanted(line), text);
        }
        assert_eq!(parse("abc*789"), Err("abc"));
        assert_eq!(parse("0.5*789"), Err("0.5"));
        assert_eq!(parse("*789"), Err(""));
    }
}
