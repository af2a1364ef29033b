//! `gatehouse profiles`: what kinds of gateways there are.

pub(crate) mod args;

use std::path::Path;

use engine::{
    Fault, FaultCode, Gatehouse,
    export::Existing,
    profile::{self, Origin, Profile, ShelfProblem},
};
use serde::Serialize;

use crate::{
    connection,
    exit::Exit,
    output::{json_v1, text},
};
use args::{Profiles, ProfilesAction};

pub(crate) fn run(arguments: &Profiles) -> Result<Exit, Fault> {
    match &arguments.action {
        None => list(&connection::engine()?, arguments.json),
        Some(ProfilesAction::Show { id }) => show(&connection::engine()?, id),
        Some(ProfilesAction::Check { file }) => check(file),
        Some(ProfilesAction::Add { file, force }) => add(&connection::engine()?, file, *force),
        Some(ProfilesAction::Schema) => {
            text::line(profile::json_schema().trim_end());
            Ok(Exit::Done)
        }
    }
}

fn list(engine: &Gatehouse, json: bool) -> Result<Exit, Fault> {
    let shelf = engine.profiles();
    if json {
        let profiles = shelf.profiles.iter().map(|profile| Listed::of(profile)).collect();
        let unusable = shelf.problems.iter().flat_map(Unusable::of).collect();
        text::line(&json_v1::to_line(&Listing { schema: "gatehouse.profiles/1", profiles, unusable }));
    } else {
        for profile in &shelf.profiles {
            let own = if profile.origin == Origin::Shipped { "" } else { " (your own)" };
            text::line(&format!("{}{own}: {}", profile.id, profile.name));
            text::line(&format!("  {}", profile.summary));
            let names: Vec<&str> = profile.permissions.iter().map(|known| known.name.as_str()).collect();
            let intro = if profile.custom { "chosen among" } else { "asks for" };
            text::line(&format!("  {intro} {}", names.join(", ")));
        }
    }
    shelf.problems.iter().for_each(complain);
    Ok(if shelf.problems.is_empty() { Exit::Done } else { Exit::Usage })
}

fn complain(unusable: &ShelfProblem) {
    for problem in &unusable.problems {
        text::complain(&format!("{}: {problem}", unusable.file.display()));
    }
}

fn show(engine: &Gatehouse, id: &str) -> Result<Exit, Fault> {
    let profile = engine.profiles().get(id)?;
    text::line(profile.to_toml()?.trim_end());
    Ok(Exit::Done)
}

fn check(file: &Path) -> Result<Exit, Fault> {
    match profile::check_file(file) {
        Ok(profile) => {
            text::line(&format!("{} is a usable profile: {}, {}.", file.display(), profile.id, profile.name));
            Ok(Exit::Done)
        }
        Err(unusable) => {
            complain(&unusable);
            Ok(Exit::Usage)
        }
    }
}

fn add(engine: &Gatehouse, file: &Path, force: bool) -> Result<Exit, Fault> {
    if let Err(unusable) = profile::check_file(file) {
        complain(&unusable);
        return Ok(Exit::Usage);
    }
    let existing = if force { Existing::Replace } else { Existing::Keep };
    let profile = engine.add_profile(file, existing)?;
    let Origin::File(place) = &profile.origin else {
        return Err(Fault::new(FaultCode::Internal, "The profile has no file.", "Report this."));
    };
    text::line(&format!("{} can be chosen now. It was copied to {}.", profile.id, place.display()));
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Listing<'a> {
    schema: &'static str,
    profiles: Vec<Listed<'a>>,
    unusable: Vec<Unusable<'a>>,
}

/// One thing that is wrong with a file or with the folder of one's own profiles.
#[derive(Serialize)]
struct Unusable<'a> {
    file: String,
    line: Option<usize>,
    field: &'a str,
    what: &'a str,
    fix: &'a str,
}

impl<'a> Unusable<'a> {
    fn of(unusable: &'a ShelfProblem) -> impl Iterator<Item = Self> {
        unusable.problems.iter().map(|problem| Self {
            file: unusable.file.to_string_lossy().into_owned(),
            line: problem.line,
            field: &problem.field,
            what: &problem.what,
            fix: &problem.fix,
        })
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    profile: &'a Profile,
    file: Option<String>,
}

impl<'a> Listed<'a> {
    fn of(profile: &'a Profile) -> Self {
        let file = match &profile.origin {
            Origin::Shipped => None,
            Origin::File(file) => Some(file.to_string_lossy().into_owned()),
        };
        Self { profile, file }
    }
}
