//! Memory: for this session only.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use secrecy::SecretString;

use super::{Vault, VaultFault, VaultState};

/// Keeps secrets until the program ends.
#[derive(Default)]
pub struct MemoryVault {
    secrets: Mutex<HashMap<String, SecretString>>,
}

impl MemoryVault {
    fn secrets(&self) -> MutexGuard<'_, HashMap<String, SecretString>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn state(&self) -> VaultState {
        VaultState { name: "this session", unusable: None }
    }

    fn put(&self, connection: &str, secret: &SecretString) -> Result<(), VaultFault> {
        self.secrets().insert(connection.to_owned(), secret.clone());
        Ok(())
    }

    fn get(&self, connection: &str) -> Result<Option<SecretString>, VaultFault> {
        Ok(self.secrets().get(connection).cloned())
    }

    fn remove(&self, connection: &str) -> Result<(), VaultFault> {
        self.secrets().remove(connection);
        Ok(())
    }
}
