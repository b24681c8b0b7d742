@group(0) @binding(0) var<uniform> a: array<vec4f>;
// error 1:39 type array<vec4<f32>> cannot be stored in address space uniform: it must be constructible and host-shareable
