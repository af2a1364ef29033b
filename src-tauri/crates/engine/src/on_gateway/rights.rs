//! Whether another account could put other files in place of the checked ones.

use std::path::Path;

use super::pointer::RELEASES;
use crate::fault::{Fault, FaultCode};

/// What this system lets a program find out about a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// Owner and mode of the folder, and of every folder on the way to it, are good.
    Checked,
    /// They are kept in access lists, which are not read here. What to do about it, as a sentence.
    #[cfg_attr(unix, expect(dead_code, reason = "owners and modes can be read here"))]
    NotChecked(String),
}

/// Refuses a folder that another account may write to, or replace, or that is none. Folders that are not there yet are
/// passed over.
///
/// # Errors
/// As said.
pub(super) fn check(folder: &Path) -> Result<Rights, Fault> {
    if folder.exists() && !folder.is_dir() {
        let what = format!("{} is not a folder.", folder.display());
        return Err(Fault::new(FaultCode::InvalidInput, what, "Choose a folder."));
    }
    platform::check(folder)
}

/// As [`check`], for the folder of releases, which is a folder and no link to one.
///
/// # Errors
/// As said.
pub(super) fn check_releases(root: &Path) -> Result<Rights, Fault> {
    let releases = root.join(RELEASES);
    if releases.is_symlink() {
        let what = format!("{} is a link.", releases.display());
        return Err(Fault::new(FaultCode::InvalidInput, what, "Choose another folder."));
    }
    check(&releases)
}

/// What an administrator of Windows does, as nothing here can look.
#[cfg_attr(unix, cfg(test))]
fn advice(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "Who may read and change {folder} was not checked: Windows keeps that in access lists, which folders take over. \
         Look at it with: icacls \"{folder}\". This leaves it to the system and administrators: icacls \"{folder}\" \
         /inheritance:r /grant:r \"*S-1-5-18:(OI)(CI)F\" \"*S-1-5-32-544:(OI)(CI)F\""
    )
}

#[cfg(unix)]
mod platform {
    use std::{
        fs::{self, Metadata},
        os::unix::fs::MetadataExt,
        path::Path,
    };

    use super::{Fault, FaultCode, Rights};

    const WRITABLE_BY_OTHERS: u32 = 0o022;
    /// In such a folder only the owner of an entry may replace it.
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;

    /// The path as it is named, and where it leads to.
    pub(super) fn check(folder: &Path) -> Result<Rights, Fault> {
        let mine = rustix::process::geteuid().as_raw();
        // Where the part of it that is there leads to.
        let there = folder.ancestors().find(|part| part.exists());
        let real = there.and_then(|there| Some((there == folder, fs::canonicalize(there).ok()?)));
        let paths = [Some((true, folder)), real.as_ref().map(|(whole, real)| (*whole, real.as_path()))];
        for (is_whole, path) in paths.into_iter().flatten() {
            for part in path.ancestors() {
                let Ok(found) = fs::symlink_metadata(part) else { continue };
                refuse(part, &found, mine, is_whole && part == path)?;
            }
        }
        Ok(Rights::Checked)
    }

    pub(super) fn refuse(part: &Path, found: &Metadata, mine: u32, is_the_folder: bool) -> Result<(), Fault> {
        let owner = found.uid();
        let loose = !found.is_symlink()
            && found.mode() & WRITABLE_BY_OTHERS != 0
            && (is_the_folder || found.mode() & STICKY == 0);
        let what = if owner != ROOT && owner != mine {
            format!("{} belongs to another account (number {owner}).", part.display())
        } else if loose {
            format!("Other accounts may write to {}.", part.display())
        } else {
            return Ok(());
        };
        Err(Fault::new(
            FaultCode::InvalidInput,
            what,
            "Choose a folder that only root and the account that runs this may write to, and nobody else on the way to it \
             (chown, chmod go-w).",
        ))
    }
}

#[cfg(not(unix))]
mod platform {
    use std::path::Path;

    use super::{Fault, Rights, advice};

    pub(super) fn check(folder: &Path) -> Result<Rights, Fault> {
        Ok(Rights::NotChecked(advice(folder)))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, PermissionsExt},
    };

    use super::*;

    #[test]
    fn what_somebody_else_owns_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let found = fs::symlink_metadata(home.path()).unwrap();
        // To an account that is not this one, the folder belongs to somebody else, unless that is root.
        let stranger = found.uid() + 1;
        let refused = platform::refuse(home.path(), &found, stranger, true);
        assert_eq!(refused.is_err(), found.uid() != 0);
        assert_eq!(check(home.path()), Ok(Rights::Checked));
    }

    #[test]
    fn a_folder_of_another_account_is_refused_wherever_it_lies_on_the_way() {
        let home = tempfile::tempdir().unwrap();
        let (theirs, ours) = (home.path().join("theirs"), home.path().join("theirs/ours"));
        fs::create_dir_all(&ours).unwrap();
        // Only root can give a folder away; to others the check of owners is shown by the test above.
        if std::os::unix::fs::chown(&theirs, Some(12_345), None).is_err() {
            return;
        }
        for folder in [&theirs, &ours, &ours.join("not/there/yet")] {
            let fault = check(folder).unwrap_err();
            assert!(fault.what.contains("belongs to another account (number 12345)"), "{}", fault.what);
        }
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&ours, &link).unwrap();
        assert!(check(&link).is_err(), "a link does not hide it");
        assert!(check(&link.join("not/there/yet")).is_err(), "nor what is not there yet");
        std::os::unix::fs::chown(&theirs, Some(0), None).unwrap();
        assert_eq!(check(&link), Ok(Rights::Checked));
        std::os::unix::fs::lchown(&link, Some(12_345), None).unwrap();
        assert!(check(&link).is_err(), "the owner of a link leads it elsewhere");
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_good_for_nothing_but_passing_through_when_it_is_sticky() {
        let home = tempfile::tempdir().unwrap();
        let (outer, inner) = (home.path().join("outer"), home.path().join("outer/inner"));
        fs::create_dir_all(&inner).unwrap();
        for (mode, may_hold_files, may_be_passed) in
            [(0o755, true, true), (0o775, false, false), (0o777, false, false), (0o1777, false, true)]
        {
            fs::set_permissions(&outer, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                (check(&outer).is_ok(), check(&inner).is_ok()),
                (may_hold_files, may_be_passed),
                "{mode:o}"
            );
        }
    }

    #[test]
    fn windows_is_told_what_to_do() {
        let told = advice(Path::new(r"C:\Gatehouse"));
        assert!(
            told.contains(r#"icacls "C:\Gatehouse" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F""#),
            "{told}"
        );
    }
}
