@group(0) @binding(0) var<uniform> u: vec4u; fn f() { u.xy = vec2(1, 2); }
// error 1:55 memory in address space uniform with access read cannot be written
