//! A drop-in for the unit of the gateway's own program.

use std::fmt::Write as _;

use bundle::{BundleFile, FileMode};

use super::{
    OutputCredential, OutputSource,
    always::{AUTHORITY, CONFIG, ENVIRONMENT, SECRET_VARIABLE, credential_file},
    writing::{file, remarks},
};
use crate::fault::Fault;

const DROP_IN: &str = "systemd/gatehouse-gateway.conf";
const ENCRYPT: &str = "systemd/encrypt-credential.sh";

/// Adds the drop-in, and the script that encrypts the credential for one machine.
///
/// Source: systemd.exec(5), `LoadCredential=` (systemd 247), `LoadCredentialEncrypted=` and `%d` (systemd 250).
pub(super) fn add(source: &OutputSource<'_>, files: &mut Vec<BundleFile>) -> Result<(), Fault> {
    files.push(file(DROP_IN, FileMode::Public, drop_in(source).into_bytes())?);
    files.push(file(ENCRYPT, FileMode::PrivateProgram, encrypt(source).into_bytes())?);
    Ok(())
}

fn drop_in(source: &OutputSource<'_>) -> String {
    let credential = credential_file(source);
    let mut text = remarks(source, "systemd drop-in", &[]);
    for line in explanation(source).lines() {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    text.push_str("[Service]\n");
    let mut load = |name: &str| {
        let _ = writeln!(text, "LoadCredential={name}:{}", source.installed_in.path_of(name));
    };
    load(CONFIG);
    load(credential);
    if source.ca_pem.is_some() {
        load(AUTHORITY);
    }
    let config = source.config;
    let mut set = |name: &str, value: &str| {
        let _ = writeln!(text, "Environment=\"{name}={value}\"");
    };
    set("AZURE_TENANT_ID", &config.tenant_id.to_string());
    set("AZURE_CLIENT_ID", &config.client_id.to_string());
    set("AZURE_AUTHORITY_HOST", &escaped(config.authority.as_str().trim_end_matches('/')));
    if let OutputCredential::CertificatePem(_) = source.credential {
        set("AZURE_CLIENT_CERTIFICATE_PATH", &format!("%d/{credential}"));
    }
    if source.ca_pem.is_some() {
        for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            set(variable, &format!("%d/{AUTHORITY}"));
        }
    }
    text
}

/// What an administrator does with the drop-in. The plain files are what the encrypted credential is made from, so they are
/// there until somebody takes them away.
fn explanation(source: &OutputSource<'_>) -> String {
    let credential = credential_file(source);
    let current = source.installed_in.current();
    let environment = match source.credential {
        OutputCredential::CertificatePem(_) => String::new(),
        OutputCredential::Secret(_) => format!(
            "A program that takes the secret from {SECRET_VARIABLE} only, and not from a file, needs this line too. Then\n\
             the secret is in the program's environment, and in a plain file:\n  EnvironmentFile={}\n\n",
            source.installed_in.path_of(ENVIRONMENT)
        ),
    };
    format!(
        "Copy it to /etc/systemd/system/UNIT.service.d/ for the unit that reads the directory, then run:\n  \
         systemctl daemon-reload && systemctl restart UNIT.service\n\
         systemd 250 or later. The service finds these files in $CREDENTIALS_DIRECTORY, whoever it runs as.\n\n\
         {environment}\
         The service can take the credential encrypted for this machine: run encrypt-credential.sh beside this file, and\n\
         put this line in the place of the one for the credential:\n  \
         LoadCredentialEncrypted={credential}:/etc/credstore.encrypted/gatehouse-{credential}\n\
         The plain files stay all the same, for root alone. To keep the encrypted one only, take them away when the receipt\n\
         is made. The same bundle opened again puts them back; an earlier bundle in \"previous\" has its own:\n  \
         cd {current} && rm -f {credential} {ENVIRONMENT} kubernetes/secret.yaml iot-edge/module.json\n"
    )
}

/// A value between double quotation marks in a unit file.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%")
}

fn encrypt(source: &OutputSource<'_>) -> String {
    let credential = credential_file(source);
    let head = remarks(
        source,
        "Encrypts the credential for this machine alone",
        &[
            "Run it as root on the gateway, and again after each new bundle. Only this machine can decrypt the result:",
            "with its TPM, with the key in /var/lib/systemd/credential.secret, or with both.",
        ],
    );
    format!(
        "#!/bin/sh\n{head}set -eu\numask 077\nfolder=$(cd \"$(dirname \"$0\")/..\" && pwd)\n\
         store=${{1:-/etc/credstore.encrypted}}\nmkdir -p \"$store\"\n\
         systemd-creds encrypt --name={credential} \"$folder/{credential}\" \"$store/gatehouse-{credential}.new\"\n\
         mv \"$store/gatehouse-{credential}.new\" \"$store/gatehouse-{credential}\"\n"
    )
}
