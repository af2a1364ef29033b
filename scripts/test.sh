#!/usr/bin/env bash
# Every check of the repository, the quick ones first. It stops at the first that fails and names it.
set -euo pipefail
cd "$(dirname "$0")/.."

# One set of packages, features and targets for clippy, build and tests: nothing is compiled twice.
all=(--workspace --all-targets --features gatehouse-desktop/custom-protocol)

now=""
began=$SECONDS
trap '[[ $? == 0 ]] || echo "test: \"$now\" failed after $((SECONDS - began)) s" >&2' EXIT

check() {
  now="$1"
  shift
  local start=$SECONDS
  printf '\n=== %s\n' "$now"
  "$@"
  echo "--- $now: $((SECONDS - start)) s"
}

check "Rust formatting" cargo fmt --all --check
check "page: types and lint" npm --prefix ui run check
check "page: unit tests" npm --prefix ui test
check "page: build" npm --prefix ui run build
check "clippy" cargo clippy "${all[@]}" -- -D warnings
check "bundle alone, without its features" cargo check --package bundle --all-targets
check "build" cargo build "${all[@]}"
check "Rust tests, with a real keychain" scripts/with-keychain.sh cargo nextest run "${all[@]}"
check "documentation tests" cargo test --workspace --doc --features gatehouse-desktop/custom-protocol
check "Microsoft's own clients against the practice tenant" scripts/strangers.sh
check "page: in Chromium" npm --prefix tests/page test

printf '\ntest: everything passed in %s s\n' "$((SECONDS - began))"
