#!/bin/sh
# Builds the standard module from its source. The .wasm file is committed: a benchmark is of these bytes.
set -eu
cd "$(dirname "$0")"
wat2wasm -o standard.wasm standard.wat
