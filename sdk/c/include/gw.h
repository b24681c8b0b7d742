/* gw.h: what a gwrun job may ask of its host, besides webgpu.h.
 *
 * A job is a wasm32 module. It exports `memory` and either gw_step (called until it returns 0, see GW_EXPORT below) and
 * an optional gw_init, or a plain _start, which is one single step. Everything that must survive from one step to the
 * next lives in memory, globals and GPU buffers; the host may stop a job between two steps and go on elsewhere.
 *
 * All lengths are bytes. A pointer or length outside memory ends the job. Nothing here depends on the machine.
 */
#ifndef GW_H_
#define GW_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_IMPORT(name) __attribute__((import_module("gw"), import_name(#name)))
/* GW_EXPORT(gw_step) int gw_step(void) { ... } */
#define GW_EXPORT(name) __attribute__((export_name(#name)))

/* What gw_step returns: any other value says that the job failed. */
#define GW_DONE 0
#define GW_AGAIN 1

/* Returned by gw_input_find where there is no input of that name. */
#define GW_NONE (-1)

/* Inputs are numbered from 0 in the order of their names. An index that is too large ends the job. */
GW_IMPORT(input_count) uint32_t gw_input_count(void);
GW_IMPORT(input_name_len) uint32_t gw_input_name_len(uint32_t index);
/* Writes at most size bytes of the name and returns how many; no zero byte is added. */
GW_IMPORT(input_name) uint32_t gw_input_name(uint32_t index, char *to, uint32_t size);
GW_IMPORT(input_find) int32_t gw_input_find(const char *name, uint32_t name_len);
GW_IMPORT(input_len) uint64_t gw_input_len(uint32_t index);
/* Copies at most size bytes from offset and returns how many: fewer at the end of the input, 0 past it. */
GW_IMPORT(input_read) uint32_t gw_input_read(uint32_t index, uint64_t offset, void *to, uint32_t size);

/* Appends to the output of that name, which the first call makes (a call with size 0 makes an empty one). Names are
 * UTF-8 text of 1 to 255 bytes. */
GW_IMPORT(output_write) void gw_output_write(const char *name, uint32_t name_len, const void *data, uint32_t size);

/* Arguments from the job's description, numbered from 0. */
GW_IMPORT(arg_count) uint32_t gw_arg_count(void);
GW_IMPORT(arg_len) uint32_t gw_arg_len(uint32_t index);
GW_IMPORT(arg_read) uint32_t gw_arg_read(uint32_t index, char *to, uint32_t size);

/* Text for people; bounded by the job's log limit. */
GW_IMPORT(log) void gw_log(const char *text, uint32_t len);
/* How far the job is, 0 to 1, and a word about it. */
GW_IMPORT(progress) void gw_progress(double fraction, const char *text, uint32_t len);

/* The seed in the job's description, and the number of the current step: 1 for the first call of gw_step, 0 in gw_init. */
GW_IMPORT(seed) uint64_t gw_seed(void);
GW_IMPORT(step_index) uint64_t gw_step_index(void);

/* WebGPU's events without a callback, for languages whose functions have no place in the module's table (Go). Where a
 * callback's address is GW_TAKE, its event waits for gw_event_take; wgpuInstanceProcessEvents and wgpuInstanceWaitAny pass
 * it over. */
#define GW_TAKE UINT32_MAX

typedef enum gw_event_kind {
    GW_EVENT_ADAPTER = 1,     /* wgpuInstanceRequestAdapter */
    GW_EVENT_DEVICE = 2,      /* wgpuAdapterRequestDevice */
    GW_EVENT_MAP = 3,         /* wgpuBufferMapAsync */
    GW_EVENT_WORK_DONE = 4,   /* wgpuQueueOnSubmittedWorkDone */
    GW_EVENT_SCOPE = 5,       /* wgpuDevicePopErrorScope */
    GW_EVENT_PIPELINE = 6,    /* wgpuDeviceCreateComputePipelineAsync */
    GW_EVENT_COMPILATION = 7, /* wgpuShaderModuleGetCompilationInfo: type is 1 if there is a message, "LINE:COLUMN: text" */
    GW_EVENT_UNCAPTURED = 8,  /* a device's uncaptured error */
    GW_EVENT_LOST = 9,        /* a device was lost */
} gw_event_kind;

typedef struct gw_event {
    uint64_t future; /* 0 for an uncaptured error */
    uint32_t kind;   /* gw_event_kind */
    uint32_t status; /* what the callback's status would be */
    uint32_t handle; /* the adapter, device or pipeline asked for; else the buffer, shader module or device it is about */
    uint32_t type;   /* WGPUErrorType, or WGPUDeviceLostReason */
    uint32_t userdata1;
    uint32_t userdata2;
    uint32_t message_len;
    uint32_t reserved;
} gw_event;

/* Takes the first event that waits to be taken, of that future or of any (0), and writes it and at most size bytes of its
 * message, which is at most 900. Returns 1, or 0 where none waits. */
GW_IMPORT(event_take) uint32_t gw_event_take(uint64_t future, gw_event *event, char *message, uint32_t size);

#ifdef __cplusplus
}
#endif
#endif
