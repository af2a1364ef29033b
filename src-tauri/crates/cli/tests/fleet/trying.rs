//! The script tries a credential before the host gets it, with stock tools and with `gatehouse`, against a practice tenant.

use std::{fs, path::Path, process::Command};

use bundle::{BundleContent, Receipt, SelfTest, verify_receipt};
use practice::{Options, Scenario};

use crate::{
    given::{Has, SEQUENCE, run, seal, text, write},
    host::{Host, Run},
};

const WRONG: &str = "canary-of-nobody-8Q~this-is-not-the-secret";

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_works_is_installed_and_answered_for() {
    let tenant = practice::start(Options::default()).await.unwrap();
    for has in [Has::StockTools, Has::Gatehouse] {
        let host = Host::new();
        let content = host.gateway.content_for(&tenant, SEQUENCE, &tenant.facts().client_secret);
        assert_eq!(tried(&host, &content, has), Ok("installed".to_owned()), "{has:?}");
        assert_eq!(answered(&host), (SEQUENCE, SelfTest::Ok), "{has:?}");
        let before = host.everything();
        assert_eq!(tried(&host, &content, has), Ok("unchanged".to_owned()), "{has:?}");
        assert!(host.everything() == before, "{has:?}: something was written");

        let told = run(Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .args(["bundle", "receipt", "--from"])
            .arg(host.folder())
            .arg("--key")
            .arg(&host.gateway.key_file));
        let told = verify_receipt(&told.stdout, &host.gateway.recipient()).unwrap();
        assert_eq!(told, receipt(&host), "{has:?}: two receipts for one installation");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_does_not_work_is_held_back() {
    let tenant = practice::start(Options::default()).await.unwrap();
    for has in [Has::StockTools, Has::Gatehouse] {
        let host = Host::new();
        let good = host.gateway.content_for(&tenant, SEQUENCE, &tenant.facts().client_secret);
        assert_eq!(tried(&host, &good, has), Ok("installed".to_owned()));
        let said = tried(&host, &host.gateway.content_for(&tenant, SEQUENCE + 1, WRONG), has).unwrap_err();
        assert!(said.contains("AADSTS7000215") && said.contains("not installed"), "{has:?}: {said}");
        let denied = SelfTest::Failed { code: "held-back.AADSTS7000215".to_owned() };
        assert_eq!(answered(&host), (SEQUENCE + 1, denied), "{has:?}");
        assert_eq!(fs::read_link(host.folder().join("current")).unwrap(), Path::new("releases/7"));
        assert_eq!(fs::read_dir(host.folder().join("releases")).unwrap().count(), 1, "{has:?}");
        for (path, content) in host.everything() {
            assert!(!content.windows(16).any(|part| part == &WRONG.as_bytes()[..16]), "{}", path.display());
        }
        let trusted = Run { trial: "trust", ..practice_run(has) };
        assert_eq!(host.run(&trusted), Ok("installed".to_owned()), "{has:?}");
        assert_eq!(answered(&host), (SEQUENCE + 1, SelfTest::NotRun), "{has:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installed_credential_that_died_is_told() {
    let tenant = practice::start(Options::default()).await.unwrap();
    let host = Host::new();
    let content = host.gateway.content_for(&tenant, SEQUENCE, WRONG);
    let trusted = Run { trial: "trust", ..practice_run(Has::StockTools) };
    host.receive(&seal(&content, &host.gateway.recipient()));
    assert_eq!(host.run(&trusted), Ok("installed".to_owned()));
    let opened_at = receipt(&host).opened_at;
    let said = tried(&host, &content, Has::StockTools).unwrap_err();
    assert!(
        said.contains("The bundle that is installed did not pass its self-test (AADSTS7000215)."),
        "{said}"
    );
    assert_eq!(answered(&host), (SEQUENCE, SelfTest::Failed { code: "AADSTS7000215".to_owned() }));
    assert_eq!(receipt(&host).opened_at, opened_at);
    assert_eq!(fs::read_link(host.folder().join("current")).unwrap(), Path::new("releases/7"));
    // Not to try it again takes nothing away from what was learned.
    assert_eq!(host.run(&trusted), Ok("unchanged".to_owned()));
    assert_eq!(answered(&host), (SEQUENCE, SelfTest::Failed { code: "AADSTS7000215".to_owned() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_has_its_code() {
    for (scenario, wanted) in
        [(Scenario::SecretExpired, "AADSTS7000222"), (Scenario::ConsentMissing, "consent-missing")]
    {
        let tenant = practice::start(Options { scenario, ..Options::default() }).await.unwrap();
        for has in [Has::StockTools, Has::Gatehouse] {
            let host = Host::new();
            let content = host.gateway.content_for(&tenant, SEQUENCE, &tenant.facts().client_secret);
            let said = tried(&host, &content, has).unwrap_err();
            assert!(said.contains(wanted), "{has:?}: {said}");
            assert!(!host.folder().join("current").exists());
            let denied = SelfTest::Failed { code: format!("held-back.{wanted}") };
            assert_eq!(answered(&host), (SEQUENCE, denied), "{has:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_with_openssl() {
    let made = tempfile::tempdir().unwrap();
    let (key, public) = (made.path().join("key.pem"), made.path().join("certificate.pem"));
    let options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=gateway"];
    let by_openssl =
        run(Command::new("openssl").args(options).arg("-keyout").arg(&key).arg("-out").arg(&public));
    assert!(by_openssl.status.success(), "{}", text(&by_openssl));
    let both = fs::read_to_string(&public).unwrap() + &fs::read_to_string(&key).unwrap();
    let certificate = Some(fs::read(&public).unwrap());
    let tenant = practice::start(Options { certificate, ..Options::default() }).await.unwrap();
    let host = Host::new();
    let content = host.gateway.content_for(&tenant, SEQUENCE, &both);
    assert_eq!(tried(&host, &content, Has::StockTools), Ok("installed".to_owned()));
    assert_eq!(answered(&host), (SEQUENCE, SelfTest::Ok));

    let none = practice::start(Options::default()).await.unwrap();
    let host = Host::new();
    let said = tried(&host, &host.gateway.content_for(&none, SEQUENCE, &both), Has::StockTools).unwrap_err();
    assert!(said.contains("AADSTS700027"), "{said}");
}

/// A `curl` that notes what it is called with, and what its environment holds, before it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_token_is_an_argument() {
    let tenant = practice::start(Options::default()).await.unwrap();
    let host = Host::new();
    let (spy, seen) = (host.root.path().join("spy"), host.root.path().join("seen"));
    let script = format!(
        "#!/bin/sh\n{{ printf '%s\\n' \"$@\"; env; }} >>{}\nexec /usr/bin/curl \"$@\"\n",
        seen.display()
    );
    write(&spy.join("curl"), script, 0o755);
    let secret = &tenant.facts().client_secret;
    host.receive(&seal(&host.gateway.content_for(&tenant, SEQUENCE, secret), &host.gateway.recipient()));
    let path = format!("{}:/usr/bin:/bin", spy.display());
    assert_eq!(host.run(&Run { path, ..practice_run(Has::StockTools) }), Ok("installed".to_owned()));
    let seen = fs::read_to_string(seen).unwrap();
    assert_eq!(seen.lines().filter(|line| *line == "%{http_code}").count(), 2, "a token and a page");
    assert!(!seen.contains(secret.as_str()) && !seen.contains("eyJ") && !seen.contains("Bearer"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tried_is_installed_and_said() {
    let tenant = practice::start(Options::default()).await.unwrap();
    let host = Host::new();
    // Everything but curl.
    let bin = host.root.path().join("few");
    fs::create_dir(&bin).unwrap();
    for folder in ["/usr/bin", "/bin"] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name();
            if name != "curl" {
                std::os::unix::fs::symlink(Path::new(folder).join(&name), bin.join(&name)).ok();
            }
        }
    }
    let content = host.gateway.content_for(&tenant, SEQUENCE, &tenant.facts().client_secret);
    host.receive(&seal(&content, &host.gateway.recipient()));
    let mut command = host.command(&Run { path: bin.display().to_string(), ..practice_run(Has::StockTools) });
    let opened = run(&mut command);
    assert!(opened.status.success(), "{}", text(&opened));
    assert!(text(&opened).contains("The credential was not tried: the program curl is not installed."));
    assert_eq!(answered(&host), (SEQUENCE, SelfTest::NotRun));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_holds_back_too() {
    let tenant = practice::start(Options::default()).await.unwrap();
    let host = Host::new();
    let content = host.gateway.content_for(&tenant, SEQUENCE, &tenant.facts().client_secret);
    tenant.stop().await;
    let said = tried(&host, &content, Has::StockTools).unwrap_err();
    assert!(said.contains("did not pass its self-test (curl-7) and was not installed"), "{said}");
    assert!(!host.folder().join("current").exists());
}

fn practice_run(has: Has) -> Run {
    Run { kind: "practice", trial: "try", has, ..Run::default() }
}

fn tried(host: &Host, content: &BundleContent, has: Has) -> Result<String, String> {
    host.receive(&seal(content, &host.gateway.recipient()));
    host.run(&practice_run(has))
}

fn receipt(host: &Host) -> Receipt {
    let bytes = fs::read(host.folder().join(host.gateway.name.receipt_file_name())).unwrap();
    verify_receipt(&bytes, &host.gateway.recipient()).unwrap()
}

fn answered(host: &Host) -> (u64, SelfTest) {
    let receipt = receipt(host);
    (receipt.bundle_sequence, receipt.self_test)
}
