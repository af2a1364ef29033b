//! `gatehouse.certificate/1`.

use engine::{
    connection::{CertificateLook, Connection, Credential, Kept},
    input::ThumbprintVerdict,
};
use serde::Serialize;

/// What is known of a connection's certificate; never its key.
#[derive(Serialize)]
pub(super) struct CertificateV1<'a> {
    schema: &'static str,
    connection: &'a str,
    subject: &'a str,
    thumbprint: &'a str,
    sha256: &'a str,
    starts: String,
    ends: String,
    key_bits: Option<u32>,
    kept: &'static str,
    key_file: Option<&'a str>,
    /// `equal` or `different`; null when nothing was compared.
    compared: Option<&'static str>,
}

impl<'a> CertificateV1<'a> {
    pub(super) fn of(
        connection: &'a Connection,
        credential: &Credential,
        look: &'a CertificateLook,
        compared: Option<&ThumbprintVerdict>,
    ) -> Self {
        let held = look.held.as_ref();
        Self {
            schema: "gatehouse.certificate/1",
            connection: &connection.id,
            subject: &look.subject,
            thumbprint: &look.thumbprint,
            sha256: &look.sha256,
            starts: look.starts.to_string(),
            ends: look.ends.to_string(),
            key_bits: held.map(|held| held.key_bits),
            kept: match credential.kept {
                Kept::Keychain => "keychain",
                Kept::Session => "session",
                Kept::Caller => "caller",
                Kept::File => "file",
            },
            key_file: held.and_then(|held| held.key_file.as_deref()),
            compared: match compared {
                Some(ThumbprintVerdict::Equal) => Some("equal"),
                Some(ThumbprintVerdict::Different { .. }) => Some("different"),
                Some(ThumbprintVerdict::Empty | ThumbprintVerdict::Unreadable { .. }) | None => None,
            },
        }
    }
}
