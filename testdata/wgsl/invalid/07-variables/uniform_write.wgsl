@group(0) @binding(0) var<uniform> a: vec4u; fn f() { a.x = 1; }
// error 1:55 memory in address space uniform with access read cannot be written
