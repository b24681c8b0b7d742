@align(4) var<private> a: u32;
// error 1:1 attribute @align is not allowed on a variable in address space private
