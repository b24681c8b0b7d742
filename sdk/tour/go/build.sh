#!/bin/sh
# Builds tour.wasm (or the file named) with Go's own toolchain.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=${1:-$here/tour.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$here"
GOOS=wasip1 GOARCH=wasm GOFLAGS= go build -trimpath -buildvcs=false -ldflags="-s -w" -o "$out" .
