//! From when until when a certificate is good, and when that must be told.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::{DAY, SECOND};
use x509_parser::parse_x509_certificate;

/// A certificate that nobody renewed is told this long before its end. Of one that lives for days only, the
/// last quarter: by then whoever renews it has long had the time to.
const SOON: i64 = 7 * DAY;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub from: UtcMicros,
    pub until: UtcMicros,
}

impl Validity {
    /// Of a certificate in DER; the error says why it is none.
    pub fn of(certificate: &[u8]) -> Result<Self, String> {
        let (_, parsed) = parse_x509_certificate(certificate).map_err(|error| error.to_string())?;
        let micros = |seconds: i64| UtcMicros(seconds.saturating_mul(SECOND));
        let validity = parsed.validity();
        Ok(Self {
            from: micros(validity.not_before.timestamp()),
            until: micros(validity.not_after.timestamp()),
        })
    }

    /// What a person must look at.
    pub fn trouble(self, now: UtcMicros) -> Option<String> {
        let (left, until) = (self.until.since(now), self.until);
        if left < 0 {
            Some(format!("the certificate expired on {until}"))
        } else if left < SOON.min(self.until.since(self.from) / 4) {
            Some(format!("the certificate expires on {until}"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_in_time() {
        let from = UtcMicros(1_000 * DAY);
        let of_days = |days: i64| Validity { from, until: from.plus(days * DAY) };
        let after = |days: i64, hours: i64| from.plus(days * DAY + hours * DAY / 24);
        for (validity, now, told) in [
            (of_days(90), after(82, 23), None),
            (of_days(90), after(83, 1), Some("expires on")),
            (of_days(90), after(90, 1), Some("expired on")),
            (of_days(8), after(5, 23), None),
            (of_days(8), after(6, 1), Some("expires on")),
        ] {
            let text = validity.trouble(now);
            assert_eq!(text.is_some(), told.is_some(), "{text:?}");
            assert!(told.is_none_or(|told| text.unwrap().contains(told)));
        }
    }
}
