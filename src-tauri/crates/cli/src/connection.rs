//! Which connection a command works on: a saved one by name, or one from environment variables and flags.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::Duration,
};

use engine::{
    CertificateField, ClientCertificate, Cloud, Endpoints, Fault, FaultCode, Gatehouse, Keep, NewConnection,
    Registration, SecretEntry, SetAside, Setup,
    clock::SystemClock,
    connection::{Connection, Credential},
    diagnosis::AccountSignIn,
    input,
    settings::{self, Environment, ProcessEnvironment, names},
    vault::Keychain,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::{args::Target, output::text};

/// The engine over the process's own settings.
pub(crate) fn engine() -> Result<Gatehouse, Fault> {
    let home = settings::home_folder(&ProcessEnvironment)?;
    Ok(Gatehouse::new(Setup {
        keychain: Arc::new(Keychain::of(&home)),
        home,
        clock: Arc::new(SystemClock),
        user_agent: concat!("gatehouse/", env!("CARGO_PKG_VERSION")).to_owned(),
    }))
}

/// The connection that a command names, ready to be worked on.
pub(crate) fn chosen(engine: &Gatehouse, target: &Target) -> Result<Connection, Fault> {
    match &target.name {
        Some(name) => named(engine, name, target),
        None => from_variables(engine, target, Missing::Refused),
    }
}

/// As [`chosen`], for what signs in nowhere: a connection from variables may come without a credential.
pub(crate) fn known(engine: &Gatehouse, target: &Target) -> Result<Connection, Fault> {
    match &target.name {
        Some(name) => named(engine, name, target),
        None => from_variables(engine, target, Missing::Accepted),
    }
}

/// What happens when no variable holds a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Refused,
    Accepted,
}

fn named(engine: &Gatehouse, name: &str, target: &Target) -> Result<Connection, Fault> {
    let id = find(engine, name)?;
    if target.authority.is_some() || target.ca_file.is_some() {
        return Err(Fault::field(
            "--authority",
            "A saved connection has its own endpoints.",
            "Leave the flag out, or leave the name out and use the AZURE_* variables.",
        ));
    }
    if target.profile.is_some() || target.secret_file.is_some() || target.secret_stdin {
        engine.detach(&id)?;
    }
    if let Some(profile) = &target.profile {
        let endpoints = engine.connection(&id)?.endpoints;
        engine.save_prepare(&id, endpoints, profile)?;
    }
    if let Some(secret) = secret_of(target)? {
        let ends_on = None;
        engine.save_secret(&id, &SecretEntry { secret, ends_on, keep: Keep::Caller })?;
    }
    engine.connection(&id)
}

/// A saved connection's id, by id or by name.
pub(crate) fn find(engine: &Gatehouse, name: &str) -> Result<String, Fault> {
    let (saved, aside) = engine.connections()?;
    let found =
        saved.iter().find(|known| known.id == name).or_else(|| saved.iter().find(|known| known.name == name));
    found.map(|known| known.id.clone()).ok_or_else(|| {
        let known: Vec<&str> = saved.iter().map(|known| known.id.as_str()).collect();
        let fix = match aside.first() {
            Some(file) => damaged(file),
            None if known.is_empty() => "None is saved yet: begin with `gatehouse onboard`.".to_owned(),
            None => format!("Saved are: {}.", known.join(", ")),
        };
        Fault::new(FaultCode::UnknownConnection, format!("There is no connection named {name}."), fix)
    })
}

/// What became of a file with saved connections that could not be read.
pub(crate) fn damaged(file: &SetAside) -> String {
    format!(
        "The file of the saved connections was damaged ({}) and kept as {}. Bring back a copy of it or enter the \
         connections again, then delete the kept file.",
        file.because,
        file.path.display()
    )
}

