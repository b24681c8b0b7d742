package module

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// proposalOf is the proposal an opcode outside WebAssembly 2.0 belongs to, by the proposals' own texts; empty if none has it.
func proposalOf(prefix byte, sub uint32) string {
	in := func(from, to uint32) bool { return sub >= from && sub <= to }
	switch prefix {
	case 0:
		switch {
		case in(0x06, 0x0a), in(0x18, 0x19), sub == 0x1f:
			return "exception handling"
		case in(0x12, 0x13):
			return "tail call"
		case in(0x14, 0x15), in(0xd4, 0xd6):
			return "typed function references"
		case sub == 0xd3:
			return "garbage collection"
		}
	case 0xfb:
		return "garbage collection"
	case 0xfc:
		if in(0x13, 0x16) {
			return "wide arithmetic"
		}
	case 0xfd:
		if in(0x100, 0x12f) { // the proposal keeps more numbers than it uses
			return "relaxed SIMD"
		}
	case 0xfe:
		return "threads (atomics)"
	}
	return ""
}

// TestRefusesAllOtherOpcodes: whatever is no instruction of WebAssembly 2.0 is refused where it stands, with the name of its
// proposal if it has one.
func TestRefusesAllOtherOpcodes(t *testing.T) {
	where := len(one()) - 1
	n := 0
	refuse := func(prefix byte, sub uint32) {
		t.Helper()
		body := []byte{byte(sub)}
		if prefix != 0 {
			body = appendU32([]byte{prefix}, sub)
		}
		wasm := one(append(body, 0, 0, 0, 0)...)
		_, err := Decode(wasm)
		e, ok := err.(*Error)
		if !ok || e.Kind != Refused || e.Offset != where || e.Section != "code" || e.Func != 0 || !strings.Contains(e.Msg, fmt.Sprintf("0x%02x", body[0])) {
			t.Errorf("opcode % x: found %v, want a refusal at offset 0x%x", body, err, where)
			return
		}
		if name := proposalOf(prefix, sub); name == "" && !strings.Contains(e.Msg, "unknown") || !strings.Contains(e.Msg, name) {
			t.Errorf("opcode % x: found %v, want the name %q", body, err, name)
		}
		n++
	}
	for b := range uint32(256) {
		if Opcode(b).info().name == "" && b < 0xfb {
			refuse(0, b)
		}
	}
	for sub := range uint32(0x140) {
		refuse(0xfb, sub)
		refuse(0xfe, sub)
		if sub > 0xff || Opcode(0xfc00|sub).info().name == "" {
			refuse(0xfc, sub)
		}
		if sub > 0xff || Opcode(0xfd00|sub).info().name == "" {
			refuse(0xfd, sub)
		}
	}
	t.Logf("%d opcodes refused", n)
}

// TestNotesEveryFeature: each thing that Check refuses in a valid body is noted with the offset of its first use.
func TestNotesEveryFeature(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"ref.null", []byte{0xd0, 0x70, 0x1a}},
		{"ref.is_null", []byte{0xd0, 0x70, 0xd1, 0x1a}},
		{"table.get", []byte{0x41, 0, 0x25, 0, 0x1a}},
		{"table.set", []byte{0x41, 0, 0xd0, 0x70, 0x26, 0}},
		{"table.grow", []byte{0xd0, 0x70, 0x41, 0, 0xfc, 0x0f, 0, 0x1a}},
		{"table.fill", []byte{0x41, 0, 0xd0, 0x70, 0x41, 0, 0xfc, 0x11, 0}},
		{"table.copy", []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0e, 0, 0}},
	} {
		wasm := one(c.body...)
		m := decode(t, wasm)
		i := slices.IndexFunc(m.features, func(u use) bool { return u.what == c.name })
		if i < 0 {
			t.Errorf("%s: found %v, want it noted", c.name, m.features)
			continue
		}
		var in instr
		r := &reader{b: wasm, p: m.features[i].at, end: len(wasm), section: "code", fn: -1}
		if r.instr(&in); r.err != nil || in.op.String() != c.name {
			t.Errorf("%s: noted at 0x%x, where %v stands", c.name, m.features[i].at, in.op)
		}
		e, ok := m.Check(nil, Limits{}).(*Error)
		if !ok || e.Kind != Refused || e.Offset != m.features[0].at || !strings.Contains(e.Msg, m.features[0].what) {
			t.Errorf("%s: Check gives %v, want %s at 0x%x refused", c.name, e, m.features[0].what, m.features[0].at)
		}
	}
}

// TestRoundTripRandom: random modules hold all instructions of the profile between them, and survive the codec.
func TestRoundTripRandom(t *testing.T) {
	seen := map[Opcode]bool{}
	for seed := range uint64(80) {
		wasm := Encode(randomModule(seed, false))
		m := decode(t, wasm)
		if seed < 8 {
			roundTrip(t, fmt.Sprint("seed ", seed), wasm)
		}
		for _, c := range m.Code {
			r := &reader{b: c.Body, end: len(c.Body), section: "code", fn: -1}
			var in instr
			for r.p < r.end {
				r.instr(&in)
				seen[in.op] = true
			}
		}
	}
	outside := []Opcode{opNop, opTableGet, opTableSet, opRefNull, opRefIsNull, opRefFunc, opTableInit, opElemDrop, opTableCopy, opTableGrow, opTableSize, opTableFill}
	for _, op := range allOpcodes() {
		if op.info().name != "" && !seen[op] && !slices.Contains(outside, op) {
			t.Errorf("no random module has %v", op)
		}
	}
}
