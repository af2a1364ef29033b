//! What is sealed, what is not, and what is left when somebody stops it.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use engine::{
    CertificateOrder, FaultCode, Gatehouse, Keep, KeepKey, KeySize,
    export::Existing,
    gateways::{SealFor, SealRequest, SealWatcher, Unproven},
};

use super::{Gateways, bench::Bench, names_in, open};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_proven_is_not_sealed_unless_the_admin_says_so() {
    let bench = Bench::entered().await;
    bench.add(1);
    let refused = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(refused.code, FaultCode::NotReady);
    assert!(refused.what.starts_with("The link Network has not been proven"), "{}", refused.what);
    assert!(!bench.folder().exists());
    assert_eq!(bench.engine.gateway(&bench.id, "plant-0").unwrap().1.sequence, 0);
    let anyway = SealRequest { unproven: Unproven::SealAnyway, ..bench.request() };
    // The tenant's id is known only after a check, because a domain was entered.
    assert_eq!(bench.seal(&anyway).unwrap_err().what, "The tenant ID is not known yet.");
    bench.check().await;
    bench.enter_secret(Keep::Keychain);
    assert!(bench.seal(&bench.request()).is_err());
    assert_eq!(bench.seal(&anyway).unwrap().files.len(), 1);

    let order = CertificateOrder { days: 20, key_size: KeySize::default(), keep: KeepKey::Session };
    bench.engine.make_certificate(&bench.id, &order).unwrap();
    bench.check().await;
    let refused = bench.seal(&bench.request()).unwrap_err().what;
    assert!(
        refused.starts_with("The link Credential is broken: The app registration does not have"),
        "the near end of the certificate is not why: {refused}"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn two_programs_do_not_seal_into_one_folder_at_once() {
    let bench = Bench::proven().await;
    bench.add(1);
    fs::create_dir_all(bench.folder()).unwrap();
    let other = fs::File::open(bench.folder()).unwrap();
    other.try_lock().unwrap();
    let busy = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(busy.code, FaultCode::Busy, "{busy}");
    drop(other);
    assert_eq!(bench.seal(&bench.request()).unwrap().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_without_a_key_are_left_out_with_the_reason() {
    let bench = Bench::proven().await;
    let none = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(none.what, "This connection has no gateways yet.");
    let outdated = SealRequest { gateways: SealFor::HoldingOtherThanCurrent, ..bench.request() };
    assert_eq!(bench.seal(&outdated).unwrap_err(), none);
    let entry = engine::gateways::GatewayEntry { name: "no-key".to_owned(), ..Default::default() };
    bench.engine.save_gateway(&bench.id, &entry).unwrap();
    let keyless = bench.seal(&bench.request()).unwrap_err();
    assert!(
        keyless.what.starts_with("Nothing can be sealed for no-key: It has no key yet."),
        "{}",
        keyless.what
    );
    assert!(!bench.folder().exists());
    bench.add(1);
    let sealed = bench.seal(&bench.request()).unwrap();
    assert_eq!(sealed.files.len(), 1);
    assert_eq!(sealed.left_out[0].gateway.as_str(), "no-key");
    assert_eq!(sealed.left_out[0].because, "It has no key yet. Give it its SSH host key.");

    let again = bench.seal(&bench.request()).unwrap_err();
    assert_eq!((again.code, again.field), (FaultCode::AlreadyThere, Some("folder")));
    let unknown = SealRequest { gateways: SealFor::Named(vec!["plant-9".to_owned()]), ..bench.request() };
    assert_eq!(bench.seal(&unknown).unwrap_err().code, FaultCode::InvalidInput);
    let ended = SealRequest { ends_at: Some("2020-01-01T00:00:00Z".parse().unwrap()), ..bench.request() };
    assert_eq!(bench.seal(&ended).unwrap_err().field, Some("endsAt"));
}

struct StopsAfter<'a> {
    bundles: usize,
    engine: &'a Gatehouse,
    id: &'a str,
    seen: AtomicUsize,
}

impl SealWatcher for StopsAfter<'_> {
    fn sealed(&self, done: usize, of: usize) {
        assert!(done <= of);
        self.seen.fetch_max(done, Ordering::Relaxed);
        if done >= self.bundles {
            self.engine.cancel(self.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_leaves_whole_recorded_bundles_and_nothing_else() {
    let bench = Bench::proven().await;
    bench.add(120);
    fs::create_dir(bench.folder()).unwrap();
    fs::File::create(bench.folder().join(".gatehouse-seal-left-behind")).unwrap();
    let watcher = StopsAfter { bundles: 10, engine: &bench.engine, id: &bench.id, seen: AtomicUsize::new(0) };
    let sealed = bench.engine.seal(&bench.id, &bench.request(), &watcher).unwrap();
    assert!(sealed.cancelled);
    let written = sealed.files.len();
    assert!((10..120).contains(&written), "{written}");
    let names = names_in(&bench.folder());
    assert_eq!(names.iter().filter(|name| name.ends_with(".tar.age")).count(), written);
    assert_eq!(names.len(), written + 2, "{names:?}");
    for file in &sealed.files {
        let number = file.gateway.as_str().trim_start_matches("plant-").parse().unwrap();
        assert_eq!(open(&bench.folder(), number).manifest().sequence, file.sequence);
    }
    let recorded = bench.engine.gateways(&bench.id).unwrap().gateways;
    assert_eq!(recorded.iter().filter(|gateway| gateway.newest().is_some()).count(), written);
    // The connection is free again, and the rest can follow.
    let rest = SealRequest { existing: Existing::Replace, ..bench.request() };
    assert_eq!(bench.seal(&rest).unwrap().files.len(), 120);
}
