//! Where secrets and private keys are kept: the keychain of the operating system, or memory until the program ends.
//! A private key may also lie in a file that the admin names; a client secret never does.

pub(crate) mod key_file;
mod keychain;
mod memory;
mod parts;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

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

    /// Keeps bytes, such as a private key, under a name of their own. Unless a vault keeps bytes as they are, they are
    /// kept as base64 text.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn put_bytes(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault> {
        self.put(name, &SecretString::from(STANDARD.encode(bytes.expose_secret())))
    }

    /// The bytes of this name, if all of them are here.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn get_bytes(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault> {
        let text = self.get(name)?;
        Ok(text.and_then(|text| STANDARD.decode(text.expose_secret()).ok()).map(SecretSlice::from))
    }

    /// Forgets the bytes of this name; nothing happens when there are none.
    ///
    /// # Errors
    /// There is no keychain, it is locked, or it refused.
    fn remove_bytes(&self, name: &str) -> Result<(), VaultFault> {
        self.remove(name)
    }
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
