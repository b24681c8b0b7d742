@group(0) @binding(0) var<storage, write_read> a: u32;
// error 1:36 "write_read" is not an access mode (read, write, read_write)
