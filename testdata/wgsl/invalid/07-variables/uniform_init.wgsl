@group(0) @binding(0) var<uniform> a: vec4u = vec4u();
// error 1:47 a variable in address space uniform cannot have a value
