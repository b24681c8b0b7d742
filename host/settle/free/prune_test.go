package free_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// killable is a store whose journals make so many changes more, and then none, as if the node had been killed.
type killable struct {
	store.Store
	left *int
}

type killableJournal struct {
	store.Journal
	left *int
}

var errKilled = errors.New("killed")

func (s killable) Journal(name string) store.Journal {
	return killableJournal{s.Store.Journal(name), s.left}
}

func (j killableJournal) change(do func() error) error {
	if *j.left == 0 {
		return errKilled
	}
	*j.left--
	return do()
}

func (j killableJournal) Put(key msg.Hash, v any) error {
	return j.change(func() error { return j.Journal.Put(key, v) })
}

func (j killableJournal) Delete(keys ...msg.Hash) error {
	return j.change(func() error { return j.Journal.Delete(keys...) })
}

// jobs makes jobs of the same people.
type jobs struct {
	t    *testing.T
	now  *time.Time
	like *settletest.Job
	n    uint64
}

func (m *jobs) next(window time.Duration, deadline time.Duration) *settletest.Job {
	m.t.Helper()
	if m.like == nil {
		m.like = settletest.NewJob(m.t, *m.now, window)
	}
	j := *m.like
	m.n++
	j.Receipt.Ended = m.now.Unix()
	j.Change(func(s *msg.JobSpec) {
		s.Nonce, s.Policy.Window, s.Deadline = m.n, uint32(window/time.Second), m.now.Add(deadline).Unix()
	})
	by := map[msg.Account]*identity.Identity{}
	for _, v := range m.like.Validators {
		by[v.Account()] = v
	}
	j.Validators = nil
	for _, a := range settle.Draw(j.Seed, &j.Spec, &j.Receipt) {
		j.Validators = append(j.Validators, by[a])
	}
	return &j
}

// begin makes the first moves.
func begin(t *testing.T, b settle.Settlement, j *settletest.Job) {
	t.Helper()
	ctx := context.Background()
	if err := errors.Join(b.Open(ctx, j.Signed, j.Agreed(j.Provider)), b.Commit(ctx, j.Committed()), b.Reveal(ctx, j.Reveal(j.Secret))); err != nil {
		t.Fatal(err)
	}
}

