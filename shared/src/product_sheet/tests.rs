//! Files as people make them, and products that are written and read again.

use proptest::prelude::*;

use super::*;
use crate::api::{
    ImportFaultCode as Code, PriceList, PricePeriod, Product, ProductColumn as Column, SheetProblem, Store,
    Unit,
};
use crate::limits::IMPORT_ROWS;
use crate::{Cents, ChainId, ProductId, Quantity, StoreId, UtcMicros, barcode, names};

fn rows(text: &str) -> Vec<SheetRow> {
    read(text.as_bytes()).unwrap().rows
}

fn faults(row: &SheetRow) -> Vec<(Option<Column>, Code, &str)> {
    row.faults.iter().map(|fault| (fault.column, fault.code, fault.about.as_str())).collect()
}

#[test]
fn files_as_they_come() {
    let wanted = |sheet: &Sheet| {
        let row = &sheet.rows[0];
        assert_eq!((row.code.as_deref(), row.name.as_deref()), (Some("07891000315507"), Some("Pão francês")));
        assert_eq!((row.price, row.unit), (Some(Cents(1_590)), Some(Unit::Kg)), "{sheet:?}");
        assert_eq!((row.line, sheet.rows.len()), (2, 1));
        assert!(row.faults.is_empty(), "{row:?}");
    };
    let semicolons = "Código;Descrição;Un.;Preço (R$)\r\n=\"7891000315507\";Pão francês;Kg;15,90\r\n";
    let latin: Vec<u8> = semicolons.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let utf16 = semicolons.replace(';', "\t");
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(utf16.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, encoding, separator) in [
        (semicolons.as_bytes().to_vec(), "UTF-8", ';'),
        (format!("\u{feff}{semicolons}").into_bytes(), "UTF-8", ';'),
        (latin, "windows-1252", ';'),
        (utf16, "UTF-16LE", '\t'),
        (
            b"EAN,product,unit,price\n7891000315507,\"P\xc3\xa3o franc\xc3\xaas\",KG,15.90\n".to_vec(),
            "UTF-8",
            ',',
        ),
        ("gtin\tnome\tunidade\tpreço\n7891000315507\tPão francês\tquilo\tR$ 15,9".into(), "UTF-8", '\t'),
    ] {
        let sheet = read(&bytes).unwrap();
        assert_eq!((sheet.encoding, sheet.separator), (encoding, separator));
        wanted(&sheet);
    }
    // Excel's own first line is counted, and so are lines that are blank.
    let told = rows("sep=;\r\ncod;nome;preco\r\n\r\nA;\"B\nC;D\";1\r\n;;\r\nE;F;2\r\n");
    assert_eq!(told.iter().map(|row| row.code.as_deref().unwrap()).collect::<Vec<_>>(), ["A", "E"]);
    assert_eq!(faults(&told[0])[0].1, Code::Text, "a name has no line break");
    assert_eq!(told[1].line, 7);
}

