# What one does here. Each recipe is a script or a plain command: none needs just.

# Lists the recipes.
default:
    @just --list

# Format, lints and documentation, as CI checks them.
check:
    scripts/check

# Every test, as CI runs them. Installs PostgreSQL, PgBouncer, Redis and Chromium where they are missing.
test *arguments:
    scripts/test {{arguments}}

# The tests that need no PostgreSQL and no Redis: the rules, SQLite, the embedded server over HTTP.
test-fast:
    scripts/test --fast

# Everything that must hold before a change lands.
ci:
    .ci/run

# Writes docs/openapi.json anew, after the routes have changed.
openapi:
    RENEW_OPENAPI=1 cargo test -p scoreline-http --test documentation

# Licences, bans and sources of dependencies. Needs cargo-deny.
deny:
    cargo deny check bans licenses sources

# Serves the sample game with simulated players.
demo:
    cargo run --release -- serve --demo --data-dir demo

# Measures this machine.
bench *arguments:
    cargo run --release -- bench {{arguments}}
