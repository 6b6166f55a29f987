//! The servers of the group: who coordinates, who is behind by how much, and whether all have the same journal.

use egui::{Align, Label, Layout, RichText, Sense, Ui, WidgetInfo};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Coordination, GroupMember, GroupRole, GroupStatus};
use tillwatch_shared::time::SECOND;

use super::{Screen, parts, rows};
use crate::servers::{BEHIND_MANY, ROOM_LEAST, Trouble, why};
use crate::servers_texts::Text;
use crate::update::lists::is_manager;

const ROW_HEIGHT: f32 = 36.0;
/// Below this width what is the same for most servers is left out.
const NARROW_BELOW: f32 = 1000.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    if !is_manager(screen.state) {
        let (title, hint) = (Text::ForManagers.get(lang), Text::ForManagersHint.get(lang));
        widgets::empty_state(ui, icons::HARD_DRIVES, title, hint, None);
        return;
    }
    let held = &screen.state.servers.group;
    let Some(known) = held.value() else {
        parts::waiting_for(ui, screen, held.failure(), Text::Loading.get(lang));
        return;
    };
    parts::stale(ui, screen, held.failure(), held.fetched_at());
    match known {
        Some(group) => servers(ui, screen, group),
        None => alone(ui, screen),
    }
}

fn alone(ui: &mut Ui, screen: &Screen<'_>) {
    let (state, lang) = (screen.state, screen.lang());
    let address = widgets::cut_middle(state.settings.server.as_deref().unwrap_or_default(), 60);
    let version = state.server.as_ref().map_or("–", |server| server.version.as_str());
    let hint = Text::AloneHint.with(lang, &[("address", &address), ("version", &version)]);
    widgets::empty_state(ui, icons::HARD_DRIVES, Text::Alone.get(lang), &hint, None);
}

fn servers(ui: &mut Ui, screen: &Screen<'_>, group: &GroupStatus) {
    let lang = screen.lang();
    parts::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        head(ui, screen, group);
    });
    ui.add_space(tokens::SPACE_12);
    table(ui, screen, group);
    ui.add_space(tokens::SPACE_8);
    widgets::small_weak(ui, &Text::Asked.with(lang, &[("id", &group.me)]));
    earlier(ui, screen, &group.coordinators);
}

/// Those before the newest, each until the next one began.
fn earlier(ui: &mut Ui, screen: &Screen<'_>, coordinators: &[Coordination]) {
    let lang = screen.lang();
    if coordinators.len() < 2 {
        return;
    }
    ui.add_space(tokens::SPACE_16);
    ui.label(RichText::new(Text::Earlier.get(lang)).font(tokens::strong()));
    ui.add_space(tokens::SPACE_4);
    let grid = egui::Grid::new("who coordinated").num_columns(4).min_col_width(0.0);
    grid.spacing([tokens::SPACE_24, tokens::SPACE_8]).show(ui, |ui| {
        for heading in [Text::Name, Text::From, Text::To, Text::Why] {
            widgets::small_weak(ui, heading.get(lang));
        }
        ui.end_row();
        for (next, one) in coordinators.iter().zip(coordinators.iter().skip(1)) {
            let name = Text::Server.with(lang, &[("id", &one.member)]);
            let (from, to, why) = (when(screen, one.since), when(screen, next.since), why(one, lang));
            // A grid gives its columns the room that what is in them takes.
            let whole = |ui: &mut Ui, words: &str| ui.add(Label::new(words).selectable(false).extend());
            let first = whole(ui, &name);
            whole(ui, &from);
            whole(ui, &to);
            text(ui, &why, false);
            ui.end_row();
            let words =
                Text::EarlierOne.with(lang, &[("name", &name), ("from", &from), ("to", &to), ("why", &why)]);
            first.widget_info(|| WidgetInfo::labeled(egui::Role::Row, true, &words));
        }
    });
}

/// `21:04:10` today, else `30/12 21:04`.
fn when(screen: &Screen<'_>, at: UtcMicros) -> String {
    rows::moment(at, screen.state.server_now(screen.now), &screen.state.zone(None))
}

