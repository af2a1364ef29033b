//! How long `gatehouse check` takes on a healthy connection, against the least that the network allows.
//!
//! `make bench` runs it. Every request of the practice tenant waits 80 ms. Compared in one run, turn by turn: starting
//! the program, one bare token request with one Graph request after it, and a whole check. The check may take four
//! times the latency and 150 ms more than starting the program.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::{io::Write, process::Command, time::Duration};

use entra::{Endpoints, Entra, HttpOptions, TenantRef};
use practice::{Facts, Options};
use tokio::time::Instant;

const LATENCY: Duration = Duration::from_millis(80);
const ROUNDS: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Test runners start it too, to ask for its tests; it has none.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let practice = practice::start(Options { latency: LATENCY, ..Options::default() }).await?;
    let home = tempfile::tempdir()?;
    let ca_file = home.path().join("ca.pem");
    std::fs::File::create(&ca_file)?.write_all(practice.ca_pem().as_bytes())?;
    let facts = practice.facts();

    let mut start = Vec::with_capacity(ROUNDS);
    let mut bare = Vec::with_capacity(ROUNDS);
    let mut check = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let mut version = program(home.path());
        version.arg("--version");
        start.push(timed(version).await?);
        bare.push(two_requests(facts, practice.ca_pem()).await?);
        let mut whole = program(home.path());
        whole
            .args(["check", "--json", "--authority", &facts.authority, "--graph", &facts.graph, "--ca-file"])
            .arg(&ca_file)
            .env("AZURE_TENANT_ID", &facts.tenant_id)
            .env("AZURE_CLIENT_ID", &facts.client_id)
            .env("AZURE_CLIENT_SECRET", &facts.client_secret);
        check.push(timed(whole).await?);
    }
    let (start, bare, check) = (median(start), median(bare), median(check));
    let limit = start + 4 * LATENCY + Duration::from_millis(150);
    println!("latency per request        {:>6.0} ms", milliseconds(LATENCY));
    println!("program start              {:>6.0} ms", milliseconds(start));
    println!("bare token and Graph       {:>6.0} ms", milliseconds(bare));
    println!("check                      {:>6.0} ms", milliseconds(check));
    println!("check, program start apart {:>6.0} ms", milliseconds(check.saturating_sub(start)));
    println!("check by bare requests     {:>6.2}", check.as_secs_f64() / bare.as_secs_f64());
    println!("limit                      {:>6.0} ms, {}", milliseconds(limit), kept(check <= limit));
    Ok(())
}

fn kept(kept: bool) -> &'static str {
    if kept { "kept" } else { "NOT kept" }
}

/// A token and one page of one user, over one new connection to each host.
async fn two_requests(facts: &Facts, ca_pem: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    let endpoints = Endpoints::custom(&facts.authority, &facts.graph)?;
    let options = HttpOptions { ca_pem: Some(ca_pem.as_bytes().to_vec()), ..HttpOptions::default() };
    let tenant: TenantRef = facts.tenant_id.parse()?;
    let secret = facts.client_secret.clone().into();
    let began = Instant::now();
    let entra = Entra::new(endpoints, &options)?;
    let token = entra.token_by_secret(&tenant, &facts.client_id, &secret).await?.value;
    entra.graph(&token).first_user().await?;
    Ok(began.elapsed())
}

fn program(home: &std::path::Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    program.env_clear().env("GATEHOUSE_HOME", home).env("HOME", home);
    program
}

async fn timed(mut program: Command) -> Result<Duration, Box<dyn std::error::Error>> {
    let began = Instant::now();
    let output = tokio::task::spawn_blocking(move || program.output()).await??;
    let took = began.elapsed();
    if output.status.success() { Ok(took) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
