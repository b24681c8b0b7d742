package dispute

import (
	"bytes"
	"context"
	"fmt"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Bounds of what a party may say.
const (
	maxPoints = 1 << 40 // points of a step, workgroups of a command
	maxMove   = 96 << 10
)

// What is left to be judged; package trace has the words for it, since package runtime judges.
type (
	Question = trace.Question
	Next     = trace.Next
	Kind     = trace.Kind
)

// The kinds of Question.
const (
	Receipt   = trace.KindReceipt
	Ended     = trace.KindEnded
	Closed    = trace.KindClosed
	Guest     = trace.KindGuest
	Handles   = trace.KindHandles
	Word      = trace.KindWord
	Workgroup = trace.KindWorkgroup
)

// Game is a dispute under way.
type Game struct {
	Challenge Challenge
	ID        msg.Hash // of Challenge
	Rounds    int      // two moves each
	Bytes     int      // of the moves so far, signatures included

	steps [2]uint64   // how many each record says that the interval has
	ends  [2]msg.Hash // the value at the last place of the sequence at hand, by each
	begin trace.StepPoint
	last  msg.Hash // hash of the last move
	stage Stage
	first *Move // the provider's of this round, while the challenger's is awaited

	seq   stretch
	tree  *subtree
	said  [2]uint64 // counts of points, then of workgroups
	place uint64    // in Points, of the one that they differ about
	q     Question
}

// Begin checks that a challenge is one and begins its game. records are the receipt's, checked against it and against the job, whose
// intervals have so many steps.
func Begin(receipt *msg.Receipt, records []msg.Interval, interval uint64, signed identity.Signed) (*Game, error) {
	g := &Game{}
	c := &g.Challenge
	who, err := signed.Open(c)
	if err != nil {
		return nil, err
	}
	wrong := func(format string, args ...any) (*Game, error) {
		return nil, fmt.Errorf("%w: challenge: %s", ErrMove, fmt.Sprintf(format, args...))
	}
	n := uint64(len(records))
	i := c.Record.Index
	switch {
	case c.Version != 1:
		return wrong("version %d, wanted 1", c.Version)
	case who != c.Challenger:
		return wrong("it is %s's and signed by %s", c.Challenger, who)
	case c.Challenger == c.Provider:
		return wrong("%s challenges itself", who)
	case c.Job != receipt.Job || c.Receipt != msg.HashOf(*receipt) || c.Provider != receipt.Provider:
		return wrong("it is about another receipt")
	case c.Clock == 0:
		return wrong("a clock of 0 seconds")
	case n == 0 || i > n:
		return wrong("it disputes interval %d, the receipt has %d", i, n)
	}
	var prev *msg.Interval
	if i > 0 {
		prev = &records[i-1]
	}
	g.begin = trace.Begin(prev)
	var claimed *msg.Interval // none behind the receipt's last
	if i < n {
		claimed = &records[i]
	}
	over := i > 0 && claimed != nil && c.Record == endedBefore(prev)
	if !over && c.Record.LastStep <= g.begin.Step || c.Record.LastStep-g.begin.Step > interval {
		return wrong("its record ends at step %d, the interval begins behind step %d and has at most %d steps", c.Record.LastStep, g.begin.Step, interval)
	}
	g.ID = msg.HashOf(*c)
	g.last = g.ID
	g.q = Question{Interval: i, Start: g.begin}
	if claimed != nil && *claimed == c.Record {
		if i != n-1 {
			return wrong("it gives the record that interval %d has", i)
		}
		g.q.Start, g.q.Receipt = trace.End(claimed), receipt
		g.judge(Receipt)
		return g, nil
	}
	g.steps[challenger], g.ends[challenger] = c.Record.LastStep-g.begin.Step, msg.HashOf(trace.End(&c.Record))
	g.ends[provider] = msg.HashOf(g.begin)
	if claimed != nil {
		g.steps[provider], g.ends[provider] = claimed.LastStep-g.begin.Step, msg.HashOf(trace.End(claimed))
	}
	g.seq = g.whole(g.steps)
	g.seq.first = msg.HashOf(g.begin)
	g.stage = Steps
	g.skip()
	return g, nil
}

// endedBefore is the record of a challenge that says that the job was over before the interval.
func endedBefore(prev *msg.Interval) msg.Interval {
	if prev == nil {
		return msg.Interval{}
	}
	rec, _ := WasOver{Last: *prev}.Record(context.Background()) // it does not fail
	return rec
}

// whole is a sequence of which each has so many places: at the end of the longer one the other says that it was over.
func (g *Game) whole(n [2]uint64) stretch {
	s := stretch{hi: max(n[provider], n[challenger]), last: g.ends}
	for p := range s.last {
		if n[p] < s.hi {
			s.last[p] = Over
		}
	}
	return s
}

// follow refuses values of a sequence of own places that contradict its length or its end.
func (g *Game) follow(who party, m *Move, t *Turn, own uint64) error {
	if err := wants(m, len(t.Places), 0, false, false); err != nil {
		return err
	}
	for i, p := range t.Places {
		if h := m.Hashes[i]; (p > own) != (h == Over) || p == own && h != g.ends[who] {
			return fmt.Errorf("%w: place %d has %v, in a sequence of %d that ends in %v", ErrMove, p, h, own, g.ends[who])
		}
	}
	return nil
}

// skip passes over bisection where there is nothing between.
func (g *Game) skip() {
	if g.seq.hi-g.seq.lo > 1 {
		return
	}
	switch g.stage {
	case Steps:
		g.stage = OpenSteps
	case Points:
		g.stage = OpenPoints
	case Gas:
		g.stage = OpenGas
	}
}

// judge ends the moves.
func (g *Game) judge(k Kind) { g.q.Kind, g.stage = k, Leaf }

// Turn is whose move it is, and what about.
type Turn struct {
	Who    msg.Account
	Stage  Stage
	Places []uint64 // of Steps, Points and Gas: the places in the sequence
	// Level, First and Count say of Buffers and Pages which nodes are wanted: so many of that level, from First on.
	Level        int
	First, Count uint64
	Question     Question // as far as it is narrowed down
}

// Turn gives nil once all is said: then Question is to be judged.
func (g *Game) Turn() *Turn {
	if g.stage == Leaf {
		return nil
	}
	t := &Turn{Who: g.Challenge.Provider, Stage: g.stage, Question: g.q}
	if g.first != nil {
		t.Who = g.Challenge.Challenger
	}
	switch g.stage {
	case Steps:
		t.Places = g.seq.places()
	case Points, Gas:
		if g.said != [2]uint64{} {
			t.Places = g.seq.places()
		}
	case Buffers, Pages:
		if g.tree != nil {
			t.Level, t.First, t.Count = g.tree.children()
		}
	}
	return t
}

// Question gives what is to be judged, nil before all is said.
func (g *Game) Question() *Question {
	if g.stage != Leaf {
		return nil
	}
	return &g.q
}

// Last is the hash of the last move, or of the challenge: what the next one answers.
func (g *Game) Last() msg.Hash { return g.last }

// Play makes a move. One that is refused changes nothing; whoever made it still has to move before its clock runs out.
func (g *Game) Play(signed identity.Signed) error {
	turn := g.Turn()
	if turn == nil {
		return fmt.Errorf("%w: all is said", ErrMove)
	}
	if len(signed.Body) > maxMove {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrMove, len(signed.Body), maxMove)
	}
	m := new(Move)
	if err := signed.OpenFrom(m, turn.Who); err != nil {
		return fmt.Errorf("%w: %w", ErrMove, err)
	}
	who := provider
	if g.first != nil {
		who = challenger
	}
	switch {
	case m.Version != 1 || m.Dispute != g.ID || m.Before != g.last:
		return fmt.Errorf("%w: version %d, of dispute %s, an answer to %s; wanted 1, %s, %s", ErrMove, m.Version, m.Dispute, m.Before, g.ID, g.last)
	case m.Stage != g.stage:
		return fmt.Errorf("%w: it is about %v, wanted %v", ErrMove, m.Stage, g.stage)
	}
	if err := g.check(who, m, turn); err != nil {
		return err
	}
	if who == provider {
		g.first = m
	} else {
		p := g.first
		g.first = nil
		g.Rounds++
		g.round([2]*Move{p, m})
	}
	g.last = msg.HashOf(*m)
	g.Bytes += len(signed.Body) + len(signed.Sig)
	return nil
}

