//! Serves a practice tenant by hand: `cargo run -p practice --example serve -- FOLDER [SCENARIO] [USERS]`.
//!
//! Writes the CA to `FOLDER/practice-ca.pem`, prints the facts as one line of JSON, and serves until Ctrl-C.

use std::{error::Error, fs::File, io::Write, path::PathBuf};

use practice::{Options, Population, Scenario};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give a folder for the CA file")?);
    let scenario: Scenario = arguments.next().as_deref().unwrap_or("healthy").parse()?;
    let users = arguments.next().map_or(Ok(240), |users| users.parse())?;
    let population = Population { users, ..Population::default() };
    let practice = practice::start(Options { scenario, population, ..Options::default() }).await?;
    let ca_file = folder.join("practice-ca.pem");
    File::create(&ca_file)?.write_all(practice.ca_pem().as_bytes())?;
    let mut line = json!(practice.facts());
    line["ca_file"] = json!(ca_file);
    line["scenario"] = json!(scenario);
    writeln!(std::io::stdout(), "{line}")?;
    tokio::signal::ctrl_c().await?;
    practice.stop().await;
    Ok(())
}
