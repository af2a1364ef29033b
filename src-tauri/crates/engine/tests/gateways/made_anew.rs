//! Connections that were lost and are made anew under their old names.

use std::fs;

use engine::{Endpoints, NewConnection, export::Existing, gateways::SealRequest};
use secrecy::ExposeSecret;

use super::{Gateways, bench::Bench, open};

/// The file of the connections is damaged, and the admin begins again under the same name.
fn begun_anew(bench: &Bench) {
    fs::File::create(bench.home.path().join("data/connections.json")).unwrap();
    let facts = bench.practice.facts();
    let new = NewConnection {
        name: "Print servers".to_owned(),
        endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
        practice: true,
        ca_file: Some(bench.home.path().join("ca.pem").to_string_lossy().into_owned()),
    };
    assert_eq!(bench.engine.create(new).unwrap().id, bench.id);
    assert!(bench.engine.gateways(&bench.id).unwrap().gateways.is_empty(), "whose they are is not known yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_the_gateways_of_the_same_app_and_goes_on_with_their_numbers() {
    let bench = Bench::proven().await;
    bench.add(2);
    let again = SealRequest { existing: Existing::Replace, ..bench.request() };
    for _ in 0..3 {
        bench.seal(&again).unwrap();
    }
    begun_anew(&bench);
    let facts = bench.practice.facts();
    bench.register(&facts.domain, &facts.client_id).unwrap();
    let list = bench.engine.gateways(&bench.id).unwrap();
    assert_eq!((list.gateways.len(), list.set_aside.len()), (2, 0));

    bench.enter_secret(engine::Keep::Keychain);
    bench.check().await;
    bench.seal(&again).unwrap();
    let opened = open(&bench.folder(), 1);
    let config = opened.files().iter().find(|file| file.name.as_str() == "gateway.json").unwrap();
    let config: serde_json::Value = serde_json::from_slice(config.content.expose_secret()).unwrap();
    assert_eq!((opened.manifest().sequence, config["sequence"].as_u64()), (4, Some(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_not_the_gateways_of_another_app() {
    let bench = Bench::proven().await;
    bench.add(2);
    begun_anew(&bench);
    bench.register(&bench.practice.facts().domain, "11111111-2222-4333-8444-555555555555").unwrap();
    let list = bench.engine.gateways(&bench.id).unwrap();
    assert!(list.gateways.is_empty());
    let [aside] = list.set_aside.as_slice() else { unreachable!("{:?}", list.set_aside) };
    assert!(aside.because.contains("another app"), "{}", aside.because);
    assert!(fs::read_to_string(&aside.path).unwrap().contains("plant-1"), "nothing is lost");
}
