//! A terminal on `/ws/pulse`: sends what it is told, right or wrong, and shows what comes.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Terminal(pub WebSocketStream<TcpStream>);

/// Connects, or gives the status that was answered instead.
pub async fn connect(base: &str, path: &str, headers: &[(&str, &str)]) -> Result<Terminal, u16> {
    let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    connect_over(stream, base, path, headers).await
}

async fn connect_over(
    stream: TcpStream,
    base: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Terminal, u16> {
    let address = base.strip_prefix("http://").unwrap();
    let mut request: Request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        let name = name.parse::<tokio_tungstenite::tungstenite::http::HeaderName>().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    match timeout(PATIENCE, client_async(request, stream)).await.unwrap() {
        Ok((socket, _)) => Ok(Terminal(socket)),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Terminal {
    /// Connects as a client with a token in the header, and takes the value that comes first.
    pub async fn open(base: &str, client: &str, token: &str) -> (Self, i64) {
        let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
        Self::open_over(stream, base, client, token).await
    }

    /// The same with a receive buffer so small that the server soon finds it full.
    pub async fn narrow(base: &str, client: &str, token: &str) -> (Self, i64) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(base.strip_prefix("http://").unwrap().parse().unwrap()).await.unwrap();
        Self::open_over(stream, base, client, token).await
    }

    async fn open_over(stream: TcpStream, base: &str, client: &str, token: &str) -> (Self, i64) {
        let path = format!("/ws/pulse?client={client}");
        let bearer = format!("Bearer {token}");
        let mut terminal = connect_over(stream, base, &path, &[("authorization", &bearer)]).await.unwrap();
        let first = terminal.json().await;
        assert_eq!(first["type"], "value", "{first}");
        let value = first["value"].as_i64().unwrap();
        assert_eq!(first, json!({ "type": "value", "value": value }));
        (terminal, value)
    }

    pub async fn send(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    /// Sends these very bytes, which need be no frame.
    pub async fn raw(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// The next message that is no ping.
    pub async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.said()).await.expect("nothing came but pings")
    }

    async fn said(&mut self) -> Option<Message> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Ping(_) | Message::Pong(_) => {}
                message @ (Message::Text(_) | Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    return Some(message);
                }
            }
        }
    }

    pub async fn json(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("not a text: {other:?}"),
        }
    }

    pub async fn ask(&mut self, text: &str) -> Value {
        self.send(text).await;
        self.json().await
    }

    /// Sends a value and sees it taken.
    pub async fn value(&mut self, value: i64) {
        let answer = self.ask(&json!({ "type": "value", "value": value }).to_string()).await;
        assert_eq!(answer, json!({ "type": "ack", "value": value }));
    }

    /// The code with which the server closes, whatever comes before.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Some(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Some(_) => {}
                None => return None,
            }
        }
    }
}
