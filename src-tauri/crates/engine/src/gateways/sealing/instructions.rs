//! `OPEN.txt`: how a gateway opens its bundle with tools that it has.

use bundle::{GatewayName, RecipientKind};

/// The folder that the commands for Windows make, so that only the system and administrators can open it.
const WINDOWS_FOLDER: &str = r"C:\ProgramData\Gatehouse gateway";

/// The private key that opens bundles which are sealed to a key of this kind, on a gateway with Linux.
pub(crate) fn private_key_file(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::SshEd25519 => "/etc/ssh/ssh_host_ed25519_key",
        RecipientKind::SshRsa => "/etc/ssh/ssh_host_rsa_key",
        RecipientKind::X25519 => "/etc/gatehouse/age-identity.txt",
    }
}

/// The same with Windows.
fn private_key_file_on_windows(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::SshEd25519 => r"C:\ProgramData\ssh\ssh_host_ed25519_key",
        RecipientKind::SshRsa => r"C:\ProgramData\ssh\ssh_host_rsa_key",
        RecipientKind::X25519 => r"C:\ProgramData\Gatehouse gateway\age-identity.txt",
    }
}

/// The commands by which a gateway opens its bundle and answers, each several lines to copy. They name the key by what
/// kind of key the bundle is sealed to. Those for the receipt are empty with an age key, which cannot sign.
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
    /// On Windows, where Gatehouse is installed, as an administrator: `cmd` and PowerShell.
    pub on_windows: String,
    /// The receipt, there.
    pub receipt_on_windows: String,
    /// On Windows with age, and with the tar and OpenSSH that Windows has, as an administrator in PowerShell.
    pub with_stock_tools_on_windows: String,
}

impl OpeningCommands {
    /// The commands of FORMAT.md, "Opened with stock tools", for this gateway, whose key is of this kind.
    pub fn of(gateway: &GatewayName, kind: RecipientKind, practice: bool) -> Self {
        let file = gateway.file_name();
        let practice = if practice { " --practice" } else { "" };
        let (key, windows_key) = (private_key_file(kind), private_key_file_on_windows(kind));
        let signs = kind != RecipientKind::X25519;
        let or_nothing = |commands: String| if signs { commands } else { String::new() };
        // The host's own SSH keys are found without being named.
        let named = |key: &str| if signs { String::new() } else { format!(" --key \"{key}\"") };
        Self {
            with_gatehouse: format!(
                "gatehouse bundle open {file} --signers allowed_signers --to /etc/gatehouse{} --self-test{practice}",
                named(key)
            ),
            receipt_with_gatehouse: or_nothing("gatehouse bundle receipt".to_owned()),
            with_stock_tools: format!(
                r#"set -e
umask 077
mkdir {gateway}
cd {gateway}
age -d -i {key} -o bundle.tar ../{file}
tar -xf bundle.tar manifest.json manifest.json.sig SHA256SUMS
ssh-keygen -Y verify -f ../allowed_signers -I gatehouse -n gatehouse-bundle -s manifest.json.sig < manifest.json
grep -qF "\"sha256sums\": \"$(sha256sum SHA256SUMS | cut -c1-64)\"" manifest.json
cut -c67- SHA256SUMS | tar -xf bundle.tar -T -
sha256sum --strict -c SHA256SUMS
rm bundle.tar"#
            ),
            receipt_with_stock_tools: or_nothing(format!(
                r#"printf '{{"format":"gatehouse.receipt/1","gateway":"%s","bundle_sequence":%s,"manifest_sha256":"%s","credential_id":"%s","opened_at":"%s","self_test":{{"outcome":"not-run"}}}}\n' \
  "$(sed -n 's/^  "gateway": "\(.*\)",$/\1/p' manifest.json)" \
  "$(sed -n 's/^  "sequence": \(.*\),$/\1/p' manifest.json)" \
  "$(sha256sum manifest.json | cut -c1-64)" \
  "$(sed -n 's/^  "credential_id": "\(.*\)",$/\1/p' manifest.json)" \
  "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > receipt.json
ssh-keygen -q -Y sign -f {key} -n gatehouse-receipt receipt.json
cat receipt.json receipt.json.sig > {receipt}"#,
                receipt = gateway.receipt_file_name()
            )),
            on_windows: format!(
                "mkdir \"{WINDOWS_FOLDER}\"\n{}\ngatehouse bundle open {file} --signers allowed_signers --to \
                 \"{WINDOWS_FOLDER}\"{} --self-test{practice}",
                only_administrators(WINDOWS_FOLDER),
                named(windows_key)
            ),
            receipt_on_windows: or_nothing(format!(
                "gatehouse bundle receipt --from \"{WINDOWS_FOLDER}\" --out ."
            )),
            with_stock_tools_on_windows: format!(
                r#"$ErrorActionPreference = 'Stop'
function ok {{ if ($LASTEXITCODE) {{ throw 'This failed. Go no further.' }} }}
mkdir {gateway}; {private}; ok; cd {gateway}
age -d -i {windows_key} -o bundle.tar ..\{file}; ok
tar -xf bundle.tar manifest.json manifest.json.sig SHA256SUMS; ok
cmd /c "ssh-keygen -Y verify -f ..\allowed_signers -I gatehouse -n gatehouse-bundle -s manifest.json.sig < manifest.json"; ok
if (-not (Select-String -SimpleMatch ('"sha256sums": "' + (Get-FileHash SHA256SUMS).Hash + '"') manifest.json)) {{ throw 'SHA256SUMS is not the signed one.' }}
foreach ($line in Get-Content SHA256SUMS) {{
  $name = $line.Substring(66)
  tar -xf bundle.tar $name; ok
  if ((Get-FileHash $name).Hash -ne $line.Substring(0, 64)) {{ throw "$name is not the signed one." }}
}}
del bundle.tar"#,
                private = only_administrators(gateway.as_str()),
                windows_key = quoted(windows_key),
            ),
        }
    }
}

