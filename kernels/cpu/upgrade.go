package cpu

import "context"

// A kernel whose vector code is long starts as scalar code, which compiles in a third of the time, and goes over to vector
// code at the first dispatch after that is compiled in the background. The bits and the gas are the same.

// maxEager is the length in bytes of vector code that is compiled before a kernel first runs.
const maxEager = 32 << 10

// upgrade is a kernel's vector code, compiled.
type upgrade struct {
	prog *program
	code *compiled
	err  error
}

// start gives the program to compile first; if that is not prog, prog is compiled in the background for take.
func (d *Device) start(prog *program) (first *program, better <-chan upgrade) {
	if prog.scalar == nil || len(prog.wasm) <= maxEager || prog.large || d.vectors != vectorsWorth {
		return prog, nil
	}
	first, err := prog.scalar()
	if err != nil {
		return prog, nil
	}
	done := make(chan upgrade, 1)
	e := d.engine
	go func() {
		code, err := e.compile(context.Background(), prog.wasm)
		prog.wasm = nil
		done <- upgrade{prog, code, err}
	}()
	return first, done
}

// take goes over to vector code if that is there by now.
func (p *pipeline) take() {
	select {
	case u := <-p.better:
		p.better = nil
		if u.err == nil { // else scalar code does
			p.drop()
			p.prog, p.code = u.prog, u.code
		}
	default:
	}
}

// abandon lets go of vector code that nobody took.
func (p *pipeline) abandon() {
	if p.better == nil {
		return
	}
	better, e := p.better, p.engine
	p.better = nil
	go func() {
		if u := <-better; u.err == nil {
			e.release(u.code)
		}
	}()
}
