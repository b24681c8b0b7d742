package dispute

import (
	"context"
	"fmt"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Account is one party's account of the disputed interval. Steps count from the interval's beginning, which is place 0; points from a
// step's beginning, the last being its end.
type Account interface {
	// Step is the point after n steps, nil if the interval was over before.
	Step(ctx context.Context, n uint64) (*trace.StepPoint, error)
	// Points is how many points the step behind place step has, its end included.
	Points(ctx context.Context, step uint64) (uint64, error)
	// Point is point n of that step, nil at its end. n is at least 1 and below Points.
	Point(ctx context.Context, step, n uint64) (*trace.Point, error)
	// Buffers are the heads of the buffers behind point n, in the order of their handles.
	Buffers(ctx context.Context, step, n uint64) ([]trace.BufferHead, error)
	// Buffer are the bytes of a buffer behind point n.
	Buffer(ctx context.Context, step, n uint64, handle uint32) ([]byte, error)
	// Writer is the workgroup that wrote a word of a buffer in the command that leads to point n, nil if none did or it is no dispatch.
	Writer(ctx context.Context, step, n uint64, handle uint32, offset uint64) (*[3]uint32, error)
	// Gas is the kernel gas used after each workgroup of the dispatch that leads to point n, x counting first.
	Gas(ctx context.Context, step, n uint64) ([]uint64, error)
}

// Answer makes and signs the move that a party with this account of things makes at its turn. what it was asked before, the game knows.
func (g *Game) Answer(ctx context.Context, id *identity.Identity, a Account) (identity.Signed, error) {
	m := &Move{Version: 1, Dispute: g.ID, Before: g.last, Stage: g.stage}
	t := g.Turn()
	if t == nil {
		return identity.Signed{}, fmt.Errorf("%w: all is said", ErrMove)
	}
	if err := g.fill(ctx, m, t, a); err != nil {
		return identity.Signed{}, fmt.Errorf("dispute %s: %v: %w", g.ID, t.Stage, err)
	}
	return id.Sign(*m)
}

func (g *Game) fill(ctx context.Context, m *Move, t *Turn, a Account) error {
	switch t.Stage {
	case Steps:
		for _, p := range t.Places {
			s, err := a.Step(ctx, p)
			if err != nil {
				return err
			}
			m.Hashes = append(m.Hashes, stepValue(s))
		}
		return nil
	case OpenSteps:
		for _, p := range []uint64{g.seq.lo, g.seq.hi} {
			s, err := a.Step(ctx, p)
			if err != nil {
				return err
			}
			m.Bodies = append(m.Bodies, encoded(s))
		}
		return nil
	}
	step := g.q.Start.Step - g.begin.Step
	switch t.Stage {
	case Points:
		n, err := a.Points(ctx, step)
		if err != nil {
			return err
		}
		if g.said == [2]uint64{} {
			m.Count = n
			return nil
		}
		for _, p := range t.Places {
			_, h, err := point(ctx, a, step, p, n)
			if err != nil {
				return err
			}
			m.Hashes = append(m.Hashes, h)
		}
		return nil
	case OpenPoints:
		n, err := a.Points(ctx, step)
		if err != nil {
			return err
		}
		m.Bodies = [][]byte{{}, {}}
		for i, p := range []uint64{g.seq.lo, g.seq.hi} {
			if p == 0 {
				continue
			}
			if m.Bodies[i], _, err = point(ctx, a, step, p, n); err != nil {
				return err
			}
		}
		return nil
	}
	at := g.place
	switch t.Stage {
	case Buffers, OpenBuffers:
		heads, err := a.Buffers(ctx, step, at)
		if err != nil {
			return err
		}
		leaves := make([]msg.Hash, len(heads))
		for i := range heads {
			leaves[i] = heads[i].Leaf()
		}
		switch {
		case t.Stage == OpenBuffers:
			if g.tree.index >= uint64(len(heads)) {
				return fmt.Errorf("buffer %d of %d", g.tree.index, len(heads))
			}
			m.Bodies = [][]byte{msg.Encode(heads[g.tree.index])}
		case g.tree == nil:
			m.Count, m.Hashes = uint64(len(heads)), []msg.Hash{merkle.Root(leaves)}
		default:
			m.Hashes, err = nodes(leaves, t)
		}
		return err
	case Pages, OpenPage:
		data, err := a.Buffer(ctx, step, at, g.handle())
		if err != nil {
			return err
		}
		if t.Stage == Pages {
			m.Hashes, err = nodes(merkle.Leaves(data, trace.PageSize), t)
			return err
		}
		from := min(g.q.Page*trace.PageSize, uint64(len(data)))
		m.Bodies = [][]byte{data[from:min(from+trace.PageSize, uint64(len(data)))]}
		return nil
	case Writer:
		var err error
		m.Workgroup, err = a.Writer(ctx, step, at, g.handle(), g.q.Page*trace.PageSize+g.q.Offset)
		return err
	case Gas, OpenGas:
		gas, err := a.Gas(ctx, step, at)
		if err != nil {
			return err
		}
		value := func(p uint64) gasUsed {
			switch {
			case p == 0:
				return gasUsed{g.gasBefore()}
			case p > uint64(len(gas)):
				return gasUsed{}
			}
			return gasUsed{gas[p-1]}
		}
		switch {
		case t.Stage == OpenGas:
			m.Bodies = [][]byte{msg.Encode(value(g.seq.lo)), msg.Encode(value(g.seq.hi))}
		case g.said == [2]uint64{}:
			m.Count = uint64(len(gas))
		default:
			for _, p := range t.Places {
				m.Hashes = append(m.Hashes, msg.HashOf(value(p)))
			}
		}
		return nil
	}
	return fmt.Errorf("no answer to %v", t.Stage)
}

// handle is the buffer whose pages are asked for: both parties' heads have the same.
func (g *Game) handle() uint32 { return g.q.After[provider].Handle }

// nodes gives the nodes of a tree that a turn asks for.
func nodes(leaves []msg.Hash, t *Turn) ([]msg.Hash, error) {
	out := make([]msg.Hash, 0, t.Count)
	width := uint64(1) << t.Level
	for i := t.First; i < t.First+t.Count; i++ {
		lo, hi := min(i*width, uint64(len(leaves))), min((i+1)*width, uint64(len(leaves)))
		if lo == hi {
			return nil, fmt.Errorf("node %d of level %d, in a tree of %d leaves", i, t.Level, len(leaves))
		}
		out = append(out, merkle.Root(leaves[lo:hi]))
	}
	return out, nil
}

func stepValue(s *trace.StepPoint) msg.Hash {
	if s == nil {
		return Over
	}
	return msg.HashOf(*s)
}

func encoded(s *trace.StepPoint) []byte {
	if s == nil {
		return []byte{}
	}
	return msg.Encode(*s)
}

// point gives place p of a step with n points, as its body and its value.
func point(ctx context.Context, a Account, step, p, n uint64) ([]byte, msg.Hash, error) {
	switch {
	case p > n:
		return []byte{}, Over, nil
	case p == n:
		s, err := a.Step(ctx, step+1)
		return encoded(s), stepValue(s), err
	}
	x, err := a.Point(ctx, step, p)
	if err != nil {
		return nil, msg.Hash{}, err
	}
	return msg.Encode(*x), msg.HashOf(*x), nil
}
