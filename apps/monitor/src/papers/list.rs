//! A list as it is shown: filtered and in order.

use tillwatch_desk::files::pdf::{Column, Paper, Part, Table};
use tillwatch_desk::format;

use super::{fact, foot};
use crate::lists::{Context, Filter, Sheet, Topic};
use crate::lists_texts::topic as name_of;
use crate::paper_texts::Text;

pub fn list(topic: Topic, sheet: &Sheet, filter: &Filter, context: &Context) -> Paper {
    let lang = context.lang;
    let columns = topic.columns().iter().map(|column| {
        let name = column.name.get(lang);
        if column.right { Column::figures(name) } else { Column::words(name) }
    });
    let rows = sheet.lines.iter().map(|line| line.cells.iter().map(|cell| cell.text.clone()).collect());
    let table = Table { columns: columns.collect(), rows: rows.collect(), ..Table::default() };
    let mut parts = vec![Part::Table(table)];
    parts.extend(sheet.sum.clone().map(Part::Note));
    Paper {
        title: name_of(topic).get(lang).to_owned(),
        facts: facts(topic, sheet, filter, context),
        parts,
        foot: foot(context.now, context.own_zone(), lang),
        lang,
    }
}

/// How many rows there are, and what hides others.
fn facts(topic: Topic, sheet: &Sheet, filter: &Filter, context: &Context) -> Vec<(String, String)> {
    let lang = context.lang;
    let count = i64::try_from(sheet.lines.len()).unwrap_or(i64::MAX);
    let mut facts = vec![fact(Text::Rows.get(lang), format::integer(count))];
    facts.extend(filter.store.map(|store| fact(Text::OnlyStore.get(lang), context.store(store))));
    if let Some(choice) = topic.choices().get(filter.choice).filter(|_| filter.choice > 0) {
        facts.push(fact(Text::Only.get(lang), choice.get(lang)));
    }
    if !filter.text.is_empty() {
        facts.push(fact(Text::OnlyText.get(lang), filter.text.clone()));
    }
    facts
}
