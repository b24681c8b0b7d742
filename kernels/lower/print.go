package lower

import (
	"fmt"
	"strings"

	"github.com/gwrun/gwrun/kernels/ir"
)

// printer prints one kernel. Statements go to body while functions asks for what they call.
type printer struct {
	k    *ir.Kernel
	mode Mode
	opts Options
	f    *facts

	body   strings.Builder
	indent int
	uses   map[string]bool // functions of the prelude that are called
	name   []string        // by instruction ID: how its value is written
	konst  []*uint32       // by instruction ID: its value, where the printer knows it
	frames []*frame        // WGSL statements that a break leaves, outermost first
	nframe int
	jumps  bool // some jump passes more than one frame
	err    error
}

// frame is a WGSL loop: printed for an OpLoop, for the body of one (a break there continues), for an OpBlock, for the
// whole kernel (a break there returns), or for an If with a barrier inside.
type frame struct {
	id                int
	target            *ir.Inst // nil with none and for the whole kernel
	cont, main, loop  bool
	targeted, crossed bool // by jumps that pass more than one frame
}

func newPrinter(k *ir.Kernel, mode Mode, opts Options) *printer {
	return &printer{k: k, mode: mode, opts: opts, f: gather(k, mode), uses: map[string]bool{},
		name: make([]string, k.NumInsts), konst: make([]*uint32, k.NumInsts), indent: 1}
}

func (p *printer) fenced() bool { return p.mode == ModeNative || p.mode == ModeGuard }

func (p *printer) writable(binding int) bool {
	return p.opts.AllWritable || p.k.Bindings[binding].Access == ir.ReadWrite
}

func (p *printer) line(format string, a ...any) {
	if p.body.Len() > MaxText && p.err == nil {
		p.err = fmt.Errorf("its shader has more than %d bytes", MaxText)
	}
	if p.err != nil {
		return
	}
	for range p.indent {
		p.body.WriteByte(' ')
	}
	fmt.Fprintf(&p.body, format, a...)
	p.body.WriteByte('\n')
}

func (p *printer) open(format string, a ...any) {
	p.line(format, a...)
	p.indent++
	if p.indent > MaxDepth && p.err == nil {
		p.err = fmt.Errorf("statements nested deeper than %d", MaxDepth)
	}
}

func (p *printer) close() {
	p.indent--
	p.line("}")
}

// use notes that a function of the prelude is called and gives its name back.
func (p *printer) use(fn string) string {
	p.uses[fn] = true
	return fn
}

func (p *printer) kernel() error {
	for i := range p.k.Bindings {
		cell := "x"
		if i%2 == 1 {
			cell = "z"
		}
		length := map[string]string{"x": "y", "z": "w"}[cell]
		p.line("let o%d = gw_meta[%d].%s;", i, 3+i/2, cell)
		p.line("let n%d = gw_meta[%d].%s;", i, 3+i/2, length)
	}
	for _, v := range p.k.Vars {
		if v.Space == ir.Private {
			p.line("var p%d: %s = %s;", v.ID, varType(v), p.zero(v))
		}
	}
	p.line("var gas = 0u;")
	if p.anyBarrierLoop() {
		p.line("var ug = 0u;")
	}
	if p.returnsInside(p.k.Body) {
		p.frameOpen(&frame{main: true})
		ended := p.region(p.k.Body)
		p.frameClose(ended)
	} else {
		p.region(p.k.Body)
	}
	// The gas of the whole workgroup goes into one of the slots; a carry out of the low word goes into the high one.
	p.line("let slot = 2u * ((wid.x + wid.y * 7u + wid.z * 13u) %% %du);", GasSlots)
	p.line("let before = atomicAdd(&gw_gas[slot], gas);")
	p.open("if (before + gas < before) {")
	p.line("atomicAdd(&gw_gas[slot + 1u], 1u);")
	p.close()
	if p.uses["gl_exp"] {
		p.line("if (cut_loops != 0u) { atomicAdd(&gw_gas[%du], 1u); }", 2*GasSlots+1)
	}
	p.open("if (gas > limit) {")
	p.line("atomicStore(&gw_gas[%du], 1u);", 2*GasSlots)
	p.close()
	return p.err
}

func varType(v *ir.Var) string {
	t := "u32"
	if v.Type == ir.Bool {
		t = "bool"
	}
	if v.Len == 1 {
		return t
	}
	return fmt.Sprintf("array<%s, %d>", t, v.Len)
}

// zero is the value a private variable starts with. A float that is a zero the compiler can see would let it drop the
// first sum of an accumulation, so that one is fenced.
func (p *printer) zero(v *ir.Var) string {
	switch {
	case v.Type == ir.Bool:
		return "false"
	case v.Len > 1:
		return varType(v) + "()"
	case v.Type == ir.F32 && p.fenced():
		return "z"
	}
	return "0u"
}

func (p *printer) anyBarrierLoop() bool {
	found := false
	p.k.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpLoop && p.f.barrier[i.ID] {
			found = true
		}
	})
	return found
}

