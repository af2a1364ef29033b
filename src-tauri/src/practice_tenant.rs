//! The practice tenant that runs inside the window's program.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use engine::diagnosis::Link;
use practice::{Facts, Options, Practice, Scenario};

use crate::wire::{LinkId, PracticeView, Problem, ProblemCode, ScenarioChoice};

/// How ids begin whose scenario needs a certificate, a proxy or a sign-in account of its own.
const TERMINAL_ONLY: [&str; 11] = [
    "account-",
    "certificate-",
    "federated-account",
    "guest-account",
    "mfa-required",
    "password-",
    "proxy-",
    "resource-without-delegated-permission",
    "session-revoked",
    "credential-forbidden-by-policy",
    "user-consent-disabled",
];

/// A running practice tenant and the file that holds its throwaway CA.
pub(crate) struct PracticeTenant {
    practice: Practice,
    pub(crate) ca_file: PathBuf,
}

impl PracticeTenant {
    /// Starts it on free loopback ports and writes its CA where the engine can read it.
    pub(crate) async fn start(home: &Path) -> Result<Self, Problem> {
        let practice = practice::start(Options::default())
            .await
            .map_err(|error| stopped(format!("The practice tenant did not start: {error}.")))?;
        let folder = home.join("practice");
        let ca_file = write_ca(&folder, practice.ca_pem()).map_err(|error| {
            stopped(format!("The practice CA cannot be written to {}: {error}.", folder.display()))
        })?;
        Ok(Self { practice, ca_file })
    }

    pub(crate) fn facts(&self) -> &Facts {
        self.practice.facts()
    }

    pub(crate) fn set_scenario(&self, id: &str) -> Result<(), Problem> {
        let scenario = Scenario::from_str(id)
            .map_err(|error| Problem::field("scenario", format!("{error}."), "Choose one from the list."))?;
        let knobs = practice::Knobs { scenario: Some(scenario), ..practice::Knobs::default() };
        self.practice.set(&knobs).map_err(|error| stopped(format!("{error}.")))
    }

    /// What Accept or Cancel on the consent page does.
    pub(crate) fn consent(&self) {
        self.practice.consent();
    }

    pub(crate) fn view(&self, rehearsal: Option<String>) -> PracticeView {
        let facts = self.facts();
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        PracticeView {
            scenario: self.practice.scenario().id().to_owned(),
            rehearsal,
            scenarios: Scenario::ALL
                .iter()
                .map(|scenario| ScenarioChoice {
                    id: scenario.id().to_owned(),
                    title: scenario.title().to_owned(),
                    story: scenario.story().to_owned(),
                    terminal_only: TERMINAL_ONLY.iter().any(|id| scenario.id().starts_with(id)),
                    link: link(scenario.link()),
                })
                .collect(),
            tenant_id: facts.tenant_id.clone(),
            domain: facts.domain.clone(),
            client_id: facts.client_id.clone(),
            app_object_id: facts.app_object_id.clone(),
            app_name: facts.app_name.clone(),
            client_secret: facts.client_secret.clone(),
            secret_id: facts.secret_id.clone(),
            users: small(facts.users),
            groups: small(facts.groups),
            memberships: small(facts.memberships),
            admin: facts.admin.username.clone(),
            account: facts.account.username.clone(),
            account_password: facts.account.password.clone(),
        }
    }
}

/// The link that a scenario breaks; none for the healthy one.
fn link(id: &str) -> Option<LinkId> {
    Link::ALL.into_iter().find(|link| link.id() == id).map(LinkId::from)
}

fn stopped(what: String) -> Problem {
    Problem {
        code: ProblemCode::PracticeStopped,
        field: None,
        what,
        fix: "Close Gatehouse and start it again.".to_owned(),
    }
}

/// A file of its own for each run, so that two windows do not replace each other's.
fn write_ca(folder: &Path, pem: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix("ca-").suffix(".pem").tempfile_in(folder)?;
    file.write_all(pem.as_bytes())?;
    file.as_file().sync_all()?;
    file.keep().map(|(_, path)| path).map_err(|error| error.error)
}

impl Drop for PracticeTenant {
    fn drop(&mut self) {
        // A file that is gone already is as removed as it should be.
        std::fs::remove_file(&self.ca_file).ok();
    }
}
