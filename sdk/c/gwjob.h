/* gwjob.h: what most C jobs need on top of webgpu.h and gw.h: a device in one call, kernels, reading a buffer back,
 * arguments by name, and text. It uses nothing but those two headers; a job may mix both freely.
 *
 * Nothing here returns an error: a job whose kernel does not compile or whose input is missing cannot go on, so it says
 * why in its log and ends, which is a result too.
 */
#ifndef GWJOB_H_
#define GWJOB_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gw.h"
#include "webgpu.h"

#ifdef __cplusplus
#define GWJOB_NORETURN [[noreturn]]
extern "C" {
#else
#define GWJOB_NORETURN _Noreturn
#endif

/* Text being put together; what does not fit is left out. Start with {0}. */
typedef struct gwjob_text {
    size_t length;
    char bytes[512];
} gwjob_text;

void gwjob_add(gwjob_text *text, const char *s);
void gwjob_add_u64(gwjob_text *text, uint64_t value);
/* value rounded to this many decimals (at most 9); "nan", "inf" and "-inf" where it is one. From 10^19 units of the last
 * decimal on, 18 digits and zeros. */
void gwjob_add_decimal(gwjob_text *text, double value, unsigned decimals);

/* The same by a format: %s, %u and %d (32 bits), %llu (64 bits), %f and %.2f (a double with so many decimals, 6 by itself; at
 * most 9), %%. */
__attribute__((format(printf, 2, 3))) void gwjob_addf(gwjob_text *text, const char *format, ...);

/* Logs the text and ends the job. */
GWJOB_NORETURN void gwjob_fail(const char *why);
GWJOB_NORETURN void gwjob_fail_text(const gwjob_text *why);
GWJOB_NORETURN __attribute__((format(printf, 1, 2))) void gwjob_failf(const char *format, ...);

/* A line of the log. */
void gwjob_log(const gwjob_text *text);
__attribute__((format(printf, 1, 2))) void gwjob_logf(const char *format, ...);

/* How far the job is, 0 to 1, and a word about it. */
__attribute__((format(printf, 2, 3))) void gwjob_progressf(double fraction, const char *format, ...);

/* Memory for the rest of the job, aligned to 16 bytes and zero; it is never given back. Where the module may have no more
 * (gwcc -p), the job ends. */
void *gwjob_alloc(size_t size);

/* Arguments of the form name=value; the fallback where there is none of that name. A value that is not a number, or
 * not from low to high, ends the job. The number is a plain decimal: digits, and for gwjob_arg_f32 a point in them (16 characters
 * at most) and a minus in front. */
uint32_t gwjob_arg_u32(const char *name, uint32_t fallback, uint32_t low, uint32_t high);
float gwjob_arg_f32(const char *name, float fallback, float low, float high);

/* The number of the input of that name; its absence ends the job. */
uint32_t gwjob_input(const char *name);

/* Copies size bytes of an input from offset; where there are not so many the job ends. */
void gwjob_input_read(const char *name, uint64_t offset, void *to, uint32_t size);

/* Appends to the output of that name. */
void gwjob_output(const char *name, const void *data, uint32_t size);

/* The instance, device and queue everything runs on: made by gwjob_open, which comes before all below; a second
 * call does nothing. */
extern WGPUInstance gwjob_instance;
extern WGPUDevice gwjob_device;
extern WGPUQueue gwjob_queue;
void gwjob_open(void);

WGPUBuffer gwjob_buffer(const char *label, uint64_t size, WGPUBufferUsage usage);

/* One override of a kernel. */
typedef struct gwjob_constant {
    const char *name;
    double value;
} gwjob_constant;

/* The pipeline of one entry point of a WGSL source, its bind group layout taken from the source. */
WGPUComputePipeline gwjob_pipeline(const char *wgsl, const char *entry, size_t count, const gwjob_constant *constants);

/* A bind group for group 0: size bytes of a buffer from offset for each binding. */
typedef struct gwjob_binding {
    uint32_t binding;
    WGPUBuffer buffer;
    uint64_t offset;
    uint64_t size; /* 0 is the rest of the buffer */
} gwjob_binding;
WGPUBindGroup gwjob_bind(WGPUComputePipeline pipeline, size_t count, const gwjob_binding *bindings);

/* Adds one dispatch to a pass. */
void gwjob_dispatch(WGPUComputePassEncoder pass, WGPUComputePipeline pipeline, WGPUBindGroup group, uint32_t x, uint32_t y,
                    uint32_t z);

/* Runs what the encoder holds and releases it. */
void gwjob_submit(WGPUCommandEncoder encoder);

/* Copies size bytes (a multiple of 4) of a buffer with CopySrc usage into memory, after everything submitted so far. */
void gwjob_read(WGPUBuffer buffer, uint64_t offset, void *to, size_t size);

#ifdef __cplusplus
}
#endif
#endif
