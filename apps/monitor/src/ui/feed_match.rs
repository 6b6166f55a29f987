//! The dialog that asks what a name of a feed means here.

use egui::{Align, CursorIcon, Layout, ScrollArea, Ui};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{failure, tokens};
use tillwatch_shared::api::AliasKind;

use super::{Screen, feed_new};
use crate::feed_new::NewAct;
use crate::feed_texts::Text;
use crate::feeds::{FeedAct, Matching, TARGETS};
use crate::input::User;
use crate::texts::Text as Common;
use crate::update::may_add;

const LIST_HEIGHT: f32 = 236.0;

pub fn dialog(ui: &Ui, screen: &mut Screen<'_>, matching: &Matching) {
    let title = match (matching.kind, &matching.new) {
        (AliasKind::Store, None) => Text::WhichStore,
        (AliasKind::Seller, _) => Text::WhichSeller,
        (AliasKind::Product, None) => Text::WhichProduct,
        (AliasKind::Store, Some(_)) => Text::NewStoreTitle,
        (AliasKind::Product, Some(_)) => Text::NewProductTitle,
    };
    let dialog = widgets::Dialog {
        id: "feed-match",
        title: title.get(screen.lang()),
        width: 520.0,
        lang: screen.lang(),
    };
    let answer = dialog.show(ui.ctx(), |ui| {
        let name = widgets::cut_middle(&matching.name, 60);
        let about = Text::MatchAbout.with(screen.lang(), &[("name", &name), ("n", &matching.records)]);
        widgets::weak(ui, &about);
        ui.add_space(tokens::SPACE_8);
        match &matching.new {
            Some(new) => feed_new::form(ui, screen, matching, new),
            None => choice(ui, screen, matching),
        }
    });
    if answer.inner || answer.closed {
        screen.act(User::Feed(FeedAct::Cancel));
    }
}

/// What is there. Whether the person gave up.
fn choice(ui: &mut Ui, screen: &mut Screen<'_>, matching: &Matching) -> bool {
    let untouched = ui.memory(|memory| memory.focused().is_none());
    let search = Field::new("feed-match-search", Common::Search.get(screen.lang()), &matching.search)
        .focus(untouched)
        .show(ui);
    if let Some(text) = search.changed {
        screen.act(User::Feed(FeedAct::Search(text)));
    }
    ui.add_space(tokens::SPACE_4);
    offered(ui, screen, matching);
    ui.add_space(tokens::SPACE_8);
    let may_add = may_add(screen.state, matching.kind);
    let hint = if may_add { Text::NewHint } else { Text::NewPlaceHint };
    widgets::small_weak(ui, hint.get(screen.lang()));
    ui.add_space(tokens::SPACE_12);
    buttons(ui, screen, matching, may_add)
}

fn offered(ui: &mut Ui, screen: &mut Screen<'_>, matching: &Matching) {
    let Some(_) = matching.targets.value() else {
        match matching.targets.failure() {
            Some(failure) => widgets::weak(ui, &failure::what(failure, screen.lang())),
            None => widgets::loading(ui, Text::LoadingTargets.get(screen.lang())),
        };
        return;
    };
    let mut any = false;
    ScrollArea::vertical().max_height(LIST_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            for target in matching.offered().take(TARGETS as usize) {
                any = true;
                let words = if target.note.is_empty() {
                    target.name.clone()
                } else {
                    format!("{} · {}", target.name, target.note)
                };
                let words = widgets::fit_middle(ui, &words, &tokens::body(), ui.available_width() - 24.0);
                let row = ui.selectable_label(matching.picked == Some(target.id), words.into_owned());
                if row.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                    screen.act(User::Feed(FeedAct::Pick(target.id)));
                }
            }
        });
    });
    if !any {
        widgets::weak(ui, Common::NothingFound.get(screen.lang()));
    }
}

/// Whether the person gave up.
fn buttons(ui: &mut Ui, screen: &mut Screen<'_>, matching: &Matching, may_add: bool) -> bool {
    let ready = matching.picked().is_some() && !screen.state.feeds.deciding;
    ui.horizontal(|ui| {
        let words = Text::ThatIsIt.get(screen.lang());
        if widgets::primary_button(ui, words, None, ButtonSize::Normal, ready).clicked() {
            screen.act(User::Feed(FeedAct::Confirm));
        }
        let words = Text::AddNew.get(screen.lang());
        if may_add && widgets::secondary_button(ui, words, None, ButtonSize::Normal, true).clicked() {
            screen.act(User::Feed(FeedAct::New(NewAct::Open)));
        }
        widgets::secondary_button(ui, Text::Cancel.get(screen.lang()), Some("Esc"), ButtonSize::Normal, true)
            .clicked()
    })
    .inner
}
