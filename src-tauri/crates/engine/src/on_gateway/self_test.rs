//! Tries an opened bundle for real: a token with its credential, its roles, and one page of the directory.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use bundle::{CredentialReference, GatewayConfig, SelfTest};
use entra::{
    AccessToken, ClientCertificate, Endpoints, Entra, Fault as ServiceFault, FaultKind, HttpOptions,
    TenantRef,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{
    environment_file::{EnvironmentFile, in_release},
    inputs::read_secret,
};
use crate::{
    clock::Clock,
    outputs::{self, SelfTestFile, TestPage},
    profile,
    sign_in_key::SignInKey,
};

const CONFIG: &str = "gateway.json";
const ENVIRONMENT: &str = "gateway.env";
const AUTHORITY: &str = "gateway-ca.pem";
const SELF_TEST: &str = "self-test.json";
/// The most that is read of one file, in bytes; as much as a file in a bundle may hold.
const FILE_AT_MOST: u64 = 1024 * 1024;

/// How to try.
#[derive(Clone, Debug)]
pub struct SelfTestOptions {
    /// How long everything together may take.
    pub deadline: Duration,
    /// What is sent as `User-Agent`.
    pub user_agent: String,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestRun {
    /// None was made.
    NotRun,
    /// A token was fetched, it carries every role that the config names, and a page was read.
    Passed,
    /// It did not come to that.
    Failed {
        /// A short name of the fault, such as `AADSTS7000222`: 1 to 64 letters, digits, dots, hyphens and underscores.
        code: String,
        /// What happened, as a sentence.
        what: String,
        /// Whether it was denied, or could not be tried.
        shortfall: Shortfall,
    },
}

/// Why a try did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// A service denied it, or a file of the bundle is not what it should be.
    Denied,
    /// Nothing was learned about the credential: no way to the service, or it was busy.
    CouldNotTell,
}

impl TestRun {
    /// As a receipt tells it.
    pub fn outcome(&self) -> SelfTest {
        match self {
            Self::NotRun => SelfTest::NotRun,
            Self::Passed => SelfTest::Ok,
            Self::Failed { code, .. } => SelfTest::Failed { code: code.clone() },
        }
    }

    fn local(code: &str, what: impl Into<String>) -> Self {
        Self::Failed { code: code.to_owned(), what: what.into(), shortfall: Shortfall::Denied }
    }

    fn refused(fault: &ServiceFault) -> Self {
        let number = fault.aadsts.map(|number| format!("AADSTS{number}"));
        let code = number.or_else(|| fault.graph_code.clone()).or_else(|| fault.oauth_error.clone());
        let shortfall = match fault.kind {
            FaultKind::Refused
            | FaultKind::Unauthorized
            | FaultKind::Forbidden
            | FaultKind::NotFound
            | FaultKind::GraphRefused => Shortfall::Denied,
            _ => Shortfall::CouldNotTell,
        };
        let code = code.unwrap_or_else(|| kind_name(fault.kind));
        Self::Failed { code: short_code(&code), what: format!("{fault} {}", fault.detail), shortfall }
    }
}

/// Tries the bundle whose files lie in `release`, wherever they will be installed. Sends nothing but to the config's
/// own authority and Graph, and writes nothing.
pub async fn self_test(release: &Path, options: &SelfTestOptions, clock: &dyn Clock) -> TestRun {
    let prepared = match prepare(release, options) {
        Ok(prepared) => prepared,
        Err(run) => return run,
    };
    match prepared.run(options.deadline, clock).await {
        Ok(run) => run,
        Err(fault) => TestRun::refused(&fault),
    }
}

struct Prepared {
    config: GatewayConfig,
    plan: SelfTestFile,
    entra: Entra,
    key: SignInKey,
}

impl Prepared {
    async fn run(&self, deadline: Duration, clock: &dyn Clock) -> Result<TestRun, ServiceFault> {
        let entra = self.entra.until(Instant::now() + deadline);
        let tenant = TenantRef::Id(self.config.tenant_id);
        let client_id = self.config.client_id.to_string();
        let token = self.key.token(&entra, &tenant, &client_id, clock).await?.value;
        let missing = self.missing_roles(&token);
        if !missing.is_empty() {
            let what = format!("The token does not carry {}.", missing.join(", "));
            return Ok(TestRun::local("consent-missing", what));
        }
        let graph = entra.graph(&token);
        if self.plan.page == TestPage::people(&self.config) {
            graph.first_user().await?;
        } else {
            graph.first_group().await?;
        }
        Ok(TestRun::Passed)
    }

    fn missing_roles(&self, token: &AccessToken) -> Vec<&str> {
        let held = token.claims().map(|claims| claims.roles).unwrap_or_default();
        let wanted = self.plan.expected_roles.iter().map(String::as_str);
        wanted.filter(|wanted| !profile::covered(&held, wanted)).collect()
    }
}

fn prepare(release: &Path, options: &SelfTestOptions) -> Result<Prepared, TestRun> {
    let config = fs::read(release.join(CONFIG))
        .map_err(|error| TestRun::local("config-unreadable", format!("{CONFIG} cannot be read: {error}.")))?;
    let config = GatewayConfig::from_json(&config)
        .map_err(|problem| TestRun::local("config-unreadable", format!("{CONFIG}: {problem}")))?;
    let environment = environment_of(release);
    let http = HttpOptions {
        ca_pem: authority_of(&config, release, &environment),
        answer_deadline: options.deadline,
        patience: options.deadline,
        user_agent: options.user_agent.clone(),
        ..HttpOptions::default()
    };
    let endpoints = endpoints_of(&config)?;
    let entra = Entra::new(endpoints, &http).map_err(|fault| TestRun::refused(&fault))?;
    let key = key_of(&config.credential, release, &environment)?;
    let plan = plan_of(&config, release)?;
    Ok(Prepared { config, plan, entra, key })
}

/// What `self-test.json` says, which other programs go by too. Where the credential goes has to follow from the config; a
/// bundle without that file is tried by its config alone.
fn plan_of(config: &GatewayConfig, release: &Path) -> Result<SelfTestFile, TestRun> {
    let follows = outputs::self_test_of(config, release.join(AUTHORITY).exists());
    let unreadable = |because: String| {
        TestRun::local("self-test-unreadable", format!("{SELF_TEST} cannot be read: {because}."))
    };
    let told: SelfTestFile = match fs::read(release.join(SELF_TEST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(follows),
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?,
    };
    let same_way =
        SelfTestFile { expected_roles: told.expected_roles.clone(), page: told.page.clone(), ..follows };
    let known_page = [TestPage::people(config), TestPage::groups(config)].contains(&told.page);
    if told != same_way || !known_page {
        let what = format!("{SELF_TEST} does not go with {CONFIG}, so nothing was sent.");
        return Err(TestRun::local("self-test-differs", what));
    }
    Ok(told)
}

fn environment_of(release: &Path) -> EnvironmentFile {
    text_of(&release.join(ENVIRONMENT)).map(|text| EnvironmentFile::of(&text)).unwrap_or_default()
}

/// Endpoints on loopback have a certificate authority of their own, which `gateway.env` names.
fn authority_of(config: &GatewayConfig, release: &Path, environment: &EnvironmentFile) -> Option<Vec<u8>> {
    if config.cloud.is_some() {
        return None;
    }
    let named = environment.path("SSL_CERT_FILE").unwrap_or(Path::new(AUTHORITY));
    fs::read(in_release(release, named)).ok()
}

fn endpoints_of(config: &GatewayConfig) -> Result<Endpoints, TestRun> {
    let known = config.cloud.and_then(|cloud| cloud.id().parse().ok());
    if let Some(cloud) = known {
        return Ok(Endpoints::of(cloud));
    }
    let origin = |url: &url::Url| url.origin().ascii_serialization();
    Endpoints::custom(&origin(&config.authority), &origin(&config.graph))
        .map_err(|problem| TestRun::local("config-unreadable", format!("{CONFIG}: {problem}.")))
}

fn key_of(
    credential: &CredentialReference,
    release: &Path,
    environment: &EnvironmentFile,
) -> Result<SignInKey, TestRun> {
    let missing = |what: String| TestRun::local("credential-missing", what);
    let reference = credential.reference();
    if let Some(name) = reference.strip_prefix("env:") {
        let secret = environment.secret(name).cloned();
        return secret.map(SignInKey::Secret).ok_or_else(|| {
            missing(format!("{ENVIRONMENT} does not hold {name}, so the credential is kept elsewhere."))
        });
    }
    let path = in_release(release, Path::new(reference.strip_prefix("file:").unwrap_or(reference)));
    match credential {
        CredentialReference::ClientSecret { .. } => {
            let text =
                text_of(&path).ok_or_else(|| missing(format!("{} cannot be read.", path.display())))?;
            let secret = text.expose_secret().trim_end_matches(['\r', '\n']);
            Ok(SignInKey::Secret(SecretString::from(secret.to_owned())))
        }
        CredentialReference::ClientCertificate { .. } => {
            let content = read_secret(&path, FILE_AT_MOST).map_err(|fault| missing(fault.what))?;
            let password = environment.secret("AZURE_CLIENT_CERTIFICATE_PASSWORD");
            ClientCertificate::from_file(content.expose_secret(), password)
                .map(|certificate| SignInKey::Certificate(Arc::new(certificate)))
                .map_err(|problem| missing(format!("{}: {problem}.", path.display())))
        }
    }
}

fn text_of(path: &Path) -> Option<SecretString> {
    let bytes = read_secret(path, FILE_AT_MOST).ok()?;
    std::str::from_utf8(bytes.expose_secret()).ok().map(|text| SecretString::from(text.to_owned()))
}

fn kind_name(kind: FaultKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A service's code as a receipt may carry it.
fn short_code(code: &str) -> String {
    let plain = code.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(64);
    let plain: String = plain.collect();
    if plain.is_empty() { "unknown".to_owned() } else { plain }
}
