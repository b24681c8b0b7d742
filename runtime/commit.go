package runtime

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Sections of a state. Those of buffers, shader texts and outputs are a prefix and a handle or name.
const (
	secRun     = "run"
	secMemory  = "memory"
	secGlobals = "globals"
	secHost    = "host"
	secLog     = "log"
	secBuffer  = "buffer/"
	secShader  = "shader/"
	secOutput  = "output/"
)

// runState is the section "run".
type runState struct {
	Version uint       `cbor:"1,keyasint"`
	Step    uint64     `cbor:"2,keyasint"` // done
	Gas     uint64     `cbor:"3,keyasint"` // left
	GPUGas  uint64     `cbor:"4,keyasint"`
	Status  msg.Status `cbor:"5,keyasint"` // "" while it runs
	Failure string     `cbor:"6,keyasint"`
	Program msg.Hash   `cbor:"7,keyasint"` // so that one program's state is never another's
}

func section(prefix string, handle uint32) string { return fmt.Sprintf("%s%08x", prefix, handle) }

// takeState commits to the state as it is now; hashing is left for when the root is asked for. A failed job's state
// is why it failed and what it had put out: memory and buffers are left out, because the dispatch that used up the gas may
// have left anything in them.
func (s *session) takeState() error {
	begin := time.Now()
	defer func() { s.hashing += time.Since(begin) }()
	c := s.committer
	c.Begin()
	s.takeParts(c)
	if s.status != msg.Failed {
		known := func(handle uint32, page uint64) (msg.Hash, bool) {
			return c.Leaf(section(secBuffer, handle), int(page))
		}
		err := s.host.ChangesFrom(known, func(b binding.Change) error {
			name := section(secBuffer, b.Handle)
			switch {
			case len(b.Data) == 0:
				if !c.Keep(name) {
					return fmt.Errorf("runtime: %s was never committed to", name)
				}
			case b.Offset == 0 && uint64(len(b.Data)) == b.Size:
				c.Set(name, b.Data)
			case !c.Change(name, int(b.Size), int(b.Offset), b.Data):
				return fmt.Errorf("runtime: %s was never committed to as a whole", name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	s.commit = c.Commit()
	return nil
}

// takeParts gives a commit all sections but the buffers.
func (s *session) takeParts(c *state.Committer) {
	c.Set(secRun, msg.Encode(s.runState()))
	c.Grow(secLog, s.host.Log())
	for name, data := range s.host.Outputs() {
		if s.host.Rewritten(name) {
			c.Set(secOutput+name, data)
		} else {
			c.Grow(secOutput+name, data)
		}
	}
	if s.status == msg.Failed {
		return
	}
	c.Set(secMemory, s.memory())
	c.Set(secGlobals, s.globalBytes())
	c.Set(secHost, s.host.State())
	for handle, text := range s.host.Sources() {
		if name := section(secShader, handle); !c.Keep(name) {
			c.Set(name, text)
		}
	}
}

// rootWith is the root of the state as it is now, were the device's buffers those with these heads. It is for a session whose device
// has none.
func (s *session) rootWith(buffers []trace.BufferHead) (msg.Hash, error) {
	c := state.NewCommitter()
	c.Begin()
	s.takeParts(c)
	snap := c.Commit()
	snap.Root()
	heads := c.Snapshot().Heads()
	if s.status != msg.Failed {
		for _, b := range buffers {
			heads = append(heads, state.Head{Name: section(secBuffer, b.Handle), Size: b.Size, Root: b.Root})
		}
	}
	slices.SortFunc(heads, func(a, b state.Head) int { return strings.Compare(a.Name, b.Name) })
	return state.RootOf(heads), nil
}

// computeRoot commits to the state as it is now and waits for its root.
func (s *session) computeRoot() (msg.Hash, error) {
	if err := s.takeState(); err != nil {
		return msg.Hash{}, err
	}
	begin := time.Now()
	defer func() { s.hashing += time.Since(begin) }()
	return s.commit.Root(), nil
}

// snapshot takes the state last committed to. The guest may be running on meanwhile, but no new commit may begin.
func (s *session) snapshot() (*state.Snapshot, error) {
	snap := s.committer.Snapshot()
	if root := s.commit.Root(); snap.Root() != root {
		return nil, fmt.Errorf("runtime: the state's root is %v, committed was %v", snap.Root(), root)
	}
	return snap, nil
}

func (s *session) memory() []byte {
	m := s.mod.Memory()
	pages, _ := m.Grow(0)
	b, _ := m.Read(0, uint32(min(uint64(pages)<<16, 1<<32-1)))
	return b
}

func (s *session) runState() runState {
	return runState{Version: 1, Step: s.step, Gas: s.job.Program.Limits.Gas - s.gasUsed(), GPUGas: s.host.GPUGas, Status: s.status, Failure: s.failure,
		Program: s.job.Hash}
}

func (s *session) globalBytes() []byte {
	b := make([]byte, 0, 8*len(s.globals))
	for _, g := range s.globals {
		v := g.Get()
		if t := g.Type(); t == api.ValueTypeI32 || t == api.ValueTypeF32 {
			v = uint64(uint32(v))
		}
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}
