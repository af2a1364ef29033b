//! What a check sees.

use jiff::Timestamp;

use super::aadsts;
use crate::{
    connection::Connection,
    evidence::{Evidence, TokenRead},
    gateways::Gateway,
    profile::Profile,
};

/// One connection with its evidence, its profile and the time of judgement.
pub struct Case<'a> {
    /// What the admin entered.
    pub connection: &'a Connection,
    /// What was seen.
    pub evidence: &'a Evidence,
    /// What the gateway needs.
    pub profile: &'a Profile,
    /// The connection's gateways.
    pub gateways: &'a [Gateway],
    /// The time of judgement.
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// The case of a connection at this time, without gateways.
    pub fn of(connection: &'a Connection, profile: &'a Profile, now: Timestamp) -> Self {
        Self { connection, evidence: &connection.evidence, profile, gateways: &[], now }
    }

    /// The same with the connection's gateways.
    #[must_use]
    pub fn with_gateways(mut self, gateways: &'a [Gateway]) -> Self {
        self.gateways = gateways;
        self
    }

    /// Names of the application permissions that the gateway must hold.
    pub fn required(&self) -> Vec<&'a str> {
        self.profile.required(&self.connection.custom_permissions)
    }

    /// The newest token, when one was issued.
    pub fn token(&self) -> Option<&'a TokenRead> {
        self.evidence.token.value()
    }

    /// Roles in the newest token.
    pub fn roles(&self) -> Option<&'a [String]> {
        self.token()?.claims.as_ref().map(|claims| claims.roles.as_slice())
    }

    /// Required permissions that neither stand in the newest token nor are covered by one that does.
    pub fn missing_roles(&self) -> Option<Vec<&'a str>> {
        let held = self.roles()?;
        Some(self.required().into_iter().filter(|wanted| !crate::profile::covered(held, wanted)).collect())
    }

    /// The token endpoint's refusal, when its number (or the lack of one) leads to this finding.
    pub fn refusal_leading_to(&self, finding: &str) -> Option<&'a entra::Fault> {
        let fault = &self.evidence.token.refusal()?.fault;
        (aadsts::finding(fault) == Some(finding)).then_some(fault)
    }

    /// The refusal of the sign-in account, when its number leads to this finding.
    pub fn account_refusal_leading_to(&self, finding: &str) -> Option<&'a entra::Fault> {
        let fault = &self.evidence.account.refusal()?.fault;
        (aadsts::finding_of_account(fault) == Some(finding)).then_some(fault)
    }

    /// The tenant's name for people: as entered, else its id.
    pub fn tenant_words(&self) -> String {
        self.connection.tenant.as_ref().map_or_else(|| "the tenant".to_owned(), |tenant| tenant.text.clone())
    }

    /// The client ID, shortened to its first and last group.
    pub fn client_words(&self) -> String {
        self.connection.client_id.as_deref().map_or_else(|| "the app".to_owned(), crate::words::short_id)
    }
}
