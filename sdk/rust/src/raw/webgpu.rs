//! `webgpu.h`, its compute part. Written by sdk/gen from sdk/c/include/webgpu.h: do not edit.
#![allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals, clippy::all)]

use core::ffi::c_void;

pub type WGPUFlags = u64;

pub const WGPU_TRUE: WGPUBool = 1;
pub const WGPU_FALSE: WGPUBool = 0;
pub const WGPU_LIMIT_U32_UNDEFINED: u32 = u32::MAX;
pub const WGPU_LIMIT_U64_UNDEFINED: u64 = u64::MAX;
pub const WGPU_STRLEN: usize = usize::MAX;
pub const WGPU_WHOLE_MAP_SIZE: usize = usize::MAX;
pub const WGPU_WHOLE_SIZE: u64 = u64::MAX;

macro_rules! handles {
    ($($name:ident,)*) => { $(
        /// The number of an object; 0 is none.
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name(pub u32);
    )* };
}

// Default is all zeros, as {0} in C.
macro_rules! structure {
    ($(#[$repr:meta])* $name:ident { $($field:ident: $t:ty,)* }) => {
        $(#[$repr])*
        #[derive(Clone, Copy)]
        pub struct $name { $(pub $field: $t,)* }

        impl Default for $name {
            fn default() -> Self {
                // SAFETY: numbers, pointers, handles and Option of functions, all of which may be zero.
                unsafe { core::mem::zeroed() }
            }
        }
    };
}

// Objects.

handles! {
    WGPUAdapter,
    WGPUBindGroup,
    WGPUBindGroupLayout,
    WGPUBuffer,
    WGPUCommandBuffer,
    WGPUCommandEncoder,
    WGPUComputePassEncoder,
    WGPUComputePipeline,
    WGPUDevice,
    WGPUInstance,
    WGPUPipelineLayout,
    WGPUQuerySet,
    WGPUQueue,
    WGPUSampler,
    WGPUShaderModule,
    WGPUSurface,
    WGPUTextureView,
}

// Enumerations.

pub type WGPUBool = u32;

pub type WGPUAdapterType = u32;
pub const WGPUAdapterType_DiscreteGPU: WGPUAdapterType = 1;
pub const WGPUAdapterType_IntegratedGPU: WGPUAdapterType = 2;
pub const WGPUAdapterType_CPU: WGPUAdapterType = 3;
pub const WGPUAdapterType_Unknown: WGPUAdapterType = 4;

pub type WGPUBackendType = u32;
pub const WGPUBackendType_Undefined: WGPUBackendType = 0;
pub const WGPUBackendType_Null: WGPUBackendType = 1;
pub const WGPUBackendType_WebGPU: WGPUBackendType = 2;
pub const WGPUBackendType_D3D11: WGPUBackendType = 3;
pub const WGPUBackendType_D3D12: WGPUBackendType = 4;
pub const WGPUBackendType_Metal: WGPUBackendType = 5;
pub const WGPUBackendType_Vulkan: WGPUBackendType = 6;
pub const WGPUBackendType_OpenGL: WGPUBackendType = 7;
pub const WGPUBackendType_OpenGLES: WGPUBackendType = 8;

pub type WGPUBufferBindingType = u32;
pub const WGPUBufferBindingType_BindingNotUsed: WGPUBufferBindingType = 0;
pub const WGPUBufferBindingType_Undefined: WGPUBufferBindingType = 1;
pub const WGPUBufferBindingType_Uniform: WGPUBufferBindingType = 2;
pub const WGPUBufferBindingType_Storage: WGPUBufferBindingType = 3;
pub const WGPUBufferBindingType_ReadOnlyStorage: WGPUBufferBindingType = 4;

pub type WGPUBufferMapState = u32;
pub const WGPUBufferMapState_Unmapped: WGPUBufferMapState = 1;
pub const WGPUBufferMapState_Pending: WGPUBufferMapState = 2;
pub const WGPUBufferMapState_Mapped: WGPUBufferMapState = 3;

pub type WGPUCallbackMode = u32;
pub const WGPUCallbackMode_WaitAnyOnly: WGPUCallbackMode = 1;
pub const WGPUCallbackMode_AllowProcessEvents: WGPUCallbackMode = 2;
pub const WGPUCallbackMode_AllowSpontaneous: WGPUCallbackMode = 3;

pub type WGPUCompilationInfoRequestStatus = u32;
pub const WGPUCompilationInfoRequestStatus_Success: WGPUCompilationInfoRequestStatus = 1;
pub const WGPUCompilationInfoRequestStatus_CallbackCancelled: WGPUCompilationInfoRequestStatus = 2;

pub type WGPUCompilationMessageType = u32;
pub const WGPUCompilationMessageType_Error: WGPUCompilationMessageType = 1;
pub const WGPUCompilationMessageType_Warning: WGPUCompilationMessageType = 2;
pub const WGPUCompilationMessageType_Info: WGPUCompilationMessageType = 3;

pub type WGPUCreatePipelineAsyncStatus = u32;
pub const WGPUCreatePipelineAsyncStatus_Success: WGPUCreatePipelineAsyncStatus = 1;
pub const WGPUCreatePipelineAsyncStatus_CallbackCancelled: WGPUCreatePipelineAsyncStatus = 2;
pub const WGPUCreatePipelineAsyncStatus_ValidationError: WGPUCreatePipelineAsyncStatus = 3;
pub const WGPUCreatePipelineAsyncStatus_InternalError: WGPUCreatePipelineAsyncStatus = 4;

pub type WGPUDeviceLostReason = u32;
pub const WGPUDeviceLostReason_Unknown: WGPUDeviceLostReason = 1;
pub const WGPUDeviceLostReason_Destroyed: WGPUDeviceLostReason = 2;
pub const WGPUDeviceLostReason_CallbackCancelled: WGPUDeviceLostReason = 3;
pub const WGPUDeviceLostReason_FailedCreation: WGPUDeviceLostReason = 4;

pub type WGPUErrorFilter = u32;
pub const WGPUErrorFilter_Validation: WGPUErrorFilter = 1;
pub const WGPUErrorFilter_OutOfMemory: WGPUErrorFilter = 2;
pub const WGPUErrorFilter_Internal: WGPUErrorFilter = 3;

pub type WGPUErrorType = u32;
pub const WGPUErrorType_NoError: WGPUErrorType = 1;
pub const WGPUErrorType_Validation: WGPUErrorType = 2;
pub const WGPUErrorType_OutOfMemory: WGPUErrorType = 3;
pub const WGPUErrorType_Internal: WGPUErrorType = 4;
pub const WGPUErrorType_Unknown: WGPUErrorType = 5;

pub type WGPUFeatureLevel = u32;
pub const WGPUFeatureLevel_Undefined: WGPUFeatureLevel = 0;
pub const WGPUFeatureLevel_Compatibility: WGPUFeatureLevel = 1;
pub const WGPUFeatureLevel_Core: WGPUFeatureLevel = 2;

pub type WGPUFeatureName = u32;
pub const WGPUFeatureName_CoreFeaturesAndLimits: WGPUFeatureName = 1;
pub const WGPUFeatureName_DepthClipControl: WGPUFeatureName = 2;
pub const WGPUFeatureName_Depth32FloatStencil8: WGPUFeatureName = 3;
pub const WGPUFeatureName_TextureCompressionBC: WGPUFeatureName = 4;
pub const WGPUFeatureName_TextureCompressionBCSliced3D: WGPUFeatureName = 5;
pub const WGPUFeatureName_TextureCompressionETC2: WGPUFeatureName = 6;
pub const WGPUFeatureName_TextureCompressionASTC: WGPUFeatureName = 7;
pub const WGPUFeatureName_TextureCompressionASTCSliced3D: WGPUFeatureName = 8;
pub const WGPUFeatureName_TimestampQuery: WGPUFeatureName = 9;
pub const WGPUFeatureName_IndirectFirstInstance: WGPUFeatureName = 10;
pub const WGPUFeatureName_ShaderF16: WGPUFeatureName = 11;
pub const WGPUFeatureName_RG11B10UfloatRenderable: WGPUFeatureName = 12;
pub const WGPUFeatureName_BGRA8UnormStorage: WGPUFeatureName = 13;
pub const WGPUFeatureName_Float32Filterable: WGPUFeatureName = 14;
pub const WGPUFeatureName_Float32Blendable: WGPUFeatureName = 15;
pub const WGPUFeatureName_ClipDistances: WGPUFeatureName = 16;
pub const WGPUFeatureName_DualSourceBlending: WGPUFeatureName = 17;
pub const WGPUFeatureName_Subgroups: WGPUFeatureName = 18;
pub const WGPUFeatureName_TextureFormatsTier1: WGPUFeatureName = 19;
pub const WGPUFeatureName_TextureFormatsTier2: WGPUFeatureName = 20;
pub const WGPUFeatureName_PrimitiveIndex: WGPUFeatureName = 21;
pub const WGPUFeatureName_TextureComponentSwizzle: WGPUFeatureName = 22;
pub const WGPUFeatureName_SubgroupSizeControl: WGPUFeatureName = 23;

pub type WGPUInstanceFeatureName = u32;
pub const WGPUInstanceFeatureName_TimedWaitAny: WGPUInstanceFeatureName = 1;
pub const WGPUInstanceFeatureName_ShaderSourceSPIRV: WGPUInstanceFeatureName = 2;
pub const WGPUInstanceFeatureName_MultipleDevicesPerAdapter: WGPUInstanceFeatureName = 3;

pub type WGPUMapAsyncStatus = u32;
pub const WGPUMapAsyncStatus_Success: WGPUMapAsyncStatus = 1;
pub const WGPUMapAsyncStatus_CallbackCancelled: WGPUMapAsyncStatus = 2;
pub const WGPUMapAsyncStatus_Error: WGPUMapAsyncStatus = 3;
pub const WGPUMapAsyncStatus_Aborted: WGPUMapAsyncStatus = 4;

pub type WGPUPopErrorScopeStatus = u32;
pub const WGPUPopErrorScopeStatus_Success: WGPUPopErrorScopeStatus = 1;
pub const WGPUPopErrorScopeStatus_CallbackCancelled: WGPUPopErrorScopeStatus = 2;
pub const WGPUPopErrorScopeStatus_Error: WGPUPopErrorScopeStatus = 3;

pub type WGPUPowerPreference = u32;
pub const WGPUPowerPreference_Undefined: WGPUPowerPreference = 0;
pub const WGPUPowerPreference_LowPower: WGPUPowerPreference = 1;
pub const WGPUPowerPreference_HighPerformance: WGPUPowerPreference = 2;

pub type WGPUQueueWorkDoneStatus = u32;
pub const WGPUQueueWorkDoneStatus_Success: WGPUQueueWorkDoneStatus = 1;
pub const WGPUQueueWorkDoneStatus_CallbackCancelled: WGPUQueueWorkDoneStatus = 2;
pub const WGPUQueueWorkDoneStatus_Error: WGPUQueueWorkDoneStatus = 3;

pub type WGPURequestAdapterStatus = u32;
pub const WGPURequestAdapterStatus_Success: WGPURequestAdapterStatus = 1;
pub const WGPURequestAdapterStatus_CallbackCancelled: WGPURequestAdapterStatus = 2;
pub const WGPURequestAdapterStatus_Unavailable: WGPURequestAdapterStatus = 3;
pub const WGPURequestAdapterStatus_Error: WGPURequestAdapterStatus = 4;

pub type WGPURequestDeviceStatus = u32;
pub const WGPURequestDeviceStatus_Success: WGPURequestDeviceStatus = 1;
pub const WGPURequestDeviceStatus_CallbackCancelled: WGPURequestDeviceStatus = 2;
pub const WGPURequestDeviceStatus_Error: WGPURequestDeviceStatus = 3;

pub type WGPUStatus = u32;
pub const WGPUStatus_Success: WGPUStatus = 1;
pub const WGPUStatus_Error: WGPUStatus = 2;

pub type WGPUWaitStatus = u32;
pub const WGPUWaitStatus_Success: WGPUWaitStatus = 1;
pub const WGPUWaitStatus_TimedOut: WGPUWaitStatus = 2;
pub const WGPUWaitStatus_Error: WGPUWaitStatus = 3;

pub type WGPUWGSLLanguageFeatureName = u32;
pub const WGPUWGSLLanguageFeatureName_ReadonlyAndReadwriteStorageTextures: WGPUWGSLLanguageFeatureName = 1;
pub const WGPUWGSLLanguageFeatureName_Packed4x8IntegerDotProduct: WGPUWGSLLanguageFeatureName = 2;
pub const WGPUWGSLLanguageFeatureName_UnrestrictedPointerParameters: WGPUWGSLLanguageFeatureName = 3;
pub const WGPUWGSLLanguageFeatureName_PointerCompositeAccess: WGPUWGSLLanguageFeatureName = 4;
pub const WGPUWGSLLanguageFeatureName_UniformBufferStandardLayout: WGPUWGSLLanguageFeatureName = 5;
pub const WGPUWGSLLanguageFeatureName_SubgroupId: WGPUWGSLLanguageFeatureName = 6;
pub const WGPUWGSLLanguageFeatureName_TextureAndSamplerLet: WGPUWGSLLanguageFeatureName = 7;
pub const WGPUWGSLLanguageFeatureName_SubgroupUniformity: WGPUWGSLLanguageFeatureName = 8;
pub const WGPUWGSLLanguageFeatureName_TextureFormatsTier1: WGPUWGSLLanguageFeatureName = 9;
pub const WGPUWGSLLanguageFeatureName_LinearIndexing: WGPUWGSLLanguageFeatureName = 10;
pub const WGPUWGSLLanguageFeatureName_ImmediateAddressSpace: WGPUWGSLLanguageFeatureName = 11;

pub type WGPUSType = u32;
pub const WGPUSType_ShaderSourceSPIRV: WGPUSType = 1;
pub const WGPUSType_ShaderSourceWGSL: WGPUSType = 2;
pub const WGPUSType_RenderPassMaxDrawCount: WGPUSType = 3;
pub const WGPUSType_SurfaceSourceMetalLayer: WGPUSType = 4;
pub const WGPUSType_SurfaceSourceWindowsHWND: WGPUSType = 5;
pub const WGPUSType_SurfaceSourceXlibWindow: WGPUSType = 6;
pub const WGPUSType_SurfaceSourceWaylandSurface: WGPUSType = 7;
pub const WGPUSType_SurfaceSourceAndroidNativeWindow: WGPUSType = 8;
pub const WGPUSType_SurfaceSourceXCBWindow: WGPUSType = 9;
pub const WGPUSType_SurfaceColorManagement: WGPUSType = 10;
pub const WGPUSType_RequestAdapterWebXROptions: WGPUSType = 11;
pub const WGPUSType_TextureComponentSwizzleDescriptor: WGPUSType = 12;
pub const WGPUSType_ExternalTextureBindingLayout: WGPUSType = 13;
pub const WGPUSType_ExternalTextureBindingEntry: WGPUSType = 14;
pub const WGPUSType_CompatibilityModeLimits: WGPUSType = 15;
pub const WGPUSType_TextureBindingViewDimension: WGPUSType = 16;

pub type WGPUSamplerBindingType = u32;
pub const WGPUSamplerBindingType_BindingNotUsed: WGPUSamplerBindingType = 0;
pub const WGPUSamplerBindingType_Undefined: WGPUSamplerBindingType = 1;

pub type WGPUTextureSampleType = u32;
pub const WGPUTextureSampleType_BindingNotUsed: WGPUTextureSampleType = 0;
pub const WGPUTextureSampleType_Undefined: WGPUTextureSampleType = 1;

pub type WGPUStorageTextureAccess = u32;
pub const WGPUStorageTextureAccess_BindingNotUsed: WGPUStorageTextureAccess = 0;
pub const WGPUStorageTextureAccess_Undefined: WGPUStorageTextureAccess = 1;

pub type WGPUTextureFormat = u32;
pub const WGPUTextureFormat_Undefined: WGPUTextureFormat = 0;

pub type WGPUTextureViewDimension = u32;
pub const WGPUTextureViewDimension_Undefined: WGPUTextureViewDimension = 0;

pub type WGPUBufferUsage = WGPUFlags;
pub const WGPUBufferUsage_None: WGPUBufferUsage = 0x0;
pub const WGPUBufferUsage_MapRead: WGPUBufferUsage = 0x1;
pub const WGPUBufferUsage_MapWrite: WGPUBufferUsage = 0x2;
pub const WGPUBufferUsage_CopySrc: WGPUBufferUsage = 0x4;
pub const WGPUBufferUsage_CopyDst: WGPUBufferUsage = 0x8;
pub const WGPUBufferUsage_Index: WGPUBufferUsage = 0x10;
pub const WGPUBufferUsage_Vertex: WGPUBufferUsage = 0x20;
pub const WGPUBufferUsage_Uniform: WGPUBufferUsage = 0x40;
pub const WGPUBufferUsage_Storage: WGPUBufferUsage = 0x80;
pub const WGPUBufferUsage_Indirect: WGPUBufferUsage = 0x100;
pub const WGPUBufferUsage_QueryResolve: WGPUBufferUsage = 0x200;

pub type WGPUMapMode = WGPUFlags;
pub const WGPUMapMode_None: WGPUMapMode = 0x0;
pub const WGPUMapMode_Read: WGPUMapMode = 0x1;
pub const WGPUMapMode_Write: WGPUMapMode = 0x2;

pub type WGPUShaderStage = WGPUFlags;
pub const WGPUShaderStage_None: WGPUShaderStage = 0x0;
pub const WGPUShaderStage_Vertex: WGPUShaderStage = 0x1;
pub const WGPUShaderStage_Fragment: WGPUShaderStage = 0x2;
pub const WGPUShaderStage_Compute: WGPUShaderStage = 0x4;

// Callbacks. A structure that C passes by value is a pointer to a copy, as wasm32's C calling convention has it.

pub type WGPUBufferMapCallback = Option<unsafe extern "C" fn(status: WGPUMapAsyncStatus, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUCompilationInfoCallback = Option<unsafe extern "C" fn(status: WGPUCompilationInfoRequestStatus, compilationInfo: *const WGPUCompilationInfo, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUCreateComputePipelineAsyncCallback = Option<unsafe extern "C" fn(status: WGPUCreatePipelineAsyncStatus, pipeline: WGPUComputePipeline, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUDeviceLostCallback = Option<unsafe extern "C" fn(device: *const WGPUDevice, reason: WGPUDeviceLostReason, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUPopErrorScopeCallback = Option<unsafe extern "C" fn(status: WGPUPopErrorScopeStatus, r#type: WGPUErrorType, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUQueueWorkDoneCallback = Option<unsafe extern "C" fn(status: WGPUQueueWorkDoneStatus, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPURequestAdapterCallback = Option<unsafe extern "C" fn(status: WGPURequestAdapterStatus, adapter: WGPUAdapter, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPURequestDeviceCallback = Option<unsafe extern "C" fn(status: WGPURequestDeviceStatus, device: WGPUDevice, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;
pub type WGPUUncapturedErrorCallback = Option<unsafe extern "C" fn(device: *const WGPUDevice, r#type: WGPUErrorType, message: *const WGPUStringView, userdata1: *mut c_void, userdata2: *mut c_void)>;

// Structures.

structure! { #[repr(C)] WGPUStringView {
    data: *const u8,
    length: usize,
} }

structure! { #[repr(C)] WGPUChainedStruct {
    next: *mut WGPUChainedStruct,
    sType: WGPUSType,
} }

structure! { #[repr(transparent)] WGPUFuture {
    id: u64,
} }

structure! { #[repr(C)] WGPUBufferMapCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUBufferMapCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUCompilationInfoCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUCompilationInfoCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUCreateComputePipelineAsyncCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUCreateComputePipelineAsyncCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUDeviceLostCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUDeviceLostCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUPopErrorScopeCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUPopErrorScopeCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUQueueWorkDoneCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPUQueueWorkDoneCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPURequestAdapterCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPURequestAdapterCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPURequestDeviceCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    mode: WGPUCallbackMode,
    callback: WGPURequestDeviceCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUUncapturedErrorCallbackInfo {
    nextInChain: *mut WGPUChainedStruct,
    callback: WGPUUncapturedErrorCallback,
    userdata1: *mut c_void,
    userdata2: *mut c_void,
} }

structure! { #[repr(C)] WGPUAdapterInfo {
    nextInChain: *mut WGPUChainedStruct,
    vendor: WGPUStringView,
    architecture: WGPUStringView,
    device: WGPUStringView,
    description: WGPUStringView,
    backendType: WGPUBackendType,
    adapterType: WGPUAdapterType,
    vendorID: u32,
    deviceID: u32,
    subgroupMinSize: u32,
    subgroupMaxSize: u32,
} }

structure! { #[repr(C)] WGPUBufferBindingLayout {
    nextInChain: *mut WGPUChainedStruct,
    r#type: WGPUBufferBindingType,
    hasDynamicOffset: WGPUBool,
    minBindingSize: u64,
} }

structure! { #[repr(C)] WGPUSamplerBindingLayout {
    nextInChain: *mut WGPUChainedStruct,
    r#type: WGPUSamplerBindingType,
} }

structure! { #[repr(C)] WGPUTextureBindingLayout {
    nextInChain: *mut WGPUChainedStruct,
    sampleType: WGPUTextureSampleType,
    viewDimension: WGPUTextureViewDimension,
    multisampled: WGPUBool,
} }

structure! { #[repr(C)] WGPUStorageTextureBindingLayout {
    nextInChain: *mut WGPUChainedStruct,
    access: WGPUStorageTextureAccess,
    format: WGPUTextureFormat,
    viewDimension: WGPUTextureViewDimension,
} }

