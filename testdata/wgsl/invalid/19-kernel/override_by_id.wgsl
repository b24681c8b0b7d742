// override: n=1
@id(3) override n: i32;
@compute @workgroup_size(1) fn main() { }
// kernel-error 1:1 override "n" has @id(3) and is given by that number, not by its name
