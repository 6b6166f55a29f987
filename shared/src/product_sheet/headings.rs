//! What the columns of a sheet are: names as shops use them, in both languages.

use super::table::{Record, records};
use crate::api::{ProductColumn, SheetProblem};
use crate::names;

/// Names of columns as [`plain`] writes them.
const NAMES: [(ProductColumn, &[&str]); 9] = [
    (
        ProductColumn::Code,
        &[
            "codigo",
            "cod",
            "code",
            "codigodebarras",
            "codigobarras",
            "codbarras",
            "codigodebarra",
            "barcode",
            "ean",
            "ean8",
            "ean13",
            "gtin",
            "gtin8",
            "gtin12",
            "gtin13",
            "gtin14",
            "gtinean",
            "eangtin",
            "upc",
            "sku",
            "codigodoproduto",
            "codigoproduto",
            "codproduto",
            "productcode",
            "referencia",
            "ref",
        ],
    ),
    (
        ProductColumn::Name,
        &[
            "nome",
            "name",
            "produto",
            "product",
            "descricao",
            "description",
            "descricaodoproduto",
            "descricaoproduto",
            "nomedoproduto",
            "nomeproduto",
            "productname",
            "item",
            "mercadoria",
        ],
    ),
    (
        ProductColumn::Unit,
        &["unidade", "unit", "un", "und", "unid", "um", "medida", "unidadedemedida", "vendidopor", "soldby"],
    ),
    (
        ProductColumn::Price,
        &[
            "preco",
            "price",
            "precodevenda",
            "precovenda",
            "precounitario",
            "precor",
            "valor",
            "valorr",
            "valorunitario",
            "valordevenda",
            "valorvenda",
            "venda",
            "saleprice",
            "unitprice",
            "vlrvenda",
        ],
    ),
    (
        ProductColumn::Minimum,
        &[
            "minimo",
            "minimum",
            "estoqueminimo",
            "estoquemin",
            "minimoemestoque",
            "minimumstock",
            "minstock",
            "min",
        ],
    ),
    (ProductColumn::Active, &["ativo", "active", "situacao", "status", "state", "estado"]),
    (ProductColumn::Store, &["loja", "store", "filial", "branch"]),
    (
        ProductColumn::From,
        &["de", "from", "desde", "apartirde", "inicio", "validode", "validfrom", "primeirodia", "firstday"],
    ),
    (ProductColumn::Until, &["ate", "until", "fim", "validoate", "validuntil", "to", "ultimodia", "lastday"]),
];

/// Which cell of a row is which column.
#[derive(Debug)]
pub struct Headings {
    pub columns: Vec<Option<ProductColumn>>,
    /// Those that mean nothing to us, as they are called.
    pub ignored: Vec<String>,
}

impl Headings {
    pub fn new(first: &Record) -> Result<Self, SheetProblem> {
        let columns: Vec<Option<ProductColumn>> = first.cells.iter().map(|name| column(name)).collect();
        for one in ProductColumn::ALL {
            if columns.iter().filter(|column| **column == Some(one)).count() > 1 {
                return Err(SheetProblem::ColumnTwice(one));
            }
        }
        let named = |wanted| columns.contains(&Some(wanted));
        if !named(ProductColumn::Code) && !named(ProductColumn::Name) {
            return Err(SheetProblem::NoColumns);
        }
        let unknown =
            first.cells.iter().zip(&columns).filter(|(name, column)| column.is_none() && !name.is_empty());
        let ignored = unknown.map(|(name, _)| name.chars().take(60).collect()).collect();
        Ok(Self { columns, ignored })
    }
}

/// How many columns of the first line are known with this separator.
pub fn known(text: &str, separator: char) -> usize {
    let first = records(text, separator, 1).next();
    first.map_or(0, |first| first.cells.iter().filter_map(|name| column(name)).count())
}

fn column(name: &str) -> Option<ProductColumn> {
    let plain = plain(name);
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(column, _)| *column)
}

/// A name without case, accents, blanks, signs, and what stands in brackets behind it.
fn plain(name: &str) -> String {
    let name = name.split('(').next().unwrap_or(name);
    names::fold(name).chars().filter(char::is_ascii_alphanumeric).collect()
}