/// The system and administrators, by the numbers that are the same in every language (Microsoft, "Well-known SIDs").
fn only_administrators(folder: &str) -> String {
    let folder = quoted(folder);
    format!("icacls {folder} /inheritance:r /grant:r \"*S-1-5-18:(OI)(CI)F\" \"*S-1-5-32-544:(OI)(CI)F\"")
}

fn quoted(path: &str) -> String {
    if path.contains(' ') { format!("\"{path}\"") } else { path.to_owned() }
}

/// The file for a folder of bundles; its commands are those of FORMAT.md, "Opened with stock tools". `gateway` is the
/// one that they name, and `kind` that of its key.
pub(crate) fn instructions(gateway: &GatewayName, kind: RecipientKind, practice: bool) -> String {
    let commands = OpeningCommands::of(gateway, kind, practice);
    let practice = if practice {
        "PRACTICE: these bundles were made with the practice tenant of Gatehouse. They open no real directory.\n\n"
    } else {
        ""
    };
    format!(
        r#"{practice}How a gateway opens its bundle

Each file NAME.tar.age is sealed to the key of the gateway NAME, and opens nowhere else. Bring it and the file
allowed_signers to the gateway; allowed_signers on another way than the bundle, the first time. The commands are those of
{gateway}. Where Gatehouse is installed on the gateway, as root:

{open}

Everywhere else, as root, with age 1.0, tar, OpenSSH 8.2 and sha256sum or later:

{stock}

The key is {key}, because {gateway} has {kind}. {others}

Then look at what no command has looked at: the gateway's name, its key's fingerprint, the sequence number (it grows
with every bundle) and the end.

  grep -E '"(practice|gateway|recipient|sequence|ends_at)"' manifest.json
  {fingerprint}

{receipt}

On Windows, as an administrator, where Gatehouse is installed

{windows}

On Windows without it, in PowerShell, with age.exe; tar.exe and ssh-keygen.exe (OpenSSH 8.2 or later) are in Windows.
Then look at manifest.json as above.

{windows_stock}
"#,
        open = indented(&commands.with_gatehouse),
        stock = indented(&commands.with_stock_tools),
        key = private_key_file(kind),
        kind = match kind {
            RecipientKind::SshEd25519 => "an Ed25519 host key",
            RecipientKind::SshRsa => "an RSA host key",
            RecipientKind::X25519 => "an age key; name the file where that one is, if it is elsewhere",
        },
        others = "In the place of that stands, for a gateway with\nanother key: /etc/ssh/ssh_host_ed25519_key, \
                  /etc/ssh/ssh_host_rsa_key, or the file of its age key, with --key for gatehouse.",
        fingerprint = match kind {
            RecipientKind::X25519 => format!("age-keygen -y {}", private_key_file(kind)),
            _ => format!("ssh-keygen -lf {}.pub", private_key_file(kind)),
        },
        receipt = receipt(&commands),
        windows = indented(&[commands.on_windows.as_str(), &commands.receipt_on_windows].join("\n")),
        windows_stock = indented(&commands.with_stock_tools_on_windows),
    )
}

