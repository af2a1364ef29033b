//! Dialogs of the platform.

use std::path::{Path, PathBuf};

/// Lets the admin choose a folder; none when the dialog was closed. Begins in the nearest folder that exists.
pub(crate) async fn folder(start: &str) -> Option<String> {
    folder_of("Choose the folder to write to", start).await
}

/// As [`folder`], with another title.
pub(crate) async fn folder_of(title: &str, start: &str) -> Option<String> {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(title);
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

/// Lets the admin choose a file that is there; none when the dialog was closed.
pub(crate) async fn file(title: &str, kind: &str, endings: &[&str]) -> Option<String> {
    let dialog = rfd::AsyncFileDialog::new().set_title(title).add_filter(kind, endings);
    dialog.pick_file().await.map(|chosen| chosen.path().to_string_lossy().into_owned())
}

/// Lets the admin choose files that are there, of one kind or of any; none when the dialog was closed.
pub(crate) async fn files(title: &str, kind: Option<(&str, &[&str])>) -> Option<Vec<PathBuf>> {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(title);
    if let Some((name, endings)) = kind {
        dialog = dialog.add_filter(name, endings);
    }
    let chosen = dialog.pick_files().await?;
    Some(chosen.iter().map(|file| file.path().to_owned()).collect())
}
