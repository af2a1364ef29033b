use thiserror::Error;

/// Why a line is no key that a bundle can be sealed to, and what to do about it. The texts never repeat the line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecipientProblem {
    /// Nothing but white space and remarks.
    #[error("There is no key here. Paste the line from /etc/ssh/ssh_host_ed25519_key.pub on the gateway.")]
    Empty,
    /// More than one key where one was asked for.
    #[error("There is more than one key here. Paste the line of one gateway's key.")]
    SeveralKeys,
    /// A private key of any format.
    #[error(
        "This is a private key. Paste the public half, the line from the file that ends in .pub, and replace the \
         private key if anyone else has seen it."
    )]
    PrivateKey,
    /// A fingerprint instead of a key.
    #[error("This is a key's fingerprint, not the key. Paste the line from the gateway's .pub file.")]
    Fingerprint,
    /// An ECDSA key.
    #[error(
        "This is an ECDSA key, and age cannot seal to ECDSA keys. Take the gateway's ssh-ed25519 or ssh-rsa host key."
    )]
    Ecdsa,
    /// A DSA key.
    #[error(
        "This is a DSA key, and age cannot seal to DSA keys. Take the gateway's ssh-ed25519 or ssh-rsa host key."
    )]
    Dsa,
    /// A key that lives in a hardware token.
    #[error(
        "This is a hardware security key, and age cannot seal to it. Take the gateway's ssh-ed25519 or ssh-rsa host \
         key."
    )]
    Hardware,
    /// An SSH certificate instead of a key.
    #[error("This is an SSH certificate, not a key. Take the host key it was made for.")]
    Certificate,
    /// An age recipient of a plugin or of a kind that every gateway's `age` does not know.
    #[error(
        "This age recipient needs a plugin or a newer age. Take a recipient that starts with age1 and has 62 \
         characters, or an SSH host key."
    )]
    AgePlugin,
    /// An RSA key that is too short.
    #[error(
        "This RSA key has {bits} bits, and age asks for at least 2048. Make an Ed25519 host key with ssh-keygen -A."
    )]
    RsaTooShort {
        /// The length of the modulus.
        bits: usize,
    },
    /// An RSA key that is too long.
    #[error(
        "This RSA key has {bits} bits, and at most 4096 are supported here. Take the gateway's ssh-ed25519 host key."
    )]
    RsaTooLong {
        /// The length of the modulus.
        bits: usize,
    },
    /// A line of `known_hosts` marked `@revoked`.
    #[error("This key is marked @revoked. Take the key that the gateway uses now.")]
    Revoked,
    /// A line of `known_hosts` marked `@cert-authority`.
    #[error("This is the key of a certificate authority, not of a gateway. Take the gateway's own host key.")]
    CertificateAuthority,
    /// A marker that `known_hosts` does not have.
    #[error("This line starts with a marker that is not known. Remove the word that starts with @.")]
    UnknownMarker,
    /// It starts like a key and is none.
    #[error("This key is damaged or was cut off. Copy the whole line again; it is one line without breaks.")]
    Damaged,
    /// Something else altogether.
    #[error(
        "This is not a key. Paste a line that starts with ssh-ed25519, ssh-rsa or age1, a known_hosts file, or what \
         ssh-keyscan prints."
    )]
    NotAKey,
}
