package runtime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
)

func badState(format string, args ...any) error {
	return fmt.Errorf("%w: %s", binding.ErrState, fmt.Sprintf(format, args...))
}

// restore puts a state into a fresh session.
func (s *session) restore(ctx context.Context, from *state.Snapshot) error {
	if err := s.load(ctx, from); err != nil {
		return err
	}
	s.committer = state.Load(from)
	// What was restored must commit to the same root, or something in it was not used.
	root, err := s.computeRoot()
	if err != nil {
		return err
	}
	if root != from.Root() {
		return badState("its root is %v, what was restored has %v", from.Root(), root)
	}
	return nil
}

// load puts the sections of a state where they belong.
func (s *session) load(ctx context.Context, from *state.Snapshot) error {
	part := func(name string) ([]byte, error) {
		b, ok := from.Section(name)
		if !ok {
			return nil, badState("it has no section %q", name)
		}
		return b, nil
	}
	b, err := part(secRun)
	if err != nil {
		return err
	}
	var r runState
	if err := msg.Decode(b, &r); err != nil {
		return badState("%v", err)
	}
	switch {
	case r.Version != 1:
		return badState("version %d, wanted 1", r.Version)
	case r.Program != s.job.Hash:
		return badState("it is of program %v, wanted %v", r.Program, s.job.Hash)
	case r.Status != "":
		return badState("the job is over: %s", r.Status)
	case r.Step == 0 || r.Gas > s.job.Program.Limits.Gas:
		return badState("step %d, gas %d", r.Step, r.Gas)
	}
	s.step, s.begun = r.Step, true
	s.gas.Set(r.Gas)
	if err := s.restoreMemory(from); err != nil {
		return err
	}
	if b, err = part(secGlobals); err != nil {
		return err
	}
	if len(b) != 8*len(s.globals) {
		return badState("%d bytes of globals, wanted %d", len(b), 8*len(s.globals))
	}
	for i, g := range s.globals {
		g.Set(binary.LittleEndian.Uint64(b[8*i:]))
	}
	if name := s.job.prepared.ins.Redrop; name != "" {
		if _, err := s.mod.ExportedFunction(name).Call(ctx); err != nil {
			return badState("dropped segments: %s", firstLine(err))
		}
	}
	saved := &binding.Saved{Sources: map[uint32][]byte{}, Buffers: map[uint32][]byte{}, Outputs: map[string][]byte{}}
	if saved.Objects, err = part(secHost); err != nil {
		return err
	}
	if saved.Log, err = part(secLog); err != nil {
		return err
	}
	for _, name := range from.Names() {
		if n, ok := strings.CutPrefix(name, secOutput); ok {
			saved.Outputs[n], _ = from.Section(name)
			continue
		}
		for prefix, to := range map[string]map[uint32][]byte{secBuffer: saved.Buffers, secShader: saved.Sources} {
			if n, ok := strings.CutPrefix(name, prefix); ok {
				handle, err := strconv.ParseUint(n, 16, 32)
				if err != nil || section(prefix, uint32(handle)) != name {
					return badState("section %q", name)
				}
				to[uint32(handle)], _ = from.Section(name)
			}
		}
	}
	if err := s.host.Restore(saved); err != nil {
		var dev *binding.DeviceError
		if errors.As(err, &dev) {
			return dev.Err
		}
		return badState("%v", err)
	}
	if s.host.GPUGas != r.GPUGas {
		return badState("kernel gas left is %d and %d", r.GPUGas, s.host.GPUGas)
	}
	return nil
}

// bufferHandle reads the handle in the name of a buffer's or shader text's section.
func bufferHandle(hex string) (uint32, error) {
	h, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 8 {
		return 0, fmt.Errorf("section of handle %q", hex)
	}
	return uint32(h), nil
}

func (s *session) restoreMemory(from *state.Snapshot) error {
	size := from.SectionSize(secMemory)
	have := uint64(len(s.memory()))
	if size%65536 != 0 || size < have {
		return badState("memory of %d bytes, the module's begins with %d", size, have)
	}
	if size > have {
		if _, ok := s.mod.Memory().Grow(uint32((size - have) / 65536)); !ok {
			return badState("memory of %d bytes, more than the module may have", size)
		}
	}
	m := s.memory()
	from.EachPage(secMemory, func(offset int, page []byte) {
		switch {
		case page != nil:
			copy(m[offset:], page)
		case uint64(offset) < have:
			clear(m[offset : offset+state.PageSize])
		} // what memory has grown by is zero
	})
	return nil
}
