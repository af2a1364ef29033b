//! The program is killed in the middle of opening, at many moments. What the gateway reads is whole all the time.

use std::{process::Stdio, time::Duration};

use crate::{
    gateway::{Gateway, code, errors, everything},
    given::{ED25519, numbered, seal},
};

const KILLS: u32 = 150;

/// The number of the bundle that `current` holds; every file of it is as it was signed.
fn whole(gateway: &Gateway) -> u64 {
    let manifest = bundle::Manifest::from_json(gateway.current("manifest.json").as_bytes()).unwrap();
    for file in &manifest.files {
        assert_eq!(crate::archive::sha256(gateway.current(file.name.as_str()).as_bytes()), file.sha256);
    }
    assert_eq!(gateway.current("gateway.env"), format!("AZURE_CLIENT_SECRET=canary-{}\n", manifest.sequence));
    assert_eq!(gateway.current("SHA256SUMS"), manifest.sums());
    manifest.sequence
}

#[test]
fn whatever_moment_it_is_killed_at_the_old_one_or_the_new_one_is_there() {
    let gateway = Gateway::having(&numbered(1));
    // How long one takes here, so that the moments lie in the middle of it.
    let began = std::time::Instant::now();
    gateway.receive(&seal(&numbered(2), ED25519));
    assert_eq!(code(&gateway.open(&[])), 0);
    let whole_run = began.elapsed();
    let (mut number, mut killed) = (2, 0);
    for round in 0..KILLS {
        gateway.receive(&seal(&numbered(number + 1), ED25519));
        let mut child =
            gateway.open_command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let after = whole_run * (round % 50 + 1) / 50;
        std::thread::sleep(after.max(Duration::from_micros(100)));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let now = whole(&gateway);
        assert!(now == number || now == number + 1, "{now} after {number}");
        number = now;
    }
    assert!(killed > KILLS / 10, "{killed} of {KILLS} were in time");
    gateway.receive(&seal(&numbered(number + 1), ED25519));
    let output = gateway.open(&[]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(whole(&gateway), number + 1);
    let releases = gateway.root().join("releases");
    let left: Vec<_> =
        everything(&releases).into_keys().filter(|path| path.parent() == Some(releases.as_path())).collect();
    assert_eq!(left.len(), 2, "current and previous: {left:?}");
}
