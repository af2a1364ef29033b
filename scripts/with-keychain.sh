#!/usr/bin/env bash
# Runs its arguments with a private session bus and an unlocked GNOME keyring, a real Secret Service, in temporary
# folders. The keyring of the person at this machine is not touched, and nothing is left running.
set -euo pipefail

if (($# == 0)); then
  echo "usage: with-keychain.sh COMMAND [ARGUMENT…]" >&2
  exit 2
fi

if [[ -z "${GATEHOUSE_KEYCHAIN_FOLDER:-}" ]]; then
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
  mkdir -m 700 "$folder/runtime" "$folder/data" "$folder/config" "$folder/cache"
  export GATEHOUSE_KEYCHAIN_FOLDER="$folder"
  export XDG_RUNTIME_DIR="$folder/runtime" XDG_DATA_HOME="$folder/data"
  export XDG_CONFIG_HOME="$folder/config" XDG_CACHE_HOME="$folder/cache"
  dbus-run-session -- "$0" "$@"
  exit
fi

# From here on, inside the private session.
unset GATEHOUSE_KEYCHAIN_FOLDER
printf %s practice | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
keyring=$!
trap 'kill "$keyring" 2>/dev/null || true; wait "$keyring" 2>/dev/null || true' EXIT

secrets_are_served() {
  dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q 'boolean true'
}

for _ in {1..100}; do
  secrets_are_served && break
  kill -0 "$keyring" 2>/dev/null || break
  sleep 0.1
done
secrets_are_served || { echo "with-keychain: the keyring did not start" >&2; exit 1; }
"$@"
