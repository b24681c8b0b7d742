package dispute

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// records are a run's, signed by its provider, and the keys of all who have to do with it.
func records(t testing.TB, job *runtime.Job, r *ran) (e *Evidence, ids map[string]*identity.Identity) {
	t.Helper()
	ids = map[string]*identity.Identity{}
	for _, name := range []string{"consumer", "provider", "challenger", "referee"} {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	sign := func(who string, v msg.Hashed) identity.Signed {
		s, err := ids[who].Sign(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	spec := msg.JobSpec{Version: 1, Program: job.Program, Consumer: ids["consumer"].Account(), Deadline: time.Now().Unix() + 3600}
	receipt := r.res.Receipt
	receipt.Job, receipt.Provider = msg.HashOf(spec), ids["provider"].Account()
	e = &Evidence{Version: 1, Records: rpc.JobRecords{Spec: sign("consumer", spec), Receipt: sign("provider", receipt)}}
	for _, r := range r.res.Intervals {
		e.Records.Intervals = append(e.Records.Intervals, sign("provider", rpc.IntervalCommit{Job: receipt.Job, Record: r}))
	}
	return e, ids
}

// challengeOf is a challenge to those records, without what the challenger computed.
func challengeOf(t testing.TB, e *Evidence, ids map[string]*identity.Identity) Challenge {
	t.Helper()
	var receipt msg.Receipt
	if _, err := e.Records.Receipt.Open(&receipt); err != nil {
		t.Fatal(err)
	}
	return Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Provider: receipt.Provider, Challenger: ids["challenger"].Account(),
		Clock: 60, Referee: ids["referee"].Account()}
}

// evidence is a dispute about a flipped bit, led to its end, with the keys of its parties.
func evidence(t testing.TB) (e *Evidence, ids map[string]*identity.Identity) {
	t.Helper()
	x := newTable(t, 60)
	if _, err := (&Referee{Identity: x.ids["referee"]}).Lead(context.Background(), x.evidence, x.job, x.seat("provider"), x.seat("challenger")); err != nil {
		t.Fatal(err)
	}
	x.evidence.Blobs = append(x.evidence.Blobs, x.job.Module)
	for _, in := range x.job.Inputs {
		x.evidence.Blobs = append(x.evidence.Blobs, in.Data)
	}
	return x.evidence, x.ids
}

// TestEvidence: what was played is found again from the file alone, and nothing in it can be changed.
func TestEvidence(t *testing.T) {
	ctx := context.Background()
	e, ids := evidence(t)
	var file bytes.Buffer
	if err := e.Write(&file); err != nil {
		t.Fatal(err)
	}
	read, err := ReadEvidence(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	out, err := read.Verify(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Guilty, []msg.Account{ids["provider"].Account()}) || out.Question.Kind != Word || out.Silent {
		t.Fatalf("found %+v", out)
	}
	other := func(v msg.Hashed, who string) identity.Signed {
		s, err := ids[who].Sign(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, change := range map[string]func(*Evidence){
		"version":              func(e *Evidence) { e.Version = 2 },
		"a move less":          func(e *Evidence) { e.Moves = e.Moves[:len(e.Moves)-1] },
		"a move more":          func(e *Evidence) { e.Moves = append(slices.Clone(e.Moves), e.Moves[0]) },
		"moves turned round":   func(e *Evidence) { e.Moves = slices.Clone(e.Moves); e.Moves[0], e.Moves[1] = e.Moves[1], e.Moves[0] },
		"no proof":             func(e *Evidence) { e.Proof = nil },
		"an interval less":     func(e *Evidence) { e.Records.Intervals = e.Records.Intervals[1:] },
		"another's challenge":  func(e *Evidence) { var c Challenge; _, _ = e.Challenge.Open(&c); e.Challenge = other(c, "provider") },
		"a signature":          func(e *Evidence) { e.Moves = slices.Clone(e.Moves); e.Moves[2].Sig[5] ^= 1 },
		"a silence of nobody":  func(e *Evidence) { s := other(Silence{Version: 1}, "referee"); e.Silence = &s },
		"a proof of something": func(e *Evidence) { p := *e.Proof; p.Gas = nil; e.Proof = &p },
	} {
		bad := *e
		change(&bad)
		if out, err := bad.Verify(ctx, nil); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	// A part of the job may be left out, and is asked for.
	short := *e
	short.Blobs = e.Blobs[:1]
	if _, err := short.Verify(ctx, nil); err == nil || !strings.Contains(err.Error(), "is not in the evidence") {
		t.Errorf("without the inputs: %v", err)
	}
	for _, cut := range []int{0, 5, 100, file.Len() - 1} {
		if _, err := ReadEvidence(bytes.NewReader(file.Bytes()[:cut])); !errors.Is(err, ErrEvidence) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
}

// TestSilence: a party that does not move in time loses by the referee's word, and only by a true one.
func TestSilence(t *testing.T) {
	ctx := context.Background()
	e, ids := evidence(t)
	e.Proof, e.Moves = nil, e.Moves[:5] // now it is the challenger's turn
	g := rebuild(t, e)
	silence := Silence{Version: 1, Dispute: g.ID, Before: g.Last(), Who: ids["challenger"].Account(), Since: 1000, Until: 1060}
	verify := func(s Silence, by string) (*Outcome, error) {
		signed, err := ids[by].Sign(s)
		if err != nil {
			t.Fatal(err)
		}
		x := *e
		x.Silence = &signed
		return x.Verify(ctx, nil)
	}
	out, err := verify(silence, "referee")
	if err != nil || !out.Silent || !slices.Equal(out.Guilty, []msg.Account{ids["challenger"].Account()}) {
		t.Fatalf("%+v, %v", out, err)
	}
	for name, change := range map[string]func(*Silence) string{
		"by the provider": func(*Silence) string { return "provider" },
		"too short":       func(s *Silence) string { s.Until--; return "referee" },
		"of the other":    func(s *Silence) string { s.Who = ids["provider"].Account(); return "referee" },
		"an older turn":   func(s *Silence) string { s.Before = g.ID; return "referee" },
		"another dispute": func(s *Silence) string { s.Dispute[0]++; return "referee" },
	} {
		s := silence
		by := change(&s)
		if out, err := verify(s, by); !errors.Is(err, ErrEvidence) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

// rebuild plays what evidence has.
func rebuild(t testing.TB, e *Evidence) *Game {
	t.Helper()
	var spec msg.JobSpec
	var receipt msg.Receipt
	if _, err := e.Records.Spec.Open(&spec); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Records.Receipt.Open(&receipt); err != nil {
		t.Fatal(err)
	}
	var records []msg.Interval
	for _, s := range e.Records.Intervals {
		var c rpc.IntervalCommit
		if _, err := s.Open(&c); err != nil {
			t.Fatal(err)
		}
		records = append(records, c.Record)
	}
	g, err := Begin(&receipt, records, spec.Program.Interval, e.Challenge)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range e.Moves {
		if err := g.Play(m); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// FuzzReadEvidence reads arbitrary bytes as evidence.
func FuzzReadEvidence(f *testing.F) {
	e, _ := evidence(f)
	e.Blobs, e.Proof = nil, &runtime.Proof{} // short
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(evidenceMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ReadEvidence(bytes.NewReader(data))
		if err != nil {
			return
		}
		_, _ = e.Verify(context.Background(), nil) // whatever it says, it must not panic or hang
	})
}
