package merkle

import (
	"encoding/binary"

	"golang.org/x/sys/cpu"

	"github.com/gwrun/gwrun/proto/msg"
)

//go:noescape
func compress16(state *[8][16]uint32, messages *[16]*byte, blocks int, k *[64]uint32)

// wide says that sixteen leaves can be hashed at once.
var wide = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW

// firstState is the first 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, section
// 5.3.3).
var firstState = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// leaves16 gives the leaf hashes of sixteen pieces of data of one length, at least 63.
func leaves16(data *[lanes][]byte, out *[lanes]msg.Hash) {
	// A leaf is the byte 0 and the data: a first block with 63 bytes of it, blocks that lie in it, and one or two more with
	// what is left over and the padding.
	var state [8][lanes]uint32
	for i, v := range firstState {
		for l := range state[i] {
			state[i][l] = v
		}
	}
	var edge [lanes][128]byte
	var at [lanes]*byte
	for l, p := range data {
		copy(edge[l][1:64], p)
		at[l] = &edge[l][0]
	}
	compress16(&state, &at, 1, &RoundConstants)
	size := len(data[0])
	whole := (size - 63) / 64
	if whole > 0 {
		for l, p := range data {
			at[l] = &p[63 : 63+64*whole][0]
		}
		compress16(&state, &at, whole, &RoundConstants)
	}
	blocks := 1
	for l, p := range data {
		edge[l] = [128]byte{}
		rest := copy(edge[l][:], p[63+64*whole:size])
		edge[l][rest] = 0x80
		if rest >= 56 {
			blocks = 2
		}
		binary.BigEndian.PutUint64(edge[l][64*blocks-8:], 8*(uint64(size)+1))
		at[l] = &edge[l][0]
	}
	compress16(&state, &at, blocks, &RoundConstants)
	for l := range out {
		for i := range state {
			binary.BigEndian.PutUint32(out[l][4*i:], state[i][l])
		}
	}
}
