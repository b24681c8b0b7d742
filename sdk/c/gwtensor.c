/* Tensors: their buffers, the queue of what is to be done with them, and kernels run on them. */
#include "gwtensor.h"

enum {
    alignment = 256,              /* of an offset into a buffer that a kernel uses */
    largest_binding = 128 << 20,  /* maxStorageBufferBindingSize */
    largest_grid = 65535,         /* maxComputeWorkgroupsPerDimension */
    slot_count = 128,             /* dispatches between two submits */
    most_free = 64,               /* buffers kept for later tensors */
};

/* Shapes. */

/* zero is what a dimension of 0 is called. */
static void add_shape(gwjob_text *text, const gwt_shape *shape, const char *zero) {
    gwjob_add(text, "[");
    for (uint32_t i = 0; i < shape->rank && i < gwt_dimensions; i++) {
        gwjob_add(text, i == 0 ? "" : ", ");
        if (shape->dim[i] == 0) {
            gwjob_add(text, zero);
        } else {
            gwjob_add_u64(text, shape->dim[i]);
        }
    }
    gwjob_add(text, "]");
}

static const char *const elem_names[] = {"f32", "u32"};

void gwt_describe(gwjob_text *text, gw_tensor t) {
    if (t.made == 0) {
        gwjob_add(text, "no tensor");
        return;
    }
    gwjob_addf(text, "%s ", elem_names[t.elem]);
    add_shape(text, &t.shape, "any");
}

/* The elements of a shape that op is to make. */
static uint32_t elements(const char *op, const gwt_shape *shape) {
    uint64_t n = 1;
    bool good = shape->rank >= 1 && shape->rank <= gwt_dimensions;
    for (uint32_t i = 0; good && i < shape->rank; i++) {
        n *= shape->dim[i];
        good = n >= 1 && n <= largest_binding / 4;
    }
    if (!good) {
        gwjob_text text = {0};
        gwjob_addf(&text, "%s: a tensor of rank %u, ", op, shape->rank);
        add_shape(&text, shape, "0");
        gwjob_addf(&text, ", want rank 1 to 4 and 1 to %u elements", (uint32_t)largest_binding / 4);
        gwjob_fail_text(&text);
    }
    return (uint32_t)n;
}

uint32_t gwt_count(gw_tensor t) {
    uint32_t n = 1;
    for (uint32_t i = 0; i < t.shape.rank; i++) n *= t.shape.dim[i];
    return n;
}

uint32_t gwt_columns(gw_tensor t) {
    return t.shape.rank == 0 ? 1 : t.shape.dim[t.shape.rank - 1];
}

uint32_t gwt_row_count(gw_tensor t) {
    return gwt_count(t) / gwt_columns(t);
}

/* Storage. A tensor names its storage and which use of it is meant, so that a tensor whose storage has been released, or is
 * another's by now, is known. */

typedef struct storage {
    WGPUBuffer buffer;
    uint64_t size;  /* a multiple of the alignment */
    uint32_t made;  /* which use this is; 0 is none */
    uint32_t depth; /* of the scope */
} storage;

static storage *storages;
static uint32_t storage_count, storage_room, free_count;
static uint32_t uses; /* so far */
static uint32_t depth;

static storage *storage_of(const char *op, const char *name, const gw_tensor *t) {
    if (t->made == 0) gwjob_failf("%s: %s is no tensor", op, name);
    if (t->storage >= storage_count || storages[t->storage].made != t->made) {
        gwjob_text text = {0};
        gwjob_addf(&text, "%s: %s, ", op, name);
        gwt_describe(&text, *t);
        gwjob_add(&text, ", has been released");
        gwjob_fail_text(&text);
    }
    return &storages[t->storage];
}

/* A tensor of whatever was in its buffer before; fresh says that these are zeros. */
static gw_tensor make(const char *op, gwt_elem elem, const gwt_shape *shape, bool *fresh) {
    uint64_t size = ((uint64_t)elements(op, shape) * 4 + alignment - 1) / alignment * alignment;
    uint32_t at = storage_count, empty = storage_count;
    for (uint32_t i = 0; i < storage_count; i++) {
        if (storages[i].made != 0) continue;
        if (storages[i].buffer == NULL) {
            empty = i;
        } else if (storages[i].size == size) {
            at = i;
            break;
        }
    }
    *fresh = at == storage_count;
    if (*fresh) {
        at = empty;
        if (at == storage_room) {
            uint32_t room = storage_room == 0 ? 64 : 2 * storage_room;
            storage *more = gwjob_alloc(room * sizeof *more);
            for (uint32_t i = 0; i < storage_count; i++) more[i] = storages[i];
            storages = more;
            storage_room = room;
        }
        if (at == storage_count) storage_count++;
        storages[at].buffer = gwjob_buffer(
            "tensor", size, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc | WGPUBufferUsage_CopyDst);
        storages[at].size = size;
    } else {
        free_count--;
    }
    storages[at].made = ++uses;
    storages[at].depth = depth;
    return (gw_tensor){.shape = *shape, .elem = elem, .storage = at, .made = uses};
}

