//! Where client secrets are kept: the keychain of the operating system, or memory until the program ends. Never a file.

mod keychain;
mod memory;

use secrecy::SecretString;

pub use keychain::Keychain;
pub use memory::MemoryVault;

/// A place for secrets.
pub trait Vault: Send + Sync {
    /// Whether it can be used, and its name for people.
    fn state(&self) -> VaultState;

    /// Keeps a secret under a connection's id, replacing an older one.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn put(&self, connection: &str, secret: &SecretString) -> Result<(), VaultFault>;

    /// The secret of a connection, if it is here.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn get(&self, connection: &str) -> Result<Option<SecretString>, VaultFault>;

    /// Forgets a connection's secret; nothing happens when there is none.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn remove(&self, connection: &str) -> Result<(), VaultFault>;
}

/// Whether a vault can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultState {
    /// `Secret Service`, `Windows Credential Manager`, `macOS Keychain`.
    pub name: &'static str,
    /// Why it cannot be used; absent when it can.
    pub unusable: Option<VaultFault>,
}

/// Why a vault did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// No keychain is running.
    #[error("no keychain is running on this computer")]
    Missing,
    /// It is there and did not open.
    #[error("the keychain is locked")]
    Locked,
    /// It refused for another reason.
    #[error("the keychain refused: {0}")]
    Refused(String),
}
