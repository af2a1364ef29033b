//! The keychain of the operating system, through the `keyring` crate.

use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use super::{Vault, VaultFault, VaultState};

/// Windows Credential Manager, macOS Keychain, or the Secret Service of the desktop. Entries are named after the
/// program and the connection's id, so they can be found and removed with the platform's own tools.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keychain;

const SERVICE: &str = "Gatehouse";

impl Vault for Keychain {
    fn state(&self) -> VaultState {
        VaultState { name: name(), unusable: self.get("availability").err() }
    }

    fn put(&self, connection: &str, secret: &SecretString) -> Result<(), VaultFault> {
        entry(connection)?.set_password(secret.expose_secret()).map_err(|error| fault(&error))
    }

    fn get(&self, connection: &str) -> Result<Option<SecretString>, VaultFault> {
        match entry(connection)?.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    fn remove(&self, connection: &str) -> Result<(), VaultFault> {
        match entry(connection)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(fault(&error)),
        }
    }
}

fn entry(connection: &str) -> Result<Entry, VaultFault> {
    Entry::new(SERVICE, connection).map_err(|error| fault(&error))
}

/// The keychain's own words could repeat what it was given, so only the kind of the error is passed on.
fn fault(error: &Error) -> VaultFault {
    match error {
        Error::NoStorageAccess(_) => VaultFault::Locked,
        Error::PlatformFailure(_) => VaultFault::Missing,
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
