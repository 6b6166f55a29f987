//! Setting up the receipt printer.

use egui::{Context, Ui};
use tillwatch_desk::Lang;
use tillwatch_desk::printer::{AfterSale, CodePage, Printer, Way, Width};
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};

use crate::input::Input;
use crate::receipts_texts::Text;
use crate::state::State;
use crate::state::receipts::{PrinterInput, ReceiptsInput};
use crate::update::receipts::{paper_lang, ready};

/// Speeds that printers are set to.
const SPEEDS: [u32; 4] = [9_600, 19_200, 38_400, 115_200];

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let printer = &state.settings.printer;
    let dialog = Dialog { id: "printer", title: Text::Printer.get(lang), width: 520.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        let mut changed = Vec::new();
        place(ui, printer, lang, &mut changed);
        if printer.way != Way::None {
            ui.separator();
            paper(ui, printer, paper_lang(state), lang, &mut changed);
        }
        out.extend(changed.into_iter().map(|input| Input::Receipts(ReceiptsInput::Printer(input))));
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, ()| {
        if printer.way != Way::None {
            test(ui, state, out);
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

pub const fn way(way: Way, lang: Lang) -> &'static str {
    match way {
        Way::None => Text::WayNone,
        Way::Network => Text::WayNetwork,
        Way::Device => Text::WayDevice,
        Way::Serial => Text::WaySerial,
        Way::Folder => Text::WayFolder,
    }
    .get(lang)
}

fn place(ui: &mut Ui, printer: &Printer, lang: Lang, out: &mut Vec<PrinterInput>) {
    let ways = Way::ALL.map(|one| (one, way(one, lang)));
    choose(ui, Text::Way.get(lang), printer.way, &ways, PrinterInput::Way, out);
    let (label, hint) = match printer.way {
        Way::None => return,
        Way::Network => (Text::AddressNetwork, "192.168.0.50"),
        Way::Device => {
            (Text::AddressDevice, if cfg!(windows) { r"\\localhost\Recibos" } else { "/dev/usb/lp0" })
        }
        Way::Serial => (Text::AddressSerial, if cfg!(windows) { "COM3" } else { "/dev/ttyUSB0" }),
        Way::Folder => (Text::AddressFolder, ""),
    };
    let field = Field::new("printer-address", label.get(lang), &printer.address).hint(hint).limit(260);
    out.extend(field.show(ui).changed.map(PrinterInput::Address));
    if printer.way == Way::Serial {
        let words = SPEEDS.map(|speed| speed.to_string());
        let speeds: Vec<(u32, &str)> = SPEEDS.into_iter().zip(words.iter().map(String::as_str)).collect();
        choose(ui, Text::Speed.get(lang), printer.baud, &speeds, PrinterInput::Baud, out);
    }
}

fn paper(ui: &mut Ui, printer: &Printer, paper_lang: Lang, lang: Lang, out: &mut Vec<PrinterInput>) {
    let widths = [(Width::Mm58, Text::Width58.get(lang)), (Width::Mm80, Text::Width80.get(lang))];
    choose(ui, Text::Width.get(lang), printer.width, &widths, PrinterInput::Width, out);
    let pages = CodePage::ALL.map(|page| (page, page.name()));
    choose(ui, Text::Page.get(lang), printer.page, &pages, PrinterInput::Page, out);
    let langs = [Lang::Pt, Lang::En].map(|lang| (lang, lang.name()));
    choose(ui, Text::PaperLang.get(lang), paper_lang, &langs, PrinterInput::Lang, out);
    let after = [
        (AfterSale::Print, Text::AfterPrint.get(lang)),
        (AfterSale::Ask, Text::AfterAsk.get(lang)),
        (AfterSale::Nothing, Text::AfterNothing.get(lang)),
    ];
    choose(ui, Text::AfterSale.get(lang), printer.after_sale, &after, PrinterInput::AfterSale, out);
    let (mut cut, mut drawer) = (printer.cut, printer.drawer);
    if ui.checkbox(&mut cut, Text::Cut.get(lang)).changed() {
        out.push(PrinterInput::Cut(cut));
    }
    if ui.checkbox(&mut drawer, Text::Drawer.get(lang)).changed() {
        out.push(PrinterInput::Drawer(drawer));
    }
}

fn test(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let idle = state.receipts.printing == 0;
    let words = if idle { Text::TestPrint } else { Text::Printing };
    if widgets::primary_button(ui, words.get(lang), None, ButtonSize::Wide, idle && ready(state)).clicked() {
        out.push(Input::Receipts(ReceiptsInput::TestPrint));
    }
}

fn choose<T: Copy + PartialEq>(
    ui: &mut Ui,
    label: &str,
    now: T,
    choices: &[(T, &str)],
    input: impl Fn(T) -> PrinterInput,
    out: &mut Vec<PrinterInput>,
) {
    widgets::small_weak(ui, label);
    let width = Some(ui.available_width());
    out.extend(widgets::segmented(ui, Some(now), choices, width).map(input));
}
