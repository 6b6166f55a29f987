//! What customers owe a store for sales on account (*fiado*), and what they have paid of it.

use super::{PaymentMethod, wire};
use crate::ids::AccountPaymentId;
use crate::{AccountId, CashSessionId, Cents, PersonId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// One customer of a store. A customer without a CPF is known by name alone.
    pub struct Account {
        pub id: AccountId,
        pub store_id: StoreId,
        pub store_name: String,
        pub name: Option<String>,
        /// The CPF or CNPJ with its outer digits hidden.
        pub tax_id_masked: Option<String>,
        /// What the customer owes.
        pub balance_cents: Cents,
        /// When something was last bought on account, or paid.
        pub changed_at: UtcMicros,
    }

    /// What was bought on an account, came back of it, or was paid.
    pub struct AccountEntry {
        /// When it happened.
        pub at: UtcMicros,
        /// By how much it changed what is owed: what was bought is positive.
        pub amount_cents: Cents,
        /// The sale that was bought, or of which something came back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sale_number: Option<i64>,
        /// How a debt was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: Option<PaymentMethod>,
    }

    /// An account on which something is owed, and what it comes from.
    pub struct Debt {
        pub account: Account,
        /// The newest first; what is older than these is left out.
        #[cfg_attr(feature = "openapi", schema(max_items = 20))]
        pub entries: Vec<AccountEntry>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewAccountPayment {
        /// How it is paid; not on account.
        pub method: PaymentMethod,
        /// At most what is owed.
        #[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64))]
        pub amount_cents: Cents,
        /// The cash session whose drawer it goes into.
        pub cash_session: Option<CashSessionId>,
        /// The device's time; the server's if absent.
        pub paid_at: Option<UtcMicros>,
    }

    pub struct AccountPayment {
        pub id: AccountPaymentId,
        /// The account after the payment.
        pub account: Account,
        pub method: PaymentMethod,
        pub amount_cents: Cents,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cash_session: Option<CashSessionId>,
        pub person_id: PersonId,
        pub person_name: String,
        pub paid_at: UtcMicros,
        pub received_at: UtcMicros,
    }
}
