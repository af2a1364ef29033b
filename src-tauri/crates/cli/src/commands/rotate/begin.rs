//! The new credential: where it comes from, and where it is kept.

use std::path::Path;

use engine::{
    CertificateImport, CertificateOrder, Fault, FaultCode, Gatehouse, Keep, KeySize, NewCredential,
    SecretEntry,
    input::{self, Verdict},
    outputs::Output,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::args::Begin;
use crate::{
    args::Target,
    commands::{certificate, onboard::ask},
    connection,
    exit::Exit,
    output::text,
};

pub(super) fn run(engine: &Gatehouse, id: &str, begin: &Begin) -> Result<Exit, Fault> {
    if let Some(cer) = &begin.cer {
        certificate::is_free(cer)?;
    }
    if begin.certificate {
        let key_size = KeySize::ALL.into_iter().find(|size| size.bits().to_string() == begin.bits);
        let keep = certificate::place(engine, &begin.keep)?;
        let order = CertificateOrder { days: begin.days, key_size: key_size.unwrap_or_default(), keep };
        engine.begin_rotation(id, &NewCredential::Made(order))?;
    } else if let Some(from) = &begin.from {
        import(engine, id, begin, from)?;
    } else {
        let entered = engine.begin_rotation(id, &NewCredential::Secret(secret(engine, begin)?));
        entered.map_err(|fault| match fault.field {
            Some("endsOn") => Fault { field: Some("--ends-on"), ..fault },
            _ => fault,
        })?;
    }
    if begin.certificate || begin.from.is_some() {
        tell_who_takes_no_certificate(engine, id)?;
    }
    if let Some(cer) = &begin.cer {
        engine.save_new_public_part(id, cer)?;
        text::note(&format!("Upload {} in Certificates & secrets, beside the old one.", cer.display()));
    }
    Ok(Exit::Done)
}

/// Sealing would refuse it too, when the new credential is proven and the old one is about to go.
fn tell_who_takes_no_certificate(engine: &Gatehouse, id: &str) -> Result<(), Fault> {
    let of_profile = engine.report(id)?.profile.outputs.clone();
    for gateway in engine.gateways(id)?.gateways {
        let outputs = if gateway.outputs.is_empty() { &of_profile } else { &gateway.outputs };
        if outputs.contains(&Output::OAuth2Proxy) {
            text::note(&format!(
                "{} gets a configuration of oauth2-proxy, which cannot sign in with a certificate. Nothing can be sealed \
                 for it with the new one: rotate to a client secret, or take oauth2-proxy off its outputs.",
                gateway.name
            ));
        }
    }
    Ok(())
}

fn import(engine: &Gatehouse, id: &str, begin: &Begin, from: &Path) -> Result<(), Fault> {
    let keep = certificate::place(engine, &begin.keep)?;
    let content = certificate::read(from, "--from")?;
    let given = begin.password_file.as_deref().map(certificate::password).transpose()?;
    let was_given = given.is_some();
    let attempt = |password: Option<SecretString>| {
        let content = SecretSlice::from(content.expose_secret().to_vec());
        let import = CertificateImport { content, password, keep: keep.clone() };
        engine.begin_rotation(id, &NewCredential::Imported(import)).map(drop)
    };
    match attempt(given) {
        Err(fault) if fault.field == Some("password") && !was_given && text::has_keyboard() => {
            attempt(Some(ask::secret("Password of the file", "it is not shown")?))
        }
        Err(fault) if fault.field == Some("password") && !was_given => {
            Err(Fault { fix: "Give its password with --password-file.".to_owned(), ..fault })
        }
        done => done,
    }
}

fn secret(engine: &Gatehouse, begin: &Begin) -> Result<SecretEntry, Fault> {
    let ends_on = match input::day(begin.ends_on.as_deref().unwrap_or_default(), engine.now()) {
        Verdict::Fine { value, .. } => Some(value),
        Verdict::Empty => None,
        Verdict::Wrong { what, fix } => return Err(Fault::field("--ends-on", what, fix)),
    };
    if engine.keychain().unusable.is_some() {
        return Err(Fault::new(
            FaultCode::KeychainMissing,
            "No keychain can be used on this computer, and the new secret has to be kept beside the old one.",
            "Start one, or rotate to a certificate: --certificate --key-file FILE --cer FILE.",
        ));
    }
    let given = connection::secret_of(&Target {
        name: None,
        profile: None,
        authority: None,
        graph: None,
        ca_file: None,
        secret_file: begin.secret_file.clone(),
        secret_stdin: begin.secret_stdin,
    })?;
    let secret = match given {
        Some(secret) => secret,
        None if text::has_keyboard() => ask::secret("New client secret, its value", "it is not shown")?,
        None => {
            return Err(Fault::field(
                "--secret-file",
                "There is no keyboard to ask for the new secret.",
                "Give it with --secret-file FILE or --secret-stdin.",
            ));
        }
    };
    Ok(SecretEntry { secret, ends_on, keep: Keep::Keychain })
}
