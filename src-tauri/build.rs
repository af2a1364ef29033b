//! Hands the window's settings and icons to Tauri.

fn main() {
    tauri_build::build();
}
