//! Dialogs of the platform.

use std::path::{Path, PathBuf};

/// Lets the admin choose a folder; none when the dialog was closed. Begins in the nearest folder that exists.
pub(crate) async fn folder(start: &str) -> Option<String> {
    let mut dialog = rfd::AsyncFileDialog::new().set_title("Choose the folder to write to");
    if let Some(near) = Path::new(start).ancestors().find(|folder| folder.is_dir()) {
        dialog = dialog.set_directory(near);
    }
    dialog.pick_folder().await.map(|chosen| chosen.path().to_string_lossy().into_owned())
}

/// Lets the admin name a file to write, and asks before one is named that is there; none when the dialog was closed.
pub(crate) async fn new_file(title: &str, name: &str) -> Option<PathBuf> {
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name);
    dialog.save_file().await.map(|chosen| chosen.path().to_owned())
}
