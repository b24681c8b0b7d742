package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const modulePath = "github.com/gwrun/gwrun/"

// The floors of the house: a package imports only packages on its own floor or below.
var floors = map[string]int{"contracts": 0, "proto": 0, "kernels": 1, "runtime": 2, "host": 3, "cmd": 4, "examples": 4, "sdk": 4}

// Outside packages that only some rooms may import. The contracts' generated bindings are made for go-ethereum's binding package and name its
// core types; whoever talks to a chain is host/settle.
var onlyIn = map[string][]string{
	"github.com/quic-go/":                          {"proto"},
	"github.com/cogentcore/webgpu":                 {"kernels/webgpu"},
	"github.com/ethereum/go-ethereum/ethclient":    {"host/settle"},
	"github.com/ethereum/go-ethereum/core":         {"host/settle", "contracts"},
	"github.com/ethereum/go-ethereum/accounts/abi": {"host/settle", "contracts"},
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	CgoFiles                           []string
}

func listPackages(t *testing.T) []goPackage {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,CgoFiles", modulePath+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestFloors(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 15 {
		t.Fatalf("go list found %d packages, fewer than the house has rooms", len(packages))
	}
	for _, p := range packages {
		if bad := floorFaults(p); len(bad) > 0 {
			t.Errorf("%s", strings.Join(bad, "\n"))
		}
	}
	// The check itself must be able to fail.
	wrong := goPackage{ImportPath: modulePath + "proto/x", Imports: []string{modulePath + "host/y", "github.com/cogentcore/webgpu/wgpu"}}
	if n := len(floorFaults(wrong)); n != 2 {
		t.Errorf("a package with two forbidden imports has %d faults, want 2", n)
	}
}

func floorFaults(p goPackage) []string {
	var bad []string
	path := strings.TrimPrefix(p.ImportPath, modulePath)
	room, _, _ := strings.Cut(path, "/")
	floor, ok := floors[room]
	if !ok {
		return []string{p.ImportPath + ": no such room in the house"}
	}
	if len(p.CgoFiles) > 0 && !strings.HasPrefix(path, "kernels/webgpu") {
		bad = append(bad, path+": uses cgo; only kernels/webgpu may")
	}
	for _, imp := range p.Imports {
		if in, ok := strings.CutPrefix(imp, modulePath); ok {
			to, _, _ := strings.Cut(in, "/")
			if f, ok := floors[to]; !ok || f > floor {
				bad = append(bad, path+" imports "+in+", which is a floor above")
			}
		}
		for outside, where := range onlyIn {
			within := func(room string) bool { return path == room || strings.HasPrefix(path, room+"/") }
			if strings.HasPrefix(imp, outside) && !slices.ContainsFunc(where, within) {
				bad = append(bad, path+" imports "+imp+"; only "+strings.Join(where, " and ")+" may")
			}
		}
	}
	return bad
}
