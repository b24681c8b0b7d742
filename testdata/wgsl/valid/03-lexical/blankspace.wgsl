// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Every blankspace code point of the language separates tokens.
@compute @workgroup_size(1)
fn main() {
	out[0]	=1;‎ out[1]=‏2;out [ 2 ] =  3;
}
