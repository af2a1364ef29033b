//! `OPEN.txt`: how a gateway opens its bundle with tools that it has.

use bundle::GatewayName;

/// The commands by which a gateway opens its bundle and answers, each several lines to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningCommands {
    /// Where Gatehouse is installed on the gateway.
    pub with_gatehouse: String,
    /// The receipt, there.
    pub receipt_with_gatehouse: String,
    /// With age, tar, ssh-keygen and sha256sum alone, as root.
    pub with_stock_tools: String,
    /// The receipt, there, in the folder of the opened files.
    pub receipt_with_stock_tools: String,
}

impl OpeningCommands {
    /// The commands of FORMAT.md, "Opened with stock tools", for this gateway.
    pub fn of(gateway: &GatewayName, practice: bool) -> Self {
        let file = gateway.file_name();
        let practice = if practice { " --practice" } else { "" };
        Self {
            with_gatehouse: format!(
                "gatehouse bundle open {file} --signers allowed_signers --to /etc/gatehouse --self-test{practice}"
            ),
            receipt_with_gatehouse: "gatehouse bundle receipt".to_owned(),
            with_stock_tools: format!(
                r#"set -e
umask 077
mkdir {gateway}
cd {gateway}
age -d -i /etc/ssh/ssh_host_ed25519_key -o bundle.tar ../{file}
tar -xf bundle.tar manifest.json manifest.json.sig SHA256SUMS
ssh-keygen -Y verify -f ../allowed_signers -I gatehouse -n gatehouse-bundle -s manifest.json.sig < manifest.json
grep -qF "\"sha256sums\": \"$(sha256sum SHA256SUMS | cut -c1-64)\"" manifest.json
cut -c67- SHA256SUMS | tar -xf bundle.tar -T -
sha256sum --strict -c SHA256SUMS
rm bundle.tar"#
            ),
            receipt_with_stock_tools: format!(
                r#"printf '{{"format":"gatehouse.receipt/1","gateway":"%s","bundle_sequence":%s,"manifest_sha256":"%s","credential_id":"%s","opened_at":"%s","self_test":{{"outcome":"not-run"}}}}\n' \
  "$(sed -n 's/^  "gateway": "\(.*\)",$/\1/p' manifest.json)" \
  "$(sed -n 's/^  "sequence": \(.*\),$/\1/p' manifest.json)" \
  "$(sha256sum manifest.json | cut -c1-64)" \
  "$(sed -n 's/^  "credential_id": "\(.*\)",$/\1/p' manifest.json)" \
  "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > receipt.json
ssh-keygen -q -Y sign -f /etc/ssh/ssh_host_ed25519_key -n gatehouse-receipt receipt.json
cat receipt.json receipt.json.sig > {receipt}"#,
                receipt = gateway.receipt_file_name()
            ),
        }
    }
}

/// The file for a folder of bundles; its commands are those of FORMAT.md, "Opened with stock tools". `gateway` is the
/// one that they name.
pub(crate) fn instructions(gateway: &GatewayName, practice: bool) -> String {
    let commands = OpeningCommands::of(gateway, practice);
    let practice = if practice {
        "PRACTICE: these bundles were made with the practice tenant of Gatehouse. They open no real directory.\n\n"
    } else {
        ""
    };
    format!(
        r#"{practice}How a gateway opens its bundle

Each file NAME.tar.age is sealed to the SSH host key of the gateway NAME, and opens nowhere else. Bring it and the file
allowed_signers to the gateway; allowed_signers on another way than the bundle, the first time. Where Gatehouse is
installed on the gateway:

{open}

Everywhere else, as root, with age 1.0, tar, OpenSSH 8.2 and sha256sum or later:

{stock}

A bundle that is sealed to an RSA host key opens with /etc/ssh/ssh_host_rsa_key, and one that is sealed to an age key with
the file of that key: put it in the place of ssh_host_ed25519_key, here and below.

Then look at what no command has looked at: the gateway's name, its key's fingerprint, the sequence number (it grows
with every bundle) and the end.

  grep -E '"(practice|gateway|recipient|sequence|ends_at)"' manifest.json
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub

A receipt tells Gatehouse that the gateway has the new credential. With Gatehouse: {receipt}. Without:

{stock_receipt}

That receipt says "not-run": nobody tried the credential there, and a rotation goes on waiting for this gateway. Once one of
its programs got a token with the new files, write "ok" in the place of "not-run" before you sign.
"#,
        open = indented(&commands.with_gatehouse),
        stock = indented(&commands.with_stock_tools),
        receipt = commands.receipt_with_gatehouse,
        stock_receipt = indented(&commands.receipt_with_stock_tools),
    )
}

fn indented(commands: &str) -> String {
    let lines: Vec<String> = commands.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
