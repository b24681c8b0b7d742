package battery

import (
	"fmt"
	"strconv"
	"strings"
)

// form is an expression of WGSL over operands of given types: $0, $1 ... stand for them.
type form struct {
	expr   string
	args   []string
	result string
}

// forms lists, by builtin function or kind of operator, what the battery tries of it.
func forms() map[string][]form {
	all := map[string][]form{}
	add := func(name, expr string, result string, args ...string) {
		all[name] = append(all[name], form{expr, args, result})
	}
	// call adds name(args...), the same for each of the types: T in args or result is replaced by it.
	call := func(name, types, result string, args ...string) {
		for _, t := range strings.Fields(types) {
			var in, at []string
			for n, a := range args {
				in = append(in, strings.ReplaceAll(a, "T", t))
				at = append(at, "$"+strconv.Itoa(n))
			}
			add(name, name+"("+strings.Join(at, ", ")+")", strings.ReplaceAll(result, "T", t), in...)
		}
	}
	const (
		floats = "f32 vec2f vec3f vec4f"
		fvecs  = "vec2f vec3f vec4f"
		ints   = "i32 vec2i vec3i vec4i u32 vec2u vec3u vec4u"
		signed = "i32 vec2i vec3i vec4i"
		bools  = "bool vec2b vec3b vec4b"
		mats   = "mat2x2f mat2x3f mat2x4f mat3x2f mat3x3f mat3x4f mat4x2f mat4x3f mat4x4f"
	)
	for _, name := range strings.Fields("exp2 log log2 sin cos tan asin acos atan sinh cosh asinh acosh atanh inverseSqrt") {
		call(name, "f32", "T", "T") // each component is a long text for a driver
	}
	call("exp", floats, "T", "T")
	call("tanh", "vec2f", "T", "T")
	for _, name := range strings.Fields("sqrt floor ceil trunc round degrees radians fract saturate quantizeToF16") {
		call(name, floats, "T", "T")
	}
	call("abs", floats+" "+ints, "T", "T")
	call("sign", floats+" "+signed, "T", "T")
	for _, name := range strings.Fields("min max") {
		call(name, floats+" "+ints, "T", "T", "T")
	}
	call("clamp", floats+" "+ints, "T", "T", "T", "T")
	call("step", floats, "T", "T", "T")
	call("pow", "f32 vec2f", "T", "T", "T")
	call("atan2", "f32", "T", "T", "T")
	call("fma", floats, "T", "T", "T", "T")
	call("smoothstep", floats, "T", "T", "T", "T")
	call("mix", floats, "T", "T", "T", "T")
	call("mix", fvecs, "T", "T", "T", "f32")
	for _, name := range strings.Fields("countLeadingZeros countTrailingZeros countOneBits reverseBits firstLeadingBit firstTrailingBit") {
		call(name, ints, "T", "T")
	}
	call("extractBits", ints, "T", "T", "u32", "u32")
	call("insertBits", ints, "T", "T", "T", "u32", "u32")
	for n, t := range strings.Fields(floats) {
		add("modf", "modf($0).fract", t, t)
		add("modf", "modf($0).whole", t, t)
		add("frexp", "frexp($0).fract", t, t)
		i := strings.Fields(signed)[n]
		add("frexp", "frexp($0).exp", i, t)
		add("ldexp", "ldexp($0, $1)", t, t, i)
		add("ldexp", "ldexp($0, extractBits($1, 8u, 9u))", t, t, i)
	}
	call("length", floats, "f32", "T")
	call("distance", floats, "f32", "T", "T")
	call("normalize", fvecs, "T", "T")
	call("faceForward", fvecs, "T", "T", "T", "T")
	call("reflect", fvecs, "T", "T", "T")
	call("refract", fvecs, "T", "T", "T", "f32")
	call("cross", "vec3f", "T", "T", "T")
	for s, list := range map[string]string{"f32": fvecs, "i32": "vec2i vec3i vec4i", "u32": "vec2u vec3u vec4u"} {
		call("dot", list, s, "T", "T")
	}
	for c := 2; c <= 4; c++ {
		for r := 2; r <= 4; r++ {
			m, turned := fmt.Sprintf("mat%dx%df", c, r), fmt.Sprintf("mat%dx%df", r, c)
			add("transpose", "transpose($0)", turned, m)
			add("matrix*vector", "$0 * $1", fmt.Sprintf("vec%df", r), m, fmt.Sprintf("vec%df", c))
			add("vector*matrix", "$0 * $1", fmt.Sprintf("vec%df", c), fmt.Sprintf("vec%df", r), m)
			for k := 2; k <= 4; k++ {
				add("matrix*matrix", "$0 * $1", fmt.Sprintf("mat%dx%df", k, r), m, fmt.Sprintf("mat%dx%df", k, c))
			}
		}
		call("determinant", fmt.Sprintf("mat%dx%df", c, c), "f32", "T")
	}
	for _, m := range strings.Fields(mats) {
		add("matrix sums", "$0 + $1", m, m, m)
		add("matrix sums", "$0 - $1", m, m, m)
		add("matrix sums", "$0 * $1", m, m, "f32")
		add("matrix sums", "$1 * $0", m, m, "f32")
	}
	call("all", bools, "bool", "T")
	call("any", bools, "bool", "T")
	call("select", floats+" "+ints+" "+bools, "T", "T", "T", "bool")
	for _, t := range strings.Fields("vec2f vec3f vec4f vec2i vec3u vec4i vec2b vec3b vec4b") {
		add("select", "select($0, $1, $2)", t, t, t, t[:4]+"b")
	}
	for n, f := range strings.Fields(floats) {
		i, u := strings.Fields(ints)[n], strings.Fields(ints)[n+4]
		for _, from := range []string{f, i, u} {
			for _, to := range []string{f, i, u} {
				add("bitcast", "bitcast<"+to+">($0)", to, from)
				add("conversions", to+"($0)", to, from)
			}
			b := strings.Fields(bools)[n]
			add("conversions", spell(b)+"($0)", b, from)
			add("conversions", spell(from)+"($0)", from, b)
		}
	}
	for _, k := range strings.Fields("4x8snorm:vec4f 4x8unorm:vec4f 2x16snorm:vec2f 2x16unorm:vec2f 2x16float:vec2f 4xI8:vec4i 4xU8:vec4u") {
		name, t, _ := strings.Cut(k, ":")
		call("pack"+name, t, "u32", "T")
		call("unpack"+name, t, "T", "u32")
	}
	call("pack4xI8Clamp", "vec4i", "u32", "T")
	call("pack4xU8Clamp", "vec4u", "u32", "T")
	call("dot4I8Packed", "i32", "T", "u32", "u32")
	call("dot4U8Packed", "u32", "T", "u32", "u32")
	for _, op := range []string{"+", "-", "*", "/", "%"} {
		for _, t := range strings.Fields(floats + " " + ints) {
			kind := "arithmetic " + op
			add(kind, "$0 "+op+" $1", t, t, t)
			if len(t) > 3 {
				s := map[byte]string{'f': "f32", 'i': "i32", 'u': "u32"}[t[4]]
				add(kind, "$0 "+op+" $1", t, t, s)
				add(kind, "$1 "+op+" $0", t, t, s)
			}
		}
	}
	for _, op := range []string{"&", "|", "^"} {
		for _, t := range strings.Fields(ints) {
			add("bits", "$0 "+op+" $1", t, t, t)
		}
	}
	for n, t := range strings.Fields(ints) {
		u := strings.Fields(ints)[n%4+4]
		add("shifts", "$0 << $1", t, t, u)
		add("shifts", "$0 >> $1", t, t, u)
		add("shifts", "~$0", t, t)
	}
	for _, t := range strings.Fields(floats + " " + signed) {
		add("minus", "-$0", t, t)
		add("minus", "-(-$0)", t, t)
	}
	for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
		for n, t := range strings.Fields(floats + " " + ints) {
			add("comparisons "+op, "$0 "+op+" $1", strings.Fields(bools)[n%4], t, t)
		}
	}
	for _, t := range strings.Fields(bools) {
		add("logic", "$0 & $1", t, t, t)
		add("logic", "$0 | $1", t, t, t)
		add("logic", "!$0", t, t)
		add("logic", "$0 == $1", t, t, t)
		add("logic", "$0 != $1", t, t, t)
	}
	add("logic", "$0 && $1", "bool", "bool", "bool")
	add("logic", "$0 || $1", "bool", "bool", "bool")
	return all
}