structure! { #[repr(C)] WGPUBufferDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    usage: WGPUBufferUsage,
    size: u64,
    mappedAtCreation: WGPUBool,
} }

structure! { #[repr(C)] WGPUCommandBufferDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
} }

structure! { #[repr(C)] WGPUCommandEncoderDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
} }

structure! { #[repr(C)] WGPUCompilationMessage {
    nextInChain: *mut WGPUChainedStruct,
    message: WGPUStringView,
    r#type: WGPUCompilationMessageType,
    lineNum: u64,
    linePos: u64,
    offset: u64,
    length: u64,
} }

structure! { #[repr(C)] WGPUCompilationInfo {
    nextInChain: *mut WGPUChainedStruct,
    messageCount: usize,
    messages: *const WGPUCompilationMessage,
} }

structure! { #[repr(C)] WGPUConstantEntry {
    nextInChain: *mut WGPUChainedStruct,
    key: WGPUStringView,
    value: f64,
} }

structure! { #[repr(C)] WGPUInstanceLimits {
    nextInChain: *mut WGPUChainedStruct,
    timedWaitAnyMaxCount: usize,
} }

structure! { #[repr(C)] WGPUInstanceDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    requiredFeatureCount: usize,
    requiredFeatures: *const WGPUInstanceFeatureName,
    requiredLimits: *const WGPUInstanceLimits,
} }

