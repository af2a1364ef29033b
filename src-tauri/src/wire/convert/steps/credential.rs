use engine::{
    Report,
    connection::{CertificateLook, Kept},
    vault::VaultState,
};

use crate::wire::{CertificateView, CredentialView, SecretKept, convert::home::days_left};

impl CredentialView {
    pub(crate) fn of(report: &Report, keychain: &VaultState) -> Self {
        let credential = report.connection.credential.as_ref();
        let ends_on = credential.and_then(|credential| credential.ends_on);
        Self {
            noun: credential.map(|credential| credential.noun().to_owned()),
            kept: match credential.map(|credential| credential.kept) {
                None => SecretKept::Nowhere,
                Some(Kept::Keychain) => SecretKept::Keychain,
                Some(Kept::Session | Kept::Caller) => SecretKept::Session,
                Some(Kept::File) => SecretKept::File,
            },
            entered_at: credential.map(|credential| credential.entered_at.to_string()),
            ends_on: ends_on.map(|day| day.to_string()),
            days_left: ends_on.map(|day| days_left(report, day)),
            certificate: credential.and_then(|credential| {
                let registered = credential.is_registered(&report.connection.evidence);
                Some(CertificateView::of(credential.certificate()?, registered))
            }),
            keychain: keychain.into(),
        }
    }
}

impl CertificateView {
    fn of(look: &CertificateLook, registered: Option<bool>) -> Self {
        let days = look.ends.duration_since(look.starts).as_hours() / 24;
        Self {
            name: look.subject.trim_start_matches("CN=").to_owned(),
            thumbprint: look.thumbprint.clone(),
            starts: look.starts.to_string(),
            ends: look.ends.to_string(),
            days: i32::try_from(days).unwrap_or(i32::MAX),
            key_bits: look.held.as_ref().map(|held| held.key_bits),
            key_file: look.held.as_ref().and_then(|held| held.key_file.clone()),
            registered,
            has_public_part: look.held.is_some(),
        }
    }
}
