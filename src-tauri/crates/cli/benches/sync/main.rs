//! How long `gatehouse sync` takes, and what processor time and memory, against the least that quota and network allow.
//!
//! `make bench` runs it. Practice tenants, the bare programs and `gatehouse` are processes of their own, measured from
//! outside in the same way. `make bench ARGS=--write` writes what is printed to `docs/speed.md`, with a chart;
//! `cargo bench -p cli --bench sync -- ways` measures only the ways of reading memberships, `-- sealing` only sealing.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod bare;
mod cases;
mod chart;
mod measure;
mod paper;
mod sealing;
mod targets;
mod tenant;
mod ways;

use std::{fs::File, io::Write, path::Path};

pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;

/// The argument that makes this program the bare one.
pub(crate) const BARE: &str = "bare";
/// The argument for the ways of reading memberships alone.
const WAYS: &str = "ways";
/// The argument for sealing alone; a number after it is that of the gateways.
const SEALING: &str = "sealing";

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let told = |word: &str| std::env::args().any(|argument| argument == word);
    // Test runners start it too, to ask for its tests; it has none.
    if !told("--bench") {
        return Ok(());
    }
    if told(BARE) {
        println!("{}", serde_json::to_string(&bare::run().await?)?);
        return Ok(());
    }
    if told(WAYS) {
        println!("{}", paper::ways(&ways::all().await?));
        return Ok(());
    }
    if told(SEALING) {
        let number = std::env::args().skip_while(|argument| argument != SEALING).nth(1);
        let gateways = number.and_then(|number| number.parse().ok()).unwrap_or(sealing::GATEWAYS);
        let sealing = sealing::measured(gateways)?;
        println!("{}\n{}", paper::targets(&sealing.targets()), sealing::table(&sealing));
        return Ok(());
    }
    let cases = cases::all().await?;
    let ways = ways::all().await?;
    let sealing = sealing::measured(sealing::GATEWAYS)?;
    let targets = [targets::all(&cases), sealing.targets()].concat();
    println!("{}\n{}\n{}", paper::tables(&cases, &targets), paper::ways(&ways), sealing::table(&sealing));
    if told("--write") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
        File::create(docs.join("speed.md"))?
            .write_all(paper::page(&cases, &targets, &ways, &sealing).as_bytes())?;
        File::create(docs.join("speed.svg"))?.write_all(chart::svg(&cases).as_bytes())?;
    }
    Ok(())
}

/// Says what goes on, beside the table.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
