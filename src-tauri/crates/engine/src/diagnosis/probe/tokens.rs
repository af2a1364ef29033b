//! Round trip 2: a token, and fresh ones while roles are missing.

use std::time::Duration;

use entra::{AccessToken, Answered};

use super::{ConsentTry, Probing, refused, seen};
use crate::{
    connection::{Connection, Credential, SecretShape},
    diagnosis::Link,
    evidence::{ConsentWatch, Fact, Source, TokenRead},
    profile,
    sign_in_key::SignInKey,
};

/// Seconds between fresh tokens while roles are missing; the last one repeats, and the very last try is made when the
/// wait is over.
const CONSENT_DELAYS: [u64; 7] = [2, 3, 5, 8, 13, 20, 30];

pub(super) async fn fetch(
    probing: Probing<'_>,
    connection: &mut Connection,
    key: &SignInKey,
) -> Option<AccessToken> {
    let Probing { options, clock, watcher, .. } = probing;
    let secret = connection.credential.as_ref().and_then(Credential::secret);
    let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), connection.client_id.clone()) else {
        return None;
    };
    if secret.is_some_and(|secret| secret.shape == SecretShape::Guid) {
        connection.evidence.token = Fact::NotTried;
        return None;
    }
    let began = clock.now();
    let mut waited = Duration::ZERO;
    let mut number = 0;
    loop {
        number += 1;
        let answer = key.token(&probing.entra(), &tenant, &client_id, clock).await;
        let now = clock.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                connection.evidence.token = refused(fault, Source::TokenEndpoint, now);
                return None;
            }
        };
        let (read, took) = (token_read(&answer), answer.took);
        let held = read.claims.as_ref().map(|claims| claims.roles.clone());
        connection.evidence.token = seen(read, Source::Token, now, took);
        let Some(held) = held.filter(|_| options.through >= Link::Consent) else {
            connection.evidence.consent_watch = None;
            return Some(answer.value);
        };
        let (missing, arrived): (Vec<String>, Vec<String>) =
            options.required.iter().cloned().partition(|wanted| !profile::covered(&held, wanted));
        if missing.is_empty() {
            connection.evidence.consent_watch = None;
            if number > 1 {
                watcher.consent_try(&ConsentTry { number, at: now, arrived, missing, next_in: None });
            }
            return Some(answer.value);
        }
        let index = (number as usize - 1).min(CONSENT_DELAYS.len() - 1);
        let left = options.consent_wait.saturating_sub(waited);
        let pause = Duration::from_secs(CONSENT_DELAYS[index]).min(left);
        let next_in = (!pause.is_zero()).then_some(pause);
        connection.evidence.consent_watch = Some(ConsentWatch {
            since: began,
            tries: number,
            given_up: next_in.is_none(),
            waited_seconds: u32::try_from(waited.as_secs()).unwrap_or(u32::MAX),
        });
        watcher.looking_at(Link::Consent);
        watcher.consent_try(&ConsentTry { number, at: now, arrived, missing, next_in });
        let Some(pause) = next_in else { return Some(answer.value) };
        tokio::time::sleep(pause).await;
        waited += pause;
        probing.deadline.put_off(pause);
    }
}

fn token_read(answer: &Answered<AccessToken>) -> TokenRead {
    let claims = answer.value.claims();
    TokenRead {
        unreadable: claims.as_ref().err().map(ToString::to_string),
        claims: claims.ok(),
        expires_in: answer.value.expires_in().as_secs(),
        request_id: answer.request_id.clone(),
    }
}
