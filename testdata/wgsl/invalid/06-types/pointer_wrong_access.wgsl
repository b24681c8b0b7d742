@group(0) @binding(0) var<storage, read> g: u32; fn f(p: ptr<storage, u32, read_write>) {} fn h() { f(&g); }
// error 1:103 argument p is ptr<storage, u32, read>, want ptr<storage, u32, read_write>
