package cpu

import "github.com/gwrun/gwrun/kernels/ir"

// libmNames names the functions of libm by operator.
var libmNames = map[ir.Op]string{
	ir.OpFExp: "exp", ir.OpFExp2: "exp2", ir.OpFLog: "log", ir.OpFLog2: "log2", ir.OpFSin: "sin", ir.OpFCos: "cos",
	ir.OpFTan: "tan", ir.OpFTanh: "tanh", ir.OpFAsin: "asin", ir.OpFAcos: "acos", ir.OpFAtan: "atan",
	ir.OpFSinh: "sinh", ir.OpFCosh: "cosh", ir.OpFAsinh: "asinh", ir.OpFAcosh: "acosh", ir.OpFAtanh: "atanh",
	ir.OpFInvSqrt: "invsqrt",
}