func standing(t *testing.T, f *free.Settlement) []free.Reputation {
	t.Helper()
	all, err := f.Reputations()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A book that forgets comes to the same reputations as one that does not, whatever the jobs showed and in whatever order they end.
func TestPrunedBookHasTheSameReputations(t *testing.T) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(3, 4))
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { now = now.Add(time.Nanosecond); return now } // no two marks are of one moment
	var stores []store.Store
	var books []*free.Settlement
	for range 2 {
		stores = append(stores, store.NewMemory(store.Options{}))
		books = append(books, free.New(stores[len(stores)-1]))
		books[len(books)-1].SetClock(clock)
	}
	m := &jobs{t: t, now: &now}
	forgotten := 0
	var open []*settletest.Job
	for range 120 {
		j := m.next(time.Duration(1+r.IntN(300))*time.Minute, time.Duration(1+r.IntN(600))*time.Minute)
		at, kind := now, r.IntN(5)
		for _, b := range books {
			now = at
			begin(t, b, j)
			said := []msg.Value{msg.Valid, msg.Valid}
			if kind == 1 {
				said[1] = msg.Unavailable
			}
			for k, v := range said[:min(2, 5-kind)] { // of kind 4 one is silent
				p, o := j.Bind(j.Validators[k], j.Verdicts(j.Validators[k], v))
				if err := errors.Join(b.Promise(ctx, p), b.Opened(ctx, o)); err != nil {
					t.Fatal(err)
				}
			}
			if kind == 2 {
				if err := b.Rule(ctx, j.Ruling(1, settle.Absence, j.Validators[1].Account())); err != nil {
					t.Fatal(err)
				}
			}
			if kind == 3 {
				if err := b.Rule(ctx, j.Ruling(2, settle.Dispute, j.Provider.Account())); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Settle(ctx, j.Hash); err != nil && !errors.Is(err, settle.ErrNotYet) {
				t.Fatal(err)
			}
			if err := b.Judge(j.Provider.Account(), msg.Hash{byte(m.n), 1}, []free.Deed{free.Good, free.Unclear, free.Missed}[m.n%3]); err != nil {
				t.Fatal(err)
			}
		}
		open = append(open, j)
		now = at.Add(time.Duration(r.IntN(60)) * time.Minute)
		if r.IntN(10) == 0 {
			now = now.Add(20 * 24 * time.Hour) // what this node found by itself is forgotten much later
		}
		if r.IntN(5) > 0 {
			continue
		}
		at = now
		for _, b := range books { // each looks how those that are late ended
			now = at
			for _, j := range open {
				if _, err := b.Settle(ctx, j.Hash); err != nil && !errors.Is(err, settle.ErrNotYet) && !errors.Is(err, settle.ErrUnknown) {
					t.Fatal(err)
				}
			}
		}
		at = now
		n, err := books[1].Prune(ctx, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		forgotten += n
		if r.IntN(2) == 0 { // and over a restart
			books[1] = free.New(stores[1])
			books[1].SetClock(clock)
		}
		now = at
		if all, left := standing(t, books[0]), standing(t, books[1]); !reflect.DeepEqual(timeless(all), timeless(left)) {
			t.Fatalf("after %d jobs, of which %d were forgotten:\n%+v, wanted\n%+v", m.n, forgotten, left, all)
		}
	}
	keys, err := stores[1].Journal("settle/jobs").Keys()
	if err != nil || forgotten < 60 || len(keys)+forgotten != 120 {
		t.Errorf("%d jobs were forgotten and %d are there, %v", forgotten, len(keys), err)
	}
	if own, err := stores[1].Journal("settle/own").Keys(); err != nil || len(own) > 110 {
		t.Errorf("%d of what this node found by itself is there, %v", len(own), err)
	}
}

// timeless takes away what follows from the clock: the books of a test make their moves one after the other.
func timeless(all []free.Reputation) []free.Reputation {
	for i := range all {
		all[i].Until -= all[i].Until % 60
	}
	return all
}

// What is settled long ago goes, what somebody may still have a say about stays, and a node that is killed anywhere counts everything once.
func TestPruneKilled(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1_800_000_000, 0)
	for kill := 0; ; kill++ {
		now = time.Unix(1_800_000_000, 0)
		s, left := store.NewMemory(store.Options{}), -1
		open := func() *free.Settlement {
			f := free.New(killable{s, &left})
			f.SetClock(func() time.Time { return now })
			return f
		}
		b, m := open(), &jobs{t: t, now: &now}
		old, silent, young := m.next(time.Hour, time.Hour), m.next(time.Hour, 2*time.Hour), m.next(100*time.Hour, time.Hour)
		young.Receipt.Ended++
		for _, j := range []*settletest.Job{old, young} {
			begin(t, b, j)
			for _, v := range j.Validators[:2] {
				p, o := j.Bind(v, j.Verdicts(v, msg.Valid))
				if err := errors.Join(b.Promise(ctx, p), b.Opened(ctx, o)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Settle(ctx, j.Hash); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Second)
		}
		if err := b.Open(ctx, silent.Signed, silent.Agreed(silent.Provider)); err != nil { // nobody ever looked how it ended
			t.Fatal(err)
		}
		before := standing(t, b)
		now = now.Add(3 * time.Hour)
		if n, err := b.Prune(ctx, 2*time.Hour); n != 0 || err != nil {
			t.Fatalf("%d jobs forgotten before their time, %v", n, err)
		}
		now = now.Add(3 * time.Hour)
		left = kill
		_, err := b.Prune(ctx, 2*time.Hour)
		killed := err != nil
		left = -1
		b = open()
		want := slices.Clone(before)
		i := slices.IndexFunc(want, func(r free.Reputation) bool { return r.Role == free.Provider })
		want[i].Unclear, want[i].Streak = 1, 0 // the silent one
		if got := standing(t, open()); !reflect.DeepEqual(got, before) && !reflect.DeepEqual(got, want) {
			t.Fatalf("killed after %d changes: %+v, wanted %+v or what was before", kill, got, want)
		}
		if again, err := b.Prune(ctx, 2*time.Hour); err != nil || !killed && again != 0 {
			t.Fatalf("killed after %d changes: %d forgotten, %v", kill, again, err)
		}
		if got := standing(t, open()); !reflect.DeepEqual(got, want) {
			t.Fatalf("killed after %d changes: %+v, wanted %+v", kill, got, want)
		}
		for _, j := range []*settletest.Job{old, silent} {
			if _, err := b.Case(ctx, j.Hash); !errors.Is(err, settle.ErrUnknown) {
				t.Fatalf("killed after %d changes: an old job: %v, wanted it forgotten", kill, err)
			}
			if err := b.Open(ctx, j.Signed, j.Agreed(j.Provider)); !errors.Is(err, settle.ErrLate) {
				t.Fatalf("killed after %d changes: a forgotten job is begun again: %v", kill, err)
			}
		}
		if c, err := b.Case(ctx, young.Hash); err != nil || len(c.Opened) != 2 {
			t.Fatalf("killed after %d changes: of a job whose window is open there is %+v, %v", kill, c, err)
		}
		if err := b.Rule(ctx, young.Ruling(1, settle.Replay, young.Provider.Account())); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Settle(ctx, young.Hash); err != nil {
			t.Fatal(err)
		}
		if r, err := b.Reputation(free.Provider, young.Provider.Account()); err != nil || r.Wrong != 1 {
			t.Fatalf("killed after %d changes: %+v, %v; wanted it proven wrong once", kill, r, err)
		}
		if !killed {
			if kill < 4 {
				t.Errorf("forgetting is %d changes: nothing was killed", kill)
			}
			return
		}
	}
}
