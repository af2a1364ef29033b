//! Names that become names of files.

use bundle::MemberName;

/// Whether a file's name may begin with it on every system: Windows keeps some names, such as `con` and `com1`, for
/// devices, whatever follows the first dot.
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
pub(crate) fn can_name_a_file(name: &str) -> bool {
    MemberName::new(format!("{name}.tar.age")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::can_name_a_file;

    #[test]
    fn names_of_devices_cannot() {
        for device in ["con", "Aux", "NUL", "prn", "COM1", "lpt9", "nul.contoso"] {
            assert!(!can_name_a_file(device), "{device}");
        }
        for name in ["contoso", "con-2", "com10", "plant-3", "SHA256SUMS"] {
            assert!(can_name_a_file(name), "{name}");
        }
    }
}
