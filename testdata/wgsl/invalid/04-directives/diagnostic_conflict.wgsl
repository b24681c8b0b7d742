diagnostic(off, derivative_uniformity);
diagnostic(info, derivative_uniformity);
// error 2:18 rule "derivative_uniformity" is set to "info" here and to "off" at 1:12
