//! `gatehouse.bundle-report/1`: one object for every way in which a command about a bundle ends, but for faults of this
//! computer and of the command line.

use engine::on_gateway::{
    Installation, Judged, Manifest, RecipientKind, Refusal, SealedFile, SealedTo, Seen, Standing, TestRun,
};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Report<'a> {
    schema: &'static str,
    command: &'static str,
    outcome: &'static str,
    file: Option<String>,
    bytes: Option<usize>,
    refused: Option<Refused<'a>>,
    sealed_to: Option<Vec<To>>,
    manifest: Option<&'a Manifest>,
    manifest_sha256: Option<&'a str>,
    signed_by: Option<&'a str>,
    folder: Option<String>,
    replaced: Option<u64>,
    self_test: Option<Test<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Refused<'a> {
    code: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct To {
    kind: &'static str,
    fingerprint_start: Option<String>,
}

#[derive(Serialize)]
struct Test<'a> {
    outcome: &'static str,
    code: Option<&'a str>,
    what: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(command: &'static str, sealed: Option<&SealedFile>) -> Self {
        Self {
            schema: "gatehouse.bundle-report/1",
            command,
            outcome: "told",
            file: sealed.map(|sealed| sealed.path.to_string_lossy().into_owned()),
            bytes: sealed.map(|sealed| sealed.bytes.len()),
            refused: None,
            sealed_to: None,
            manifest: None,
            manifest_sha256: None,
            signed_by: None,
            folder: None,
            replaced: None,
            self_test: None,
            notes: &[],
        }
    }

    pub(super) fn seen(self, seen: &'a Seen) -> Self {
        let to = |to: &SealedTo| To {
            kind: match to {
                SealedTo::Ssh { kind, .. } => kind_id(*kind),
                SealedTo::X25519 => kind_id(RecipientKind::X25519),
            },
            fingerprint_start: to.fingerprint_start(),
        };
        Self {
            sealed_to: Some(seen.outside.sealed_to.iter().map(to).collect()),
            manifest: seen.inside.as_ref(),
            signed_by: seen.signed_by.as_deref(),
            ..self
        }
    }

    pub(super) fn judged(self, outcome: &'static str, judged: &'a Judged) -> Self {
        let outcome =
            if outcome == "verified" && judged.already_installed { "already-installed" } else { outcome };
        Self {
            outcome,
            manifest: Some(&judged.manifest),
            manifest_sha256: Some(&judged.manifest_sha256),
            ..self
        }
    }

    pub(super) fn opened(self, opened: &'a Installation) -> Self {
        let outcome = match opened.standing {
            Standing::Installed => "installed",
            Standing::AlreadyThere => "already-installed",
            Standing::HeldBack => "held-back",
        };
        Self {
            folder: opened.folder.as_ref().map(|folder| folder.to_string_lossy().into_owned()),
            replaced: opened.replaced,
            self_test: Some(Test::of(&opened.test)),
            notes: &opened.notes,
            ..self.judged(outcome, &opened.bundle)
        }
    }

    pub(super) fn refused(self, refusal: &'a Refusal) -> Self {
        let refused = Some(Refused { code: refusal.code, text: &refusal.text });
        Self { outcome: "refused", refused, ..self }
    }
}

impl<'a> Test<'a> {
    fn of(test: &'a TestRun) -> Self {
        match test {
            TestRun::NotRun => Self { outcome: "not-run", code: None, what: None },
            TestRun::Passed => Self { outcome: "ok", code: None, what: None },
            TestRun::Failed { code, what, .. } => {
                Self { outcome: "failed", code: Some(code), what: Some(what) }
            }
        }
    }
}

/// The kind of a key as SSH and age name it.
pub(super) fn kind_id(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::SshEd25519 => "ssh-ed25519",
        RecipientKind::SshRsa => "ssh-rsa",
        RecipientKind::X25519 => "x25519",
    }
}
