package consumer

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// watched is a journal of which a test counts the bytes written, and which fails from some change on, as if its node had been killed.
type watched struct {
	store.Journal
	bytes, left *int
}

var errKilled = errors.New("killed")

func (w watched) change() error {
	if *w.left == 0 {
		return errKilled
	}
	*w.left--
	return nil
}

func (w watched) Put(key msg.Hash, v any) error {
	if err := w.change(); err != nil {
		return err
	}
	*w.bytes += len(key) + len(msg.Encode(v))
	return w.Journal.Put(key, v)
}

func (w watched) Delete(keys ...msg.Hash) error {
	if err := w.change(); err != nil {
		return err
	}
	return w.Journal.Delete(keys...)
}

// watch gives a journal over s that makes so many changes, and how many bytes it has written.
func watch(s store.Store, changes int) (journal, *int) {
	bytes := new(int)
	of := func(name string) store.Journal { return watched{s.Journal(name), bytes, &changes} }
	return journal{of("consumer/jobs"), of("consumer/intervals")}, bytes
}

// record is a signed interval of the usual length.
func record(i int) identity.Signed {
	return identity.Signed{Body: append(fmt.Appendf(nil, "interval %d ", i), make([]byte, 250)...)}
}

func records(from, to int) (out []identity.Signed) {
	for i := from; i < to; i++ {
		out = append(out, record(i))
	}
	return out
}

func same(a, b []identity.Signed) bool {
	return slices.EqualFunc(a, b, func(x, y identity.Signed) bool { return string(x.Body) == string(y.Body) })
}

func submission() *Submission {
	return &Submission{Spec: identity.Signed{Body: make([]byte, 2000)}, Peers: []string{"127.0.0.1:7070"}, Intervals: []identity.Signed{}}
}

// What a job's journal costs grows with its length, and not with the square of it.
func TestJournalGrowsWithTheJob(t *testing.T) {
	job := msg.Hash{1}
	wrote := func(n int) int {
		s := store.NewMemory(store.Options{})
		j, bytes := watch(s, -1)
		a := &attempt{c: &Consumer{journal: j}, s: submission(), job: job}
		if err := j.write(job, a.s); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := a.committed(record(i)); err != nil {
				t.Fatal(err)
			}
			if i%200 == 199 { // a state was kept
				if err := a.update(func() { a.s.Reconnects++ }); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, err := j.load(job); err != nil || !same(got.Intervals, records(0, n)) || got.Reconnects != uint32(n/200) {
			t.Fatalf("%d of %d intervals are in the journal, %v", len(got.Intervals), n, err)
		}
		return *bytes
	}
	short, long := wrote(1000), wrote(10_000)
	t.Logf("%d bytes for 1,000 intervals, %d for 10,000", short, long)
	if long > 10*short || long > 10_000*500 {
		t.Errorf("%d bytes for 10,000 intervals, for 1,000 it is %d", long, short)
	}
}

// Whenever a node is killed, its journal has what was acknowledged, and nothing that was not told.
func TestJournalKilled(t *testing.T) {
	job := msg.Hash{1}
	const taken, own = together + 10, 5 // taken over from another job, and the job's own
	for at := range 12 {
		s := store.NewMemory(store.Options{})
		j, _ := watch(s, at)
		a := &attempt{c: &Consumer{journal: j}, s: submission(), job: job}
		a.s.Intervals = records(0, taken)
		acknowledged := -1
		if j.write(job, a.s) == nil {
			acknowledged = taken
		}
		for i := taken; acknowledged >= 0 && i < taken+own; i++ {
			if a.committed(record(i)) != nil {
				break
			}
			acknowledged = i + 1
		}
		over := acknowledged == taken+own && a.update(func() { a.s.Over = "accepted" }) == nil
		again, _ := watch(s, -1)
		got, err := again.load(job)
		if acknowledged < 0 {
			if !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("killed after %d changes: %v, wanted nothing", at, err)
			}
			continue
		}
		if err != nil || !same(got.Intervals, records(0, acknowledged)) || (got.Over != "") != over {
			t.Fatalf("killed after %d changes: %d intervals, over %q, %v; wanted %d, %v", at, len(got.Intervals), got.Over, err, acknowledged, over)
		}
		// Whoever is killed while it forgets a job forgets the rest of it later.
		for kill := range 3 {
			j, _ := watch(s, kill)
			err := j.drop(job)
			if kill == 2 != (err == nil) {
				t.Fatalf("forgetting with %d changes: %v", kill, err)
			}
		}
		for _, name := range []string{"consumer/jobs", "consumer/intervals"} {
			if keys, err := s.Journal(name).Keys(); err != nil || len(keys) != 0 {
				t.Fatalf("%d records of a forgotten job in %s, %v", len(keys), name, err)
			}
		}
	}
}

// A submission of an earlier version has its intervals inside, and is gone on with.
func TestJournalOfEarlierVersions(t *testing.T) {
	s, job := store.NewMemory(store.Options{}), msg.Hash{1}
	old := submission()
	old.Intervals = records(0, 3)
	if err := s.Journal("consumer/jobs").Put(job, *old); err != nil {
		t.Fatal(err)
	}
	j, bytes := watch(s, -1)
	for range 2 { // the second time it is read back
		got, err := j.load(job)
		if err != nil {
			t.Fatal(err)
		}
		a := &attempt{c: &Consumer{journal: j}, s: got, job: job}
		n := len(got.Intervals)
		if err := a.committed(record(n)); err != nil {
			t.Fatal(err)
		}
		if err := a.update(func() { a.s.Over = "moved" }); err != nil {
			t.Fatal(err)
		}
		if got, err = j.load(job); err != nil || got.Over != "moved" || !same(got.Intervals, records(0, n+1)) {
			t.Fatalf("%d intervals, over %q, %v; wanted %d", len(got.Intervals), got.Over, err, n+1)
		}
	}
	if *bytes == 0 {
		t.Error("nothing was written")
	}
	if err := j.drop(job); err != nil {
		t.Fatal(err)
	}
	if keys, err := s.Journal("consumer/intervals").Keys(); err != nil || len(keys) != 0 {
		t.Errorf("%d records of a forgotten job, %v", len(keys), err)
	}
}
