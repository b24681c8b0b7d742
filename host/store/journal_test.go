package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/msg"
)

// together has changes wait while another is being made, and gives how many transactions they took.
func together(t *testing.T, d *Disk, changes ...func() error) (errs []error, transactions int) {
	t.Helper()
	number := func() (n int) {
		if err := d.jobs.View(func(tx *bolt.Tx) error { n = tx.ID(); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := number()
	d.changes.turn.Lock()
	errs = make([]error, len(changes))
	var wg sync.WaitGroup
	for i, f := range changes {
		wg.Go(func() { errs[i] = f() })
	}
	for waiting := 0; waiting < len(changes); time.Sleep(time.Millisecond) {
		d.changes.mu.Lock()
		waiting = len(d.changes.waiting)
		d.changes.mu.Unlock()
	}
	d.changes.turn.Unlock()
	wg.Wait()
	return errs, number() - before
}

// Changes to journals that come while the disk is busy are one transaction, and each is told its own outcome.
func TestJournalChangesTogether(t *testing.T) {
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var puts []func() error
	for i := range 20 {
		puts = append(puts, func() error { return d.Journal(fmt.Sprint("of ", i%3)).Put(msg.Hash{byte(i)}, i) })
	}
	errs, n := together(t, d, puts...)
	if err := errors.Join(errs...); err != nil || n != 1 {
		t.Errorf("20 records in %d transactions: %v", n, err)
	}
	broken := errors.New("broken")
	errs, _ = together(t, d,
		func() error { return d.Journal("a").Put(msg.Hash{1}, 1) },
		func() error { return d.commit(func(*bolt.Tx) error { return broken }) },
		func() error { return d.Journal("a").Put(msg.Hash{2}, 2) })
	if errs[0] != nil || errs[1] != broken || errs[2] != nil {
		t.Errorf("%v, want an error of the second alone", errs)
	}
	var got [2]int
	for i := range got {
		if err := d.Journal("a").Get(msg.Hash{byte(i + 1)}, &got[i]); err != nil || got[i] != i+1 {
			t.Errorf("record %d is %d, %v", i+1, got[i], err)
		}
	}
	for i := range 20 {
		var v int
		if err := d.Journal(fmt.Sprint("of ", i%3)).Get(msg.Hash{byte(i)}, &v); err != nil || v != i {
			t.Errorf("record %d is %d, %v", i, v, err)
		}
	}
}
