//! Cash sessions: what is in a till's drawer from its opening float to the count at its close.

use super::{Payment, PaymentMethod, wire};
use crate::ids::CashMovementId;
use crate::{CashSessionId, Cents, PersonId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// Money that goes into or out of the drawer without a sale.
    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    #[serde(rename_all = "lowercase")]
    pub enum CashMovementKind {
        /// Taken out: *sangria*.
        Withdrawal,
        /// Put in: *suprimento*.
        Deposit,
    }

    /// How many notes or coins of one value were counted.
    #[derive(Copy, Eq)]
    #[serde(deny_unknown_fields)]
    pub struct CashCount {
        /// One of the real's notes and coins: 20000, 10000, 5000 … 5, 1.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 20_000))]
        pub value_cents: Cents,
        #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1_000_000))]
        pub count: i64,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewCashSession {
        pub store_id: StoreId,
        /// Which till, as it calls itself. At most one session of a store's till is open.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
        pub till: String,
        /// What lies in the drawer to give change from.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64))]
        pub float_cents: Cents,
        /// When a till of this name has an open session already, the new one is told apart by a number behind
        /// its name instead of being refused: a till that opened without the server has sold since.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub rename_if_open: bool,
        /// The device's time; the server's if absent.
        pub opened_at: Option<UtcMicros>,
    }

    pub struct CashSession {
        pub id: CashSessionId,
        /// Counts the store's sessions.
        pub number: i64,
        pub store_id: StoreId,
        pub store_name: String,
        pub till: String,
        pub opened_by: PersonId,
        pub opened_by_name: String,
        pub float_cents: Cents,
        /// By the device's clock.
        pub opened_at: UtcMicros,
        /// Absent while it is open.
        pub closing: Option<CashClosing>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewCashMovement {
        pub kind: CashMovementKind,
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub amount_cents: Cents,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
        /// The device's time; the server's if absent.
        pub recorded_at: Option<UtcMicros>,
    }

    pub struct CashMovement {
        pub id: CashMovementId,
        pub session_id: CashSessionId,
        pub store_id: StoreId,
        pub store_name: String,
        pub till: String,
        pub kind: CashMovementKind,
        pub amount_cents: Cents,
        pub reason: String,
        pub person_id: PersonId,
        pub person_name: String,
        pub recorded_at: UtcMicros,
        pub received_at: UtcMicros,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewCashClosing {
        /// What lies in the drawer, by note and coin; values that are left out were not there.
        #[cfg_attr(feature = "openapi", schema(max_items = 13))]
        pub counts: Vec<CashCount>,
        /// Needed when another person than the one who opened it closes it.
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub reason: Option<String>,
        /// The device's time; the server's if absent.
        pub closed_at: Option<UtcMicros>,
    }

    pub struct CashClosing {
        pub closed_by: PersonId,
        pub closed_by_name: String,
        pub closed_at: UtcMicros,
        pub counts: Vec<CashCount>,
        /// The sum of the counts.
        pub counted_cents: Cents,
        /// What should have been there.
        pub expected_cents: Cents,
        /// Counted less expected: negative where something is missing.
        pub difference_cents: Cents,
        pub reason: Option<String>,
    }

    /// What a session took in by one method.
    pub struct CashMethodTotal {
        pub method: PaymentMethod,
        pub payments: i64,
        /// Of cash less the change.
        pub amount_cents: Cents,
        /// Given back for returns and voids.
        pub refunded_cents: Cents,
    }

    pub struct CashSellerTotal {
        pub person_id: PersonId,
        pub person_name: String,
        pub sales: i64,
        pub total_cents: Cents,
    }

    pub struct CashHourTotal {
        /// The hour of the store's day in which it began.
        pub hour: i8,
        pub sales: i64,
        pub total_cents: Cents,
    }

    /// A withdrawal or deposit as the report lists it.
    pub struct CashReportMovement {
        pub recorded_at: UtcMicros,
        pub kind: CashMovementKind,
        pub amount_cents: Cents,
        pub reason: String,
        pub person_name: String,
    }

    /// X while the session is open; Z, with `closing`, once it is closed.
    pub struct CashReport {
        pub store_name: String,
        pub till: String,
        pub opened_by_name: String,
        pub opened_at: UtcMicros,
        pub float_cents: Cents,
        pub sales: i64,
        pub total_cents: Cents,
        /// What was taken off; the total is without it.
        pub discount_cents: Cents,
        pub returns: i64,
        pub returned_cents: Cents,
        pub voids: i64,
        pub voided_cents: Cents,
        /// Debts of customers that were paid, by whatever method.
        pub debts_cents: Cents,
        /// What customers handed over in notes and coins, and what they got back of it.
        pub cash_received_cents: Cents,
        pub change_cents: Cents,
        pub cash_debts_cents: Cents,
        pub deposits_cents: Cents,
        pub withdrawals_cents: Cents,
        /// Float, cash of sales less change and refunds, cash of debts, deposits, less withdrawals.
        pub expected_cents: Cents,
        pub methods: Vec<CashMethodTotal>,
        pub sellers: Vec<CashSellerTotal>,
        pub hours: Vec<CashHourTotal>,
        pub movements: Vec<CashReportMovement>,
        pub closing: Option<CashClosing>,
    }

    /// What reached the server after the close, from a till that had been without it. The report stays as it was.
    pub struct CashLate {
        pub sales: i64,
        pub total_cents: Cents,
        /// By how much it changes what should have been in the drawer.
        pub cash_cents: Cents,
    }

    pub struct CashSessionReport {
        pub session: CashSession,
        pub report: Box<CashReport>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub late: Option<CashLate>,
    }
}

/// The cash among payments.
pub fn cash_of(payments: &[Payment]) -> Cents {
    payments.iter().filter(|p| p.method == PaymentMethod::Cash).map(|p| p.amount_cents).sum()
}
