//! Files that the admin chose and whose text the page shows: public keys and tables, never anything private.

use std::{fs, path::Path};

use crate::wire::Problem;

/// What stands in every private key that people keep in files.
const PRIVATE: [&str; 3] = ["PRIVATE KEY-----", "AGE-SECRET-KEY-", "PuTTY-User-Key-File"];

/// The text of a file with at most so many bytes.
///
/// # Errors
/// For this field: it cannot be read, is too large, is not UTF-8, or holds a private key, which then goes nowhere.
pub(super) fn text(path: &Path, field: &'static str, most: usize) -> Result<String, Problem> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wrong = |what: String, fix: &str| Problem::field(field, what, fix);
    let unreadable =
        |error: std::io::Error| wrong(format!("{name} cannot be read: {error}."), "Choose another file.");
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > most as u64 {
        return Err(wrong(format!("{name} is too large."), "Choose a file with keys or gateways alone."));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let not_text = |_| wrong(format!("{name} is not UTF-8 text."), "Save it as UTF-8, and try again.");
    let text = String::from_utf8(bytes).map_err(not_text)?;
    if PRIVATE.iter().any(|mark| text.contains(mark)) {
        let what = format!("{name} holds a private key, and was not read further.");
        return Err(wrong(what, "Choose the public half: the file that ends in .pub."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn public_text_is_read_and_private_keys_stay_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::File::create(&path).unwrap().write_all(bytes).unwrap();
            path
        };
        let public = write("a.pub", b"ssh-ed25519 AAAA a\n");
        assert_eq!(text(&public, "keys", 100).unwrap(), "ssh-ed25519 AAAA a\n");
        let private = write("a", b"-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n");
        let refused = text(&private, "keys", 100).unwrap_err();
        assert!(refused.what.contains("private key"), "{}", refused.what);
        assert!(!refused.what.contains("c2VjcmV0"));
        assert!(text(&write("age", b"AGE-SECRET-KEY-1QQ"), "keys", 100).is_err());
        assert!(text(&write("bytes", &[0xff, 0xfe]), "keys", 100).unwrap_err().what.contains("UTF-8"));
        assert!(text(&public, "keys", 3).unwrap_err().what.contains("too large"));
        assert!(text(&folder.path().join("none"), "keys", 3).is_err());
    }
}
