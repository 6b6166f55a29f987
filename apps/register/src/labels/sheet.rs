//! Draws the sheets.

use tillwatch_desk::files::pdf::{A4, Drawing, MM, Weight};
use tillwatch_desk::printer::LabelLayout;

use super::{Grid, Label, grid};
use crate::barcode::{Bars, QUIET};

/// Narrower bars than this (in points; 0,19 mm) come out of an office printer unreadable.
const LEAST_MODULE: f32 = 0.19 * MM;
/// The widest that a module is drawn, as on packets.
const MOST_MODULE: f32 = 0.38 * MM;
/// Between a label's edge and what stands on it.
const PADDING: f32 = 1.8 * MM;
/// Letters' height above the line they stand on, as a share of their size.
const ABOVE: f32 = 0.78;

/// Each label so many times, one after the other, after `skip` places that are used up on the first sheet.
pub fn sheet(
    title: &str,
    labels: &[(Label, u32)],
    layout: LabelLayout,
    skip: usize,
) -> Result<Vec<u8>, String> {
    let mut drawing = Drawing::new(title, A4)?;
    let grid = grid(layout);
    let copies = labels.iter().flat_map(|(label, count)| (0..*count).map(move |_| label));
    let places = (0..).skip(skip % grid.labels());
    let mut on_page = None;
    for (place, label) in places.zip(copies) {
        let page: usize = place / grid.labels();
        if on_page.replace(page) != Some(page) {
            drawing.new_page();
        }
        one(&mut drawing, label, &grid, corner(&grid, place % grid.labels()));
    }
    drawing.finish()
}

/// The upper left corner of a place, counted by rows.
fn corner(grid: &Grid, place: usize) -> (f32, f32) {
    let (row, column) = (place / grid.columns, place % grid.columns);
    let along = |edge: f32, step: f32, count: usize| (edge + step * count as f32) * MM;
    (along(grid.edge.0, grid.step.0, column), along(grid.edge.1, grid.step.1, row))
}

/// Name above, bars below, the price between: the larger the label, the larger each.
fn one(drawing: &mut Drawing, label: &Label, grid: &Grid, (left, above): (f32, f32)) {
    let (width, height) = (grid.size.0 * MM, grid.size.1 * MM);
    let (left, room) = (left + PADDING, width - 2.0 * PADDING);
    let size = (height * 0.11).clamp(6.0, 10.0);
    let mut line = above + PADDING;
    for words in name_lines(drawing, &label.name, size, room) {
        drawing.text(&words, (left, line + size * ABOVE), size, Weight::Regular, room);
        line += size * 1.15;
    }
    let price_size = size * 1.7;
    let price = drawing.spell(&label.price());
    drawing.text(&price, (left, line + price_size * ABOVE), price_size, Weight::Strong, room);
    line += price_size * 1.25;
    let Some(code) = &label.code else { return };
    let digits = size * 0.9;
    let bottom = above + height - PADDING;
    let bars_height = bottom - digits * 1.25 - line;
    let bars = Bars::of_code(code);
    let module = bars.as_ref().map(|bars| (room / (bars.modules() + 2 * QUIET) as f32).min(MOST_MODULE));
    let drawn = bars.zip(module).filter(|(_, module)| *module >= LEAST_MODULE && bars_height > 4.0 * MM);
    let text = match drawn {
        Some((bars, module)) => {
            let wide = bars.modules() as f32 * module;
            let from = left + (room - wide) / 2.0;
            for (place, width) in bars.bars() {
                let place = (from + place as f32 * module, line);
                drawing.bar(place, (width as f32 * module, bars_height));
            }
            bars.text
        }
        // What cannot be scanned can be typed.
        None => drawing.spell(tillwatch_shared::barcode::printed(code)),
    };
    let from = left + ((room - drawing.width(&text, digits, Weight::Regular)) / 2.0).max(0.0);
    drawing.text(&text, (from, bottom - digits * 0.15), digits, Weight::Regular, room);
}

