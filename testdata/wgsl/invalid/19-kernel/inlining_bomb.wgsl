@group(0) @binding(0) var<storage, read_write> o: array<u32>;
fn a() { o[0] += 1; } fn b() { a(); a(); a(); a(); a(); a(); a(); a(); } fn c() { b(); b(); b(); b(); b(); b(); b(); b(); }
fn d() { c(); c(); c(); c(); c(); c(); c(); c(); } fn e() { d(); d(); d(); d(); d(); d(); d(); d(); } fn f() { e(); e(); e(); e(); e(); e(); e(); e(); }
fn g() { f(); f(); f(); f(); f(); f(); f(); f(); } fn h() { g(); g(); g(); g(); g(); g(); g(); g(); } fn i() { h(); h(); h(); h(); h(); h(); h(); h(); }
@compute @workgroup_size(1) fn main() { i(); i(); i(); i(); }
// kernel-error 2:10 the kernel is too large after inlining
