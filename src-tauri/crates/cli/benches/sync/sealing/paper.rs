//! What is said of sealing in `docs/speed.md`.

use std::time::Duration;

use super::{OPENINGS, ROUNDS, Sealing};
use crate::paper::{aligned, thousands};

pub(crate) const NOTES: &str = "\
*Bare* is the `age` library alone, sealing as many bytes to the same keys. In memory, both do nothing else; a sealed bundle\n\
is besides packed, hashed and signed for each gateway. Written, the bare files are synced to the disk one by one; the export\n\
reads the connection, gives out the numbers, writes and syncs each bundle, records it, gives it its name and reads it back.\n\
Opening is a process from its start to its end: it checks the bundle, installs its files and switches to them.\n";

/// The table.
pub(crate) fn table(sealing: &Sealing) -> String {
    let gateways = sealing.gateways as f64;
    let seconds = |time: Duration| format!("{:.3} s", time.as_secs_f64());
    let per_second = |time: Duration| thousands((gateways / time.as_secs_f64()) as u64);
    let head = ["bundles", "time", "bundles per second", "ratio"].map(str::to_owned).to_vec();
    let row = |what: &str, time: Duration, ratio: Option<f64>| {
        let ratio = ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2} ×"));
        vec![what.to_owned(), seconds(time), per_second(time), ratio]
    };
    let rows = [
        head,
        row("bare age, in memory", sealing.bare, None),
        row("sealed bundles, in memory", sealing.sealed, Some(sealing.sealed_by_bare)),
        row("bare age, written and synced", sealing.bare_written, None),
        row("gatehouse export --sealed", sealing.exported, Some(sealing.exported_by_bare)),
    ];
    let processes = [
        ["program", "time"].map(str::to_owned).to_vec(),
        vec!["gatehouse --version".to_owned(), milliseconds(sealing.start)],
        vec!["gatehouse bundle open".to_owned(), milliseconds(sealing.opened)],
    ];
    format!(
        "**(e)** Sealing for {} gateways, each with an Ed25519 host key, {} bytes inside each bundle, {} threads; the \
         median of {ROUNDS} runs, turn by turn.\n\n{}\nOpening one; the median of {OPENINGS} runs.\n\n{}",
        thousands(sealing.gateways as u64),
        thousands(sealing.inside as u64),
        sealing.threads,
        aligned(&rows, 1),
        aligned(&processes, 1),
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
