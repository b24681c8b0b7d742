package dispute

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// names are those who have to do with a job: its parties, and three who are drawn as witnesses.
var names = []string{"consumer", "provider", "challenger", "referee", "w1", "w2", "w3"}

func identities(t testing.TB) map[string]*identity.Identity {
	t.Helper()
	ids := map[string]*identity.Identity{}
	for _, name := range names {
		ids[name] = newKey(t)
	}
	return ids
}

// keys counts those that were made: the processes of a fuzzer make the same ones.
var keys atomic.Uint64

func newKey(t testing.TB) *identity.Identity {
	t.Helper()
	key := sha256.Sum256(fmt.Appendf(nil, "test key %d", keys.Add(1)))
	id, err := identity.FromBytes(key[:])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// sign signs what a test says that it is.
func sign(t testing.TB, id *identity.Identity, v msg.Hashed) identity.Signed {
	t.Helper()
	s, err := id.Sign(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var secret = msg.Hash{7, 7, 7}

// specOf is a job whose jury is the challenger and whose witnesses are w1 to w3.
func specOf(program msg.Program, ids map[string]*identity.Identity) msg.JobSpec {
	spec := msg.JobSpec{Version: 1, Program: program, Consumer: ids["consumer"].Account(), Deadline: 2_000_000, Commitment: settle.Commitment(secret),
		Policy: msg.Policy{SamplePPM: 1_000_000, Validators: 1, Window: 3600, Clock: 60}}
	for name, weight := range map[string]uint32{"challenger": 1 << 31, "w1": 1, "w2": 1, "w3": 1} {
		spec.Policy.Candidates = append(spec.Policy.Candidates, msg.Candidate{Account: ids[name].Account(), Weight: weight})
	}
	slices.SortFunc(spec.Policy.Candidates, func(a, b msg.Candidate) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	return spec
}

// ended is when receipts are signed here.
const ended = 1_000_000

// records are a run's, signed by its provider, and the keys of all who have to do with it.
func records(t testing.TB, job *runtime.Job, r *ran) (rpc.JobRecords, map[string]*identity.Identity) {
	t.Helper()
	ids := identities(t)
	return recordsBy(t, job, r.res, ids), ids
}

func recordsBy(t testing.TB, job *runtime.Job, res *runtime.Result, ids map[string]*identity.Identity) rpc.JobRecords {
	t.Helper()
	spec := specOf(job.Program, ids)
	receipt := res.Receipt
	receipt.Job, receipt.Provider, receipt.Nonce, receipt.Ended = msg.HashOf(spec), ids["provider"].Account(), msg.Hash{9}, ended
	reveal := sign(t, ids["consumer"], rpc.Reveal{Job: receipt.Job, Secret: secret})
	out := rpc.JobRecords{Spec: sign(t, ids["consumer"], spec), Receipt: sign(t, ids["provider"], receipt), Reveal: &reveal}
	for _, r := range res.Intervals {
		out.Intervals = append(out.Intervals, sign(t, ids["provider"], rpc.IntervalCommit{Job: receipt.Job, Record: r}))
	}
	return out
}

// challengeOf is a challenge to those records, without what the challenger computed.
func challengeOf(t testing.TB, r *rpc.JobRecords, ids map[string]*identity.Identity) Challenge {
	t.Helper()
	var receipt msg.Receipt
	if _, err := r.Receipt.Open(&receipt); err != nil {
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
	if !slices.Equal(out.Guilty, []msg.Account{ids["provider"].Account()}) || out.Question.Kind != Word || out.Kind != ByDispute || len(out.Witnesses) != 0 {
		t.Fatalf("found %+v", out)
	}
	for name, change := range map[string]func(*Evidence, *Dispute){
		"version":            func(e *Evidence, d *Dispute) { e.Version = 1 },
		"a move less":        func(e *Evidence, d *Dispute) { d.Moves = d.Moves[:len(d.Moves)-1] },
		"a move more":        func(e *Evidence, d *Dispute) { d.Moves = append(d.Moves, d.Moves[0]) },
		"moves turned round": func(e *Evidence, d *Dispute) { d.Moves[0], d.Moves[1] = d.Moves[1], d.Moves[0] },
		"no proof":           func(e *Evidence, d *Dispute) { d.Proof = nil },
		"an interval less":   func(e *Evidence, d *Dispute) { e.Records.Intervals = e.Records.Intervals[1:] },
		"another's challenge": func(e *Evidence, d *Dispute) {
			var c Challenge
			_, _ = d.Challenge.Open(&c)
			d.Challenge = sign(t, ids["provider"], c)
		},
		"a signature": func(e *Evidence, d *Dispute) { d.Moves[2].Sig[5] ^= 1 },
		"a silence of nobody": func(e *Evidence, d *Dispute) {
			d.Proof, d.Silence = nil, []identity.Signed{sign(t, ids["w1"], rpc.Absence{Version: 1})}
		},
		"a silence too": func(e *Evidence, d *Dispute) {
			d.Silence = []identity.Signed{sign(t, ids["w1"], rpc.Absence{Version: 1})}
		},
		"half a proof":      func(e *Evidence, d *Dispute) { p := *d.Proof; p.Gas = nil; d.Proof = &p },
		"a blob more":       func(e *Evidence, d *Dispute) { e.Blobs = append(slices.Clone(e.Blobs), []byte("x")) },
		"a blob twice":      func(e *Evidence, d *Dispute) { e.Blobs = append(slices.Clone(e.Blobs), e.Blobs[0]) },
		"no records":        func(e *Evidence, d *Dispute) { e.Records = nil },
		"another kind too":  func(e *Evidence, d *Dispute) { e.Absence = &Absence{} },
		"of no kind at all": func(e *Evidence, d *Dispute) { e.Dispute = nil },
	} {
		bad, d, r := *e, *e.Dispute, *e.Records
		d.Moves = slices.Clone(d.Moves)
		bad.Dispute, bad.Records = &d, &r
		change(&bad, &d)
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

// rebuild plays what evidence has.
func rebuild(t testing.TB, e *Evidence) *Game {
	t.Helper()
	said, err := claim.Read(e.Records)
	if err != nil {
		t.Fatal(err)
	}
	g, err := e.Dispute.replayed(said)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
