//! `gatehouse onboard`: the ten steps in the terminal.

pub(super) mod ask;
mod steps;

use std::path::PathBuf;

use engine::{
    Cloud, Endpoints, Fault, FaultCode, Gatehouse, NewConnection,
    connection::Connection,
    journey::{STEPS, StepState},
};
use practice::{Facts, Options, Practice};

use super::practice::CaFile;
use crate::{args::Onboard, connection, exit::Exit, output::text};

/// What the steps work with.
struct Journey {
    engine: Gatehouse,
    id: String,
    /// Values of the practice tenant, when it is used.
    practice: Option<Facts>,
    /// Take every proposed answer.
    yes: bool,
    to: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Onboard) -> Result<Exit, Fault> {
    if !arguments.yes && !text::has_keyboard() {
        return Err(Fault::field(
            "onboard",
            "There is no terminal to ask questions on.",
            "Run it in a terminal, or with --practice --yes.",
        ));
    }
    if arguments.yes && !arguments.practice {
        return Err(Fault::field(
            "--yes",
            "Only the practice tenant’s answers can be taken without asking.",
            "Add --practice, or leave --yes out.",
        ));
    }
    let engine = connection::engine()?;
    let tenant = if arguments.practice { Some(PracticeRun::start().await?) } else { None };
    let id = begin(&engine, &arguments, tenant.as_ref())?.id;
    let journey = Journey {
        engine,
        id,
        practice: tenant.as_ref().map(|tenant| tenant.practice.facts().clone()),
        yes: arguments.yes,
        to: arguments.to,
    };
    let ended = steps::walk(&journey).await;
    if let Some(tenant) = tenant {
        tenant.practice.stop().await;
    }
    match ended {
        Err(fault) if fault.code == FaultCode::Cancelled => {
            text::note(
                "Everything entered so far is saved; go on with `gatehouse onboard` and the connection’s name.",
            );
            Ok(Exit::Incomplete)
        }
        ended => ended,
    }
}

/// A practice tenant with its CA on disk, for as long as the command runs.
struct PracticeRun {
    practice: Practice,
    ca: CaFile,
}

impl PracticeRun {
    async fn start() -> Result<Self, Fault> {
        let practice = super::practice::start(Options::default()).await?;
        let ca = CaFile::write(practice.ca_pem())?;
        Ok(Self { practice, ca })
    }
}

fn begin(engine: &Gatehouse, arguments: &Onboard, tenant: Option<&PracticeRun>) -> Result<Connection, Fault> {
    let own = match tenant {
        Some(tenant) => {
            let facts = tenant.practice.facts();
            let endpoints = Endpoints::custom(&facts.authority, &facts.graph)
                .map_err(|problem| Fault::new(FaultCode::Internal, problem.to_string(), "Report this."))?;
            Some((endpoints, tenant.ca.path.to_string_lossy().into_owned()))
        }
        None => None,
    };
    if let Some(name) = &arguments.name
        && let Ok(id) = connection::find(engine, name)
    {
        let known = engine.connection(&id)?;
        if known.practice != own.is_some() {
            return Err(Fault::field(
                "--practice",
                format!(
                    "{id} is a connection to {} tenant.",
                    if known.practice { "a practice" } else { "a real" }
                ),
                "Choose another name, or add or leave out --practice.",
            ));
        }
        return match own {
            Some((endpoints, ca_file)) => engine.move_practice(&id, endpoints, &ca_file),
            None => Ok(known),
        };
    }
    let practice = own.is_some();
    let (endpoints, ca_file) = match own {
        Some((endpoints, ca_file)) => (endpoints, Some(ca_file)),
        None => (Endpoints::of(Cloud::Global), None),
    };
    let usual = if practice { "Practice" } else { "New connection" };
    let name = arguments.name.clone().unwrap_or_else(|| usual.to_owned());
    engine.create(NewConnection { name, endpoints, practice, ca_file })
}

impl Journey {
    /// Prints a step's number, title and state.
    fn say(&self, number: u8) -> Result<StepState, Fault> {
        let report = self.engine.report(&self.id)?;
        let step = &report.steps[usize::from(number) - 1];
        let glyph = match step.state {
            StepState::Done => "✓",
            StepState::Attention => "!",
            StepState::Broken => "×",
            StepState::InProgress => "…",
            StepState::NotStarted => "–",
        };
        let row = &STEPS[usize::from(number) - 1];
        let note = step.note.as_deref().or(step.blocked.as_deref()).unwrap_or_default();
        text::line(&format!("{glyph} {number:>2}. {:<20} {note}", row.title));
        Ok(step.state)
    }
}
