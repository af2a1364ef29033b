//! What an admin keeps in the folder of the bundles stays as it is, unless it may be replaced.

use std::{fs, io::Write, path::Path};

use engine::{
    FaultCode,
    export::Existing,
    gateways::{FleetFiles, SealFor, SealRequest},
};

use super::{Gateways, bench::Bench, names_in};

const BESIDE: [&str; 7] = [
    "allowed_signers",
    "OPEN.txt",
    "ansible.cfg",
    "gatehouse.yml",
    "inventory.yml",
    "known_hosts",
    "open-bundle.sh",
];

fn for_ansible(bench: &Bench, gateway: &str) -> SealRequest {
    let gateways = SealFor::Named(vec![gateway.to_owned()]);
    SealRequest { gateways, fleet: FleetFiles::Ansible, ..bench.request() }
}

fn put(folder: &Path, name: &str, text: &str) {
    fs::File::create(folder.join(name)).unwrap().write_all(text.as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_admins_own_is_kept_and_nothing_is_written_beside_it() {
    let bench = Bench::proven().await;
    bench.add(1);
    fs::create_dir_all(bench.folder()).unwrap();
    for name in BESIDE {
        put(&bench.folder(), name, "the admin’s own\n");
        let refused = bench.seal(&for_ansible(&bench, "plant-0")).unwrap_err();
        assert_eq!((refused.code, refused.field), (FaultCode::AlreadyThere, Some("folder")), "{name}");
        assert!(refused.what.starts_with(&format!("{name} is there already, in ")), "{}", refused.what);
        assert_eq!(names_in(&bench.folder()), [name]);
        assert_eq!(fs::read_to_string(bench.folder().join(name)).unwrap(), "the admin’s own\n");
        fs::remove_file(bench.folder().join(name)).unwrap();
    }
    assert_eq!(bench.engine.gateway(&bench.id, "plant-0").unwrap().1.sequence, 0, "no number is spent");

    put(&bench.folder(), "inventory.yml", "the admin’s own\n");
    let plain = SealRequest { fleet: FleetFiles::None, ..for_ansible(&bench, "plant-0") };
    let sealed = bench.seal(&plain).unwrap();
    assert_eq!(sealed.files.len(), 1, "it is not in the way of what does not touch it");
    assert_eq!(fs::read_to_string(&sealed.allowed_signers).unwrap(), format!("{}\n", sealed.signer_line));
    assert_eq!(fs::read_to_string(bench.folder().join("inventory.yml")).unwrap(), "the admin’s own\n");
    let replacing = SealRequest { existing: Existing::Replace, ..for_ansible(&bench, "plant-0") };
    assert_eq!(bench.seal(&replacing).unwrap().files.len(), 1);
    assert!(fs::read_to_string(bench.folder().join("inventory.yml")).unwrap().contains("plant-0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gatehouse_wrote_itself_grows_with_every_gateway_and_an_edited_one_is_kept() {
    let bench = Bench::proven().await;
    bench.add(3);
    for gateway in ["plant-0", "plant-1"] {
        assert_eq!(bench.seal(&for_ansible(&bench, gateway)).unwrap().fleet.len(), 5);
    }
    let inventory = bench.folder().join("inventory.yml");
    let written = fs::read_to_string(&inventory).unwrap();
    assert!(written.contains("plant-0") && written.contains("plant-1"), "{written}");
    let edited = format!("{written}# with a remark of the admin’s own\n");
    put(&bench.folder(), "inventory.yml", &edited);
    let refused = bench.seal(&for_ansible(&bench, "plant-2")).unwrap_err();
    assert!(refused.what.starts_with("inventory.yml is there already"), "{}", refused.what);
    assert_eq!(fs::read_to_string(&inventory).unwrap(), edited);
    assert!(!bench.folder().join("plant-2.tar.age").exists());
}