/// Who coordinates, and how many are there.
fn head(ui: &mut Ui, screen: &Screen<'_>, group: &GroupStatus) {
    let lang = screen.lang();
    let name = |id: u64| Text::Server.with(lang, &[("id", &id)]);
    ui.horizontal_wrapped(|ui| match group.coordinator {
        None => {
            widgets::status(ui, Tone::Danger, Text::Nobody.get(lang));
        }
        Some(id) => {
            let words = Text::Coordinates.with(lang, &[("name", &name(id))]);
            ui.label(RichText::new(words).font(tokens::strong()));
            if id == group.principal {
                widgets::weak(ui, Text::Principal.get(lang));
            } else {
                let words = Text::InForThePrincipal.with(lang, &[("name", &name(group.principal))]);
                widgets::status(ui, Tone::Attention, &words);
            }
        }
    });
    let newest = group.coordinators.first().filter(|newest| group.coordinator == Some(newest.member));
    if let Some(newest) = newest {
        let (at, why) = (when(screen, newest.since), why(newest, lang));
        widgets::weak(ui, &Text::Since.with(lang, &[("at", &at), ("why", &why)]));
    }
    ui.horizontal_wrapped(|ui| {
        let here = group.members.iter().filter(|member| member.role != GroupRole::Away).count();
        let (all, tone) =
            (group.members.len(), if here < group.members.len() { Tone::Attention } else { Tone::Good });
        widgets::status(ui, tone, &Text::Here.with(lang, &[("n", &here), ("all", &all)]));
        widgets::weak(ui, &Text::Term.with(lang, &[("n", &group.term)]))
            .on_hover_text(Text::TermHint.get(lang));
    });
}

/// The columns: their words, what they mean, and whether they are figures.
type Heading = (Text, Option<Text>, bool);

fn table(ui: &mut Ui, screen: &Screen<'_>, group: &GroupStatus) {
    let lang = screen.lang();
    ui.spacing_mut().item_spacing.y = 0.0;
    let narrow = ui.available_width() < NARROW_BELOW;
    let mut headings: Vec<Heading> = vec![(Text::Name, None, false), (Text::Role, None, false)];
    let mut builder = TableBuilder::new(ui)
        .striped(true)
        .sense(Sense::hover())
        .auto_shrink([false, true])
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(if narrow {
            Column::remainder().at_least(130.0).clip(true)
        } else {
            Column::exact(176.0).clip(true)
        })
        .column(Column::exact(176.0));
    if !narrow {
        headings.push((Text::Address, None, false));
        builder = builder.column(Column::remainder().at_least(120.0).clip(true));
    }
    headings.extend([
        (Text::Journal, Some(Text::JournalHint), false),
        (Text::Behind, Some(Text::BehindHint), true),
        (Text::Disk, None, true),
    ]);
    builder = builder.column(Column::exact(118.0)).column(Column::exact(150.0)).column(Column::exact(92.0));
    if !narrow {
        headings.extend([(Text::Copied, Some(Text::CopiedHint), true), (Text::Version, None, true)]);
        builder = builder.column(Column::exact(112.0)).column(Column::exact(76.0));
    }
    builder
        .header(28.0, |mut header| {
            for (words, hint, right) in headings {
                header.col(|ui| {
                    let layout = if right { Layout::right_to_left(Align::Center) } else { *ui.layout() };
                    ui.with_layout(layout, |ui| {
                        let response = widgets::small_weak(ui, words.get(lang));
                        if let Some(hint) = hint {
                            response.on_hover_text(hint.get(lang));
                        }
                    });
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, group.members.len(), |mut row| {
                if let Some(member) = group.members.get(row.index()) {
                    member_row(&mut row, screen, group, member, narrow);
                }
            });
        });
}

fn member_row(
    row: &mut TableRow<'_, '_>,
    screen: &Screen<'_>,
    group: &GroupStatus,
    member: &GroupMember,
    narrow: bool,
) {
    let lang = screen.lang();
    let name = Text::Server.with(lang, &[("id", &member.id)]);
    row.col(|ui| {
        ui.label(RichText::new(&name).font(tokens::body_strong())).on_hover_text(&member.address);
        if member.id == group.principal {
            widgets::small_weak(ui, Text::Principal.get(lang));
        }
    });
    let (tone, role) = role_words(screen, member);
    row.col(|ui| {
        widgets::status(ui, tone, &role);
    });
    if !narrow {
        row.col(|ui| {
            ui.set_max_width(ui.available_width() - tokens::SPACE_12);
            text(ui, &member.url, false).on_hover_text(&member.url);
        });
    }
    let (tone, journal) = journal_words(member);
    row.col(|ui| {
        let response = widgets::status(ui, tone, journal.get(lang));
        if let Some(seq) = member.journal {
            response.on_hover_text(format::integer(seq));
        }
    });
    let (behind, disk) = (behind_words(member, lang), disk_words(member));
    // What it said before it went.
    let old = member.role == GroupRole::Away;
    let look = |alarming: bool| match (old, alarming) {
        (true, _) => Look::Old,
        (false, true) => Look::Alarming,
        (false, false) => Look::Usual,
    };
    figure(row, &behind, look(member.behind.is_some_and(|behind| behind >= BEHIND_MANY)));
    figure(row, &disk, look(member.disk_free.is_some_and(|free| free < ROOM_LEAST)));
    if !narrow {
        let now = screen.state.server_now(screen.now);
        let copied = member.copied_at.map(|at| format::age(lang, now.since(at)));
        figure(row, copied.as_deref().unwrap_or("–"), look(false));
        figure(row, member.version.as_deref().unwrap_or("–"), look(false));
    }
    let words = Text::Spoken.with(
        lang,
        &[
            ("name", &name),
            ("role", &role),
            ("behind", &behind),
            ("journal", &journal.get(lang)),
            ("disk", &disk),
        ],
    );
    row.response().widget_info(|| WidgetInfo::labeled(egui::Role::Row, true, &words));
}

#[derive(Clone, Copy)]
enum Look {
    Usual,
    Alarming,
    Old,
}

fn figure(row: &mut TableRow<'_, '_>, words: &str, look: Look) {
    row.col(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            match look {
                Look::Alarming => widgets::status(ui, Tone::Attention, words),
                Look::Usual => text(ui, words, false),
                Look::Old => text(ui, words, true),
            };
        });
    });
}

