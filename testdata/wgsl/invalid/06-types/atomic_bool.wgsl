var<workgroup> a: atomic<bool>;
// error 1:19 atomic<bool> does not exist; an atomic holds an i32 or u32
