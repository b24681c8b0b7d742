const a = array(1, 2); const b = a[2];
// error 1:36 index 2 is out of bounds of array<abstract-int, 2>
