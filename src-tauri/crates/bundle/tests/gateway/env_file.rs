//! `gateway.env`: its exact text, what it refuses, and that a real shell reads it back.

use bundle::{CredentialReference, GatewayConfig, gateway_env};
use secrecy::{ExposeSecret, SecretString};

use crate::committed;

#[test]
fn without_a_secret_it_says_where_to_put_it() {
    let text = written(&example(), None, None);
    assert_eq!(
        text,
        "# gateway.env of Contoso – Print servers, number 3, 2026-11-20T14:34:00Z\n\
         # Read it with: set -a; . ./gateway.env; set +a, or EnvironmentFile= of systemd.\n\
         AZURE_TENANT_ID=7d3f1c52-9a40-4b8e-8d21-0c5be1f4a611\n\
         AZURE_CLIENT_ID=5e0b6f3a-61c7-4f0e-9b2d-3a7714d08a62\n\
         AZURE_AUTHORITY_HOST=https://login.microsoftonline.com\n\
         # The client secret is not in this file. Set AZURE_CLIENT_SECRET to the secret's value where the gateway \
         starts, or add it below as AZURE_CLIENT_SECRET=value.\n"
    );
}

#[test]
fn an_ordinary_secret_stands_as_it_is_so_that_docker_reads_it_too() {
    let text = written(&example(), Some("abc8Q~dEf.gh-ij_kl"), None);
    assert!(text.ends_with("\nAZURE_CLIENT_SECRET=abc8Q~dEf.gh-ij_kl\n"), "{text}");
}

#[test]
fn practice_endpoints_get_their_mark_and_their_authority_in_three_variables() {
    let text = written(&practice(), None, Some("/home/ana maria/ca.pem"));
    assert!(
        text.contains("\n# PRACTICE: made against the practice tenant. It opens nothing real.\n"),
        "{text}"
    );
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        assert!(text.contains(&format!("\n{variable}=\"/home/ana maria/ca.pem\"\n")), "{text}");
    }
    assert!(text.contains("\nAZURE_AUTHORITY_HOST=https://localhost:8443\n"), "{text}");
}

#[test]
fn a_certificate_is_named_by_its_path() {
    let mut config = example();
    config.credential = certificate();
    let text = written(&config, None, None);
    assert!(text.ends_with("\nAZURE_CLIENT_CERTIFICATE_PATH=/etc/gateway/gateway.pem\n"), "{text}");
}

#[test]
fn what_cannot_be_written_safely_is_refused() {
    let mut with_certificate = example();
    with_certificate.credential = certificate();
    let mut without_name = example();
    without_name.name.clear();
    let cases = [
        (refused(&example(), Some("two\nlines"), None), "AZURE_CLIENT_SECRET"),
        (refused(&example(), Some("null\0byte"), None), "AZURE_CLIENT_SECRET"),
        (refused(&example(), Some(""), None), "AZURE_CLIENT_SECRET"),
        (refused(&example(), None, Some("/ca.pem")), "ca_file"),
        (refused(&practice(), None, Some("/ca\n.pem")), "SSL_CERT_FILE"),
        (refused(&with_certificate, Some("secret"), None), "credential"),
        (refused(&without_name, None, None), "name"),
    ];
    for (problem, field) in cases {
        assert_eq!(problem.field, field);
        assert!(!problem.to_string().contains("lines"), "the secret is repeated: {problem}");
    }
}

#[test]
fn debug_output_of_the_file_shows_nothing() {
    let file = gateway_env(&example(), Some(&SecretString::from("canary")), None).unwrap();
    assert!(!format!("{file:?}").contains("canary"));
}

#[cfg(unix)]
#[test]
fn a_shell_reads_back_every_value() {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };

    let secrets = [
        "abc8Q~dEf.gh-ij_kl",
        "~starts.with.a.tilde",
        "a:~b",
        "-dash",
        "#hash",
        "a b  c ",
        " leading",
        "dollar$HOME",
        "tick`id`",
        "back\\slash\\",
        "double\"quote",
        "single'quote",
        "semi;colon&amp|pipe>out",
        "star*?[a]",
        "brace{a,b}",
        "bang!bang",
        "percent%h%%",
        "equal=sign",
        "ünï-密",
    ];
    for secret in secrets {
        let mut shell = Command::new("sh")
            .args(["-c", "set -a; eval \"$(cat)\"; printenv AZURE_CLIENT_SECRET"])
            .env_remove("AZURE_CLIENT_SECRET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let text = written(&example(), Some(secret), None);
        shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = shell.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{secret}\n"));
    }
}

fn example() -> GatewayConfig {
    GatewayConfig::from_json(committed::EXAMPLE.as_bytes()).unwrap()
}

fn practice() -> GatewayConfig {
    let mut config = example();
    config.practice = true;
    config.cloud = None;
    config.authority = "https://localhost:8443".parse().unwrap();
    config.graph = "https://localhost:8444".parse().unwrap();
    config
}

fn certificate() -> CredentialReference {
    CredentialReference::ClientCertificate {
        reference: "file:/etc/gateway/gateway.pem".to_owned(),
        thumbprint: "A".repeat(40),
        ends_on: None,
    }
}

fn written(config: &GatewayConfig, secret: Option<&str>, ca_file: Option<&str>) -> String {
    let secret = secret.map(SecretString::from);
    gateway_env(config, secret.as_ref(), ca_file).unwrap().expose_secret().to_owned()
}

fn refused(config: &GatewayConfig, secret: Option<&str>, ca_file: Option<&str>) -> bundle::ConfigProblem {
    let secret = secret.map(SecretString::from);
    gateway_env(config, secret.as_ref(), ca_file).unwrap_err()
}
