//! What came of a sheet of products, row by row; and what can be wrong with one: codes that stay as they are, and
//! their words in Portuguese and English.

use super::wire;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

wire! {
    /// A column of a sheet of products.
    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum ProductColumn {
        Code,
        Name,
        Unit,
        Price,
        Minimum,
        Active,
        /// Whose price it is; with it, or with a first day, the row is a price of a price list.
        Store,
        From,
        Until,
    }

    /// Why a row is refused.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportFaultCode {
        Missing,
        /// Not 1 to `about` visible characters.
        Text,
        /// A spreadsheet has made a number of the code, and its last digits are lost.
        Scientific,
        NotANumber,
        Negative,
        /// More than `about`.
        TooLarge,
        /// More decimals than `about`.
        Decimals,
        /// A dot or comma that may group thousands or begin the decimals; the file has both kinds.
        Ambiguous,
        Unit,
        YesOrNo,
        Day,
        /// The last day is before the first.
        Crossed,
        /// There is a price for a store, or until a day, and no first day.
        NoFirstDay,
        UnknownStore,
        /// More than one of the caller's stores has the name.
        StoreTwice,
        /// A price of a list whose product is in neither the shop nor the rows before.
        UnknownProduct,
        /// `about` is the product that has the name.
        NameTaken,
        /// Line `about` says the same thing of the same product.
        Repeated,
        /// Another name for the product that line `about` knows by its name alone.
        Renamed,
        /// More cells than the first line has.
        Cells,
        /// What is new is active.
        NewInactive,
        /// The ledger did not take it; `about` is why, in the caller's language.
        NotTaken,
    }

    #[derive(Eq)]
    pub struct ImportFault {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub column: Option<ProductColumn>,
        pub code: ImportFaultCode,
        /// What the code is about; see there.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub about: String,
        /// In words, in the language of whoever asked.
        pub detail: String,
    }

    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportOutcome {
        New,
        Changed,
        /// Everything in the row is as it says.
        Same,
        Refused,
    }

    /// As it is written in a sheet.
    #[derive(Eq)]
    pub struct ImportChange {
        pub column: ProductColumn,
        pub before: String,
        pub after: String,
    }

    #[derive(Eq)]
    pub struct ImportedRow {
        /// On which it begins, from 1.
        pub line: u64,
        pub code: Option<String>,
        /// The product's, where the row does not say it.
        pub name: String,
        /// Of a price of a store's list: the store.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub store: Option<String>,
        /// Of a price of a list: the day from which it counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        pub from: Option<Date>,
        pub outcome: ImportOutcome,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub changes: Vec<ImportChange>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub faults: Vec<ImportFault>,
    }

    /// What came of a sheet, or of a piece of it; of a dry run, what would come of it.
    pub struct ProductImport {
        pub dry_run: bool,
        /// As the file was read: `UTF-8`, `windows-1252`, …
        pub encoding: String,
        /// What stands between its cells.
        pub separator: String,
        /// Columns that mean nothing to us, as they are called.
        pub ignored_columns: Vec<String>,
        /// Rows in the file.
        pub total: u64,
        pub rows: Vec<ImportedRow>,
        /// Goes into `after` of the next request; absent once the last row is done.
        pub next: Option<u64>,
        /// Names the file to this server for a while; absent once the last row is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sheet: Option<String>,
    }
}

/// Why a file is no sheet of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetProblem {
    Empty,
    /// It begins like an Excel workbook or another archive.
    Workbook,
    /// The first line names neither a code nor a name.
    NoColumns,
    ColumnTwice(ProductColumn),
    TooManyRows {
        max: usize,
    },
}

impl ProductColumn {
    pub const ALL: [Self; 9] = [
        Self::Code,
        Self::Name,
        Self::Unit,
        Self::Price,
        Self::Minimum,
        Self::Active,
        Self::Store,
        Self::From,
        Self::Until,
    ];

    /// In Portuguese and in English, as a sheet is headed.
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Code => ["Código", "Code"],
            Self::Name => ["Nome", "Name"],
            Self::Unit => ["Unidade", "Unit"],
            Self::Price => ["Preço", "Price"],
            Self::Minimum => ["Mínimo", "Minimum"],
            Self::Active => ["Ativo", "Active"],
            Self::Store => ["Loja", "Store"],
            Self::From => ["De", "From"],
            Self::Until => ["Até", "Until"],
        }
    }
}

