use std::sync::Arc;

use engine::{Endpoints, Gatehouse, NewConnection, Setup, clock::SystemClock, vault::MemoryVault};

use super::*;

const ONE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC/c4AITLymR5YkO48YYifsrChGAoEqBtplvGRXr7+g9 root@plant-3";
const OTHER: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFiE/I4WPVKT6HUAXUIiOKcOurBZTjF2dszuA5invvVW root@plant-3";

struct Given {
    _folder: tempfile::TempDir,
    desk: Desk,
    id: String,
}

fn given() -> Given {
    let folder = tempfile::tempdir().unwrap();
    let engine = Gatehouse::new(Setup {
        home: folder.path().to_owned(),
        keychain: Arc::new(MemoryVault::default()),
        clock: Arc::new(SystemClock),
        user_agent: "test".to_owned(),
    });
    let endpoints = Endpoints::of(engine::Cloud::Global);
    let new = NewConnection { name: "Plant".to_owned(), endpoints, practice: false, ca_file: None };
    let id = engine.create(new).unwrap().id;
    Given { _folder: folder, desk: Desk::new(engine, |_| {}), id }
}

fn form(entry: GatewayEntryKind, key: &str) -> GatewayForm {
    GatewayForm {
        entry,
        name: "plant-3".to_owned(),
        address: "plant-3.contoso.com".to_owned(),
        key: key.to_owned(),
        outputs: vec!["systemd".to_owned()],
        confirmed: Vec::new(),
    }
}

#[tokio::test]
async fn a_gateway_is_added_once_and_its_key_is_changed_only_when_confirmed() {
    let Given { desk, id, .. } = &given();
    let save = |form| desk.save_gateway(id.clone(), form);
    let added = save(form(GatewayEntryKind::Add, ONE)).await.unwrap();
    assert_eq!(added.says.as_deref(), Some("plant-3 is in the list."));
    let row = &added.view.rows[0];
    assert_eq!(
        (row.address.as_str(), row.outputs.as_slice()),
        ("plant-3.contoso.com", &["systemd".to_owned()][..])
    );
    let first = row.key.clone().unwrap();
    assert_eq!(first.kind, "ED25519");

    let again = save(form(GatewayEntryKind::Add, "")).await.unwrap_err();
    assert_eq!(again.field.as_deref(), Some("gateway"));

    let moved = GatewayForm { address: "elsewhere".to_owned(), ..form(GatewayEntryKind::Change, OTHER) };
    let asked = save(moved.clone()).await.unwrap();
    assert_eq!((asked.asks.len(), asked.says), (1, None));
    assert_eq!(asked.asks[0].from, first.fingerprint);
    assert_eq!(asked.view.rows[0].address, "plant-3.contoso.com", "nothing is saved while it is asked");

    let confirmed = vec![asked.asks[0].to.clone()];
    let changed = save(GatewayForm { confirmed, ..moved }).await.unwrap();
    assert_eq!(changed.view.rows[0].key.as_ref().unwrap().fingerprint, asked.asks[0].to);
    assert_eq!(changed.view.rows[0].address, "elsewhere");
}

#[tokio::test]
async fn what_is_no_single_key_is_refused_at_its_field_and_nothing_is_added() {
    let Given { desk, id, .. } = &given();
    let texts = [
        ("hello", ""),
        ("# only a remark", "There is no key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
    ];
    for (text, says) in texts {
        let problem = desk.save_gateway(id.clone(), form(GatewayEntryKind::Add, text)).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("key"), "{text}");
        assert!(problem.what.contains(says), "{}", problem.what);
    }
    let both = desk.save_gateway(id.clone(), form(GatewayEntryKind::Add, &format!("{ONE}\n{OTHER}"))).await;
    assert!(both.unwrap_err().what.contains("several keys"));
    assert!(desk.gateways(id.clone()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_table_goes_out_and_comes_back_unchanged() {
    let Given { desk, id, _folder: folder } = &given();
    desk.save_gateway(id.clone(), form(GatewayEntryKind::Add, ONE)).await.unwrap();
    let file = folder.path().join("list.csv");
    desk.save_table(id, &file).unwrap();
    let table = desk.read_table_file(&file).unwrap();
    let preview = desk.preview_table(id.clone(), table.clone()).await.unwrap();
    assert_eq!((preview.new, preview.changed, preview.unchanged), (0, 0, 1));
    let import = |table: String, faulty| {
        desk.import_table(id.clone(), TableForm { table, faulty, confirmed: Vec::new() })
    };
    let faulty = format!("{table}new-1,,,,\n bad name!,,,,\n");
    let asked = import(faulty.clone(), FaultyRowsId::Refuse).await.unwrap();
    assert_eq!((asked.says, asked.view.counts.total), (None, 1));
    let taken = import(faulty, FaultyRowsId::LeaveOut).await.unwrap();
    assert_eq!(taken.says.as_deref(), Some("1 gateway added, 1 as before, 1 line left out."));
    assert_eq!(taken.view.counts.total, 2);
}