structure! { #[repr(C)] WGPUPassTimestampWrites {
    nextInChain: *mut WGPUChainedStruct,
    querySet: WGPUQuerySet,
    beginningOfPassWriteIndex: u32,
    endOfPassWriteIndex: u32,
} }

structure! { #[repr(C)] WGPUComputePassDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    timestampWrites: *const WGPUPassTimestampWrites,
} }

structure! { #[repr(C)] WGPUPipelineLayoutDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    bindGroupLayoutCount: usize,
    bindGroupLayouts: *const WGPUBindGroupLayout,
    immediateSize: u32,
} }

structure! { #[repr(C)] WGPUQueueDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
} }

structure! { #[repr(C)] WGPUShaderSourceSPIRV {
    chain: WGPUChainedStruct,
    codeSize: u32,
    code: *const u32,
} }

structure! { #[repr(C)] WGPUShaderSourceWGSL {
    chain: WGPUChainedStruct,
    code: WGPUStringView,
} }

structure! { #[repr(C)] WGPUShaderModuleDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
} }

structure! { #[repr(C)] WGPUSupportedFeatures {
    featureCount: usize,
    features: *const WGPUFeatureName,
} }

structure! { #[repr(C)] WGPUSupportedInstanceFeatures {
    featureCount: usize,
    features: *const WGPUInstanceFeatureName,
} }

