package dispute

import (
	"context"
	"errors"
	"flag"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// seeds is how many worlds the liars of TestLiars are let loose in, and TestFickleLiars in 120 times as many.
var seeds = flag.Int("seeds", 2, "number of made-up jobs for TestLiars and TestFickleLiars")

type side struct {
	id *identity.Identity
	w  *world
}

func newSide(t testing.TB, w *world) side {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return side{id, w}
}

// start begins a game about a one-interval receipt of the provider's world.
func start(t testing.TB, p, c side) *Game {
	t.Helper()
	records := []msg.Interval{p.w.record()}
	receipt := &msg.Receipt{Version: 1, Job: msg.Hash{7}, Provider: p.id.Account(), Trace: trace.Root(records)}
	signed, err := c.id.Sign(Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(*receipt), Provider: p.id.Account(), Challenger: c.id.Account(),
		Record: c.w.record(), Clock: 60})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Begin(receipt, records, 1<<20, signed)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// play lets both answer from their worlds until all is said.
func play(t testing.TB, g *Game, p, c side) {
	t.Helper()
	for i := 0; g.Turn() != nil; i++ {
		who := p
		if g.Turn().Who == c.id.Account() {
			who = c
		}
		m, err := g.Answer(context.Background(), who.id, who.w)
		if err != nil {
			t.Fatalf("move %d: %v", i, err)
		}
		if err := g.Play(m); err != nil {
			t.Fatalf("move %d: %v", i, err)
		}
		if i > 200 {
			t.Fatal("the game does not end")
		}
	}
}

// TestLiars has liars of every kind, on both sides, against an honest party: the honest one is never wrong about what is left, the
// liar always is, and the rounds are few.
func TestLiars(t *testing.T) {
	kinds := map[Kind]int{}
	played := 0
	for seed := range uint64(*seeds) {
		const steps, points = 70, 80
		truth := build(seed, steps, points, nil)
		r := rand.New(rand.NewPCG(seed, 99))
		for _, kind := range lieKinds {
			for _, persist := range []bool{true, false} {
				step := 1 + r.IntN(len(truth.steps)-1)
				l := &lie{kind: kind, step: step, point: 1 + r.IntN(max(1, len(truth.steps[step].points)-1)), persist: persist}
				false_ := build(seed, steps, points, l)
				if kind != "receipt" && false_.record() == truth.record() {
					continue // the lie has no place here
				}
				for liar := range 2 {
					worlds := [2]*world{truth, truth}
					worlds[liar] = false_
					p, c := newSide(t, worlds[0]), newSide(t, worlds[1])
					g := start(t, p, c)
					play(t, g, p, c)
					q := g.Question()
					kinds[q.Kind]++
					played++
					if q.Kind == Receipt {
						continue // the same records: nothing to bisect
					}
					wrong, err := truth.verdict(q)
					if err != nil {
						t.Fatalf("seed %d, %+v by %d: %v", seed, *l, liar, err)
					}
					if wrong[1-liar] || !wrong[liar] {
						t.Fatalf("seed %d, %+v by %d: wrong are %v about %+v", seed, *l, liar, wrong, *q)
					}
					if most := 4 + 2 + 2 + 2 + 2; g.Rounds > most {
						t.Errorf("seed %d, %+v: %d rounds, want at most %d", seed, *l, g.Rounds, most)
					}
				}
			}
		}
	}
	for _, k := range []Kind{Receipt, Ended, Guest, Handles, Word, Workgroup} {
		if kinds[k] == 0 {
			t.Errorf("no game ended in a question about %q", k)
		}
	}
	t.Logf("%d games, which ended in %v", played, kinds)
}

// fickle answers each turn as it likes: from the true world, from its false one, with what the other just said, or with nonsense.
func fickle(g *Game, s side, truth *world, r *rand.Rand) (identity.Signed, error) {
	ctx := context.Background()
	w := s.w
	if r.IntN(3) == 0 {
		w = truth
	}
	signed, err := g.Answer(ctx, s.id, w)
	if err != nil {
		if signed, err = g.Answer(ctx, s.id, truth); err != nil {
			return signed, err
		}
	}
	m := new(Move)
	if _, err := signed.Open(m); err != nil {
		return signed, err
	}
	if g.first != nil && r.IntN(3) == 0 && len(g.first.Hashes) == len(m.Hashes) {
		m.Hashes = slices.Clone(g.first.Hashes)
	}
	if r.IntN(3) == 0 {
		for i := range m.Hashes {
			if r.IntN(4) == 0 {
				m.Hashes[i][r.IntN(32)]++
			}
		}
	}
	if m.Count > 0 && r.IntN(5) == 0 {
		m.Count += uint64(r.IntN(3))
	}
	for i := range m.Bodies {
		if len(m.Bodies[i]) > 0 && r.IntN(12) == 0 {
			m.Bodies[i][r.IntN(len(m.Bodies[i]))]++
		}
	}
	return s.id.Sign(*m)
}

// TestFickleLiars lets a liar say anything at any turn. What is refused costs it its clock; otherwise the honest party is right in the end.
func TestFickleLiars(t *testing.T) {
	ended, refused := 0, 0
	for seed := range uint64(120 * *seeds) {
		r := rand.New(rand.NewPCG(seed, 5))
		truth := build(seed%60, 12, 24, nil)
		step := 1 + r.IntN(len(truth.steps)-1)
		l := &lie{kind: lieKinds[r.IntN(len(lieKinds)-1)], step: step, point: 1 + r.IntN(max(1, len(truth.steps[step].points)-1)), persist: r.IntN(2) == 0}
		false_ := build(seed%60, 12, 24, l)
		if false_.record() == truth.record() {
			continue
		}
		liar := r.IntN(2)
		worlds := [2]*world{truth, truth}
		worlds[liar] = false_
		sides := [2]side{newSide(t, worlds[0]), newSide(t, worlds[1])}
		g := start(t, sides[0], sides[1])
		silent := false
		for g.Turn() != nil && !silent {
			who := 0
			if g.Turn().Who == sides[1].id.Account() {
				who = 1
			}
			if who != liar {
				m, err := g.Answer(context.Background(), sides[who].id, truth)
				if err != nil {
					t.Fatalf("seed %d: the honest party has no answer: %v", seed, err)
				}
				if err := g.Play(m); err != nil {
					t.Fatalf("seed %d: the honest party's move: %v", seed, err)
				}
				continue
			}
			silent = true
			for range 4 { // it may try again while its clock runs
				m, err := fickle(g, sides[who], truth, r)
				if err != nil {
					continue
				}
				before := *g
				err = g.Play(m)
				if err == nil {
					silent = false
					break
				}
				if !errors.Is(err, ErrMove) || g.last != before.last || g.stage != before.stage || g.first != before.first {
					t.Fatalf("seed %d: a refused move changed the game, or was refused with %v", seed, err)
				}
			}
		}
		if silent {
			refused++
			continue
		}
		ended++
		q := g.Question()
		wrong, err := truth.verdict(q)
		if err != nil {
			t.Fatalf("seed %d, %+v by %d: %v", seed, *l, liar, err)
		}
		if wrong[1-liar] || !wrong[liar] {
			t.Fatalf("seed %d, %+v by %d: wrong are %v about %+v", seed, *l, liar, wrong, *q)
		}
	}
	if ended < 20**seeds || refused < 20 {
		t.Errorf("%d games ended and in %d the liar had no move left: too few to say anything", ended, refused)
	}
	t.Logf("%d games ended, in %d the liar had no move left", ended, refused)
}

// TestSequencesHoldTogether: what a party says at the places of a sequence must fit what it said of its length and its end.
func TestSequencesHoldTogether(t *testing.T) {
	ctx := context.Background()
	var truth *world
	seed := uint64(0)
	for ; truth == nil || len(truth.steps) < 20 || len(truth.steps[9].points) < 12; seed++ {
		truth = build(seed, 40, 40, nil)
	}
	false_ := build(seed-1, 40, 40, &lie{kind: "transcript", step: 9, point: 10, persist: true}) // the same world but for that
	p, c := newSide(t, false_), newSide(t, truth)
	for _, stage := range []Stage{Steps, Points} {
		g := start(t, p, c)
		for g.stage != stage || g.first != nil || len(g.Turn().Places) < 4 {
			who := p
			if g.Turn().Who == c.id.Account() {
				who = c
			}
			m, err := g.Answer(ctx, who.id, who.w)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Play(m); err != nil {
				t.Fatal(err)
			}
		}
		signed, err := g.Answer(ctx, p.id, p.w)
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*Move){
			"over before its end":         func(m *Move) { m.Hashes[1] = Over },
			"one hash less":               func(m *Move) { m.Hashes = m.Hashes[1:] },
			"a count that was not asked":  func(m *Move) { m.Count = 3 },
			"a body":                      func(m *Move) { m.Bodies = [][]byte{{1}} },
			"a workgroup":                 func(m *Move) { m.Workgroup = &[3]uint32{} },
			"another stage":               func(m *Move) { m.Stage = Gas },
			"another dispute":             func(m *Move) { m.Dispute[0]++ },
			"an answer to something else": func(m *Move) { m.Before[0]++ },
			"another version":             func(m *Move) { m.Version = 2 },
		} {
			m := new(Move)
			if _, err := signed.Open(m); err != nil {
				t.Fatal(err)
			}
			change(m)
			bad, err := p.id.Sign(*m)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Play(bad); !errors.Is(err, ErrMove) {
				t.Errorf("%v, %s: %v", stage, name, err)
			}
		}
		// The end before it is reached, and something behind it.
		own := g.steps[provider]
		if stage == Points {
			own = g.said[provider]
		}
		for name, at := range map[string]struct {
			place uint64
			value msg.Hash
			ok    bool
		}{
			"its end at its end": {own, g.ends[provider], true}, "something else at its end": {own, msg.Hash{1}, false},
			"over at its end": {own, Over, false}, "something behind its end": {own + 1, msg.Hash{1}, false}, "over behind its end": {own + 1, Over, true},
			"something before its end": {own - 1, msg.Hash{1}, true}, "over just before its end": {own - 1, Over, false},
		} {
			err := g.follow(provider, &Move{Hashes: []msg.Hash{at.value}}, &Turn{Places: []uint64{at.place}}, own)
			if (err == nil) != at.ok {
				t.Errorf("%v, %s: %v", stage, name, err)
			}
		}
		if err := g.Play(signed); err != nil {
			t.Errorf("%v: the move as it was: %v", stage, err)
		}
	}
}

