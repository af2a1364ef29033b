use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bundle::{BundleFile, CredentialReference, FileMode, GatewayConfig};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{InstallFolder, Output, OutputCredential, OutputSource, SelfTestFile, files};
use crate::{Fault, FaultCode};

const CANARY: &str = "canary-8Q~x0";
const TENANT: &str = "7d3f1c52-9a40-4b8e-8d21-0c5be1f4a611";
const CLIENT: &str = "5e0b6f3a-61c7-4f0e-9b2d-3a7714d08a62";
/// Secrets that somebody's quoting would break.
const HOSTILE: [&str; 9] = [
    "it's",
    "say \"hi\"",
    "$(touch x) `id` ${HOME} %d %%",
    "a # b: {{ lookup('env','HOME') }} - [x], {y}",
    "\\n \\ \\\\",
    " leading and trailing ",
    "~:~ & | > * ! @",
    "ünïcödé 秘密 🔑 \u{2028}\u{85}".trim_ascii_end(),
    "null",
];

fn config() -> GatewayConfig {
    GatewayConfig::from_json(include_bytes!("../../../bundle/gateway.example.json")).unwrap()
}

fn practice_config() -> GatewayConfig {
    GatewayConfig {
        practice: true,
        authority: "https://localhost:4443".parse().unwrap(),
        graph: "https://localhost:4444".parse().unwrap(),
        cloud: None,
        ..config()
    }
}

fn with_certificate(config: GatewayConfig) -> GatewayConfig {
    let credential = CredentialReference::ClientCertificate {
        reference: "file:somewhere.pem".to_owned(),
        thumbprint: "A".repeat(40),
        ends_on: None,
    };
    GatewayConfig { credential, ..config }
}

fn made(config: &GatewayConfig, secret: &str, outputs: &[Output]) -> Result<Vec<BundleFile>, Fault> {
    let secret = SecretString::from(secret);
    let credential = match config.credential {
        CredentialReference::ClientSecret { .. } => OutputCredential::Secret(&secret),
        CredentialReference::ClientCertificate { .. } => OutputCredential::CertificatePem(&secret),
    };
    let ca_pem = config.practice.then_some(&b"-----BEGIN CERTIFICATE-----\n"[..]);
    let installed_in = &InstallFolder::default();
    files(&OutputSource { gateway: "plant-3", config, credential, ca_pem, installed_in }, outputs)
}

fn text<'a>(files: &'a [BundleFile], name: &str) -> &'a str {
    let file = files.iter().find(|file| file.name.as_str() == name).unwrap();
    std::str::from_utf8(file.content.expose_secret()).unwrap()
}