// boundFromMemory is what a program covers whose barriers stand in a loop with a bound that came through workgroup memory.
// Uniform it is, as workgroupUniformLoad was used; but the printed text has a load between barriers in its place, of which Tint
// cannot see that, so Dawn refuses it.
const boundFromMemory = "workgroupUniformLoad"

// exchange is a program with barriers in a loop, but for the loop's bound and what is added to a result.
const exchange = `
@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<storage, read_write> dst: array<u32>;
@group(0) @binding(2) var<storage, read_write> own: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> unused: array<u32>;
struct Plan { rounds: u32, scale: f32, flags: vec2<bool> }
var<workgroup> plan: Plan;
var<workgroup> count: atomic<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  if l == 17u { plan = Plan(3u + (src[g.x] & 3u), bitcast<f32>(src[g.x + 1u]), vec2(true, (src[g.x] & 1u) == 0u)); }
  let p = workgroupUniformLoad(&plan);
  var sum = 0f;
  for (var n = 0u; n < %s; n++) {
    sum += p.scale * f32(l);
    dst[g.x] = bitcast<u32>(sum)%s;
    storageBarrier();
    let other = dst[g.x ^ 1u];
    storageBarrier();
    sum = select(sum, bitcast<f32>(other), p.flags.y);
    atomicAdd(&count, 1u);
  }
  atomicExchange(&own[g.x], bitcast<u32>(sum));
  unused[g.x] = workgroupUniformLoad(&count);
}`

