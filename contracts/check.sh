#!/usr/bin/env bash
# Compiles the contracts again and compares with what is committed, byte for byte.
set -euo pipefail
cd "$(dirname "$0")"
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
./build.sh "$again"
diff -r artifacts "$again/artifacts"
diff bindings.go "$again/bindings.go"
echo "artifacts and bindings are what the sources give"
