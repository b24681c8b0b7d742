package ir

import (
	"fmt"
	"strings"
)

var inputNames = [NumInputs]string{"local.x", "local.y", "local.z", "local.index", "global.x", "global.y", "global.z",
	"group.x", "group.y", "group.z", "groups.x", "groups.y", "groups.z"}

var atomicNames = [NumAtomicOps]string{"add", "sub", "and", "or", "xor", "smin", "smax", "umin", "umax", "store", "load"}

func (i Input) String() string    { return inputNames[i] }
func (a AtomicOp) String() string { return atomicNames[a] }

// String prints the kernel for people and golden tests: an instruction a line, %N for values.
func (k *Kernel) String() string {
	k.Renumber()
	var b strings.Builder
	fmt.Fprintf(&b, "kernel %s workgroup %d,%d,%d\n", k.Name, k.WorkgroupSize[0], k.WorkgroupSize[1], k.WorkgroupSize[2])
	for n, d := range k.Bindings {
		fmt.Fprintf(&b, "binding b%d = %d.%d %s %s min %d", n, d.Group, d.Binding, d.Access, d.Name, d.MinBytes)
		if d.Atomic {
			b.WriteString(" atomic")
		}
		b.WriteByte('\n')
	}
	for _, v := range k.Vars {
		fmt.Fprintf(&b, "var v%d = %s %s[%d] %s\n", v.ID, [...]string{"private", "workgroup"}[v.Space], v.Type, v.Len, v.Name)
	}
	k.Body.dump(&b, "  ")
	return b.String()
}

func (r Region) dump(b *strings.Builder, indent string) {
	for _, i := range r {
		b.WriteString(indent)
		if i.Type != Void {
			fmt.Fprintf(b, "%%%d:%s = ", i.ID, i.Type)
		} else if i.Op == OpLoop || i.Op == OpBlock {
			fmt.Fprintf(b, "@%d: ", i.ID)
		}
		b.WriteString(i.Op.String())
		switch i.Op {
		case OpConst:
			fmt.Fprintf(b, " 0x%x", i.Bits)
		case OpInput:
			b.WriteString(" " + i.Input.String())
		case OpAtomic:
			b.WriteString("." + i.Atomic.String())
		case OpExit, OpContinue:
			fmt.Fprintf(b, " @%d", i.Target.ID)
		}
		if i.Var != nil {
			fmt.Fprintf(b, " v%d", i.Var.ID)
		}
		if (i.Op == OpLoad || i.Op == OpStore || i.Op == OpAtomic || i.Op == OpBufferWords) && i.Binding >= 0 {
			fmt.Fprintf(b, " b%d", i.Binding)
		}
		for _, a := range i.Args {
			fmt.Fprintf(b, " %%%d", a.ID)
		}
		b.WriteByte('\n')
		switch i.Op {
		case OpIf:
			i.Then.dump(b, indent+"  ")
			if len(i.Else) > 0 {
				b.WriteString(indent + "else\n")
				i.Else.dump(b, indent+"  ")
			}
		case OpLoop:
			i.Then.dump(b, indent+"  ")
			if len(i.Else) > 0 || i.BreakIf != nil {
				b.WriteString(indent + "continuing\n")
				i.Else.dump(b, indent+"  ")
				if i.BreakIf != nil {
					fmt.Fprintf(b, "%s  breakif %%%d\n", indent, i.BreakIf.ID)
				}
			}
		case OpBlock:
			i.Then.dump(b, indent+"  ")
		}
	}
}
