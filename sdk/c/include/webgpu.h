/* webgpu.h: the compute part of the WebGPU C API, for jobs that run on gwrun.
 *
 * Names, numbers and structures are those of webgpu-headers (github.com/webgpu-native/webgpu-headers), so a program
 * written against that header recompiles against this one as long as it keeps to compute: there are no textures,
 * samplers, surfaces, render pipelines or query sets. The few fields of shared structures that speak of them are here,
 * because they are part of the layout, and must hold the value that means "none".
 *
 * What is special about gwrun:
 *  - Every function is imported from the module "env" (see WGPU_EXPORT); no linker flag is needed.
 *  - Everything asked for is ready at once, so WaitAny never waits. Callbacks are called in the order in which their events
 *    happened: those of mode AllowSpontaneous, and uncaptured errors, before the function returns in which they happened
 *    (inside a callback: before the outermost function returns), the others in wgpuInstanceProcessEvents and
 *    wgpuInstanceWaitAny. With the last instance those that are left are cancelled.
 *  - Limits and adapter information are constants: WebGPU's default limits, whatever the machine.
 *  - A callback's message lies in memory that the host borrows from gw_scratch, defined below, and is valid until the
 *    callback returns.
 *  - wgpuBufferGetMappedRange and wgpuBufferGetConstMappedRange need memory to show the range in: the module must export
 *    gw_alloc and gw_free, or malloc and free (clang: -Wl,--export=malloc,--export=free). Without them use
 *    wgpuBufferReadMappedRange and wgpuBufferWriteMappedRange, which need nothing.
 *  - An error that no error scope and no uncaptured-error callback takes goes to the job's log, and so does what webgpu.h
 *    reports by a status or NULL alone.
 *  - wgpuBufferGetMappedRange shows a buffer mapped for reading too, as JavaScript does; what is written there is lost.
 */
#ifndef WEBGPU_H_
#define WEBGPU_H_

#include <stddef.h>
#include <stdint.h>

#ifndef WGPU_EXPORT
#define WGPU_EXPORT(name) __attribute__((import_module("env"), import_name(#name)))
#endif
/* webgpu-headers lets a program give these another meaning; here they have none. */
#ifndef WGPU_NULLABLE
#define WGPU_NULLABLE
#endif
#ifndef WGPU_OBJECT_ATTRIBUTE
#define WGPU_OBJECT_ATTRIBUTE
#endif
#ifndef WGPU_ENUM_ATTRIBUTE
#define WGPU_ENUM_ATTRIBUTE
#endif
#ifndef WGPU_STRUCTURE_ATTRIBUTE
#define WGPU_STRUCTURE_ATTRIBUTE
#endif
#ifndef WGPU_FUNCTION_ATTRIBUTE
#define WGPU_FUNCTION_ATTRIBUTE
#endif

