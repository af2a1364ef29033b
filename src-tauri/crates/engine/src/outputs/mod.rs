//! What a gateway takes its settings from: one kind of file for each kind of reader.
//!
//! Pure functions, one file per kind: config and credential in, the files of a bundle out. What always is inside
//! comes from `always.rs`; `crates/bundle/FORMAT.md` describes those files for whoever reads them.

mod always;
mod ansible_role;
mod install_folder;
mod iot_edge;
mod kubernetes;
mod oauth2_proxy;
mod self_test;
mod systemd;
#[cfg(test)]
mod tests;
mod writing;

use bundle::{BundleFile, GatewayConfig};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use install_folder::InstallFolder;
pub(crate) use self_test::of as self_test_of;
pub use self_test::{SelfTestFile, SelfTestFormat, TestCredential, TestPage, TestToken};
pub(crate) use writing::yaml;

use crate::fault::Fault;

/// A kind of reader that a bundle carries files for, besides `gateway.json` and `gateway.env`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// A unit drop-in with systemd credentials.
    Systemd,
    /// A Kubernetes Secret.
    Kubernetes,
    /// The configuration of oauth2-proxy.
    #[serde(rename = "oauth2-proxy")]
    OAuth2Proxy,
    /// The environment block of a module of Azure IoT Edge.
    IotEdge,
    /// An Ansible role that installs the files.
    AnsibleRole,
}

impl Output {
    /// Every kind, in the order that an admin sees.
    pub const ALL: [Self; 5] =
        [Self::Systemd, Self::Kubernetes, Self::OAuth2Proxy, Self::IotEdge, Self::AnsibleRole];

    /// The id in profiles, lists and arguments.
    pub fn id(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Kubernetes => "kubernetes",
            Self::OAuth2Proxy => "oauth2-proxy",
            Self::IotEdge => "iot-edge",
            Self::AnsibleRole => "ansible-role",
        }
    }

    /// The kind with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|output| output.id() == id)
    }
}

/// What the files of one gateway's bundle are made from.
#[derive(Clone, Copy, Debug)]
pub struct OutputSource<'a> {
    /// The gateway's name, which is a [`bundle::GatewayName`].
    pub gateway: &'a str,
    /// The gateway's config. What it says of the credential's place is replaced by the place in the bundle.
    pub config: &'a GatewayConfig,
    /// The credential itself.
    pub credential: OutputCredential<'a>,
    /// The certificate authority of endpoints on loopback addresses, as PEM; none for Microsoft's endpoints.
    pub ca_pem: Option<&'a [u8]>,
    /// Where bundles are installed on the gateway.
    pub installed_in: &'a InstallFolder,
}

/// The credential that a bundle carries.
#[derive(Clone, Copy, Debug)]
pub enum OutputCredential<'a> {
    /// The client secret's value.
    Secret(&'a SecretString),
    /// The certificate, perhaps with its chain, and its private key (PKCS#8), in one PEM text.
    CertificatePem(&'a SecretString),
}

/// The files of one gateway's bundle, sorted by name: what always is inside, and what each of `outputs` adds.
///
/// Everything that holds the credential has mode 0600.
///
/// # Errors
/// A field that breaks a rule of `FORMAT.md`; a credential of another kind than the config says; a credential that
/// one of the outputs cannot use.
pub fn files(source: &OutputSource<'_>, outputs: &[Output]) -> Result<Vec<BundleFile>, Fault> {
    let config = &always::placed(source)?;
    let source = &OutputSource { config, ..*source };
    let mut files = always::files(source)?;
    let mut wanted = outputs.to_vec();
    wanted.sort();
    wanted.dedup();
    for output in wanted {
        match output {
            Output::Systemd => systemd::add(source, &mut files)?,
            Output::Kubernetes => kubernetes::add(source, &mut files)?,
            Output::OAuth2Proxy => oauth2_proxy::add(source, &mut files)?,
            Output::IotEdge => iot_edge::add(source, &mut files)?,
            Output::AnsibleRole => ansible_role::add(source, &mut files)?,
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}