fn from_variables(engine: &Gatehouse, target: &Target, missing: Missing) -> Result<Connection, Fault> {
    if [names::AZURE_TENANT_ID, names::AZURE_CLIENT_ID]
        .iter()
        .all(|name| ProcessEnvironment.get(name).is_none())
    {
        return Err(nothing_named(engine));
    }
    let variable = |name: &'static str| {
        ProcessEnvironment.get(name).ok_or_else(|| {
            Fault::field(
                name,
                "It is not set.",
                "Set it, or name a saved connection (`gatehouse connections` lists them).",
            )
        })
    };
    let endpoints = endpoints(target)?;
    let profile = target.profile.as_deref().unwrap_or(engine::profile::DEFAULT_PROFILE);
    if engine.profiles().get(profile)?.custom {
        let fix = "Name a saved connection, or use another profile.";
        return Err(Fault::field(
            "--profile",
            "This profile needs permissions that were chosen and saved.",
            fix,
        ));
    }
    let (tenant, client_id) = (variable(names::AZURE_TENANT_ID)?, variable(names::AZURE_CLIENT_ID)?);
    check_ids(&tenant, &client_id)?;
    let ca_file = target.ca_file.as_deref().map(readable).transpose()?;
    let credential = credential_of(target)?;
    if credential.is_none() && missing == Missing::Refused {
        return Err(Fault::field(
            names::AZURE_CLIENT_SECRET,
            format!("Neither it nor {} is set.", names::AZURE_CLIENT_CERTIFICATE_PATH),
            "Set one of them, or name a saved connection (`gatehouse connections` lists them).",
        ));
    }
    let new = NewConnection {
        name: "environment".to_owned(),
        endpoints: endpoints.clone(),
        practice: false,
        ca_file,
    };
    let key = format!("{} {} {tenant} {client_id}", endpoints.authority(), endpoints.graph());
    let id = engine.adopt(new, &key).id;
    engine.save_prepare(&id, endpoints, profile)?;
    for (name, value) in [(names::AZURE_TENANT_ID, &tenant), (names::AZURE_CLIENT_ID, &client_id)] {
        say_trimmed(name, input::clean(value).trimmed);
    }
    engine.save_registration(&id, &Registration { tenant, client_id, name: String::new() })?;
    let connection = match credential {
        Some(GivenCredential::Secret(secret)) => {
            engine.save_secret(&id, &SecretEntry { secret, ends_on: None, keep: Keep::Caller })?
        }
        Some(GivenCredential::Certificate(certificate)) => engine.use_certificate(&id, &certificate)?,
        None => engine.connection(&id)?,
    };
    let trimmed =
        connection.credential.as_ref().and_then(Credential::secret).is_some_and(|look| look.trimmed);
    say_trimmed("the client secret", trimmed);
    Ok(connection)
}

fn nothing_named(engine: &Gatehouse) -> Fault {
    let what = "No connection is named, and AZURE_TENANT_ID and AZURE_CLIENT_ID are not set.";
    // What cannot be read is said by the command that needs it.
    let (saved, aside) = engine.connections().unwrap_or_default();
    let known: Vec<&str> = saved.iter().map(|known| known.id.as_str()).collect();
    let fix = match aside.first() {
        Some(file) => damaged(file),
        None if known.is_empty() => {
            "Begin with `gatehouse onboard`, or set the AZURE_* variables.".to_owned()
        }
        None => format!("Name one of: {}.", known.join(", ")),
    };
    Fault::new(FaultCode::InvalidInput, what, fix)
}

enum GivenCredential {
    Secret(SecretString),
    Certificate(Box<ClientCertificate>),
}

/// A secret comes before a certificate, as it does in the Azure SDKs.
fn credential_of(target: &Target) -> Result<Option<GivenCredential>, Fault> {
    let environment = ProcessEnvironment;
    let secret = match secret_of(target)? {
        Some(secret) => Some(secret),
        None => environment.get(names::AZURE_CLIENT_SECRET).map(SecretString::from),
    };
    if let Some(secret) = secret {
        return Ok(Some(GivenCredential::Secret(secret)));
    }
    let Some(path) = environment.get(names::AZURE_CLIENT_CERTIFICATE_PATH) else { return Ok(None) };
    let password = environment.get(names::AZURE_CLIENT_CERTIFICATE_PASSWORD).map(SecretString::from);
    let content = fs::read(&path).map(SecretSlice::from).map_err(|error| {
        let what = format!("{path} cannot be read: {error}.");
        Fault::field(names::AZURE_CLIENT_CERTIFICATE_PATH, what, "Give a PEM or PKCS#12 file.")
    })?;
    ClientCertificate::from_file(content.expose_secret(), password.as_ref())
        .map(|certificate| Some(GivenCredential::Certificate(Box::new(certificate))))
        .map_err(|problem| {
            let field = match problem.field() {
                CertificateField::Password => names::AZURE_CLIENT_CERTIFICATE_PASSWORD,
                _ => names::AZURE_CLIENT_CERTIFICATE_PATH,
            };
            Fault::field(field, format!("{problem}."), "Give a file with a certificate and its private key.")
        })
}