fn receipt(commands: &OpeningCommands) -> String {
    if commands.receipt_with_stock_tools.is_empty() {
        return "An age key cannot sign, so this gateway gives no receipt: tell Gatehouse yourself once it works with the new\n\
                credential."
            .to_owned();
    }
    format!(
        r#"A receipt tells Gatehouse that the gateway has the new credential. With Gatehouse: {}. Without:

{}

That receipt says "not-run": nobody tried the credential there, and a rotation goes on waiting for this gateway. Once one of
its programs got a token with the new files, write "ok" in the place of "not-run" before you sign."#,
        commands.receipt_with_gatehouse,
        indented(&commands.receipt_with_stock_tools)
    )
}

fn indented(commands: &str) -> String {
    let lines: Vec<String> = commands.lines().map(|line| format!("  {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: RecipientKind) -> String {
        instructions(&GatewayName::new("plant-3").unwrap(), kind, false)
    }

    #[test]
    fn the_commands_name_the_key_that_the_bundle_is_sealed_to() {
        for (kind, own, other) in [
            (RecipientKind::SshEd25519, "ssh_host_ed25519_key", "ssh_host_rsa_key"),
            (RecipientKind::SshRsa, "ssh_host_rsa_key", "ssh_host_ed25519_key"),
            (RecipientKind::X25519, "age-identity.txt", "ssh_host_ed25519_key"),
        ] {
            let text = told(kind);
            let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
            let naming = |name: &str| commands.iter().filter(|line| line.contains(name)).count();
            assert!(naming(own) >= 3 && naming(other) == 0, "{text}");
            let windows =
                commands.iter().any(|line| line.contains("age -d -i") && line.contains(r"C:\ProgramData"));
            assert!(windows, "{text}");
        }
    }

    #[test]
    fn an_age_key_signs_no_receipt_and_is_named_to_gatehouse() {
        let text = told(RecipientKind::X25519);
        assert!(
            text.contains("--to /etc/gatehouse --key \"/etc/gatehouse/age-identity.txt\" --self-test"),
            "{text}"
        );
        assert!(!text.contains("-Y sign") && !text.contains("bundle receipt"), "{text}");
    }

    #[test]
    fn windows_has_its_own_folder_that_only_administrators_open() {
        let text = told(RecipientKind::SshEd25519);
        let (_, windows) = text.split_once("\nOn Windows, as an administrator").unwrap();
        assert!(!windows.contains("/etc/"), "{windows}");
        let made = windows.find("mkdir \"C:\\ProgramData\\Gatehouse gateway\"").unwrap();
        let kept = windows.find("icacls \"C:\\ProgramData\\Gatehouse gateway\" /inheritance:r").unwrap();
        let opened = windows.find("gatehouse bundle open plant-3.tar.age").unwrap();
        assert!(made < kept && kept < opened, "{windows}");
        assert!(text.lines().all(|line| !line.ends_with(' ')), "{text}");
    }
}
