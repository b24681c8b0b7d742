#!/bin/sh
# Builds kmeans.wasm (or the file named) with Go's own toolchain, 1.24 or later.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=${1:-$here/kmeans.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$here"
GOOS=wasip1 GOARCH=wasm GOFLAGS= go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags="-s -w" -o "$out" .
