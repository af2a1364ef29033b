//! The keychain against a real Secret Service. `scripts/with-keychain.sh` starts one for the tests.
#![cfg(target_os = "linux")]

use engine::vault::{Keychain, Vault};
use secrecy::{ExposeSecret, SecretString};

#[test]
fn a_secret_goes_in_comes_out_is_replaced_and_goes() {
    let keychain = Keychain::of(std::path::Path::new("/nowhere/first"));
    let elsewhere = Keychain::of(std::path::Path::new("/nowhere/second"));
    let state = keychain.state();
    assert_eq!(state.unusable, None, "run this test under scripts/with-keychain.sh");
    assert_eq!(state.name, "Secret Service");
    let id = "engine-test-of-the-keychain";
    keychain.remove(id).unwrap();
    assert!(keychain.get(id).unwrap().is_none());
    for value in ["first ~ value", "second: ünïcode and a long tail of characters 0123456789"] {
        keychain.put(id, &SecretString::from(value)).unwrap();
        assert_eq!(keychain.get(id).unwrap().unwrap().expose_secret(), value);
        assert!(elsewhere.get(id).unwrap().is_none(), "two data folders never share an entry");
    }
    keychain.remove(id).unwrap();
    assert!(keychain.get(id).unwrap().is_none());
    keychain.remove(id).unwrap();
}
