//! How the files of a bundle are written.

use std::fmt::Write as _;

use bundle::{BundleFile, ConfigProblem, FileMode, MemberName};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Serialize;

use super::OutputSource;
use crate::fault::{Fault, FaultCode};

/// A file of a bundle.
pub(super) fn file(name: &str, mode: FileMode, content: Vec<u8>) -> Result<BundleFile, Fault> {
    let name = MemberName::new(name).map_err(|problem| refused(&problem))?;
    Ok(BundleFile { name, mode, content: SecretSlice::from(content) })
}

/// A file that holds the credential.
pub(super) fn secret_file(name: &str, content: &SecretString) -> Result<BundleFile, Fault> {
    file(name, FileMode::Private, content.expose_secret().as_bytes().to_vec())
}

/// Remarks above a file: each line with `# ` before it. The first names the gateway and the config it belongs to.
pub(super) fn remarks(source: &OutputSource<'_>, what: &str, lines: &[&str]) -> String {
    let config = source.config;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# {what} for {}: {}, number {}, {}",
        source.gateway, config.name, config.sequence, config.written_at
    );
    if config.practice {
        let _ = writeln!(text, "# {PRACTICE}");
    }
    for line in lines {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    text
}

/// The mark of files that were made against the practice tenant.
pub(super) const PRACTICE: &str = "PRACTICE: made against the practice tenant. It opens nothing real.";

/// A value as YAML that readers of YAML 1.1 and 1.2 understand alike.
///
/// # Errors
/// Never for the shapes that are written here; a fault of ours otherwise.
pub(crate) fn yaml<T: Serialize>(value: &T) -> Result<String, Fault> {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).map_err(|_| unwritable("YAML"))
}

/// A value as JSON with two spaces per level and a line break at the end.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|_| unwritable("JSON"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A value as JSON on one line.
pub(super) fn json_line<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|_| unwritable("JSON"))
}

/// What the bundle crate refuses.
pub(super) fn refused(problem: &ConfigProblem) -> Fault {
    Fault::new(
        FaultCode::InvalidInput,
        format!("The bundle cannot be made: {} {}.", problem.field, problem.what),
        problem.fix.clone(),
    )
}

fn unwritable(format: &str) -> Fault {
    Fault::new(
        FaultCode::Internal,
        format!("A file of the bundle cannot be written as {format}."),
        "This is a fault of Gatehouse. Please report it.",
    )
}

#[cfg(test)]
mod tests {
    use super::yaml;

    /// YAML 1.1, which Ansible's and Kubernetes's Python readers speak, has more words and numbers than YAML 1.2.
    #[test]
    fn texts_that_some_yaml_takes_for_something_else_are_quoted() {
        for text in [
            "1:2:3:4:5:6:7:8",
            "12:30",
            "0777",
            "0o7",
            "0x1F",
            "1_000",
            "1e3",
            "12E4",
            ".5",
            "+1",
            "-1",
            ".inf",
            ".nan",
            "~",
            "null",
            "NULL",
            "true",
            "Yes",
            "no",
            "ON",
            "off",
            "y",
            "N",
            "2026-11-20",
            "2026-11-20T14:34:00Z",
            "=",
            "<<",
            "",
            " a",
            "a ",
            "a: b",
            "a #b",
            "#a",
            "- a",
            "? a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "[a",
            "{a",
            "'a",
            "\"a",
            "a\nb",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{0}",
            "---",
            "...",
        ] {
            let written = yaml(&text).unwrap();
            let line = written.trim_end_matches('\n');
            let quoted = ['"', '\'']
                .iter()
                .any(|mark| line.len() > 1 && line.starts_with(*mark) && line.ends_with(*mark));
            assert!(quoted && !line.contains(['\n', '\u{85}', '\u{2028}']), "{text:?}: {written:?}");
        }
    }
}
