package ir

import "fmt"

// Limits on a kernel; the front end refuses what would pass them, Verify checks that it did.
const (
	MaxInsts          = 1 << 20
	MaxWorkgroupWords = 16384 / 4 // WebGPU's default maxComputeWorkgroupStorageSize
	MaxPrivateWords   = 8192 / 4  // WGSL's limit on function and private variables of one function, 8 KiB, over the kernel
	MaxInvocations    = 256
	MaxDepth          = 512 // nesting of regions
)

// Verify checks that a kernel is well formed: operand counts and types, scoping of values, targets of exits, sizes.
// Printers rely on it. It returns the first fault found.
func (k *Kernel) Verify() error {
	n := uint64(k.WorkgroupSize[0]) * uint64(k.WorkgroupSize[1]) * uint64(k.WorkgroupSize[2])
	if n == 0 || n > MaxInvocations {
		return fmt.Errorf("ir: workgroup size %v has %d invocations, want 1 to %d", k.WorkgroupSize, n, MaxInvocations)
	}
	for i := 1; i < len(k.Bindings); i++ {
		a, b := k.Bindings[i-1], k.Bindings[i]
		if a.Group > b.Group || a.Group == b.Group && a.Binding >= b.Binding {
			return fmt.Errorf("ir: bindings not sorted or repeated at %d.%d", b.Group, b.Binding)
		}
	}
	vars := map[*Var]bool{}
	var words [2]uint64
	for _, v := range k.Vars {
		if v.Len == 0 || v.Type < Bool || v.Type > F32 || v.Type == Bool && (v.Len != 1 || v.Space != Private) {
			return fmt.Errorf("ir: variable %q: %s of length %d is not allowed", v.Name, v.Type, v.Len)
		}
		vars[v] = true
		words[v.Space] += uint64(v.Len)
	}
	if words[Workgroup] > MaxWorkgroupWords {
		return fmt.Errorf("ir: %d words of workgroup memory, at most %d", words[Workgroup], MaxWorkgroupWords)
	}
	v := &verifier{k: k, vars: vars, seen: map[*Inst]bool{}, live: map[*Inst]bool{}}
	return v.region(k.Body, nil)
}

type verifier struct {
	k     *Kernel
	vars  map[*Var]bool
	seen  map[*Inst]bool // every instruction stands once
	live  map[*Inst]bool // values in scope
	depth int
	n     int
}

func (v *verifier) fault(i *Inst, format string, a ...any) error {
	return fmt.Errorf("ir: %s at %d:%d: %s", i.Op, i.Pos.Line, i.Pos.Col, fmt.Sprintf(format, a...))
}

func (v *verifier) region(r Region, enclosing []*Inst) error {
	err := v.regionKeep(r, enclosing)
	v.drop(r)
	return err
}

func (v *verifier) drop(r Region) {
	for _, i := range r {
		delete(v.live, i)
	}
}

func (v *verifier) regionKeep(r Region, enclosing []*Inst) error {
	if v.depth++; v.depth > MaxDepth {
		return fmt.Errorf("ir: regions nested deeper than %d", MaxDepth)
	}
	defer func() { v.depth-- }()
	for n, i := range r {
		if v.n++; v.n > MaxInsts {
			return fmt.Errorf("ir: more than %d instructions", MaxInsts)
		}
		if i == nil || v.seen[i] {
			return fmt.Errorf("ir: instruction missing or standing twice")
		}
		v.seen[i] = true
		if err := v.inst(i, enclosing); err != nil {
			return err
		}
		if (i.Op == OpExit || i.Op == OpContinue || i.Op == OpReturn) && n != len(r)-1 {
			return v.fault(i, "instructions follow it")
		}
		if i.Type != Void {
			v.live[i] = true
		}
	}
	return nil
}

func letter(t Type) byte { return "vbif"[t] }

