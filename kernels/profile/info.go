package profile

import "github.com/gwrun/gwrun/kernels/ir"

// EntryInfo describes an entry point.
type EntryInfo struct {
	Name string
	// WorkgroupSize is the size in each dimension, and zero throughout where it depends on an override.
	WorkgroupSize [3]uint32
	// Bindings are the buffers it uses, sorted by group and binding: those of its kernel.
	Bindings []ir.Binding
	Pos      ir.Pos
}

// OverrideInfo describes an override.
type OverrideInfo struct {
	Name string
	// Key is how Emit is given it: the number of @id, or the name.
	Key string
	// Type is "bool", "i32", "u32" or "f32".
	Type string
	// Required says that it has no default.
	Required bool
	Pos      ir.Pos
}

// Entries lists the entry points in the order of the text.
func (mod *Module) Entries() []EntryInfo {
	var out []EntryInfo
	for _, f := range mod.entries {
		e := EntryInfo{Name: f.name, Pos: irPos(f.pos), WorkgroupSize: [3]uint32{1, 1, 1}}
		for i, x := range f.size {
			switch {
			case x == nil:
			case x.val == nil:
				e.WorkgroupSize = [3]uint32{}
			case e.WorkgroupSize[0] != 0:
				e.WorkgroupSize[i] = uint32(x.val.i)
			}
		}
		for _, v := range f.resources() {
			e.Bindings = append(e.Bindings, v.irBinding())
		}
		out = append(out, e)
	}
	return out
}

// Overrides lists the overrides in the order of the text.
func (mod *Module) Overrides() []OverrideInfo {
	var out []OverrideInfo
	for _, v := range mod.overrides {
		out = append(out, OverrideInfo{Name: v.name, Key: v.key(), Type: v.t.String(), Required: v.init == nil, Pos: irPos(v.pos)})
	}
	return out
}
