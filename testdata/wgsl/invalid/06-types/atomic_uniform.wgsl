@group(0) @binding(0) var<uniform> a: atomic<u32>;
// error 1:39 type atomic<u32> cannot be stored in address space uniform: it must be constructible and host-shareable
