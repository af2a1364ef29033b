#!/usr/bin/env bash
# Runs Microsoft's own client libraries (tests/strangers) against a practice tenant of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

program="${CARGO_TARGET_DIR:-target}/debug/gatehouse"
folder="$(mktemp -d)"
tenant=""
clean_up() {
  [[ -z "$tenant" ]] || kill "$tenant" 2>/dev/null || true
  [[ -z "$tenant" ]] || wait "$tenant" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT

mkfifo "$folder/facts"
GATEHOUSE_HOME="$folder/home" "$program" practice --json >"$folder/facts" &
tenant=$!
exec 3<"$folder/facts"
if ! IFS= read -r -t 60 PRACTICE_JSON <&3; then
  echo "strangers: the practice tenant gave no facts" >&2
  exit 1
fi
NODE_EXTRA_CA_CERTS="$(node -p 'JSON.parse(process.argv[1]).ca_file' "$PRACTICE_JSON")"
export PRACTICE_JSON NODE_EXTRA_CA_CERTS
npm --prefix tests/strangers test
