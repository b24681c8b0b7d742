const a = modf(1.5).exp;
// error 1:21 structure __modf_result_abstract-float has no member "exp"
