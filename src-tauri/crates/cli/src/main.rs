//! `gatehouse`: the wizard without a window.

mod args;
mod commands;
mod connection;
mod exit;
mod output;

use clap::Parser;

fn main() -> std::process::ExitCode {
    exit::run(|| match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(commands::run(args::Arguments::parse())),
        Err(error) => {
            output::text::complain(&format!("The program could not be started: {error}."));
            exit::Exit::Fault
        }
    })
}