#[test]
fn files_that_are_no_sheet() {
    for (bytes, problem) in [
        (&b""[..], SheetProblem::Empty),
        (b"\r\n;;\r\n", SheetProblem::Empty),
        (b"PK\x03\x04rest", SheetProblem::Workbook),
        (b"7891000315507;Arroz;5,49\n", SheetProblem::NoColumns),
        (b"price;unit\n1;kg\n", SheetProblem::NoColumns),
        (b"codigo;ean;nome\n", SheetProblem::ColumnTwice(Column::Code)),
        (&[0xff, 0x00, 0xff], SheetProblem::NoColumns),
    ] {
        assert_eq!(read(bytes).unwrap_err(), problem);
        assert!(problem.words().iter().all(|words| words.ends_with('.')));
    }
    let many = "nome\n".to_owned() + &"x\n".repeat(IMPORT_ROWS + 1);
    assert_eq!(read(many.as_bytes()).unwrap_err(), SheetProblem::TooManyRows { max: IMPORT_ROWS });
    let sheet = read("Nome;Cor;Preço\nA;azul;1\n".as_bytes()).unwrap();
    assert_eq!(sheet.ignored_columns, ["Cor"]);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_column() {
    let head = "codigo;nome;un;preco;minimo;ativo;loja;de;ate\n";
    let long = format!("A;{};un;1", "x".repeat(121));
    for (line, wanted) in [
        ("7,89E+12;Arroz;un;5,49", vec![(Some(Column::Code), Code::Scientific, "7,89E+12")]),
        ("7.89100E+12;Arroz;;5,49", vec![(Some(Column::Code), Code::Scientific, "7.89100E+12")]),
        (";;un;5,49", vec![(Some(Column::Name), Code::Missing, "")]),
        (&long, vec![(Some(Column::Name), Code::Text, "120")]),
        ("A;B;dúzia;5,49", vec![(Some(Column::Unit), Code::Unit, "")]),
        ("A;B;un;cinco", vec![(Some(Column::Price), Code::NotANumber, "")]),
        ("A;B;un;-1", vec![(Some(Column::Price), Code::Negative, "")]),
        ("A;B;un;5,495", vec![(Some(Column::Price), Code::Decimals, "2")]),
        ("A;B;un;10.000.000,01", vec![(Some(Column::Price), Code::TooLarge, "10.000.000,00")]),
        ("A;B;un;1;0,0001", vec![(Some(Column::Minimum), Code::Decimals, "3")]),
        ("A;B;un;1;2;talvez", vec![(Some(Column::Active), Code::YesOrNo, "")]),
        ("A;B;un;1;2;sim;;31/02/2026", vec![(Some(Column::From), Code::Day, "")]),
        ("A;B;un;1;2;sim;Loja A;", vec![(Some(Column::From), Code::NoFirstDay, "")]),
        (
            "A;B;un;;2;sim;Loja A;01/12/2026;30/11/2026",
            vec![(Some(Column::Price), Code::Missing, ""), (Some(Column::Until), Code::Crossed, "")],
        ),
        ("A;B;un;12;3;sim;;;;50", vec![(None, Code::Cells, "")]),
        ("A;B;un;12;3;sim", vec![]),
    ] {
        let row = &rows(&format!("{head}{line}\n"))[0];
        assert_eq!(faults(row), wanted, "{line}");
        for fault in &row.faults {
            assert!(!fault.code.portuguese(&fault.about).contains('{') && !fault.detail.contains('{'));
        }
    }
    let twice =
        rows("codigo;nome;loja;de;preco\n1;A;;;1\n1;B;;;2\n01;C;;;3\n1;A;x;1/1/2026;1\n1;;X;2026-01-01;2\n");
    let repeated: Vec<_> =
        twice.iter().map(faults).map(|faults| faults.first().map(|f| f.2.to_owned())).collect();
    assert_eq!(repeated, [None, Some("2".to_owned()), None, None, Some("5".to_owned())]);
}

#[test]
fn numbers_of_both_sides_of_the_ocean() {
    let prices = |cells: &[&str]| -> Vec<Result<i64, Code>> {
        let lines: Vec<String> =
            cells.iter().enumerate().map(|(n, cell)| format!("{n}\tx{n}\t{cell}\n")).collect();
        let rows = rows(&format!("codigo\tnome\tpreco\n{}", lines.concat()));
        rows.iter().map(|row| row.price.map(|price| price.0).ok_or_else(|| row.faults[0].code)).collect()
    };
    // A thousand, unless the file has a point where decimals begin.
    assert_eq!(prices(&["1.234", "12,5"]), [Ok(123_400), Ok(1_250)]);
    assert_eq!(prices(&["1,234", "12.5"]), [Ok(123_400), Ok(1_250)]);
    assert_eq!(prices(&["1.234"]), [Ok(123_400)]);
    assert_eq!(prices(&["1,234"]), [Err(Code::Decimals)]);
    assert_eq!(prices(&["1.234", "12,5", "3.99"]), [Err(Code::Ambiguous), Ok(1_250), Ok(399)]);
    assert_eq!(
        prices(&["1.234,56", "R$ 3,99", "12", "0,5", "1.234.567,00", "12,500", "1234,5 "]),
        [Ok(123_456), Ok(399), Ok(1_200), Ok(50), Ok(123_456_700), Ok(1_250), Ok(123_450)]
    );
    assert_eq!(prices(&["1,234.56", "1,234,567"]), [Ok(123_456), Ok(123_456_700)]);
    for bad in ["1,2,3", "1.23,4.5", "--1", "1e3", "12,3x4", "1..5", ",", "."] {
        assert!(prices(&[bad])[0].is_err(), "{bad}");
    }
}

fn store(name: &str) -> Store {
    Store {
        id: StoreId::now(),
        chain_id: ChainId::now(),
        name: name.to_owned(),
        cnpj_masked: None,
        cnpj: None,
        zone: "America/Sao_Paulo".to_owned(),
        created_at: UtcMicros(0),
        discount_limits: crate::api::DiscountLimits::default(),
    }
}

fn any_product() -> impl Strategy<Value = Product> {
    let name =
        "[=+@'–\\-]?[A-Za-zçÃé;,\"' –=0-9]{1,30}".prop_filter_map("a name", |text| names::clean(&text, 120));
    let code = prop::option::of(prop_oneof!["[0-9]{1,13}", "[=+'\\-A-Z]{1,2}[A-Z0-9;\"']{0,9}"]);
    let periods =
        prop::collection::btree_map(0_i64..400, (0_i64..1_000_000, prop::option::of(0_i64..40)), 0..4);
    (name, code, 0_i64..=1_000_000_000, 0_i64..=1_000_000_000, any::<bool>(), periods).prop_map(
        |(name, code, price, minimum, active, periods)| {
            let day = |n: i64| jiff::civil::date(2026, 1, 1).saturating_add(jiff::Span::new().days(n));
            let period = |(first, (price, length)): (i64, (i64, Option<i64>))| PricePeriod {
                price_cents: Cents(price),
                first_day: day(first),
                last_day: length.map(|length| day(first + length)),
            };
            let periods: Vec<PricePeriod> = periods.into_iter().map(period).collect();
            let lists = if periods.is_empty() { vec![] } else { vec![PriceList { store_id: None, periods }] };
            Product {
                id: ProductId::now(),
                number: 1,
                name,
                code: code.and_then(|code| names::clean(&code, 40)).map(|code| barcode::normalise(&code)),
                unit: Unit::Cx,
                price_cents: Cents(price),
                minimum_thousandths: Quantity(minimum),
                active,
                created_at: UtcMicros(0),
                changed_at: UtcMicros(0),
                price_lists: lists,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(mut product in any_product(), in_store in any::<bool>(), english in any::<bool>()) {
        let stores = [store("=Loja; \"A\"")];
        if in_store && let Some(list) = product.price_lists.first_mut() {
            list.store_id = Some(stores[0].id);
        }
        let pick = |words: [&'static str; 2]| words[0];
        let pick_english = |words: [&'static str; 2]| words[1];
        let bytes = write(std::slice::from_ref(&product), &stores, if english { pick_english } else { pick });
        let sheet = read(&bytes).unwrap();
        prop_assert!(sheet.ignored_columns.is_empty());
        let (row, lists) = sheet.rows.split_first().unwrap();
        prop_assert!(sheet.rows.iter().all(|row| row.faults.is_empty()), "{:?}", sheet.rows);
        prop_assert_eq!(row.name.as_ref(), Some(&product.name));
        prop_assert_eq!(row.code.as_ref(), product.code.as_ref());
        prop_assert_eq!((row.price, row.minimum), (Some(product.price_cents), Some(product.minimum_thousandths)));
        prop_assert_eq!((row.unit, row.active), (Some(product.unit), Some(product.active)));
        let periods: Vec<PricePeriod> = product.price_lists.iter().flat_map(|list| list.periods.clone()).collect();
        prop_assert_eq!(lists.len(), periods.len());
        for (row, period) in lists.iter().zip(periods) {
            prop_assert_eq!((row.price, row.from, row.until), (Some(period.price_cents), Some(period.first_day), period.last_day));
            prop_assert_eq!(row.store.as_deref(), in_store.then_some(stores[0].name.as_str()));
            prop_assert_eq!(row.code.as_ref(), product.code.as_ref());
        }
    }

    /// Whatever the bytes are: rows or a problem, and no panic.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), head in any::<bool>()) {
        let whole = if head { [b"nome;preco;codigo;de\n".to_vec(), bytes].concat() } else { bytes };
        let _ = read(&whole);
    }
}
