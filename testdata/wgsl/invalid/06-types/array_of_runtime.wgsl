@group(0) @binding(0) var<storage> a: array<array<u32>, 2>;
// error 1:45 array<u32> cannot be the element of an array