// wants refuses a move of the wrong shape.
func wants(m *Move, hashes, bodies int, counted, grouped bool) error {
	switch {
	case len(m.Hashes) != hashes || len(m.Bodies) != bodies:
		return fmt.Errorf("%w: %d hashes and %d bodies, wanted %d and %d", ErrMove, len(m.Hashes), len(m.Bodies), hashes, bodies)
	case !counted && m.Count != 0:
		return fmt.Errorf("%w: a count where none is wanted", ErrMove)
	case !grouped && m.Workgroup != nil:
		return fmt.Errorf("%w: a workgroup where none is wanted", ErrMove)
	}
	return nil
}

// check refuses a move that is none in this stage, or that contradicts what its party has said.
func (g *Game) check(who party, m *Move, t *Turn) error {
	switch m.Stage {
	case Steps:
		return g.follow(who, m, t, g.steps[who])
	case Points, Gas:
		if g.said != [2]uint64{} && m.Stage == Points {
			return g.follow(who, m, t, g.said[who])
		}
		if g.said != [2]uint64{} {
			return wants(m, len(t.Places), 0, false, false)
		}
		if m.Count == 0 || m.Count > maxPoints {
			return fmt.Errorf("%w: a count of %d, wanted 1 to %d", ErrMove, m.Count, uint64(maxPoints))
		}
		return wants(m, 0, 0, true, false)
	case OpenGas:
		if err := wants(m, 0, 2, false, false); err != nil {
			return err
		}
		var lo, hi gasUsed
		if err := open(m.Bodies[0], &lo, g.seq.first); err != nil {
			return err
		}
		return open(m.Bodies[1], &hi, g.seq.last[who])
	case OpenSteps:
		if err := wants(m, 0, 2, false, false); err != nil {
			return err
		}
		var lo trace.StepPoint
		if err := open(m.Bodies[0], &lo, g.seq.first); err != nil {
			return err
		}
		_, err := openStep(m.Bodies[1], g.seq.last[who])
		return err
	case OpenPoints:
		if err := wants(m, 0, 2, false, false); err != nil {
			return err
		}
		if g.seq.lo == 0 {
			if len(m.Bodies[0]) != 0 {
				return fmt.Errorf("%w: the beginning of a step is no point to be opened", ErrMove)
			}
		} else if _, err := openNext(m.Bodies[0], g.seq.first); err != nil {
			return err
		}
		_, err := openNext(m.Bodies[1], g.seq.last[who])
		return err
	case Buffers:
		if g.tree == nil {
			// The count and the root together are what the party's point has.
			if err := wants(m, 1, 0, true, false); err != nil {
				return err
			}
			if got := trace.BuffersRoot(m.Count, m.Hashes[0]); got != g.q.Next[who].Point.Buffers {
				return fmt.Errorf("%w: the count and the root give %v, the party's point has %v", ErrMove, got, g.q.Next[who].Point.Buffers)
			}
			return nil
		}
		return g.checkNodes(who, m, t)
	case Pages:
		return g.checkNodes(who, m, t)
	case OpenBuffers:
		if err := wants(m, 0, 1, false, false); err != nil {
			return err
		}
		_, err := openHead(m.Bodies[0], g.tree.hash[who])
		return err
	case OpenPage:
		if err := wants(m, 0, 1, false, false); err != nil {
			return err
		}
		want := int(min(g.q.After[who].Size-g.q.Page*trace.PageSize, trace.PageSize))
		if len(m.Bodies[0]) != want || merkle.Leaf(m.Bodies[0]) != g.tree.hash[who] {
			return fmt.Errorf("%w: a page of %d bytes that hashes to %v, wanted %d and %v", ErrMove, len(m.Bodies[0]), merkle.Leaf(m.Bodies[0]), want, g.tree.hash[who])
		}
		return nil
	case Writer:
		return wants(m, 0, 0, false, true)
	}
	return fmt.Errorf("%w: %v", ErrMove, m.Stage)
}

