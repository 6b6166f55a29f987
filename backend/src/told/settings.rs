//! Who is told of alarms, as the command line and the environment say it.

use std::path::PathBuf;

use clap::Args;
use lettre::message::Mailbox;

use super::mail::{MailServer, Security};
use super::{MAIL, Recipients, minutes};
use crate::config::Key;

/// Who is told of alarms.
#[derive(Args, Clone, Debug)]
pub struct ToldArgs {
    /// Addresses (http or https) that each alarm is posted to; several are separated by spaces.
    #[arg(
        long,
        env = "TILLWATCH_ALARM_WEBHOOK",
        hide_env_values = true,
        value_delimiter = ' ',
        value_name = "URL"
    )]
    pub alarm_webhook: Vec<String>,
    /// Signs what is posted, so that a receiver knows who sent it.
    #[arg(long, env = "TILLWATCH_ALARM_WEBHOOK_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub alarm_webhook_secret: Option<String>,
    /// Addresses that an alarm is posted to when nobody has acknowledged it in time.
    #[arg(
        long,
        env = "TILLWATCH_ALARM_ESCALATION",
        hide_env_values = true,
        value_delimiter = ' ',
        value_name = "URL"
    )]
    pub alarm_escalation: Vec<String>,
    /// After how many minutes, for addresses and e-mail.
    #[arg(long, env = "TILLWATCH_ALARM_ESCALATE_MINUTES", default_value_t = 30, value_name = "MINUTES",
        value_parser = clap::value_parser!(u32).range(1..=10_080))]
    pub alarm_escalate_minutes: u32,
    /// The mail server that takes e-mail about alarms: `smtps://user:password@host` (port 465), or
    /// `smtp://user:password@host?tls=required` (STARTTLS, port 587). Special characters of the password are
    /// percent-encoded. `smtp://host` without TLS (port 25) is for a server in the same house, and takes no password.
    #[arg(long, env = "TILLWATCH_ALARM_EMAIL_SERVER", hide_env_values = true, value_name = "URL")]
    pub alarm_email_server: Option<String>,
    /// Who the e-mail is from: alarmes@example.com.br, or Padaria <alarmes@example.com.br>.
    #[arg(long, env = "TILLWATCH_ALARM_EMAIL_FROM", value_name = "ADDRESS")]
    pub alarm_email_from: Option<String>,
    /// Who gets an e-mail about each alarm; several are separated by commas.
    #[arg(long, env = "TILLWATCH_ALARM_EMAIL_TO", value_delimiter = ',', value_name = "ADDRESS")]
    pub alarm_email_to: Vec<String>,
    /// Who gets an e-mail when nobody has acknowledged an alarm in time.
    #[arg(long, env = "TILLWATCH_ALARM_EMAIL_ESCALATION", value_delimiter = ',', value_name = "ADDRESS")]
    pub alarm_email_escalation: Vec<String>,
    /// The authority (PEM) that the mail server's certificate is checked with, beside the system's.
    #[arg(long, env = "TILLWATCH_ALARM_EMAIL_CA", value_name = "FILE")]
    pub alarm_email_ca: Option<PathBuf>,
}

/// What is wrong with these settings. Never names a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToldError {
    #[error("--alarm-webhook and --alarm-escalation take addresses that begin with http:// or https://")]
    Webhook,
    #[error(
        "--alarm-email-server takes smtps://user:password@host, smtp://user:password@host?tls=required, or smtp://host"
    )]
    Server,
    #[error(
        "--alarm-email-server: without TLS a password would be readable on its way; use smtps:// or ?tls=required"
    )]
    OpenPassword,
    #[error(
        "--alarm-email-from, -to and -escalation take addresses like ana@example.com.br or Ana <ana@example.com.br>"
    )]
    Address,
    #[error(
        "e-mail needs all of --alarm-email-server, --alarm-email-from, and --alarm-email-to or -escalation"
    )]
    Incomplete,
}

impl ToldArgs {
    /// Checked.
    pub fn recipients(&self) -> Result<Recipients, ToldError> {
        let (mut first, mut second) = (written(&self.alarm_webhook), written(&self.alarm_escalation));
        let web = |url: &String| ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        if !first.iter().chain(&second).all(web) {
            return Err(ToldError::Webhook);
        }
        let (to, later) = (mailboxes(&self.alarm_email_to)?, mailboxes(&self.alarm_email_escalation)?);
        let server = given(self.alarm_email_server.as_deref());
        let mail = match (server, given(self.alarm_email_from.as_deref())) {
            (None, None) if to.is_empty() && later.is_empty() => None,
            (Some(server), Some(from)) if !(to.is_empty() && later.is_empty()) => {
                let from: Mailbox = from.parse().map_err(|_| ToldError::Address)?;
                Some(mail_server(server, from, self.alarm_email_ca.clone())?)
            }
            (None | Some(_), None | Some(_)) => return Err(ToldError::Incomplete),
        };
        first.extend(to);
        second.extend(later);
        Ok(Recipients {
            first,
            second,
            escalate_after: minutes(self.alarm_escalate_minutes),
            secret: self.alarm_webhook_secret.clone().filter(|secret| !secret.is_empty()).map(Key),
            mail,
        })
    }
}

