//! The monthly temperature sheet.

use jiff::civil::Date;
use reqwest::Method;

use super::transport::Request;
use super::{Client, ClientError, ReportFile};
use crate::SensorId;
use crate::api::TemperatureSheet;

/// Which sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetAsk {
    pub sensor: SensorId,
    /// Any day of the month.
    pub month: Date,
    /// Whoever answers for the equipment.
    pub responsible: Option<String>,
}

/// What a file of a sheet holds. An XLSX file holds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetPart {
    Days,
    Excursions,
}

impl SheetAsk {
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("month", self.month.strftime("%Y-%m").to_string())];
        query.extend(self.responsible.clone().map(|name| ("responsible", name)));
        query
    }
}

impl Client {
    pub async fn temperature_sheet(&self, ask: &SheetAsk) -> Result<TemperatureSheet, ClientError> {
        let id = ask.sensor.to_string();
        self.get(&["api", "v1", "sensors", &id, "temperature-sheet"], ask.query()).await
    }

    /// The same as a file, in the client's language.
    pub async fn temperature_sheet_file(
        &self,
        ask: &SheetAsk,
        file: ReportFile,
        part: SheetPart,
    ) -> Result<Vec<u8>, ClientError> {
        let mut query = ask.query();
        query.push(("format", file.word().to_owned()));
        let part = match part {
            SheetPart::Days => "rows",
            SheetPart::Excursions => "series",
        };
        query.push(("part", part.to_owned()));
        let id = ask.sensor.to_string();
        let path = ["api", "v1", "sensors", &id, "temperature-sheet"];
        let answer = self.answer(&Request { query, ..Request::new(Method::GET, &path) }).await?;
        Ok(answer.into_bytes())
    }
}
