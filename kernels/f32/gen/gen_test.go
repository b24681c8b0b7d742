package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestGeneratedIsCurrent(t *testing.T) {
	outs, err := outputs("..")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range outs {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what kernels/f32 gives now: run go generate ./kernels/f32", path)
		}
	}
}

func TestTranslation(t *testing.T) {
	src := `package soft
type pair struct{ hi, lo uint32 }
func sel(c bool, a, b uint32) uint32 { if c { return a }; return b }
type row struct{ a, b uint32 }
var table = [2]uint32{7, 1 << 31}
var rows = [3]row{{1, 2}, {3, 2}, {5, 6}}
func F(a uint32, e int32) pair {
	x := a<<3 | 1
	x += table[a&1] + rows[a%3].b
	for i := 0; i < 2; i++ { x ^= ^a }
	return pair{sel(e < -1, x, 2), uint32(e) >> (a & 31)}
}`
	fns, _, err := translate(wgsl{}, "soft", fstest.MapFS{"f.go": {Data: []byte(src)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range fns {
		got.WriteString(f.text)
	}
	want := `struct gw_pair { hi: u32, lo: u32 }
struct gw_row { a: u32, b: u32 }
fn gw_rows(i: u32) -> gw_row {
 let b0 = (i & 1u) != 0u;
 let b1 = (i & 2u) != 0u;
 return gw_row(
  select(select(0x1u, 0x3u, b0), 0x5u, b1),
  select(0x2u, 0x6u, b1));
}
fn gw_table(i: u32) -> u32 {
 let b0 = (i & 1u) != 0u;
 return select(0x7u, 0x80000000u, b0);
}
fn gw_f(a: u32, e: i32) -> gw_pair {
 var x: u32 = ((a << 0x3u) | 0x1u);
 x = (x + (gw_table((a & 0x1u)) + gw_rows((a % 0x3u)).b));
 for (var i: i32 = 0i; (i < 2i); i = (i + 1i)) {
  x = (x ^ (~a));
 }
 return gw_pair(select(0x2u, x, (e < (-1i))), (bitcast<u32>(e) >> (a & 0x1fu)));
}
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"func f(a, n uint32) uint32 { return a << n }", "shift count"},
		{"func f(a uint32) uint64 { return uint64(a) }", "uint64 has no form in WGSL"},
		{"func f(a uint32) uint32 { b, c := a, a; return b + c }", "more than one value"},
		{"func f(a uint32) uint32 { a++; return a }", "parameter a is assigned"},
		{"func f(a float32) float32 { return a }", "float32 has no form in WGSL"},
		{"func f(a uint32) uint32 { return a &^ 1 }", "operator &^"},
		{"func f(a uint32) uint32 { return f(a) }", "uses itself"},
		{"func f(a uint32) uint32 { return a }\nfunc F(a uint32) uint32 { return a }", "declared twice"},
		{"var v uint32 = 3", "must be an array"},
	} {
		_, _, err := translate(wgsl{}, "soft", fstest.MapFS{"f.go": {Data: []byte("package soft\n" + c.body)}}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.body, err, c.want)
		}
	}
}