func (g *Game) checkNodes(who party, m *Move, t *Turn) error {
	if err := wants(m, int(t.Count), 0, false, false); err != nil {
		return err
	}
	return g.tree.check(who, m.Hashes)
}

// round draws the consequence of both parties' moves.
func (g *Game) round(m [2]*Move) {
	said := [2][]msg.Hash{m[provider].Hashes, m[challenger].Hashes}
	switch g.stage {
	case Steps:
		g.seq.narrow(said)
		g.skip()
	case OpenSteps:
		g.openedSteps(m)
	case Points, Gas:
		if g.said != [2]uint64{} {
			g.seq.narrow(said)
		} else if !g.counted(m) {
			return
		}
		g.skip()
	case OpenGas:
		g.openedGas(m)
	case OpenPoints:
		g.openedPoints(m)
	case Buffers:
		g.buffers(m, said)
	case OpenBuffers:
		g.openedBuffers(m)
	case Pages:
		g.tree.narrow(said)
		if g.tree.level == 0 {
			g.q.Page, g.stage = g.tree.index, OpenPage
		}
	case OpenPage:
		g.openedPage(m)
	case Writer:
		g.q.Groups = [2]*[3]uint32{m[provider].Workgroup, m[challenger].Workgroup}
		g.judge(Word)
	}
}

