//! The worlds that are simulated.

use super::plan::Plan;
use super::{Report, simulate};

fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "it is a setting of the tests alone")]
    std::env::var(name).ok()
}

/// The long form: `FROM..TO`.
#[test]
fn worlds() {
    let seeds = setting("TILLWATCH_SIM_SEEDS").unwrap_or("0..10".into());
    let steps = setting("TILLWATCH_SIM_STEPS").map_or(4_000, |steps| steps.parse().unwrap());
    let (from, to) = seeds.split_once("..").unwrap();
    for seed in from.parse().unwrap()..to.parse().unwrap() {
        let started = std::time::Instant::now();
        let mut plan = Plan::new(seed, steps);
        plan.keeps_lines = setting("TILLWATCH_SIM_TRACE").is_some();
        let report = simulate(plan);
        for line in &report.trace.lines { println!("{line}"); }
        let Report { seconds, accepted, refused, unheard, reads, behind, found, trace, .. } = report;
        println!("{seed}: {} {} {:?} s={seconds} acc={accepted} ref={refused} unh={unheard} reads={reads} beh={behind} {found:?}", trace.steps, trace.digest(), started.elapsed());
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in 0..10 {
        let plan = Plan { keeps_lines: true, ..Plan::new(seed, 3_000) };
        let (one, other) = (simulate(plan).trace, simulate(plan).trace);
        let differs = one.lines.iter().zip(&other.lines).position(|(a, b)| a != b);
        if let Some(at) = differs {
            for line in &one.lines[at.saturating_sub(5)..=at] { println!("A {line}"); }
            println!("B {}", other.lines[at]);
        }
        println!("{seed} {:?} {} {}", differs, one.digest(), other.digest());
    }
}
