//! What an admin enters elsewhere in the window while a new credential is being handed out.

use engine::{CertificateOrder, FaultCode, KeepKey, KeySize, Registration};

use super::rotating::{Bench, entry};

#[tokio::test(flavor = "multi_thread")]
async fn step_3_does_not_end_the_handing_out() {
    let bench = Bench::proven().await;
    bench.hands_out().await;
    let before = bench.engine.connection(&bench.id).unwrap();
    let order = CertificateOrder { days: 30, key_size: KeySize::default(), keep: KeepKey::Keychain };
    for fault in [
        bench.engine.save_secret(&bench.id, &entry(&bench.new_secret(0))).map(drop).unwrap_err(),
        bench.engine.make_certificate(&bench.id, &order).map(drop).unwrap_err(),
    ] {
        assert_eq!(fault.code, FaultCode::NotReady);
        assert!(fault.fix.contains("go back to the old one"), "{fault}");
    }
    let after = bench.engine.connection(&bench.id).unwrap();
    assert_eq!((after.rotation, after.evidence), (before.rotation, before.evidence));
    assert!(bench.keeps("") && bench.keeps(".2") && !bench.keeps(".key"));
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_app_or_tenant_waits_for_the_end_of_the_rotation() {
    let bench = Bench::proven().await;
    bench.hands_out().await;
    let facts = bench.practice.facts();
    let registration = |tenant: &str, client_id: &str| Registration {
        tenant: tenant.to_owned(),
        client_id: client_id.to_owned(),
        name: String::new(),
    };
    let other = "3f9d1c52-0000-4000-8000-000000000001";
    for (entered, field) in [
        (registration(&facts.domain, other), "clientId"),
        (registration("fabrikam.com", &facts.client_id), "tenant"),
    ] {
        let fault = bench.engine.save_registration(&bench.id, &entered).unwrap_err();
        assert_eq!(fault.field, Some(field), "{fault}");
    }
    let same = registration(&facts.tenant_id, &facts.client_id);
    bench.engine.save_registration(&bench.id, &same).unwrap();
    assert!(bench.engine.connection(&bench.id).unwrap().rotation.is_some());
    bench.works().await;
}