/// The sign-in account to try beside the app's own sign-in. A password from the variables belongs to the connection
/// that the variables make, and goes to no saved one.
pub(crate) fn account(device_code: bool, from_variables: bool) -> Option<AccountSignIn> {
    if device_code {
        return Some(AccountSignIn::DeviceCode { wait: DEVICE_CODE_WAIT });
    }
    if !from_variables {
        return None;
    }
    let environment = ProcessEnvironment;
    let (username, password) =
        (environment.get(names::AZURE_USERNAME)?, environment.get(names::AZURE_PASSWORD)?);
    Some(AccountSignIn::Password { username, password: SecretString::from(password) })
}

const DEVICE_CODE_WAIT: Duration = Duration::from_secs(300);

/// Faults of ids named after the variables they came from.
fn check_ids(tenant: &str, client_id: &str) -> Result<(), Fault> {
    let wrong = |field, verdict_what: String, fix: String| Err(Fault::field(field, verdict_what, fix));
    if let input::Verdict::Wrong { what, fix } = input::tenant(tenant, client_id) {
        return wrong(names::AZURE_TENANT_ID, what, fix);
    }
    if let input::Verdict::Wrong { what, fix } = input::client_id(client_id, tenant, None) {
        return wrong(names::AZURE_CLIENT_ID, what, fix);
    }
    Ok(())
}

fn endpoints(target: &Target) -> Result<Endpoints, Fault> {
    const FIX: &str =
        "Give an HTTPS origin on loopback, such as https://localhost:8443, or leave both flags out.";
    if let (Some(authority), Some(graph)) = (&target.authority, &target.graph) {
        return Endpoints::custom(authority, graph)
            .map_err(|problem| Fault::field("--authority, --graph", format!("{problem}."), FIX));
    }
    match ProcessEnvironment.get(names::AZURE_AUTHORITY_HOST) {
        Some(host) => Endpoints::from_authority_host(&host).map_err(|problem| {
            let fix = "Give a cloud’s own sign-in host, such as https://login.microsoftonline.com/.";
            Fault::new(FaultCode::InvalidInput, format!("{problem}."), fix)
        }),
        None => Ok(Endpoints::of(Cloud::Global)),
    }
}

fn readable(path: &Path) -> Result<String, Fault> {
    let whole =
        fs::canonicalize(path).and_then(|whole| fs::read(&whole).map(|_| whole)).map_err(|error| {
            Fault::field(
                "--ca-file",
                format!("{} cannot be read: {error}.", path.display()),
                "Give a PEM file.",
            )
        })?;
    Ok(whole.to_string_lossy().into_owned())
}

/// A secret that came by file or standard input.
pub(crate) fn secret_of(target: &Target) -> Result<Option<SecretString>, Fault> {
    let empty = |field| Fault::field(field, "It holds no secret.", "Put the secret’s value into it.");
    if let Some(path) = &target.secret_file {
        warn_when_open(path);
        let secret = fs::read_to_string(path).map(SecretString::from).map_err(|error| {
            Fault::field(
                "--secret-file",
                format!("{} cannot be read: {error}.", path.display()),
                "Check the path.",
            )
        })?;
        return if blank(&secret) { Err(empty("--secret-file")) } else { Ok(Some(secret)) };
    }
    if target.secret_stdin {
        let mut secret = String::new();
        let read = io::stdin().take(64 * 1024).read_to_string(&mut secret);
        let secret = SecretString::from(secret);
        read.map_err(|error| {
            Fault::field("--secret-stdin", format!("It cannot be read: {error}."), "Pipe the secret in.")
        })?;
        return if blank(&secret) { Err(empty("--secret-stdin")) } else { Ok(Some(secret)) };
    }
    Ok(None)
}

/// Said and no more: the secret is the caller's, and so is the file.
#[cfg(unix)]
fn warn_when_open(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let known = fs::metadata(path);
    if known.is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o077 != 0) {
        let path = path.display();
        text::note(&format!(
            "Warning: others on this computer may read {path}. Take that away with: chmod 600 {path}"
        ));
    }
}

/// On Windows a file has the rights of its folder.
#[cfg(not(unix))]
fn warn_when_open(_: &Path) {}

/// The engine knows no flags: a secret that is gone is given again with one.
pub(crate) fn with_flags(fault: Fault) -> Fault {
    if fault.code == FaultCode::SecretGone {
        let fix = "Give it with --secret-file FILE or --secret-stdin.".to_owned();
        return Fault { fix, ..fault };
    }
    fault
}

fn blank(secret: &SecretString) -> bool {
    secret.expose_secret().trim().is_empty()
}

fn say_trimmed(what: &str, trimmed: bool) {
    if trimmed {
        text::note(&format!("White space, quotes or invisible characters around {what} were taken away."));
    }
}