structure! { #[repr(C)] WGPUSupportedWGSLLanguageFeatures {
    featureCount: usize,
    features: *const WGPUWGSLLanguageFeatureName,
} }

structure! { #[repr(C)] WGPUBindGroupEntry {
    nextInChain: *mut WGPUChainedStruct,
    binding: u32,
    buffer: WGPUBuffer,
    offset: u64,
    size: u64,
    sampler: WGPUSampler,
    textureView: WGPUTextureView,
} }

structure! { #[repr(C)] WGPUBindGroupDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    layout: WGPUBindGroupLayout,
    entryCount: usize,
    entries: *const WGPUBindGroupEntry,
} }

structure! { #[repr(C)] WGPUBindGroupLayoutEntry {
    nextInChain: *mut WGPUChainedStruct,
    binding: u32,
    visibility: WGPUShaderStage,
    bindingArraySize: u32,
    buffer: WGPUBufferBindingLayout,
    sampler: WGPUSamplerBindingLayout,
    texture: WGPUTextureBindingLayout,
    storageTexture: WGPUStorageTextureBindingLayout,
} }

structure! { #[repr(C)] WGPUBindGroupLayoutDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    entryCount: usize,
    entries: *const WGPUBindGroupLayoutEntry,
} }

structure! { #[repr(C)] WGPUComputeState {
    nextInChain: *mut WGPUChainedStruct,
    module: WGPUShaderModule,
    entryPoint: WGPUStringView,
    constantCount: usize,
    constants: *const WGPUConstantEntry,
} }

