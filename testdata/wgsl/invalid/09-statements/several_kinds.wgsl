const a: u32 = -1;
struct S { x: u33, y: u32, y: f32 }
fn f(p: u32) -> u32 {
  let b = p + 1.5;
  var c = b + q;
  for (var i = 0; i < p; i++) { c = i; p = 2; }
  return true;
}
// error 1:16 value -1 cannot be represented as u32
// error 2:15 unknown type "u33"
// error 4:13 operator "+" cannot take u32 and abstract-float
// error 6:21 operator "<" cannot take i32 and u32
// error 7:10 the returned value is bool, want u32
