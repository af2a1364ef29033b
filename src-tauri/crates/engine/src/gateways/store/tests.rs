use bundle::GatewayName;

use std::fs;

use jiff::Timestamp;

use super::*;
use crate::fault::FaultCode;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-20T14:34:00Z".parse().unwrap()
    }
}

fn gateway(name: &str) -> Gateway {
    Gateway::named(GatewayName::new(name).unwrap())
}

fn add(store: &GatewayStore, name: &str) {
    store
        .update("contoso", &Fixed, |gateways| {
            gateways.push(gateway(name));
            Ok(())
        })
        .unwrap();
}

#[test]
fn gateways_are_kept_by_name_and_go_with_their_connection() {
    let home = tempfile::tempdir().unwrap();
    let store = GatewayStore::below(home.path());
    assert_eq!(store.all("contoso", &Fixed).unwrap().0, []);
    assert!(!home.path().join("gateways").exists(), "looking makes no folder");
    add(&store, "plant-3");
    add(&store, "plant-1");
    let again = GatewayStore::below(home.path());
    assert_eq!(again.all("contoso", &Fixed).unwrap().0, [gateway("plant-1"), gateway("plant-3")]);
    assert_eq!(again.all("fabrikam", &Fixed).unwrap().0, []);
    again.remove("contoso").unwrap();
    again.remove("contoso").unwrap();
    assert_eq!(store.all("contoso", &Fixed).unwrap().0, []);
}

#[test]
fn a_refused_change_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let store = GatewayStore::below(home.path());
    add(&store, "plant-1");
    let refused: Result<(), Fault> = store.update("contoso", &Fixed, |gateways| {
        gateways.clear();
        Err(Fault::new(FaultCode::NotReady, "No.", "Never."))
    });
    assert!(refused.is_err());
    assert_eq!(store.all("contoso", &Fixed).unwrap().0.len(), 1);
}

#[test]
fn a_damaged_file_is_kept_aside_and_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let store = GatewayStore::below(home.path());
    add(&store, "plant-1");
    let path = home.path().join("gateways").join("contoso.json");
    for (number, content) in [(1, "{ half a"), (2, r#"{"format":"gatehouse.gateways/1","gateways":7}"#)] {
        atomic::write_private(&path, content.as_bytes()).unwrap();
        let (gateways, aside) = store.all("contoso", &Fixed).unwrap();
        assert_eq!(gateways, []);
        assert_eq!(aside.len(), 1, "{number}");
        assert_eq!(fs::read_to_string(&aside[0].path).unwrap(), content);
    }
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let store = GatewayStore::below(home.path());
    add(&store, "plant-1");
    let path = home.path().join("gateways").join("contoso.json");
    atomic::write_private(&path, br#"{"format":"gatehouse.gateways/2","anything":true}"#).unwrap();
    assert_eq!(store.all("contoso", &Fixed).unwrap_err().code, FaultCode::StoreDamaged);
    assert!(path.exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    add(&GatewayStore::below(home.path()), "plant-1");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.path().join("gateways")), 0o700);
    assert_eq!(mode(&home.path().join("gateways").join("contoso.json")), 0o600);
}

fn connection(client_id: &str) -> crate::connection::Connection {
    let mut connection = crate::diagnosis::checks::fixture::healthy();
    connection.client_id = Some(client_id.to_owned());
    connection
}

#[test]
fn a_connection_made_anew_has_the_gateways_only_of_the_same_app() {
    let home = tempfile::tempdir().unwrap();
    let app = |client_id: &str| App::of(&connection(client_id)).unwrap();
    let store = || GatewayStore::below(home.path()).of(Some(app("c-1")));
    let names = || {
        let (gateways, aside) = store().all("contoso", &Fixed).unwrap();
        (gateways.iter().map(|known| known.name.to_string()).collect::<Vec<_>>(), aside.len())
    };
    let named = |name: &str| vec![name.to_owned()];
    add(&store(), "plant-1");
    store().orphan("contoso", &Fixed).unwrap();
    assert_eq!(names(), (Vec::new(), 0), "nobody knows whose they are");
    store().belongs_to("contoso", &app("c-1"), &Fixed).unwrap();
    assert_eq!(names(), (named("plant-1"), 0));

    // Another app of a connection that goes on: its gateways stay.
    store().belongs_to("contoso", &app("c-2"), &Fixed).unwrap();
    assert_eq!(names(), (named("plant-1"), 0));
    store().orphan("contoso", &Fixed).unwrap();
    store().belongs_to("contoso", &app("c-1"), &Fixed).unwrap();
    assert_eq!(names(), (Vec::new(), 1));

    // Whoever enters gateways before the app begins a new list as well.
    add(&store(), "plant-2");
    store().orphan("contoso", &Fixed).unwrap();
    add(&store(), "plant-3");
    assert_eq!(names(), (named("plant-3"), 1));
    let kept = fs::read_dir(home.path().join("gateways")).unwrap();
    let kept = kept.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("contoso.earlier-")
    });
    assert_eq!(kept.count(), 2, "nothing is lost");
}