// TestChallengeRefused lists what is no challenge.
func TestChallengeRefused(t *testing.T) {
	w := build(1, 9, 9, nil)
	p, c := newSide(t, w), newSide(t, w)
	records := []msg.Interval{w.record(), w.record(), w.record()}
	for i := range records {
		records[i].Index, records[i].LastStep = uint64(i), uint64(10*(i+1))
	}
	receipt := &msg.Receipt{Version: 1, Job: msg.Hash{7}, Provider: p.id.Account()}
	good := Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(*receipt), Provider: p.id.Account(), Challenger: c.id.Account(), Record: records[1], Clock: 60}
	good.Record.Gas++
	for name, change := range map[string]func(*Challenge) *identity.Identity{
		"another receipt":   func(x *Challenge) *identity.Identity { x.Receipt[0]++; return c.id },
		"signed by":         func(x *Challenge) *identity.Identity { return p.id },
		"clock of 0":        func(x *Challenge) *identity.Identity { x.Clock = 0; return c.id },
		"has 3":             func(x *Challenge) *identity.Identity { x.Record.Index = 4; return c.id },
		"that interval 1":   func(x *Challenge) *identity.Identity { x.Record = records[1]; return c.id },
		"begins behind":     func(x *Challenge) *identity.Identity { x.Record.LastStep = 10; return c.id },
		"version 2":         func(x *Challenge) *identity.Identity { x.Version = 2; return c.id },
		"challenges itself": func(x *Challenge) *identity.Identity { x.Challenger = p.id.Account(); return p.id },
	} {
		x := good
		signed, err := change(&x).Sign(x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Begin(receipt, records, 1<<20, signed); !errors.Is(err, ErrMove) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Challenge){
		"as it is":          func(*Challenge) {},
		"more steps":        func(x *Challenge) { x.Record = records[2]; x.Record.LastStep++ },
		"another interval":  func(x *Challenge) { x.Record.Index, x.Record.LastStep = 3, 33 },
		"the last record":   func(x *Challenge) { x.Record = records[2] },
		"fewer steps of it": func(x *Challenge) { x.Record = records[2]; x.Record.LastStep-- },
	} {
		x := good
		change(&x)
		signed, _ := c.id.Sign(x)
		if _, err := Begin(receipt, records, 1<<20, signed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlaces: a stretch of any length is cut into at most Fanout parts, in order, each shorter than it.
func TestPlaces(t *testing.T) {
	for _, n := range []uint64{1, 2, 63, 64, 65, 127, 128, 4097, 1 << 40, 1<<64 - 10} {
		s := &stretch{lo: 5, hi: 5 + n}
		at := s.lo
		places := s.places()
		for _, p := range append(places, s.hi) {
			if p <= at || p > s.hi || p-at > n/Fanout+1 {
				t.Fatalf("%d places: %d behind %d", n, p, at)
			}
			at = p
		}
		if len(places) >= Fanout {
			t.Errorf("%d places: %d asked for", n, len(places))
		}
		rounds := 0
		for ; s.hi-s.lo > 1; rounds++ {
			said := [2][]msg.Hash{}
			for range s.places() {
				said[0], said[1] = append(said[0], msg.Hash{1}), append(said[1], msg.Hash{2})
			}
			if len(s.places()) == 0 {
				break
			}
			s.narrow(said)
		}
		if most := bits.Len64(n)/6 + 1; rounds > most {
			t.Errorf("%d places: %d rounds, want at most %d", n, rounds, most)
		}
	}
}

// FuzzPlay gives a game arbitrary bytes as moves: they are refused, or the game goes on by its rules.
func FuzzPlay(f *testing.F) {
	truth := build(3, 5, 9, nil)
	l := &lie{kind: "word", step: 1, point: 1, persist: true}
	p, c := newSide(f, truth), newSide(f, build(3, 5, 9, l))
	g := start(f, p, c)
	for g.Turn() != nil {
		who := p
		if g.Turn().Who == c.id.Account() {
			who = c
		}
		m, err := g.Answer(context.Background(), who.id, who.w)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.Body)
		if err := g.Play(m); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		g := start(t, p, c)
		for range 3 {
			turn := g.Turn()
			if turn == nil {
				return
			}
			who := p
			if turn.Who == c.id.Account() {
				who = c
			}
			m := new(Move)
			if msg.Decode(body, m) != nil {
				return
			}
			m.Dispute, m.Before, m.Stage = g.ID, g.Last(), turn.Stage // else all is refused for the same reason
			signed, err := who.id.Sign(*m)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Play(signed); err != nil {
				if !errors.Is(err, ErrMove) {
					t.Fatal(err)
				}
				return
			}
		}
	})
}
