//! `current` and `previous`: the names of releases, each replaced in one step.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::store::atomic;

/// The folder of releases, and the first part of what a pointer holds.
pub(super) const RELEASES: &str = "releases";

/// A pointer to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pointer {
    /// What the gateway reads.
    Current,
    /// What it read before.
    Previous,
}

impl Pointer {
    fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }

    /// Where it is.
    pub(super) fn path(self, root: &Path) -> PathBuf {
        root.join(self.name())
    }

    /// The folder through which programs find the files of `release`, once it names that one: the pointer itself where it
    /// is a link.
    pub(super) fn leads_to(self, root: &Path, release: &Path) -> PathBuf {
        if platform::IS_A_LINK { self.path(root) } else { release.to_path_buf() }
    }

    /// The name of the release that it names; none when there is no pointer.
    ///
    /// # Errors
    /// Something else than a pointer of ours stands there, or it cannot be read.
    pub(super) fn read(self, root: &Path) -> io::Result<Option<String>> {
        let target = match platform::read(&self.path(root)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let foreign = || io::Error::new(io::ErrorKind::InvalidData, "it does not name a release");
        let name = target.strip_prefix(RELEASES).map_err(|_| foreign())?;
        let name = name.to_str().filter(|name| is_release_name(name)).ok_or_else(foreign)?;
        Ok(Some(name.to_owned()))
    }

    /// Lets it name another release. Whoever reads it meanwhile sees the one or the other.
    ///
    /// # Errors
    /// Any failure of the file system; the pointer is then as it was.
    pub(super) fn set(self, root: &Path, release: &str) -> io::Result<()> {
        let target = Path::new(RELEASES).join(release);
        platform::replace(&self.path(root), &root.join(format!(".{}.new", self.name())), &target)?;
        atomic::sync_folder(root)
    }

    /// Takes it away.
    ///
    /// # Errors
    /// Any failure of the file system.
    pub(super) fn clear(self, root: &Path) -> io::Result<()> {
        atomic::remove_if_there(&self.path(root))?;
        atomic::sync_folder(root)
    }
}

/// `8`, or `8-2` when `8` was taken.
pub(super) fn is_release_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

#[cfg(unix)]
mod platform {
    use super::{Path, PathBuf, atomic, fs, io};

    pub(super) const IS_A_LINK: bool = true;

    pub(super) fn read(pointer: &Path) -> io::Result<PathBuf> {
        fs::read_link(pointer)
    }

    pub(super) fn replace(pointer: &Path, draft: &Path, target: &Path) -> io::Result<()> {
        atomic::remove_if_there(draft)?;
        std::os::unix::fs::symlink(target, draft)?;
        fs::rename(draft, pointer)
    }
}

/// A symbolic link to a folder cannot be replaced in one step here; a file can.
#[cfg(not(unix))]
mod platform {
    use super::{Path, PathBuf, atomic, fs, io};

    pub(super) const IS_A_LINK: bool = false;

    pub(super) fn read(pointer: &Path) -> io::Result<PathBuf> {
        fs::read_to_string(pointer).map(|text| PathBuf::from(text.trim_end()))
    }

    pub(super) fn replace(pointer: &Path, _: &Path, target: &Path) -> io::Result<()> {
        atomic::write_private(pointer, format!("{}\n", target.display()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_names_what_it_was_set_to() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Pointer::Current.read(root.path()).unwrap(), None);
        Pointer::Current.set(root.path(), "7").unwrap();
        Pointer::Current.set(root.path(), "8-2").unwrap();
        assert_eq!(Pointer::Current.read(root.path()).unwrap().as_deref(), Some("8-2"));
        assert_eq!(Pointer::Previous.read(root.path()).unwrap(), None);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "no draft is left");
        Pointer::Current.clear(root.path()).unwrap();
        assert_eq!(Pointer::Current.read(root.path()).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_rest_of_a_switch_that_was_killed_is_in_nobodys_way() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("releases/5", root.path().join(".current.new")).unwrap();
        Pointer::Current.set(root.path(), "8").unwrap();
        assert_eq!(Pointer::Current.read(root.path()).unwrap().as_deref(), Some("8"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_our_pointer_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for target in ["/etc", "releases", "releases/../..", "releases/.draft", "elsewhere/8", "releases/8/9"]
        {
            atomic::remove_if_there(&root.path().join("current")).unwrap();
            std::os::unix::fs::symlink(target, root.path().join("current")).unwrap();
            assert!(Pointer::Current.read(root.path()).is_err(), "{target}");
        }
        fs::remove_file(root.path().join("current")).unwrap();
        fs::create_dir(root.path().join("current")).unwrap();
        assert!(Pointer::Current.read(root.path()).is_err());
    }
}
