#!/bin/sh
# Builds jobname.wasm (or the file named) with Go's own toolchain, 1.24 or later.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=${1:-$here/jobname.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$here"
GOOS=wasip1 GOARCH=wasm GOFLAGS= GOWORK=off go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags="-s -w" -o "$out" .
