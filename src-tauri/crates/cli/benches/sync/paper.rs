//! The table, as Markdown that reads well in a terminal too.

use std::fmt::Write;

use crate::{
    cases::{Case, Program},
    measure,
    sealing::{self, Sealing},
    targets::{Limit, Target, cpu_per_object, megabytes},
    tenant::Shape,
    ways::{self, Way},
};

/// Seconds: no request to a server on the same machine takes so long without a reason.
const SUSPICIOUS: f64 = 0.005;

/// What stands in `docs/speed.md`.
pub(crate) fn page(
    cases: &[Case],
    targets: &[Target],
    measured_ways: &[Way],
    measured_sealing: &Sealing,
) -> String {
    format!(
        "# Speed\n\n{INTRODUCTION}\n\n```sh\nmake bench             # measures and prints what stands below\n\
         make bench ARGS=--write   # writes it here\n```\n\n![How long a directory takes, and how much memory]\
         (speed.svg)\n\n{}\n{}\n{}\n{}\n{}\n{}",
        tables(cases, targets),
        NOTES,
        ways(measured_ways),
        WAYS,
        sealing::table(measured_sealing),
        sealing::NOTES,
    )
}

const INTRODUCTION: &str = "\
`gatehouse sync` against the least that quota and network allow, and sealing against the `age` library alone (e), measured\n\
in one run on one machine: seconds move with the machine, ratios hardly. The directories are practice tenants, in\n\
processes of their own. A *bare* program asks for the same pages with the same parallelism, takes the object ids out of\n\
them and keeps nothing; `gatehouse` keeps everything in SQLite, counts it twice and can go on after every page.";

const NOTES: &str = "\
Time, CPU and memory are those of the whole process, from its start to its end, sign-in included. Requests are counted as\n\
Graph counts them: each item of a `$batch` is one. For `gatehouse sync` they follow from the resource units that were\n\
charged: a page of members costs two, and there are as many as the bare program was given; everything else costs one.\n\
CPU per object divides by all users, groups and memberships of the directory.\n\n\
The bare programs list the users as `gatehouse` does: in twelve parts at once where the network is slow. After a 429 they\n\
wait as long as they are told; the one *within the quota* never asks too early. The serial program does what today's\n\
connectors do, over HTTP/1.1. It is measured once in (a); in (b) it reads a tenth of the directory, without a quota, and\n\
the time is scaled by the number of its requests for the whole, which (a) tells.\n\n\
A delta has a fixed part: starting, signing in, two counts, and one answer from each list even when nothing has changed.\n\
Beyond it, a delta costs what has changed and not what exists: each change is looked up and written where it stands. One\n\
object of a first sync costs less than one change, because a first sync writes everything in order.\n";

const WAYS: &str = "\
Every way reads the same memberships and no users. The groups are listed beside them, or come with the delta. The time is\n\
that from the end of the sign-in to the last answer. On the wire, a `$batch` is one request; resource units are those that\n\
the answers tell.\n\n\
A delta takes no `$top`: the length of its pages is the server's choice and decides how it compares. The practice tenant\n\
gives 200 groups or 2 000 members, and with such pages a delta of fifty groups, the most that its filter takes, is quicker\n\
than batches. Of Graph, shorter pages are reported: about 500 members (microsoftgraph/msgraph-sdk-dotnet, issue 574: a\n\
group of 9 993 came in 20 pieces), and from 200 groups down to one (microsoftgraph/microsoft-graph-explorer-v4, issue\n\
1157). With 500 members, one delta takes the time in the table, and one of fifty groups would be four answers in a row\n\
instead of one: no quicker than batches. The tenant shortens its list of groups with its pages, so that is reckoned and\n\
not measured. In resource units, deltas are the cheapest in every row. Nothing here was measured at Graph itself.\n\n\
`gatehouse` reads members in batches when it reads everything, because the length of their pages is its own choice (999),\n\
and by delta when it reads what changed.\n\n\
`$expand=members` is not measured, because it does not read a group to its end: on groups, `$expand` typically gives at\n\
most 20 items, and no next-link ([Microsoft, query parameters](https://learn.microsoft.com/graph/query-parameters#expand-parameter)).\n";

/// Both tables.
pub(crate) fn tables(cases: &[Case], targets: &[Target]) -> String {
    let mut text = format!("Machine: {}.\n\n", machine());
    text += &self::targets(targets);
    if let Some(each) = cases.first().and_then(serial_request).filter(|each| *each > SUSPICIOUS) {
        let _ = write!(
            text,
            "\n**The bare times of (a) are no floor**: one request after the other takes {:.1} ms here although the tenant\n\
             adds no latency, so its server holds answers back. Compare nothing with them.\n",
            each * 1e3
        );
    }
    for case in cases {
        let _ = writeln!(text, "\n**({})** {}; {}.\n", case.name, described(case.shape), times(case.rounds));
        text += &aligned(&lines(case), 1);
    }
    text
}

