//! Questions about sales: what a report is asked for, and the routes that answer.

use jiff::civil::Date;
use reqwest::Method;

use super::transport::Request;
use super::{Client, ClientError};
use crate::api::{ReportStep, SalesReport};
use crate::{ChainId, PersonId, StoreId};

/// Whom or what a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportAbout {
    BestSellers(ReportScope),
    BestStores(ReportScope),
    Seller(PersonId),
    Store(StoreId),
    Chain(ChainId),
    BestProducts(ReportScope),
    PaymentMethods(ReportScope),
}

/// Where sales are counted; everywhere that the person may look if nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportScope {
    pub chain: Option<ChainId>,
    pub store: Option<StoreId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportAsk {
    pub about: ReportAbout,
    pub from: Date,
    /// The last day, included.
    pub to: Date,
    /// What suits the period if absent.
    pub step: Option<ReportStep>,
    /// Each row is compared with the same weekdays a week before, up to this hour. Of the best sellers and stores.
    pub compare_until: Option<i8>,
}

/// A report as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFile {
    Csv,
    Xlsx,
}

impl ReportFile {
    /// The end of the file's name, and the word that the server knows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl ReportAsk {
    /// The address after `/api/v1/reports`, and the question.
    fn parts(&self) -> (Vec<String>, Vec<(&'static str, String)>) {
        let mut query = vec![("from", self.from.to_string()), ("to", self.to.to_string())];
        query.extend(self.step.map(|step| ("step", step.word().to_owned())));
        query.extend(self.compare_until.map(|hour| ("compare_until_hour", hour.to_string())));
        let mut in_scope = |word: &str, scope: ReportScope| {
            query.extend(scope.chain.map(|id| ("chain_id", id.to_string())));
            query.extend(scope.store.map(|id| ("store_id", id.to_string())));
            vec![word.to_owned()]
        };
        let path = match self.about {
            ReportAbout::BestSellers(scope) => in_scope("best-sellers", scope),
            ReportAbout::BestStores(scope) => in_scope("best-stores", scope),
            ReportAbout::BestProducts(scope) => in_scope("best-products", scope),
            ReportAbout::PaymentMethods(scope) => in_scope("payment-methods", scope),
            ReportAbout::Seller(id) => vec!["sellers".to_owned(), id.to_string()],
            ReportAbout::Store(id) => vec!["stores".to_owned(), id.to_string()],
            ReportAbout::Chain(id) => vec!["chains".to_owned(), id.to_string()],
        };
        (path, query)
    }
}

impl ReportStep {
    const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
        }
    }
}

/// Reports.
impl Client {
    pub async fn report(&self, ask: &ReportAsk) -> Result<SalesReport, ClientError> {
        let (path, query) = ask.parts();
        let path = full(&path);
        self.get(&path, query).await
    }

    /// The same as a file, in the client's language.
    pub async fn report_file(&self, ask: &ReportAsk, file: ReportFile) -> Result<Vec<u8>, ClientError> {
        let (path, mut query) = ask.parts();
        query.push(("format", file.word().to_owned()));
        let path = full(&path);
        let answer = self.answer(&Request { query, ..Request::new(Method::GET, &path) }).await?;
        Ok(answer.into_bytes())
    }
}

fn full(path: &[String]) -> Vec<&str> {
    ["api", "v1", "reports"].into_iter().chain(path.iter().map(String::as_str)).collect()
}
