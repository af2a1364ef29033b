//! `gateway.env`, read by `sh`.

use std::process::Command;

use crate::given::{HOSTILE, Opened, config, run, text};

#[test]
fn sh_reads_every_secret_as_it_is() {
    for secret in HOSTILE {
        let opened = Opened::new(&config(), secret, None, &[]);
        let read = "set -a; . \"$1\"; set +a; sh -c 'printf \"%s|%s|%s\" \"$AZURE_CLIENT_ID\" \"$AZURE_AUTHORITY_HOST\" \
                    \"$AZURE_CLIENT_SECRET\"'";
        let finished = run(Command::new("sh")
            .args(["-eu", "-c", read, "sh"])
            .arg(opened.path("gateway.env"))
            .current_dir(opened.root()));
        assert!(finished.status.success(), "{}", text(&finished));
        let config = config();
        let expected = format!("{}|https://login.microsoftonline.com|{secret}", config.client_id);
        assert_eq!(String::from_utf8(finished.stdout).unwrap(), expected);
        assert!(!opened.root().join("x").exists(), "a command in the secret was run");
    }
}
