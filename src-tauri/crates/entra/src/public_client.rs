//! Is *Allow public client flows* on? Told by how the token endpoint refuses.
//!
//! A device-code request without a credential is refused with AADSTS7000218 when the app may only act as a
//! confidential client. When public client flows are on, the client passes and the invented code is what is refused.
//! Nobody's account is touched. The order of these checks is not documented, so whatever else comes is *unclear*.
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>.

use serde::{Deserialize, Serialize};

use crate::Answered;
use crate::exchange::Exchange;
use crate::fault::{Fault, FaultKind};
use crate::redaction::Redaction;
use crate::refusal::oauth_refusal;
use crate::tenant::TenantRef;
use crate::token::TOKEN_PATH;

const INVENTED_CODE: &str = "BAQABAAEAAAAGatehouseAsksWhetherPublicClientFlowsAreOn";

/// What the probe found.
#[expect(clippy::large_enum_variant, reason = "one value per check; boxing would only burden its readers")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicClientProbe {
    /// Public client flows are on.
    On,
    /// Public client flows are off.
    Off,
    /// The refusal proves neither.
    Unclear(Fault),
}

pub(crate) async fn probe(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
) -> Result<Answered<PublicClientProbe>, Fault> {
    let place = exchange.authority_place(TOKEN_PATH);
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "token"]);
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client_id),
        ("device_code", INVENTED_CODE),
    ];
    let reply = exchange.post_form(&place, url, &fields).await?;
    let refusal = if reply.status == 200 {
        reply.fault(&place, FaultKind::AnswerUnreadable, "An invented device code was accepted.")
    } else {
        oauth_refusal(&place, &reply, &Redaction::default())
    };
    if matches!(refusal.kind, FaultKind::Refused) {
        return Ok(reply.answered(judge(refusal)));
    }
    Err(refusal)
}

fn judge(refusal: Fault) -> PublicClientProbe {
    match (refusal.aadsts, refusal.oauth_error.as_deref()) {
        (Some(7_000_218), _) => PublicClientProbe::Off,
        (Some(70_000 | 70_002 | 70_008 | 70_016 | 70_018 | 70_019 | 70_020 | 90_120), _) => {
            PublicClientProbe::On
        }
        (
            None,
            Some(
                "authorization_pending"
                | "authorization_declined"
                | "bad_verification_code"
                | "code_expired"
                | "expired_token"
                | "invalid_grant"
                | "slow_down",
            ),
        ) => PublicClientProbe::On,
        (
            Some(number),
            Some("authorization_pending" | "bad_verification_code" | "expired_token" | "invalid_grant"),
        ) if !(50_000..60_000).contains(&number) => PublicClientProbe::On,
        _ => PublicClientProbe::Unclear(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Operation;

    fn judged(aadsts: Option<u32>, error: &str) -> &'static str {
        let mut refusal = Fault::new(FaultKind::Refused, Operation::Token, "login.example".into(), "");
        refusal.aadsts = aadsts;
        refusal.oauth_error = Some(error.into());
        match judge(refusal) {
            PublicClientProbe::On => "on",
            PublicClientProbe::Off => "off",
            PublicClientProbe::Unclear(_) => "unclear",
        }
    }

    #[test]
    fn refusals_of_the_code_mean_on_and_of_the_client_mean_off() {
        assert_eq!(judged(Some(7_000_218), "invalid_client"), "off");
        assert_eq!(judged(Some(70_000), "invalid_grant"), "on");
        assert_eq!(judged(Some(70_016), "authorization_pending"), "on");
        assert_eq!(judged(Some(70_018), "bad_verification_code"), "on");
        assert_eq!(judged(Some(70_019), "expired_token"), "on");
        assert_eq!(judged(None, "bad_verification_code"), "on");
    }

    #[test]
    fn other_refusals_prove_nothing() {
        assert_eq!(judged(Some(700_016), "unauthorized_client"), "unclear");
        assert_eq!(judged(Some(90_002), "invalid_request"), "unclear");
        assert_eq!(judged(Some(53_003), "invalid_grant"), "unclear");
        assert_eq!(judged(None, "invalid_client"), "unclear");
    }
}
