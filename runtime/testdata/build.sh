#!/bin/sh
# Builds the test guests from their sources. The .wasm files are committed, so that tests need no clang.
set -eu
cd "$(dirname "$0")"
for f in *.c; do
    clang --target=wasm32 -O2 -Wall -Wextra -Werror -nostdlib -ffreestanding -fno-builtin -mbulk-memory -msign-ext \
        -I../../sdk/c/include -Wl,--no-entry -Wl,--strip-all -o "${f%.c}.wasm" "$f"
done
