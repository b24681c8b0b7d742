var<private> g: u32; fn f(p: ptr<function, u32>) {} fn h() { f(&g); }
// error 1:64 argument p is ptr<private, u32>, want ptr<function, u32>
