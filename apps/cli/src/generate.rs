//! `tillwatch generate sales`: writes sale records as an outside cash register would, into a JSON array that
//! is replaced as a whole or written over where it lies, or as lines at the end of an NDJSON file.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

use crate::{CliError, clock, parse_span, say};
use tillwatch_shared::random::Random;

/// Records written between two lines that tell how far it is.
const TELL_EVERY: u64 = 100_000;

#[derive(Debug, Args)]
pub struct SalesArgs {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Time between two sales; `0s` writes them all at once.
    #[arg(long, default_value = "1s", value_parser = parse_span)]
    every: Duration,
    /// How many sales; without it, until it is stopped.
    #[arg(long)]
    count: Option<u64>,
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Writes the array over the file where it lies, record by record, as simple programs do: who reads it
    /// meanwhile finds half of it. Without this the file is replaced in one step.
    #[arg(long)]
    in_place: bool,
    /// The same seed writes the same sales.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One array, written anew with each sale.
    Json,
    /// One object a line, added at the end.
    Ndjson,
}

/// Chain, store and seller of the demonstration.
const TILLS: [(&str, &str, &str); 6] = [
    ("MAX ATACADO", "Max Atacado Centro", "Ana Souza"),
    ("MAX ATACADO", "Max Atacado Boa Vista", "Bruno Lima"),
    ("ATAKADAO", "Atakadão Norte", "Carla Nogueira"),
    ("ATAKADAO", "Atakadão Sul", "Carla Nogueira"),
    ("LOJAS MARTINS", "Martins Matriz", "Diego Martins"),
    ("LOJAS MARTINS", "Martins Praça", "Diego Martins"),
];

/// Name, code and price in centavos of products of the demonstration.
const PRODUCTS: [(&str, &str, u64); 6] = [
    ("Arroz branco 5 kg", "7891000100103", 2790),
    ("Feijão carioca 1 kg", "7891000053508", 849),
    ("Açúcar refinado 1 kg", "7891000244234", 479),
    ("Café torrado 500 g", "7891000315507", 1890),
    ("Leite integral 1 L", "7891000000106", 549),
    ("Detergente 500 mL", "7891000066669", 249),
];

pub async fn sales(args: &SalesArgs) -> Result<(), CliError> {
    let at_once = args.every.is_zero();
    if at_once && args.count.is_none() {
        return Err(CliError::Usage("--every 0s needs --count".into()));
    }
    if args.in_place && args.format == Format::Ndjson {
        return Err(CliError::Usage("--in-place is for an array; lines are added at the end".into()));
    }
    let write = if args.in_place { write_over } else { replace };
    let mut random = Random::new(args.seed);
    let mut records = Vec::new();
    if args.format == Format::Json && args.out.exists() {
        records = serde_json::from_slice(&fs::read(&args.out)?)
            .map_err(|error| CliError::Usage(format!("{}: {error}", args.out.display())))?;
    }
    let mut lines = match args.format {
        Format::Ndjson => Some(BufWriter::new(File::options().create(true).append(true).open(&args.out)?)),
        Format::Json => None,
    };
    let begun = clock::now();
    let mut number = 0;
    while args.count.is_none_or(|count| number < count) {
        number += 1;
        let at =
            if at_once { begun.plus(-SECOND * i64::try_from(number).unwrap_or(0)) } else { clock::now() };
        let record = sale(args.seed, number, at, &mut random);
        match &mut lines {
            Some(lines) => writeln!(lines, "{record}")?,
            None => records.push(record),
        }
        if at_once {
            if number % TELL_EVERY == 0 {
                say::event(clock::now(), format_args!("{number} sales"));
            }
            continue;
        }
        match &mut lines {
            Some(lines) => lines.flush()?,
            None => write(&args.out, &records)?,
        }
        say::event(clock::now(), format_args!("sale {number} written"));
        tokio::time::sleep(args.every).await;
    }
    match &mut lines {
        Some(lines) => lines.flush()?,
        None => write(&args.out, &records)?,
    }
    say::line(format_args!("{number} sales in {}", args.out.display()));
    Ok(())
}

/// Puts the array in place in one step: nobody reads half of it.
fn replace(path: &Path, records: &[Value]) -> Result<(), CliError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let mut file = BufWriter::new(File::create(&part)?);
    serde_json::to_writer_pretty(&mut file, records).map_err(std::io::Error::from)?;
    file.flush()?;
    drop(file);
    fs::rename(part, path)?;
    Ok(())
}

/// Empties the file and writes the array into it, a record at a time.
fn write_over(path: &Path, records: &[Value]) -> Result<(), CliError> {
    let mut file = File::create(path)?;
    let mut before = "[\n";
    for record in records {
        file.write_all(format!("{before}{record}").as_bytes())?;
        before = ",\n";
    }
    file.write_all(if records.is_empty() { b"[]\n" } else { b"\n]\n" })?;
    Ok(())
}

/// A sale as another system would tell it; amounts are decimal numbers.
fn sale(seed: u64, number: u64, at: UtcMicros, random: &mut Random) -> Value {
    let (chain, store, seller) = pick(&TILLS, random).unwrap_or_default();
    let mut total = 0;
    let items: Vec<Value> = (0..=random.next() % 3)
        .filter_map(|_| {
            let (product, code, cents) = pick(&PRODUCTS, random)?;
            let quantity = 1 + random.next() % 4;
            total += quantity * cents;
            Some(json!({ "product": product, "code": code, "quantity": quantity, "price": reais(cents) }))
        })
        .collect();
    json!({
        "id": format!("{seed}-{number:08}"), "chain": chain, "store": store, "seller": seller,
        "amount": reais(total), "when": at, "items": items
    })
}

fn pick<T: Copy>(items: &[T], random: &mut Random) -> Option<T> {
    let place = random.next() % u64::try_from(items.len().max(1)).unwrap_or(1);
    items.get(usize::try_from(place).unwrap_or(0)).copied()
}

/// Centavos as a text with a point: it never passes through a float.
fn reais(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sales() {
        let write = || {
            let mut random = Random::new(7);
            (1..50).map(|number| sale(7, number, UtcMicros(0), &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(write(), write());
        assert_eq!(write().last().unwrap()["id"], "7-00000049");
        assert_eq!(reais(5580), "55.80");
    }

    #[test]
    fn both_ways_of_writing_give_the_same_array() {
        let path = std::env::temp_dir().join(format!("tillwatch-{}", tillwatch_shared::CommandId::now()));
        let mut random = Random::new(7);
        let mut records = Vec::new();
        for number in 0..4 {
            for write in [replace, write_over] {
                write(&path, &records).unwrap();
                let found: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                assert_eq!(found, records);
            }
            records.push(sale(7, number, UtcMicros(0), &mut random));
        }
        // In place is in place, whoever else has it open; replaced is another file.
        let mut reader = File::open(&path).unwrap();
        let mut seen = || {
            use std::io::{Read as _, Seek as _};
            let mut text = String::new();
            reader.rewind().and_then(|()| reader.read_to_string(&mut text)).unwrap();
            text.matches("seller").count()
        };
        write_over(&path, &records).unwrap();
        assert_eq!(seen(), 4);
        replace(&path, &[]).unwrap();
        assert_eq!(seen(), 4);
        fs::remove_file(&path).unwrap();
    }
}
