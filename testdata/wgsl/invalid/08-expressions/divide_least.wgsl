const a = (-2147483647i - 1i) / -1i;
// error 1:31 "/" overflows i32: -2147483648 / -1
