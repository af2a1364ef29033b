//! The key that signs bundles: made once, kept in the keychain, or taken from a file.

use std::{fs, io::Write, sync::Arc};

use engine::{
    Endpoints, FaultCode, NewConnection,
    connection::Kept,
    gateways::SigningKeyFrom,
    vault::{MemoryVault, Vault},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    bench::{NoKeychain, engine_in},
    key, real_connection, ssh_private_key,
};

#[test]
fn the_signing_key_is_made_once_and_lies_in_the_keychain() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let engine = engine_in(home.path(), keychain.clone());
    let id = real_connection(&engine);
    let made = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap();
    assert!(
        made.allowed_signers_line().starts_with("gatehouse namespaces=\"gatehouse-bundle\" ssh-ed25519 ")
    );
    let later = engine_in(home.path(), keychain.clone());
    assert_eq!(later.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap(), made);
    let kept = keychain.get("signing_key").unwrap().unwrap();
    assert_eq!(kept.expose_secret().len(), 44);

    let practice = NewConnection {
        name: "Practice".to_owned(),
        endpoints: Endpoints::of(engine::Cloud::Global),
        practice: true,
        ca_file: None,
    };
    let practice = engine.create(practice).unwrap().id;
    let throwaway = engine.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap();
    assert_ne!(throwaway, made);
    assert_eq!(engine.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap(), throwaway);
    assert_ne!(later.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap(), throwaway);
}

#[test]
fn another_signing_key_never_takes_the_place_of_the_known_one_unnoticed() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let engine = engine_in(home.path(), keychain.clone());
    let id = real_connection(&engine);
    let made = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap();
    let seed = keychain.get("signing_key").unwrap().unwrap();

    keychain.remove("signing_key").unwrap();
    let lost = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err();
    assert!(lost.what.contains("does not hold the key") && lost.fix.contains("signing_key.pub"), "{lost}");
    assert!(keychain.get("signing_key").unwrap().is_none(), "none was made");
    keychain.put("signing_key", &SecretString::from("A".repeat(43) + "=")).unwrap();
    assert_eq!(engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err(), lost);
    keychain.put("signing_key", &seed).unwrap();
    assert_eq!(engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap(), made);
}

#[test]
fn two_programs_at_once_make_one_signing_key() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let id = real_connection(&engine_in(home.path(), keychain.clone()));
    let signer = || engine_in(home.path(), keychain.clone()).bundle_signer(&id, &SigningKeyFrom::Keychain);
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(signer)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    assert!(made.iter().all(|key| *key == made[0]));
}

#[test]
fn without_a_keychain_a_key_file_signs() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_in(home.path(), Arc::new(NoKeychain));
    let id = real_connection(&engine);
    assert_eq!(engine.connection(&id).unwrap().credential.map(|known| known.kept), None::<Kept>);
    let refused = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err();
    assert_eq!(refused.code, FaultCode::KeychainMissing);
    assert!(refused.fix.contains("--signing-key"), "{}", refused.fix);

    let file = home.path().join("signing_key");
    let from = SigningKeyFrom::File(file.clone());
    assert_eq!(engine.bundle_signer(&id, &from).unwrap_err().field, Some("signingKey"));
    fs::File::create(&file).unwrap().write_all(ssh_private_key(1).as_bytes()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(engine.bundle_signer(&id, &from).unwrap_err().what.starts_with("Others on this computer"));
        let public = home.path().join("signing_key.half");
        let half = ssh_key::PrivateKey::from_openssh(ssh_private_key(1)).unwrap();
        let half = half.public_key().to_openssh().unwrap();
        fs::File::create(&public).unwrap().write_all(half.as_bytes()).unwrap();
        fs::set_permissions(&public, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = engine.bundle_signer(&id, &SigningKeyFrom::File(public)).unwrap_err();
        assert!(refused.what.ends_with("is the public half of a key."), "{}", refused.what);
        assert!(!refused.fix.contains("chmod"), "{}", refused.fix);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let signer = engine.bundle_signer(&id, &from).unwrap();
    assert_eq!(signer.fingerprint(), key(1).recipient().fingerprint());
    fs::File::create(&file).unwrap().write_all(b"not a key").unwrap();
    assert!(engine.bundle_signer(&id, &from).unwrap_err().what.contains("no OpenSSH private key"));
}
