//! The receipt of a sale.

use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::{PaymentMethod, Sale, SaleLine, Unit};
use tillwatch_shared::{Cents, ProductId, mark};

use super::document::{Document, Style};
use super::texts::Text;

/// What stands at the head of every paper of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub store: String,
    pub cnpj: Option<String>,
    pub zone: TimeZone,
}

impl Head {
    /// Name, CNPJ, and that the paper is not what the tax office wants.
    pub fn put(&self, document: &mut Document, lang: Lang) {
        document.centred(&self.store, Style::Strong);
        if let Some(cnpj) = &self.cnpj {
            document.centred(format!("CNPJ {cnpj}"), Style::Plain);
        }
        document.centred(Text::NotFiscal.get(lang), Style::Strong);
    }
}

/// The receipt of `sale`, whose number is 0 while the server has not told it. `unit` says how a product is
/// counted, where that is known.
pub fn receipt(sale: &Sale, head: &Head, unit: impl Fn(ProductId) -> Option<Unit>, lang: Lang) -> Document {
    let mark = mark::of(sale.id);
    let name = if sale.number > 0 { sale.number.to_string() } else { mark.clone() };
    let mut document = Document::new(Text::FileReceipt.with(lang, &[("name", &name)]));
    head.put(&mut document, lang);
    document.rule();
    who_and_when(&mut document, sale, head, lang);
    document.rule();
    for line in &sale.lines {
        bought(&mut document, line, unit(line.product_id), lang);
    }
    if sale.lines.is_empty() {
        document.amount(Text::AmountOnly.get(lang), sale.total_cents);
    }
    document.rule();
    paid(&mut document, sale, lang);
    if sale.payments.iter().any(|payment| payment.method == PaymentMethod::Account) {
        signature(&mut document, lang);
    }
    document.rule();
    document.centred(Text::Thanks.get(lang), Style::Plain);
    document.gap().barcode(mark);
    document
}

fn who_and_when(document: &mut Document, sale: &Sale, head: &Head, lang: Lang) {
    let when = format::date_time(sale.sold_at, &head.zone);
    if sale.number > 0 {
        document.pair(Text::Sale.with(lang, &[("number", &sale.number)]), when);
    } else {
        document.pair(Text::NumberAwaited.get(lang), when);
        document.text(Text::SaleMark.with(lang, &[("mark", &mark::of(sale.id))]));
    }
    let names = sale.till.iter().map(String::as_str).chain([sale.person_name.as_str()]);
    document.text(names.collect::<Vec<_>>().join(" - "));
    if let Some(name) = &sale.customer_name {
        document.text(Text::Debtor.with(lang, &[("name", name)]));
    }
    if let Some(masked) = &sale.customer_cpf_masked {
        document.text(Text::Customer.with(lang, &[("number", masked)]));
    }
}

fn bought(document: &mut Document, line: &SaleLine, unit: Option<Unit>, lang: Lang) {
    let unit = unit.map(|unit| format!(" {}", unit.symbol())).unwrap_or_default();
    let times = format!("  {}{unit} x {}", line.quantity_thousandths, line.unit_price_cents.plain());
    let before = Cents(line.total_cents.0.saturating_add(line.discount_cents.0));
    document.text(&line.product_name).amount(times, before);
    if line.discount_cents != Cents::ZERO {
        let off = Cents(line.discount_cents.0.saturating_neg());
        document.amount(format!("  {}", Text::Discount.get(lang)), off);
    }
}

fn paid(document: &mut Document, sale: &Sale, lang: Lang) {
    if sale.lines.len() > 1 {
        document.text(Text::Items.with(lang, &[("n", &sale.lines.len())]));
    } else if sale.lines.len() == 1 {
        document.text(Text::ItemsOne.get(lang));
    }
    if sale.discount_cents != Cents::ZERO {
        document.amount(
            Text::Subtotal.get(lang),
            Cents(sale.total_cents.0.saturating_add(sale.discount_cents.0)),
        );
        document.amount(Text::Discount.get(lang), Cents(sale.discount_cents.0.saturating_neg()));
    }
    document.styled_pair(Text::Total.get(lang), sale.total_cents.plain(), Style::Big);
    for payment in &sale.payments {
        document.amount(method(payment.method, lang), payment.amount_cents);
    }
    if sale.change_cents > Cents::ZERO {
        document.styled_pair(Text::Change.get(lang), sale.change_cents.plain(), Style::Strong);
    }
}

/// Room for the customer's name in ink.
pub(super) fn signature(document: &mut Document, lang: Lang) {
    document.gap().gap().rule().centred(Text::Signature.get(lang), Style::Plain);
}

pub(super) const fn method(method: PaymentMethod, lang: Lang) -> &'static str {
    match method {
        PaymentMethod::Cash => Text::Cash,
        PaymentMethod::Pix => Text::Pix,
        PaymentMethod::Credit => Text::Credit,
        PaymentMethod::Debit => Text::Debit,
        PaymentMethod::Account => Text::OnAccount,
    }
    .get(lang)
}