/// What is really there in a list: a setting may be there and empty.
pub fn written(list: &[String]) -> Vec<String> {
    list.iter().filter_map(|text| given(Some(text))).map(str::to_owned).collect()
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Addresses as recipients.
fn mailboxes(list: &[String]) -> Result<Vec<String>, ToldError> {
    let recipient = |text: &String| {
        let mailbox: Mailbox = text.parse().map_err(|_| ToldError::Address)?;
        Ok(format!("{MAIL}{mailbox}"))
    };
    written(list).iter().map(recipient).collect()
}

fn mail_server(url: &str, from: Mailbox, ca: Option<PathBuf>) -> Result<MailServer, ToldError> {
    let url = reqwest::Url::parse(url).map_err(|_| ToldError::Server)?;
    let (security, usual_port) = match (url.scheme(), url.query()) {
        ("smtps", None) => (Security::Tls, 465),
        ("smtp", Some("tls=required")) => (Security::StartTls, 587),
        ("smtp", None) => (Security::Open, 25),
        _ => return Err(ToldError::Server),
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(ToldError::Server);
    }
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        text.map(std::borrow::Cow::into_owned).map_err(|_| ToldError::Server)
    };
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => Some((decoded(user)?, Key(decoded(password)?))),
        _ => return Err(ToldError::Server),
    };
    if security == Security::Open && credentials.is_some() {
        return Err(ToldError::OpenPassword);
    }
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ToldError::Server)?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(MailServer { host, port: url.port().unwrap_or(usual_port), security, credentials, from, ca })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        told: ToldArgs,
    }

    fn told(args: &[&str]) -> Result<Recipients, ToldError> {
        Line::parse_from([&["told"], args].concat()).told.recipients()
    }

    fn server(url: &str) -> Result<MailServer, ToldError> {
        let from = ["--alarm-email-from", "Padaria <a@b.br>", "--alarm-email-to", "c@d.br"];
        told(&[&["--alarm-email-server", url][..], &from].concat()).map(|told| told.mail.unwrap())
    }

    #[test]
    fn a_mail_server_is_written_as_a_url() {
        for (url, host, port, security, user) in [
            ("smtps://ana:p%40%3A%2F@smtp.b.br", "smtp.b.br", 465, Security::Tls, true),
            ("smtps://smtp.b.br:2465/", "smtp.b.br", 2465, Security::Tls, false),
            ("smtp://ana:p%40%3A%2F@smtp.b.br?tls=required", "smtp.b.br", 587, Security::StartTls, true),
            ("smtp://10.0.0.2", "10.0.0.2", 25, Security::Open, false),
            ("smtp://[::1]:2525", "::1", 2525, Security::Open, false),
        ] {
            let found = server(url).unwrap();
            assert_eq!((found.host.as_str(), found.port, found.security), (host, port, security), "{url}");
            let login = found.credentials.map(|(user, Key(password))| (user, password));
            assert_eq!(login, user.then(|| ("ana".to_owned(), "p@:/".to_owned())), "{url}");
        }
        for url in [
            "smtp.b.br",
            "http://smtp.b.br",
            "smtps://",
            "smtps://ana@smtp.b.br",
            "smtps://:p@smtp.b.br",
            "smtps://smtp.b.br/x",
            "smtp://smtp.b.br?tls=opportunistic",
        ] {
            assert_eq!(server(url).unwrap_err(), ToldError::Server, "{url}");
        }
        assert_eq!(server("smtp://ana:p@smtp.b.br").unwrap_err(), ToldError::OpenPassword);
    }

    #[test]
    fn half_a_setting_is_refused() {
        let (server, from) = (["--alarm-email-server", "smtp://b"], ["--alarm-email-from", "a@b.br"]);
        let to = ["--alarm-email-to", "João da Sé <j@b.br>, c@d.br,"];
        assert_eq!(
            told(&[&server[..], &from, &to].concat()).unwrap().first,
            ["mailto:João da Sé <j@b.br>", "mailto:c@d.br"]
        );
        assert!(told(&["--alarm-email-to", "", "--alarm-email-server", ""]).unwrap().mail.is_none());
        for half in [[&server[..], &from].concat(), [&server[..], &to].concat(), [&from[..], &to].concat()] {
            assert_eq!(told(&half).unwrap_err(), ToldError::Incomplete, "{half:?}");
        }
        for wrong in ["ana", "ana@", "a@b.br\r\nBcc: c@d.br", "a@b.br c@d.br", "Ana <a@b.br"] {
            let all = [&server[..], &from, &["--alarm-email-to", wrong]].concat();
            assert_eq!(told(&all).unwrap_err(), ToldError::Address, "{wrong:?}");
        }
    }
}