gw_tensor gwt_make(const char *op, gwt_elem elem, gwt_shape shape) {
    bool fresh;
    return make(op, elem, &shape, &fresh);
}

static void release(storage *s) {
    s->made = 0;
    if (free_count < most_free) {
        free_count++;
    } else {
        wgpuBufferRelease(s->buffer);
        s->buffer = NULL;
    }
}

void gwt_release(gw_tensor t) {
    release(storage_of("gwt_release", "the tensor", &t));
}

void gwt_begin(void) {
    depth++;
}

void gwt_end(void) {
    if (depth == 0) gwjob_fail("gwt_end: there is no gwt_begin before it");
    for (uint32_t i = 0; i < storage_count; i++) {
        if (storages[i].made != 0 && storages[i].depth == depth) release(&storages[i]);
    }
    depth--;
}

gw_tensor gwt_keep(gw_tensor t) {
    if (depth == 0) gwjob_fail("gwt_keep: there is no gwt_begin before it");
    storage *s = storage_of("gwt_keep", "the tensor", &t);
    if (s->depth == depth) s->depth = depth - 1;
    return t;
}

/* The queue: an encoder that takes dispatches and copies until it is submitted. The parameters of its dispatches are collected
 * here and written in one piece before. */

static WGPUCommandEncoder encoder;
static WGPUComputePassEncoder pass;
static WGPUBuffer parameters;
static uint32_t slots[slot_count][alignment / 4];
static uint32_t slots_used;

static void end_pass(void) {
    if (pass == NULL) return;
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    pass = NULL;
}

static void need_encoder(void) {
    if (gwjob_device == NULL) gwjob_fail("tensors want gwjob_open first");
    if (encoder == NULL) encoder = wgpuDeviceCreateCommandEncoder(gwjob_device, NULL);
}

void gwt_flush(void) {
    if (encoder == NULL) return;
    end_pass();
    if (slots_used != 0) wgpuQueueWriteBuffer(gwjob_queue, parameters, 0, slots, slots_used * alignment);
    slots_used = 0;
    gwjob_submit(encoder);
    encoder = NULL;
}

/* Making, writing, reading. */

static gw_tensor zeros(const char *op, gwt_elem elem, const gwt_shape *shape) {
    if (gwjob_device == NULL) gwjob_fail("tensors want gwjob_open first");
    bool fresh;
    gw_tensor t = make(op, elem, shape, &fresh);
    if (!fresh) {
        need_encoder();
        end_pass();
        wgpuCommandEncoderClearBuffer(encoder, storages[t.storage].buffer, 0, storages[t.storage].size);
    }
    return t;
}

gw_tensor gwt_zeros(gwt_shape shape) {
    return zeros("zeros", GWT_F32, &shape);
}

gw_tensor gwt_zeros_u32(gwt_shape shape) {
    return zeros("zeros_u32", GWT_U32, &shape);
}

static void need_elem(const char *op, const gw_tensor *t, gwt_elem elem) {
    if (t->elem == elem) return;
    gwjob_text text = {0};
    gwjob_addf(&text, "%s: the tensor is ", op);
    gwt_describe(&text, *t);
    gwjob_addf(&text, ", want %s", elem_names[elem]);
    gwjob_fail_text(&text);
}

static void write(const char *op, const gw_tensor *t, gwt_elem elem, const void *data) {
    storage *s = storage_of(op, "the tensor", t);
    need_elem(op, t, elem);
    gwt_flush(); /* what is queued may read what was there before */
    wgpuQueueWriteBuffer(gwjob_queue, s->buffer, t->offset, data, gwt_count(*t) * 4);
}

static void read(const char *op, const gw_tensor *t, gwt_elem elem, void *to) {
    storage *s = storage_of(op, "the tensor", t);
    need_elem(op, t, elem);
    gwt_flush();
    gwjob_read(s->buffer, t->offset, to, gwt_count(*t) * 4);
}

void gwt_write_f32(gw_tensor t, const float *data) {
    write("write_f32", &t, GWT_F32, data);
}

void gwt_write_u32(gw_tensor t, const uint32_t *data) {
    write("write_u32", &t, GWT_U32, data);
}

void gwt_read_f32(gw_tensor t, float *to) {
    read("read_f32", &t, GWT_F32, to);
}

void gwt_read_u32(gw_tensor t, uint32_t *to) {
    read("read_u32", &t, GWT_U32, to);
}

