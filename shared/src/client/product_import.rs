//! Sheets of products.

use reqwest::Method;

use super::transport::Request;
use super::{Client, ClientError};
use crate::CommandId;
use crate::api::ProductImport;

/// Which rows of a sheet, and whether anything is done for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportAsk<'a> {
    /// All pieces of one file go under one command. Without one it is a dry run.
    pub command: Option<CommandId>,
    /// `next` of the piece before.
    pub after: u64,
    /// Rows of this piece; all that are left if absent.
    pub limit: Option<u64>,
    /// `sheet` of an answer before.
    pub kept: Option<&'a str>,
}

impl Client {
    /// Takes in a piece of a sheet, or says what would come of it. The file itself goes only to a server that does
    /// not have it yet, or any more.
    pub async fn import_products(
        &self,
        sheet: &[u8],
        ask: ImportAsk<'_>,
    ) -> Result<ProductImport, ClientError> {
        if ask.kept.is_some() {
            match self.import_piece(None, ask).await {
                Err(error) if error.code() == Some("unknown_sheet") => {}
                other => return other,
            }
        }
        self.import_piece(Some(sheet.to_vec()), ask).await
    }

    async fn import_piece(
        &self,
        file: Option<Vec<u8>>,
        ask: ImportAsk<'_>,
    ) -> Result<ProductImport, ClientError> {
        let dry_run = ask.command.is_none();
        let mut query = vec![("dry_run", dry_run.to_string()), ("after", ask.after.to_string())];
        query.extend(ask.limit.map(|limit| ("limit", limit.to_string())));
        query.extend(ask.kept.filter(|_| file.is_none()).map(|kept| ("sheet", kept.to_owned())));
        let path = ["api", "v1", "products", "import"];
        let request = Request {
            query,
            body: file,
            content_type: "text/csv",
            command: ask.command,
            ..Request::new(Method::POST, &path)
        };
        self.ask(request).await
    }

    /// The shop's products and prices as a sheet, in the client's language.
    pub async fn product_sheet(&self) -> Result<Vec<u8>, ClientError> {
        let path = ["api", "v1", "products", "sheet"];
        Ok(self.answer(&Request::new(Method::GET, &path)).await?.into_bytes())
    }
}
