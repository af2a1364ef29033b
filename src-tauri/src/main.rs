//! The Gatehouse window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::sync::Arc;

use engine::{Gatehouse, clock::SystemClock, settings, vault::Keychain};
use gatehouse_desktop::Setup;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = settings::home_folder(&settings::ProcessEnvironment)?;
    let engine = Gatehouse::new(engine::Setup {
        keychain: Arc::new(Keychain::of(&home)),
        home,
        clock: Arc::new(SystemClock),
        user_agent: concat!("Gatehouse/", env!("CARGO_PKG_VERSION")).to_owned(),
    });
    drop(tauri::async_runtime::spawn(gatehouse_desktop::remind(
        engine.clone(),
        gatehouse_desktop::DesktopNotices,
    )));
    let practice = std::env::args_os().skip(1).any(|argument| argument == "--practice");
    gatehouse_desktop::attach(tauri::Builder::default(), Setup { engine, practice })
        .build(tauri::generate_context!())?
        .run(|app, event| gatehouse_desktop::at_exit(app, &event));
    Ok(())
}
