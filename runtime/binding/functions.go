package binding

import "strings"

// Why says more about an import that is not offered, where there is more to say.
func Why(module, name string) string {
	switch {
	case module != "env":
		return ""
	case strings.HasPrefix(name, "wgpu"):
		return "it is not part of the compute subset of webgpu.h that a job can use"
	}
	return "it is a function of the program's that was not linked"
}

// gpuFunctions is the module env: what sdk/c/include/webgpu.h declares, in wasm32's C calling convention. A structure
// passed by value is a pointer to a copy, except WGPUFuture, whose single field is passed as itself.
func gpuFunctions() []*function {
	env := func(name, sig string, do func(*call)) *function { return def("env", name, sig, do) }
	fs := []*function{
		env("wgpuCreateInstance", "i:i", createInstance),
		env("wgpuGetInstanceFeatures", "i", func(c *call) { c.list(c.u32(0), instanceFeatures) }),
		env("wgpuGetInstanceLimits", "i:i", getInstanceLimits),
		env("wgpuHasInstanceFeature", "i:i", hasInstanceFeature),
		env("wgpuInstanceProcessEvents", "i", processEvents),
		env("wgpuInstanceRequestAdapter", "iii:l", requestAdapter),
		env("wgpuInstanceWaitAny", "iiil:i", waitAny),
		env("wgpuInstanceGetWGSLLanguageFeatures", "ii", languageFeatures),
		env("wgpuInstanceHasWGSLLanguageFeature", "ii:i", func(c *call) { c.object(c.u32(0), kindInstance) }),

		env("wgpuAdapterGetFeatures", "ii", getFeatures(kindAdapter)),
		env("wgpuAdapterGetInfo", "ii:i", getInfo(kindAdapter)),
		env("wgpuAdapterGetLimits", "ii:i", getLimits(kindAdapter)),
		env("wgpuAdapterHasFeature", "ii:i", hasFeature(kindAdapter)),
		env("wgpuAdapterRequestDevice", "iii:l", requestDevice),
		env("wgpuAdapterInfoFreeMembers", "i", freeInfo),
		env("wgpuSupportedFeaturesFreeMembers", "i", freeMembers),
		env("wgpuSupportedInstanceFeaturesFreeMembers", "i", freeMembers),
		env("wgpuSupportedWGSLLanguageFeaturesFreeMembers", "i", freeMembers),

		env("wgpuBufferDestroy", "i", destroyBuffer),
		env("wgpuBufferGetConstMappedRange", "iii:i", getMappedRange(false)),
		env("wgpuBufferGetMappedRange", "iii:i", getMappedRange(true)),
		env("wgpuBufferGetMapState", "i:i", getMapState),
		env("wgpuBufferGetSize", "i:l", getSize),
		env("wgpuBufferGetUsage", "i:l", getUsage),
		env("wgpuBufferMapAsync", "iliii:l", mapAsync),
		env("wgpuBufferReadMappedRange", "iiii:i", readMappedRange),
		env("wgpuBufferUnmap", "i", unmap),
		env("wgpuBufferWriteMappedRange", "iiii:i", writeMappedRange),

		env("wgpuCommandEncoderBeginComputePass", "ii:i", beginComputePass),
		env("wgpuCommandEncoderClearBuffer", "iill", clearBuffer),
		env("wgpuCommandEncoderCopyBufferToBuffer", "iilill", copyBufferToBuffer),
		env("wgpuCommandEncoderFinish", "ii:i", finishEncoder),
		env("wgpuCommandEncoderInsertDebugMarker", "ii", debugMarker(kindEncoder)),
		env("wgpuCommandEncoderPopDebugGroup", "i", debugGroup(kindEncoder, -1)),
		env("wgpuCommandEncoderPushDebugGroup", "ii", debugGroup(kindEncoder, 1)),

		env("wgpuComputePassEncoderDispatchWorkgroups", "iiii", dispatchWorkgroups),
		env("wgpuComputePassEncoderDispatchWorkgroupsIndirect", "iil", dispatchIndirect),
		env("wgpuComputePassEncoderEnd", "i", endPass),
		env("wgpuComputePassEncoderInsertDebugMarker", "ii", debugMarker(kindPass)),
		env("wgpuComputePassEncoderPopDebugGroup", "i", debugGroup(kindPass, -1)),
		env("wgpuComputePassEncoderPushDebugGroup", "ii", debugGroup(kindPass, 1)),
		env("wgpuComputePassEncoderSetBindGroup", "iiiii", setBindGroup),
		env("wgpuComputePassEncoderSetImmediates", "iiii", setImmediates),
		env("wgpuComputePassEncoderSetPipeline", "ii", setPipeline),
		env("wgpuComputePipelineGetBindGroupLayout", "ii:i", getBindGroupLayout),

		env("wgpuDeviceCreateBindGroup", "ii:i", createBindGroup),
		env("wgpuDeviceCreateBindGroupLayout", "ii:i", createBindGroupLayout),
		env("wgpuDeviceCreateBuffer", "ii:i", createBuffer),
		env("wgpuDeviceCreateCommandEncoder", "ii:i", createEncoder),
		env("wgpuDeviceCreateComputePipeline", "ii:i", createComputePipeline),
		env("wgpuDeviceCreateComputePipelineAsync", "iii:l", createComputePipelineAsync),
		env("wgpuDeviceCreatePipelineLayout", "ii:i", createPipelineLayout),
		env("wgpuDeviceCreateShaderModule", "ii:i", createShaderModule),
		env("wgpuDeviceDestroy", "i", destroyDevice),
		env("wgpuDeviceGetAdapterInfo", "ii:i", getInfo(kindDevice)),
		env("wgpuDeviceGetFeatures", "ii", getFeatures(kindDevice)),
		env("wgpuDeviceGetLimits", "ii:i", getLimits(kindDevice)),
		env("wgpuDeviceGetLostFuture", "i:l", getLostFuture),
		env("wgpuDeviceGetQueue", "i:i", getQueue),
		env("wgpuDeviceHasFeature", "ii:i", hasFeature(kindDevice)),
		env("wgpuDevicePoll", "ii:i", devicePoll), // not webgpu.h's but wgpu-native's, see wgpu.h
		env("wgpuDevicePopErrorScope", "ii:l", popErrorScope),
		env("wgpuDevicePushErrorScope", "ii", pushErrorScope),

		env("wgpuQueueOnSubmittedWorkDone", "ii:l", onSubmittedWorkDone),
		env("wgpuQueueSubmit", "iii", submit),
		env("wgpuQueueWriteBuffer", "iilii", writeBufferData),
		env("wgpuShaderModuleGetCompilationInfo", "ii:l", getCompilationInfo),
	}
	counted := map[string]kind{"Adapter": kindAdapter, "BindGroup": kindGroup, "BindGroupLayout": kindGroupLayout, "Buffer": kindBuffer,
		"CommandBuffer": kindCommands, "CommandEncoder": kindEncoder, "ComputePassEncoder": kindPass, "ComputePipeline": kindPipeline,
		"Device": kindDevice, "Instance": kindInstance, "PipelineLayout": kindPipelineLayout, "Queue": kindQueue, "ShaderModule": kindShader}
	for name, k := range counted {
		fs = append(fs,
			env("wgpu"+name+"AddRef", "i", func(c *call) { c.addRef(k) }),
			env("wgpu"+name+"Release", "i", func(c *call) { c.release(k) }))
		if k != kindAdapter && k != kindInstance {
			fs = append(fs, env("wgpu"+name+"SetLabel", "ii", setLabel(k)))
		}
	}
	for _, f := range fs {
		do := f.do
		f.do = func(c *call) {
			do(c)
			c.settle()
		}
	}
	return fs
}
