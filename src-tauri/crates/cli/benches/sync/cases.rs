//! What is measured: three directories, and the programs that read each of them, turn by turn.

use std::{path::Path, process::Command};

use crate::{
    Problem,
    bare::{Pattern, Task, UserList},
    measure::{self, Measured},
    tenant::{Shape, Tenant},
};

const QUICK: Shape = Shape { users: 100_000, groups: 5_000, memberships: 200_000, latency_ms: 0, quota: 0 };
const FAR: Shape = Shape { latency_ms: 80, quota: 8_000, ..QUICK };
/// What is left of it for the serial pattern, which would take ten minutes for the whole. It has no quota to heed.
const FAR_TENTH: Shape = Shape { users: 10_000, groups: 500, memberships: 20_000, quota: 0, ..FAR };
const LARGE: Shape =
    Shape { users: 1_000_000, groups: 50_000, memberships: 2_000_000, latency_ms: 0, quota: 0 };

const BATCHES: Pattern = Pattern::Batches { users: UserList::Whole };
const BATCHES_AND_SHARDS: Pattern = Pattern::Batches { users: UserList::Shards };

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    BareBatches,
    BarePaced,
    BareGets16,
    BareGets64,
    Serial,
    First,
    Second,
    DeltaOfNothing,
    DeltaOfOnePercent,
}

impl Program {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::BareBatches => "bare, $batch of 20 × 8",
            Self::BarePaced => "bare, $batch of 20 × 8, within the quota",
            Self::BareGets16 => "bare, one GET per group × 16",
            Self::BareGets64 => "bare, one GET per group × 64",
            Self::Serial => "serial, pages of 100, users twice",
            Self::First => "gatehouse sync, the first",
            Self::Second => "gatehouse sync --full once more",
            Self::DeltaOfNothing => "gatehouse sync --delta, nothing changed",
            Self::DeltaOfOnePercent => "gatehouse sync --delta, 1 % changed",
        }
    }
}

/// One directory and how it was read.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) rounds: usize,
    pub(crate) lines: Vec<Line>,
}

/// One program's run in the middle.
pub(crate) struct Line {
    pub(crate) program: Program,
    pub(crate) run: Measured,
    /// Requests as Graph counts them: an item of a batch is one.
    pub(crate) requests: u64,
    /// Only a tenth was measured; the time stands for the whole.
    pub(crate) scaled: bool,
}

impl Line {
    pub(crate) fn throttled(&self) -> f64 {
        self.run.number("throttled")
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.run.wall.as_secs_f64()
    }
}

impl Case {
    pub(crate) fn line(&self, program: Program) -> Option<&Line> {
        self.lines.iter().find(|line| line.program == program)
    }

    pub(crate) fn objects(&self) -> f64 {
        [self.shape.users, self.shape.groups, self.shape.memberships].iter().copied().map(f64::from).sum()
    }
}

/// Measures everything.
pub(crate) async fn all() -> Result<Vec<Case>, Problem> {
    use Program::{BareBatches, BareGets16, BareGets64, BarePaced, Serial};
    let quick = case("a", QUICK, 7, &[BareBatches, BareGets16, BareGets64, Serial]).await?;
    let mut far = case("b", FAR, 2, &[BareBatches, BarePaced, BareGets16, BareGets64]).await?;
    if let Some(whole) = quick.line(Serial) {
        far.lines.insert(4, serial_from_a_tenth(whole.requests).await?);
    }
    let large = case("c", LARGE, 1, &[BareBatches]).await?;
    Ok(vec![quick, far, large])
}

