//! An Ansible inventory and playbook that hand each gateway its own sealed file.

use std::{collections::BTreeMap, fmt::Write as _};

use bundle::RecipientKind;
use serde::Serialize;

use super::{Fleet, FleetFile, FleetHost, address};
use crate::{fault::Fault, gateways::private_key_file, outputs::yaml};

const PLAYBOOK: &str = include_str!("ansible/gatehouse.yml");
const SCRIPT: &str = include_str!("ansible/open-bundle.sh");
const CONFIG: &str = include_str!("ansible/ansible.cfg");
const KNOWN_HOSTS: &str = "known_hosts";

/// The files for Ansible: `inventory.yml`, `gatehouse.yml`, what the playbook runs on each host, and the hosts' keys. In
/// the folder of the sealed bundles and `allowed_signers`, `ansible-playbook gatehouse.yml` does the rest and leaves the
/// receipts in `receipts`.
///
/// # Errors
/// Never for what is given here; a fault of ours otherwise.
pub fn ansible(fleet: &Fleet<'_>) -> Result<Vec<FleetFile>, Fault> {
    let mut hosts: Vec<&FleetHost<'_>> = fleet.hosts.iter().collect();
    hosts.sort_by(|a, b| a.gateway.cmp(b.gateway));
    let fixed = |name, text: &str| FleetFile { name, content: text.as_bytes().to_vec() };
    Ok(vec![
        fixed("ansible.cfg", CONFIG),
        fixed("gatehouse.yml", PLAYBOOK),
        fixed("inventory.yml", &inventory(fleet, &hosts)?),
        fixed(KNOWN_HOSTS, &known_hosts(&hosts)),
        fixed("open-bundle.sh", SCRIPT),
    ])
}

#[derive(Serialize)]
struct Inventory<'a> {
    gatehouse_gateways: Group<'a>,
}

#[derive(Serialize)]
struct Group<'a> {
    hosts: BTreeMap<&'a str, Host>,
    vars: Variables,
}

#[derive(Serialize)]
struct Variables {
    gatehouse_folder: String,
    gatehouse_practice: bool,
    /// Whether a host tries the credential before it takes the bundle.
    gatehouse_self_test: bool,
}

#[derive(Serialize)]
struct Host {
    #[serde(skip_serializing_if = "Option::is_none")]
    ansible_host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ansible_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ansible_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ansible_ssh_common_args: Option<String>,
    gatehouse_sealed: String,
    gatehouse_key: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gatehouse_receipt: Option<String>,
}

fn inventory(fleet: &Fleet<'_>, hosts: &[&FleetHost<'_>]) -> Result<String, Fault> {
    let mut text = format!(
        "# The gateways of {}, for ansible-playbook gatehouse.yml. Nothing in this file is secret.\n",
        one_line(fleet.connection)
    );
    if fleet.practice {
        text.push_str(
            "# PRACTICE: these bundles were made against the practice tenant. They open nothing real.\n",
        );
    }
    text.push_str(
        "# ansible_host and ansible_port come from the address that Gatehouse knows; without them Ansible goes by the name.\n\
         # gatehouse_key is the private key on the host that opens its bundle.\n",
    );
    let inventory = Inventory {
        gatehouse_gateways: Group {
            hosts: hosts.iter().map(|host| (host.gateway.as_str(), variables(host))).collect(),
            vars: Variables {
                gatehouse_folder: fleet.installed_in.to_string(),
                gatehouse_practice: fleet.practice,
                gatehouse_self_test: true,
            },
        },
    };
    text.push_str(&yaml(&inventory)?);
    Ok(text)
}

/// A remark ends where YAML 1.1 sees a line break.
fn one_line(text: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    text.chars().map(|letter| if breaks(letter) { ' ' } else { letter }).collect()
}

fn variables(host: &FleetHost<'_>) -> Host {
    let address = host.address.and_then(address::read);
    let is_ssh = host.recipient.kind() != RecipientKind::X25519;
    Host {
        ansible_host: address.as_ref().map(|address| address.host.clone()),
        ansible_port: address.as_ref().and_then(|address| address.port),
        ansible_user: address.and_then(|address| address.user),
        ansible_ssh_common_args: is_ssh.then(|| {
            format!(
                "-o HostKeyAlias={} -o 'UserKnownHostsFile=\"{{{{ inventory_dir }}}}/{KNOWN_HOSTS}\"' \
                 -o StrictHostKeyChecking=yes",
                host.gateway
            )
        }),
        gatehouse_sealed: host.gateway.file_name(),
        gatehouse_key: private_key_file(host.recipient.kind()),
        gatehouse_receipt: is_ssh.then(|| host.gateway.receipt_file_name()),
    }
}

/// The keys that the bundles are sealed to are the keys of the hosts: Ansible goes to the machine that can open the bundle,
/// or to none.
fn known_hosts(hosts: &[&FleetHost<'_>]) -> String {
    let mut text = String::new();
    for host in hosts.iter().filter(|host| host.recipient.kind() != RecipientKind::X25519) {
        let _ = writeln!(text, "{} {}", host.gateway, host.recipient.to_line());
    }
    text
}