#if defined(__cplusplus)
#define WGPU_MAKE_INIT_STRUCT_(type, ...) (type __VA_ARGS__)
extern "C" {
#else
#define WGPU_MAKE_INIT_STRUCT_(type, ...) ((type) __VA_ARGS__)
#endif

#define WGPU_TRUE (UINT32_C(1))
#define WGPU_FALSE (UINT32_C(0))
#define WGPU_LIMIT_U32_UNDEFINED (UINT32_MAX)
#define WGPU_LIMIT_U64_UNDEFINED (UINT64_MAX)
#define WGPU_STRLEN (SIZE_MAX)          /* the length of a zero-terminated string */
#define WGPU_QUERY_SET_INDEX_UNDEFINED (UINT32_MAX)
#define WGPU_WHOLE_MAP_SIZE (SIZE_MAX)  /* to the end of the buffer */
#define WGPU_WHOLE_SIZE (UINT64_MAX)    /* to the end of the buffer */

typedef uint64_t WGPUFlags;
typedef uint32_t WGPUBool;

/* A piece of UTF-8 text. {NULL, WGPU_STRLEN} is no text at all. */
typedef struct WGPUStringView {
    char const * data;
    size_t length;
} WGPUStringView;
#define WGPU_STRING_VIEW_INIT WGPU_MAKE_INIT_STRUCT_(WGPUStringView, {NULL, WGPU_STRLEN})

/* Objects: small numbers given by the host, with a reference count. QuerySet, Sampler, Surface and TextureView exist
 * only as fields that must be NULL. */
typedef struct WGPUAdapterImpl * WGPUAdapter;
typedef struct WGPUBindGroupImpl * WGPUBindGroup;
typedef struct WGPUBindGroupLayoutImpl * WGPUBindGroupLayout;
typedef struct WGPUBufferImpl * WGPUBuffer;
typedef struct WGPUCommandBufferImpl * WGPUCommandBuffer;
typedef struct WGPUCommandEncoderImpl * WGPUCommandEncoder;
typedef struct WGPUComputePassEncoderImpl * WGPUComputePassEncoder;
typedef struct WGPUComputePipelineImpl * WGPUComputePipeline;
typedef struct WGPUDeviceImpl * WGPUDevice;
typedef struct WGPUInstanceImpl * WGPUInstance;
typedef struct WGPUPipelineLayoutImpl * WGPUPipelineLayout;
typedef struct WGPUQuerySetImpl * WGPUQuerySet;
typedef struct WGPUQueueImpl * WGPUQueue;
typedef struct WGPUSamplerImpl * WGPUSampler;
typedef struct WGPUShaderModuleImpl * WGPUShaderModule;
typedef struct WGPUSurfaceImpl * WGPUSurface;
typedef struct WGPUTextureViewImpl * WGPUTextureView;

typedef enum WGPUAdapterType {
    WGPUAdapterType_DiscreteGPU = 0x00000001,
    WGPUAdapterType_IntegratedGPU = 0x00000002,
    WGPUAdapterType_CPU = 0x00000003,
    WGPUAdapterType_Unknown = 0x00000004,
    WGPUAdapterType_Force32 = 0x7FFFFFFF,
} WGPUAdapterType;

typedef enum WGPUBackendType {
    WGPUBackendType_Undefined = 0x00000000,
    WGPUBackendType_Null = 0x00000001,
    WGPUBackendType_WebGPU = 0x00000002,
    WGPUBackendType_D3D11 = 0x00000003,
    WGPUBackendType_D3D12 = 0x00000004,
    WGPUBackendType_Metal = 0x00000005,
    WGPUBackendType_Vulkan = 0x00000006,
    WGPUBackendType_OpenGL = 0x00000007,
    WGPUBackendType_OpenGLES = 0x00000008,
    WGPUBackendType_Force32 = 0x7FFFFFFF,
} WGPUBackendType;

typedef enum WGPUBufferBindingType {
    WGPUBufferBindingType_BindingNotUsed = 0x00000000,
    WGPUBufferBindingType_Undefined = 0x00000001,
    WGPUBufferBindingType_Uniform = 0x00000002,
    WGPUBufferBindingType_Storage = 0x00000003,
    WGPUBufferBindingType_ReadOnlyStorage = 0x00000004,
    WGPUBufferBindingType_Force32 = 0x7FFFFFFF,
} WGPUBufferBindingType;

typedef enum WGPUBufferMapState {
    WGPUBufferMapState_Unmapped = 0x00000001,
    WGPUBufferMapState_Pending = 0x00000002,
    WGPUBufferMapState_Mapped = 0x00000003,
    WGPUBufferMapState_Force32 = 0x7FFFFFFF,
} WGPUBufferMapState;

typedef enum WGPUCallbackMode {
    WGPUCallbackMode_WaitAnyOnly = 0x00000001,
    WGPUCallbackMode_AllowProcessEvents = 0x00000002,
    WGPUCallbackMode_AllowSpontaneous = 0x00000003,
    WGPUCallbackMode_Force32 = 0x7FFFFFFF,
} WGPUCallbackMode;

typedef enum WGPUCompilationInfoRequestStatus {
    WGPUCompilationInfoRequestStatus_Success = 0x00000001,
    WGPUCompilationInfoRequestStatus_CallbackCancelled = 0x00000002,
    WGPUCompilationInfoRequestStatus_Force32 = 0x7FFFFFFF,
} WGPUCompilationInfoRequestStatus;

typedef enum WGPUCompilationMessageType {
    WGPUCompilationMessageType_Error = 0x00000001,
    WGPUCompilationMessageType_Warning = 0x00000002,
    WGPUCompilationMessageType_Info = 0x00000003,
    WGPUCompilationMessageType_Force32 = 0x7FFFFFFF,
} WGPUCompilationMessageType;

typedef enum WGPUCreatePipelineAsyncStatus {
    WGPUCreatePipelineAsyncStatus_Success = 0x00000001,
    WGPUCreatePipelineAsyncStatus_CallbackCancelled = 0x00000002,
    WGPUCreatePipelineAsyncStatus_ValidationError = 0x00000003,
    WGPUCreatePipelineAsyncStatus_InternalError = 0x00000004,
    WGPUCreatePipelineAsyncStatus_Force32 = 0x7FFFFFFF,
} WGPUCreatePipelineAsyncStatus;

typedef enum WGPUDeviceLostReason {
    WGPUDeviceLostReason_Unknown = 0x00000001,
    WGPUDeviceLostReason_Destroyed = 0x00000002,
    WGPUDeviceLostReason_CallbackCancelled = 0x00000003,
    WGPUDeviceLostReason_FailedCreation = 0x00000004,
    WGPUDeviceLostReason_Force32 = 0x7FFFFFFF,
} WGPUDeviceLostReason;

typedef enum WGPUErrorFilter {
    WGPUErrorFilter_Validation = 0x00000001,
    WGPUErrorFilter_OutOfMemory = 0x00000002,
    WGPUErrorFilter_Internal = 0x00000003,
    WGPUErrorFilter_Force32 = 0x7FFFFFFF,
} WGPUErrorFilter;

typedef enum WGPUErrorType {
    WGPUErrorType_NoError = 0x00000001,
    WGPUErrorType_Validation = 0x00000002,
    WGPUErrorType_OutOfMemory = 0x00000003,
    WGPUErrorType_Internal = 0x00000004,
    WGPUErrorType_Unknown = 0x00000005,
    WGPUErrorType_Force32 = 0x7FFFFFFF,
} WGPUErrorType;

typedef enum WGPUFeatureLevel {
    WGPUFeatureLevel_Undefined = 0x00000000,
    WGPUFeatureLevel_Compatibility = 0x00000001,
    WGPUFeatureLevel_Core = 0x00000002,
    WGPUFeatureLevel_Force32 = 0x7FFFFFFF,
} WGPUFeatureLevel;

typedef enum WGPUFeatureName {
    WGPUFeatureName_CoreFeaturesAndLimits = 0x00000001,
    WGPUFeatureName_DepthClipControl = 0x00000002,
    WGPUFeatureName_Depth32FloatStencil8 = 0x00000003,
    WGPUFeatureName_TextureCompressionBC = 0x00000004,
    WGPUFeatureName_TextureCompressionBCSliced3D = 0x00000005,
    WGPUFeatureName_TextureCompressionETC2 = 0x00000006,
    WGPUFeatureName_TextureCompressionASTC = 0x00000007,
    WGPUFeatureName_TextureCompressionASTCSliced3D = 0x00000008,
    WGPUFeatureName_TimestampQuery = 0x00000009,
    WGPUFeatureName_IndirectFirstInstance = 0x0000000A,
    WGPUFeatureName_ShaderF16 = 0x0000000B,
    WGPUFeatureName_RG11B10UfloatRenderable = 0x0000000C,
    WGPUFeatureName_BGRA8UnormStorage = 0x0000000D,
    WGPUFeatureName_Float32Filterable = 0x0000000E,
    WGPUFeatureName_Float32Blendable = 0x0000000F,
    WGPUFeatureName_ClipDistances = 0x00000010,
    WGPUFeatureName_DualSourceBlending = 0x00000011,
    WGPUFeatureName_Subgroups = 0x00000012,
    WGPUFeatureName_TextureFormatsTier1 = 0x00000013,
    WGPUFeatureName_TextureFormatsTier2 = 0x00000014,
    WGPUFeatureName_PrimitiveIndex = 0x00000015,
    WGPUFeatureName_TextureComponentSwizzle = 0x00000016,
    WGPUFeatureName_SubgroupSizeControl = 0x00000017,
    WGPUFeatureName_Force32 = 0x7FFFFFFF,
} WGPUFeatureName;

typedef enum WGPUInstanceFeatureName {
    WGPUInstanceFeatureName_TimedWaitAny = 0x00000001,
    WGPUInstanceFeatureName_ShaderSourceSPIRV = 0x00000002,
    WGPUInstanceFeatureName_MultipleDevicesPerAdapter = 0x00000003,
    WGPUInstanceFeatureName_Force32 = 0x7FFFFFFF,
} WGPUInstanceFeatureName;

typedef enum WGPUMapAsyncStatus {
    WGPUMapAsyncStatus_Success = 0x00000001,
    WGPUMapAsyncStatus_CallbackCancelled = 0x00000002,
    WGPUMapAsyncStatus_Error = 0x00000003,
    WGPUMapAsyncStatus_Aborted = 0x00000004,
    WGPUMapAsyncStatus_Force32 = 0x7FFFFFFF,
} WGPUMapAsyncStatus;

typedef enum WGPUPopErrorScopeStatus {
    WGPUPopErrorScopeStatus_Success = 0x00000001,
    WGPUPopErrorScopeStatus_CallbackCancelled = 0x00000002,
    WGPUPopErrorScopeStatus_Error = 0x00000003,
    WGPUPopErrorScopeStatus_Force32 = 0x7FFFFFFF,
} WGPUPopErrorScopeStatus;

typedef enum WGPUPowerPreference {
    WGPUPowerPreference_Undefined = 0x00000000,
    WGPUPowerPreference_LowPower = 0x00000001,
    WGPUPowerPreference_HighPerformance = 0x00000002,
    WGPUPowerPreference_Force32 = 0x7FFFFFFF,
} WGPUPowerPreference;

typedef enum WGPUQueueWorkDoneStatus {
    WGPUQueueWorkDoneStatus_Success = 0x00000001,
    WGPUQueueWorkDoneStatus_CallbackCancelled = 0x00000002,
    WGPUQueueWorkDoneStatus_Error = 0x00000003,
    WGPUQueueWorkDoneStatus_Force32 = 0x7FFFFFFF,
} WGPUQueueWorkDoneStatus;

typedef enum WGPURequestAdapterStatus {
    WGPURequestAdapterStatus_Success = 0x00000001,
    WGPURequestAdapterStatus_CallbackCancelled = 0x00000002,
    WGPURequestAdapterStatus_Unavailable = 0x00000003,
    WGPURequestAdapterStatus_Error = 0x00000004,
    WGPURequestAdapterStatus_Force32 = 0x7FFFFFFF,
} WGPURequestAdapterStatus;

typedef enum WGPURequestDeviceStatus {
    WGPURequestDeviceStatus_Success = 0x00000001,
    WGPURequestDeviceStatus_CallbackCancelled = 0x00000002,
    WGPURequestDeviceStatus_Error = 0x00000003,
    WGPURequestDeviceStatus_Force32 = 0x7FFFFFFF,
} WGPURequestDeviceStatus;

typedef enum WGPUStatus {
    WGPUStatus_Success = 0x00000001,
    WGPUStatus_Error = 0x00000002,
    WGPUStatus_Force32 = 0x7FFFFFFF,
} WGPUStatus;

typedef enum WGPUWaitStatus {
    WGPUWaitStatus_Success = 0x00000001,
    WGPUWaitStatus_TimedOut = 0x00000002,
    WGPUWaitStatus_Error = 0x00000003,
    WGPUWaitStatus_Force32 = 0x7FFFFFFF,
} WGPUWaitStatus;

typedef enum WGPUWGSLLanguageFeatureName {
    WGPUWGSLLanguageFeatureName_ReadonlyAndReadwriteStorageTextures = 0x00000001,
    WGPUWGSLLanguageFeatureName_Packed4x8IntegerDotProduct = 0x00000002,
    WGPUWGSLLanguageFeatureName_UnrestrictedPointerParameters = 0x00000003,
    WGPUWGSLLanguageFeatureName_PointerCompositeAccess = 0x00000004,
    WGPUWGSLLanguageFeatureName_UniformBufferStandardLayout = 0x00000005,
    WGPUWGSLLanguageFeatureName_SubgroupId = 0x00000006,
    WGPUWGSLLanguageFeatureName_TextureAndSamplerLet = 0x00000007,
    WGPUWGSLLanguageFeatureName_SubgroupUniformity = 0x00000008,
    WGPUWGSLLanguageFeatureName_TextureFormatsTier1 = 0x00000009,
    WGPUWGSLLanguageFeatureName_LinearIndexing = 0x0000000A,
    WGPUWGSLLanguageFeatureName_ImmediateAddressSpace = 0x0000000B,
    WGPUWGSLLanguageFeatureName_Force32 = 0x7FFFFFFF,
} WGPUWGSLLanguageFeatureName;

/* Only a shader's source is ever chained here, and only as WGSL. */
typedef enum WGPUSType {
    WGPUSType_ShaderSourceSPIRV = 0x00000001,
    WGPUSType_ShaderSourceWGSL = 0x00000002,
    WGPUSType_RenderPassMaxDrawCount = 0x00000003,
    WGPUSType_SurfaceSourceMetalLayer = 0x00000004,
    WGPUSType_SurfaceSourceWindowsHWND = 0x00000005,
    WGPUSType_SurfaceSourceXlibWindow = 0x00000006,
    WGPUSType_SurfaceSourceWaylandSurface = 0x00000007,
    WGPUSType_SurfaceSourceAndroidNativeWindow = 0x00000008,
    WGPUSType_SurfaceSourceXCBWindow = 0x00000009,
    WGPUSType_SurfaceColorManagement = 0x0000000A,
    WGPUSType_RequestAdapterWebXROptions = 0x0000000B,
    WGPUSType_TextureComponentSwizzleDescriptor = 0x0000000C,
    WGPUSType_ExternalTextureBindingLayout = 0x0000000D,
    WGPUSType_ExternalTextureBindingEntry = 0x0000000E,
    WGPUSType_CompatibilityModeLimits = 0x0000000F,
    WGPUSType_TextureBindingViewDimension = 0x00000010,
    WGPUSType_Force32 = 0x7FFFFFFF,
} WGPUSType;

/* The values that these may have here: no sampler and no texture. */
typedef enum WGPUSamplerBindingType {
    WGPUSamplerBindingType_BindingNotUsed = 0x00000000,
    WGPUSamplerBindingType_Undefined = 0x00000001,
    WGPUSamplerBindingType_Force32 = 0x7FFFFFFF,
} WGPUSamplerBindingType;

typedef enum WGPUTextureSampleType {
    WGPUTextureSampleType_BindingNotUsed = 0x00000000,
    WGPUTextureSampleType_Undefined = 0x00000001,
    WGPUTextureSampleType_Force32 = 0x7FFFFFFF,
} WGPUTextureSampleType;

typedef enum WGPUStorageTextureAccess {
    WGPUStorageTextureAccess_BindingNotUsed = 0x00000000,
    WGPUStorageTextureAccess_Undefined = 0x00000001,
    WGPUStorageTextureAccess_Force32 = 0x7FFFFFFF,
} WGPUStorageTextureAccess;

typedef enum WGPUTextureFormat {
    WGPUTextureFormat_Undefined = 0x00000000,
    WGPUTextureFormat_Force32 = 0x7FFFFFFF,
} WGPUTextureFormat;

typedef enum WGPUTextureViewDimension {
    WGPUTextureViewDimension_Undefined = 0x00000000,
    WGPUTextureViewDimension_Force32 = 0x7FFFFFFF,
} WGPUTextureViewDimension;

typedef WGPUFlags WGPUBufferUsage;
static const WGPUBufferUsage WGPUBufferUsage_None = 0x0000000000000000;
static const WGPUBufferUsage WGPUBufferUsage_MapRead = 0x0000000000000001;
static const WGPUBufferUsage WGPUBufferUsage_MapWrite = 0x0000000000000002;
static const WGPUBufferUsage WGPUBufferUsage_CopySrc = 0x0000000000000004;
static const WGPUBufferUsage WGPUBufferUsage_CopyDst = 0x0000000000000008;
static const WGPUBufferUsage WGPUBufferUsage_Index = 0x0000000000000010;
static const WGPUBufferUsage WGPUBufferUsage_Vertex = 0x0000000000000020;
static const WGPUBufferUsage WGPUBufferUsage_Uniform = 0x0000000000000040;
static const WGPUBufferUsage WGPUBufferUsage_Storage = 0x0000000000000080;
static const WGPUBufferUsage WGPUBufferUsage_Indirect = 0x0000000000000100;
static const WGPUBufferUsage WGPUBufferUsage_QueryResolve = 0x0000000000000200;

typedef WGPUFlags WGPUMapMode;
static const WGPUMapMode WGPUMapMode_None = 0x0000000000000000;
static const WGPUMapMode WGPUMapMode_Read = 0x0000000000000001;
static const WGPUMapMode WGPUMapMode_Write = 0x0000000000000002;

typedef WGPUFlags WGPUShaderStage;
static const WGPUShaderStage WGPUShaderStage_None = 0x0000000000000000;
static const WGPUShaderStage WGPUShaderStage_Vertex = 0x0000000000000001;
static const WGPUShaderStage WGPUShaderStage_Fragment = 0x0000000000000002;
static const WGPUShaderStage WGPUShaderStage_Compute = 0x0000000000000004;

typedef struct WGPUChainedStruct {
    struct WGPUChainedStruct * next;
    WGPUSType sType;
} WGPUChainedStruct;

typedef struct WGPUFuture {
    uint64_t id;
} WGPUFuture;
#define WGPU_FUTURE_INIT WGPU_MAKE_INIT_STRUCT_(WGPUFuture, {0})

struct WGPUCompilationInfo;

/* Callbacks. */
typedef void (*WGPUBufferMapCallback)(WGPUMapAsyncStatus status, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPUCompilationInfoCallback)(WGPUCompilationInfoRequestStatus status, struct WGPUCompilationInfo const * compilationInfo, void * userdata1, void * userdata2);
typedef void (*WGPUCreateComputePipelineAsyncCallback)(WGPUCreatePipelineAsyncStatus status, WGPUComputePipeline pipeline, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPUDeviceLostCallback)(WGPUDevice const * device, WGPUDeviceLostReason reason, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPUPopErrorScopeCallback)(WGPUPopErrorScopeStatus status, WGPUErrorType type, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPUQueueWorkDoneCallback)(WGPUQueueWorkDoneStatus status, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPURequestAdapterCallback)(WGPURequestAdapterStatus status, WGPUAdapter adapter, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPURequestDeviceCallback)(WGPURequestDeviceStatus status, WGPUDevice device, WGPUStringView message, void * userdata1, void * userdata2);
typedef void (*WGPUUncapturedErrorCallback)(WGPUDevice const * device, WGPUErrorType type, WGPUStringView message, void * userdata1, void * userdata2);

typedef struct WGPUBufferMapCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUBufferMapCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUBufferMapCallbackInfo;
#define WGPU_BUFFER_MAP_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBufferMapCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUCompilationInfoCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUCompilationInfoCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUCompilationInfoCallbackInfo;
#define WGPU_COMPILATION_INFO_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCompilationInfoCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUCreateComputePipelineAsyncCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUCreateComputePipelineAsyncCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUCreateComputePipelineAsyncCallbackInfo;
#define WGPU_CREATE_COMPUTE_PIPELINE_ASYNC_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCreateComputePipelineAsyncCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUDeviceLostCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUDeviceLostCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUDeviceLostCallbackInfo;
#define WGPU_DEVICE_LOST_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUDeviceLostCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUPopErrorScopeCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUPopErrorScopeCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUPopErrorScopeCallbackInfo;
#define WGPU_POP_ERROR_SCOPE_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUPopErrorScopeCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUQueueWorkDoneCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPUQueueWorkDoneCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUQueueWorkDoneCallbackInfo;
#define WGPU_QUEUE_WORK_DONE_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUQueueWorkDoneCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPURequestAdapterCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPURequestAdapterCallback callback;
    void * userdata1;
    void * userdata2;
} WGPURequestAdapterCallbackInfo;
#define WGPU_REQUEST_ADAPTER_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPURequestAdapterCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPURequestDeviceCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUCallbackMode mode;
    WGPURequestDeviceCallback callback;
    void * userdata1;
    void * userdata2;
} WGPURequestDeviceCallbackInfo;
#define WGPU_REQUEST_DEVICE_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPURequestDeviceCallbackInfo, {NULL, (WGPUCallbackMode)0, NULL, NULL, NULL})