structure! { #[repr(C)] WGPUComputePipelineDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    layout: WGPUPipelineLayout,
    compute: WGPUComputeState,
} }

structure! { #[repr(C)] WGPUFutureWaitInfo {
    future: WGPUFuture,
    completed: WGPUBool,
} }

structure! { #[repr(C)] WGPULimits {
    nextInChain: *mut WGPUChainedStruct,
    maxTextureDimension1D: u32,
    maxTextureDimension2D: u32,
    maxTextureDimension3D: u32,
    maxTextureArrayLayers: u32,
    maxBindGroups: u32,
    maxBindGroupsPlusVertexBuffers: u32,
    maxBindingsPerBindGroup: u32,
    maxDynamicUniformBuffersPerPipelineLayout: u32,
    maxDynamicStorageBuffersPerPipelineLayout: u32,
    maxSampledTexturesPerShaderStage: u32,
    maxSamplersPerShaderStage: u32,
    maxStorageBuffersPerShaderStage: u32,
    maxStorageTexturesPerShaderStage: u32,
    maxUniformBuffersPerShaderStage: u32,
    maxUniformBufferBindingSize: u64,
    maxStorageBufferBindingSize: u64,
    minUniformBufferOffsetAlignment: u32,
    minStorageBufferOffsetAlignment: u32,
    maxVertexBuffers: u32,
    maxBufferSize: u64,
    maxVertexAttributes: u32,
    maxVertexBufferArrayStride: u32,
    maxInterStageShaderVariables: u32,
    maxColorAttachments: u32,
    maxColorAttachmentBytesPerSample: u32,
    maxComputeWorkgroupStorageSize: u32,
    maxComputeInvocationsPerWorkgroup: u32,
    maxComputeWorkgroupSizeX: u32,
    maxComputeWorkgroupSizeY: u32,
    maxComputeWorkgroupSizeZ: u32,
    maxComputeWorkgroupsPerDimension: u32,
    maxImmediateSize: u32,
} }

