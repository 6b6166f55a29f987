//! The routes about goods: products, stock, lots, counts and transfers.

use reqwest::Method;

use super::Client;
use super::routes::{Answer, page_query, store_query};
use crate::api::{
    Arrival, Count, Destination, Lot, LotPlace, NewCount, NewProduct, NewStockEntry, NewTransfer, Page,
    PriceList, Product, ProductChange, StockEntry, StockLevel, Transfer, TransferCancellation,
};
use crate::ids::{CountId, LotId, TransferId};
use crate::{CommandId, ProductId, StoreId};

/// Products.
impl Client {
    /// A page of products, optionally those whose name or code has `search` in it.
    pub async fn products(
        &self,
        search: Option<&str>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Product>> {
        let mut query = page_query(after, limit);
        query.extend(search.map(|text| ("q", text.to_owned())));
        self.get(&["api", "v1", "products"], query).await
    }

    pub async fn new_product(&self, command: CommandId, body: &NewProduct) -> Answer<Product> {
        self.command(Method::POST, &["api", "v1", "products"], command, body).await
    }

    pub async fn product(&self, id: ProductId) -> Answer<Product> {
        self.get(&["api", "v1", "products", &id.to_string()], Vec::new()).await
    }

    pub async fn change_product(
        &self,
        command: CommandId,
        id: ProductId,
        body: &ProductChange,
    ) -> Answer<Product> {
        self.command(Method::PATCH, &["api", "v1", "products", &id.to_string()], command, body).await
    }

    /// Puts a price list in place of the one that the product has for the same stores.
    pub async fn set_prices(&self, command: CommandId, id: ProductId, body: &PriceList) -> Answer<Product> {
        self.command(Method::PUT, &["api", "v1", "products", &id.to_string(), "prices"], command, body).await
    }
}

/// Stock.
impl Client {
    /// What a store holds of every product.
    pub async fn stock(&self, store: StoreId, after: Option<i64>, limit: u32) -> Answer<Page<StockLevel>> {
        self.get(&["api", "v1", "stock"], store_query(Some(store), after, limit)).await
    }

    /// The entries of one store, or of all that the person works in; newest last.
    pub async fn stock_entries(
        &self,
        store: Option<StoreId>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<StockEntry>> {
        self.get(&["api", "v1", "stock-entries"], store_query(store, after, limit)).await
    }

    /// The same, newest first; `before` leads on to older ones.
    pub async fn latest_stock_entries(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<StockEntry>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "stock-entries"], query).await
    }

    pub async fn new_stock_entry(&self, command: CommandId, body: &NewStockEntry) -> Answer<StockEntry> {
        self.command(Method::POST, &["api", "v1", "stock-entries"], command, body).await
    }
}

/// Lots, counts and transfers.
impl Client {
    /// Lots that hold something, of one store or of all that the person works in.
    pub async fn lots(&self, store: Option<StoreId>, after: Option<i64>, limit: u32) -> Answer<Page<Lot>> {
        self.get(&["api", "v1", "lots"], store_query(store, after, limit)).await
    }

    pub async fn place_lot(&self, command: CommandId, id: LotId, body: &LotPlace) -> Answer<Lot> {
        self.command(Method::PUT, &["api", "v1", "lots", &id.to_string(), "place"], command, body).await
    }

    pub async fn new_count(&self, command: CommandId, body: &NewCount) -> Answer<Count> {
        self.command(Method::POST, &["api", "v1", "counts"], command, body).await
    }

    /// The transfers that are on their way from or to one store, or any of the person's.
    pub async fn open_transfers(
        &self,
        store: Option<StoreId>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Transfer>> {
        let mut query = store_query(store, after, limit);
        query.push(("open", "true".into()));
        self.get(&["api", "v1", "transfers"], query).await
    }

    /// Transfers from or to one store, or any of the person's, newest first; `before` leads on to older ones.
    pub async fn latest_transfers(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Transfer>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "transfers"], query).await
    }

    /// The counts of one store, or of all that the person works in, newest first; `before` leads on to older ones.
    pub async fn latest_counts(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Count>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "counts"], query).await
    }

    pub async fn count(&self, id: CountId) -> Answer<Count> {
        self.get(&["api", "v1", "counts", &id.to_string()], Vec::new()).await
    }

    pub async fn transfer(&self, id: TransferId) -> Answer<Transfer> {
        self.get(&["api", "v1", "transfers", &id.to_string()], Vec::new()).await
    }

    pub async fn new_transfer(&self, command: CommandId, body: &NewTransfer) -> Answer<Transfer> {
        self.command(Method::POST, &["api", "v1", "transfers"], command, body).await
    }

    pub async fn receive_transfer(
        &self,
        command: CommandId,
        id: TransferId,
        body: &Arrival,
    ) -> Answer<Transfer> {
        let path = ["api", "v1", "transfers", &id.to_string(), "arrival"];
        self.command(Method::POST, &path, command, body).await
    }

    pub async fn cancel_transfer(
        &self,
        command: CommandId,
        id: TransferId,
        body: &TransferCancellation,
    ) -> Answer<Transfer> {
        let path = ["api", "v1", "transfers", &id.to_string(), "cancellation"];
        self.command(Method::POST, &path, command, body).await
    }

    /// Where a store can send goods.
    pub async fn destinations(&self, store: StoreId) -> Answer<Vec<Destination>> {
        self.get(&["api", "v1", "stores", &store.to_string(), "destinations"], Vec::new()).await
    }
}
