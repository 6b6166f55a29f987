//! Plain HTTP beside HTTPS: whoever comes to it is sent on, and nothing else is answered there.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::http::header::{HOST, LOCATION};
use actix_web::http::uri::Authority;
use actix_web::web;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tokio::task::JoinHandle;

use super::headers;

/// The port that an address with `https` means.
const HTTPS: u16 = 443;
/// How long somebody may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_CONNECTIONS: usize = 1_000;

/// The listener that sends people on.
#[derive(Debug)]
pub struct Redirect {
    pub address: SocketAddr,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Redirect {
    /// Answers from now on at `listen`; people reach HTTPS at `https_port` of the name that they asked for.
    pub fn start(listen: SocketAddr, https_port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let answer = move |request: HttpRequest| async move { send_on(&request, https_port) };
        let server = HttpServer::new(move || {
            App::new().wrap(headers::everywhere(false)).default_service(web::to(answer))
        })
        .workers(1)
        .max_connections(MOST_CONNECTIONS)
        .client_request_timeout(PATIENCE)
        .keep_alive(KeepAlive::Disabled)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        Ok(Self { address, handle, serving: tokio::spawn(server) })
    }

    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.stop(true).await;
        self.serving.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
    }
}

/// For good, and with the same method and body. Only what the client itself named goes into the answer.
fn send_on(request: &HttpRequest, port: u16) -> HttpResponse {
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let Some(host) = named.and_then(host_of) else {
        return HttpResponse::BadRequest().finish();
    };
    let port = if port == HTTPS { String::new() } else { format!(":{port}") };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, format!("https://{host}{port}{path}")))
        .finish()
}

/// The name or address without its port; nothing where it is neither.
fn host_of(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (!text.contains('@') && !host.is_empty() && host.chars().all(plain)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::test::TestRequest;

    use super::*;

    fn sent_to(host: &str, target: &str, port: u16) -> Option<String> {
        let request = TestRequest::with_uri(target).method(Method::POST).insert_header((HOST, host));
        let answer = send_on(&request.to_http_request(), port);
        let location = answer.headers().get(LOCATION)?.to_str().unwrap().to_owned();
        assert_eq!(answer.status(), 308);
        Some(location)
    }

    #[test]
    fn the_name_and_the_path_stay() {
        for (host, target, port, location) in [
            ("loja.example", "/", 443, "https://loja.example/"),
            ("loja.example:80", "/swagger-ui/?a=b%20c", 443, "https://loja.example/swagger-ui/?a=b%20c"),
            ("loja.example:8080", "/produtos", 8443, "https://loja.example:8443/produtos"),
            ("192.168.0.10", "//outra.example/x", 443, "https://192.168.0.10//outra.example/x"),
            ("[::1]:80", "/", 8443, "https://[::1]:8443/"),
            ("loja.example", "http://outra.example/x", 443, "https://loja.example/x"),
        ] {
            assert_eq!(sent_to(host, target, port).as_deref(), Some(location));
        }
    }

    #[test]
    fn what_is_no_name_is_sent_nowhere() {
        for host in ["", "a b", "ana@loja.example", "loja.example/x", "loja<script>", ":80"] {
            assert_eq!(sent_to(host, "/", 443), None, "{host}");
        }
    }
}