// openedSteps goes into the step behind which the parties part.
func (g *Game) openedSteps(m [2]*Move) {
	_ = msg.Decode(m[provider].Bodies[0], &g.q.Start) // it was checked
	for p := range m {
		end, _ := openStep(m[p].Bodies[1], g.seq.last[p])
		g.q.Next[p] = Next{Over: end == nil, End: end}
	}
	if g.q.Next[provider].Over || g.q.Next[challenger].Over {
		g.judge(Ended)
		return
	}
	g.stage = Points
}

// counted begins the bisection of a step, or of a command's workgroups. It reports false where that already is what to judge.
func (g *Game) counted(m [2]*Move) bool {
	g.said = [2]uint64{m[provider].Count, m[challenger].Count}
	hi := max(g.said[provider], g.said[challenger])
	if g.stage == Gas {
		if g.said[provider] != g.said[challenger] {
			g.judge(Guest) // which command it is tells
			return false
		}
		g.seq = stretch{hi: hi, first: msg.HashOf(gasUsed{g.gasBefore()})}
		for p := range g.seq.last {
			g.seq.last[p] = msg.HashOf(gasUsed{g.q.Next[p].Point.GPUGas})
		}
		return true
	}
	g.ends = [2]msg.Hash{msg.HashOf(*g.q.Next[provider].End), msg.HashOf(*g.q.Next[challenger].End)}
	g.seq = g.whole(g.said)
	return true
}

// gasBefore is the kernel gas used before the command at hand.
func (g *Game) gasBefore() uint64 {
	if g.q.At != nil {
		return g.q.At.GPUGas
	}
	return g.q.Start.GPUGas
}

// openedGas ends at one workgroup.
func (g *Game) openedGas(m [2]*Move) {
	g.q.Group = g.seq.lo
	for p := range m {
		var v gasUsed
		_ = msg.Decode(m[p].Bodies[0], &v) // they were checked
		g.q.GasBefore = v.Gas
		_ = msg.Decode(m[p].Bodies[1], &v)
		g.q.GasAfter[p] = v.Gas
	}
	g.judge(Workgroup)
}

// openedPoints looks at what the parties say of the next point, to find what about it is to be asked.
func (g *Game) openedPoints(m [2]*Move) {
	g.place = g.seq.hi
	for p := range m { // what they open was checked
		g.q.Next[p], _ = openNext(m[p].Bodies[1], g.seq.last[p])
	}
	if g.seq.lo > 0 {
		lo, _ := openNext(m[provider].Bodies[0], g.seq.first)
		if lo.Point == nil {
			g.judge(Closed)
			return
		}
		g.q.At = lo.Point
	}
	a, b := g.q.Next[provider].Point, g.q.Next[challenger].Point
	switch {
	case a == nil || b == nil || a.Call != b.Call || a.Command != b.Command || a.Transcript != b.Transcript || a.Gas != b.Gas:
		g.judge(Guest)
	case a.Buffers != b.Buffers:
		g.stage, g.tree = Buffers, nil
	case a.Command == 0:
		g.judge(Guest) // kernel gas is used by commands alone
	default:
		g.stage, g.said = Gas, [2]uint64{}
	}
}

