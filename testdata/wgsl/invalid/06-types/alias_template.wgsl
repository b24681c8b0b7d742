alias A = u32; var<private> a: A<u32>;
// error 1:32 type "A" takes no template arguments
