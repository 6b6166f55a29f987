//! A small shop: two stores, and one person of each role.

use serde_json::{Value, json};
use tillwatch_shared::api::{Chain, Person, Session, Store};
use tillwatch_shared::{ChainId, StoreId};

use crate::common::{Caller, Server};

pub const PASSWORD: &str = "uma senha comprida";

/// Store A has a manager and a seller; store B has a seller of its own.
#[derive(Debug)]
pub struct Shop {
    pub server: Server,
    pub nobody: Caller,
    pub admin: Caller,
    pub manager: Caller,
    pub seller: Caller,
    pub stranger: Caller,
    pub people: [Person; 3],
    pub chain: ChainId,
    pub a: StoreId,
    pub b: StoreId,
}

impl Shop {
    pub async fn open() -> Self {
        let server = Server::shop().await;
        let nobody = server.caller();
        let setup = json!({
            "code": server.setup_code(), "username": "dona", "password": PASSWORD, "store_name": "Loja A"
        });
        let session: Session = nobody.post("/api/v1/setup", &setup).await.expect(201);
        let admin = nobody.bearer(&session.access_token);
        let stores: Vec<Store> = admin.get("/api/v1/stores").await.expect(200);
        let chain: Chain = admin.get("/api/v1/chains").await.expect::<Vec<Chain>>(200).remove(0);
        let body = json!({ "chain_id": chain.id, "name": "Loja B" });
        let b: Store = admin.post("/api/v1/stores", &body).await.expect(201);
        let a = stores[0].id;
        let people = [
            add(&admin, "gerente", "manager", &[a]).await,
            add(&admin, "vendedora", "seller", &[a]).await,
            add(&admin, "vizinho", "seller", &[b.id]).await,
        ];
        let (manager, _) = nobody.sign_in("gerente", PASSWORD).await;
        let (seller, _) = nobody.sign_in("vendedora", PASSWORD).await;
        let (stranger, _) = nobody.sign_in("vizinho", PASSWORD).await;
        Self { server, nobody, admin, manager, seller, stranger, people, chain: chain.id, a, b: b.id }
    }

    pub fn manager_person(&self) -> &Person {
        &self.people[0]
    }

    pub fn seller_person(&self) -> &Person {
        &self.people[1]
    }

    pub fn stranger_person(&self) -> &Person {
        &self.people[2]
    }
}

pub fn person(username: &str, role: &str, stores: &[StoreId]) -> Value {
    json!({ "username": username, "password": PASSWORD, "role": role, "stores": stores })
}

pub async fn add(caller: &Caller, username: &str, role: &str, stores: &[StoreId]) -> Person {
    caller.post("/api/v1/people", &person(username, role, stores)).await.expect(201)
}
