@group(0) @binding(0) var<storage, write> a: u32;
// error 1:36 access mode write is for textures; storage has read and read_write
