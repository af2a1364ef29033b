//! The keychain of the operating system, through the `keyring` crate.

use std::path::Path;

use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{
    Vault, VaultFault, VaultState,
    parts::{self, Entries},
};
use crate::export::short_hash;

/// Windows Credential Manager, macOS Keychain, or the Secret Service of the desktop. Entries are named after the
/// program, the connection's id and the data folder, so they can be found and removed with the platform's own tools,
/// and two data folders never share one.
#[derive(Clone, Debug)]
pub struct Keychain {
    place: String,
}

impl Keychain {
    /// The entries that belong to this data folder.
    pub fn of(home: &Path) -> Self {
        Self { place: short_hash(&home.to_string_lossy()) }
    }

    fn entry(&self, connection: &str) -> Result<Entry, VaultFault> {
        Entry::new(SERVICE, &format!("{connection}@{}", self.place)).map_err(|error| fault(&error))
    }
}

const SERVICE: &str = "Gatehouse";

impl Vault for Keychain {
    fn state(&self) -> VaultState {
        VaultState { name: name(), unusable: self.get("availability").err() }
    }

    fn put(&self, connection: &str, secret: &SecretString) -> Result<(), VaultFault> {
        self.entry(connection)?.set_password(secret.expose_secret()).map_err(|error| fault(&error))
    }

    fn get(&self, connection: &str) -> Result<Option<SecretString>, VaultFault> {
        match self.entry(connection)?.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    fn remove(&self, connection: &str) -> Result<(), VaultFault> {
        match self.entry(connection)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(fault(&error)),
        }
    }

    fn put_bytes(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault> {
        parts::put(self, name, bytes)
    }

    fn get_bytes(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault> {
        parts::get(self, name)
    }

    fn remove_bytes(&self, name: &str) -> Result<(), VaultFault> {
        parts::remove(self, name)
    }
}

impl Entries for Keychain {
    /// What Windows Credential Manager takes (`CRED_MAX_CREDENTIAL_BLOB_SIZE`); the others take more.
    fn longest(&self) -> usize {
        2560
    }

    fn write(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault> {
        self.entry(name)?.set_secret(bytes.expose_secret()).map_err(|error| fault(&error))
    }

    fn read(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => Ok(Some(SecretSlice::from(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    fn erase(&self, name: &str) -> Result<(), VaultFault> {
        self.remove(name)
    }
}

/// The keychain's own words could repeat what it was given, so only the kind of the error is passed on.
fn fault(error: &Error) -> VaultFault {
    match error {
        Error::NoStorageAccess(_) => VaultFault::Locked,
        Error::PlatformFailure(_) | Error::NoDefaultStore => VaultFault::Missing,
        Error::TooLong(what, limit) => {
            VaultFault::Refused(format!("{what} is longer than {limit} characters"))
        }
        _ => VaultFault::Refused("it did not accept the entry".to_owned()),
    }
}

fn name() -> &'static str {
    if cfg!(target_os = "windows") {
        "Windows Credential Manager"
    } else if cfg!(target_os = "macos") {
        "macOS Keychain"
    } else {
        "Secret Service"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_without_a_keychain_is_told_so() {
        assert_eq!(fault(&Error::NoDefaultStore), VaultFault::Missing);
    }
}
