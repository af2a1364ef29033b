//! A secret that was entered before is the credential that it was.

use engine::diagnosis::Unwatched;

use super::rotating::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn begun_again_after_going_back_it_keeps_its_label() {
    let bench = Bench::proven().await;
    let new = bench.new_secret(0);
    let mut labels = Vec::new();
    for round in 0..2 {
        bench.begin(&new).unwrap();
        assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
        labels.push(bench.engine.rotation(&bench.id).unwrap().unwrap().new.id());
        if round == 0 {
            bench.engine.abandon_rotation(&bench.id).await.unwrap();
            assert!(!bench.keeps(".2"), "the secret itself is not kept");
        }
    }
    assert_eq!(labels[0], labels[1]);

    bench.engine.abandon_rotation(&bench.id).await.unwrap();
    bench.begin(&bench.new_secret(0)).unwrap();
    assert_ne!(bench.engine.rotation(&bench.id).unwrap().unwrap().new.id(), labels[0]);
    bench.engine.remove(&bench.id).unwrap();
    assert!(!bench.keeps(".given-up"), "what was remembered goes with the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_has_ended_does_not_take_over() {
    let bench = Bench::proven().await;
    let today =
        engine::clock::Clock::now(&engine::clock::SystemClock).to_zoned(jiff::tz::TimeZone::UTC).date();
    let begin = |ends_on: jiff::civil::Date| {
        let secret = bench.new_secret(0).into();
        let entry = engine::SecretEntry { secret, ends_on: Some(ends_on), keep: engine::Keep::Keychain };
        bench.engine.begin_rotation(&bench.id, &engine::NewCredential::Secret(entry))
    };
    let fault = begin(jiff::civil::date(2001, 1, 1)).unwrap_err();
    assert_eq!(fault.field, Some("endsOn"));
    assert!(begin(today.yesterday().unwrap()).is_err());
    assert!(bench.engine.rotation(&bench.id).unwrap().is_none() && !bench.keeps(".2"));
    begin(today.tomorrow().unwrap()).unwrap();
}
