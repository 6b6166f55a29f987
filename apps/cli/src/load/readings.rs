//! Single readings, as simple devices post them; alone or in turns with the comparison route.

use std::time::Duration;

use super::connection::Address;
use super::drive::{Caller, Tally, drive};
use super::{LoadArgs, print_tally};
use crate::{CliError, say};
use tillwatch_shared::random::Random;

const STORING_ROUTE: &str = "/api/temperature_reading";
/// Parses the same JSON and answers without storing.
const COMPARISON_ROUTE: &str = "/api/v1/bench/echo_reading";
/// Requests that a caller sends in turn, so that not all readings are the same.
const VARIANTS: usize = 8;
const COMPARED_ROUND: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_secs(1);

struct Device {
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl Caller for Device {
    fn request(&mut self) -> &[u8] {
        let index = self.next % self.requests.len().max(1);
        self.next = self.next.wrapping_add(1);
        self.requests.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    fn done(&self, status: u16, _: &[u8]) -> Option<u64> {
        (status == 201).then_some(1)
    }
}

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    let address = args.address()?;
    if args.compare {
        return compare(args, &address).await;
    }
    let (_, callers) = drive(&address, devices(args, &address, STORING_ROUTE), WARM_UP).await?;
    let (tally, _) = drive(&address, callers, args.time()).await?;
    print_tally("readings", &tally);
    super::check(&tally)
}

/// Short rounds in turns, so that both routes see the same machine.
async fn compare(args: &LoadArgs, address: &Address) -> Result<(), CliError> {
    let (_, mut storing) = drive(address, devices(args, address, STORING_ROUTE), WARM_UP).await?;
    let (warm, mut comparing) = drive(address, devices(args, address, COMPARISON_ROUTE), WARM_UP).await?;
    if warm.refused.contains_key(&404) {
        return Err(CliError::Load(
            "the server has no comparison route: start it with --bench-routes".into(),
        ));
    }
    let rounds = args.time().as_secs().div_ceil(COMPARED_ROUND.as_secs()).max(2);
    let (mut stored, mut compared) = (Tally::new()?, Tally::new()?);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let (a, callers) = drive(address, storing, COMPARED_ROUND).await?;
        storing = callers;
        let (b, callers) = drive(address, comparing, COMPARED_ROUND).await?;
        comparing = callers;
        let ratio = a.rate() / b.rate();
        say::line(format_args!(
            "round {round}: {:.0}/s stored, {:.0}/s compared, ratio {ratio:.2}",
            a.rate(),
            b.rate()
        ));
        ratios.push(ratio);
        stored.add(&a)?;
        compared.add(&b)?;
    }
    print_tally("stored", &stored);
    print_tally("compared", &compared);
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    let p99 = |tally: &Tally| tally.quantile(0.99).as_secs_f64();
    say::line(format_args!(
        "ratio of rates {:.2} (median of rounds {median:.2}); ratio of p99 {:.1}",
        stored.rate() / compared.rate(),
        p99(&stored) / p99(&compared)
    ));
    super::check(&stored)?;
    super::check(&compared)
}

fn devices(args: &LoadArgs, address: &Address, route: &str) -> Vec<Device> {
    let mut random = Random::new(1);
    let headers = format!("content-type: application/json\r\nx-api-key: {}\r\n", args.api_key);
    let mut request = |sensor: usize| {
        let body = format!(
            r#"{{"temperature":{:.2},"humidity":{:.1},"pressure":{:.2},"sensor_id":"carga-{sensor}"}}"#,
            random.between(2.0, 8.0),
            random.between(40.0, 80.0),
            random.between(1005.0, 1020.0),
        );
        address.request(route, &headers, body.as_bytes())
    };
    (0..args.callers(64))
        .map(|caller| Device {
            requests: (0..VARIANTS).map(|_| request(caller % args.sensors())).collect(),
            next: caller,
        })
        .collect()
}
