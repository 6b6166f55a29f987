//! A receiver of webhooks of the test's own: takes what is posted, and answers as it was told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// What a receiver answers: a status, or nothing at all.
pub type Answer = Option<u16>;

/// What came, and what was answered.
#[derive(Clone, Debug)]
pub struct Posted {
    pub head: String,
    pub body: String,
    pub answer: Answer,
}

#[derive(Debug, Clone)]
pub struct Hook {
    pub url: String,
    got: Arc<Mutex<Vec<Posted>>>,
    /// The answers to the next ones, and to all after these.
    answers: Arc<Mutex<(VecDeque<Answer>, Answer)>>,
    pub arrived: Arc<Notify>,
    /// Whether it keeps its answers to itself for the moment.
    holds: Arc<watch::Sender<bool>>,
}

impl Hook {
    /// One that answers so to the first, and 200 to all after these.
    pub async fn open(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/gancho", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new((answers.iter().copied().collect(), Some(200))));
        let hook = Self { url, got: Arc::default(), answers, arrived: Arc::default(), holds: Arc::default() };
        let this = hook.clone();
        tokio::spawn(async move {
            let mut silent = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                // Who is killed hangs up in the middle.
                let Some((head, body)) = read(&mut stream).await else { continue };
                let answer = this.answer();
                this.got.lock().unwrap().push(Posted { head, body, answer });
                this.arrived.notify_one();
                let Some(status) = answer else {
                    silent.push(stream);
                    continue;
                };
                let mut held = this.holds.subscribe();
                tokio::spawn(async move {
                    held.wait_for(|holds| !holds).await.unwrap();
                    let text =
                        format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        hook
    }

    fn answer(&self) -> Answer {
        let mut answers = self.answers.lock().unwrap();
        let after = answers.1;
        answers.0.pop_front().unwrap_or(after)
    }

    /// What it answers from now on.
    pub fn answers(&self, answer: Answer) {
        *self.answers.lock().unwrap() = (VecDeque::new(), answer);
    }

    /// What it answers it says only when it no longer holds it back.
    pub fn holds(&self, holds: bool) {
        self.holds.send_replace(holds);
    }

    pub fn got(&self) -> Vec<Posted> {
        self.got.lock().unwrap().clone()
    }
}

/// None: it was cut off.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = header(head, "content-length").unwrap().parse().unwrap();
            if body.len() >= length {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
    }
}

impl Posted {
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.head, name)
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
