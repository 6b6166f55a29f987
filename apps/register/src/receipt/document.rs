//! What stands on the paper, before it is known how wide that is.

use serde::{Deserialize, Serialize};
use tillwatch_shared::Cents;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    #[default]
    Plain,
    Strong,
    /// Twice as wide and high.
    Big,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Left,
    Centre,
}

/// One part of a document; it takes as many lines as it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Text {
        text: String,
        style: Style,
        align: Align,
    },
    /// Words at the left edge and an amount at the right one.
    Pair {
        left: String,
        right: String,
        style: Style,
    },
    Rule,
    Gap,
    /// Digits as Code 128.
    Barcode(String),
}

/// Something to be printed. It is kept as it was issued, so that a reprint is the same to the byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Names a file of it: `recibo-1042`.
    pub name: String,
    pub blocks: Vec<Block>,
}

impl Document {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), blocks: Vec::new() }
    }

    /// A line at the left edge, wrapped where it is too long.
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.push_text(text.into(), Style::Plain, Align::Left)
    }

    pub fn centred(&mut self, text: impl Into<String>, style: Style) -> &mut Self {
        self.push_text(text.into(), style, Align::Centre)
    }

    pub fn pair(&mut self, left: impl Into<String>, right: impl Into<String>) -> &mut Self {
        self.styled_pair(left, right, Style::Plain)
    }

    pub fn styled_pair(
        &mut self,
        left: impl Into<String>,
        right: impl Into<String>,
        style: Style,
    ) -> &mut Self {
        self.blocks.push(Block::Pair { left: left.into(), right: right.into(), style });
        self
    }

    /// Words and an amount without the currency sign.
    pub fn amount(&mut self, left: impl Into<String>, amount: Cents) -> &mut Self {
        self.pair(left, amount.plain())
    }

    pub fn rule(&mut self) -> &mut Self {
        self.blocks.push(Block::Rule);
        self
    }

    pub fn gap(&mut self) -> &mut Self {
        self.blocks.push(Block::Gap);
        self
    }

    pub fn barcode(&mut self, digits: impl Into<String>) -> &mut Self {
        self.blocks.push(Block::Barcode(digits.into()));
        self
    }

    fn push_text(&mut self, text: String, style: Style, align: Align) -> &mut Self {
        self.blocks.push(Block::Text { text, style, align });
        self
    }
}
