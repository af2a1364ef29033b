//! Tokens for a signed-in person: by password, by device code, by refresh token
//! (facts: wire/token-ropc.http, wire/token-device-code.http, wire/token-refresh.http).

use serde_json::{Value, json};

use super::{
    claims::Subject,
    client::{self, Proof},
    keys::{id_token, is_graph, issue, opaque},
    scopes::Scopes,
    token::{Request, Version},
    token_errors::AuthorityError,
};
use crate::{
    Account,
    scenario::SignIn,
    sessions::{Poll, RefreshToken},
    state::Tenant,
};

const GRAPH: &str = "https://graph.microsoft.com";

impl Request<'_> {
    /// Resource owner password credentials: the two practice accounts sign in, nobody else does.
    pub(super) fn by_password(&self) -> Result<Value, AuthorityError> {
        client::find(self.tenant, &self.form)?;
        let username = self.form.require("username")?;
        let password = self.form.require("password")?;
        let scope = self.asked_scope()?.to_owned();
        let proof = client::prove_unless_public(self.tenant, &self.form, self.now)?;
        let facts = &self.tenant.facts;
        let account = [&facts.admin, &facts.account]
            .into_iter()
            .find(|account| account.username.eq_ignore_ascii_case(username.trim()));
        match account {
            Some(account) if account.password == password => {
                refuse(self.tenant, account, SignIn::Password)?;
                self.person_token(account, &scope, proof)
            }
            None if self.tenant.directory().find_user(username).is_none() => {
                Err(AuthorityError::AccountUnknown(facts.tenant_id.clone()))
            }
            _ => Err(AuthorityError::PasswordWrong),
        }
    }

    /// A poll of the device code flow (RFC 8628, section 3.5).
    pub(super) fn by_device_code(&self) -> Result<Value, AuthorityError> {
        client::find(self.tenant, &self.form)?;
        let proof = client::prove_unless_public(self.tenant, &self.form, self.now)?;
        let code = self
            .form
            .get("device_code")
            .or(self.form.get("code"))
            .ok_or(AuthorityError::ParameterMissing("device_code"))?;
        let poll = self.tenant.changing().sessions.poll(code, self.now);
        match poll {
            Poll::Unknown => Err(AuthorityError::DeviceCodeUnknown),
            Poll::Pending => Err(AuthorityError::AuthorizationPending),
            Poll::TooOften => Err(AuthorityError::SlowDown),
            Poll::Ended => Err(AuthorityError::DeviceCodeEnded),
            Poll::Declined => Err(AuthorityError::AuthorizationDeclined),
            Poll::Approved(scope) => self.person_token(&self.tenant.facts.account, &scope, proof),
        }
    }

    /// A token that was issued to a public client is redeemed without a credential, any other one with it.
    pub(super) fn by_refresh_token(&self) -> Result<Value, AuthorityError> {
        client::find(self.tenant, &self.form)?;
        let token = self.form.require("refresh_token")?;
        let known = self.tenant.changing().sessions.refresh_token(token).cloned();
        let known = known.ok_or(AuthorityError::RequestMalformed)?;
        let proof = if known.public {
            if self.form.shows_a_credential() {
                return Err(AuthorityError::PublicClientWithCredential);
            }
            client::prove_unless_public(self.tenant, &self.form, self.now)?
        } else {
            client::prove(self.tenant, &self.form, AuthorityError::CredentialMissingForGrant, self.now)?
        };
        let facts = &self.tenant.facts;
        let account = if facts.admin.username == known.username { &facts.admin } else { &facts.account };
        refuse(self.tenant, account, SignIn::RefreshToken)?;
        let scope = self.form.get("scope").unwrap_or(&known.scope).to_owned();
        self.person_token(account, &scope, proof)
    }

    fn asked_scope(&self) -> Result<&str, AuthorityError> {
        match self.version {
            Version::Two => self.form.require("scope"),
            Version::One => Ok("openid User.Read"),
        }
    }

    fn person_token(&self, account: &Account, scope: &str, proof: Proof) -> Result<Value, AuthorityError> {
        if let Some(refusal) = self.tenant.plays().symmetric_key {
            return Err(AuthorityError::played(refusal, self.tenant));
        }
        refuse(self.tenant, account, SignIn::Anyhow)?;
        let scopes = Scopes::read(self.tenant, scope)?;
        let resource = self.form.get("resource").filter(|resource| is_graph(self.tenant, resource));
        let audience = resource.unwrap_or(GRAPH);
        let granted = scopes.granted();
        let subject = Subject::Person { username: &account.username, scopes: &granted, proof };
        let token = issue(self.tenant, audience, &subject, self.now)?;
        let mut body = self.body(audience, &token);
        body["scope"] = json!(granted);
        if scopes.offline {
            let token = opaque(self.tenant);
            body["refresh_token"] = json!(token);
            self.tenant.changing().sessions.add_refresh_token(RefreshToken {
                token,
                username: account.username.clone(),
                scope: scope.to_owned(),
                public: proof == Proof::Nothing,
            });
        }
        if scopes.openid {
            body["id_token"] = json!(id_token(self.tenant, &account.username, self.now)?);
        }
        Ok(body)
    }
}

/// What a scenario has against the gateway's account.
pub(crate) fn refuse(tenant: &Tenant, account: &Account, how: SignIn) -> Result<(), AuthorityError> {
    match tenant.plays().account {
        Some(played) if played.refused_at.contains(&how) && *account == tenant.facts.account => {
            Err(AuthorityError::played(played.refusal, tenant))
        }
        _ => Ok(()),
    }
}