typedef struct WGPUUncapturedErrorCallbackInfo {
    WGPUChainedStruct * nextInChain;
    WGPUUncapturedErrorCallback callback;
    void * userdata1;
    void * userdata2;
} WGPUUncapturedErrorCallbackInfo;
#define WGPU_UNCAPTURED_ERROR_CALLBACK_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUUncapturedErrorCallbackInfo, {NULL, NULL, NULL, NULL})

typedef struct WGPUAdapterInfo {
    WGPUChainedStruct * nextInChain;
    WGPUStringView vendor;
    WGPUStringView architecture;
    WGPUStringView device;
    WGPUStringView description;
    WGPUBackendType backendType;
    WGPUAdapterType adapterType;
    uint32_t vendorID;
    uint32_t deviceID;
    uint32_t subgroupMinSize;
    uint32_t subgroupMaxSize;
} WGPUAdapterInfo;
#define WGPU_ADAPTER_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUAdapterInfo, {NULL, WGPU_STRING_VIEW_INIT, WGPU_STRING_VIEW_INIT, WGPU_STRING_VIEW_INIT, WGPU_STRING_VIEW_INIT, (WGPUBackendType)0, (WGPUAdapterType)0, 0, 0, 0, 0})

typedef struct WGPUBufferBindingLayout {
    WGPUChainedStruct * nextInChain;
    WGPUBufferBindingType type;
    WGPUBool hasDynamicOffset;
    uint64_t minBindingSize;
} WGPUBufferBindingLayout;
#define WGPU_BUFFER_BINDING_LAYOUT_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBufferBindingLayout, {NULL, WGPUBufferBindingType_Undefined, WGPU_FALSE, 0})

