#!/usr/bin/env bash
# Brings what a fresh checkout needs. It changes nothing that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the desktop window is built from, and what its tests are run with.
packages=(
  build-essential pkg-config curl file git
  libwebkit2gtk-4.1-dev libgtk-3-dev librsvg2-dev libayatana-appindicator3-dev libssl-dev
  xvfb xauth x11-apps x11-utils dbus dbus-x11 gnome-keyring libsecret-tools webkit2gtk-driver
  imagemagick xdotool xdg-utils chromium
  fonts-inter fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fontconfig
)

stop() {
  echo "setup: $1" >&2
  exit 1
}

node_is_good() {
  command -v node >/dev/null && command -v npm >/dev/null && (($(node -p 'process.versions.node.split(".")[0]') >= 20))
}

install_debian_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  node_is_good || missing+=(nodejs npm)
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || stop "these Debian packages are missing, and there is no sudo: ${missing[*]}"
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  install_debian_packages
else
  echo "setup: not a Debian system; Tauri's prerequisites are expected to be installed."
fi

node_is_good || stop "Node.js 20 or newer is needed, with npm. This system's packages are older; see https://nodejs.org."
command -v cargo >/dev/null || stop "Rust is missing. Install it with rustup, see https://rustup.rs, and open a new terminal."
cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
  stop "rustfmt or clippy is missing. Run: rustup component add rustfmt clippy"
command -v cargo-nextest >/dev/null || cargo install cargo-nextest --locked

scripts/node-packages.sh ui tests/page tests/strangers
