//! An Ansible role that installs the opened files on a host.

use bundle::{BundleFile, FileMode};
use serde::Serialize;

use super::{
    OutputSource,
    writing::{file, remarks, yaml},
};
use crate::fault::Fault;

const ROLE: &str = "ansible/gatehouse_gateway";
const TASKS: &str = include_str!("ansible_role/tasks.yml");
const DEFAULTS: &str = include_str!("ansible_role/defaults.yml");

/// Adds the role. Its variables list the files that are in the bundle so far, so it is the last of the outputs.
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    let head = |what: &str, lines: &[&str]| remarks(source, what, lines);
    let tasks = head(
        "Ansible role",
        &[
            "Installs the opened bundle that this role lies in on a host. In a playbook:",
            "  roles: [{role: /PATH/TO/THE/OPENED/BUNDLE/ansible/gatehouse_gateway}]",
            "The opened files are secret on the computer that runs Ansible too. To keep them sealed until they are on",
            "the host, use the playbook that Gatehouse writes beside the sealed bundles.",
        ],
    );
    let variables = Variables {
        gatehouse_gateway: source.gateway,
        gatehouse_practice: source.config.practice,
        gatehouse_sequence: source.config.sequence,
        gatehouse_files: files
            .iter()
            .map(|file| InstalledFile {
                name: file.name.as_str().to_owned(),
                mode: format!("{:04o}", file.mode.bits()),
            })
            .collect(),
    };
    let mut add = |name: &str, text: String| -> Result<(), Fault> {
        files.push(file(&format!("{ROLE}/{name}"), FileMode::Public, text.into_bytes())?);
        Ok(())
    };
    add("tasks/main.yml", format!("{tasks}---\n{TASKS}"))?;
    add("defaults/main.yml", format!("{}---\n{DEFAULTS}", head("Settings of the Ansible role", &[])))?;
    add("vars/main.yml", format!("{}---\n{}", head("What the Ansible role installs", &[]), yaml(&variables)?))
}

#[derive(Serialize)]
struct Variables<'a> {
    gatehouse_gateway: &'a str,
    gatehouse_practice: bool,
    gatehouse_sequence: u64,
    gatehouse_files: Vec<InstalledFile>,
}

#[derive(Serialize)]
struct InstalledFile {
    name: String,
    mode: String,
}
