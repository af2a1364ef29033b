#!/usr/bin/env bash
# Installs the pinned Python packages of each folder given into its .venv, unless they are there and the list is older.
set -euo pipefail
cd "$(dirname "$0")/.."

for folder in "$@"; do
  installed="$folder/.venv/installed"
  if [[ ! -e "$installed" || "$folder/requirements.txt" -nt "$installed" ]]; then
    python3 -m venv --clear "$folder/.venv"
    "$folder/.venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$folder/requirements.txt"
    touch "$installed"
  fi
done
