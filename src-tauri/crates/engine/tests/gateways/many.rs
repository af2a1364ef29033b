//! A thousand gateways in one go.

use std::sync::{Mutex, PoisonError};

use engine::gateways::SealWatcher;

use super::{Gateways, bench::Bench, names_in, open};

const GATEWAYS: usize = 1_000;

#[derive(Default)]
struct Heard(Mutex<Vec<(usize, usize)>>);

impl SealWatcher for Heard {
    fn sealed(&self, done: usize, of: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((done, of));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_bundles_are_sealed_in_one_go_and_told_of_on_the_way() {
    let bench = Bench::proven().await;
    bench.add(GATEWAYS);
    let heard = Heard::default();
    let sealed = bench.engine.seal(&bench.id, &bench.request(), &heard).unwrap();
    assert_eq!((sealed.files.len(), sealed.left_out.len(), sealed.cancelled), (GATEWAYS, 0, false));
    let heard = heard.0.into_inner().unwrap();
    assert!(heard.len() >= 8, "it was told only {} times", heard.len());
    assert!(heard.iter().all(|(done, of)| *done <= *of && *of == GATEWAYS), "{heard:?}");
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0), "it never goes back: {heard:?}");
    assert_eq!(heard.last(), Some(&(GATEWAYS, GATEWAYS)));
    let names = names_in(&bench.folder());
    assert_eq!(names.len(), GATEWAYS + 2, "no draft is left, and nothing else is there");
    for number in [0, 1, 499, 998, 999] {
        assert_eq!(open(&bench.folder(), number).manifest().gateway.as_str(), format!("plant-{number}"));
    }
    let recorded = bench.engine.gateways(&bench.id).unwrap().gateways;
    for gateway in &recorded {
        let file = sealed.files.iter().find(|file| file.gateway == gateway.name).unwrap();
        let newest = gateway.newest().unwrap();
        assert_eq!((newest.sequence, &newest.recipient), (file.sequence, &file.recipient));
    }
}