gw_tensor gwt_from_f32(gwt_shape shape, const float *data) {
    if (gwjob_device == NULL) gwjob_fail("tensors want gwjob_open first");
    gw_tensor t = gwt_make("from_f32", GWT_F32, shape);
    gwt_write_f32(t, data);
    return t;
}

gw_tensor gwt_from_u32(gwt_shape shape, const uint32_t *data) {
    if (gwjob_device == NULL) gwjob_fail("tensors want gwjob_open first");
    gw_tensor t = gwt_make("from_u32", GWT_U32, shape);
    gwt_write_u32(t, data);
    return t;
}

gw_tensor gwt_reshape(gw_tensor t, gwt_shape shape) {
    storage_of("reshape", "the tensor", &t);
    if (elements("reshape", &shape) != gwt_count(t)) {
        gwjob_text text = {0};
        gwjob_add(&text, "reshape: the tensor is ");
        gwt_describe(&text, t);
        gwjob_add(&text, ", which has not as many elements as ");
        add_shape(&text, &shape, "any");
        gwjob_fail_text(&text);
    }
    t.shape = shape;
    return t;
}

gw_tensor gwt_rows(gw_tensor t, uint32_t from, uint32_t to) {
    storage_of("rows", "the tensor", &t);
    if (from >= to || to > t.shape.dim[0]) {
        gwjob_text text = {0};
        gwjob_addf(&text, "rows: from %u to %u of ", from, to);
        gwt_describe(&text, t);
        gwjob_addf(&text, ", want at least one and at most %u", t.shape.dim[0]);
        gwjob_fail_text(&text);
    }
    t.offset += (uint64_t)from * (gwt_count(t) / t.shape.dim[0]) * 4;
    t.shape.dim[0] = to - from;
    return t;
}

WGPUBuffer gwt_buffer(gw_tensor t) {
    return storage_of("gwt_buffer", "the tensor", &t)->buffer;
}

/* Checks. */

static bool fits(const gw_tensor *t, gwt_elem elem, const gwt_shape *shape) {
    bool good = t->elem == elem && t->shape.rank == shape->rank;
    for (uint32_t i = 0; good && i < shape->rank; i++) good = shape->dim[i] == 0 || shape->dim[i] == t->shape.dim[i];
    return good;
}

void gwt_want_as(const char *op, const char *name, gw_tensor t, gwt_elem elem, gwt_shape shape, const char *other, gw_tensor as) {
    storage_of(op, name, &t);
    if (fits(&t, elem, &shape)) return;
    gwjob_text text = {0};
    gwjob_addf(&text, "%s: %s is ", op, name);
    gwt_describe(&text, t);
    gwjob_addf(&text, ", want %s ", elem_names[elem]);
    add_shape(&text, &shape, "any");
    if (other != NULL) {
        gwjob_addf(&text, ", as %s is ", other);
        gwt_describe(&text, as);
    }
    gwjob_fail_text(&text);
}

void gwt_want(const char *op, const char *name, gw_tensor t, gwt_elem elem, gwt_shape shape) {
    gwt_want_as(op, name, t, elem, shape, NULL, GWT_NO_TENSOR);
}

/* Kernels. */

typedef struct kernel {
    const gw_lib_op *op;
    uint32_t override_count;
    const gwjob_constant *overrides;
    uint32_t tile[8];
    WGPUComputePipeline pipeline;
    WGPUBindGroupLayout layout;
    struct kernel *next;
} kernel;

static kernel *kernels;

static bool same_text(const char *a, const char *b) {
    while (*a != 0 && *a == *b) a++, b++;
    return *a == *b;
}

static bool is_kernel(const kernel *k, const gw_lib_op *op, uint32_t count, const gwjob_constant *overrides) {
    if (k->op != op || k->override_count != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!same_text(k->overrides[i].name, overrides[i].name) || k->overrides[i].value != overrides[i].value) return false;
    }
    return true;
}

static const kernel *kernel_of(const gw_lib_op *op, uint32_t count, const gwjob_constant *overrides) {
    for (const kernel *k = kernels; k != NULL; k = k->next) {
        if (is_kernel(k, op, count, overrides)) return k;
    }
    kernel *k = gwjob_alloc(sizeof *k);
    *k = (kernel){.op = op, .override_count = count, .next = kernels};
    gwjob_constant *kept = gwjob_alloc((count + 1) * sizeof *kept);
    for (uint32_t i = 0; i < count; i++) kept[i] = overrides[i];
    k->overrides = kept;
    for (uint32_t i = 0; i < op->tile_values; i++) {
        k->tile[i] = op->tile[i].value;
        for (uint32_t j = 0; j < count; j++) {
            if (!same_text(overrides[j].name, op->tile[i].name)) continue;
            double v = overrides[j].value;
            if (!(v >= 0 && v <= UINT32_MAX) || v != (double)(uint32_t)v) {
                gwjob_failf("%s: the override %s is %f, want a whole number", op->name, overrides[j].name, v);
            }
            k->tile[i] = (uint32_t)v;
        }
    }
    k->pipeline = gwjob_pipeline(op->source, op->name, count, kept);
    k->layout = wgpuComputePipelineGetBindGroupLayout(k->pipeline, 0);
    kernels = k;
    return k;
}