// buffers goes down the tree over the buffers.
func (g *Game) buffers(m [2]*Move, said [2][]msg.Hash) {
	if g.tree == nil {
		n := [2]uint64{m[provider].Count, m[challenger].Count}
		if n[provider] != n[challenger] || n[provider] == 0 {
			g.q.Counts = n
			g.judge(Handles)
			return
		}
		g.tree = newSubtree(n[provider], [2]msg.Hash{said[provider][0], said[challenger][0]})
	} else {
		g.tree.narrow(said)
	}
	if g.tree.level == 0 {
		g.stage = OpenBuffers
	}
}

// openedBuffers goes into the first buffer that differs.
func (g *Game) openedBuffers(m [2]*Move) {
	for p := range m {
		g.q.After[p], _ = openHead(m[p].Bodies[0], g.tree.hash[p])
	}
	g.q.Buffer = g.tree.index
	a, b := g.q.After[provider], g.q.After[challenger]
	if a.Handle != b.Handle || a.Size != b.Size || a.Size == 0 {
		g.judge(Handles)
		return
	}
	g.tree = newSubtree(merkle.Count(a.Size, trace.PageSize), [2]msg.Hash{a.Root, b.Root})
	g.stage = Pages
	if g.tree.level == 0 {
		g.q.Page, g.stage = 0, OpenPage
	}
}

// openedPage finds the first word that differs.
func (g *Game) openedPage(m [2]*Move) {
	pages := [2][]byte{m[provider].Bodies[0], m[challenger].Bodies[0]}
	n := len(pages[provider])
	for at := 0; at < n; at += 4 {
		a, b := pages[provider][at:min(at+4, n)], pages[challenger][at:min(at+4, n)]
		if !bytes.Equal(a, b) {
			g.q.Offset, g.q.Words = uint64(at), [2][]byte{a, b}
			break
		}
	}
	g.stage = Writer
}

// open reads what a hash was made of.
func open[T any, P interface {
	*T
	msg.Hashed
}](body []byte, v P, want msg.Hash) error {
	if err := msg.Decode(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMove, err)
	}
	if got := msg.HashOf(v); got != want {
		return fmt.Errorf("%w: what opens %v hashes to %v", ErrMove, want, got)
	}
	return nil
}

// openStep opens a place in Steps; an empty body opens Over.
func openStep(body []byte, want msg.Hash) (*trace.StepPoint, error) {
	if len(body) == 0 {
		if want != Over {
			return nil, fmt.Errorf("%w: %v is not opened", ErrMove, want)
		}
		return nil, nil
	}
	p := new(trace.StepPoint)
	return p, open(body, p, want)
}

// openNext opens a place in Points: Over, a point, or the end of the step.
func openNext(body []byte, want msg.Hash) (Next, error) {
	if len(body) == 0 {
		if want != Over {
			return Next{}, fmt.Errorf("%w: %v is not opened", ErrMove, want)
		}
		return Next{Over: true}, nil
	}
	p := new(trace.Point)
	if open(body, p, want) == nil {
		return Next{Point: p}, nil
	}
	e := new(trace.StepPoint)
	if err := open(body, e, want); err != nil {
		return Next{}, err
	}
	return Next{End: e}, nil
}

func openHead(body []byte, want msg.Hash) (*trace.BufferHead, error) {
	h := new(trace.BufferHead)
	if err := msg.Decode(body, h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMove, err)
	}
	if got := h.Leaf(); got != want {
		return nil, fmt.Errorf("%w: the head of buffer %d hashes to %v, wanted %v", ErrMove, h.Handle, got, want)
	}
	return h, nil
}
