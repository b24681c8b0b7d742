@vertex fn main() { }
// error 1:1 attribute @vertex is refused by the profile: it runs compute shaders only