/// Every program reads once in each round, the bare ones first; the serial one, which takes long, in the first only.
async fn case(
    name: &'static str,
    shape: Shape,
    rounds: usize,
    bare_programs: &[Program],
) -> Result<Case, Problem> {
    let tenant = Tenant::start(shape)?;
    let mut runs: Vec<(Program, Vec<Measured>)> = Vec::new();
    let mut keep = |program: Program, run: Measured| {
        tell(name, program, &run);
        match runs.iter_mut().find(|(known, _)| *known == program) {
            Some((_, runs)) => runs.push(run),
            None => runs.push((program, vec![run])),
        }
    };
    for round in 0..rounds {
        let mut member_pages = 0.0;
        for program in bare_programs.iter().copied() {
            if program == Program::Serial && round > 0 {
                continue;
            }
            tenant.rested().await?;
            let run = bare(&tenant, program).await?;
            if program == Program::BareBatches {
                member_pages = run.number("member_pages");
            }
            keep(program, run);
        }
        let home = tempfile::tempdir()?;
        keep(Program::First, ours(&tenant, home.path(), "--full", member_pages).await?);
        if name != "c" {
            keep(Program::Second, ours(&tenant, home.path(), "--full", member_pages).await?);
        }
        keep(Program::DeltaOfNothing, ours(&tenant, home.path(), "--delta", 0.0).await?);
        tenant.change_one_percent().await?;
        keep(Program::DeltaOfOnePercent, ours(&tenant, home.path(), "--delta", 0.0).await?);
    }
    let lines = runs.into_iter().filter_map(|(program, runs)| {
        let run = measure::median(runs)?;
        Some(Line { program, requests: run.number("graph_requests") as u64, run, scaled: false })
    });
    Ok(Case { name, shape, rounds, lines: lines.collect() })
}

/// `member_pages` are the pages of members that the same directory has. Each costs two resource units, and everything
/// else one: so the units that Graph charged tell how many requests it counted.
async fn ours(tenant: &Tenant, home: &Path, mode: &str, member_pages: f64) -> Result<Measured, Problem> {
    tenant.rested().await?;
    let mut run = measure::run(tenant.sync(home, mode), "").await?;
    if run.answer["complete"] != true {
        return Err(format!("A sync is not complete: {}", run.answer).into());
    }
    let counted = if mode == "--delta" {
        run.number("requests")
    } else {
        run.number("resource_units") - member_pages + run.number("throttled")
    };
    run.answer["graph_requests"] = counted.into();
    Ok(run)
}

async fn bare(tenant: &Tenant, program: Program) -> Result<Measured, Problem> {
    let far = tenant.shape.latency_ms > 0;
    let users = if far { UserList::Shards } else { UserList::Whole };
    let batches = if far { BATCHES_AND_SHARDS } else { BATCHES };
    let (pattern, paced) = match program {
        Program::BarePaced => (batches, Some(tenant.shape.quota)),
        Program::BareGets16 => (Pattern::Gets { parallel: 16, users }, None),
        Program::BareGets64 => (Pattern::Gets { parallel: 64, users }, None),
        Program::Serial => (Pattern::Serial, None),
        _ => (batches, None),
    };
    run_bare(tenant, pattern, paced).await
}

/// The bare program, as a process of its own.
pub(crate) async fn run_bare(
    tenant: &Tenant,
    pattern: Pattern,
    paced: Option<u32>,
) -> Result<Measured, Problem> {
    let task = Task { tenant: tenant.facts.clone(), pattern, paced };
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--bench", crate::BARE]);
    let mut run = measure::run(command, &serde_json::to_string(&task)?).await?;
    run.answer["graph_requests"] = run.answer["requests"].clone();
    Ok(run)
}

/// The serial pattern makes one request after the other, so its time grows with their number.
async fn serial_from_a_tenth(requests_of_the_whole: u64) -> Result<Line, Problem> {
    let tenant = Tenant::start(FAR_TENTH)?;
    let mut run = bare(&tenant, Program::Serial).await?;
    tell("b, a tenth", Program::Serial, &run);
    run.wall = run.wall.mul_f64(requests_of_the_whole as f64 / run.number("requests"));
    run.cpu = None;
    Ok(Line { program: Program::Serial, requests: requests_of_the_whole, run, scaled: true })
}

/// A sign of life for whoever waits.
fn tell(case: &str, program: Program, run: &Measured) {
    crate::say(&format!("({case}) {}: {:.2} s", program.label(), run.wall.as_secs_f64()));
}
