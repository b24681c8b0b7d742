@diagnostic(off, derivative_uniformity) const a = 1;
// error 1:1 attribute @diagnostic is not allowed on a const
