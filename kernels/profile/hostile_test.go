package profile

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// hostile are texts that were written to cost: each must be refused, or come out as a kernel of bounded size.
func hostile() map[string]string {
	const head = "@group(0) @binding(0) var<storage, read_write> o: array<u32>;\n"
	const entry = "@compute @workgroup_size(1) fn main() "
	rep := strings.Repeat
	kernel := func(body string) string { return head + entry + "{" + body + "}" }
	rows := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i, i+1)
		}
		return b.String()
	}
	cases := map[string]string{
		"spaces":                    rep(" ", 10<<20),
		"bytes":                     rep("\xff", 10<<20),
		"letters":                   rep("a", 10<<20),
		"a name of 1 MB":            "const " + rep("a", 1<<20-20) + " = 1;",
		"a number of 1 MB":          "const a = " + rep("1", 1<<20-20) + ";",
		"a float of 1 MB":           "const a = 1." + rep("1", 1<<20-20) + ";",
		"a hex float":               "const a = 0x1." + rep("1", 1<<20-20) + "p1;",
		"exponents":                 "const a = 1e" + rep("9", 1<<20-20) + ";",
		"hex exponents":             "const a = 0x1p" + rep("9", 1<<20-20) + ";",
		"comments":                  rep("/*", 1<<19-1),
		"comment ends":              rep("/**/", 1<<18-1),
		"semicolons":                rep(";", 1<<20),
		"bad characters":            rep("#", 1<<20),
		"quotes":                    rep("\"\n", 1<<19),
		"attributes":                rep("@a ", 1<<18),
		"diagnostics":               rep("@diagnostic(off,a)", 1<<15) + "fn f() {}",
		"directives":                rep("diagnostic(off,a);", 1<<15),
		"less":                      "const a = a" + rep("<a", 1<<19-20) + ";",
		"greater":                   "const a = a" + rep(">", 1<<20-20) + ";",
		"template pairs":            "const a = " + rep("a<a>", 1<<17) + ";",
		"else if":                   kernel(rep("if o[0]==0{}else ", 1<<15) + "{}"),
		"cases":                     kernel("switch o[0]{" + rows(40000, "case %d{o[%d]=1;}") + "default{}}"),
		"selectors":                 kernel("switch o[0]{case " + rows(60000, "%d,") + "{}default{}}"),
		"same selectors":            kernel("switch o[0]{case " + rep("1,", 1<<18) + "{}default{}}"),
		"faults":                    "fn f(){" + rep("a=1;", 1<<17) + "}",
		"faults in types":           rows(30000, "var<private>a%d:b%d;"),
		"syntax faults":             rep("fn f(){a b;}", 1<<16),
		"declared twice":            rep("const a=1;", 1<<16),
		"conversions":               kernel(rows(20000, "let a%d:f32=%d;")),
		"statements":                kernel(rep("o[0]+=1;", 1<<16)),
		"variables":                 kernel(rows(30000, "var a%d=o[%d];")),
		"private variables":         rows(20000, "var<private>a%d:vec4u=vec4u(%d);") + kernel(""),
		"used privates":             rows(4000, "var<private>a%d:vec4u;\n// %d\n") + kernel(rows(4000, "a%d.x=%d;")),
		"functions":                 rows(20000, "fn f%d(){let x=%d;}") + kernel(""),
		"call chain":                "fn f0(){o[0]=1;}" + rows(15000, "fn g%d(){}\n//%d\n") + head + rows(15000, "fn f%[2]d(){f%[1]d();}") + entry + "{f15000();}",
		"call tree":                 head + "fn f0(){o[0]+=1;}" + rows(60, "fn f%[2]d(){f%[1]d();f%[1]d();}") + entry + "{f60();}",
		"call tree, empty":          head + "fn f0(){}" + rows(60, "fn f%[2]d(){f%[1]d();f%[1]d();}") + entry + "{f60();}",
		"value tree":                head + "fn f0(x:u32)->u32{return x*3;}" + rows(60, "fn f%[2]d(x:u32)->u32{return f%[1]d(x)+f%[1]d(x+1);}") + entry + "{o[0]=f60(o[1]);}",
		"loop tree":                 head + "fn f0(){o[0]+=1;}" + rows(60, "fn f%[2]d(){for(var i=0;i<9;i++){f%[1]d();f%[1]d();}}") + entry + "{f60();}",
		"barrier tree":              head + "fn f0(){workgroupBarrier();}" + rows(60, "fn f%[2]d(){f%[1]d();f%[1]d();}") + entry + "{f60();}",
		"wide calls":                head + "fn f(){" + rep("o[0]+=1;", 1<<10) + "}\n" + entry + "{" + rep("f();", 1<<15) + "}",
		"const tree":                "const a0=1;" + rows(5000, "const a%[2]d=a%[1]d+a%[1]d-a%[1]d;"),
		"const doubling":            "const a0=1;" + rows(5000, "const a%[2]d=a%[1]d+a%[1]d;"),
		"const arrays":              "const a0=array(1,2);" + rows(50, "const a%[2]d=array(a%[1]d,a%[1]d);"),
		"const chain":               rows(15000, "const a%[1]d=a%[2]d;"),
		"zero arrays":               "const a=0" + rep("+array<u32,65536>()[0]", 1<<12) + ";",
		"zero arrays apart":         rows(20000, "const a%d=array<u32,65536>()[%d];"),
		"zero structs":              "struct S{a:array<vec4f,16384>}" + rows(20000, "const a%d=S().a[%d];"),
		"converted arrays":          "const a=array<vec4f,16000>();const b=array(" + rep("1,", 60000) + "2);" + rows(10000, "const c%d:array<f32,60001>=b;//%d\n"),
		"nested consts":             "const a=array(" + rep("1,", 60000) + "2);" + rows(10000, "const c%d=array(a)[0][%d];"),
		"vector constants":          "const a=vec4(1.5)" + rep("*vec4(1.5)/vec4(1.5)", 1<<12) + ";",
		"transcendentals":           rows(20000, "const a%d=sin(%d.5)+pow(1.5,2.5);"),
		"struct doubling":           "struct S0{a:u32,b:u32}" + rows(60, "struct S%[2]d{a:S%[1]d,b:S%[1]d}") + kernel("var s:S60;o[0]=1;"),
		"struct doubling 2":         "struct S0{a:u32,b:u32}" + rows(60, "struct S%[2]d{a:S%[1]d,b:S%[1]d}") + "@group(0)@binding(1)var<storage,read_write>s:S60;" + kernel("s=S60();"),
		"struct chain":              "struct S0{a:u32}" + rows(5000, "struct S%[2]d{a:S%[1]d}") + "var<private>p:S5000;",
		"wide struct":               "struct S{" + rows(30000, "a%d:u32,//%d\n") + "}var<private>p:S;",
		"alias chain":               "alias A0=u32;" + rows(20000, "alias A%[2]d=A%[1]d;") + "var<private>p:A20000;",
		"alias arrays":              "alias A0=u32;" + rows(60, "alias A%[2]d=array<A%[1]d,2>;") + "var<private>p:A60;",
		"array depth":               "var<private>a:" + rep("array<", 100000) + "u32" + rep(",1>", 100000) + ";",
		"array width":               "var<private>a:array<array<array<array<u32,65535>,65535>,65535>,65535>;",
		"array u32":                 "var<private>a:array<u32,4294967295>;",
		"array i64":                 "var<workgroup>a:array<u32,9223372036854775807>;",
		"array storage":             "@group(0)@binding(1)var<storage,read_write>a:array<u32,536870912>;" + kernel("a[5]=1;let b=a;"),
		"array storage value":       "@group(0)@binding(1)var<storage,read_write>a:array<u32,4000000>;" + kernel("let b=a;a=b;"),
		"array private":             "var<private>a:array<u32,1000000>;" + kernel("a[o[0]]=1;"),
		"array workgroup":           "var<workgroup>a:array<u32,1000000>;" + kernel("a[o[0]]=1;"),
		"array function":            kernel("var a:array<u32,1000000>;a[o[0]]=1;"),
		"array let":                 kernel("let a=array<u32,65536>();o[0]=a[o[1]];"),
		"array tables":              kernel(rows(200, "o[%d]=array<u32,60000>()[o[%d]];")),
		"many small arrays":         kernel(rows(20000, "{var a=array(1u,2,3,4);a[o[%d]]=5;o[%d]=a[0];}")),
		"matrix products":           kernel("var m=mat4x4f();" + rep("m=m*m*m*m*m*m*m*m;", 1<<14) + "o[0]=u32(m[0][0]);"),
		"long products":             kernel("var m=mat4x4f();m=m" + rep("*m", 4000) + ";o[0]=u32(m[0][0]);"),
		"recursion":                 "fn f(){f();}",
		"mutual recursion":          rows(10000, "fn f%[1]d(){f%[2]d();}") + "fn f10000(){f0();}",
		"override tree":             "override a0=1;" + rows(5000, "override a%[2]d=a%[1]d+a%[1]d-a%[1]d;") + kernel("o[0]=u32(a5000);"),
		"override arrays":           "override n=1000000000;" + rows(2000, "var<workgroup>a%d:array<u32,n*%d>;") + kernel(rows(2000, "a%d[%d]=1;")),
		"pointers":                  "fn f0(p:ptr<function,u32>){*p=1;}" + rows(60, "fn f%[2]d(p:ptr<function,u32>){f%[1]d(p);f%[1]d(p);}") + kernel("var a:array<u32,2>;f60(&a[1]);o[0]=a[1];"),
		"parameters":                "fn f(" + rows(20000, "a%d:u32,//%d\n") + "){}",
		"arguments":                 "fn f(a:u32){}fn g(){f(" + rep("1,", 1<<18) + ");}",
		"nested ifs":                kernel(rep("if o[0]>1{", 250) + "o[0]=1;" + rep("}", 250)),
		"nested loops":              kernel(rep("for(var i=0;i<9;i++){", 250) + "o[0]+=1;" + rep("}", 250)),
		"nested loops and barriers": kernel(rep("for(var i=0u;i<o[0];i++){", 60) + "o[0]+=1;workgroupBarrier();" + rep("}", 60)),
		"nested switches":           kernel(rep("switch o[0]{default{", 120) + "o[0]=1;" + rep("}}", 120)),
		"loops in a row":            kernel(rows(20000, "for(var i=%d;i<%d;i++){}")),
		"returns in a row":          kernel(rep("if o[0]>1{return;}", 30000)),
		"returns in loops":          head + "fn f()->u32{" + rep("for(;;){if o[0]>1{return 1;}if o[0]<9{break;}}", 8000) + "return 2;}" + entry + "{o[0]=f();}",
		"short circuits":            kernel("let a=o[0]>1" + rep("&&o[1]>o[2]", 4000) + ";o[0]=u32(a);"),
		"short circuits nested":     kernel("let a=" + rep("(o[0]>1&&", 120) + "true" + rep(")", 120) + ";o[0]=u32(a);"),
	}
	for name, part := range map[string][2]string{
		"parentheses": {"(", ")"}, "braces": {"{", "}"}, "brackets": {"a[", "]"}, "templates": {"a<", ">"}, "calls": {"f(", ")"}, "signs": {"-", ""}, "stars": {"*", ""},
		"ampersands": {"&", ""}, "bangs": {"!", ""}, "vectors": {"vec2(", ")"}, "arrays": {"array<", ",1>"}, "points": {"a.", ""},
	} {
		cases["10 MB of "+name] = "const a = " + rep(part[0], 10<<20/len(part[0])) + rep(part[1], 10<<20/len(part[0]))
		cases["1 MB of "+name] = "const a = " + rep(part[0], (1<<20-20)/(len(part[0])+len(part[1]))) + rep(part[1], (1<<20-20)/(len(part[0])+len(part[1])))
		cases["statements of "+name] = "fn f() {" + rep(part[0], 1<<17/len(part[0])) + rep(part[1], 1<<17/len(part[0]))
		cases["200 of "+name] = "fn f(a:vec2u){_=" + rep(part[0], 200) + "1" + rep(part[1], 200) + ";}"
	}
	for name, open := range map[string]string{"ifs": "if true{", "loops": "loop{", "fors": "for(;;){", "whiles": "while true{", "blocks": "{", "switches": "switch 1{default{", "continuings": "loop{continuing{"} {
		cases["1 MB of "+name] = "fn f(){" + rep(open, (1<<20-20)/len(open))
	}
	return cases
}

