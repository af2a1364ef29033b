//! Why a certificate file cannot be used.

use std::fmt;

/// Why a certificate file cannot be used, and what to do about it. Never repeats what is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Nothing is in it.
    #[error("the certificate file is empty; choose the file that holds the certificate and its private key")]
    Empty,
    /// No block of PEM, or a damaged one.
    #[error(
        "the certificate file holds no readable PEM text; choose a .pem file with -----BEGIN lines, or a .pfx file"
    )]
    NotPem,
    /// Not PKCS#12, or a damaged one.
    #[error(
        "the certificate file is not a readable PFX file; check its password, or export it again as PFX with AES-256 encryption"
    )]
    NotPfx,
    /// A certificate alone.
    #[error(
        "the file holds no private key; a .cer or .crt file is only the public half, so choose the .pfx or .pem file \
         that was saved with the key"
    )]
    NoPrivateKey,
    /// A key alone.
    #[error("the file holds a private key but no certificate; add the certificate's PEM block to the file")]
    NoCertificate,
    /// None of the certificates is for any of the keys.
    #[error(
        "the private key does not belong to the certificate; choose a file that holds both halves of one pair"
    )]
    KeyMismatch,
    /// The file is encrypted and no password was given.
    #[error("the certificate file is protected; enter the password that was chosen when it was exported")]
    PasswordNeeded,
    /// The password does not open the file.
    #[error(
        "the password does not open the certificate file; enter the one that was chosen when it was exported"
    )]
    PasswordWrong,
    /// A password that the PFX reader cannot spell: a character beyond Unicode's first plane.
    #[error(
        "the password holds a character, such as an emoji, that cannot be used here; export the certificate again with \
         another password"
    )]
    PasswordUnsupported,
    /// An encryption that is too old, too rare or too slow.
    #[error(
        "the certificate file is encrypted in a way that is not supported; export it again as PFX with AES-256 \
         encryption, or convert its key with `openssl pkcs8 -topk8`"
    )]
    UnsupportedEncryption,
    /// An elliptic-curve or another kind of key.
    #[error(
        "the private key is not an RSA key, and Entra ID wants RSA; make a certificate with an RSA key of 2048 bits"
    )]
    NotRsa,
    /// An RSA key that is too short.
    #[error(
        "the RSA key has {bits} bits, which is too short; make a certificate with an RSA key of 2048 bits or more"
    )]
    TooShort {
        /// The length of the key.
        bits: usize,
    },
    /// The key's own encoding is broken, or the key contradicts itself.
    #[error("the private key is damaged or longer than 8192 bits; export the certificate and its key again")]
    KeyUnreadable,
    /// The certificate's own encoding is broken.
    #[error("the certificate is damaged; export the certificate and its key again")]
    CertificateUnreadable,
    /// A new key or certificate could not be made.
    #[error(
        "the certificate could not be made; try again, or make one with `openssl req -x509` and import it"
    )]
    NotMade,
}

/// Which part a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateField {
    /// The file as a whole.
    File,
    /// Its password.
    Password,
    /// The private key in it.
    PrivateKey,
    /// The certificate in it.
    Certificate,
}

impl CertificateProblem {
    /// Which part to look at.
    pub fn field(self) -> CertificateField {
        match self {
            Self::Empty | Self::NotPem | Self::NotPfx | Self::UnsupportedEncryption => CertificateField::File,
            Self::PasswordNeeded | Self::PasswordWrong | Self::PasswordUnsupported => {
                CertificateField::Password
            }
            Self::NoPrivateKey
            | Self::KeyMismatch
            | Self::NotRsa
            | Self::TooShort { .. }
            | Self::KeyUnreadable => CertificateField::PrivateKey,
            Self::NoCertificate | Self::CertificateUnreadable | Self::NotMade => {
                CertificateField::Certificate
            }
        }
    }
}

impl fmt::Display for CertificateField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the certificate file",
            Self::Password => "the certificate's password",
            Self::PrivateKey => "the private key",
            Self::Certificate => "the certificate",
        })
    }
}
