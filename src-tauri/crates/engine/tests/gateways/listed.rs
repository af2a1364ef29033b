//! The list itself: what is in it, what goes with it, and what adding to it says.

use std::sync::Arc;

use engine::{FaultCode, vault::MemoryVault};

use super::{bench::engine_in, key, keys, real_connection};

#[test]
fn gateways_go_with_their_connection() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
    let id = real_connection(&engine);
    engine.give_keys(&id, &keys(&format!("plant-1 {}", key(1).recipient().to_line()))).unwrap();
    assert!(engine.home().join("gateways").join(format!("{id}.json")).exists());
    engine.remove(&id).unwrap();
    assert!(!engine.home().join("gateways").join(format!("{id}.json")).exists());
    assert_eq!(engine.give_keys(&id, &keys("")).unwrap_err().code, FaultCode::UnknownConnection);
}