// returnsInside reports whether a Return stands anywhere but at the end of the kernel.
func (p *printer) returnsInside(r ir.Region) bool {
	found := false
	for _, i := range r {
		for _, sub := range []ir.Region{i.Then, i.Else} {
			for _, j := range sub {
				if j.Op == ir.OpReturn || p.returnsInside(ir.Region{j}) {
					found = true
				}
			}
		}
	}
	return found
}

// text puts the declarations, the functions and the body together.
func (p *printer) text() (string, error) {
	functions, err := prelude(p.uses)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// gwrun %s\n", p.mode)
	for i, d := range p.k.Bindings {
		access, elem := "read", "u32"
		if p.writable(i) {
			access = "read_write"
		}
		if d.Atomic {
			elem = "atomic<" + p.atomicType(p.f.bindSigned[i], p.f.bindUnsigned[i]) + ">"
		}
		fmt.Fprintf(&b, "@group(0) @binding(%d) var<storage, %s> b%d: array<%s>;\n", i, access, i, elem)
	}
	n := len(p.k.Bindings)
	fmt.Fprintf(&b, "@group(0) @binding(%d) var<storage, read> gw_meta: array<vec4<u32>, %d>;\n", n, metaWords(n)/4)
	fmt.Fprintf(&b, "@group(0) @binding(%d) var<storage, read_write> gw_gas: array<atomic<u32>, %d>;\n", n+1, GasBytes/4)
	for _, v := range p.k.Vars {
		if v.Space != ir.Workgroup {
			continue
		}
		elem := "u32"
		if p.f.atomic[v.ID] {
			elem = "atomic<" + p.atomicType(p.f.varSigned[v.ID], p.f.varUnsigned[v.ID]) + ">"
		}
		fmt.Fprintf(&b, "var<workgroup> w%d: array<%s, %d>;\n", v.ID, elem, v.Len)
	}
	b.WriteString(functions)
	s := p.k.WorkgroupSize
	fmt.Fprintf(&b, "@compute @workgroup_size(%d, %d, %d)\n", s[0], s[1], s[2])
	b.WriteString("fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>, " +
		"@builtin(local_invocation_index) lix: u32) {\n")
	if p.mode == ModeSoft {
		b.WriteString(" let z = gw_meta[0].x;\n")
	}
	if p.fenced() {
		b.WriteString(" let z = gw_meta[0].x;\n let z2 = gw_meta[0].y;\n let sign = gw_meta[0].w;\n")
	}
	b.WriteString(" let limit = gw_meta[0].z;\n let wid = wg + gw_meta[2].xyz;\n")
	if p.jumps {
		b.WriteString(" var br = 0u;\n")
	}
	b.WriteString(p.body.String())
	b.WriteString("}\n")
	return b.String(), nil
}

// atomicType is the element type of atomic memory. WGSL takes the sign of a minimum from it; memory that wants both
// signs is unsigned and does the signed ones by compare and exchange.
func (p *printer) atomicType(signed, unsigned bool) string {
	if signed && !unsigned {
		return "i32"
	}
	return "u32"
}

// Control.

func (p *printer) frameOpen(f *frame) {
	p.nframe++
	f.id = p.nframe
	p.frames = append(p.frames, f)
	p.open("loop {")
}

// frameClose ends a frame that runs once. A jump that passes several frames leaves its goal in br and breaks; here the
// goal recognises itself, and what was only passed breaks again.
func (p *printer) frameClose(ended bool) {
	if !ended {
		p.line("break;")
	}
	p.frameEnd()
}

func (p *printer) frameEnd() {
	f := p.frames[len(p.frames)-1]
	p.frames = p.frames[:len(p.frames)-1]
	p.close()
	switch {
	case f.targeted && f.crossed:
		p.line("if (br == %du) { br = 0u; }", f.id)
	case f.targeted:
		p.line("br = 0u;")
	}
	if f.crossed {
		p.line("if (br != 0u) { %s }", p.leave())
	}
}

// leave is a break, counted if it leaves a loop of the kernel.
func (p *printer) leave() string {
	if f := p.frames[len(p.frames)-1]; p.opts.CountLoops && f.loop {
		return fmt.Sprintf("atomicSub(&gw_gas[%du], 1u); break;", 2*GasSlots+1)
	}
	return "break;"
}

// jump leaves the innermost frame that is a match.
func (p *printer) jump(match func(*frame) bool) {
	top := len(p.frames) - 1
	at := top
	for at >= 0 && !match(p.frames[at]) {
		at--
	}
	if at < 0 { // a Return that ends the kernel
		return
	}
	if at < top {
		p.jumps = true
		p.frames[at].targeted = true
		for _, f := range p.frames[at+1:] {
			f.crossed = true
		}
		p.line("br = %du;", p.frames[at].id)
	}
	p.line("%s", p.leave())
}

// region prints a region and reports whether it always ends in a jump.
func (p *printer) region(r ir.Region) bool { return p.charged(r, nil) }

