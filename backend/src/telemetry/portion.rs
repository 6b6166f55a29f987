//! Readings free of an engine's numbers: as they wait on disk for their database, and as they are carried from one
//! engine to another.

use std::collections::HashMap;
use std::net::IpAddr;

use tillwatch_shared::SensorId;

use super::row::Row;

/// Some readings, and what they name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Portion {
    pub sensors: Vec<SensorId>,
    pub sources: Vec<IpAddr>,
    /// In the order of their ids: places in `sensors`, and readings with places in `sources`, which count from 1.
    pub rows: Vec<(u32, Row)>,
}

impl Portion {
    /// From readings with an engine's numbers, and what these stand for. Readings of unknown sensors are left out.
    pub fn new(
        rows: &[(u32, Row)],
        sensor: impl Fn(u32) -> Option<SensorId>,
        source: impl Fn(u16) -> Option<IpAddr>,
    ) -> Self {
        let (mut sensors, mut sources) = (Listing::new(), Listing::new());
        let mut places: HashMap<u32, Option<u32>> = HashMap::new();
        let mut named = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            let known = places.entry(*number).or_insert_with(|| Some(sensors.place(&sensor(*number)?)));
            let Some(place) = *known else { continue };
            let source =
                source(row.source).and_then(|address| u16::try_from(sources.place(&address) + 1).ok());
            named.push((place, Row { source: source.unwrap_or_default(), ..*row }));
        }
        Self { sensors: sensors.list, sources: sources.list, rows: named }
    }

    /// Who sent a reading of this portion.
    pub fn source(&self, number: u16) -> Option<IpAddr> {
        self.sources.get(usize::from(number).checked_sub(1)?).copied()
    }
}

/// Numbers for what is named.
#[derive(Debug)]
struct Listing<T> {
    list: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Listing<T> {
    fn new() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }

    /// The place of an entry, which is added if it is new.
    fn place(&mut self, entry: &T) -> u32 {
        if let Some(place) = self.places.get(entry) {
            return *place;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(entry.clone());
        self.places.insert(entry.clone(), place);
        place
    }
}
