package module

import (
	"strconv"
	"unicode/utf8"
)

// readNames takes function names from the "name" custom section (core specification, appendix "Custom Sections").
// A malformed section is ignored, as the specification asks: it is only for messages.
func (m *Module) readNames() {
	for _, c := range m.Customs {
		if c.Name != "name" {
			continue
		}
		r := reader{b: c.Bytes, end: len(c.Bytes)}
		for r.left() > 0 && r.err == nil {
			id := r.byte("")
			body := r.bytes(r.u32(""), "")
			if r.err != nil || id != 1 {
				continue
			}
			s := reader{b: body, end: len(body)}
			n := s.count(maxFuncs, 2, "")
			names := make(map[uint32]string)
			for range n {
				i := s.u32("")
				name := s.bytes(s.u32(""), "")
				if s.err != nil {
					return
				}
				if uint64(i) < uint64(len(m.funcTypes)) && len(name) <= 256 && utf8.Valid(name) {
					names[i] = string(name)
				}
			}
			m.names = names
			return
		}
		return
	}
}

// FuncName names function i for a message: by the name section, else by an export, else by an import, else by
// its index.
func (m *Module) FuncName(i uint32) string {
	if s := m.givenName(i); s != "" {
		return s
	}
	return "func[" + strconv.FormatUint(uint64(i), 10) + "]"
}

func (m *Module) givenName(i uint32) string {
	if s := m.names[i]; s != "" {
		return s
	}
	for _, e := range m.Exports {
		if e.Kind == ExternFunc && e.Index == i {
			return e.Name
		}
	}
	if uint64(i) < uint64(m.importFuncs) {
		n := uint32(0)
		for _, im := range m.Imports {
			if im.Kind != ExternFunc {
				continue
			}
			if n == i {
				return im.Module + "." + im.Name
			}
			n++
		}
	}
	return ""
}
