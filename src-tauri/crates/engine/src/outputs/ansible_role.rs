//! An Ansible role that installs the opened files on a host.

use bundle::{BundleFile, FileMode};

use super::{
    OutputSource,
    writing::{file, remarks},
};
use crate::fault::Fault;

const ROLE: &str = "ansible/gatehouse_gateway";
const TASKS: &str = include_str!("ansible_role/tasks.yml");
const DEFAULTS: &str = include_str!("ansible_role/defaults.yml");

/// Adds the role. What it installs it reads in the manifest beside it, and it leaves a release as `gatehouse bundle open`
/// leaves one: either of them goes on from the other's.
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    let tasks = remarks(
        source,
        "Ansible role",
        &[
            "Installs the opened bundle that this role lies in on a host, unless a newer one is installed. In a playbook:",
            "  roles: [{role: /PATH/TO/THE/OPENED/BUNDLE/ansible/gatehouse_gateway}]",
            "The opened files are secret on the computer that runs Ansible too. To keep them sealed until they are on",
            "the host, use the playbook that Gatehouse writes beside the sealed bundles.",
            "The host needs sha256sum.",
        ],
    );
    let defaults = remarks(source, "Settings of the Ansible role", &[]);
    for (name, text) in [
        ("tasks/main.yml", format!("{tasks}---\n{TASKS}")),
        ("defaults/main.yml", format!("{defaults}---\n{DEFAULTS}")),
    ] {
        files.push(file(&format!("{ROLE}/{name}"), FileMode::Public, text.into_bytes())?);
    }
    Ok(())
}
