const a = array<u32, 3>(1, 2);
// error 1:11 array<u32, 3> is constructed from 3 values, found 2
