//! How long a proof is believed when bundles are sealed.

use std::sync::Arc;

use engine::{
    CheckRequest, FaultCode, Gatehouse, Setup,
    clock::{Clock, SystemClock},
    diagnosis::Unwatched,
    gateways::{SealRequest, Unproven},
    vault::MemoryVault,
};
use jiff::{SignedDuration, Timestamp};

use super::{Gateways, Quiet, bench::Bench};

/// The computer's clock, so much later.
struct Later(SignedDuration);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }
}

/// The program over the same files, so many hours later, with the secret in its keychain.
fn later(bench: &Bench, hours: i64) -> Gatehouse {
    let clock = Arc::new(Later(SignedDuration::from_hours(hours)));
    let (home, keychain) = (bench.home.path().join("data"), Arc::new(MemoryVault::default()));
    Gatehouse::new(Setup { home, keychain, clock, user_agent: "test".to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_long_ago_seals_nothing_until_it_is_checked_again() {
    let bench = Bench::proven().await;
    bench.add(1);
    let fresh = later(&bench, 23).seal_outlook(&bench.id).unwrap();
    assert_eq!((fresh.unproven, fresh.proof_too_old), (None, false));

    let old = later(&bench, 400 * 24);
    let outlook = old.seal_outlook(&bench.id).unwrap();
    assert!(outlook.proof_too_old);
    let because = outlook.unproven.unwrap();
    assert!(because.starts_with("This was proven 400 days ago, on "), "{because}");
    let refused = old.seal(&bench.id, &bench.request(), &Quiet).unwrap_err();
    assert_eq!(refused.code, FaultCode::NotReady);
    assert_eq!(refused.what, format!("{because} No bundle was sealed."));
    assert!(!bench.folder().exists());

    // Only the proof stands in the way: without it, the next thing that is missing is the secret itself.
    let anyway = SealRequest { unproven: Unproven::SealAnyway, ..bench.request() };
    let missing = old.seal(&bench.id, &anyway, &Quiet).unwrap_err();
    assert_ne!(missing.what, refused.what);

    bench.engine.check(&bench.id, CheckRequest::default(), &Unwatched).await.unwrap();
    assert_eq!(bench.seal(&bench.request()).unwrap().files.len(), 1);
}
