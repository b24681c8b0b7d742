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

// The constants of SHA-256: the first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the
// square roots of the first eight (FIPS 180-4, sections 4.2.2 and 5.3.3).
var (
	roundConstants = [64]uint32{
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	}
	firstState = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
)

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
	compress16(&state, &at, 1, &roundConstants)
	size := len(data[0])
	whole := (size - 63) / 64
	if whole > 0 {
		for l, p := range data {
			at[l] = &p[63 : 63+64*whole][0]
		}
		compress16(&state, &at, whole, &roundConstants)
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
	compress16(&state, &at, blocks, &roundConstants)
	for l := range out {
		for i := range state {
			binary.BigEndian.PutUint32(out[l][4*i:], state[i][l])
		}
	}
}
