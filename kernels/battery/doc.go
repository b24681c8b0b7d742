// Package battery holds every stack that can run a kernel against the interpreter, bit for bit: the CPU device, each
// Vulkan driver and hardware adapter in each lowering, and Dawn running the canonical WGSL. It has tests only:
//
//   - TestRandom: randomly generated kernels, of IR and of WGSL; 2,000 of them with -battery.
//   - TestBuiltins: every builtin function of WGSL over hard operands.
//   - TestFunctions: the functions of one operand on the devices against the CPU device, with -exhaustive on all inputs.
//   - TestControls: lowerings known to be wrong must be found out, or none of the above proves anything.
//   - TestDifferential: generated kernels for as long as -for says.
//
// -stacks picks the stacks, -gpu adds the adapters that the Vulkan loader finds by itself.
package battery
