//! `gatehouse certificate`: the certificate of a saved connection. The private key is never printed.

pub(crate) mod args;
mod json;

use std::{
    fs,
    path::{Path, PathBuf},
};

use engine::{
    CertificateImport, CertificateOrder, Fault, FaultCode, Gatehouse, KeepKey, KeySize,
    connection::{CertificateLook, Connection, Credential, Kept},
    input::{self, ThumbprintVerdict},
    words,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use self::args::{Action, Certificate, Import, Keep, New, Show};
use super::onboard::ask;
use crate::{connection, exit::Exit, output::text};

pub(crate) fn run(arguments: &Certificate) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let done = connection_of(&engine, arguments).and_then(|id| match &arguments.action {
        Action::New(new) => make(&engine, &id, new),
        Action::Import(from) => import(&engine, &id, from),
        Action::Show(shown) => show(&engine, &id, shown),
    });
    done.map_err(by_flag)
}

/// A field's fault, told by the flag that the field came from.
fn by_flag(fault: Fault) -> Fault {
    let field = fault.field.map(|field| match field {
        "keyFile" => "--key-file",
        "certificate" => "--from",
        "password" => "--password-file",
        other => other,
    });
    Fault { field, ..fault }
}

fn connection_of(engine: &Gatehouse, arguments: &Certificate) -> Result<String, Fault> {
    let (verb, after) = match &arguments.action {
        Action::New(new) => ("new", &new.named),
        Action::Import(from) => ("import", &from.named),
        Action::Show(shown) => ("show", &shown.named),
    };
    let fix = || format!("Name one saved connection: gatehouse certificate NAME {verb}");
    match (&arguments.name, &after.name) {
        (Some(name), None) | (None, Some(name)) => connection::find(engine, name),
        (Some(_), Some(extra)) => Err(Fault::field("NAME", format!("{extra} is one too many."), fix())),
        (None, None) => Err(Fault::field("NAME", "It is missing.", fix())),
    }
}

fn make(engine: &Gatehouse, id: &str, new: &New) -> Result<Exit, Fault> {
    is_free(&new.cer)?;
    let key_size = KeySize::ALL.into_iter().find(|size| size.bits().to_string() == new.bits);
    let order = CertificateOrder {
        days: new.days,
        key_size: key_size.unwrap_or_default(),
        keep: place(engine, &new.keep)?,
    };
    let made = engine.make_certificate(id, &order)?;
    engine.save_public_part(id, &new.cer)?;
    tell(engine, &made);
    next(&new.cer, id);
    Ok(Exit::Done)
}

fn import(engine: &Gatehouse, id: &str, from: &Import) -> Result<Exit, Fault> {
    if let Some(cer) = &from.cer {
        is_free(cer)?;
    }
    let keep = place(engine, &from.keep)?;
    let content = read(&from.from, "--from")?;
    let given = from.password_file.as_deref().map(password).transpose()?;
    let attempt = |password: Option<SecretString>| {
        let content = SecretSlice::from(content.expose_secret().to_vec());
        engine.import_certificate(id, &CertificateImport { content, password, keep: keep.clone() })
    };
    let was_given = given.is_some();
    let imported = match attempt(given) {
        Err(fault) if fault.field == Some("password") && !was_given && text::has_keyboard() => {
            attempt(Some(ask::secret("Password of the file", "it is not shown")?))?
        }
        Err(fault) if fault.field == Some("password") && !was_given => {
            return Err(Fault { fix: "Give its password with --password-file.".to_owned(), ..fault });
        }
        done => done?,
    };
    tell(engine, &imported);
    match &from.cer {
        Some(cer) => {
            engine.save_public_part(id, cer)?;
            next(cer, id);
        }
        None => {
            text::note(&format!(
                "Where it is not on the app yet: gatehouse certificate {id} show --cer FILE"
            ));
        }
    }
    Ok(Exit::Done)
}

