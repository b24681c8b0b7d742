package inplace

// Value types of the binary format.
const (
	tI32  = 0x7f
	tI64  = 0x7e
	tF32  = 0x7d
	tF64  = 0x7c
	tV128 = 0x7b
)

const blockEmpty = 0x40

// Immediates behind an opcode.
const (
	immNone  = iota
	immMem   // alignment and offset
	immLane  // one byte
	immBoth  // immMem, then a lane
	imm16    // sixteen bytes
	immIndex // one number
)

// signature is what an instruction takes from the stack and leaves there.
type signature struct {
	known  bool
	takes  int
	leaves byte // 0: nothing
	imm    int
}

// signatures holds the plain instructions by prefix (none, 0xfc, 0xfd, 0xfe) and number; a gap of the format between two of one
// kind may be in it.
var signatures = func() (s [4][256]signature) {
	for _, r := range []struct {
		from, to uint32
		takes    int
		leaves   byte
		imm      int
	}{
		{0x01, 0x01, 0, 0, immNone}, // nop
		{opDrop, opDrop, 1, 0, immNone},
		{0x28, 0x28, 1, tI32, immMem}, {0x29, 0x29, 1, tI64, immMem}, {0x2a, 0x2a, 1, tF32, immMem}, {0x2b, 0x2b, 1, tF64, immMem},
		{0x2c, 0x2f, 1, tI32, immMem}, {0x30, 0x35, 1, tI64, immMem}, {0x36, 0x3e, 2, 0, immMem},
		{0x3f, 0x3f, 0, tI32, immIndex}, {0x40, 0x40, 1, tI32, immIndex}, // memory.size, memory.grow
		{0x45, 0x45, 1, tI32, 0}, {0x46, 0x4f, 2, tI32, 0}, {0x50, 0x50, 1, tI32, 0}, {0x51, 0x66, 2, tI32, 0}, // comparisons
		{0x67, 0x69, 1, tI32, 0}, {0x6a, 0x78, 2, tI32, 0}, {0x79, 0x7b, 1, tI64, 0}, {0x7c, 0x8a, 2, tI64, 0},
		{0x8b, 0x91, 1, tF32, 0}, {0x92, 0x98, 2, tF32, 0}, {0x99, 0x9f, 1, tF64, 0}, {0xa0, 0xa6, 2, tF64, 0},
		{0xa7, 0xab, 1, tI32, 0}, {0xac, 0xb1, 1, tI64, 0}, {0xb2, 0xb6, 1, tF32, 0}, {0xb7, 0xbb, 1, tF64, 0}, // conversions
		{0xbc, 0xbc, 1, tI32, 0}, {0xbd, 0xbd, 1, tI64, 0}, {0xbe, 0xbe, 1, tF32, 0}, {0xbf, 0xbf, 1, tF64, 0},
		{0xc0, 0xc1, 1, tI32, 0}, {0xc2, 0xc4, 1, tI64, 0}, // extensions of a sign
		{0xfc00, 0xfc03, 1, tI32, 0}, {0xfc04, 0xfc07, 1, tI64, 0}, {0xfc0b, 0xfc0b, 3, 0, immIndex},
		// Vectors.
		{0xfd00, 0xfd0a, 1, tV128, immMem}, {0xfd0b, 0xfd0b, 2, 0, immMem}, {0xfd0c, 0xfd0c, 0, tV128, imm16},
		{opShuffle, opShuffle, 2, tV128, imm16}, {0xfd0e, 0xfd0e, 2, tV128, 0}, {0xfd0f, 0xfd14, 1, tV128, 0},
		{0xfd15, 0xfd16, 1, tI32, immLane}, {0xfd17, 0xfd17, 2, tV128, immLane}, {0xfd18, 0xfd19, 1, tI32, immLane},
		{0xfd1a, 0xfd1a, 2, tV128, immLane}, {0xfd1b, 0xfd1b, 1, tI32, immLane}, {0xfd1c, 0xfd1c, 2, tV128, immLane},
		{0xfd1d, 0xfd1d, 1, tI64, immLane}, {0xfd1e, 0xfd1e, 2, tV128, immLane}, {0xfd1f, 0xfd1f, 1, tF32, immLane},
		{0xfd20, 0xfd20, 2, tV128, immLane}, {0xfd21, 0xfd21, 1, tF64, immLane}, {0xfd22, 0xfd22, 2, tV128, immLane},
		{0xfd23, 0xfd4c, 2, tV128, 0}, {0xfd4d, 0xfd4d, 1, tV128, 0}, {0xfd4e, 0xfd51, 2, tV128, 0}, {0xfd52, 0xfd52, 3, tV128, 0},
		{0xfd53, 0xfd53, 1, tI32, 0}, {0xfd54, 0xfd57, 2, tV128, immBoth}, {0xfd58, 0xfd5b, 2, 0, immBoth},
		{0xfd5c, 0xfd5d, 1, tV128, immMem}, {0xfd5e, 0xfd62, 1, tV128, 0}, {0xfd63, 0xfd64, 1, tI32, 0}, {0xfd65, 0xfd66, 2, tV128, 0},
		{0xfd67, 0xfd6a, 1, tV128, 0}, {0xfd6b, 0xfd73, 2, tV128, 0}, {0xfd74, 0xfd75, 1, tV128, 0}, {0xfd76, 0xfd79, 2, tV128, 0},
		{0xfd7a, 0xfd7a, 1, tV128, 0}, {0xfd7b, 0xfd7b, 2, tV128, 0}, {0xfd7c, 0xfd81, 1, tV128, 0}, {0xfd82, 0xfd82, 2, tV128, 0},
		{0xfd83, 0xfd84, 1, tI32, 0}, {0xfd85, 0xfd86, 2, tV128, 0}, {0xfd87, 0xfd8a, 1, tV128, 0}, {0xfd8b, 0xfd93, 2, tV128, 0},
		{0xfd94, 0xfd94, 1, tV128, 0}, {0xfd95, 0xfd9f, 2, tV128, 0}, {0xfda0, 0xfda1, 1, tV128, 0}, {0xfda3, 0xfda4, 1, tI32, 0},
		{0xfda7, 0xfdaa, 1, tV128, 0}, {0xfdab, 0xfdbf, 2, tV128, 0}, {0xfdc0, 0xfdc1, 1, tV128, 0}, {0xfdc3, 0xfdc4, 1, tI32, 0},
		{0xfdc7, 0xfdca, 1, tV128, 0}, {0xfdcb, 0xfddf, 2, tV128, 0}, {0xfde0, 0xfde3, 1, tV128, 0}, {0xfde4, 0xfdeb, 2, tV128, 0},
		{0xfdec, 0xfdef, 1, tV128, 0}, {0xfdf0, 0xfdf7, 2, tV128, 0}, {0xfdf8, 0xfdff, 1, tV128, 0},
		// Atomic accesses of 32 bits.
		{0xfe10, 0xfe10, 1, tI32, immMem}, {0xfe17, 0xfe17, 2, 0, immMem}, {0xfe1e, 0xfe1e, 2, tI32, immMem}, {0xfe25, 0xfe25, 2, tI32, immMem},
		{0xfe2c, 0xfe2c, 2, tI32, immMem}, {0xfe33, 0xfe33, 2, tI32, immMem}, {0xfe3a, 0xfe3a, 2, tI32, immMem},
		{0xfe41, 0xfe41, 2, tI32, immMem}, {0xfe48, 0xfe48, 3, tI32, immMem},
	} {
		for op := r.from; op <= r.to; op++ {
			*signatureIn(&s, op) = signature{true, r.takes, r.leaves, r.imm}
		}
	}
	return s
}()

func signatureIn(s *[4][256]signature, op uint32) *signature {
	if op > 0xff {
		return &s[op>>8-0xfb][op&0xff]
	}
	return &s[0][op]
}

func signatureOf(op uint32) *signature { return signatureIn(&signatures, op) }
