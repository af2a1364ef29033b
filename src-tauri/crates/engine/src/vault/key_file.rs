//! A private key in a file that the admin names: PEM with the certificate and its key, readable by its owner only.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Write},
    path::Path,
};

use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::{fault::Fault, store::atomic};

/// Longer than any certificate with its chain and an RSA key of 16384 bits.
const LONGEST: u64 = 256 * 1024;

/// Writes a new file with mode 0600, whole or not at all. What is there already is never replaced.
///
/// # Errors
/// The path is not whole, something is there already, or the file cannot be written.
pub(crate) fn write(path: &Path, pem: &SecretString) -> Result<(), Fault> {
    let folder = folder_of(path)?;
    let put = || -> io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(".gatehouse-").tempfile_in(folder)?;
        draft.write_all(pem.expose_secret().as_bytes())?;
        draft.as_file().sync_all()?;
        draft.persist_noclobber(path).map_err(|error| error.error)?;
        atomic::sync_folder(folder)
    };
    put().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Fault::storage("Could not write the key to", path, &error),
    })
}

/// Whether [`write()`] would begin: the path can be used and nothing is there.
///
/// # Errors
/// As [`write()`].
pub(crate) fn check(path: &Path) -> Result<(), Fault> {
    folder_of(path)?;
    if fs::symlink_metadata(path).is_ok() { Err(taken(path)) } else { Ok(()) }
}

/// Reads the file back.
///
/// # Errors
/// It is gone, it is a link or no file, or others than its owner may read it.
pub(crate) fn read(path: &Path) -> Result<SecretSlice<u8>, Fault> {
    let failed = |error: &io::Error| Fault::storage("Could not read the key from", path, error);
    let named = fs::symlink_metadata(path).map_err(|error| failed(&error))?;
    let file = File::open(path).map_err(|error| failed(&error))?;
    let opened = file.metadata().map_err(|error| failed(&error))?;
    if !named.is_file() || !opened.is_file() || !is_same(&named, &opened) {
        return Err(Fault::field(
            "keyFile",
            format!("{} is a link, or not a file.", path.display()),
            "Put the key’s own file there.",
        ));
    }
    if is_open_to_others(&opened) {
        return Err(Fault::field(
            "keyFile",
            format!("Others than its owner may read {}, so its key is not used.", path.display()),
            "Make another certificate, or, when nobody has read it, take these rights away (`chmod 600`).",
        ));
    }
    let mut content = Vec::new();
    let read = file.take(LONGEST).read_to_end(&mut content);
    let content = SecretSlice::from(content);
    read.map(|_| content).map_err(|error| failed(&error))
}

fn folder_of(path: &Path) -> Result<&Path, Fault> {
    let wrong = |what: String| Fault::field("keyFile", what, "Name a new file with its whole path.");
    if !path.is_absolute() {
        return Err(wrong(format!("{} is not a whole path.", path.display())));
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(_)) if folder.is_dir() => Ok(folder),
        (Some(folder), Some(_)) => Err(wrong(format!("There is no folder {}.", folder.display()))),
        _ => Err(wrong(format!("{} is no file’s name.", path.display()))),
    }
}

fn taken(path: &Path) -> Fault {
    Fault::field(
        "keyFile",
        format!("{} is there already.", path.display()),
        "Name a file that is not there yet; a key never replaces anything.",
    )
}

#[cfg(unix)]
fn is_open_to_others(file: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// On Windows a file has the rights of its folder, which in a person's own folders are that person's alone.
#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn pem() -> SecretString {
        SecretString::from("key")
    }

    #[test]
    fn only_its_owner_may_read_it_and_it_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        check(&path).unwrap();
        write(&path, &pem()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().expose_secret(), b"key");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn nothing_is_replaced_or_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, loose) =
            (folder.path().join("file"), folder.path().join("link"), folder.path().join("loose"));
        File::create(&file).unwrap();
        symlink(&file, &link).unwrap();
        symlink(folder.path().join("nowhere"), &loose).unwrap();
        for path in [&file, &link, &loose] {
            assert!(check(path).is_err());
            assert!(write(path, &pem()).unwrap_err().what.contains("is there already"), "{}", path.display());
        }
        assert_eq!(fs::read(&file).unwrap(), b"");
        assert!(!folder.path().join("nowhere").exists());
        for wrong in [Path::new("key.pem"), Path::new("/"), &folder.path().join("none/key.pem")] {
            assert_eq!(write(wrong, &pem()).unwrap_err().field, Some("keyFile"));
        }
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_a_link_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("key.pem"), folder.path().join("link"));
        write(&path, &pem()).unwrap();
        symlink(&path, &link).unwrap();
        assert!(read(&link).unwrap_err().what.contains("is a link"));
        for mode in [0o640, 0o604, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(read(&path).unwrap_err().what.contains("Others than its owner"), "{mode:o}");
        }
        assert!(read(&folder.path().join("gone")).is_err());
        assert!(read(folder.path()).is_err());
    }
}