typedef struct WGPUSamplerBindingLayout {
    WGPUChainedStruct * nextInChain;
    WGPUSamplerBindingType type;
} WGPUSamplerBindingLayout;
#define WGPU_SAMPLER_BINDING_LAYOUT_INIT WGPU_MAKE_INIT_STRUCT_(WGPUSamplerBindingLayout, {NULL, WGPUSamplerBindingType_Undefined})

typedef struct WGPUTextureBindingLayout {
    WGPUChainedStruct * nextInChain;
    WGPUTextureSampleType sampleType;
    WGPUTextureViewDimension viewDimension;
    WGPUBool multisampled;
} WGPUTextureBindingLayout;
#define WGPU_TEXTURE_BINDING_LAYOUT_INIT WGPU_MAKE_INIT_STRUCT_(WGPUTextureBindingLayout, {NULL, WGPUTextureSampleType_Undefined, WGPUTextureViewDimension_Undefined, WGPU_FALSE})

typedef struct WGPUStorageTextureBindingLayout {
    WGPUChainedStruct * nextInChain;
    WGPUStorageTextureAccess access;
    WGPUTextureFormat format;
    WGPUTextureViewDimension viewDimension;
} WGPUStorageTextureBindingLayout;
#define WGPU_STORAGE_TEXTURE_BINDING_LAYOUT_INIT WGPU_MAKE_INIT_STRUCT_(WGPUStorageTextureBindingLayout, {NULL, WGPUStorageTextureAccess_Undefined, WGPUTextureFormat_Undefined, WGPUTextureViewDimension_Undefined})

typedef struct WGPUBufferDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    WGPUBufferUsage usage;
    uint64_t size;
    WGPUBool mappedAtCreation;
} WGPUBufferDescriptor;
#define WGPU_BUFFER_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBufferDescriptor, {NULL, WGPU_STRING_VIEW_INIT, WGPUBufferUsage_None, 0, WGPU_FALSE})

typedef struct WGPUCommandBufferDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
} WGPUCommandBufferDescriptor;
#define WGPU_COMMAND_BUFFER_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCommandBufferDescriptor, {NULL, WGPU_STRING_VIEW_INIT})

typedef struct WGPUCommandEncoderDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
} WGPUCommandEncoderDescriptor;
#define WGPU_COMMAND_ENCODER_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCommandEncoderDescriptor, {NULL, WGPU_STRING_VIEW_INIT})

typedef struct WGPUCompilationMessage {
    WGPUChainedStruct * nextInChain;
    WGPUStringView message;
    WGPUCompilationMessageType type;
    uint64_t lineNum;
    uint64_t linePos;
    uint64_t offset;
    uint64_t length;
} WGPUCompilationMessage;
#define WGPU_COMPILATION_MESSAGE_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCompilationMessage, {NULL, WGPU_STRING_VIEW_INIT, (WGPUCompilationMessageType)0, 0, 0, 0, 0})

typedef struct WGPUCompilationInfo {
    WGPUChainedStruct * nextInChain;
    size_t messageCount;
    WGPUCompilationMessage const * messages;
} WGPUCompilationInfo;
#define WGPU_COMPILATION_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUCompilationInfo, {NULL, 0, NULL})

typedef struct WGPUConstantEntry {
    WGPUChainedStruct * nextInChain;
    WGPUStringView key;
    double value;
} WGPUConstantEntry;
#define WGPU_CONSTANT_ENTRY_INIT WGPU_MAKE_INIT_STRUCT_(WGPUConstantEntry, {NULL, WGPU_STRING_VIEW_INIT, 0.})

typedef struct WGPUInstanceLimits {
    WGPUChainedStruct * nextInChain;
    size_t timedWaitAnyMaxCount;
} WGPUInstanceLimits;
#define WGPU_INSTANCE_LIMITS_INIT WGPU_MAKE_INIT_STRUCT_(WGPUInstanceLimits, {NULL, 0})

typedef struct WGPUInstanceDescriptor {
    WGPUChainedStruct * nextInChain;
    size_t requiredFeatureCount;
    WGPUInstanceFeatureName const * requiredFeatures;
    WGPUInstanceLimits const * requiredLimits;
} WGPUInstanceDescriptor;
#define WGPU_INSTANCE_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUInstanceDescriptor, {NULL, 0, NULL, NULL})

/* There are no query sets: no pass may have one of these. */
typedef struct WGPUPassTimestampWrites {
    WGPUChainedStruct * nextInChain;
    WGPUQuerySet querySet;
    uint32_t beginningOfPassWriteIndex;
    uint32_t endOfPassWriteIndex;
} WGPUPassTimestampWrites;
#define WGPU_PASS_TIMESTAMP_WRITES_INIT WGPU_MAKE_INIT_STRUCT_(WGPUPassTimestampWrites, {NULL, NULL, WGPU_QUERY_SET_INDEX_UNDEFINED, WGPU_QUERY_SET_INDEX_UNDEFINED})

typedef struct WGPUComputePassDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    WGPUPassTimestampWrites const * timestampWrites;
} WGPUComputePassDescriptor;
#define WGPU_COMPUTE_PASS_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUComputePassDescriptor, {NULL, WGPU_STRING_VIEW_INIT, NULL})

typedef struct WGPUPipelineLayoutDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    size_t bindGroupLayoutCount;
    WGPUBindGroupLayout const * bindGroupLayouts;
    uint32_t immediateSize;
} WGPUPipelineLayoutDescriptor;
#define WGPU_PIPELINE_LAYOUT_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUPipelineLayoutDescriptor, {NULL, WGPU_STRING_VIEW_INIT, 0, NULL, 0})

typedef struct WGPUQueueDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
} WGPUQueueDescriptor;
#define WGPU_QUEUE_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUQueueDescriptor, {NULL, WGPU_STRING_VIEW_INIT})

/* SPIR-V is refused: an error of wgpuDeviceCreateShaderModule. */
typedef struct WGPUShaderSourceSPIRV {
    WGPUChainedStruct chain;
    uint32_t codeSize;
    uint32_t const * code;
} WGPUShaderSourceSPIRV;
#define WGPU_SHADER_SOURCE_SPIRV_INIT WGPU_MAKE_INIT_STRUCT_(WGPUShaderSourceSPIRV, {{NULL, WGPUSType_ShaderSourceSPIRV}, 0, NULL})

typedef struct WGPUShaderSourceWGSL {
    WGPUChainedStruct chain;
    WGPUStringView code;
} WGPUShaderSourceWGSL;
#define WGPU_SHADER_SOURCE_WGSL_INIT WGPU_MAKE_INIT_STRUCT_(WGPUShaderSourceWGSL, {{NULL, WGPUSType_ShaderSourceWGSL}, WGPU_STRING_VIEW_INIT})

typedef struct WGPUShaderModuleDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
} WGPUShaderModuleDescriptor;
#define WGPU_SHADER_MODULE_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUShaderModuleDescriptor, {NULL, WGPU_STRING_VIEW_INIT})

typedef struct WGPUSupportedFeatures {
    size_t featureCount;
    WGPUFeatureName const * features;
} WGPUSupportedFeatures;
#define WGPU_SUPPORTED_FEATURES_INIT WGPU_MAKE_INIT_STRUCT_(WGPUSupportedFeatures, {0, NULL})

typedef struct WGPUSupportedInstanceFeatures {
    size_t featureCount;
    WGPUInstanceFeatureName const * features;
} WGPUSupportedInstanceFeatures;
#define WGPU_SUPPORTED_INSTANCE_FEATURES_INIT WGPU_MAKE_INIT_STRUCT_(WGPUSupportedInstanceFeatures, {0, NULL})

typedef struct WGPUSupportedWGSLLanguageFeatures {
    size_t featureCount;
    WGPUWGSLLanguageFeatureName const * features;
} WGPUSupportedWGSLLanguageFeatures;
#define WGPU_SUPPORTED_WGSL_LANGUAGE_FEATURES_INIT WGPU_MAKE_INIT_STRUCT_(WGPUSupportedWGSLLanguageFeatures, {0, NULL})

typedef struct WGPUBindGroupEntry {
    WGPUChainedStruct * nextInChain;
    uint32_t binding;
    WGPUBuffer buffer;
    uint64_t offset;
    uint64_t size;
    WGPUSampler sampler;
    WGPUTextureView textureView;
} WGPUBindGroupEntry;
#define WGPU_BIND_GROUP_ENTRY_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBindGroupEntry, {NULL, 0, NULL, 0, WGPU_WHOLE_SIZE, NULL, NULL})

