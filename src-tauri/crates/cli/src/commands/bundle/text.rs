//! What people read of a bundle.

use std::path::Path;

use engine::on_gateway::{
    Installation, Judged, Manifest, RecipientKind, SealedFile, SealedTo, Seen, Standing, TestRun,
};

use crate::output::text::{complain, line, note};

pub(super) fn seen(sealed: &SealedFile, seen: &Seen) {
    row("File", &format!("{}, {} bytes", sealed.path.display(), seen.outside.bytes));
    for to in &seen.outside.sealed_to {
        row("Sealed to", &recipient(to));
    }
    match &seen.inside {
        Some(manifest) => {
            of_manifest(manifest);
            let signer = seen.signed_by.as_deref().unwrap_or("nobody, or the signature is not good");
            row("Signed by", signer);
            for file in &manifest.files {
                row(file_mode(file.mode.bits()).as_str(), &format!("{}, {} bytes", file.name, file.bytes));
            }
            line("This is what the bundle says of itself. `gatehouse bundle verify` checks it.");
        }
        None => line("More can be told with the gateway's private key (--key)."),
    }
}

pub(super) fn verified(judged: &Judged) {
    of_manifest(&judged.manifest);
    line(if judged.already_installed {
        "Everything holds. This bundle is installed already."
    } else {
        "Everything holds. Nothing was written."
    });
}

pub(super) fn opened(opened: &Installation, into: &Path) {
    of_manifest(&opened.bundle.manifest);
    match &opened.test {
        TestRun::NotRun => {}
        TestRun::Passed => row("Self-test", "passed: a token with every role, and a page of the directory"),
        TestRun::Failed { code, what, .. } => row("Self-test", &format!("failed ({code}): {what}")),
    }
    let sequence = opened.bundle.manifest.sequence;
    match opened.standing {
        Standing::Installed => {
            let before = match opened.replaced {
                None => String::new(),
                Some(before) if before == sequence => {
                    " Its files had been altered, and are as they were signed again.".to_owned()
                }
                Some(before) => format!(" Number {before} is kept."),
            };
            // On Windows `current` is no folder: it is a file that names the release.
            let release = opened.folder.as_deref().filter(|_| cfg!(windows));
            let place = release.map_or_else(|| into.join("current"), Path::to_path_buf);
            line(&format!("Number {sequence} is installed in {}.{before}", place.display()));
        }
        Standing::AlreadyThere => {
            line(&format!("Number {sequence} was installed already. Nothing was changed."));
        }
        Standing::HeldBack => complain(&match opened.replaced {
            Some(before) => format!(
                "Number {sequence} did not pass its self-test and was not installed; number {before} stays. --force installs it all the same."
            ),
            None => format!(
                "Number {sequence} did not pass its self-test and was not installed. --force installs it all the same."
            ),
        }),
    }
    opened.notes.iter().for_each(|told| note(told));
}

pub(super) fn rolled_back(judged: &Judged) {
    of_manifest(&judged.manifest);
    line(&format!("Number {} is installed again.", judged.manifest.sequence));
}

fn of_manifest(manifest: &Manifest) {
    let practice = if manifest.practice { " (practice)" } else { "" };
    row("Gateway", &format!("{}{practice}", manifest.gateway));
    row("Key", &manifest.recipient);
    row("Connection", &manifest.connection.name);
    row("Tenant ID", &manifest.connection.tenant_id.to_string());
    row("Client ID", &manifest.connection.client_id.to_string());
    row("Credential", &manifest.credential_id);
    row("Number", &manifest.sequence.to_string());
    row("Made", &manifest.created_at.to_string());
    row("Good until", &manifest.ends_at.to_string());
}

fn recipient(to: &SealedTo) -> String {
    match to {
        SealedTo::Ssh { kind, .. } => {
            let start = to.fingerprint_start().unwrap_or_default();
            format!("{} key {start}", super::json::kind_id(*kind))
        }
        SealedTo::X25519 => {
            format!("{} key, which the file does not tell", super::json::kind_id(RecipientKind::X25519))
        }
    }
}

fn file_mode(bits: u32) -> String {
    format!("{bits:04o}")
}

fn row(label: &str, text: &str) {
    line(&format!("{label:<11} {text}"));
}
