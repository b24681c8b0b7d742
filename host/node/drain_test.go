package node

import (
	"context"
	"errors"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// A validator that comes to rest waits for its checks, and until what it is bound to was asked for.
func TestDuties(t *testing.T) {
	var d duties
	if err := d.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	a, b := msg.Hash{1}, msg.Hash{2}
	endA, endB := d.check(a), d.check(b)
	for _, step := range []func(){func() { endA(true) }, func() { endB(false) }} {
		if err := d.wait(over); !errors.Is(err, context.Canceled) {
			t.Fatalf("it rests while it checks: %v", err)
		}
		step()
	}
	if err := d.wait(over); !errors.Is(err, context.Canceled) {
		t.Fatalf("it rests while it is bound to a finding: %v", err)
	}
	rest := make(chan error)
	go func() { rest <- d.wait(t.Context()) }()
	d.told(b)
	d.told(a)
	if err := <-rest; err != nil {
		t.Fatal(err)
	}
	d.check(a)(true) // somebody else asks for the same check
	if err := d.wait(over); err != nil {
		t.Errorf("what was told once is waited for again: %v", err)
	}
}
