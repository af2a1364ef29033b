//! `gatehouse practice`: a practice tenant that serves until it is told to stop.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use engine::{Fault, FaultCode, settings};
use practice::{Options, Population, Practice as Tenant};

use crate::{
    args::Practice,
    exit::Exit,
    output::{json_v1, text},
};

pub(crate) async fn run(arguments: Practice) -> Result<Exit, Fault> {
    let json = arguments.json;
    let tenant = start(options(&arguments)?).await?;
    let ca = CaFile::write(tenant.ca_pem())?;
    if json {
        text::line(&json_v1::to_line(&json_v1::Practice::of(&tenant, &ca.path)));
    } else {
        text::practice(&tenant, &ca.path);
    }
    told_to_stop().await;
    tenant.stop().await;
    Ok(Exit::Done)
}

fn options(arguments: &Practice) -> Result<Options, Fault> {
    let usual = Options::default();
    let population = Population {
        users: arguments.users.unwrap_or(usual.population.users),
        groups: arguments.groups.unwrap_or(usual.population.groups),
        memberships: arguments.members.or(usual.population.memberships),
        seed: arguments.seed.unwrap_or(usual.population.seed),
    };
    Ok(Options {
        listen: arguments.listen,
        scenario: arguments.scenario,
        population,
        certificate: arguments.certificate.as_deref().map(read_certificate).transpose()?,
        latency: Duration::from_millis(arguments.latency_ms),
        quota: arguments.quota,
        ..usual
    })
}

/// A certificate is a few kilobytes; what is larger is another file.
const LARGEST_CERTIFICATE: u64 = 64 * 1024;

fn read_certificate(path: &Path) -> Result<Vec<u8>, Fault> {
    let cannot = |why: &dyn std::fmt::Display| {
        Fault::field(
            "--certificate",
            format!("{} cannot be read: {why}.", path.display()),
            "Give a PEM file with one certificate.",
        )
    };
    let mut content = Vec::new();
    let file = fs::File::open(path).map_err(|error| cannot(&error))?;
    file.take(LARGEST_CERTIFICATE + 1).read_to_end(&mut content).map_err(|error| cannot(&error))?;
    if content.len() as u64 > LARGEST_CERTIFICATE {
        return Err(cannot(&"it is too large for a certificate"));
    }
    Ok(content)
}

/// Starts a practice tenant; what cannot be used is said with its flag.
pub(crate) async fn start(options: Options) -> Result<Tenant, Fault> {
    practice::start(options).await.map_err(|problem| {
        if let practice::StartProblem::Certificate(_) = &problem {
            return Fault::field(
                "--certificate",
                problem.to_string(),
                "Give a PEM file with one certificate.",
            );
        }
        let field = match &problem {
            practice::StartProblem::NotLoopback(_) | practice::StartProblem::Listen { .. } => "--listen",
            practice::StartProblem::Knob(_) => "--latency-ms",
            _ => "practice",
        };
        let what = problem.to_string();
        Fault::field(field, format!("{}.", what.trim_end_matches('.')), "Choose another value.")
    })
}

/// The throwaway CA's certificate in a file that goes when the tenant stops.
pub(crate) struct CaFile {
    pub(crate) path: PathBuf,
}

impl CaFile {
    pub(crate) fn write(pem: &str) -> Result<Self, Fault> {
        let folder = settings::home_folder(&settings::ProcessEnvironment)?.join("practice");
        let written = fs::create_dir_all(&folder).and_then(|()| {
            let mut file = tempfile::Builder::new().prefix("ca-").suffix(".pem").tempfile_in(&folder)?;
            file.write_all(pem.as_bytes())?;
            file.as_file().sync_all()?;
            file.keep().map(|(_, path)| path).map_err(|error| error.error)
        });
        written.map(|path| Self { path }).map_err(|error| {
            let what = format!("The practice CA cannot be written to {}: {error}.", folder.display());
            Fault::new(FaultCode::StorageFailed, what, "Set GATEHOUSE_HOME to a folder you may write to.")
        })
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        // A file that is gone already is as removed as it should be.
        fs::remove_file(&self.path).ok();
    }
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}
