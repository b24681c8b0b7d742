/* wgpu.h: the few functions that compute programs written for wgpu-native use besides webgpu.h's.
 *
 * Names and types are those of wgpu-native (github.com/gfx-rs/wgpu-native). Everything a job asks for has happened when the
 * call returns, so wgpuDevicePoll only calls the callbacks that wait. wgpu-native ignores a callback's mode; here a mode of 0
 * is AllowSpontaneous, which means the same to such a program. Its logging and its structures of extras are not here: an
 * error that nobody asks for goes to the job's log anyway.
 */
#ifndef WGPU_H_
#define WGPU_H_

#include "webgpu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum WGPULogLevel {
    WGPULogLevel_Off = 0x00000000,
    WGPULogLevel_Error = 0x00000001,
    WGPULogLevel_Warn = 0x00000002,
    WGPULogLevel_Info = 0x00000003,
    WGPULogLevel_Debug = 0x00000004,
    WGPULogLevel_Trace = 0x00000005,
    WGPULogLevel_Force32 = 0x7FFFFFFF,
} WGPULogLevel;

typedef uint64_t WGPUSubmissionIndex;
typedef void (*WGPULogCallback)(WGPULogLevel level, WGPUStringView message, void * userdata);

/* How many objects there are, for people: here always none. */
typedef struct WGPURegistryReport {
    size_t numAllocated;
    size_t numKeptFromUser;
    size_t numReleasedFromUser;
    size_t elementSize;
} WGPURegistryReport;

typedef struct WGPUHubReport {
    WGPURegistryReport adapters, devices, queues, pipelineLayouts, shaderModules, bindGroupLayouts, bindGroups, commandBuffers,
        renderBundles, renderPipelines, computePipelines, pipelineCaches, querySets, buffers, textures, textureViews, samplers;
} WGPUHubReport;

typedef struct WGPUGlobalReport {
    WGPURegistryReport surfaces;
    WGPUHubReport hub;
} WGPUGlobalReport;

static inline void wgpuGenerateReport(WGPUInstance instance, WGPUGlobalReport * report) {
    (void)instance;
    __builtin_memset(report, 0, sizeof *report);
}

WGPU_EXPORT(wgpuDevicePoll) WGPUBool wgpuDevicePoll(WGPUDevice device, WGPUBool wait);
/* Its third parameter is a submission to wait for, and versions differ in what comes after it. */
#define wgpuDevicePoll(device, wait, ...) wgpuDevicePoll(device, wait)

/* The host writes the log, and it says every error. */
static inline void wgpuSetLogCallback(WGPULogCallback callback, void * userdata) { (void)callback, (void)userdata; }
static inline void wgpuSetLogLevel(WGPULogLevel level) { (void)level; }

static inline WGPUSubmissionIndex wgpuQueueSubmitForIndex(WGPUQueue queue, size_t commandCount, WGPUCommandBuffer const * commands) {
    wgpuQueueSubmit(queue, commandCount, commands);
    return 0;
}

#ifdef __cplusplus
}
#endif
#endif
