package cpu

// In a kernel with barriers each invocation's gas waits in memory from one segment to the next. Where there is vector
// code a quad has what the one with least of its four has left, and each what it has more than that: code without masks
// then handles one number for the quad. Without vector code each invocation has its own.

// startGas gives every invocation of the workgroup the limit.
func (g *gen) startGas() {
	if !g.v.any() {
		g.eachInvocation(func() {
			g.stateAddr(8)
			g.get(g.limit)
			g.mem(wI64Store, 3, g.lay.left)
		})
		return
	}
	g.fill(g.lay.left, 8*g.lay.n)
	at := g.local(tI32)
	g.get(g.scratch)
	g.set(at)
	top := g.loop()
	g.get(at)
	g.get(g.limit)
	g.mem(wI64Store, 3, g.lay.quadLeft)
	g.step(at, 8)
	g.tee(at)
	g.get(g.scratch)
	g.op(wI32Sub)
	g.i32(2 * g.lay.n)
	g.op(wI32Ne)
	g.brIf(top)
	g.end()
	g.release(at)
}

// quadAddr leaves the address of the quad's entry, less the table's start.
func (g *gen) quadAddr() {
	g.get(g.index)
	if !g.vec {
		g.i32(^uint32(quad - 1))
		g.op(wI32And)
	}
	g.i32(1)
	g.op(wI32Shl)
	g.get(g.scratch)
	g.op(wI32Add)
}

func (g *gen) pushQuadGas() {
	g.quadAddr()
	g.mem(wI64Load, 3, g.lay.quadLeft)
}

// pushGas leaves on the stack what the invocation has left.
func (g *gen) pushGas() {
	if !g.p.split {
		g.get(g.limit)
		return
	}
	g.stateAddr(8)
	g.mem(wI64Load, 3, g.lay.left)
	if g.v.any() {
		g.pushQuadGas()
		g.op(wI64Add)
	}
}

// putGas puts away what the invocation has left.
func (g *gen) putGas() {
	if !g.v.any() {
		g.stateAddr(8)
		g.get(g.left)
		g.mem(wI64Store, 3, g.lay.left)
		return
	}
	more := g.local(tI64)
	g.get(g.left)
	g.pushQuadGas()
	g.op(wI64Sub)
	g.tee(more)
	g.i64(0)
	g.op(wI64LtS)
	g.ifThen() // now it has least: the others that much more
	quadStart := g.local(tI32)
	g.get(g.index)
	g.i32(^uint32(quad - 1))
	g.op(wI32And)
	g.i32(3)
	g.op(wI32Shl)
	g.get(g.scratch)
	g.op(wI32Add)
	g.set(quadStart)
	for n := range uint32(quad) {
		g.get(quadStart)
		g.get(quadStart)
		g.mem(wI64Load, 3, g.lay.left+8*n)
		g.get(more)
		g.op(wI64Sub)
		g.mem(wI64Store, 3, g.lay.left+8*n)
	}
	g.release(quadStart)
	g.quadAddr()
	g.get(g.left)
	g.mem(wI64Store, 3, g.lay.quadLeft)
	g.i64(0)
	g.set(more)
	g.end()
	g.stateAddr(8)
	g.get(more)
	g.mem(wI64Store, 3, g.lay.left)
	g.release(more)
}

// takeGas sets the budgets of a quad at the start of vector code.
func (g *gen) takeGas() {
	if !g.p.split {
		for n := range g.budgets {
			g.get(g.limit)
			g.set(g.budget[n])
		}
		return
	}
	g.pushQuadGas()
	g.tee(g.left)
	g.set(g.budget[0])
	if g.budgets == 1 {
		return
	}
	for n := range g.budgets {
		g.stateAddr(8)
		g.mem(wI64Load, 3, g.lay.left+8*uint32(n))
		g.get(g.left)
		g.op(wI64Add)
		g.set(g.budget[n])
	}
}

// giveGas counts what a quad has used, and puts away what it has left. fold has left the least of its budgets in left.
func (g *gen) giveGas() {
	switch {
	case g.budgets == 1:
		g.pushStartGas()
		g.get(g.budget[0])
		g.op(wI64Sub)
		g.i64(int64(g.v.span))
		g.op(wI64Mul)
		g.addTotal()
	default:
		for n := range uint32(quad) {
			g.pushStartGas()
			if g.p.split {
				g.stateAddr(8)
				g.mem(wI64Load, 3, g.lay.left+8*n)
				g.op(wI64Add)
			}
			g.get(g.budget[n])
			g.op(wI64Sub)
			g.addTotal()
			if g.p.split {
				g.stateAddr(8)
				g.get(g.budget[n])
				g.get(g.left)
				g.op(wI64Sub)
				g.mem(wI64Store, 3, g.lay.left+8*n)
			}
		}
	}
	if g.p.split {
		g.quadAddr()
		g.get(g.left)
		g.mem(wI64Store, 3, g.lay.quadLeft)
	}
}

// pushStartGas leaves what the quad, or the one of it that had least, had at the start.
func (g *gen) pushStartGas() {
	if g.p.split {
		g.pushQuadGas()
	} else {
		g.get(g.limit)
	}
}

func (g *gen) addTotal() {
	g.get(g.total)
	g.op(wI64Add)
	g.set(g.total)
}
