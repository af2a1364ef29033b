//! Microsoft's `azure-identity` for Python, started from nothing but a bundle's files, against a practice tenant.

use std::{fs, path::Path, process::Command};

use bundle::GatewayConfig;
use practice::{Options, Practice};
use serde_json::Value;

use crate::given::{Opened, config, run, text, venv, with_certificate};

/// Prints the claims of a token that the environment alone leads to.
const FROM_ENVIRONMENT: &str = "\
import base64, json
from azure.identity import EnvironmentCredential
with EnvironmentCredential(disable_instance_discovery=True) as credential:
    token = credential.get_token('https://graph.microsoft.com/.default').token
part = token.split('.')[1]
print(base64.urlsafe_b64decode(part + '=' * (-len(part) % 4)).decode())
";

/// The same with the certificate of the bundle, named by gateway.json.
const FROM_CERTIFICATE: &str = "\
import base64, json, os, sys
from azure.identity import CertificateCredential
folder = sys.argv[1]
config = json.load(open(os.path.join(folder, 'gateway.json')))
kind, path = config['credential']['reference'].split(':', 1)
assert kind == 'file'
with CertificateCredential(config['tenant_id'], config['client_id'], os.path.join(folder, path),
                           authority=config['authority'], disable_instance_discovery=True) as credential:
    token = credential.get_token('https://graph.microsoft.com/.default').token
part = token.split('.')[1]
print(base64.urlsafe_b64decode(part + '=' * (-len(part) % 4)).decode())
";

#[tokio::test(flavor = "multi_thread")]
async fn environment_credential_starts_from_gateway_env() {
    let practice = practice::start(Options::default()).await.unwrap();
    let config = of(&practice, config());
    let opened = Opened::new(&config, &practice.facts().client_secret, Some(practice.ca_pem().as_ref()), &[]);
    assert_roles(&claims(&opened, FROM_ENVIRONMENT).await, &config);
    practice.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_signs_in_by_itself_and_from_gateway_env() {
    let made = tempfile::tempdir().unwrap();
    let (certificate, both) = certificate(made.path());
    let options = Options { certificate: Some(certificate), ..Options::default() };
    let practice = practice::start(options).await.unwrap();
    let config = with_certificate(of(&practice, config()));
    let opened = Opened::new(&config, &both, Some(practice.ca_pem().as_ref()), &[]);
    for program in [FROM_ENVIRONMENT, FROM_CERTIFICATE] {
        assert_roles(&claims(&opened, program).await, &config);
    }
    practice.stop().await;
}

/// The config with the practice tenant's own addresses and ids.
fn of(practice: &Practice, config: GatewayConfig) -> GatewayConfig {
    let facts = practice.facts();
    GatewayConfig {
        practice: true,
        authority: facts.authority.parse().unwrap(),
        graph: facts.graph.parse().unwrap(),
        cloud: None,
        tenant_id: facts.tenant_id.parse().unwrap(),
        client_id: facts.client_id.parse().unwrap(),
        ..config
    }
}

/// Runs a program in an environment that has `gateway.env` and nothing else of Azure's.
async fn claims(opened: &Opened, program: &'static str) -> Value {
    let (environment, folder) = (opened.path("gateway.env"), opened.path(""));
    let finished = tokio::task::spawn_blocking(move || {
        run(Command::new("sh")
            .args(["-eu", "-c", "set -a; . \"$1\"; set +a; shift; exec \"$@\"", "sh"])
            .arg(environment)
            .arg(venv("python3"))
            .args(["-c", program])
            .arg(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin"))
    })
    .await
    .unwrap();
    assert!(finished.status.success(), "{}", text(&finished));
    serde_json::from_slice(&finished.stdout).unwrap()
}

fn assert_roles(claims: &Value, config: &GatewayConfig) {
    assert_eq!(claims["roles"], serde_json::json!(["GroupMember.Read.All", "User.Read.All"]));
    assert_eq!(claims["appid"], config.client_id.to_string());
    assert_eq!(claims["tid"], config.tenant_id.to_string());
}

/// A self-signed certificate by `openssl`, and the same together with its key.
fn certificate(folder: &Path) -> (Vec<u8>, String) {
    let (key, public) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=gateway",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&public));
    assert!(made.status.success(), "{}", text(&made));
    let (key, public) = (fs::read_to_string(key).unwrap(), fs::read_to_string(public).unwrap());
    let both = format!("{public}{key}");
    (public.into_bytes(), both)
}