fn show(engine: &Gatehouse, id: &str, shown: &Show) -> Result<Exit, Fault> {
    let connection = engine.connection(id)?;
    let Some((credential, look)) = certificate_of(&connection) else {
        return Err(Fault::new(
            FaultCode::NotReady,
            format!("{} has no certificate.", connection.id),
            format!("Make one with `gatehouse certificate {} new --cer FILE`.", connection.id),
        ));
    };
    let compared =
        shown.compare.as_deref().map(|text| input::thumbprint(text, &look.thumbprint, &look.sha256));
    if let Some(cer) = &shown.cer {
        is_free(cer)?;
        engine.save_public_part(&connection.id, cer)?;
    }
    if shown.json {
        let object = json::CertificateV1::of(&connection, credential, look, compared.as_ref());
        text::line(&crate::output::json_v1::to_line(&object));
    } else {
        tell(engine, &connection);
    }
    match compared {
        None => Ok(Exit::Done),
        Some(ThumbprintVerdict::Equal) => {
            text::note("The thumbprints are the same, digit by digit.");
            Ok(Exit::Done)
        }
        Some(different @ ThumbprintVerdict::Different { .. }) => {
            text::complain(&different.says());
            Ok(Exit::Broken)
        }
        Some(other) => {
            let what =
                if other == ThumbprintVerdict::Empty { "It is empty.".to_owned() } else { other.says() };
            Err(Fault::field("--compare", what, "Copy Thumbprint from Certificates & secrets."))
        }
    }
}

fn certificate_of(connection: &Connection) -> Option<(&Credential, &CertificateLook)> {
    let credential = connection.credential.as_ref()?;
    Some((credential, credential.certificate()?))
}

/// Its particulars, line by line.
fn tell(engine: &Gatehouse, connection: &Connection) {
    let Some((credential, look)) = certificate_of(connection) else { return };
    let held = look.held.as_ref();
    let row = |label: &str, value: &str| text::line(&format!("  {label:<11} {value}"));
    text::line(&format!("{} · {}", connection.name, look.subject));
    if let Some(held) = held {
        row("Key", &format!("RSA {}", held.key_bits));
    }
    row("Valid", &format!("{} to {}", words::moment(look.starts), words::moment(look.ends)));
    row("Thumbprint", &look.thumbprint);
    row("SHA-256", &look.sha256);
    if let Some(registered) = credential.is_registered(&connection.evidence) {
        row("On the app", if registered { "listed, as Graph tells" } else { "not listed, as Graph tells" });
    }
    let kept = match credential.kept {
        Kept::Keychain => engine.keychain().name.to_owned(),
        Kept::Session => "memory, until the program that made it is closed".to_owned(),
        Kept::Caller => "not kept; it was given to an earlier program".to_owned(),
        Kept::File => held.and_then(|held| held.key_file.clone()).unwrap_or_default(),
    };
    row("Kept in", &kept);
}

fn next(cer: &Path, id: &str) {
    text::note(&format!(
        "Upload {} in Certificates & secrets, Certificates, Upload certificate; only this file. Then: gatehouse check {id}",
        cer.display()
    ));
}

pub(super) fn place(engine: &Gatehouse, keep: &Keep) -> Result<KeepKey, Fault> {
    if let Some(file) = &keep.key_file {
        return whole(file).map(KeepKey::File);
    }
    if engine.keychain().unusable.is_some() {
        return Err(Fault::new(
            FaultCode::KeychainMissing,
            "No keychain can be used on this computer.",
            "Start one, or keep the private key in a file of its own with --key-file FILE.",
        ));
    }
    Ok(KeepKey::Keychain)
}

fn whole(path: &Path) -> Result<PathBuf, Fault> {
    std::path::absolute(path).map_err(|error| {
        Fault::field("--key-file", format!("{} cannot be used: {error}.", path.display()), "Check the path.")
    })
}

pub(super) fn is_free(cer: &Path) -> Result<(), Fault> {
    if fs::symlink_metadata(cer).is_err() {
        let folder = cer.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Told before anything is made: a certificate whose public part cannot be saved is of no use.
        return tempfile::tempfile_in(folder).map(drop).map_err(|error| {
            let what = format!("{} cannot be written: {error}.", cer.display());
            Fault::field("--cer", what, "Choose a folder that you may write to.")
        });
    }
    let what = format!("{} is there already.", cer.display());
    Err(Fault::field("--cer", what, "Name a file that is not there yet."))
}

pub(super) fn read(path: &Path, flag: &'static str) -> Result<SecretSlice<u8>, Fault> {
    fs::read(path).map(SecretSlice::from).map_err(|error| {
        Fault::field(flag, format!("{} cannot be read: {error}.", path.display()), "Check the path.")
    })
}

/// The first line of a file.
pub(super) fn password(path: &Path) -> Result<SecretString, Fault> {
    let content = read(path, "--password-file")?;
    let text = std::str::from_utf8(content.expose_secret()).map_err(|_| {
        Fault::field("--password-file", "It is not text in UTF-8.", "Put the password alone into it.")
    })?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default()))
}