fn text(ui: &mut Ui, words: &str, weak: bool) -> egui::Response {
    let shown = widgets::fit_middle(ui, words, &tokens::body(), ui.available_width()).into_owned();
    let rich = RichText::new(shown);
    ui.add(Label::new(if weak { rich.weak() } else { rich }).selectable(false).extend())
}

fn role_words(screen: &Screen<'_>, member: &GroupMember) -> (Tone, String) {
    let lang = screen.lang();
    let (tone, words) = match member.role {
        _ if member.out_of_service => (Tone::Danger, Text::OutOfService),
        GroupRole::Coordinator | GroupRole::Member if member.lacks_readings => {
            (Tone::Attention, Text::LacksReadings)
        }
        GroupRole::Coordinator => (Tone::Good, Text::Coordinator),
        GroupRole::Member => (Tone::Good, Text::Member),
        GroupRole::Joining => (Tone::Info, Text::Joining),
        GroupRole::Away => match member.heard_ms {
            Some(heard) => {
                let age = format::age(lang, silence(screen, heard));
                return (Tone::Danger, Text::AwaySince.with(lang, &[("age", &age)]));
            }
            None => (Tone::Danger, Text::Away),
        },
    };
    (tone, words.get(lang).to_owned())
}

/// How long nothing was heard, as it goes on since the answer came.
fn silence(screen: &Screen<'_>, heard_ms: u64) -> i64 {
    let since = |at: UtcMicros| screen.now.since(at).max(0);
    let told = screen.state.servers.group.fetched_at().map_or(0, since);
    i64::try_from(heard_ms).unwrap_or(i64::MAX).saturating_mul(SECOND / 1000).saturating_add(told)
}

const fn journal_words(member: &GroupMember) -> (Tone, Text) {
    match member.agrees {
        Some(true) => (Tone::Good, Text::Same),
        Some(false) => (Tone::Danger, Text::Differs),
        None => (Tone::Neutral, Text::Unknown),
    }
}

fn behind_words(member: &GroupMember, lang: Lang) -> String {
    match member.behind {
        None => "–".to_owned(),
        Some(0) => Text::UpToDate.get(lang).to_owned(),
        Some(n) => Text::Entries.with(lang, &[("n", &count(n))]),
    }
}

fn disk_words(member: &GroupMember) -> String {
    member.disk_free.map_or_else(|| "–".to_owned(), format::bytes)
}

fn count(n: u64) -> String {
    format::integer(i64::try_from(n).unwrap_or(i64::MAX))
}

/// What the overview says of it.
pub fn need(trouble: Trouble<'_>, lang: Lang) -> (Tone, String) {
    match trouble {
        Trouble::NobodyCoordinates => (Tone::Danger, Text::NeedNobody.get(lang).to_owned()),
        Trouble::Differs(member) => (Tone::Danger, Text::NeedDiffers.with(lang, &[("id", &member.id)])),
        Trouble::Away(member) => (Tone::Attention, Text::NeedAway.with(lang, &[("id", &member.id)])),
        Trouble::LittleRoom(member, free) => {
            let free = format::bytes(free);
            (Tone::Attention, Text::NeedRoom.with(lang, &[("id", &member.id), ("free", &free)]))
        }
        Trouble::Behind(member, n) => {
            (Tone::Attention, Text::NeedBehind.with(lang, &[("id", &member.id), ("n", &count(n))]))
        }
        Trouble::LacksReadings(member) => {
            (Tone::Attention, Text::NeedReadings.with(lang, &[("id", &member.id)]))
        }
    }
}
