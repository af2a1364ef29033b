//! Tokens that end while the directory is read, and consent that is revoked meanwhile.

use std::{pin::Pin, sync::Arc, time::Duration};

use engine::sync::SyncOptions;
use entra::{AccessToken, Entra, FaultKind, TenantRef, TokenSource};
use practice::{Knobs, Options, Population, Practice, Scenario};
use secrecy::SecretString;

use super::{Standing, TokioClock, known};
use crate::{Room, assert_read_to_the_end, connected};

/// Asks the practice tenant for another token each time.
struct Fresh {
    entra: Entra,
    tenant: TenantRef,
    client_id: String,
    secret: SecretString,
}

impl Fresh {
    fn of(practice: &Practice, entra: &Entra) -> Arc<Self> {
        let facts = practice.facts();
        Arc::new(Self {
            entra: entra.clone(),
            tenant: facts.tenant_id.parse().unwrap(),
            client_id: facts.client_id.clone(),
            secret: facts.client_secret.clone().into(),
        })
    }
}

impl TokenSource for Fresh {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, entra::Fault>> + Send + '_>> {
        Box::pin(async {
            Ok(self.entra.token_by_secret(&self.tenant, &self.client_id, &self.secret).await?.value)
        })
    }
}

/// A directory of some hundred requests, each of which takes a while.
async fn slow_tenant() -> Practice {
    let options = Options {
        population: Population { users: 2_500, groups: 200, ..Population::default() },
        page_size: Some(25),
        latency: Duration::from_millis(60),
        clock: Arc::new(TokioClock::new()),
        ..Options::default()
    };
    practice::start(options).await.unwrap()
}

fn forget_tokens() -> Knobs {
    Knobs { forget_tokens: Some(true), ..Knobs::default() }
}

#[tokio::test]
async fn a_token_that_ends_is_replaced_once_and_nothing_is_lost() {
    let practice = slow_tenant().await;
    let (entra, token) = connected(&practice).await;
    let time = Standing::still();
    let (room, mut forgotten) = (Room::new(), false);
    let forget = || {
        if !forgotten && practice.requests() >= 40 {
            forgotten = true;
            practice.set(&forget_tokens()).unwrap();
        }
    };
    let run = room.run_renewing(&entra, &token, Fresh::of(&practice, &entra), SyncOptions::default());
    let record = time.passes(run, forget).await;
    assert_read_to_the_end(&record, &practice);
    assert!(forgotten);
}

#[tokio::test]
async fn tokens_that_end_again_and_again_are_replaced_each_time() {
    let practice = slow_tenant().await;
    let (entra, token) = connected(&practice).await;
    let time = Standing::still();
    let (room, mut times, mut next) = (Room::new(), 0, Duration::from_secs(1));
    let forget = || {
        if time.elapsed() >= next {
            (times, next) = (times + 1, time.elapsed() + Duration::from_secs(4));
            practice.set(&forget_tokens()).unwrap();
        }
    };
    let run = room.run_renewing(&entra, &token, Fresh::of(&practice, &entra), SyncOptions::default());
    let record = time.passes(run, forget).await;
    assert_read_to_the_end(&record, &practice);
    assert!(times >= 3, "{times}");
}

#[tokio::test]
async fn consent_that_is_revoked_stops_the_sync_and_what_was_known_stays() {
    let practice = slow_tenant().await;
    let (entra, token) = connected(&practice).await;
    let time = Standing::still();
    let room = Room::new();
    let record = time.passes(room.run(&entra, &token), || {}).await;
    assert_read_to_the_end(&record, &practice);
    let before = known(&room.path());
    let (began, mut revoked) = (practice.requests(), None);
    let revoke = || {
        if revoked.is_none() && practice.requests() >= began + 40 {
            let scenario = Some(Scenario::ConsentMissing);
            practice.set(&Knobs { scenario, ..forget_tokens() }).unwrap();
            revoked = Some(practice.requests());
        }
    };
    let run = room.run_renewing(&entra, &token, Fresh::of(&practice, &entra), SyncOptions::default());
    let record = time.passes(run, revoke).await;
    assert!(!record.complete && !record.cancelled, "{record:?}");
    assert_eq!(record.fault.as_ref().unwrap().kind, FaultKind::Forbidden, "{record:?}");
    assert!((1..2_500).contains(&record.users.read), "{record:?}");
    assert_eq!(known(&room.path()), before);
    assert_eq!(room.number("SELECT complete FROM run"), 0, "the partial result stands beside it");
    let asked_after = practice.requests() - revoked.unwrap();
    assert!(asked_after < 60, "{asked_after}");
}
