package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
)

// The store verbs show who needs what, remove only what nobody does, and keep away from a store in use.
func TestStoreVerbs(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	for owner, n := range map[string]int{"provider/one": 5000, "validator/two": 200_000, "loose": 70_000} {
		if _, err := s.Put(context.Background(), owner, bytes.NewReader(make([]byte, n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Expire("validator/two", end), s.Release("loose")); err != nil {
		t.Fatal(err)
	}
	verb := func(want int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(append(args, "--data", dir), &out, &errs); got != want {
			t.Fatalf("%v: status %d, want %d: %s", args, got, want, errs.String())
		}
		return out.String(), errs.String()
	}
	if _, stderr := verb(exitFailure, "store", "usage"); !strings.Contains(stderr, "in use by another process") {
		t.Errorf("a store in use: %s", stderr)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	usage := func() (u storeUsage) {
		t.Helper()
		stdout, _ := verb(exitOK, "store", "usage", "--json")
		if err := json.Unmarshal([]byte(stdout), &u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	until := end.UTC()
	want := storeUsage{Blobs: 2, Pages: 1, Bytes: 275_000, Pinned: 205_000,
		Owners: []storeHolding{{Owner: "provider/one", Objects: 1, Bytes: 5000}, {Owner: "validator/two", Objects: 1, Bytes: 200_000, Until: &until}}}
	if got := usage(); !reflect.DeepEqual(got, want) {
		t.Errorf("usage %+v, want %+v", got, want)
	}
	text, _ := verb(exitOK, "store", "usage")
	for _, line := range []string{"275.0 kB in 2 blobs and 1 pages", "205.0 kB needed, 70.0 kB a cache", "provider/one  until it is over", "validator/two  until " + until.Format(time.RFC3339)} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in %s", line, text)
		}
	}
	if text, _ := verb(exitOK, "store", "gc", "--keep", "70kB"); text != "0 B freed, 275.0 kB left\n" {
		t.Errorf("gc that keeps all: %s", text)
	}
	if text, _ := verb(exitOK, "store", "gc", "--json"); !strings.Contains(text, `"freed_bytes": 70000`) || !strings.Contains(text, `"bytes": 205000`) {
		t.Errorf("gc: %s", text)
	}
	want.Blobs, want.Bytes = 1, 205_000
	if got := usage(); !reflect.DeepEqual(got, want) {
		t.Errorf("usage %+v, want %+v", got, want)
	}
}
