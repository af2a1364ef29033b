//! The sentences: field, what is true of it, what to do.

use std::fmt;

use super::{OpenProblem, TarFault};
use crate::sealed::limits::{MAX_ALL_BYTES, MAX_FILES};

impl fmt::Display for OpenProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = "Ask for the bundle again, straight from Gatehouse.";
        let copied = "Copy the file again, in binary mode, or export it again.";
        match self {
            Self::NotAge => {
                write!(formatter, "file: is not a sealed bundle. Choose the file that ends in .tar.age.")
            }
            Self::Armored => write!(
                formatter,
                "file: is an age file in text form, and bundles are binary. Ask for the file that Gatehouse wrote."
            ),
            Self::AgeVersion => write!(
                formatter,
                "file: is an age file of another version than v1. Update Gatehouse on this gateway, or export the \
                 bundle again."
            ),
            Self::Passphrase => write!(
                formatter,
                "file: is sealed with a passphrase, and bundles are sealed to a gateway's key. {asked}"
            ),
            Self::TooLarge => write!(
                formatter,
                "file: is larger than a bundle can be. Check that it is the file that Gatehouse wrote."
            ),
            Self::WrongRecipient { gateway, sealed_for, yours } => {
                write!(formatter, "recipient: Sealed for ")?;
                match (gateway, sealed_for) {
                    (Some(gateway), Some(key)) => write!(formatter, "{gateway} ({key})")?,
                    (Some(gateway), None) => write!(formatter, "{gateway}, or for another key")?,
                    (None, Some(key)) => write!(formatter, "another key ({key})")?,
                    (None, None) => write!(formatter, "another key")?,
                }
                write!(
                    formatter,
                    "; yours is {yours}. Take this gateway's own bundle; after a change of its host key, update the \
                     key in Gatehouse and export again."
                )
            }
            Self::Truncated => write!(formatter, "file: ends too early. {copied}"),
            Self::Altered => {
                write!(formatter, "file: was altered on its way, or its end is missing. {copied}")
            }
            Self::Tar(fault) => write!(formatter, "archive: {fault}. {asked}"),
            Self::ManifestMissing => {
                write!(formatter, "manifest.json: is not the first file inside. {asked}")
            }
            Self::UnknownVersion => write!(
                formatter,
                "manifest.json: has another format than gatehouse.bundle/1. Update Gatehouse on this gateway, or \
                 export the bundle for the version it has."
            ),
            Self::Manifest { field, what } => {
                let dot = if field.is_empty() { "" } else { "." };
                write!(formatter, "manifest.json{dot}{}: {what}. {asked}", shown(field))
            }
            Self::Traversal { name } => write!(
                formatter,
                "files \"{name}\": leads out of the bundle's folder. Do not use this file: \
                 somebody made it to write elsewhere."
            ),
            Self::AbsolutePath { name } => write!(
                formatter,
                "files \"{name}\": names a place of its own on this computer. Do not use this file: \
                 somebody made it to write elsewhere."
            ),
            Self::UnsafeName { name } => {
                write!(formatter, "files \"{name}\": is not a name that a bundle may use. {asked}")
            }
            Self::NotAFile { name, kind } => {
                write!(formatter, "files \"{name}\": is {kind}, and a bundle holds plain files only. {asked}")
            }
            Self::DuplicateName { name } => {
                write!(formatter, "files \"{name}\": has the same place as another file. {asked}")
            }
            Self::TooManyFiles => write!(formatter, "files: are more than {MAX_FILES}. {asked}"),
            Self::FileTooLarge { name, most } => {
                write!(formatter, "files \"{name}\": is larger than {most} bytes. {asked}")
            }
            Self::AllTooLarge => {
                write!(formatter, "files: are larger than {MAX_ALL_BYTES} bytes together. {asked}")
            }
            Self::FileMissing { name } => {
                write!(formatter, "files \"{name}\": is named in the manifest and is not there. {asked}")
            }
            Self::FileExtra { name } => {
                write!(formatter, "files \"{name}\": is not named in the manifest at this place. {asked}")
            }
            Self::FileAltered { name } => {
                write!(formatter, "files \"{name}\": is not the file that was signed. {asked}")
            }
            Self::SignatureMissing => {
                write!(formatter, "manifest.json.sig: is missing after the manifest. {asked}")
            }
            Self::SignatureUnreadable => {
                write!(
                    formatter,
                    "manifest.json.sig: is not an SSH signature as ssh-keygen writes it. {asked}"
                )
            }
            Self::UnknownSigner { fingerprint } => write!(
                formatter,
                "manifest.json.sig: was made by {fingerprint}, which is not in allowed_signers. Compare it with the \
                 signing key that Gatehouse shows; add it only if they are the same."
            ),
            Self::WrongNamespace => write!(
                formatter,
                "manifest.json.sig: was made for something else than a bundle (its namespace is not \
                 gatehouse-bundle). {asked}"
            ),
            Self::SignatureWrong => {
                write!(formatter, "manifest.json.sig: does not belong to this manifest. {asked}")
            }
            Self::OtherRecipient { gateway, sealed_for, yours } => write!(
                formatter,
                "recipient: Sealed for {gateway} ({sealed_for}) and sealed again by somebody else; yours is {yours}. \
                 Take this gateway's own bundle, and find out who opened that one."
            ),
            Self::OtherGateway { gateway, expected } => {
                write!(formatter, "gateway: is {gateway}, not {expected}. Take the bundle of {expected}.")
            }
            Self::Replayed { sequence, installed } => write!(
                formatter,
                "sequence: is {sequence}, and {installed} is installed already. Take a newer bundle; only a higher \
                 number replaces one."
            ),
            Self::Ended { ends_at } => {
                write!(
                    formatter,
                    "ends_at: was {ends_at}. Export the bundle again with a credential that is still good."
                )
            }
        }
    }
}

impl fmt::Display for TarFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => write!(formatter, "ends in the middle"),
            Self::NotUstar => write!(formatter, "is not a tar in the ustar form"),
            Self::Trailing => write!(formatter, "holds bytes that belong to no file"),
            Self::HeaderNotPlain { name } => {
                write!(formatter, "has another mode, owner or time at \"{}\" than a bundle has", shown(name))
            }
        }
    }
}

/// A name from a file as it may be shown: visible ASCII, at most 60 characters.
pub(super) fn shown(name: &str) -> String {
    let visible = |character: char| {
        if character.is_ascii_graphic() && character != '"' { character } else { '?' }
    };
    name.chars().take(60).map(visible).collect()
}
