@diagnostic(off, derivative_uniformity) @diagnostic(error, derivative_uniformity) fn f() {}
// error 1:41 rule "derivative_uniformity" is set to "error" here and to "off" at 1:1
