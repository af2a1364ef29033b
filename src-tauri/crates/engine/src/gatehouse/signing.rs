//! The key that signs manifests: in the keychain, in a file that the admin names, or a practice one in memory.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bundle::{SigningKey, VerifyingKey};
use secrecy::{ExposeSecret, SecretString};
use ssh_key::{PrivateKey, PublicKey};
use zeroize::Zeroizing;

use super::{Gatehouse, vault_fault};
use crate::{
    connection::Connection,
    fault::{Fault, FaultCode},
    gateways::SigningKeyFrom,
    store::atomic,
    unique,
    vault::{Vault, VaultFault},
};

/// The names in a vault. No connection's id has an underscore in it.
const KEPT: &str = "signing_key";
const PRACTICE: &str = "signing_key_practice";
/// Beside the connections: the public half of the kept key, as a line of `allowed_signers`, and what guards its making.
const PUBLIC: &str = "signing_key.pub";
const LOCK: &str = "signing_key.lock";

impl Gatehouse {
    /// The public half of the key that signs a connection's bundles; the key is made when there is none yet.
    ///
    /// # Errors
    /// There is no keychain, or the file cannot be used.
    pub fn bundle_signer(&self, id: &str, from: &SigningKeyFrom) -> Result<VerifyingKey, Fault> {
        Ok(self.signing_key(&self.connection(id)?, from)?.verifying_key())
    }

    pub(super) fn signing_key(
        &self,
        connection: &Connection,
        from: &SigningKeyFrom,
    ) -> Result<SigningKey, Fault> {
        match from {
            SigningKeyFrom::File(file) => from_file(file),
            SigningKeyFrom::Keychain if connection.practice => {
                kept_in(&self.inner.session, PRACTICE).map_err(|fault| no_keychain(&fault))
            }
            SigningKeyFrom::Keychain => self.lasting_key(),
        }
    }

    /// The key in the keychain. Its public half lies beside the connections: every gateway trusts that one, so another one
    /// never takes its place unnoticed. The lock keeps two programs from making one each.
    fn lasting_key(&self) -> Result<SigningKey, Fault> {
        let public = self.home().join(PUBLIC);
        let failed = |error: &io::Error| Fault::storage("Could not use", &public, error);
        let _lock = locked(&self.home().join(LOCK)).map_err(|error| failed(&error))?;
        let known = match fs::read_to_string(&public) {
            Ok(known) => Some(known),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(&error)),
        };
        let keychain = &*self.inner.keychain;
        if known.is_some() && keychain.get(KEPT).map_err(|fault| no_keychain(&fault))?.is_none() {
            return Err(another_key(&public));
        }
        let key = kept_in(keychain, KEPT).map_err(|fault| no_keychain(&fault))?;
        let line = format!("{}\n", key.verifying_key().allowed_signers_line());
        match known {
            Some(known) if known != line => return Err(another_key(&public)),
            Some(_) => {}
            None => atomic::write_private(&public, line.as_bytes()).map_err(|error| failed(&error))?,
        }
        Ok(key)
    }
}

fn locked(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

fn another_key(public: &Path) -> Fault {
    let what = "The keychain does not hold the key that has signed bundles here so far, and gateways trust that one.";
    let fix = format!(
        "Bring that keychain back, or give its key with --signing-key. To begin with a new one, remove {} and bring every \
         gateway the new allowed_signers.",
        public.display()
    );
    Fault::new(FaultCode::NotReady, what, fix)
}

/// The key in a vault; a new one when there is none. What is used is what the vault hands out afterwards.
fn kept_in(vault: &dyn Vault, name: &str) -> Result<SigningKey, VaultFault> {
    let kept = match vault.get(name)? {
        Some(kept) => Some(kept),
        None => {
            let seed =
                unique::seed().map_err(|_| VaultFault::Refused("there is no randomness".to_owned()))?;
            vault.put(name, &SecretString::from(STANDARD.encode(*seed)))?;
            vault.get(name)?
        }
    };
    let seed = kept.and_then(|kept| STANDARD.decode(kept.expose_secret()).ok()).map(Zeroizing::new);
    seed.as_deref()
        .and_then(|seed| <&[u8; 32]>::try_from(seed.as_slice()).ok())
        .map(SigningKey::from_seed)
        .ok_or_else(|| VaultFault::Refused("its entry for the signing key is damaged".to_owned()))
}

fn no_keychain(fault: &VaultFault) -> Fault {
    let fix = match fault {
        VaultFault::Locked => "Unlock it, then seal again",
        VaultFault::Missing | VaultFault::Refused(_) => "Start a keychain, then seal again",
    };
    let fix = format!(
        "{fix}; or give a key file with --signing-key, such as one made by ssh-keygen -t ed25519 -N '' -f FILE."
    );
    Fault { fix, ..vault_fault(fault) }
}

fn from_file(file: &Path) -> Result<SigningKey, Fault> {
    const FIX: &str = "Give an OpenSSH key made by ssh-keygen -t ed25519 -N '' -f FILE.";
    let wrong = |what: String| Fault::field("signingKey", what, FIX);
    let text = fs::read_to_string(file)
        .map(SecretString::from)
        .map_err(|error| wrong(format!("{} cannot be read: {error}.", file.display())))?;
    // Before its rights, which are those of a public key.
    if PublicKey::from_openssh(text.expose_secret()).is_ok() {
        let what = format!("{} is the public half of a key.", file.display());
        return Err(Fault::field("signingKey", what, "Give the private half, the file without .pub."));
    }
    if open_to_others(file) {
        let what = format!("Others on this computer may read {}.", file.display());
        return Err(Fault::field("signingKey", what, "Take that away with chmod 600, or make a new key."));
    }
    let key = PrivateKey::from_openssh(text.expose_secret())
        .map_err(|_| wrong(format!("{} is no OpenSSH private key.", file.display())))?;
    if key.is_encrypted() {
        return Err(wrong(format!("{} is protected by a passphrase.", file.display())));
    }
    let pair = key.key_data().ed25519();
    let pair = pair.ok_or_else(|| wrong(format!("{} is not an Ed25519 key.", file.display())))?;
    Ok(SigningKey::from_seed(&pair.private.to_bytes()))
}

#[cfg(unix)]
fn open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|known| known.permissions().mode() & 0o077 != 0)
}

/// Access on Windows is a list of accounts, and the folder's decides.
#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}
