#!/usr/bin/env bash
# Installs the locked Node.js packages of each folder given, unless they are there and the lock is older.
set -euo pipefail
cd "$(dirname "$0")/.."

for folder in "$@"; do
  installed="$folder/node_modules/.package-lock.json"
  if [[ ! -e "$installed" || "$folder/package-lock.json" -nt "$installed" ]]; then
    npm --prefix "$folder" ci --no-audit --no-fund
  fi
done
