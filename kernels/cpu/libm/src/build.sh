#!/bin/sh
# Builds ../libm.wasm, or the file named by the first argument, from libm.c and libm_gen.c with clang and wasm-ld. (Linking by
# clang would run wasm-opt where it is installed and give other bytes where it is not.)
set -eu
out=$(realpath "${1:-$(dirname "$0")/../libm.wasm}")
cd "$(dirname "$0")"
obj=$(mktemp)
trap 'rm -f "$obj"' EXIT
${CLANG:-clang} --target=wasm32 -std=c11 -O2 -msimd128 -fno-vectorize -fno-slp-vectorize -ffreestanding -fno-builtin \
 -ffp-contract=off -fwrapv -Wall -Wextra -Werror -Wno-unused-function -c -o "$obj" libm.c
${WASM_LD:-wasm-ld} --no-entry --strip-all --gc-sections -z stack-size=16384 -o "$out" "$obj"
