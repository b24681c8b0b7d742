@group(0) @binding(0) var<storage> a: array<array<u32, 1000000>, 1000000>;
// error 1:66 array<array<u32, 1000000>, 1000000> is larger than 2147483648 bytes
