//! The words of the reports that tell one from another, in both languages.

use std::borrow::Cow;

use tillwatch_desk::{Lang, texts};
use tillwatch_shared::api::{ReportKind, ReportRow, ReportRows};

use crate::texts::{self as common, Text as Common};

texts! {
    pub Text {
        BestSellers: "Melhores vendedores", "Best sellers";
        BestStores: "Melhores lojas", "Best stores";
        OneSeller: "Um vendedor", "One seller";
        OneStore: "Uma loja", "One store";
        OneChain: "Uma rede", "One chain";
        BestProducts: "Produtos mais vendidos", "Best products";
        PaymentMethods: "Formas de pagamento", "Payment methods";
        Method: "Forma", "Method";
        Quantity: "Quantidade", "Quantity";
        WithoutProduct: "Sem produto (só o valor)", "Without product (amount only)";
        MethodNotTold: "Forma não informada", "Method not told";

        UntilHour: "até {hour}h: {now} · há 7 dias: {before}", "by {hour}:00: {now} · 7 days ago: {before}";
        New: "novo", "new";
        PerCentMore: "{n} % a mais", "{n} % more";
        PerCentLess: "{n} % a menos", "{n} % less";
        Same: "igual", "the same";
        NothingBefore: "nada há 7 dias", "nothing 7 days ago";
    }
}

pub const fn report_kind(kind: ReportKind) -> Text {
    match kind {
        ReportKind::BestSellers => Text::BestSellers,
        ReportKind::BestStores => Text::BestStores,
        ReportKind::Seller => Text::OneSeller,
        ReportKind::Store => Text::OneStore,
        ReportKind::Chain => Text::OneChain,
        ReportKind::BestProducts => Text::BestProducts,
        ReportKind::PaymentMethods => Text::PaymentMethods,
    }
}

/// What stands over the names of the rows.
pub fn row_heading(kind: ReportKind, lang: Lang) -> &'static str {
    match kind.rows() {
        ReportRows::Stores => Common::Store.get(lang),
        ReportRows::Sellers => Common::SellerName.get(lang),
        ReportRows::Products => Common::Product.get(lang),
        ReportRows::Methods => Text::Method.get(lang),
    }
}

/// The name of a row: of what has none of its own, in the window's language, which may have changed since the report
/// was asked for.
pub fn row_name(kind: ReportKind, row: &ReportRow, lang: Lang) -> Cow<'_, str> {
    match (kind.rows(), row.id, row.method) {
        (ReportRows::Methods, _, Some(method)) => common::payment(method).get(lang).into(),
        (ReportRows::Methods, _, None) => Text::MethodNotTold.get(lang).into(),
        (ReportRows::Products, None, _) => Text::WithoutProduct.get(lang).into(),
        (ReportRows::Products | ReportRows::Stores | ReportRows::Sellers, _, _) => row.name.as_str().into(),
    }
}