typedef struct WGPUBindGroupDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    WGPUBindGroupLayout layout;
    size_t entryCount;
    WGPUBindGroupEntry const * entries;
} WGPUBindGroupDescriptor;
#define WGPU_BIND_GROUP_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBindGroupDescriptor, {NULL, WGPU_STRING_VIEW_INIT, NULL, 0, NULL})

typedef struct WGPUBindGroupLayoutEntry {
    WGPUChainedStruct * nextInChain;
    uint32_t binding;
    WGPUShaderStage visibility;
    uint32_t bindingArraySize;
    WGPUBufferBindingLayout buffer;
    WGPUSamplerBindingLayout sampler;
    WGPUTextureBindingLayout texture;
    WGPUStorageTextureBindingLayout storageTexture;
} WGPUBindGroupLayoutEntry;
#define WGPU_BIND_GROUP_LAYOUT_ENTRY_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBindGroupLayoutEntry, {NULL, 0, WGPUShaderStage_None, 0, {NULL, WGPUBufferBindingType_BindingNotUsed, WGPU_FALSE, 0}, {NULL, WGPUSamplerBindingType_BindingNotUsed}, {NULL, WGPUTextureSampleType_BindingNotUsed, WGPUTextureViewDimension_Undefined, WGPU_FALSE}, {NULL, WGPUStorageTextureAccess_BindingNotUsed, WGPUTextureFormat_Undefined, WGPUTextureViewDimension_Undefined}})

typedef struct WGPUBindGroupLayoutDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    size_t entryCount;
    WGPUBindGroupLayoutEntry const * entries;
} WGPUBindGroupLayoutDescriptor;
#define WGPU_BIND_GROUP_LAYOUT_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUBindGroupLayoutDescriptor, {NULL, WGPU_STRING_VIEW_INIT, 0, NULL})

typedef struct WGPUComputeState {
    WGPUChainedStruct * nextInChain;
    WGPUShaderModule module;
    WGPUStringView entryPoint;
    size_t constantCount;
    WGPUConstantEntry const * constants;
} WGPUComputeState;
#define WGPU_COMPUTE_STATE_INIT WGPU_MAKE_INIT_STRUCT_(WGPUComputeState, {NULL, NULL, WGPU_STRING_VIEW_INIT, 0, NULL})

typedef struct WGPUComputePipelineDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    WGPUPipelineLayout layout;
    WGPUComputeState compute;
} WGPUComputePipelineDescriptor;
#define WGPU_COMPUTE_PIPELINE_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUComputePipelineDescriptor, {NULL, WGPU_STRING_VIEW_INIT, NULL, WGPU_COMPUTE_STATE_INIT})

typedef struct WGPUFutureWaitInfo {
    WGPUFuture future;
    WGPUBool completed;
} WGPUFutureWaitInfo;
#define WGPU_FUTURE_WAIT_INFO_INIT WGPU_MAKE_INIT_STRUCT_(WGPUFutureWaitInfo, {WGPU_FUTURE_INIT, WGPU_FALSE})

typedef struct WGPULimits {
    WGPUChainedStruct * nextInChain;
    uint32_t maxTextureDimension1D;
    uint32_t maxTextureDimension2D;
    uint32_t maxTextureDimension3D;
    uint32_t maxTextureArrayLayers;
    uint32_t maxBindGroups;
    uint32_t maxBindGroupsPlusVertexBuffers;
    uint32_t maxBindingsPerBindGroup;
    uint32_t maxDynamicUniformBuffersPerPipelineLayout;
    uint32_t maxDynamicStorageBuffersPerPipelineLayout;
    uint32_t maxSampledTexturesPerShaderStage;
    uint32_t maxSamplersPerShaderStage;
    uint32_t maxStorageBuffersPerShaderStage;
    uint32_t maxStorageTexturesPerShaderStage;
    uint32_t maxUniformBuffersPerShaderStage;
    uint64_t maxUniformBufferBindingSize;
    uint64_t maxStorageBufferBindingSize;
    uint32_t minUniformBufferOffsetAlignment;
    uint32_t minStorageBufferOffsetAlignment;
    uint32_t maxVertexBuffers;
    uint64_t maxBufferSize;
    uint32_t maxVertexAttributes;
    uint32_t maxVertexBufferArrayStride;
    uint32_t maxInterStageShaderVariables;
    uint32_t maxColorAttachments;
    uint32_t maxColorAttachmentBytesPerSample;
    uint32_t maxComputeWorkgroupStorageSize;
    uint32_t maxComputeInvocationsPerWorkgroup;
    uint32_t maxComputeWorkgroupSizeX;
    uint32_t maxComputeWorkgroupSizeY;
    uint32_t maxComputeWorkgroupSizeZ;
    uint32_t maxComputeWorkgroupsPerDimension;
    uint32_t maxImmediateSize;
} WGPULimits;

#define WGPU_LIMITS_INIT WGPU_MAKE_INIT_STRUCT_(WGPULimits, { \
    NULL, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U64_UNDEFINED, \
    WGPU_LIMIT_U64_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U64_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, WGPU_LIMIT_U32_UNDEFINED, \
    WGPU_LIMIT_U32_UNDEFINED})

typedef struct WGPURequestAdapterOptions {
    WGPUChainedStruct * nextInChain;
    WGPUFeatureLevel featureLevel;
    WGPUPowerPreference powerPreference;
    WGPUBool forceFallbackAdapter;
    WGPUBackendType backendType;
    WGPUSurface compatibleSurface;
} WGPURequestAdapterOptions;
#define WGPU_REQUEST_ADAPTER_OPTIONS_INIT WGPU_MAKE_INIT_STRUCT_(WGPURequestAdapterOptions, {NULL, WGPUFeatureLevel_Undefined, WGPUPowerPreference_Undefined, WGPU_FALSE, WGPUBackendType_Undefined, NULL})

typedef struct WGPUDeviceDescriptor {
    WGPUChainedStruct * nextInChain;
    WGPUStringView label;
    size_t requiredFeatureCount;
    WGPUFeatureName const * requiredFeatures;
    WGPULimits const * requiredLimits;
    WGPUQueueDescriptor defaultQueue;
    WGPUDeviceLostCallbackInfo deviceLostCallbackInfo;
    WGPUUncapturedErrorCallbackInfo uncapturedErrorCallbackInfo;
} WGPUDeviceDescriptor;
#define WGPU_DEVICE_DESCRIPTOR_INIT WGPU_MAKE_INIT_STRUCT_(WGPUDeviceDescriptor, {NULL, WGPU_STRING_VIEW_INIT, 0, NULL, NULL, WGPU_QUEUE_DESCRIPTOR_INIT, WGPU_DEVICE_LOST_CALLBACK_INFO_INIT, WGPU_UNCAPTURED_ERROR_CALLBACK_INFO_INIT})

