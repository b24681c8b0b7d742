//! How Rust lays out the structures, and all imports. Written by sdk/gen: do not edit.

use gwrun::raw::*;
use std::mem::size_of;

macro_rules! layout {
    ($to:ident $name:ident $($field:ident)*) => {
        let v = $name::default();
        let begin = &v as *const _ as usize;
        $to.push((stringify!($name), size_of::<$name>()));
        $($to.push((concat!(stringify!($name), ".", stringify!($field)), &v.$field as *const _ as usize - begin));)*
    };
}

pub fn table() -> Vec<(&'static str, usize)> {
    let mut t = Vec::new();
    layout!(t WGPUStringView data length);
    layout!(t WGPUChainedStruct next sType);
    layout!(t WGPUFuture id);
    layout!(t WGPUBufferMapCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUCompilationInfoCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUCreateComputePipelineAsyncCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUDeviceLostCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUPopErrorScopeCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUQueueWorkDoneCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPURequestAdapterCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPURequestDeviceCallbackInfo nextInChain mode callback userdata1 userdata2);
    layout!(t WGPUUncapturedErrorCallbackInfo nextInChain callback userdata1 userdata2);
    layout!(t WGPUAdapterInfo nextInChain vendor architecture device description backendType adapterType vendorID deviceID subgroupMinSize subgroupMaxSize);
    layout!(t WGPUBufferBindingLayout nextInChain r#type hasDynamicOffset minBindingSize);
    layout!(t WGPUSamplerBindingLayout nextInChain r#type);
    layout!(t WGPUTextureBindingLayout nextInChain sampleType viewDimension multisampled);
    layout!(t WGPUStorageTextureBindingLayout nextInChain access format viewDimension);
    layout!(t WGPUBufferDescriptor nextInChain label usage size mappedAtCreation);
    layout!(t WGPUCommandBufferDescriptor nextInChain label);
    layout!(t WGPUCommandEncoderDescriptor nextInChain label);
    layout!(t WGPUCompilationMessage nextInChain message r#type lineNum linePos offset length);
    layout!(t WGPUCompilationInfo nextInChain messageCount messages);
    layout!(t WGPUConstantEntry nextInChain key value);
    layout!(t WGPUInstanceLimits nextInChain timedWaitAnyMaxCount);
    layout!(t WGPUInstanceDescriptor nextInChain requiredFeatureCount requiredFeatures requiredLimits);
    layout!(t WGPUPassTimestampWrites nextInChain querySet beginningOfPassWriteIndex endOfPassWriteIndex);
    layout!(t WGPUComputePassDescriptor nextInChain label timestampWrites);
    layout!(t WGPUPipelineLayoutDescriptor nextInChain label bindGroupLayoutCount bindGroupLayouts immediateSize);
    layout!(t WGPUQueueDescriptor nextInChain label);
    layout!(t WGPUShaderSourceSPIRV chain codeSize code);
    layout!(t WGPUShaderSourceWGSL chain code);
    layout!(t WGPUShaderModuleDescriptor nextInChain label);
    layout!(t WGPUSupportedFeatures featureCount features);
    layout!(t WGPUSupportedInstanceFeatures featureCount features);
    layout!(t WGPUSupportedWGSLLanguageFeatures featureCount features);
    layout!(t WGPUBindGroupEntry nextInChain binding buffer offset size sampler textureView);
    layout!(t WGPUBindGroupDescriptor nextInChain label layout entryCount entries);
    layout!(t WGPUBindGroupLayoutEntry nextInChain binding visibility bindingArraySize buffer sampler texture storageTexture);
    layout!(t WGPUBindGroupLayoutDescriptor nextInChain label entryCount entries);
    layout!(t WGPUComputeState nextInChain module entryPoint constantCount constants);
    layout!(t WGPUComputePipelineDescriptor nextInChain label layout compute);
    layout!(t WGPUFutureWaitInfo future completed);
    layout!(t WGPULimits nextInChain maxTextureDimension1D maxTextureDimension2D maxTextureDimension3D maxTextureArrayLayers maxBindGroups maxBindGroupsPlusVertexBuffers maxBindingsPerBindGroup maxDynamicUniformBuffersPerPipelineLayout maxDynamicStorageBuffersPerPipelineLayout maxSampledTexturesPerShaderStage maxSamplersPerShaderStage maxStorageBuffersPerShaderStage maxStorageTexturesPerShaderStage maxUniformBuffersPerShaderStage maxUniformBufferBindingSize maxStorageBufferBindingSize minUniformBufferOffsetAlignment minStorageBufferOffsetAlignment maxVertexBuffers maxBufferSize maxVertexAttributes maxVertexBufferArrayStride maxInterStageShaderVariables maxColorAttachments maxColorAttachmentBytesPerSample maxComputeWorkgroupStorageSize maxComputeInvocationsPerWorkgroup maxComputeWorkgroupSizeX maxComputeWorkgroupSizeY maxComputeWorkgroupSizeZ maxComputeWorkgroupsPerDimension maxImmediateSize);
    layout!(t WGPURequestAdapterOptions nextInChain featureLevel powerPreference forceFallbackAdapter backendType compatibleSurface);
    layout!(t WGPUDeviceDescriptor nextInChain label requiredFeatureCount requiredFeatures requiredLimits defaultQueue deviceLostCallbackInfo uncapturedErrorCallbackInfo);
    layout!(t gw_event future kind status handle r#type userdata1 userdata2 message_len reserved);
    t
}

pub fn imports() -> Vec<*const ()> {
    vec![
        wgpuCreateInstance as *const (),
        wgpuGetInstanceFeatures as *const (),
        wgpuGetInstanceLimits as *const (),
        wgpuHasInstanceFeature as *const (),
        wgpuAdapterGetFeatures as *const (),
        wgpuAdapterGetInfo as *const (),
        wgpuAdapterGetLimits as *const (),
        wgpuAdapterHasFeature as *const (),
        wgpuAdapterRequestDevice as *const (),
        wgpuAdapterInfoFreeMembers as *const (),
        wgpuBufferDestroy as *const (),
        wgpuBufferGetConstMappedRange as *const (),
        wgpuBufferGetMappedRange as *const (),
        wgpuBufferGetMapState as *const (),
        wgpuBufferGetSize as *const (),
        wgpuBufferGetUsage as *const (),
        wgpuBufferMapAsync as *const (),
        wgpuBufferReadMappedRange as *const (),
        wgpuBufferUnmap as *const (),
        wgpuBufferWriteMappedRange as *const (),
        wgpuCommandEncoderBeginComputePass as *const (),
        wgpuCommandEncoderClearBuffer as *const (),
        wgpuCommandEncoderCopyBufferToBuffer as *const (),
        wgpuCommandEncoderFinish as *const (),
        wgpuCommandEncoderInsertDebugMarker as *const (),
        wgpuCommandEncoderPopDebugGroup as *const (),
        wgpuCommandEncoderPushDebugGroup as *const (),
        wgpuComputePassEncoderDispatchWorkgroups as *const (),
        wgpuComputePassEncoderDispatchWorkgroupsIndirect as *const (),
        wgpuComputePassEncoderEnd as *const (),
        wgpuComputePassEncoderInsertDebugMarker as *const (),
        wgpuComputePassEncoderPopDebugGroup as *const (),
        wgpuComputePassEncoderPushDebugGroup as *const (),
        wgpuComputePassEncoderSetBindGroup as *const (),
        wgpuComputePassEncoderSetImmediates as *const (),
        wgpuComputePassEncoderSetPipeline as *const (),
        wgpuComputePipelineGetBindGroupLayout as *const (),
        wgpuDeviceCreateBindGroup as *const (),
        wgpuDeviceCreateBindGroupLayout as *const (),
        wgpuDeviceCreateBuffer as *const (),
        wgpuDeviceCreateCommandEncoder as *const (),
        wgpuDeviceCreateComputePipeline as *const (),
        wgpuDeviceCreateComputePipelineAsync as *const (),
        wgpuDeviceCreatePipelineLayout as *const (),
        wgpuDeviceCreateShaderModule as *const (),
        wgpuDeviceDestroy as *const (),
        wgpuDeviceGetAdapterInfo as *const (),
        wgpuDeviceGetFeatures as *const (),
        wgpuDeviceGetLimits as *const (),
        wgpuDeviceGetLostFuture as *const (),
        wgpuDeviceGetQueue as *const (),
        wgpuDeviceHasFeature as *const (),
        wgpuDevicePopErrorScope as *const (),
        wgpuDevicePushErrorScope as *const (),
        wgpuInstanceGetWGSLLanguageFeatures as *const (),
        wgpuInstanceHasWGSLLanguageFeature as *const (),
        wgpuInstanceProcessEvents as *const (),
        wgpuInstanceRequestAdapter as *const (),
        wgpuInstanceWaitAny as *const (),
        wgpuQueueOnSubmittedWorkDone as *const (),
        wgpuQueueSubmit as *const (),
        wgpuQueueWriteBuffer as *const (),
        wgpuShaderModuleGetCompilationInfo as *const (),
        wgpuSupportedFeaturesFreeMembers as *const (),
        wgpuSupportedInstanceFeaturesFreeMembers as *const (),
        wgpuSupportedWGSLLanguageFeaturesFreeMembers as *const (),
        wgpuBindGroupSetLabel as *const (),
        wgpuBindGroupLayoutSetLabel as *const (),
        wgpuBufferSetLabel as *const (),
        wgpuCommandBufferSetLabel as *const (),
        wgpuCommandEncoderSetLabel as *const (),
        wgpuComputePassEncoderSetLabel as *const (),
        wgpuComputePipelineSetLabel as *const (),
        wgpuDeviceSetLabel as *const (),
        wgpuPipelineLayoutSetLabel as *const (),
        wgpuQueueSetLabel as *const (),
        wgpuShaderModuleSetLabel as *const (),
        wgpuAdapterAddRef as *const (),
        wgpuAdapterRelease as *const (),
        wgpuBindGroupAddRef as *const (),
        wgpuBindGroupRelease as *const (),
        wgpuBindGroupLayoutAddRef as *const (),
        wgpuBindGroupLayoutRelease as *const (),
        wgpuBufferAddRef as *const (),
        wgpuBufferRelease as *const (),
        wgpuCommandBufferAddRef as *const (),
        wgpuCommandBufferRelease as *const (),
        wgpuCommandEncoderAddRef as *const (),
        wgpuCommandEncoderRelease as *const (),
        wgpuComputePassEncoderAddRef as *const (),
        wgpuComputePassEncoderRelease as *const (),
        wgpuComputePipelineAddRef as *const (),
        wgpuComputePipelineRelease as *const (),
        wgpuDeviceAddRef as *const (),
        wgpuDeviceRelease as *const (),
        wgpuInstanceAddRef as *const (),
        wgpuInstanceRelease as *const (),
        wgpuPipelineLayoutAddRef as *const (),
        wgpuPipelineLayoutRelease as *const (),
        wgpuQueueAddRef as *const (),
        wgpuQueueRelease as *const (),
        wgpuShaderModuleAddRef as *const (),
        wgpuShaderModuleRelease as *const (),
        gw_input_count as *const (),
        gw_input_name_len as *const (),
        gw_input_name as *const (),
        gw_input_find as *const (),
        gw_input_len as *const (),
        gw_input_read as *const (),
        gw_output_write as *const (),
        gw_arg_count as *const (),
        gw_arg_len as *const (),
        gw_arg_read as *const (),
        gw_log as *const (),
        gw_progress as *const (),
        gw_seed as *const (),
        gw_step_index as *const (),
        gw_event_take as *const (),
    ]
}
