mod words;

use jiff::Timestamp;

use words::shown;

use super::member_name::{self, NameFault};
use crate::gateway_name::GatewayName;

/// Why a bundle is refused. Nothing of it is handed out then.
///
/// As text it is one line: the field, what is true of it, and what to do. Names that come from the file are shown
/// without control characters and cut to 60 characters; contents are never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenProblem {
    /// The file is something else than an age file.
    NotAge,
    /// The age file is in its text form (`-----BEGIN AGE ENCRYPTED FILE-----`).
    Armored,
    /// The age file has a version that is not v1.
    AgeVersion,
    /// The age file was sealed with a passphrase.
    Passphrase,
    /// The file, or its header, is larger than a bundle can be.
    TooLarge,
    /// The file was sealed to another key than the one at hand.
    WrongRecipient {
        /// The gateway that the file's name speaks of, when it was passed in.
        gateway: Option<GatewayName>,
        /// As much of the other key's fingerprint as the file tells: its start.
        sealed_for: Option<String>,
        /// The fingerprint of the key at hand.
        yours: String,
    },
    /// The file ends too early.
    Truncated,
    /// Bytes of the file were changed, or its last part is missing.
    Altered,
    /// What was sealed is no archive of the one form that bundles have.
    Tar(TarFault),
    /// The first member is not the manifest.
    ManifestMissing,
    /// The manifest is another version, or another format.
    UnknownVersion,
    /// The manifest breaks a rule of the format.
    Manifest {
        /// The JSON path of the field; empty for the manifest as a whole.
        field: String,
        /// What is true of it.
        what: String,
    },
    /// A name leads out of the folder.
    Traversal {
        /// The name, made safe to show.
        name: String,
    },
    /// A name starts at the root, or with a drive.
    AbsolutePath {
        /// The name, made safe to show.
        name: String,
    },
    /// A name is not safe on every system.
    UnsafeName {
        /// The name, made safe to show.
        name: String,
    },
    /// A link, folder, device or extension where a file belongs.
    NotAFile {
        /// The name, made safe to show.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// Two members have the same name, or names that differ in case only, or one is the other's folder.
    DuplicateName {
        /// The name, made safe to show.
        name: String,
    },
    /// There are more than 64 files.
    TooManyFiles,
    /// One file is larger than allowed.
    FileTooLarge {
        /// The name, made safe to show.
        name: String,
        /// The most it may hold, in bytes.
        most: usize,
    },
    /// All files together are larger than 4 MiB.
    AllTooLarge,
    /// The manifest names a file that is not there.
    FileMissing {
        /// The file's name.
        name: String,
    },
    /// A file is there that the manifest does not name, or not in this place.
    FileExtra {
        /// The name, made safe to show.
        name: String,
    },
    /// A file's size or SHA-256 is not the one in the manifest.
    FileAltered {
        /// The file's name.
        name: String,
    },
    /// There is no `manifest.json.sig` after the manifest.
    SignatureMissing,
    /// `manifest.json.sig` is not an SSH signature in its one spelling.
    SignatureUnreadable,
    /// The manifest was signed by a key that is not allowed to.
    UnknownSigner {
        /// The signing key's fingerprint.
        fingerprint: String,
    },
    /// The signature was made for something else than a bundle.
    WrongNamespace,
    /// The signature does not belong to this manifest.
    SignatureWrong,
    /// The manifest was made for another key: somebody opened it and sealed it again.
    OtherRecipient {
        /// The gateway in the manifest.
        gateway: GatewayName,
        /// The fingerprint in the manifest.
        sealed_for: String,
        /// The fingerprint of the key at hand.
        yours: String,
    },
    /// The manifest names another gateway than the one expected.
    OtherGateway {
        /// The gateway in the manifest.
        gateway: GatewayName,
        /// The gateway that was expected.
        expected: GatewayName,
    },
    /// The sequence number is not above that of the installed bundle.
    Replayed {
        /// The number in the manifest.
        sequence: u64,
        /// The number of the installed bundle.
        installed: u64,
    },
    /// The bundle's end has passed.
    Ended {
        /// The first moment at which it is no longer good.
        ends_at: Timestamp,
    },
}

