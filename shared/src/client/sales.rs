//! The routes about sales, the drawer, and what customers owe.

use reqwest::Method;

use super::Client;
use super::routes::{Answer, page_query, store_query};
use crate::api::{
    Account, AccountPayment, Approval, CashMovement, CashSession, CashSessionReport, DayTotal, Debt,
    DiscountLimits, NewAccountPayment, NewApproval, NewCashClosing, NewCashMovement, NewCashSession,
    NewReturn, NewReturnApproval, NewSale, Page, Return, ReturnApproval, Sale, Store,
};
use crate::{AccountId, CashSessionId, CommandId, SaleId, StoreId};

/// Sales.
impl Client {
    /// The sales of one store, or of all that the person works in; newest last.
    pub async fn sales(&self, store: Option<StoreId>, after: Option<i64>, limit: u32) -> Answer<Page<Sale>> {
        self.get(&["api", "v1", "sales"], store_query(store, after, limit)).await
    }

    /// The same, newest first; `before` leads on to older ones.
    pub async fn latest_sales(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Sale>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "sales"], query).await
    }

    pub async fn new_sale(&self, command: CommandId, body: &NewSale) -> Answer<Sale> {
        self.command(Method::POST, &["api", "v1", "sales"], command, body).await
    }

    /// Somebody proves who they are and allows a return: in the name of whoever is named in the body.
    pub async fn approve_return(
        &self,
        command: CommandId,
        body: &NewReturnApproval,
    ) -> Answer<ReturnApproval> {
        self.command(Method::POST, &["api", "v1", "approvals", "returns"], command, body).await
    }

    /// Somebody proves who they are and allows a discount.
    pub async fn approve(&self, command: CommandId, body: &NewApproval) -> Answer<Approval> {
        self.command(Method::POST, &["api", "v1", "approvals"], command, body).await
    }

    pub async fn set_discount_limits(
        &self,
        command: CommandId,
        store: StoreId,
        body: &DiscountLimits,
    ) -> Answer<Store> {
        self.command(
            Method::PUT,
            &["api", "v1", "stores", &store.to_string(), "discount-limits"],
            command,
            body,
        )
        .await
    }

    pub async fn sale(&self, id: SaleId) -> Answer<Sale> {
        self.get(&["api", "v1", "sales", &id.to_string()], Vec::new()).await
    }

    /// The sale of this number, if the store has one.
    pub async fn sale_by_number(&self, store: StoreId, number: i64) -> Answer<Option<Sale>> {
        let mut query = store_query(Some(store), None, 1);
        query.push(("number", number.to_string()));
        let page: Page<Sale> = self.get(&["api", "v1", "sales"], query).await?;
        Ok(page.items.into_iter().next())
    }

    /// The sale whose receipt has this number under its barcode (see [`crate::mark`]), if it is of a store in
    /// which the person works.
    pub async fn sale_by_mark(&self, mark: &str) -> Answer<Option<Sale>> {
        let mut query = store_query(None, None, 1);
        query.push(("mark", mark.to_owned()));
        let page: Page<Sale> = self.get(&["api", "v1", "sales"], query).await?;
        Ok(page.items.into_iter().next())
    }

    /// Takes goods of a sale back, or cancels it.
    pub async fn return_sale(&self, command: CommandId, sale: SaleId, body: &NewReturn) -> Answer<Return> {
        let path = ["api", "v1", "sales", &sale.to_string(), "returns"];
        self.command(Method::POST, &path, command, body).await
    }

    /// What came back to one store, or to all that the person works in, newest first; `before` leads on to
    /// older ones.
    pub async fn latest_returns(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Return>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "returns"], query).await
    }

    /// The figures of a calendar day like `2026-12-31`, or of today, for each store.
    pub async fn day_totals(&self, day: Option<&str>) -> Answer<Vec<DayTotal>> {
        let query = day.map(|day| ("day", day.to_owned())).into_iter().collect();
        self.get(&["api", "v1", "day-totals"], query).await
    }
}

/// Cash sessions.
impl Client {
    /// The sessions of one store, or of all that the person works in; newest first.
    pub async fn latest_cash_sessions(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<CashSession>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "cash-sessions"], query).await
    }

    /// A session with its report: X while it is open, Z as it was at the close.
    pub async fn cash_session(&self, id: CashSessionId) -> Answer<CashSessionReport> {
        self.get(&["api", "v1", "cash-sessions", &id.to_string()], Vec::new()).await
    }

    pub async fn open_cash_session(&self, command: CommandId, body: &NewCashSession) -> Answer<CashSession> {
        self.command(Method::POST, &["api", "v1", "cash-sessions"], command, body).await
    }

    pub async fn move_cash(
        &self,
        command: CommandId,
        session: CashSessionId,
        body: &NewCashMovement,
    ) -> Answer<CashMovement> {
        let path = ["api", "v1", "cash-sessions", &session.to_string(), "movements"];
        self.command(Method::POST, &path, command, body).await
    }

    pub async fn close_cash_session(
        &self,
        command: CommandId,
        session: CashSessionId,
        body: &NewCashClosing,
    ) -> Answer<CashSessionReport> {
        let path = ["api", "v1", "cash-sessions", &session.to_string(), "closing"];
        self.command(Method::POST, &path, command, body).await
    }
}

/// What customers owe.
impl Client {
    /// The accounts of one store, or of all that the manager works in, on which something is owed.
    pub async fn accounts(
        &self,
        store: Option<StoreId>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Account>> {
        self.get(&["api", "v1", "accounts"], store_query(store, after, limit)).await
    }

    /// What is owed in a store in which the person works, and what it comes from.
    pub async fn debts(&self, store: StoreId, after: Option<i64>, limit: u32) -> Answer<Page<Debt>> {
        self.get(&["api", "v1", "stores", &store.to_string(), "debts"], page_query(after, limit)).await
    }

    pub async fn pay_account(
        &self,
        command: CommandId,
        account: AccountId,
        body: &NewAccountPayment,
    ) -> Answer<AccountPayment> {
        let path = ["api", "v1", "accounts", &account.to_string(), "payments"];
        self.command(Method::POST, &path, command, body).await
    }
}
