//! The practice tenant that runs inside the window's program.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use engine::{
    ClientCertificate, Endpoints, Gatehouse,
    diagnosis::Link,
    profile::{self, Profile},
};
use practice::{Facts, Options, Practice, Scenario};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    rehearsal,
    throwaway_certificate::throwaway_certificate,
    wire::{LinkId, PracticeView, Problem, ProblemCode, ScenarioChoice},
};

/// The state in which everything works for an app whose gateway needs public client flows.
const FLOWS_ON: &str = "public-client-needless";

/// The practice tenant. The app of each profile asks for other permissions, so each profile has a server of its own; ids,
/// secret and directory are the same on all of them, and all play the same state.
pub(crate) struct PracticeTenant {
    engine: Gatehouse,
    certificate: SecretString,
    scenario: Scenario,
    /// The first is that of the default profile.
    servers: Vec<PracticeServer>,
}

/// The server of one profile's app, with the file that holds its throwaway CA.
struct PracticeServer {
    practice: Practice,
    ca_file: PathBuf,
    app: PracticeApp,
}

/// How a profile's app is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PracticeApp {
    requested: Vec<String>,
    /// It needs public client flows, and has them unless the state says otherwise.
    public_client: bool,
}

/// Where a practice connection leads.
pub(crate) struct PracticePlace {
    pub(crate) facts: Facts,
    pub(crate) endpoints: Endpoints,
    pub(crate) ca_file: String,
}

impl PracticeTenant {
    /// Starts it on free loopback ports, with the engine's clock and a certificate of its own.
    pub(crate) async fn start(engine: Gatehouse) -> Result<Self, Problem> {
        let certificate = throwaway_certificate(engine.now())
            .map_err(|error| stopped(format!("The practice certificate could not be made: {error}.")))?;
        let mut tenant = Self { engine, certificate, scenario: Scenario::Healthy, servers: Vec::new() };
        tenant.place(profile::DEFAULT_PROFILE).await?;
        Ok(tenant)
    }

    /// Where connections of this profile lead; its server is started when it does not run yet.
    pub(crate) async fn place(&mut self, profile: &str) -> Result<PracticePlace, Problem> {
        let app = PracticeApp::of(&self.engine, profile);
        if !self.servers.iter().any(|server| server.app == app) {
            let server = PracticeServer::start(self, app.clone()).await?;
            self.servers.push(server);
        }
        let server = self.servers.iter().find(|server| server.app == app);
        let server = server.ok_or_else(|| stopped("The practice tenant does not run.".to_owned()))?;
        let facts = server.practice.facts().clone();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph)
            .map_err(|problem| Problem::internal(&problem.to_string()))?;
        Ok(PracticePlace { facts, endpoints, ca_file: server.ca_file.to_string_lossy().into_owned() })
    }

    /// The throwaway certificate, which stands on every practice app.
    pub(crate) fn certificate(&self) -> Result<ClientCertificate, Problem> {
        ClientCertificate::from_pem(self.certificate.expose_secret().as_bytes(), None)
            .map_err(|problem| Problem::internal(&problem.to_string()))
    }

    pub(crate) fn set_scenario(&mut self, id: &str) -> Result<(), Problem> {
        self.scenario = Scenario::from_str(id)
            .map_err(|error| Problem::field("scenario", format!("{error}."), "Choose one from the list."))?;
        for server in &self.servers {
            let scenario = Some(server.app.state(self.scenario));
            let knobs = practice::Knobs { scenario, ..practice::Knobs::default() };
            server.practice.set(&knobs).map_err(|error| stopped(format!("{error}.")))?;
        }
        Ok(())
    }

    /// What Accept on the consent page does.
    pub(crate) fn consent(&self) {
        for server in &self.servers {
            server.practice.consent();
        }
    }

    /// None before it was started.
    pub(crate) fn view(&self, rehearsal: Option<String>) -> Option<PracticeView> {
        let facts = self.servers.first()?.practice.facts();
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Some(PracticeView {
            scenario: self.scenario.id().to_owned(),
            rehearsal,
            scenarios: Scenario::ALL.iter().map(|scenario| choice(*scenario)).collect(),
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
        })
    }
}

impl PracticeServer {
    async fn start(tenant: &PracticeTenant, app: PracticeApp) -> Result<Self, Problem> {
        let options = Options {
            scenario: app.state(tenant.scenario),
            certificate: Some(tenant.certificate.expose_secret().as_bytes().to_vec()),
            requested: app.requested.clone(),
            clock: Arc::new(EngineClock(tenant.engine.clone())),
            ..Options::default()
        };
        let practice = practice::start(options)
            .await
            .map_err(|error| stopped(format!("The practice tenant did not start: {error}.")))?;
        let folder = tenant.engine.home().join("practice");
        let ca_file = write_ca(&folder, practice.ca_pem()).map_err(|error| {
            stopped(format!("The practice CA cannot be written to {}: {error}.", folder.display()))
        })?;
        Ok(Self { practice, ca_file, app })
    }
}

impl PracticeApp {
    /// That of a profile; one whose permissions are chosen by hand has the default one's.
    fn of(engine: &Gatehouse, profile: &str) -> Self {
        let known = engine.profiles().get(profile).ok().filter(|known| !known.custom);
        let known = known.or_else(|| profile::shipped_profile(profile::DEFAULT_PROFILE));
        let requested = |profile: &Profile| profile.required(&[]).into_iter().map(str::to_owned).collect();
        Self {
            requested: known.as_deref().map_or_else(|| Options::default().requested, requested),
            public_client: known.is_some_and(|profile| profile.public_client.needed),
        }
    }

    /// The state as this app has it.
    fn state(&self, scenario: Scenario) -> Scenario {
        let wanted = match scenario {
            _ if !self.public_client => return scenario,
            Scenario::Healthy => FLOWS_ON.to_owned(),
            other => format!("{other}+{FLOWS_ON}"),
        };
        // A state that is about these flows is played as it is.
        wanted.parse().unwrap_or(scenario)
    }
}

struct EngineClock(Gatehouse);

impl practice::Clock for EngineClock {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
}

fn choice(scenario: Scenario) -> ScenarioChoice {
    let id = scenario.id();
    ScenarioChoice {
        id: id.to_owned(),
        title: scenario.title().to_owned(),
        story: scenario.story().to_owned(),
        rehearsable: rehearsal::is_rehearsable(id),
        remark: rehearsal::remark(id),
        link: Link::ALL.into_iter().find(|link| link.id() == scenario.link()).map(LinkId::from),
    }
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

impl Drop for PracticeServer {
    fn drop(&mut self) {
        // A file that is gone already is as removed as it should be.
        std::fs::remove_file(&self.ca_file).ok();
    }
}
