package module

// FunctionFacts is what can be said of a function without running it.
type FunctionFacts struct {
	Index  uint32 // imports included
	Name   string // see FuncName
	Bytes  int    // of its body
	Locals int    // parameters and locals
	// Gas is the price of its code run through once from top to bottom, entering it and both arms of every if included, calls and
	// prices by length not: what one pass costs at most while nothing loops.
	Gas       uint64
	Loops     int
	Calls     int // call instructions to the module's own functions, and indirect ones
	HostCalls int // to imports
}

// Survey gives the facts of every function the module defines. It works on every decoded module.
func (m *Module) Survey() ([]FunctionFacts, error) {
	r := &reader{section: "code", fn: -1}
	v := newValidator(m, r)
	v.an, v.budget = &analysis{}, 1<<62
	facts := make([]FunctionFacts, len(m.Code))
	var in instr
	for i := range m.Code {
		c := &m.Code[i]
		t := m.Types[m.Funcs[i]]
		f := &facts[i]
		f.Index = uint32(m.importFuncs + i)
		f.Name, f.Bytes, f.Locals = m.FuncName(f.Index), len(c.Body), m.countLocals(i)
		r.b = c.Body
		v.function(i, 0)
		if r.err != nil {
			return nil, r.err
		}
		f.Gas = GasEntry + uint64(f.Locals-len(t.Params))>>gasLocalsShift
		for _, s := range v.an.segments {
			f.Gas += s.cost
		}
		for r.p, r.end = 0, len(r.b); r.p < r.end && r.err == nil; {
			r.instr(&in)
			switch in.op {
			case opLoop:
				f.Loops++
			case opCallIndirect:
				f.Calls++
			case opCall:
				if int(in.idx) < m.importFuncs {
					f.HostCalls++
				} else {
					f.Calls++
				}
			}
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	return facts, nil
}
