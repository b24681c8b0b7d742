@group(0) @binding(0) var<uniform, read> a: u32;
// error 1:36 a variable in address space uniform takes no access mode
