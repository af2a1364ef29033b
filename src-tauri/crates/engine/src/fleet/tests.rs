use bundle::{GatewayName, Recipient};

use super::{Fleet, FleetFile, FleetHost, ansible};
use crate::outputs::InstallFolder;

const ED25519: &str = include_str!("../../../bundle/tests/sealed/keys/ed25519.pub");
const RSA: &str = include_str!("../../../bundle/tests/sealed/keys/rsa.pub");
const X25519: &str = include_str!("../../../bundle/tests/sealed/keys/x25519.pub");

fn made(connection: &str, practice: bool, hosts: &[(&str, Option<&str>, &str)]) -> Vec<FleetFile> {
    let hosts: Vec<(GatewayName, Option<&str>, Recipient)> = hosts
        .iter()
        .map(|(name, address, key)| {
            (GatewayName::new(*name).unwrap(), *address, Recipient::from_line(key.trim()).unwrap())
        })
        .collect();
    let hosts: Vec<FleetHost<'_>> = hosts
        .iter()
        .map(|(gateway, address, recipient)| FleetHost { gateway, address: *address, recipient })
        .collect();
    let installed_in = &InstallFolder::default();
    ansible(&Fleet { connection, practice, installed_in, hosts: &hosts }).unwrap()
}

fn text<'a>(files: &'a [FleetFile], name: &str) -> &'a str {
    let file = files.iter().find(|file| file.name == name).unwrap();
    std::str::from_utf8(&file.content).unwrap()
}

#[test]
fn each_host_goes_by_its_name_its_address_and_its_key() {
    let files = made(
        "Contoso",
        false,
        &[
            ("plant-4", Some("Building 4"), RSA),
            ("plant-3", Some("admin@10.0.0.3:2222"), ED25519),
            ("plant-5", Some("2001:db8::5"), X25519),
        ],
    );
    let expected = r#"# The gateways of Contoso, for ansible-playbook gatehouse.yml. Nothing in this file is secret.
# ansible_host and ansible_port come from the address that Gatehouse knows; without them Ansible goes by the name.
# gatehouse_key is the private key on the host that opens its bundle.
gatehouse_gateways:
  hosts:
    plant-3:
      ansible_host: "10.0.0.3"
      ansible_port: 2222
      ansible_user: admin
      ansible_ssh_common_args: -o HostKeyAlias=plant-3 -o 'UserKnownHostsFile="{{ inventory_dir }}/known_hosts"' -o StrictHostKeyChecking=yes
      gatehouse_sealed: plant-3.tar.age
      gatehouse_key: /etc/ssh/ssh_host_ed25519_key
      gatehouse_receipt: plant-3.gatehouse.receipt
    plant-4:
      ansible_ssh_common_args: -o HostKeyAlias=plant-4 -o 'UserKnownHostsFile="{{ inventory_dir }}/known_hosts"' -o StrictHostKeyChecking=yes
      gatehouse_sealed: plant-4.tar.age
      gatehouse_key: /etc/ssh/ssh_host_rsa_key
      gatehouse_receipt: plant-4.gatehouse.receipt
    plant-5:
      ansible_host: 2001:db8::5
      gatehouse_sealed: plant-5.tar.age
      gatehouse_key: /etc/gatehouse/age-identity.txt
  vars:
    gatehouse_folder: /etc/gatehouse
    gatehouse_practice: false
    gatehouse_self_test: true
"#;
    assert_eq!(text(&files, "inventory.yml"), expected);
    let known: Vec<&str> = text(&files, "known_hosts").lines().collect();
    let line = |name: &str, key: &str| {
        format!("{name} {}", key.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(known, [line("plant-3", ED25519), line("plant-4", RSA)]);
    let names: Vec<&str> = files.iter().map(|file| file.name).collect();
    assert_eq!(names, ["ansible.cfg", "gatehouse.yml", "inventory.yml", "known_hosts", "open-bundle.sh"]);
}

#[test]
fn names_that_yaml_takes_for_something_else_stay_names() {
    let files = made(
        "null",
        false,
        &[("null", None, ED25519), ("12", None, ED25519), ("1e3", None, RSA), ("no", None, RSA)],
    );
    let inventory = text(&files, "inventory.yml");
    for name in ["\"null\":", "\"12\":", "\"1e3\":", "\"no\":"] {
        assert!(inventory.contains(&format!("\n    {name}\n")), "{name}: {inventory}");
    }
}

#[test]
fn a_remark_stays_one_line() {
    let files = made("a\nb: c\u{2028}d: e\u{85}f: g", true, &[("plant-3", None, ED25519)]);
    let inventory = text(&files, "inventory.yml");
    assert!(inventory.starts_with("# The gateways of a b: c d: e f: g, for"), "{inventory}");
    assert!(inventory.contains("# PRACTICE") && inventory.contains("gatehouse_practice: true"));
}

#[test]
fn the_script_and_the_playbook_name_the_same_files() {
    let name = GatewayName::new("plant-3").unwrap();
    let files = made("Contoso", false, &[("plant-3", None, ED25519)]);
    let script = text(&files, "open-bundle.sh");
    let of = |file: String| file.replace("plant-3", "$gateway");
    assert!(script.contains(&format!("/{}\n", of(name.file_name()))));
    assert!(script.contains(&format!("/{}\n", of(name.receipt_file_name()))));
    assert!(text(&files, "gatehouse.yml").contains("open-bundle.sh"));
}

#[test]
fn the_script_knows_which_permission_includes_which() {
    let files = made("Contoso", false, &[("plant-3", None, ED25519)]);
    let script = text(&files, "open-bundle.sh");
    let (_, table) = script.split_once("wider() {").unwrap();
    let (_, table) = table.split_once("case $1 in").unwrap();
    let (table, _) = table.split_once("esac").unwrap();
    let known = ["User", "Group", "GroupMember", "Directory", "Application", "AccessReview"];
    let known = known.iter().flat_map(|of| [format!("{of}.Read.All"), format!("{of}.ReadWrite.All")]);
    let known: Vec<String> = known.collect();
    for wanted in &known {
        let row = table.split(";;").find_map(|row| row.trim().strip_prefix(&format!("{wanted})")));
        let told: Vec<&str> =
            row.into_iter().flat_map(str::split_whitespace).filter(|word| *word != "echo").collect();
        for held in known.iter().filter(|held| *held != wanted) {
            let covered = crate::profile::covered(std::slice::from_ref(held), wanted);
            assert_eq!(told.contains(&held.as_str()), covered, "{held} and {wanted}");
        }
    }
}