// TestHostile gives the front end texts that were written to cost. Each is refused, or comes out as a kernel within the
// limits, and neither takes more memory or work than the size of the largest text allows. Work is counted as CPU time of
// this process, which other processes do not add to; the bound is twenty times what the worst of them needs.
func TestHostile(t *testing.T) {
	const (
		mostBytes   = 768 << 20 // allocated in all, most of it long dead; about 700 bytes for each byte of the text
		mostSeconds = 30
	)
	texts := hostile()
	for name, msg := range refused {
		if texts[name] == "" {
			t.Errorf("no text %q", name)
		}
		if _, err := Check(texts[name]); err == nil || !strings.Contains(err.Error(), msg) {
			t.Errorf("%s: %v, want %q", name, err, msg)
		}
	}
	for name, src := range texts {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu := cpuSeconds()
		insts := 0
		m, err := Check(src)
		if err == nil && len(m.Entries()) > 0 {
			k, err2 := m.Emit("main", nil)
			if err = err2; k != nil {
				insts = k.NumInsts
			}
		}
		cpu = cpuSeconds() - cpu
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > mostBytes {
			t.Errorf("%s: %d MiB allocated, at most %d", name, n>>20, mostBytes>>20)
		}
		if cpu > mostSeconds {
			t.Errorf("%s: %.1f s of CPU, at most %d", name, cpu, mostSeconds)
		}
		if insts > ir.MaxInsts {
			t.Errorf("%s: a kernel of %d instructions", name, insts)
		}
		var errs Errors
		if err != nil && (!errors.As(err, &errs) || len(errs) == 0 || len(errs) > syntax.MaxErrors) {
			t.Errorf("%s: %d errors: %.200v", name, len(errs), err)
		}
		for _, e := range errs {
			if len(e.Msg) > 1024 {
				t.Errorf("%s: a message of %d bytes", name, len(e.Msg))
			}
		}
	}
}

// refused are texts of hostile that must be refused by Check, and why.
var refused = map[string]string{
	"spaces": "at most", "10 MB of parentheses": "at most", "10 MB of templates": "at most", "1 MB of parentheses": "nested deeper", "1 MB of blocks": "nested deeper",
	"1 MB of ifs": "nested deeper", "array depth": "nested deeper", "array width": "is larger than", "array u32": "is larger than", "array i64": "is larger than",
	"recursion": "recursion is forbidden", "mutual recursion": "recursion is forbidden", "const doubling": "overflows", "const arrays": "at most",
	"zero arrays": "the constants of this text", "zero arrays apart": "the constants of this text",
	"array function": "bytes", "parameters": "at most 255", "wide struct": "1023 members", "struct chain": "nested deeper", "const chain": "more than 200 deep",
}