func (v *verifier) inst(i *Inst, enclosing []*Inst) error {
	if i.Op <= OpInvalid || i.Op >= NumOps {
		return fmt.Errorf("ir: unknown op %d", i.Op)
	}
	for _, a := range i.Args {
		if a == nil || !v.live[a] {
			return v.fault(i, "an operand is not in scope")
		}
	}
	s := sigs[i.Op]
	if !s.irr {
		if len(i.Args) != len(s.args) {
			return v.fault(i, "%d operands, want %d", len(i.Args), len(s.args))
		}
		for n, a := range i.Args {
			if letter(a.Type) != s.args[n] {
				return v.fault(i, "operand %d is %s, want %c", n, a.Type, s.args[n])
			}
		}
		if i.Type != s.result {
			return v.fault(i, "result is %s, want %s", i.Type, s.result)
		}
	}
	types := ""
	for _, a := range i.Args {
		types += string(letter(a.Type))
	}
	bad := func() error { return v.fault(i, "operands %q with result %s are not allowed", types, i.Type) }
	switch i.Op {
	case OpConst:
		if len(i.Args) != 0 || i.Type == Void || i.Type == Bool && i.Bits > 1 {
			return bad()
		}
	case OpInput:
		if i.Input >= NumInputs {
			return v.fault(i, "unknown input %d", i.Input)
		}
	case OpIEq, OpINe:
		if types != "ii" && types != "bb" || i.Type != Bool {
			return bad()
		}
	case OpBitcast:
		if !(types == "i" && i.Type == F32 || types == "f" && i.Type == I32) {
			return bad()
		}
	case OpSelect:
		if len(i.Args) != 3 || i.Args[0].Type != Bool || i.Args[1].Type != i.Args[2].Type || i.Type != i.Args[1].Type {
			return bad()
		}
	case OpLoad:
		t, err := v.place(i)
		if err != nil {
			return err
		}
		if types != "i" && types != "ib" || i.Type == Void || t != Void && i.Type != t || t == Void && i.Type == Bool {
			return bad()
		}
	case OpStore:
		t, err := v.place(i)
		if err != nil {
			return err
		}
		if i.Binding >= 0 && v.k.Bindings[i.Binding].Access != ReadWrite {
			return v.fault(i, "binding %d is not writable", i.Binding)
		}
		if len(i.Args) < 2 || len(i.Args) > 3 || types[0] != 'i' || len(types) == 3 && types[2] != 'b' || i.Type != Void ||
			t != Void && i.Args[1].Type != t || t == Void && i.Args[1].Type == Bool {
			return bad()
		}
	case OpZero:
		if i.Var == nil || !v.vars[i.Var] || i.Var.Space != Private || len(i.Args) != 0 || i.Type != Void {
			return bad()
		}
	case OpBufferWords:
		if i.Binding < 0 || i.Binding >= len(v.k.Bindings) {
			return v.fault(i, "no binding %d", i.Binding)
		}
	case OpAtomic:
		if _, err := v.place(i); err != nil {
			return err
		}
		if i.Atomic >= NumAtomicOps || i.Var != nil && (i.Var.Space != Workgroup || i.Var.Type != I32) ||
			i.Binding >= 0 && (v.k.Bindings[i.Binding].Access != ReadWrite || !v.k.Bindings[i.Binding].Atomic) {
			return v.fault(i, "not on an atomic, writable place")
		}
		if i.Atomic == AtomicLoad {
			if types != "i" && types != "ib" || i.Type != I32 {
				return bad()
			}
		} else if types != "ii" && types != "iib" || i.Type != Void {
			return bad()
		}
	case OpIf:
		if types != "b" || i.Type != Void {
			return bad()
		}
		if err := v.region(i.Then, enclosing); err != nil {
			return err
		}
		return v.region(i.Else, enclosing)
	case OpLoop:
		if len(i.Args) != 0 || i.Type != Void {
			return bad()
		}
		inner := append(enclosing[:len(enclosing):len(enclosing)], i)
		if err := v.regionKeep(i.Then, inner); err != nil {
			return err
		}
		// A continuing region cannot continue or be left but through BreakIf, so it sees only the outer targets.
		if err := v.regionKeep(i.Else, nil); err != nil {
			return err
		}
		if i.BreakIf != nil && (!v.live[i.BreakIf] || i.BreakIf.Type != Bool) {
			return v.fault(i, "break-if is not a bool in scope")
		}
		v.drop(i.Then)
		v.drop(i.Else)
		return nil
	case OpBlock:
		if len(i.Args) != 0 || i.Type != Void {
			return bad()
		}
		return v.region(i.Then, append(enclosing[:len(enclosing):len(enclosing)], i))
	case OpExit, OpContinue:
		if len(i.Args) != 0 || i.Type != Void {
			return bad()
		}
		for _, e := range enclosing {
			if e == i.Target && (i.Op == OpExit || e.Op == OpLoop) {
				return nil
			}
		}
		return v.fault(i, "target does not enclose it")
	}
	return nil
}

// place checks where an access goes and gives the type it must have, or Void where a binding lets it choose.
func (v *verifier) place(i *Inst) (Type, error) {
	if (i.Var != nil) == (i.Binding >= 0) {
		return Void, v.fault(i, "needs exactly one of a variable and a binding")
	}
	if i.Var != nil {
		if !v.vars[i.Var] {
			return Void, v.fault(i, "variable %q is not the kernel's", i.Var.Name)
		}
		return i.Var.Type, nil
	}
	if i.Binding >= len(v.k.Bindings) {
		return Void, v.fault(i, "no binding %d", i.Binding)
	}
	return Void, nil
}