/// At most two lines; what is longer loses its middle, since names differ at their ends.
fn name_lines(drawing: &Drawing, name: &str, size: f32, room: f32) -> Vec<String> {
    let name = drawing.spell(name);
    let fits = |text: &str| drawing.width(text, size, Weight::Regular) <= room;
    if fits(&name) {
        return vec![name];
    }
    let mut first = String::new();
    let mut words = name.split_whitespace().peekable();
    while let Some(word) = words.next_if(|word| first.is_empty() || fits(&format!("{first} {word}"))) {
        if !first.is_empty() {
            first.push(' ');
        }
        first.push_str(word);
    }
    let rest: Vec<&str> = words.collect();
    let rest = rest.join(" ");
    let longest = rest.chars().count();
    let shortened = (1..=longest).rev().map(|most| tillwatch_desk::widgets::cut_middle(&rest, most));
    let second = shortened.map(std::borrow::Cow::into_owned).find(|text| fits(text));
    [Some(first), second].into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::Cents;
    use tillwatch_shared::api::Unit;

    use super::*;
    use crate::pdf::read::pages;

    fn label(name: &str, code: Option<&str>) -> Label {
        let code = code.map(tillwatch_shared::barcode::normalise);
        Label { name: name.to_owned(), price: Cents(3990), unit: Unit::Kg, code }
    }

    #[test]
    fn labels_fill_the_sheets_from_the_first_free_place() {
        let labels = [
            (label("Arroz", Some("7891000315507")), 20),
            (label("Açúcar", Some("96385074")), 10),
            (label("Pão", None), 1),
        ];
        let pages = pages(&sheet("etiquetas", &labels, LabelLayout::By3x8, 22).unwrap());
        assert_eq!(pages.len(), 3, "two places, then 24, then five");
        let named =
            |page: usize, name: &str| pages[page].texts.iter().filter(|(_, _, text)| text == name).count();
        assert_eq!([0, 1, 2].map(|page| named(page, "Arroz")), [2, 18, 0]);
        assert_eq!([0, 1, 2].map(|page| named(page, "Açúcar")), [0, 6, 4]);
        assert_eq!(named(2, "Pão"), 1);
        let all = |page: usize, text: &str| named(page, text);
        assert_eq!((all(1, "R$ 39,90/kg"), all(1, "7891000315507"), all(1, "96385074")), (24, 18, 6));
        // 30 bars of an EAN-13, 22 of an EAN-8.
        assert_eq!(pages.iter().map(|page| page.bars.len()).sum::<usize>(), 20 * 30 + 10 * 22);
    }

    #[test]
    fn everything_stands_on_its_own_label() {
        let long = "Leite em pó integral instantâneo vitaminado com ferro, lata econômica de 400 g";
        let labels = [
            (label(long, Some("7891000055120")), 20),
            (
                label(
                    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
                    Some("A CODE OF THE SHOP'S OWN THAT IS LONG"),
                ),
                70,
            ),
        ];
        for layout in LabelLayout::ALL {
            let grid = grid(layout);
            assert!(
                grid.edge.0 + grid.step.0 * (grid.columns - 1) as f32 + grid.size.0 <= 210.1,
                "{layout:?}"
            );
            assert!(grid.edge.1 + grid.step.1 * (grid.rows - 1) as f32 + grid.size.1 <= 297.1, "{layout:?}");
            let pages = pages(&sheet("etiquetas", &labels, layout, 0).unwrap());
            let within = |left: f32, bottom: f32, width: f32| {
                let (x, y) = (left / MM - grid.edge.0, 297.0 - bottom / MM - grid.edge.1);
                let (x, y) = (x.rem_euclid(grid.step.0), y.rem_euclid(grid.step.1));
                x >= 1.0 && x + width / MM <= grid.size.0 - 1.0 && y >= 1.0 && y <= grid.size.1 - 1.0
            };
            for page in &pages {
                for (left, bottom, text) in &page.texts {
                    assert!(within(*left, *bottom, 0.0), "{layout:?} {left} {bottom} {text}");
                }
                for [left, bottom, width, height] in &page.bars {
                    assert!(
                        within(*left, *bottom, *width) && within(*left, bottom + height, *width),
                        "{layout:?}"
                    );
                    assert!(*width >= LEAST_MODULE - 0.001);
                }
            }
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        let drawing = Drawing::new("", A4).unwrap();
        let lines = name_lines(
            &drawing,
            "Leite em pó integral instantâneo vitaminado com ferro, lata de 400 g",
            6.0,
            90.0,
        );
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("Leite em pó") && lines[1].ends_with("400 g"), "{lines:?}");
        assert_eq!(name_lines(&drawing, "Pão", 6.0, 90.0), ["Pão"]);
    }
}
