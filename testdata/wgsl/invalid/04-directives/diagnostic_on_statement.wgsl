fn f() { @diagnostic(off, derivative_uniformity) let a = 1; }
// error 1:10 attribute @diagnostic is not allowed before this statement
