//! `gatehouse schedule`: calendars, and the files of the system's own scheduler. Nothing is installed or started.

pub(crate) mod args;

use std::path::{Path, PathBuf};

use engine::{
    Fault, FaultCode,
    export::Existing,
    schedule::{self, SERVICE, TIMER, Unattended},
    settings::{Environment, ProcessEnvironment, names},
};

use self::args::Schedule;
use crate::{connection, exit::Exit, output::text};

pub(crate) fn run(arguments: &Schedule) -> Result<Exit, Fault> {
    write(arguments).map_err(|mut fault| {
        if fault.code == FaultCode::AlreadyThere {
            "Choose another place, or replace it with --force.".clone_into(&mut fault.fix);
        }
        fault
    })
}

fn write(arguments: &Schedule) -> Result<Exit, Fault> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    if let (Some(name), Some(file)) = (&arguments.name, &arguments.ics) {
        let engine = connection::engine()?;
        engine.save_calendar(&connection::find(&engine, name)?, file, existing)?;
        text::line(&format!("Written: {}. Importing it again changes the same event.", file.display()));
    } else if let Some(folder) = &arguments.systemd {
        systemd(folder, existing)?;
    } else if let Some(file) = &arguments.task_scheduler {
        task(file, existing)?;
    } else {
        text::line(&schedule::cron_line(&unattended()?));
    }
    Ok(Exit::Done)
}

fn systemd(folder: &Path, existing: Existing) -> Result<(), Fault> {
    let check = unattended()?;
    schedule::write(
        folder,
        &[(SERVICE, schedule::service_unit(&check)), (TIMER, schedule::timer_unit())],
        existing,
    )?;
    text::line(&format!("Written: {} and {TIMER}.", folder.join(SERVICE).display()));
    text::note(
        "Units of your account, so that the keychain can be reached. Next, with both in ~/.config/systemd/user:",
    );
    text::note(&format!("  systemctl --user daemon-reload && systemctl --user enable --now {TIMER}"));
    text::note("  loginctl enable-linger    # only where it has to run while nobody is signed in");
    Ok(())
}

fn task(file: &Path, existing: Existing) -> Result<(), Fault> {
    let check = unattended()?;
    let xml = schedule::task_xml(&check, connection::engine()?.now());
    schedule::write_bytes(file, &schedule::utf16_with_mark(&xml), existing)?;
    text::line(&format!("Written: {}, XML in UTF-16.", file.display()));
    text::note(&format!("Next: schtasks /Create /TN \"Gatehouse check\" /XML \"{}\"", file.display()));
    if check.home.is_some() {
        text::note(
            "The task uses GATEHOUSE_HOME of the account’s own environment: set it there as well (setx).",
        );
    }
    Ok(())
}

/// This program, with the data folder that it was given.
fn unattended() -> Result<Unattended, Fault> {
    let fault = |what: String| Fault::new(FaultCode::StorageFailed, what, "Install it at a plain path.");
    let program = std::env::current_exe()
        .map_err(|error| fault(format!("The program does not know where it is: {error}.")))?;
    let home = ProcessEnvironment.get(names::GATEHOUSE_HOME).map(PathBuf::from);
    let check = Unattended { program, home };
    if check.is_writable() {
        Ok(check)
    } else {
        Err(fault("A scheduler cannot be given this path.".to_owned()))
    }
}
