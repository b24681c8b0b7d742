package cpu

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkOperators compares vector code with scalar code for operators that WebAssembly has no vector instruction for.
func BenchmarkOperators(b *testing.B) {
	const n = 4096
	var names []string
	var list []*contender
	for _, op := range []string{"x / (y | 1u)", "x % (y | 1u)", "u32(i32(x) / i32(y | 1u))", "u32(i32(x) % i32(y | 1u))", "x / p.n", "x % p.n", "x << (y & 31u)",
		"x >> (y & 31u)", "u32(i32(x) >> (y & 31u))", "countLeadingZeros(x)", "countTrailingZeros(x)", "countOneBits(x)", "reverseBits(x)",
		"bitcast<u32>(fma(f, f, 1.5))", "u32(f)", "u32(i32(f))", "bitcast<u32>(exp(f))", "bitcast<u32>(log(f))", "bitcast<u32>(sin(f))", "bitcast<u32>(tanh(f))",
		"bitcast<u32>(sqrt(f))", "bitcast<u32>(inverseSqrt(f))"} {
		source := strings.Replace(read(b, "operator.wgsl"), "OP", op, 1)
		names = append(names, op)
		for _, v := range []vectors{vectorsNever, vectorsAlways} {
			x := open(b, source, Options{Workers: 1, vectors: v}, [3]uint32{n / 64, 1, 1}, []uint32{7}, 16, 4*n, 4*n)
			list = append(list, &contender{run: func() { x.run(b) }})
		}
	}
	for b.Loop() {
		compare(list)
	}
	fmt.Printf("\n%-32s %10s %10s %7s\n", "operator, ns each", "scalar", "vector", "ratio")
	for i, name := range names {
		s, v := list[2*i].median(), list[2*i+1].median()
		fmt.Printf("%-32s %10.2f %10.2f %7.2f\n", name, s*1e9/n/64, v*1e9/n/64, s/v)
	}
}
