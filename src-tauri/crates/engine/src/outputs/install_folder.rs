use std::fmt;

use crate::fault::Fault;

/// Where bundles are installed on a gateway: an absolute path that needs no quoting in any of the outputs. The files of the
/// bundle in use are in its folder `current`, the same for every bundle; `releases` and `previous` stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallFolder(String);

impl InstallFolder {
    /// The folder unless another one is asked for.
    pub const DEFAULT: &str = "/etc/gatehouse";

    /// Takes a path as it is: absolute, at most 200 letters, digits, `.`, `_`, `-` and single slashes, without `.` and
    /// `..`, and without a slash at its end.
    ///
    /// # Errors
    /// A path that breaks the rule.
    pub fn new(path: impl Into<String>) -> Result<Self, Fault> {
        let path = path.into();
        let part = |part: &str| {
            !part.is_empty()
                && !matches!(part, "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        match path.strip_prefix('/') {
            Some(rest) if path.len() <= 200 && rest.split('/').all(part) => Ok(Self(path)),
            _ => Err(Fault::field(
                "folder",
                "This is not a folder that every output can name.",
                "Write a whole path like /etc/gatehouse, with letters, digits, dots, hyphens and underscores.",
            )),
        }
    }

    /// The folder with the files of the bundle in use.
    pub fn current(&self) -> String {
        format!("{self}/current")
    }

    /// The path of a file of the bundle in use.
    pub fn path_of(&self, name: &str) -> String {
        format!("{self}/current/{name}")
    }
}

impl Default for InstallFolder {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl fmt::Display for InstallFolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::InstallFolder;

    #[test]
    fn only_plain_absolute_paths_are_taken() {
        for good in [InstallFolder::DEFAULT, "/a", "/srv/gate-house_1.2/x"] {
            assert_eq!(InstallFolder::new(good).unwrap().to_string(), good);
        }
        let long = format!("/{}", "a".repeat(200));
        for bad in [
            "", "/", "etc", "/a/", "/a//b", "/a/../b", "/a/./b", "/a b", "/a'b", "/ä", "/a\n", "C:\\a", &long,
        ] {
            assert!(InstallFolder::new(bad).is_err(), "{bad}");
        }
        assert_eq!(InstallFolder::default().path_of("x"), "/etc/gatehouse/current/x");
    }
}
