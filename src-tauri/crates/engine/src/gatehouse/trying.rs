//! Watching for a credential to be accepted, without a whole check each time.

use std::time::Duration;

use entra::FaultKind;

use super::Gatehouse;
use crate::{
    diagnosis::{Link, Severity},
    evidence::{Fact, Refused, Source},
    fault::{Fault, FaultCode},
};

/// What came of trying a credential once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialTry {
    /// A token was given.
    Accepted,
    /// The service does not know it, and may soon: a certificate before its upload, a secret right after it was made.
    NotYet,
    /// The service refused it for a reason that waiting does not mend.
    Refused {
        /// The finding's id, such as `certificate-expired`.
        finding: String,
    },
    /// The service could not be reached, or asked to wait.
    Unreached,
}

/// How long one try may take.
const DEADLINE: Duration = Duration::from_secs(10);

impl Gatehouse {
    /// Asks for one token with the connection's credential and forgets it. Nothing is saved: what counts as evidence is
    /// seen by [`Gatehouse::check`].
    ///
    /// # Errors
    /// Tenant, client ID or credential are not known yet, or the credential cannot be had from where it is kept.
    pub async fn try_credential(&self, id: &str) -> Result<CredentialTry, Fault> {
        let mut connection = self.connection(id)?;
        let missing =
            || Fault::new(FaultCode::NotReady, "There is nothing to try yet.", "Finish step 3 first.");
        let tenant = connection.tenant_ref().ok_or_else(missing)?;
        let client_id = connection.client_id.clone().ok_or_else(missing)?;
        let key = self.key(&connection)?.ok_or_else(missing)?;
        let entra = self.entra(&connection, DEADLINE, Duration::ZERO)?;
        let fault = match key.token(&entra, &tenant, &client_id, &*self.inner.clock).await {
            Ok(_) => return Ok(CredentialTry::Accepted),
            Err(fault) if fault.kind != FaultKind::Refused => return Ok(CredentialTry::Unreached),
            Err(fault) => fault,
        };
        let (source, at) = (Source::TokenEndpoint, self.now());
        connection.evidence.token = Fact::Refused(Refused { fault, source, at });
        let chain = self.judge(connection)?.chain;
        // What deserves attention alone, such as a near end, is no reason for a refusal.
        let mut reasons =
            chain.findings.into_iter().filter(|finding| finding.severity != Severity::Attention);
        let found = reasons.find(|finding| finding.link <= Link::Credential);
        Ok(match found {
            Some(finding) if NOT_YET.contains(&finding.id) => CredentialTry::NotYet,
            Some(finding) => CredentialTry::Refused { finding: finding.id.to_owned() },
            None => CredentialTry::Refused { finding: "credential-refused".to_owned() },
        })
    }
}

/// Findings that the admin, or time, is about to mend.
const NOT_YET: [&str; 2] = ["certificate-unknown", "secret-not-yet"];
