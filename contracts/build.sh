#!/usr/bin/env bash
# Compiles the contracts and writes what is committed: artifacts/ and bindings.go. Needs Node and npm; users of gwrun need neither.
set -euo pipefail
cd "$(dirname "$0")"
to=${1:-contracts}
[ -d node_modules ] || npm install --no-save
node_modules/.bin/forge build src --force --skip test
cd ..
"${GO:-go}" run ./contracts/generate -contracts contracts -to "$to"