/* Functions. */
WGPU_EXPORT(wgpuCreateInstance) WGPUInstance wgpuCreateInstance(WGPUInstanceDescriptor const * descriptor);
WGPU_EXPORT(wgpuGetInstanceFeatures) void wgpuGetInstanceFeatures(WGPUSupportedInstanceFeatures * features);
WGPU_EXPORT(wgpuGetInstanceLimits) WGPUStatus wgpuGetInstanceLimits(WGPUInstanceLimits * limits);
WGPU_EXPORT(wgpuHasInstanceFeature) WGPUBool wgpuHasInstanceFeature(WGPUInstanceFeatureName feature);
WGPU_EXPORT(wgpuAdapterGetFeatures) void wgpuAdapterGetFeatures(WGPUAdapter adapter, WGPUSupportedFeatures * features);
WGPU_EXPORT(wgpuAdapterGetInfo) WGPUStatus wgpuAdapterGetInfo(WGPUAdapter adapter, WGPUAdapterInfo * info);
WGPU_EXPORT(wgpuAdapterGetLimits) WGPUStatus wgpuAdapterGetLimits(WGPUAdapter adapter, WGPULimits * limits);
WGPU_EXPORT(wgpuAdapterHasFeature) WGPUBool wgpuAdapterHasFeature(WGPUAdapter adapter, WGPUFeatureName feature);
WGPU_EXPORT(wgpuAdapterRequestDevice) WGPUFuture wgpuAdapterRequestDevice(WGPUAdapter adapter, WGPUDeviceDescriptor const * descriptor, WGPURequestDeviceCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuAdapterInfoFreeMembers) void wgpuAdapterInfoFreeMembers(WGPUAdapterInfo adapterInfo);
WGPU_EXPORT(wgpuBufferDestroy) void wgpuBufferDestroy(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferGetConstMappedRange) void const * wgpuBufferGetConstMappedRange(WGPUBuffer buffer, size_t offset, size_t size);
WGPU_EXPORT(wgpuBufferGetMappedRange) void * wgpuBufferGetMappedRange(WGPUBuffer buffer, size_t offset, size_t size);
WGPU_EXPORT(wgpuBufferGetMapState) WGPUBufferMapState wgpuBufferGetMapState(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferGetSize) uint64_t wgpuBufferGetSize(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferGetUsage) WGPUBufferUsage wgpuBufferGetUsage(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferMapAsync) WGPUFuture wgpuBufferMapAsync(WGPUBuffer buffer, WGPUMapMode mode, size_t offset, size_t size, WGPUBufferMapCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuBufferReadMappedRange) WGPUStatus wgpuBufferReadMappedRange(WGPUBuffer buffer, size_t offset, void * data, size_t size);
WGPU_EXPORT(wgpuBufferUnmap) void wgpuBufferUnmap(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferWriteMappedRange) WGPUStatus wgpuBufferWriteMappedRange(WGPUBuffer buffer, size_t offset, void const * data, size_t size);
WGPU_EXPORT(wgpuCommandEncoderBeginComputePass) WGPUComputePassEncoder wgpuCommandEncoderBeginComputePass(WGPUCommandEncoder commandEncoder, WGPUComputePassDescriptor const * descriptor);
WGPU_EXPORT(wgpuCommandEncoderClearBuffer) void wgpuCommandEncoderClearBuffer(WGPUCommandEncoder commandEncoder, WGPUBuffer buffer, uint64_t offset, uint64_t size);
WGPU_EXPORT(wgpuCommandEncoderCopyBufferToBuffer) void wgpuCommandEncoderCopyBufferToBuffer(WGPUCommandEncoder commandEncoder, WGPUBuffer source, uint64_t sourceOffset, WGPUBuffer destination, uint64_t destinationOffset, uint64_t size);
WGPU_EXPORT(wgpuCommandEncoderFinish) WGPUCommandBuffer wgpuCommandEncoderFinish(WGPUCommandEncoder commandEncoder, WGPUCommandBufferDescriptor const * descriptor);
WGPU_EXPORT(wgpuCommandEncoderInsertDebugMarker) void wgpuCommandEncoderInsertDebugMarker(WGPUCommandEncoder commandEncoder, WGPUStringView markerLabel);
WGPU_EXPORT(wgpuCommandEncoderPopDebugGroup) void wgpuCommandEncoderPopDebugGroup(WGPUCommandEncoder commandEncoder);
WGPU_EXPORT(wgpuCommandEncoderPushDebugGroup) void wgpuCommandEncoderPushDebugGroup(WGPUCommandEncoder commandEncoder, WGPUStringView groupLabel);
WGPU_EXPORT(wgpuComputePassEncoderDispatchWorkgroups) void wgpuComputePassEncoderDispatchWorkgroups(WGPUComputePassEncoder computePassEncoder, uint32_t workgroupCountX, uint32_t workgroupCountY, uint32_t workgroupCountZ);
WGPU_EXPORT(wgpuComputePassEncoderDispatchWorkgroupsIndirect) void wgpuComputePassEncoderDispatchWorkgroupsIndirect(WGPUComputePassEncoder computePassEncoder, WGPUBuffer indirectBuffer, uint64_t indirectOffset);
WGPU_EXPORT(wgpuComputePassEncoderEnd) void wgpuComputePassEncoderEnd(WGPUComputePassEncoder computePassEncoder);
WGPU_EXPORT(wgpuComputePassEncoderInsertDebugMarker) void wgpuComputePassEncoderInsertDebugMarker(WGPUComputePassEncoder computePassEncoder, WGPUStringView markerLabel);
WGPU_EXPORT(wgpuComputePassEncoderPopDebugGroup) void wgpuComputePassEncoderPopDebugGroup(WGPUComputePassEncoder computePassEncoder);
WGPU_EXPORT(wgpuComputePassEncoderPushDebugGroup) void wgpuComputePassEncoderPushDebugGroup(WGPUComputePassEncoder computePassEncoder, WGPUStringView groupLabel);
WGPU_EXPORT(wgpuComputePassEncoderSetBindGroup) void wgpuComputePassEncoderSetBindGroup(WGPUComputePassEncoder computePassEncoder, uint32_t groupIndex, WGPUBindGroup group, size_t dynamicOffsetCount, uint32_t const * dynamicOffsets);
WGPU_EXPORT(wgpuComputePassEncoderSetImmediates) void wgpuComputePassEncoderSetImmediates(WGPUComputePassEncoder computePassEncoder, uint32_t offset, void const * data, size_t size);
WGPU_EXPORT(wgpuComputePassEncoderSetPipeline) void wgpuComputePassEncoderSetPipeline(WGPUComputePassEncoder computePassEncoder, WGPUComputePipeline pipeline);
WGPU_EXPORT(wgpuComputePipelineGetBindGroupLayout) WGPUBindGroupLayout wgpuComputePipelineGetBindGroupLayout(WGPUComputePipeline computePipeline, uint32_t groupIndex);
WGPU_EXPORT(wgpuDeviceCreateBindGroup) WGPUBindGroup wgpuDeviceCreateBindGroup(WGPUDevice device, WGPUBindGroupDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateBindGroupLayout) WGPUBindGroupLayout wgpuDeviceCreateBindGroupLayout(WGPUDevice device, WGPUBindGroupLayoutDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateBuffer) WGPUBuffer wgpuDeviceCreateBuffer(WGPUDevice device, WGPUBufferDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateCommandEncoder) WGPUCommandEncoder wgpuDeviceCreateCommandEncoder(WGPUDevice device, WGPUCommandEncoderDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateComputePipeline) WGPUComputePipeline wgpuDeviceCreateComputePipeline(WGPUDevice device, WGPUComputePipelineDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateComputePipelineAsync) WGPUFuture wgpuDeviceCreateComputePipelineAsync(WGPUDevice device, WGPUComputePipelineDescriptor const * descriptor, WGPUCreateComputePipelineAsyncCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuDeviceCreatePipelineLayout) WGPUPipelineLayout wgpuDeviceCreatePipelineLayout(WGPUDevice device, WGPUPipelineLayoutDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceCreateShaderModule) WGPUShaderModule wgpuDeviceCreateShaderModule(WGPUDevice device, WGPUShaderModuleDescriptor const * descriptor);
WGPU_EXPORT(wgpuDeviceDestroy) void wgpuDeviceDestroy(WGPUDevice device);
WGPU_EXPORT(wgpuDeviceGetAdapterInfo) WGPUStatus wgpuDeviceGetAdapterInfo(WGPUDevice device, WGPUAdapterInfo * adapterInfo);
WGPU_EXPORT(wgpuDeviceGetFeatures) void wgpuDeviceGetFeatures(WGPUDevice device, WGPUSupportedFeatures * features);
WGPU_EXPORT(wgpuDeviceGetLimits) WGPUStatus wgpuDeviceGetLimits(WGPUDevice device, WGPULimits * limits);
WGPU_EXPORT(wgpuDeviceGetLostFuture) WGPUFuture wgpuDeviceGetLostFuture(WGPUDevice device);
WGPU_EXPORT(wgpuDeviceGetQueue) WGPUQueue wgpuDeviceGetQueue(WGPUDevice device);
WGPU_EXPORT(wgpuDeviceHasFeature) WGPUBool wgpuDeviceHasFeature(WGPUDevice device, WGPUFeatureName feature);
WGPU_EXPORT(wgpuDevicePopErrorScope) WGPUFuture wgpuDevicePopErrorScope(WGPUDevice device, WGPUPopErrorScopeCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuDevicePushErrorScope) void wgpuDevicePushErrorScope(WGPUDevice device, WGPUErrorFilter filter);
WGPU_EXPORT(wgpuInstanceGetWGSLLanguageFeatures) void wgpuInstanceGetWGSLLanguageFeatures(WGPUInstance instance, WGPUSupportedWGSLLanguageFeatures * features);
WGPU_EXPORT(wgpuInstanceHasWGSLLanguageFeature) WGPUBool wgpuInstanceHasWGSLLanguageFeature(WGPUInstance instance, WGPUWGSLLanguageFeatureName feature);
WGPU_EXPORT(wgpuInstanceProcessEvents) void wgpuInstanceProcessEvents(WGPUInstance instance);
WGPU_EXPORT(wgpuInstanceRequestAdapter) WGPUFuture wgpuInstanceRequestAdapter(WGPUInstance instance, WGPURequestAdapterOptions const * options, WGPURequestAdapterCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuInstanceWaitAny) WGPUWaitStatus wgpuInstanceWaitAny(WGPUInstance instance, size_t futureCount, WGPUFutureWaitInfo * futures, uint64_t timeoutNS);
WGPU_EXPORT(wgpuQueueOnSubmittedWorkDone) WGPUFuture wgpuQueueOnSubmittedWorkDone(WGPUQueue queue, WGPUQueueWorkDoneCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuQueueSubmit) void wgpuQueueSubmit(WGPUQueue queue, size_t commandCount, WGPUCommandBuffer const * commands);
WGPU_EXPORT(wgpuQueueWriteBuffer) void wgpuQueueWriteBuffer(WGPUQueue queue, WGPUBuffer buffer, uint64_t bufferOffset, void const * data, size_t size);
WGPU_EXPORT(wgpuShaderModuleGetCompilationInfo) WGPUFuture wgpuShaderModuleGetCompilationInfo(WGPUShaderModule shaderModule, WGPUCompilationInfoCallbackInfo callbackInfo);
WGPU_EXPORT(wgpuSupportedFeaturesFreeMembers) void wgpuSupportedFeaturesFreeMembers(WGPUSupportedFeatures supportedFeatures);
WGPU_EXPORT(wgpuSupportedInstanceFeaturesFreeMembers) void wgpuSupportedInstanceFeaturesFreeMembers(WGPUSupportedInstanceFeatures supportedInstanceFeatures);
WGPU_EXPORT(wgpuSupportedWGSLLanguageFeaturesFreeMembers) void wgpuSupportedWGSLLanguageFeaturesFreeMembers(WGPUSupportedWGSLLanguageFeatures supportedWGSLLanguageFeatures);
WGPU_EXPORT(wgpuBindGroupSetLabel) void wgpuBindGroupSetLabel(WGPUBindGroup bindGroup, WGPUStringView label);
WGPU_EXPORT(wgpuBindGroupLayoutSetLabel) void wgpuBindGroupLayoutSetLabel(WGPUBindGroupLayout bindGroupLayout, WGPUStringView label);
WGPU_EXPORT(wgpuBufferSetLabel) void wgpuBufferSetLabel(WGPUBuffer buffer, WGPUStringView label);
WGPU_EXPORT(wgpuCommandBufferSetLabel) void wgpuCommandBufferSetLabel(WGPUCommandBuffer commandBuffer, WGPUStringView label);
WGPU_EXPORT(wgpuCommandEncoderSetLabel) void wgpuCommandEncoderSetLabel(WGPUCommandEncoder commandEncoder, WGPUStringView label);
WGPU_EXPORT(wgpuComputePassEncoderSetLabel) void wgpuComputePassEncoderSetLabel(WGPUComputePassEncoder computePassEncoder, WGPUStringView label);
WGPU_EXPORT(wgpuComputePipelineSetLabel) void wgpuComputePipelineSetLabel(WGPUComputePipeline computePipeline, WGPUStringView label);
WGPU_EXPORT(wgpuDeviceSetLabel) void wgpuDeviceSetLabel(WGPUDevice device, WGPUStringView label);
WGPU_EXPORT(wgpuPipelineLayoutSetLabel) void wgpuPipelineLayoutSetLabel(WGPUPipelineLayout pipelineLayout, WGPUStringView label);
WGPU_EXPORT(wgpuQueueSetLabel) void wgpuQueueSetLabel(WGPUQueue queue, WGPUStringView label);
WGPU_EXPORT(wgpuShaderModuleSetLabel) void wgpuShaderModuleSetLabel(WGPUShaderModule shaderModule, WGPUStringView label);
WGPU_EXPORT(wgpuAdapterAddRef) void wgpuAdapterAddRef(WGPUAdapter adapter);
WGPU_EXPORT(wgpuAdapterRelease) void wgpuAdapterRelease(WGPUAdapter adapter);
WGPU_EXPORT(wgpuBindGroupAddRef) void wgpuBindGroupAddRef(WGPUBindGroup bindGroup);
WGPU_EXPORT(wgpuBindGroupRelease) void wgpuBindGroupRelease(WGPUBindGroup bindGroup);
WGPU_EXPORT(wgpuBindGroupLayoutAddRef) void wgpuBindGroupLayoutAddRef(WGPUBindGroupLayout bindGroupLayout);
WGPU_EXPORT(wgpuBindGroupLayoutRelease) void wgpuBindGroupLayoutRelease(WGPUBindGroupLayout bindGroupLayout);
WGPU_EXPORT(wgpuBufferAddRef) void wgpuBufferAddRef(WGPUBuffer buffer);
WGPU_EXPORT(wgpuBufferRelease) void wgpuBufferRelease(WGPUBuffer buffer);
WGPU_EXPORT(wgpuCommandBufferAddRef) void wgpuCommandBufferAddRef(WGPUCommandBuffer commandBuffer);
WGPU_EXPORT(wgpuCommandBufferRelease) void wgpuCommandBufferRelease(WGPUCommandBuffer commandBuffer);
WGPU_EXPORT(wgpuCommandEncoderAddRef) void wgpuCommandEncoderAddRef(WGPUCommandEncoder commandEncoder);
WGPU_EXPORT(wgpuCommandEncoderRelease) void wgpuCommandEncoderRelease(WGPUCommandEncoder commandEncoder);
WGPU_EXPORT(wgpuComputePassEncoderAddRef) void wgpuComputePassEncoderAddRef(WGPUComputePassEncoder computePassEncoder);
WGPU_EXPORT(wgpuComputePassEncoderRelease) void wgpuComputePassEncoderRelease(WGPUComputePassEncoder computePassEncoder);
WGPU_EXPORT(wgpuComputePipelineAddRef) void wgpuComputePipelineAddRef(WGPUComputePipeline computePipeline);
WGPU_EXPORT(wgpuComputePipelineRelease) void wgpuComputePipelineRelease(WGPUComputePipeline computePipeline);
WGPU_EXPORT(wgpuDeviceAddRef) void wgpuDeviceAddRef(WGPUDevice device);
WGPU_EXPORT(wgpuDeviceRelease) void wgpuDeviceRelease(WGPUDevice device);
WGPU_EXPORT(wgpuInstanceAddRef) void wgpuInstanceAddRef(WGPUInstance instance);
WGPU_EXPORT(wgpuInstanceRelease) void wgpuInstanceRelease(WGPUInstance instance);
WGPU_EXPORT(wgpuPipelineLayoutAddRef) void wgpuPipelineLayoutAddRef(WGPUPipelineLayout pipelineLayout);
WGPU_EXPORT(wgpuPipelineLayoutRelease) void wgpuPipelineLayoutRelease(WGPUPipelineLayout pipelineLayout);
WGPU_EXPORT(wgpuQueueAddRef) void wgpuQueueAddRef(WGPUQueue queue);
WGPU_EXPORT(wgpuQueueRelease) void wgpuQueueRelease(WGPUQueue queue);
WGPU_EXPORT(wgpuShaderModuleAddRef) void wgpuShaderModuleAddRef(WGPUShaderModule shaderModule);
WGPU_EXPORT(wgpuShaderModuleRelease) void wgpuShaderModuleRelease(WGPUShaderModule shaderModule);

