#!/bin/sh
# Builds the test guests from their sources. The .wasm files are committed, so that tests need no clang.
set -eu
cd "$(dirname "$0")"
for f in *.c; do
    # Linked by hand: clang would hand the result to a wasm-opt that knows no bulk memory.
    clang --target=wasm32 -O2 -Wall -Wextra -Werror -ffreestanding -mbulk-memory -msign-ext -I../../sdk/c/include -c -o "${f%.c}.o" "$f"
    wasm-ld --no-entry --strip-all -z stack-size=1048576 -o "${f%.c}.wasm" "${f%.c}.o"
    rm "${f%.c}.o"
done
for f in *.wat; do
    wat2wasm -o "${f%.wat}.wasm" "$f"
done
