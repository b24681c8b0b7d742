package binding

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"
)

// strlen is the length of a string that ends with a zero byte (WGPU_STRLEN).
const strlen = math.MaxUint32

// bytesOf reads a WGPUStringView of at most most bytes. null reports that there was none at all.
func (c *call) bytesOf(what string, data, length uint32, most uint64) (text []byte, null bool) {
	if length == strlen {
		if data == 0 {
			return nil, true
		}
		size := c.h.mem.Size()
		if data >= size {
			c.trap("%s: address 0x%x lies outside the memory of %d bytes", what, data, size)
		}
		window := min(uint64(size-data), most+1)
		n := bytes.IndexByte(c.view(data, uint32(window)), 0)
		if n < 0 {
			if window <= most {
				c.trap("%s at address 0x%x runs to the end of memory without a zero byte", what, data)
			}
			c.trap("%s at address 0x%x is longer than %d bytes", what, data, most)
		}
		length = uint32(n)
	}
	if uint64(length) > most {
		c.trap("%s of %d bytes, at most %d", what, length, most)
	}
	if length > 0 && data == 0 {
		c.trap("%s of %d bytes at address 0", what, length)
	}
	return c.read(data, length), false
}

// text is bytesOf as valid UTF-8.
func (c *call) text(what string, data, length uint32) string {
	b, _ := c.bytesOf(what, data, length, maxText)
	return strings.ToValidUTF8(string(b), "\ufffd")
}

// label reads a label and keeps its beginning.
func (c *call) label(data, length uint32) string {
	return cut(c.text("the label", data, length), maxLabel)
}

// quote puts a guest's text between quotation marks for a message. Messages are part of what a job computes, so how they
// look must not depend on a table of characters that changes, such as which are printable.
func quote(s string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s) + `"`
}

// cut shortens s to at most n bytes at the boundary of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
