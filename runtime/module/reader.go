package module

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// reader walks b[p:end]. The first error sticks and moves p to end, so that loops over a hostile count end at once;
// callers check err after each step that decides something.
type reader struct {
	b       []byte
	p, end  int
	section string
	fn      int
	err     *Error
}

func (r *reader) fail(kind Kind, at int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Kind: kind, Section: r.section, Offset: at, Func: r.fn, Msg: fmt.Sprintf(format, args...)}
	}
	r.p = r.end
}

func (r *reader) left() int { return r.end - r.p }

func (r *reader) byte(what string) byte {
	if r.p >= r.end {
		r.fail(Malformed, r.p, "found the end of the bytes, want %s", what)
		return 0
	}
	c := r.b[r.p]
	r.p++
	return c
}

func (r *reader) bytes(n uint32, what string) []byte {
	if uint64(n) > uint64(r.left()) {
		r.fail(Malformed, r.p, "found %d bytes left, want %d of %s", r.left(), n, what)
		return nil
	}
	s := r.b[r.p : r.p+int(n) : r.p+int(n)]
	r.p += int(n)
	return s
}

// u32 reads an unsigned LEB128 of at most 32 bits (core specification, binary format, integers).
func (r *reader) u32(what string) uint32 {
	if r.p < r.end && r.b[r.p] < 0x80 {
		c := r.b[r.p]
		r.p++
		return uint32(c)
	}
	at := r.p
	var v uint32
	for shift := 0; ; shift += 7 {
		if r.p >= r.end {
			r.fail(Malformed, at, "found the end of the bytes within a number, want %s", what)
			return 0
		}
		c := r.b[r.p]
		r.p++
		if shift == 28 && c > 0x0f {
			r.fail(Malformed, at, "found a number longer than 32 bits, want %s", what)
			return 0
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

// signed reads a signed LEB128 of at most size bits (32, 33 or 64).
func (r *reader) signed(size int, what string) int64 {
	at := r.p
	var v int64
	for shift := 0; ; shift += 7 {
		if r.p >= r.end {
			r.fail(Malformed, at, "found the end of the bytes within a number, want %s", what)
			return 0
		}
		c := r.b[r.p]
		r.p++
		if rest := size - shift; rest < 7 {
			// The last byte: bits above the size must repeat its sign bit, and no byte may follow.
			top := int8(c<<1) >> rest // sign bit and everything above it, all zeros or all ones
			if c >= 0x80 || (top != 0 && top != -1) {
				r.fail(Malformed, at, "found a number longer than %d bits, want %s", size, what)
				return 0
			}
		}
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if shift+7 < 64 && c&0x40 != 0 {
				v |= math.MinInt64 >> (56 - shift)
			}
			return v
		}
	}
}

func (r *reader) fixed32(what string) uint32 {
	if s := r.bytes(4, what); s != nil {
		return binary.LittleEndian.Uint32(s)
	}
	return 0
}

func (r *reader) fixed64(what string) uint64 {
	if s := r.bytes(8, what); s != nil {
		return binary.LittleEndian.Uint64(s)
	}
	return 0
}

// count reads a vector's length. It is refused when it exceeds limit or when the bytes left cannot hold that many
// elements of at least size bytes each, so a caller may allocate by it.
func (r *reader) count(limit uint32, size int, what string) int {
	at := r.p
	n := r.u32("the number of " + what)
	if r.err != nil {
		return 0
	}
	if n > limit {
		r.fail(Limit, at, "found %d %s, want at most %d", n, what, limit)
		return 0
	}
	if uint64(n)*uint64(size) > uint64(r.left()) {
		r.fail(Malformed, at, "found a count of %d %s in %d bytes, want at least %d bytes for them", n, what, r.left(), uint64(n)*uint64(size))
		return 0
	}
	return int(n)
}

func (r *reader) name(what string) string {
	at := r.p
	n := r.u32("the length of " + what)
	if r.err == nil && n > maxNameBytes {
		r.fail(Limit, at, "found %s of %d bytes, want at most %d", what, n, maxNameBytes)
	}
	if r.err != nil {
		return ""
	}
	s := r.bytes(n, what)
	if r.err == nil && !utf8.Valid(s) {
		r.fail(Malformed, at, "found %s that is not UTF-8", what)
		return ""
	}
	return string(s)
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && c&0x40 == 0) || (v == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
