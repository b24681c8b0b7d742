@group(0) @binding(0) var<storage> a: bool;
// error 1:39 type bool cannot be stored in address space storage: it must be host-shareable