/* What webgpu.h has besides. Using it is an error of the compiler that says why; a module that imports one of these
 * functions all the same, made with another header, is refused by its name. */
#ifndef WGPU_NO_ABSENT
#define WGPU_ABSENT_ __attribute__((unavailable("it is not part of the compute subset of webgpu.h that a gwrun job can use")))
#define WGPU_ABSENT_FUNCTION_(name) void name(void) WGPU_ABSENT_;
#define WGPU_ABSENT_TYPE_(name) typedef struct name##Absent_ name WGPU_ABSENT_;
WGPU_ABSENT_TYPE_(WGPUBlendComponent) WGPU_ABSENT_TYPE_(WGPUBlendState) WGPU_ABSENT_TYPE_(WGPUColor)
WGPU_ABSENT_TYPE_(WGPUColorTargetState) WGPU_ABSENT_TYPE_(WGPUColorWriteMask)
WGPU_ABSENT_TYPE_(WGPUCompatibilityModeLimits) WGPU_ABSENT_TYPE_(WGPUCreateRenderPipelineAsyncCallbackInfo)
WGPU_ABSENT_TYPE_(WGPUDepthStencilState) WGPU_ABSENT_TYPE_(WGPUExtent3D) WGPU_ABSENT_TYPE_(WGPUExternalTexture)
WGPU_ABSENT_TYPE_(WGPUExternalTextureBindingEntry) WGPU_ABSENT_TYPE_(WGPUExternalTextureBindingLayout)
WGPU_ABSENT_TYPE_(WGPUFragmentState) WGPU_ABSENT_TYPE_(WGPUMultisampleState) WGPU_ABSENT_TYPE_(WGPUOrigin3D)
WGPU_ABSENT_TYPE_(WGPUPrimitiveState) WGPU_ABSENT_TYPE_(WGPUQuerySetDescriptor) WGPU_ABSENT_TYPE_(WGPURenderBundle)
WGPU_ABSENT_TYPE_(WGPURenderBundleDescriptor) WGPU_ABSENT_TYPE_(WGPURenderBundleEncoder)
WGPU_ABSENT_TYPE_(WGPURenderBundleEncoderDescriptor) WGPU_ABSENT_TYPE_(WGPURenderPassColorAttachment)
WGPU_ABSENT_TYPE_(WGPURenderPassDepthStencilAttachment) WGPU_ABSENT_TYPE_(WGPURenderPassDescriptor)
WGPU_ABSENT_TYPE_(WGPURenderPassEncoder) WGPU_ABSENT_TYPE_(WGPURenderPassMaxDrawCount)
WGPU_ABSENT_TYPE_(WGPURenderPipeline) WGPU_ABSENT_TYPE_(WGPURenderPipelineDescriptor)
WGPU_ABSENT_TYPE_(WGPURequestAdapterWebXROptions) WGPU_ABSENT_TYPE_(WGPUSamplerDescriptor)
WGPU_ABSENT_TYPE_(WGPUStencilFaceState) WGPU_ABSENT_TYPE_(WGPUSurfaceCapabilities)
WGPU_ABSENT_TYPE_(WGPUSurfaceColorManagement) WGPU_ABSENT_TYPE_(WGPUSurfaceConfiguration)
WGPU_ABSENT_TYPE_(WGPUSurfaceDescriptor) WGPU_ABSENT_TYPE_(WGPUSurfaceSourceAndroidNativeWindow)
WGPU_ABSENT_TYPE_(WGPUSurfaceSourceMetalLayer) WGPU_ABSENT_TYPE_(WGPUSurfaceSourceWaylandSurface)
WGPU_ABSENT_TYPE_(WGPUSurfaceSourceWindowsHWND) WGPU_ABSENT_TYPE_(WGPUSurfaceSourceXCBWindow)
WGPU_ABSENT_TYPE_(WGPUSurfaceSourceXlibWindow) WGPU_ABSENT_TYPE_(WGPUSurfaceTexture)
WGPU_ABSENT_TYPE_(WGPUTexelCopyBufferInfo) WGPU_ABSENT_TYPE_(WGPUTexelCopyBufferLayout)
WGPU_ABSENT_TYPE_(WGPUTexelCopyTextureInfo) WGPU_ABSENT_TYPE_(WGPUTexture)
WGPU_ABSENT_TYPE_(WGPUTextureBindingViewDimension) WGPU_ABSENT_TYPE_(WGPUTextureComponentSwizzle)
WGPU_ABSENT_TYPE_(WGPUTextureComponentSwizzleDescriptor) WGPU_ABSENT_TYPE_(WGPUTextureDescriptor)
WGPU_ABSENT_TYPE_(WGPUTextureUsage) WGPU_ABSENT_TYPE_(WGPUTextureViewDescriptor)
WGPU_ABSENT_TYPE_(WGPUVertexAttribute) WGPU_ABSENT_TYPE_(WGPUVertexBufferLayout) WGPU_ABSENT_TYPE_(WGPUVertexState)
WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderBeginRenderPass) WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderCopyBufferToTexture)
WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderCopyTextureToBuffer)
WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderCopyTextureToTexture) WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderResolveQuerySet)
WGPU_ABSENT_FUNCTION_(wgpuCommandEncoderWriteTimestamp) WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateQuerySet)
WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateRenderBundleEncoder) WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateRenderPipeline)
WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateRenderPipelineAsync) WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateSampler)
WGPU_ABSENT_FUNCTION_(wgpuDeviceCreateTexture) WGPU_ABSENT_FUNCTION_(wgpuExternalTextureAddRef)
WGPU_ABSENT_FUNCTION_(wgpuExternalTextureRelease) WGPU_ABSENT_FUNCTION_(wgpuExternalTextureSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuGetProcAddress) WGPU_ABSENT_FUNCTION_(wgpuInstanceCreateSurface)
WGPU_ABSENT_FUNCTION_(wgpuQuerySetAddRef) WGPU_ABSENT_FUNCTION_(wgpuQuerySetDestroy)
WGPU_ABSENT_FUNCTION_(wgpuQuerySetGetCount) WGPU_ABSENT_FUNCTION_(wgpuQuerySetGetType)
WGPU_ABSENT_FUNCTION_(wgpuQuerySetRelease) WGPU_ABSENT_FUNCTION_(wgpuQuerySetSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuQueueWriteTexture) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleAddRef)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderAddRef) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderDraw)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderDrawIndexed)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderDrawIndexedIndirect)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderDrawIndirect) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderFinish)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderInsertDebugMarker)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderPopDebugGroup)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderPushDebugGroup) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderRelease)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetBindGroup) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetImmediates)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetIndexBuffer) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetPipeline)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleEncoderSetVertexBuffer) WGPU_ABSENT_FUNCTION_(wgpuRenderBundleRelease)
WGPU_ABSENT_FUNCTION_(wgpuRenderBundleSetLabel) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderAddRef)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderBeginOcclusionQuery) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderDraw)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderDrawIndexed)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderDrawIndexedIndirect)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderDrawIndirect) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderEnd)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderEndOcclusionQuery)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderExecuteBundles)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderInsertDebugMarker)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderPopDebugGroup) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderPushDebugGroup)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderRelease) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetBindGroup)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetBlendConstant) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetImmediates)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetIndexBuffer) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetPipeline) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetScissorRect)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetStencilReference)
WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetVertexBuffer) WGPU_ABSENT_FUNCTION_(wgpuRenderPassEncoderSetViewport)
WGPU_ABSENT_FUNCTION_(wgpuRenderPipelineAddRef) WGPU_ABSENT_FUNCTION_(wgpuRenderPipelineGetBindGroupLayout)
WGPU_ABSENT_FUNCTION_(wgpuRenderPipelineRelease) WGPU_ABSENT_FUNCTION_(wgpuRenderPipelineSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuSamplerAddRef) WGPU_ABSENT_FUNCTION_(wgpuSamplerRelease)
WGPU_ABSENT_FUNCTION_(wgpuSamplerSetLabel) WGPU_ABSENT_FUNCTION_(wgpuSurfaceAddRef)
WGPU_ABSENT_FUNCTION_(wgpuSurfaceCapabilitiesFreeMembers) WGPU_ABSENT_FUNCTION_(wgpuSurfaceConfigure)
WGPU_ABSENT_FUNCTION_(wgpuSurfaceGetCapabilities) WGPU_ABSENT_FUNCTION_(wgpuSurfaceGetCurrentTexture)
WGPU_ABSENT_FUNCTION_(wgpuSurfacePresent) WGPU_ABSENT_FUNCTION_(wgpuSurfaceRelease)
WGPU_ABSENT_FUNCTION_(wgpuSurfaceSetLabel) WGPU_ABSENT_FUNCTION_(wgpuSurfaceUnconfigure)
WGPU_ABSENT_FUNCTION_(wgpuTextureAddRef) WGPU_ABSENT_FUNCTION_(wgpuTextureCreateView)
WGPU_ABSENT_FUNCTION_(wgpuTextureDestroy) WGPU_ABSENT_FUNCTION_(wgpuTextureGetDepthOrArrayLayers)
WGPU_ABSENT_FUNCTION_(wgpuTextureGetDimension) WGPU_ABSENT_FUNCTION_(wgpuTextureGetFormat)
WGPU_ABSENT_FUNCTION_(wgpuTextureGetHeight) WGPU_ABSENT_FUNCTION_(wgpuTextureGetMipLevelCount)
WGPU_ABSENT_FUNCTION_(wgpuTextureGetSampleCount) WGPU_ABSENT_FUNCTION_(wgpuTextureGetTextureBindingViewDimension)
WGPU_ABSENT_FUNCTION_(wgpuTextureGetUsage) WGPU_ABSENT_FUNCTION_(wgpuTextureGetWidth)
WGPU_ABSENT_FUNCTION_(wgpuTextureRelease) WGPU_ABSENT_FUNCTION_(wgpuTextureSetLabel)
WGPU_ABSENT_FUNCTION_(wgpuTextureViewAddRef) WGPU_ABSENT_FUNCTION_(wgpuTextureViewRelease)
WGPU_ABSENT_FUNCTION_(wgpuTextureViewSetLabel)
#undef WGPU_ABSENT_FUNCTION_
#undef WGPU_ABSENT_TYPE_
#endif

/* Memory the host writes a callback's message into: at least 1024 bytes, used only while a callback runs. Define
 * WGPU_NO_SCRATCH before including this header to give your own. */
#ifndef WGPU_NO_SCRATCH
__attribute__((weak, export_name("gw_scratch"), used)) void * gw_scratch(void) {
    static uint64_t scratch[128];
    return scratch;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
