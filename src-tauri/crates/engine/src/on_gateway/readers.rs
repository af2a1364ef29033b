//! Who besides the owner may read what is installed.

use std::{io, path::Path};

/// Who besides the owner may read releases: whoever may read the folder of releases. An administrator decides it there, once,
/// and every later release takes it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Nobody.
    Nobody,
    /// The members of the group with this number.
    #[cfg_attr(not(unix), expect(dead_code, reason = "access lists are taken over by the system itself"))]
    Group(u32),
}

impl Readers {
    /// Those of a folder.
    ///
    /// # Errors
    /// The folder cannot be looked at.
    pub(super) fn of(releases: &Path) -> io::Result<Self> {
        platform::of(releases)
    }

    /// Lets them read a file or folder that its owner uses with `mode`. Nobody may write who could not before.
    ///
    /// # Errors
    /// The account that runs this may not give the file to the group.
    pub(super) fn let_in(self, path: &Path, mode: u32) -> io::Result<()> {
        match self {
            Self::Nobody => Ok(()),
            Self::Group(group) => platform::let_in(path, mode, group),
        }
    }
}

#[cfg(unix)]
mod platform {
    use std::{
        fs, io,
        os::unix::fs::{MetadataExt, PermissionsExt, chown},
        path::Path,
    };

    use super::Readers;

    const GROUP_READS_AND_PASSES: u32 = 0o050;

    pub(super) fn of(releases: &Path) -> io::Result<Readers> {
        let found = fs::metadata(releases)?;
        let shared = found.mode() & GROUP_READS_AND_PASSES == GROUP_READS_AND_PASSES;
        Ok(if shared { Readers::Group(found.gid()) } else { Readers::Nobody })
    }

    pub(super) fn let_in(path: &Path, mode: u32, group: u32) -> io::Result<()> {
        chown(path, None, Some(group))?;
        // What the owner may read and run, the group may.
        fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o500) >> 3))
    }
}

/// Folders take over who may read them here.
#[cfg(not(unix))]
mod platform {
    use super::{Path, Readers, io};

    pub(super) fn of(_: &Path) -> io::Result<Readers> {
        Ok(Readers::Nobody)
    }

    pub(super) fn let_in(_: &Path, _: u32, _: u32) -> io::Result<()> {
        Ok(())
    }
}