// whole are programs for the builtins that touch memory, by the names they cover.
var whole = []struct{ covers, source string }{
	{"atomicAdd atomicSub atomicAnd atomicOr atomicXor atomicMin atomicMax atomicStore atomicLoad workgroupBarrier arrayLength", `
@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<storage, read_write> dst: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> least: array<atomic<i32>>;
var<workgroup> part: array<atomic<u32>, 8>;
var<workgroup> lowest: atomic<i32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) g: vec3u, @builtin(local_invocation_index) l: u32) {
  let n = arrayLength(&src);
  let x = src[(g.x * 7u) % n];
  if l == 0u { atomicStore(&lowest, 5); }
  workgroupBarrier();
  atomicAdd(&sums[0], x);
  atomicSub(&sums[1], x);
  atomicAnd(&sums[2], x | 0xffu);
  atomicOr(&sums[3], x & 0xff00u);
  atomicXor(&sums[4], x);
  atomicMin(&sums[5], x);
  atomicMax(&sums[6], x);
  atomicMin(&least[0], bitcast<i32>(x));
  atomicMax(&least[1], bitcast<i32>(x));
  atomicAdd(&least[2], bitcast<i32>(x));
  atomicAdd(&part[l % 8u], x >> 3u);
  atomicMax(&part[(l + 1u) % 8u], 0u);
  atomicMin(&lowest, bitcast<i32>(x));
  workgroupBarrier();
  if g.x < arrayLength(&dst) { dst[g.x] = atomicLoad(&part[l % 8u]) ^ bitcast<u32>(atomicLoad(&lowest)); }
}`},
	{"atomicExchange storageBarrier workgroupUniformLoad", fmt.Sprintf(exchange, "4u", " + p.rounds")},
	{boundFromMemory, fmt.Sprintf(exchange, "p.rounds", "")},
}

// spell writes a type as WGSL has it.
func spell(t string) string {
	if strings.HasPrefix(t, "vec") && t[4] == 'b' {
		return t[:4] + "<bool>"
	}
	return t
}

// shape gives the number of columns (1 for what is no matrix), of rows and the type of a component.
func shape(t string) (columns, rows int, scalar string) {
	kinds := map[byte]string{'f': "f32", 'i': "i32", 'u': "u32", 'b': "bool"}
	switch {
	case strings.HasPrefix(t, "mat"):
		return int(t[3] - '0'), int(t[5] - '0'), "f32"
	case strings.HasPrefix(t, "vec"):
		return 1, int(t[3] - '0'), kinds[t[4]]
	}
	return 1, 1, t
}

func words(t string) int {
	c, r, _ := shape(t)
	return c * r
}

// read gives the text of a value of type t made of the words of a row from at on.
func read(t string, at int) string {
	_, _, scalar := shape(t)
	var parts []string
	for n := range words(t) {
		w := fmt.Sprintf("src[at + %du]", at+n)
		switch scalar {
		case "bool":
			w = "(" + w + " & 1u) == 1u"
		case "u32":
		default:
			w = "bitcast<" + scalar + ">(" + w + ")"
		}
		parts = append(parts, w)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return spell(t) + "(" + strings.Join(parts, ", ") + ")"
}

// write gives statements that store the value v of type t as words.
func write(v, t string, at int) string {
	columns, rows, scalar := shape(t)
	var b strings.Builder
	for n := range columns * rows {
		x := v
		if columns > 1 {
			x = fmt.Sprintf("%s[%d][%d]", v, n/rows, n%rows)
		} else if rows > 1 {
			x = fmt.Sprintf("%s[%d]", v, n)
		}
		if scalar == "bool" {
			x = "select(0u, 1u, " + x + ")"
		} else {
			x = "bitcast<u32>(" + x + ")"
		}
		fmt.Fprintf(&b, "  dst[to + %du] = %s;\n", at+n, x)
	}
	return b.String()
}

// program makes a kernel of forms: each row of operands gives a row of results.
func program(list []form) (source string, in, out int) {
	var body strings.Builder
	for n, f := range list {
		expr, at := f.expr, 0
		for a, t := range f.args {
			fmt.Fprintf(&body, "  let a%d_%d = %s;\n", n, a, read(t, at))
			expr = strings.ReplaceAll(expr, "$"+strconv.Itoa(a), fmt.Sprintf("a%d_%d", n, a))
			at += words(t)
		}
		in = max(in, at)
		fmt.Fprintf(&body, "  let r%d = %s;\n%s", n, expr, write(fmt.Sprintf("r%d", n), f.result, out))
		out += words(f.result)
	}
	return fmt.Sprintf(`@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<storage, read_write> dst: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
  let at = g.x * %du;
  let to = g.x * %du;
%s}
`, in, out, body.String()), in, out
}

// whatFails describes a word of the results.
func whatFails(list []form, rows []uint32, in, out, word int) string {
	row, at := word/out, word%out
	for _, f := range list {
		if n := words(f.result); at >= n {
			at -= n
			continue
		}
		total := 0
		for _, t := range f.args {
			total += words(t)
		}
		return fmt.Sprintf("component %d of %s with (%s) from words %#08x", at, f.expr, strings.Join(f.args, ", "), rows[row*in:row*in+total])
	}
	return "a word past all results"
}