fn names(files: &[BundleFile]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn the_files_that_are_always_inside() {
    let files = made(&config(), CANARY, &[]).unwrap();
    let expected = ["client-secret", "gateway.env", "gateway.json", "gateway.schema.json", "self-test.json"];
    assert_eq!(names(&files), expected);
    assert_eq!(text(&files, "client-secret"), CANARY);
    assert!(text(&files, "gateway.env").contains(&format!("\nAZURE_CLIENT_SECRET={CANARY}\n")));
    let read = GatewayConfig::from_json(text(&files, "gateway.json").as_bytes()).unwrap();
    assert_eq!(read.credential.reference(), "file:client-secret");
    assert_eq!(read.access, config().access);

    let files = made(&with_certificate(practice_config()), CANARY, &[]).unwrap();
    let expected = [
        "client-certificate.pem",
        "gateway-ca.pem",
        "gateway.env",
        "gateway.json",
        "gateway.schema.json",
        "self-test.json",
    ];
    assert_eq!(names(&files), expected);
    let environment = text(&files, "gateway.env");
    assert!(environment.contains("PRACTICE"));
    for line in [
        "AZURE_CLIENT_CERTIFICATE_PATH=/etc/gatehouse/current/client-certificate.pem",
        "REQUESTS_CA_BUNDLE=/etc/gatehouse/current/gateway-ca.pem",
    ] {
        assert!(environment.lines().any(|found| found == line), "{environment}");
    }
    let read = GatewayConfig::from_json(text(&files, "gateway.json").as_bytes()).unwrap();
    assert_eq!(read.credential.reference(), "file:client-certificate.pem");
}

#[test]
fn the_self_test_says_what_to_try() {
    let files = made(&config(), CANARY, &[]).unwrap();
    let read: Value = serde_json::from_str(text(&files, "self-test.json")).unwrap();
    let expected = json!({
        "format": "gatehouse.self-test/1",
        "practice": false,
        "ca_file": null,
        "token": {
            "url": format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"),
            "form": {
                "client_id": CLIENT,
                "grant_type": "client_credentials",
                "scope": "https://graph.microsoft.com/.default"
            },
            "credential": { "field": "client_secret", "file": "client-secret" }
        },
        "expected_roles": ["GroupMember.Read.All", "User.Read.All"],
        "page": { "url": "https://graph.microsoft.com/v1.0/users?$select=id&$top=1" }
    });
    assert_eq!(read, expected);
    let typed: SelfTestFile = serde_json::from_value(read.clone()).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), read);

    let files = made(&with_certificate(practice_config()), CANARY, &[]).unwrap();
    let read: Value = serde_json::from_str(text(&files, "self-test.json")).unwrap();
    assert_eq!(read["ca_file"], "gateway-ca.pem");
    assert_eq!(read["token"]["url"], format!("https://localhost:4443/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(read["token"]["credential"]["field"], "client_assertion");
    assert_eq!(read["page"]["url"], "https://localhost:4444/v1.0/users?$select=id&$top=1");
}

#[test]
fn the_credential_stands_in_private_files_only() {
    let every: Vec<Output> = Output::ALL.to_vec();
    let without_proxy: Vec<Output> =
        Output::ALL.into_iter().filter(|output| *output != Output::OAuth2Proxy).collect();
    for (config, outputs) in [
        (config(), &every),
        (practice_config(), &every),
        (with_certificate(config()), &without_proxy),
        (with_certificate(practice_config()), &without_proxy),
    ] {
        let files = made(&config, CANARY, outputs).unwrap();
        let mut holding = 0;
        for file in &files {
            let content = file.content.expose_secret();
            let holds = [CANARY.as_bytes().to_vec(), STANDARD.encode(CANARY).into_bytes()]
                .iter()
                .any(|canary| content.windows(canary.len()).any(|window| window == canary));
            holding += usize::from(holds);
            assert!(!holds || file.mode == FileMode::Private, "{}", file.name);
            assert!(!format!("{file:?}").contains(CANARY));
            let marked =
                config.practice == String::from_utf8_lossy(content).to_lowercase().contains("practice");
            let neutral =
                ["client-secret", "client-certificate.pem", "gateway-ca.pem", "gateway.schema.json"];
            let states = ["gateway.json", "self-test.json"];
            assert!(
                marked || neutral.contains(&file.name.as_str()) || states.contains(&file.name.as_str()),
                "{}",
                file.name
            );
        }
        assert!(holding >= 2, "the canary was not looked for in the right places");
    }
}

#[test]
fn hostile_secrets_reach_every_reader_as_they_are() {
    for secret in HOSTILE {
        let Ok(files) = made(&config(), secret, &Output::ALL) else {
            assert!(secret.chars().any(char::is_control), "{secret:?}");
            continue;
        };
        assert_eq!(text(&files, "client-secret"), secret);
        let module: Value = serde_json::from_str(text(&files, "iot-edge/module.json")).unwrap();
        assert_eq!(module["env"]["AZURE_CLIENT_SECRET"]["value"], secret);
        assert!(text(&files, "kubernetes/secret.yaml").contains(&STANDARD.encode(secret)));
    }
    for refused in ["", "two\nlines", "bell\u{7}"] {
        let fault = made(&config(), refused, &[]).unwrap_err();
        assert_eq!(fault.code, FaultCode::InvalidInput);
    }
}

#[test]
fn hostile_names_stay_inside_their_remarks() {
    for name in ["'\"$(x)`{{ y }}", "a: b # c", "- [x", "\\", "%d %h"] {
        let config = GatewayConfig { name: name.to_owned(), ..config() };
        let files = made(&config, CANARY, &Output::ALL).unwrap();
        for file in &files {
            let content = String::from_utf8_lossy(file.content.expose_secret()).into_owned();
            for line in content.lines().filter(|line| line.contains(name)) {
                let quoted = line.trim_start().starts_with("gatehouse/connection:");
                let in_json = file.name.as_str().ends_with(".json");
                assert!(line.starts_with('#') || quoted || in_json, "{}: {line}", file.name);
            }
        }
    }
}

#[test]
fn oauth2_proxy_gets_what_is_known_and_nothing_invented() {
    let files = made(&config(), CANARY, &[Output::OAuth2Proxy]).unwrap();
    let found = text(&files, "oauth2-proxy/oauth2-proxy.cfg");
    let read: BTreeMap<String, toml::Value> = toml::from_str(found).unwrap();
    assert_eq!(read["provider"].as_str(), Some("entra-id"));
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(read["oidc_issuer_url"].as_str(), Some(issuer.as_str()));
    assert_eq!(read["client_id"].as_str(), Some(CLIENT));
    assert_eq!(read["client_secret_file"].as_str(), Some("/etc/gatehouse/current/client-secret"));
    assert_eq!(read["allowed_groups"].as_array().unwrap().len(), 2);
    for unknown in
        ["cookie_secret", "cookie_secret_file", "redirect_url", "email_domains", "upstreams", "client_secret"]
    {
        assert!(!read.contains_key(unknown), "{unknown}");
    }
    assert!(found.contains("ATTENTION") && found.contains("cookie_secret_file"));

    let mut nobody = config();
    nobody.access.rules.clear();
    let files = made(&nobody, CANARY, &[Output::OAuth2Proxy]).unwrap();
    let read: BTreeMap<String, toml::Value> =
        toml::from_str(text(&files, "oauth2-proxy/oauth2-proxy.cfg")).unwrap();
    let nil = toml::Value::from(uuid::Uuid::nil().to_string());
    assert_eq!(read["allowed_groups"].as_array().unwrap(), &vec![nil]);

    let fault = made(&with_certificate(config()), CANARY, &[Output::OAuth2Proxy]).unwrap_err();
    assert!(fault.what.contains("certificate") && !fault.to_string().contains(CANARY));
}

#[test]
fn a_credential_of_another_kind_is_refused() {
    let (config, secret) = (with_certificate(config()), SecretString::from(CANARY));
    let installed_in = &InstallFolder::default();
    let credential = OutputCredential::Secret(&secret);
    let source = OutputSource { gateway: "plant-3", config: &config, credential, ca_pem: None, installed_in };
    assert_eq!(files(&source, &[]).unwrap_err().code, FaultCode::Internal);
}

#[test]
fn ids_are_those_of_the_lists() {
    for output in Output::ALL {
        assert_eq!(serde_json::to_value(output).unwrap(), output.id());
        assert_eq!(Output::from_id(output.id()), Some(output));
    }
    assert_eq!(Output::from_id("docker"), None);
}

#[test]
fn the_description_names_every_file_with_its_mode() {
    let page = include_str!("../../../bundle/FORMAT.md");
    let described = page.split("## The files of a bundle").nth(1).unwrap().split("\n## ").next().unwrap();
    let without_proxy = [Output::Systemd, Output::Kubernetes, Output::IotEdge, Output::AnsibleRole];
    for (config, outputs) in
        [(practice_config(), &Output::ALL[..]), (with_certificate(practice_config()), &without_proxy[..])]
    {
        for file in made(&config, CANARY, outputs).unwrap() {
            let name = file.name.as_str();
            let name = if name.starts_with("ansible/") { "ansible/gatehouse_gateway/…" } else { name };
            let row = described.lines().find(|line| line.contains(&format!("`{name}`")));
            let row = row.unwrap_or_else(|| panic!("{name} is not described"));
            assert!(row.contains(&format!("{:04o}", file.mode.bits())), "{row}");
        }
    }
}
