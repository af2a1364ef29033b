//! The desktop window. The only crate that knows Tauri: commands parse, call the engine and convert.

mod clipboard;
mod commands;
mod desk;
mod dialogs;
mod practice_tenant;
mod rehearsal;
mod reminding;
mod throwaway_certificate;
pub mod wire;

use engine::Gatehouse;
use tauri::{AppHandle, Manager, RunEvent, Runtime};
use tauri_specta::{Event, collect_commands, collect_events};

pub use desk::Desk;
pub use reminding::{DesktopNotices, Notices, remind};

/// What the window is started with.
pub struct Setup {
    /// The engine.
    pub engine: Gatehouse,
    /// Start the practice tenant before the window opens.
    pub practice: bool,
}

/// The typed commands and events, from which the page's bindings are generated.
pub fn builder<R: Runtime>() -> tauri_specta::Builder<R> {
    tauri_specta::Builder::<R>::new()
        .disable_serde_phases()
        .commands(collect_commands![
            commands::home,
            commands::start_practice,
            commands::set_practice_scenario,
            commands::answer_practice_consent,
            commands::rehearse,
            commands::create_connection,
            commands::journey,
            commands::history,
            commands::read_report,
            commands::save_report,
            commands::explain,
            commands::settings,
            commands::save_settings,
            commands::remove_connection,
            commands::go_to_step,
            commands::judge_field,
            commands::read_paste,
            commands::save_prepare,
            commands::save_registration,
            commands::save_secret,
            commands::secret_pasted,
            commands::make_certificate,
            commands::import_certificate,
            commands::try_credential,
            commands::save_public_part,
            commands::choose_certificate_file,
            commands::choose_key_file,
            commands::save_permissions,
            commands::save_access,
            commands::check,
            commands::wait_for_consent,
            commands::test_sync,
            commands::forecast_sync,
            commands::restart_sync,
            commands::sync_summary,
            commands::read_list,
            commands::pause_sync,
            commands::resume_sync,
            commands::cancel,
            commands::search_groups,
            commands::access_of_group,
            commands::access_of_person,
            commands::administrators,
            commands::choose_folder,
            commands::write_config,
            commands::open_written_folder,
            commands::gateways,
            commands::save_gateway,
            commands::remove_gateways,
            commands::preview_keys,
            commands::choose_key_files,
            commands::give_keys,
            commands::preview_table,
            commands::choose_table_file,
            commands::import_table,
            commands::save_gateway_table,
            commands::choose_signing_key,
            commands::seal_outlook,
            commands::seal_bundles,
            commands::open_bundles_folder,
            commands::rotation,
            commands::rotate_to_secret,
            commands::rotate_to_new_certificate,
            commands::rotate_to_imported_certificate,
            commands::prove_rotation,
            commands::except_gateways,
            commands::look_for_old_credential,
            commands::finish_rotation,
            commands::abandon_rotation,
            commands::go_back_unproven,
            commands::gateways_are_whole,
            commands::save_new_public_part,
            commands::save_calendar,
            commands::receive_receipts,
            commands::choose_receipts,
            commands::choose_receipt_folder,
            commands::page_address,
            commands::open_page,
        ])
        .events(collect_events![wire::ProgressEvent])
}

/// Attaches the commands, the events and the desk to an application that is being built.
pub fn attach<R: Runtime>(app: tauri::Builder<R>, setup: Setup) -> tauri::Builder<R> {
    let typed = builder::<R>();
    app.invoke_handler(typed.invoke_handler()).setup(move |app| {
        typed.mount_events(app);
        let handle = app.handle().clone();
        let desk = Desk::new(setup.engine, move |event: wire::ProgressEvent| {
            // A window that is being closed hears nothing any more, and need not.
            drop(event.emit(&handle));
        });
        if setup.practice {
            tauri::async_runtime::block_on(desk.start_practice()).map_err(|problem| problem.what)?;
        }
        app.manage(desk);
        Ok(())
    })
}

/// What is left to do when the application ends: a secret that was pasted here does not stay on the clipboard.
pub fn at_exit<R: Runtime>(app: &AppHandle<R>, event: &RunEvent) {
    if let (RunEvent::Exit, Some(desk)) = (event, app.try_state::<Desk>()) {
        desk.leave();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_s_bindings_are_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        super::builder::<tauri::Wry>().export(specta_typescript::Typescript::default(), &fresh).unwrap();
        let fresh = std::fs::read_to_string(fresh).unwrap();
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/bindings.ts");
        #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test by hand")]
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(committed, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(committed).unwrap();
        assert!(fresh == committed.replace("\r\n", "\n"), "the bindings are stale: run `make bindings`");
    }
}
