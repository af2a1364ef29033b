//! Reads `gateway.env` as `sh` and systemd read it: the lines that the bundle crate writes, and nothing cleverer.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

/// The variables of a `gateway.env`.
#[derive(Default)]
pub(super) struct EnvironmentFile(HashMap<String, SecretString>);

impl EnvironmentFile {
    pub(super) fn of(text: &SecretString) -> Self {
        let lines = text.expose_secret().lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), unquoted(value))).collect())
    }

    pub(super) fn secret(&self, name: &str) -> Option<&SecretString> {
        self.0.get(name)
    }

    /// A value that is a path.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        self.0.get(name).map(|value| Path::new(value.expose_secret()))
    }
}

/// Where a path that a gateway's file names lies when its files are in `folder`: beside that file when the path is
/// relative, or when it leads to where the bundle will be installed. A path from a root on is whole without a drive too.
pub(super) fn in_release(folder: &Path, path: &Path) -> PathBuf {
    if !path.has_root() {
        return folder.join(path);
    }
    let parts: Vec<_> = path.components().collect();
    let after_pointer = parts.iter().rposition(|part| part.as_os_str() == "current");
    let inside = after_pointer.map(|at| folder.join(parts[at + 1..].iter().collect::<PathBuf>()));
    inside.filter(|inside| inside.is_file()).unwrap_or_else(|| path.to_path_buf())
}

fn unquoted(value: &str) -> SecretString {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return SecretString::from(value.to_owned());
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    SecretString::from(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_is_written_is_read() {
        let text = "# remark=1\nAZURE_CLIENT_SECRET=a~b=c\nB=\"a \\\"b\\\" \\\\ \\$x \\`y\\`\"\n";
        let read = EnvironmentFile::of(&SecretString::from(text.to_owned()));
        let value = |name| read.secret(name).map(|value| value.expose_secret().to_owned());
        assert_eq!(value("AZURE_CLIENT_SECRET").as_deref(), Some("a~b=c"));
        assert_eq!(value("B").as_deref(), Some("a \"b\" \\ $x `y`"));
        assert_eq!(value("# remark"), None);
    }

    #[test]
    fn paths_lead_to_the_release_that_is_tried() {
        let release = tempfile::tempdir().unwrap();
        std::fs::File::create(release.path().join("gateway-ca.pem")).unwrap();
        let at = |path: &str| in_release(release.path(), Path::new(path));
        assert_eq!(at("x.pem"), release.path().join("x.pem"));
        assert_eq!(at("/etc/gatehouse/current/gateway-ca.pem"), release.path().join("gateway-ca.pem"));
        assert_eq!(at("/etc/gatehouse/current/other.pem"), Path::new("/etc/gatehouse/current/other.pem"));
        assert_eq!(at("/etc/ssl/gateway-ca.pem"), Path::new("/etc/ssl/gateway-ca.pem"));
    }
}
