var<private> a: vec5<f32>;
// error 1:17 unknown type "vec5"
