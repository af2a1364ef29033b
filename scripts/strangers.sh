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

fact() { node -p 'JSON.parse(process.argv[1])[process.argv[2]]' "$PRACTICE_JSON" "$1"; }
GATEHOUSE_HOME="$folder/home" AZURE_TENANT_ID="$(fact tenant_id)" AZURE_CLIENT_ID="$(fact client_id)" \
  AZURE_CLIENT_SECRET="$(fact client_secret)" "$program" export --with-secret --to "$folder/gateway" \
  --authority "$(fact authority)" --graph "$(fact graph)" --ca-file "$(fact ca_file)" >/dev/null
set -a
# shellcheck source=/dev/null
. "$folder/gateway/gateway.env"
set +a
npm --prefix tests/strangers run test:gateway-env
