//! A WebSocket client that listens to the live readings.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long anything may take before the test gives up. Less than the server's pings are apart, so that what
/// should happen at once is not taken for done when a ping does it.
pub const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct ReadingsSocket(WebSocketStream<TcpStream>);

impl ReadingsSocket {
    /// Opens `ws://address/path`; the upgrade itself must succeed.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), address, path).await
    }

    /// One whose receive buffer is so small that the server soon finds it full.
    pub async fn narrow(address: SocketAddr, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::over(socket.connect(address).await.unwrap(), address, path).await
    }

    async fn over(stream: TcpStream, address: SocketAddr, path: &str) -> Self {
        let url = format!("ws://{address}{path}");
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let open = tokio_tungstenite::client_async_with_config(url, stream, Some(config));
        Self(timeout(PATIENCE, open).await.unwrap().unwrap().0)
    }

    /// The next reading.
    pub async fn reading(&mut self) -> Value {
        let message = self.next().await.unwrap();
        let Message::Text(text) = message else { panic!("not a reading: {message:?}") };
        serde_json::from_str(&text).unwrap()
    }

    /// The next message that is not a ping.
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("nothing came") {
                Some(Ok(Message::Ping(_))) => {}
                Some(message) => return message,
                None => return Err(Error::ConnectionClosed),
            }
        }
    }

    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        timeout(PATIENCE, self.0.send(message)).await.expect("nothing was taken")
    }

    /// Readings until it is closed, and the code that it is closed with.
    pub async fn to_the_end(&mut self) -> (Vec<Value>, u16) {
        let mut readings = Vec::new();
        loop {
            let message = self.next().await.unwrap();
            if let Message::Close(frame) = message {
                return (readings, frame.unwrap().code.into());
            }
            let Message::Text(text) = message else { panic!("not a reading: {message:?}") };
            readings.push(serde_json::from_str(&text).unwrap());
        }
    }

    /// The code that it is closed with; nothing else may come before.
    pub async fn code(&mut self) -> u16 {
        let (readings, code) = self.to_the_end().await;
        assert!(readings.is_empty(), "{readings:?}");
        code
    }
}
