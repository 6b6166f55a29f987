//! Writing down what there is to sell: a whole catalogue in portions, between which sales get to the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Register, noted};
use crate::state::offline::Memory;
use crate::till_file::Portion;

impl Register {
    /// In the order in which it was asked for; what has changed comes after the whole that was there before. After a
    /// write that failed there is no place from which the file could go on.
    pub(super) async fn remember(&self, mut goods: Memory) {
        let _goods = self.goods.lock().await;
        let whole = goods.whole;
        if self.gap.load(Ordering::SeqCst) && !whole {
            goods.place = None;
        }
        let (mut next, goods) = (Some(Portion::first(&goods)), Arc::new(goods));
        let mut result = Ok(());
        while let Some(portion) = next {
            let goods = Arc::clone(&goods);
            // Each portion waits its turn like any other write.
            let written = self.on_disk(move |file| file.remember_portion(&goods, portion)).await;
            next = written.unwrap_or_else(|error| {
                result = Err(error);
                None
            });
        }
        if whole || result.is_err() {
            self.gap.store(result.is_err(), Ordering::SeqCst);
        }
        noted(result);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use tillwatch_desk::settings::Settings;
    use tillwatch_shared::StoreId;
    use tillwatch_shared::api::Unit;

    use super::*;
    use crate::samples;
    use crate::state::outbox::Parcel;
    use crate::till_file::{PORTION, TillFile};

    fn catalogue(products: usize) -> Memory {
        let numbers = 1..=i64::try_from(products).unwrap();
        let items = numbers.map(|number| {
            (
                samples::product(number, &format!("Produto {number}"), &number.to_string(), 100, Unit::Un),
                None,
                0,
            )
        });
        Memory { store: StoreId::now(), whole: true, heard_at: None, place: None, items: items.collect() }
    }

    fn a_sale() -> Parcel {
        samples::receipts::paid(Settings::default()).outbox.parcels()[0].clone()
    }

    /// Whoever waits for the disk gets it in turn, so no clock is needed to see who was first.
    #[tokio::test]
    async fn a_sale_does_not_wait_for_a_whole_catalogue() {
        let folder = tempfile::tempdir().unwrap();
        let file = Arc::new(TillFile::open(folder.path()).unwrap());
        let register = Register::new(Arc::clone(&file), Duration::from_mins(1));
        let (goods, sale) = (catalogue(4 * PORTION + 1), a_sale());
        let (mut renamed, _, _) = goods.items[0].clone();
        renamed.name = "Produto novo".to_owned();
        let changed = Memory { whole: false, items: vec![(renamed.clone(), None, 0)], ..goods.clone() };
        let done = Mutex::new(Vec::new());
        let tell = |what| done.lock().unwrap().push(what);
        tokio::join!(
            async {
                register.remember(goods).await;
                tell("catalogue");
            },
            async {
                register.remember(changed).await;
                tell("change");
            },
            async {
                register.on_disk(move |file| file.keep(&sale)).await.unwrap();
                assert_eq!(file.goods().unwrap(), None, "no part of a catalogue counts");
                tell("sale");
            },
        );
        assert_eq!(done.into_inner().unwrap(), ["sale", "catalogue", "change"]);
        let goods = file.goods().unwrap().unwrap();
        assert_eq!(goods.items.len(), 4 * PORTION + 1);
        assert!(goods.items.contains(&(renamed, None, 0)), "a change is not written over by what is older");
    }
}
