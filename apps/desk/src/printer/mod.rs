//! How this machine's receipt printer is reached, and what it prints on: settings, and no more. The register
//! prints.

mod code_page;

use serde::{Deserialize, Serialize};

use crate::Lang;

pub use code_page::{CodePage, spell};

/// How bytes come to the printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// There is no printer.
    #[default]
    None,
    /// By TCP; the address is `HOST` or `HOST:PORT`.
    Network,
    /// A USB printer as a file: `/dev/usb/lp0`, or a shared printer `\\PC\PRINTER` of Windows.
    Device,
    /// A serial line: `/dev/ttyUSB0`, `COM3`.
    Serial,
    /// A folder, in which each document becomes a file.
    Folder,
}

impl Way {
    pub const ALL: [Self; 5] = [Self::None, Self::Network, Self::Device, Self::Serial, Self::Folder];
}

/// How wide the paper is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Width {
    #[serde(rename = "58")]
    Mm58,
    #[default]
    #[serde(rename = "80")]
    Mm80,
}

impl Width {
    /// Plain characters in a line.
    pub const fn columns(self) -> usize {
        match self {
            Self::Mm58 => 32,
            Self::Mm80 => 48,
        }
    }
}

/// What happens with the receipt when a sale is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSale {
    Print,
    #[default]
    Ask,
    Nothing,
}

/// How price labels lie on an A4 sheet: columns by rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelLayout {
    By5x13,
    By3x11,
    #[default]
    By3x8,
    By2x7,
}

impl LabelLayout {
    pub const ALL: [Self; 4] = [Self::By5x13, Self::By3x11, Self::By3x8, Self::By2x7];
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Printer {
    pub way: Way,
    pub address: String,
    /// Bits a second on a serial line.
    pub baud: u32,
    pub width: Width,
    pub page: CodePage,
    /// The window's language if absent.
    pub lang: Option<Lang>,
    pub after_sale: AfterSale,
    /// It has a knife.
    pub cut: bool,
    /// It opens the drawer when cash is taken.
    pub drawer: bool,
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            way: Way::default(),
            address: String::new(),
            baud: 9600,
            width: Width::default(),
            page: CodePage::default(),
            lang: None,
            after_sale: AfterSale::default(),
            cut: true,
            drawer: false,
        }
    }
}