structure! { #[repr(C)] WGPURequestAdapterOptions {
    nextInChain: *mut WGPUChainedStruct,
    featureLevel: WGPUFeatureLevel,
    powerPreference: WGPUPowerPreference,
    forceFallbackAdapter: WGPUBool,
    backendType: WGPUBackendType,
    compatibleSurface: WGPUSurface,
} }

structure! { #[repr(C)] WGPUDeviceDescriptor {
    nextInChain: *mut WGPUChainedStruct,
    label: WGPUStringView,
    requiredFeatureCount: usize,
    requiredFeatures: *const WGPUFeatureName,
    requiredLimits: *const WGPULimits,
    defaultQueue: WGPUQueueDescriptor,
    deviceLostCallbackInfo: WGPUDeviceLostCallbackInfo,
    uncapturedErrorCallbackInfo: WGPUUncapturedErrorCallbackInfo,
} }

#[link(wasm_import_module = "env")]
extern "C" {
    pub fn wgpuCreateInstance(descriptor: *const WGPUInstanceDescriptor) -> WGPUInstance;
    pub fn wgpuGetInstanceFeatures(features: *mut WGPUSupportedInstanceFeatures);
    pub fn wgpuGetInstanceLimits(limits: *mut WGPUInstanceLimits) -> WGPUStatus;
    pub fn wgpuHasInstanceFeature(feature: WGPUInstanceFeatureName) -> WGPUBool;
    pub fn wgpuAdapterGetFeatures(adapter: WGPUAdapter, features: *mut WGPUSupportedFeatures);
    pub fn wgpuAdapterGetInfo(adapter: WGPUAdapter, info: *mut WGPUAdapterInfo) -> WGPUStatus;
    pub fn wgpuAdapterGetLimits(adapter: WGPUAdapter, limits: *mut WGPULimits) -> WGPUStatus;
    pub fn wgpuAdapterHasFeature(adapter: WGPUAdapter, feature: WGPUFeatureName) -> WGPUBool;
    pub fn wgpuAdapterRequestDevice(adapter: WGPUAdapter, descriptor: *const WGPUDeviceDescriptor, callbackInfo: *const WGPURequestDeviceCallbackInfo) -> WGPUFuture;
    pub fn wgpuAdapterInfoFreeMembers(adapterInfo: *const WGPUAdapterInfo);
    pub fn wgpuBufferDestroy(buffer: WGPUBuffer);
    pub fn wgpuBufferGetConstMappedRange(buffer: WGPUBuffer, offset: usize, size: usize) -> *mut c_void;
    pub fn wgpuBufferGetMappedRange(buffer: WGPUBuffer, offset: usize, size: usize) -> *mut c_void;
    pub fn wgpuBufferGetMapState(buffer: WGPUBuffer) -> WGPUBufferMapState;
    pub fn wgpuBufferGetSize(buffer: WGPUBuffer) -> u64;
    pub fn wgpuBufferGetUsage(buffer: WGPUBuffer) -> WGPUBufferUsage;
    pub fn wgpuBufferMapAsync(buffer: WGPUBuffer, mode: WGPUMapMode, offset: usize, size: usize, callbackInfo: *const WGPUBufferMapCallbackInfo) -> WGPUFuture;
    pub fn wgpuBufferReadMappedRange(buffer: WGPUBuffer, offset: usize, data: *mut c_void, size: usize) -> WGPUStatus;
    pub fn wgpuBufferUnmap(buffer: WGPUBuffer);
    pub fn wgpuBufferWriteMappedRange(buffer: WGPUBuffer, offset: usize, data: *const c_void, size: usize) -> WGPUStatus;
    pub fn wgpuCommandEncoderBeginComputePass(commandEncoder: WGPUCommandEncoder, descriptor: *const WGPUComputePassDescriptor) -> WGPUComputePassEncoder;
    pub fn wgpuCommandEncoderClearBuffer(commandEncoder: WGPUCommandEncoder, buffer: WGPUBuffer, offset: u64, size: u64);
    pub fn wgpuCommandEncoderCopyBufferToBuffer(commandEncoder: WGPUCommandEncoder, source: WGPUBuffer, sourceOffset: u64, destination: WGPUBuffer, destinationOffset: u64, size: u64);
    pub fn wgpuCommandEncoderFinish(commandEncoder: WGPUCommandEncoder, descriptor: *const WGPUCommandBufferDescriptor) -> WGPUCommandBuffer;
    pub fn wgpuCommandEncoderInsertDebugMarker(commandEncoder: WGPUCommandEncoder, markerLabel: *const WGPUStringView);
    pub fn wgpuCommandEncoderPopDebugGroup(commandEncoder: WGPUCommandEncoder);
    pub fn wgpuCommandEncoderPushDebugGroup(commandEncoder: WGPUCommandEncoder, groupLabel: *const WGPUStringView);
    pub fn wgpuComputePassEncoderDispatchWorkgroups(computePassEncoder: WGPUComputePassEncoder, workgroupCountX: u32, workgroupCountY: u32, workgroupCountZ: u32);
    pub fn wgpuComputePassEncoderDispatchWorkgroupsIndirect(computePassEncoder: WGPUComputePassEncoder, indirectBuffer: WGPUBuffer, indirectOffset: u64);
    pub fn wgpuComputePassEncoderEnd(computePassEncoder: WGPUComputePassEncoder);
    pub fn wgpuComputePassEncoderInsertDebugMarker(computePassEncoder: WGPUComputePassEncoder, markerLabel: *const WGPUStringView);
    pub fn wgpuComputePassEncoderPopDebugGroup(computePassEncoder: WGPUComputePassEncoder);
    pub fn wgpuComputePassEncoderPushDebugGroup(computePassEncoder: WGPUComputePassEncoder, groupLabel: *const WGPUStringView);
    pub fn wgpuComputePassEncoderSetBindGroup(computePassEncoder: WGPUComputePassEncoder, groupIndex: u32, group: WGPUBindGroup, dynamicOffsetCount: usize, dynamicOffsets: *const u32);
    pub fn wgpuComputePassEncoderSetImmediates(computePassEncoder: WGPUComputePassEncoder, offset: u32, data: *const c_void, size: usize);
    pub fn wgpuComputePassEncoderSetPipeline(computePassEncoder: WGPUComputePassEncoder, pipeline: WGPUComputePipeline);
    pub fn wgpuComputePipelineGetBindGroupLayout(computePipeline: WGPUComputePipeline, groupIndex: u32) -> WGPUBindGroupLayout;
    pub fn wgpuDeviceCreateBindGroup(device: WGPUDevice, descriptor: *const WGPUBindGroupDescriptor) -> WGPUBindGroup;
    pub fn wgpuDeviceCreateBindGroupLayout(device: WGPUDevice, descriptor: *const WGPUBindGroupLayoutDescriptor) -> WGPUBindGroupLayout;
    pub fn wgpuDeviceCreateBuffer(device: WGPUDevice, descriptor: *const WGPUBufferDescriptor) -> WGPUBuffer;
    pub fn wgpuDeviceCreateCommandEncoder(device: WGPUDevice, descriptor: *const WGPUCommandEncoderDescriptor) -> WGPUCommandEncoder;
    pub fn wgpuDeviceCreateComputePipeline(device: WGPUDevice, descriptor: *const WGPUComputePipelineDescriptor) -> WGPUComputePipeline;
    pub fn wgpuDeviceCreateComputePipelineAsync(device: WGPUDevice, descriptor: *const WGPUComputePipelineDescriptor, callbackInfo: *const WGPUCreateComputePipelineAsyncCallbackInfo) -> WGPUFuture;
    pub fn wgpuDeviceCreatePipelineLayout(device: WGPUDevice, descriptor: *const WGPUPipelineLayoutDescriptor) -> WGPUPipelineLayout;
    pub fn wgpuDeviceCreateShaderModule(device: WGPUDevice, descriptor: *const WGPUShaderModuleDescriptor) -> WGPUShaderModule;
    pub fn wgpuDeviceDestroy(device: WGPUDevice);
    pub fn wgpuDeviceGetAdapterInfo(device: WGPUDevice, adapterInfo: *mut WGPUAdapterInfo) -> WGPUStatus;
    pub fn wgpuDeviceGetFeatures(device: WGPUDevice, features: *mut WGPUSupportedFeatures);
    pub fn wgpuDeviceGetLimits(device: WGPUDevice, limits: *mut WGPULimits) -> WGPUStatus;
    pub fn wgpuDeviceGetLostFuture(device: WGPUDevice) -> WGPUFuture;
    pub fn wgpuDeviceGetQueue(device: WGPUDevice) -> WGPUQueue;
    pub fn wgpuDeviceHasFeature(device: WGPUDevice, feature: WGPUFeatureName) -> WGPUBool;
    pub fn wgpuDevicePopErrorScope(device: WGPUDevice, callbackInfo: *const WGPUPopErrorScopeCallbackInfo) -> WGPUFuture;
    pub fn wgpuDevicePushErrorScope(device: WGPUDevice, filter: WGPUErrorFilter);
    pub fn wgpuInstanceGetWGSLLanguageFeatures(instance: WGPUInstance, features: *mut WGPUSupportedWGSLLanguageFeatures);
    pub fn wgpuInstanceHasWGSLLanguageFeature(instance: WGPUInstance, feature: WGPUWGSLLanguageFeatureName) -> WGPUBool;
    pub fn wgpuInstanceProcessEvents(instance: WGPUInstance);
    pub fn wgpuInstanceRequestAdapter(instance: WGPUInstance, options: *const WGPURequestAdapterOptions, callbackInfo: *const WGPURequestAdapterCallbackInfo) -> WGPUFuture;
    pub fn wgpuInstanceWaitAny(instance: WGPUInstance, futureCount: usize, futures: *mut WGPUFutureWaitInfo, timeoutNS: u64) -> WGPUWaitStatus;
    pub fn wgpuQueueOnSubmittedWorkDone(queue: WGPUQueue, callbackInfo: *const WGPUQueueWorkDoneCallbackInfo) -> WGPUFuture;
    pub fn wgpuQueueSubmit(queue: WGPUQueue, commandCount: usize, commands: *const WGPUCommandBuffer);
    pub fn wgpuQueueWriteBuffer(queue: WGPUQueue, buffer: WGPUBuffer, bufferOffset: u64, data: *const c_void, size: usize);
    pub fn wgpuShaderModuleGetCompilationInfo(shaderModule: WGPUShaderModule, callbackInfo: *const WGPUCompilationInfoCallbackInfo) -> WGPUFuture;
    pub fn wgpuSupportedFeaturesFreeMembers(supportedFeatures: *const WGPUSupportedFeatures);
    pub fn wgpuSupportedInstanceFeaturesFreeMembers(supportedInstanceFeatures: *const WGPUSupportedInstanceFeatures);
    pub fn wgpuSupportedWGSLLanguageFeaturesFreeMembers(supportedWGSLLanguageFeatures: *const WGPUSupportedWGSLLanguageFeatures);
    pub fn wgpuBindGroupSetLabel(bindGroup: WGPUBindGroup, label: *const WGPUStringView);
    pub fn wgpuBindGroupLayoutSetLabel(bindGroupLayout: WGPUBindGroupLayout, label: *const WGPUStringView);
    pub fn wgpuBufferSetLabel(buffer: WGPUBuffer, label: *const WGPUStringView);
    pub fn wgpuCommandBufferSetLabel(commandBuffer: WGPUCommandBuffer, label: *const WGPUStringView);
    pub fn wgpuCommandEncoderSetLabel(commandEncoder: WGPUCommandEncoder, label: *const WGPUStringView);
    pub fn wgpuComputePassEncoderSetLabel(computePassEncoder: WGPUComputePassEncoder, label: *const WGPUStringView);
    pub fn wgpuComputePipelineSetLabel(computePipeline: WGPUComputePipeline, label: *const WGPUStringView);
    pub fn wgpuDeviceSetLabel(device: WGPUDevice, label: *const WGPUStringView);
    pub fn wgpuPipelineLayoutSetLabel(pipelineLayout: WGPUPipelineLayout, label: *const WGPUStringView);
    pub fn wgpuQueueSetLabel(queue: WGPUQueue, label: *const WGPUStringView);
    pub fn wgpuShaderModuleSetLabel(shaderModule: WGPUShaderModule, label: *const WGPUStringView);
    pub fn wgpuAdapterAddRef(adapter: WGPUAdapter);
    pub fn wgpuAdapterRelease(adapter: WGPUAdapter);
    pub fn wgpuBindGroupAddRef(bindGroup: WGPUBindGroup);
    pub fn wgpuBindGroupRelease(bindGroup: WGPUBindGroup);
    pub fn wgpuBindGroupLayoutAddRef(bindGroupLayout: WGPUBindGroupLayout);
    pub fn wgpuBindGroupLayoutRelease(bindGroupLayout: WGPUBindGroupLayout);
    pub fn wgpuBufferAddRef(buffer: WGPUBuffer);
    pub fn wgpuBufferRelease(buffer: WGPUBuffer);
    pub fn wgpuCommandBufferAddRef(commandBuffer: WGPUCommandBuffer);
    pub fn wgpuCommandBufferRelease(commandBuffer: WGPUCommandBuffer);
    pub fn wgpuCommandEncoderAddRef(commandEncoder: WGPUCommandEncoder);
    pub fn wgpuCommandEncoderRelease(commandEncoder: WGPUCommandEncoder);
    pub fn wgpuComputePassEncoderAddRef(computePassEncoder: WGPUComputePassEncoder);
    pub fn wgpuComputePassEncoderRelease(computePassEncoder: WGPUComputePassEncoder);
    pub fn wgpuComputePipelineAddRef(computePipeline: WGPUComputePipeline);
    pub fn wgpuComputePipelineRelease(computePipeline: WGPUComputePipeline);
    pub fn wgpuDeviceAddRef(device: WGPUDevice);
    pub fn wgpuDeviceRelease(device: WGPUDevice);
    pub fn wgpuInstanceAddRef(instance: WGPUInstance);
    pub fn wgpuInstanceRelease(instance: WGPUInstance);
    pub fn wgpuPipelineLayoutAddRef(pipelineLayout: WGPUPipelineLayout);
    pub fn wgpuPipelineLayoutRelease(pipelineLayout: WGPUPipelineLayout);
    pub fn wgpuQueueAddRef(queue: WGPUQueue);
    pub fn wgpuQueueRelease(queue: WGPUQueue);
    pub fn wgpuShaderModuleAddRef(shaderModule: WGPUShaderModule);
    pub fn wgpuShaderModuleRelease(shaderModule: WGPUShaderModule);
}