// charged prints a list of instructions. The gas of a run of instructions that are all executed if the first one is, is
// added at its start: head prints the first addition, or by default it is a plain sum.
func (p *printer) charged(r ir.Region, head func(cost uint32)) (ended bool) {
	if head == nil {
		head = func(cost uint32) {
			if cost > 0 {
				p.line("gas = gas + %du;", cost)
			}
		}
	}
	head(p.run(r))
	for n, i := range r {
		ended = p.inst(i)
		if p.err != nil {
			return true
		}
		if i.Then != nil || i.Else != nil {
			if p.f.escapes[i.ID] && !ended {
				if cost := p.run(r[n+1:]); cost > 0 {
					p.line("gas = gas + %du;", cost)
				}
			}
		}
	}
	return ended
}

// run is the gas of the instructions from the start of r that are executed for certain once the first is. A Loop
// charges itself, at the start of each iteration.
func (p *printer) run(r ir.Region) (cost uint32) {
	for _, i := range r {
		if i.Op != ir.OpLoop {
			cost += ir.Cost(i)
		}
		if p.f.escapes[i.ID] {
			break
		}
	}
	return cost
}

func (p *printer) inst(i *ir.Inst) (ended bool) {
	switch i.Op {
	case ir.OpIf:
		return p.branch(i)
	case ir.OpLoop:
		p.loop(i)
	case ir.OpBlock:
		if !p.f.exits[i.ID] {
			return p.region(i.Then)
		}
		p.frameOpen(&frame{target: i})
		p.frameClose(p.region(i.Then))
	case ir.OpExit:
		p.jump(func(f *frame) bool { return f.target == i.Target && !f.cont && !f.main })
		return true
	case ir.OpContinue:
		p.jump(func(f *frame) bool { return f.target == i.Target && f.cont })
		return true
	case ir.OpReturn:
		p.jump(func(f *frame) bool { return f.main })
		return true
	default:
		p.plain(i)
	}
	return false
}

func (p *printer) branch(i *ir.Inst) bool {
	if len(i.Then) == 0 && len(i.Else) == 0 {
		return false
	}
	cond := p.val(i.Args[0])
	if !p.f.barrier[i.ID] {
		p.open("if (%s) {", cond)
		a := p.region(i.Then)
		b := false
		if len(i.Else) > 0 {
			p.indent--
			p.open("} else {")
			b = p.region(i.Else)
		}
		p.close()
		return a && b
	}
	// A barrier inside: the compiler behind us refuses one under an if whose condition it can't prove uniform, but
	// not one after a conditional break. That the condition is uniform, the front end has proven.
	for n, r := range []ir.Region{i.Then, i.Else} {
		if len(r) == 0 {
			continue
		}
		p.frameOpen(&frame{})
		if n == 0 {
			p.line("if (!%s) { break; }", cond)
		} else {
			p.line("if (%s) { break; }", cond)
		}
		p.frameClose(p.region(r))
	}
	return false
}

func (p *printer) loop(i *ir.Inst) {
	if p.opts.CountLoops {
		p.line("atomicAdd(&gw_gas[%du], 1u);", 2*GasSlots+1)
	}
	p.frameOpen(&frame{target: i, loop: true})
	head := func(cost uint32) {
		cost += ir.Cost(i)
		p.line("gas = gas + %du;", cost)
		if p.f.barrier[i.ID] {
			// All invocations must leave together: this counter is the same in each, and none has used less gas.
			p.line("ug = ug + %du;", cost)
			p.line("if (ug > limit) { %s }", p.leave())
		} else {
			p.line("if (gas > limit) { %s }", p.leave())
		}
	}
	ended := false
	if p.f.conts[i.ID] {
		p.hoist(i)
		cost := p.run(i.Then)
		head(cost)
		p.frameOpen(&frame{target: i, cont: true})
		p.frameClose(p.charged(i.Then, func(uint32) {}))
		ended = p.region(i.Else)
	} else {
		ended = p.charged(append(i.Then[:len(i.Then):len(i.Then)], i.Else...), head)
	}
	if i.BreakIf != nil && !ended {
		p.line("if (%s) { %s }", p.val(i.BreakIf), p.leave())
	}
	p.frameEnd()
}

// hoist declares variables for the values of a loop's body that its continuing region uses, where the body gets a WGSL
// scope of its own.
func (p *printer) hoist(loop *ir.Inst) {
	direct := map[*ir.Inst]bool{}
	for _, i := range loop.Then {
		if i.Type != ir.Void {
			direct[i] = true
		}
	}
	need := func(i *ir.Inst) {
		if !direct[i] || p.name[i.ID] != "" {
			return
		}
		p.name[i.ID] = fmt.Sprintf("h%d", i.ID)
		t, zero := "u32", "0u"
		switch {
		case i.Type == ir.Bool:
			t, zero = "bool", "false"
		case i.Type == ir.F32 && p.fenced():
			zero = "z"
		}
		p.line("var h%d: %s = %s;", i.ID, t, zero)
	}
	var scan func(r ir.Region)
	scan = func(r ir.Region) {
		for _, i := range r {
			for _, a := range i.Args {
				need(a)
			}
			if i.BreakIf != nil {
				need(i.BreakIf)
			}
			scan(i.Then)
			scan(i.Else)
		}
	}
	scan(loop.Else)
	if loop.BreakIf != nil {
		need(loop.BreakIf)
	}
}