/// The table of what is to be kept.
pub(crate) fn targets(targets: &[Target]) -> String {
    aligned(&[target_head(), target_lines(targets)].concat(), 3)
}

/// The table of the ways of reading memberships; the first of them is the measure.
pub(crate) fn ways(ways: &[Way]) -> String {
    let Some(own) = ways.first() else { return String::new() };
    let head = ["memberships by", "time", "time / first", "requests", "on the wire", "resource units"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for way in ways {
        let number = |name: &str| thousands(way.run.number(name) as u64);
        let ratio = way.reading().as_secs_f64() / own.reading().as_secs_f64();
        rows.push(vec![
            way.label.to_owned(),
            format!("{:.2} s", way.reading().as_secs_f64()),
            format!("{ratio:.2} ×"),
            number("requests"),
            number("sent"),
            number("units"),
        ]);
    }
    format!(
        "**(d)** Ways of reading memberships; the first is that of `gatehouse sync`. {}; {}.\n\n{}",
        described(ways::SHAPE),
        times(ways::ROUNDS),
        aligned(&rows, 1)
    )
}

fn described(shape: Shape) -> String {
    format!(
        "{} users, {} groups, {} memberships; {}",
        thousands(shape.users.into()),
        thousands(shape.groups.into()),
        thousands(shape.memberships.into()),
        network(shape),
    )
}

fn times(rounds: usize) -> String {
    match rounds {
        1 => "one run".to_owned(),
        rounds => format!("the median of {rounds} runs"),
    }
}

/// Seconds between one request and the next when they are made one after the other.
fn serial_request(case: &Case) -> Option<f64> {
    let line = case.line(Program::Serial)?;
    Some(line.seconds() / line.requests as f64)
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    match measure::machine_memory() {
        Some(bytes) => format!("{cores} cores, {:.0} GB of memory", bytes as f64 / 1e9),
        None => format!("{cores} cores"),
    }
}

fn network(shape: Shape) -> String {
    let latency = match shape.latency_ms {
        0 => "no latency".to_owned(),
        latency => format!("{latency} ms per request"),
    };
    match shape.quota {
        0 => format!("{latency}, no quota"),
        quota => format!("{latency}, {} resource units per 10 s", thousands(quota.into())),
    }
}

fn target_head() -> Vec<Vec<String>> {
    vec![["", "target", "", "limit", "measured"].map(str::to_owned).to_vec()]
}

fn target_lines(targets: &[Target]) -> Vec<Vec<String>> {
    let line = |target: &Target| {
        let limit = match target.limit {
            Limit::AtMost(most) => format!("≤ {most} {}", target.unit),
            Limit::AtLeast(least) => format!("≥ {least} {}", target.unit),
        };
        let measured =
            target.measured.map_or("–".to_owned(), |measured| format!("{measured:.2} {}", target.unit));
        vec![
            format!("({})", target.case),
            target.what.to_owned(),
            target.verdict().to_owned(),
            limit,
            measured,
        ]
    };
    targets.iter().map(line).collect()
}

fn lines(case: &Case) -> Vec<Vec<String>> {
    let head = ["program", "time", "CPU", "CPU per object", "peak memory", "requests", "429"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for line in &case.lines {
        let run = &line.run;
        let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        lines.push(vec![
            line.program.label().to_owned(),
            format!("{}{:.2} s", if line.scaled { "≈ " } else { "" }, line.seconds()),
            known(run.cpu.map(|cpu| format!("{:.2} s", cpu.as_secs_f64()))),
            known(cpu_per_object(case, run).map(|each| format!("{each:.2} µs"))),
            known(run.peak.map(|peak| format!("{:.0} MB", megabytes(peak)))),
            thousands(line.requests),
            thousands(line.throttled() as u64),
        ]);
    }
    lines
}

/// A Markdown table whose columns stand under each other; the first ones to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>], to_the_left: usize) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().max(3);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column < to_the_left {
                write!(text, "| {cell:<width$} ")
            } else {
                write!(text, "| {cell:>width$} ")
            };
        }
        text += "|\n";
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(width + 1);
                text += &if column < to_the_left { format!("|{dashes}-") } else { format!("|{dashes}:") };
            }
            text += "|\n";
        }
    }
    text
}

/// With a space after every three digits.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