/* A copy of a tensor, which starts where a kernel can read it. */
static gw_tensor copy_of(const char *op, const gw_tensor *t) {
    gw_tensor copy = gwt_make(op, t->elem, t->shape);
    need_encoder();
    end_pass();
    wgpuCommandEncoderCopyBufferToBuffer(encoder, storages[t->storage].buffer, t->offset, storages[copy.storage].buffer, 0,
                                         gwt_count(*t) * 4);
    return copy;
}

/* Whether a tensor that is read has to be copied first: it starts where no kernel can read it, or another part of its buffer
 * is written, which WebGPU does not allow. */
static bool wants_copy(const gw_lib_op *op, const gw_tensor *tensors, const gw_tensor *t) {
    if (t->offset % alignment != 0) return true;
    for (uint32_t i = 0; i < op->bindings; i++) {
        if (op->binding[i].writable && tensors[i].made != 0 && tensors[i].storage == t->storage) return true;
    }
    return false;
}

void gwt_run(const gw_lib_op *op, const void *params, uint32_t tensor_count, const gw_tensor *tensors, uint32_t override_count,
             const gwjob_constant *overrides) {
    enum { most_bindings = 16 };
    if (tensor_count != op->bindings) {
        gwjob_text text = {0};
        gwjob_addf(&text, "%s: %u tensors, want %u:", op->name, tensor_count, op->bindings);
        for (uint32_t i = 0; i < op->bindings; i++) gwjob_addf(&text, "%s %s", i == 0 ? "" : ",", op->binding[i].name);
        gwjob_fail_text(&text);
    }
    if (slots_used == slot_count) gwt_flush();
    need_encoder();
    if (parameters == NULL) {
        parameters = gwjob_buffer("parameters", sizeof slots, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    }
    const kernel *k = kernel_of(op, override_count, overrides);

    WGPUBindGroupEntry entries[1 + most_bindings];
    gw_tensor temporary[most_bindings];
    uint32_t temporaries = 0;
    if (op->bindings > most_bindings) gwjob_failf("%s: more than %u bindings", op->name, most_bindings);
    for (uint32_t i = 0; i < op->bindings; i++) {
        const gw_lib_binding *binding = &op->binding[i];
        gw_tensor t = tensors[i];
        if (t.made == 0 && !binding->writable) { /* not read: any words will do */
            t = temporary[temporaries++] = gwt_make(op->name, GWT_U32, GWT_SHAPE(2));
        }
        storage_of(op->name, binding->name, &t);
        if (!binding->writable && wants_copy(op, tensors, &t)) t = temporary[temporaries++] = copy_of(op->name, &t);
        if (t.offset % alignment != 0) {
            gwjob_failf("%s: %s is written and starts at byte %llu of its buffer, want a multiple of %u", op->name, binding->name,
                        (unsigned long long)t.offset, alignment);
        }
        entries[1 + i] = (WGPUBindGroupEntry){
            .binding = 1 + i, .buffer = storages[t.storage].buffer, .offset = t.offset, .size = gwt_count(t) * 4};
    }
    const uint32_t *words = params;
    for (uint32_t i = 0; i < op->params; i++) slots[slots_used][i] = words[i];
    entries[0] = (WGPUBindGroupEntry){
        .binding = 0, .buffer = parameters, .offset = slots_used * alignment, .size = (op->params * 4 + 15) / 16 * 16};

    uint64_t groups[3];
    op->grid(words, k->tile, groups);
    for (int i = 0; i < 3; i++) {
        if (groups[i] > largest_grid) {
            gwjob_failf("%s: %llu workgroups in dimension %d, at most %u: cut the work or take a larger tile", op->name,
                        (unsigned long long)groups[i], i, largest_grid);
        }
    }
    WGPUBindGroupDescriptor descriptor = {.layout = k->layout, .entryCount = 1 + op->bindings, .entries = entries};
    WGPUBindGroup group = wgpuDeviceCreateBindGroup(gwjob_device, &descriptor);
    if (pass == NULL) pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    gwjob_dispatch(pass, k->pipeline, group, (uint32_t)groups[0], (uint32_t)groups[1], (uint32_t)groups[2]);
    wgpuBindGroupRelease(group);
    slots_used++;
    while (temporaries > 0) gwt_release(temporary[--temporaries]);
}