/// What is wrong with an archive apart from its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TarFault {
    /// It ends inside a member, or without its two empty blocks.
    CutOff,
    /// It is no ustar archive.
    NotUstar,
    /// There are bytes that belong to no member.
    Trailing,
    /// A header says more than name and size: another mode, owner or time.
    HeaderNotPlain {
        /// The member's name.
        name: String,
    },
}

impl OpenProblem {
    /// A short stable name for programs, such as `wrong-recipient`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAge => "not-age",
            Self::Armored => "armored",
            Self::AgeVersion => "age-version",
            Self::Passphrase => "passphrase",
            Self::TooLarge => "too-large",
            Self::WrongRecipient { .. } => "wrong-recipient",
            Self::Truncated => "truncated",
            Self::Altered => "altered",
            Self::Tar(TarFault::CutOff) => "tar-cut-off",
            Self::Tar(TarFault::NotUstar) => "tar-not-ustar",
            Self::Tar(TarFault::Trailing) => "tar-trailing",
            Self::Tar(TarFault::HeaderNotPlain { .. }) => "tar-header",
            Self::ManifestMissing => "manifest-missing",
            Self::UnknownVersion => "unknown-version",
            Self::Manifest { .. } => "manifest",
            Self::Traversal { .. } => "path-traversal",
            Self::AbsolutePath { .. } => "absolute-path",
            Self::UnsafeName { .. } => "unsafe-name",
            Self::NotAFile { .. } => "not-a-file",
            Self::DuplicateName { .. } => "duplicate-name",
            Self::TooManyFiles => "too-many-files",
            Self::FileTooLarge { .. } => "file-too-large",
            Self::AllTooLarge => "all-too-large",
            Self::FileMissing { .. } => "file-missing",
            Self::FileExtra { .. } => "file-extra",
            Self::FileAltered { .. } => "file-altered",
            Self::SignatureMissing => "signature-missing",
            Self::SignatureUnreadable => "signature-unreadable",
            Self::UnknownSigner { .. } => "unknown-signer",
            Self::WrongNamespace => "wrong-namespace",
            Self::SignatureWrong => "signature-wrong",
            Self::OtherRecipient { .. } => "other-recipient",
            Self::OtherGateway { .. } => "other-gateway",
            Self::Replayed { .. } => "replayed",
            Self::Ended { .. } => "ended",
        }
    }

    /// Refuses the name of a member, unless it is one of the bundle's own or good.
    pub(crate) fn check_name(name: &str) -> Result<(), Self> {
        let own = [member_name::MANIFEST, member_name::SIGNATURE, member_name::SUMS];
        if own.contains(&name) {
            return Ok(());
        }
        let shown = shown(name);
        match member_name::fault(name) {
            None => Ok(()),
            Some(NameFault::Absolute) => Err(Self::AbsolutePath { name: shown }),
            Some(NameFault::Traversal) => Err(Self::Traversal { name: shown }),
            Some(NameFault::Reserved | NameFault::Other) => Err(Self::UnsafeName { name: shown }),
        }
    }

    pub(crate) fn bad_name(name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        Self::check_name(&name).err().unwrap_or(Self::UnsafeName { name: shown(&name) })
    }

    /// For a ustar name in two fields, which tar programs join by a slash.
    pub(crate) fn bad_name_with_prefix(prefix: &[u8], name: &str) -> Self {
        Self::bad_name(format!("{}/{name}", String::from_utf8_lossy(prefix)).as_bytes())
    }

    pub(crate) fn not_a_file(name: &str, kind: u8) -> Self {
        let kind = match kind {
            b'1' => "a hard link",
            b'2' => "a symbolic link",
            b'3' | b'4' => "a device",
            b'5' => "a folder",
            b'6' => "a pipe",
            b'x' | b'g' | b'L' | b'K' => "a tar extension",
            _ => "an entry of an unknown kind",
        };
        Self::NotAFile { name: shown(name), kind }
    }

    pub(crate) fn file_too_large(name: &str, most: usize) -> Self {
        Self::FileTooLarge { name: shown(name), most }
    }

    pub(crate) fn file_extra(name: &str) -> Self {
        Self::FileExtra { name: shown(name) }
    }

    pub(crate) fn duplicate_name(name: &str) -> Self {
        Self::DuplicateName { name: shown(name) }
    }
}

impl std::error::Error for OpenProblem {}