impl ImportFaultCode {
    /// In Portuguese and in English, with a place for what it is about.
    const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Missing => ["é preciso preencher", "must be given"],
            Self::Text => ["de 1 a {about} caracteres visíveis", "1 to {about} visible characters"],
            Self::Scientific => [
                "o Excel trocou o código por um número arredondado ({about}): formate a coluna como texto e digite o código de novo",
                "Excel has made a rounded number of the code ({about}): format the column as text and type the code again",
            ],
            Self::NotANumber => ["não é um número", "is not a number"],
            Self::Negative => ["não pode ser negativo", "must not be negative"],
            Self::TooLarge => ["no máximo {about}", "at most {about}"],
            Self::Decimals => ["no máximo {about} casas decimais", "at most {about} decimals"],
            Self::Ambiguous => [
                "pode ser milhar ou decimal, e o arquivo usa ponto e vírgula como decimal: escreva com duas casas",
                "may be thousands or decimals, and the file uses both marks for decimals: write it with two decimals",
            ],
            Self::Unit => [
                "unidade desconhecida: un, kg, g, L, mL, m, cx ou pct",
                "unknown unit: un, kg, g, L, mL, m, cx or pct",
            ],
            Self::YesOrNo => ["escreva sim ou não", "write yes or no"],
            Self::Day => [
                "não é um dia: escreva 31/12/2026 ou 2026-12-31",
                "is not a day: write 31/12/2026 or 2026-12-31",
            ],
            Self::Crossed => ["o último dia é antes do primeiro", "the last day is before the first"],
            Self::NoFirstDay => [
                "o preço de uma loja ou de um período precisa do primeiro dia",
                "a price of a store or of a period needs its first day",
            ],
            Self::UnknownStore => ["não é uma das suas lojas", "is not one of your stores"],
            Self::StoreTwice => {
                ["mais de uma das suas lojas tem este nome", "more than one of your stores has this name"]
            }
            Self::UnknownProduct => [
                "o produto não existe, nem aparece em uma linha anterior",
                "the product does not exist, nor is it in a row before",
            ],
            Self::NameTaken => {
                ["este nome já é do produto {about}", "this name is that of the product {about}"]
            }
            Self::Repeated => ["repete a linha {about}", "repeats line {about}"],
            Self::Renamed => [
                "muda o nome pelo qual a linha {about} conhece o produto: ponha o código naquela linha",
                "changes the name by which line {about} knows the product: put the code into that line",
            ],
            Self::Cells => [
                "tem mais células que o cabeçalho: ponha entre aspas o texto ou o valor que tem o separador",
                "has more cells than the heading: put quotes around what has the separator in it",
            ],
            Self::NewInactive => [
                "um produto novo entra ativo: cadastre-o e depois marque-o como parado",
                "a new product is active: add it, and then mark it as inactive",
            ],
            Self::NotTaken => ["{about}", "{about}"],
        }
    }

    pub fn portuguese(self, about: &str) -> String {
        let [portuguese, _] = self.words();
        portuguese.replace("{about}", about)
    }

    pub fn english(self, about: &str) -> String {
        let [_, english] = self.words();
        english.replace("{about}", about)
    }
}

impl ImportFault {
    /// Told in English.
    pub fn new(column: Option<ProductColumn>, code: ImportFaultCode, about: impl Into<String>) -> Self {
        let about = about.into();
        let detail = code.english(&about);
        Self { column, code, about, detail }
    }

    pub fn at(column: ProductColumn, code: ImportFaultCode) -> Self {
        Self::new(Some(column), code, "")
    }
}

impl SheetProblem {
    /// In Portuguese and in English.
    pub fn words(&self) -> [String; 2] {
        match self {
            Self::Empty => ["O arquivo está vazio.", "The file is empty."].map(str::to_owned),
            Self::Workbook => [
                "É uma pasta de trabalho do Excel; salve-a como CSV e envie o arquivo CSV.",
                "It is an Excel workbook; save it as CSV and send the CSV file.",
            ]
            .map(str::to_owned),
            Self::NoColumns => [
                "A primeira linha não tem uma coluna de código nem de nome.",
                "The first line has no column for the code or the name.",
            ]
            .map(str::to_owned),
            Self::ColumnTwice(column) => {
                let [portuguese, english] = column.words();
                [
                    format!("Há duas colunas para {portuguese}: apague ou renomeie uma delas."),
                    format!("There are two columns for {english}: remove or rename one of them."),
                ]
            }
            Self::TooManyRows { max } => [
                format!("Há mais de {max} linhas: divida o arquivo."),
                format!("There are more than {max} rows: split the file."),
            ],
        }
    }
}
