//! Every environment variable that Gatehouse reads, declared once.

/// One variable.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// The names, for use in code.
pub mod names {
    /// Tenant ID or domain.
    pub const AZURE_TENANT_ID: &str = "AZURE_TENANT_ID";
    /// Application (client) ID.
    pub const AZURE_CLIENT_ID: &str = "AZURE_CLIENT_ID";
    /// Client secret value.
    pub const AZURE_CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
    /// PEM or PKCS#12 file with a certificate and its private key, used when there is no client secret.
    pub const AZURE_CLIENT_CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
    /// Password of that file.
    pub const AZURE_CLIENT_CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    /// Sign-in account of a profile whose gateway uses one.
    pub const AZURE_USERNAME: &str = "AZURE_USERNAME";
    /// Password of the sign-in account.
    pub const AZURE_PASSWORD: &str = "AZURE_PASSWORD";
    /// Sign-in host of the cloud.
    pub const AZURE_AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";
    /// Folder for all data.
    pub const GATEHOUSE_HOME: &str = "GATEHOUSE_HOME";
    /// Windows' folder for the data of all accounts.
    pub const PROGRAM_DATA: &str = "ProgramData";
    /// Turns colours off, <https://no-color.org>.
    pub const NO_COLOR: &str = "NO_COLOR";
}

/// All of them, as help shows them.
pub const VARIABLES: &[Variable] = &[
    Variable { name: names::AZURE_TENANT_ID, about: "tenant ID or domain, when no connection is named" },
    Variable { name: names::AZURE_CLIENT_ID, about: "application (client) ID" },
    Variable { name: names::AZURE_CLIENT_SECRET, about: "client secret value" },
    Variable {
        name: names::AZURE_CLIENT_CERTIFICATE_PATH,
        about: "certificate with its private key, PEM or PKCS#12, when there is no secret",
    },
    Variable {
        name: names::AZURE_CLIENT_CERTIFICATE_PASSWORD, about: "password of the certificate’s file"
    },
    Variable { name: names::AZURE_USERNAME, about: "sign-in account, for a profile whose gateway uses one" },
    Variable { name: names::AZURE_PASSWORD, about: "password of the sign-in account" },
    Variable { name: names::AZURE_AUTHORITY_HOST, about: "sign-in host of the cloud" },
    Variable { name: names::GATEHOUSE_HOME, about: "folder for all of Gatehouse’s data" },
    Variable {
        name: names::PROGRAM_DATA, about: "on Windows, the folder that holds this computer’s policy"
    },
    Variable { name: names::NO_COLOR, about: "no colours on the terminal" },
    Variable { name: "HTTPS_PROXY", about: "proxy for every request" },
    Variable { name: "NO_PROXY", about: "hosts that are reached without the proxy" },
];

/// Where variables are read from; tests bring their own.
pub trait Environment: Send + Sync {
    /// The value, when the variable is set and not empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The process's own environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the process's environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// An empty environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEnvironment;

impl Environment for NoEnvironment {
    fn get(&self, _: &str) -> Option<String> {
        None
    }
}
