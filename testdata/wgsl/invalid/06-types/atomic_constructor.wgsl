const a = atomic<u32>(1);
// error 1:11 a value of type atomic<u32> cannot be constructed
