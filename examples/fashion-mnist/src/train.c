/* Trains a two-layer perceptron (784 -> hidden -> 10, relu, softmax) on Fashion-MNIST by mini-batch gradient descent and
 * classifies the test images with it. Every operation on tensors is a WGSL kernel (see kernels/); this file only
 * decides what is computed when.
 *
 * One gw_step is one mini-batch, of training and then of evaluation, so the host may commit, move or resume the job
 * after any of them.
 *
 * Inputs: train-images, train-labels, test-images, test-labels in the idx format.
 * Arguments: epochs=N hidden=N batch=N lr=X (the first learning rate), and steps=N to stop training early.
 * Outputs: weights (f32: 784 x hidden, hidden, hidden x 10, 10), predictions (a byte a test image), metrics.json.
 */
#include "gwjob.h"
#include "kernels.h"

enum {
    pixels = 28 * 28,
    classes = 10,
    largest_hidden = 512,
    largest_batch = 1000,
    largest_set = 60000,
    largest_epochs = 100,
    alignment = 256, /* of an offset into a storage buffer */
};

/* A set of images and labels on the device. */
typedef struct dataset {
    uint32_t count;
    WGPUBuffer images; /* pixels bytes an image */
    WGPUBuffer labels; /* a byte an image */
    WGPUBuffer order;  /* u32: which image comes when */
} dataset;

/* A dense layer's place in the buffers of parameters and gradients, in bytes. */
typedef struct layer {
    uint32_t inputs, outputs;
    uint32_t weights, weights_size;
    uint32_t bias, bias_size;
    WGPUBuffer shape;
} layer;

/* What the kernels know of the running mini-batch: the Batch of the .wgsl files. */
typedef struct batch_uniform {
    uint32_t first, rows;
    float rate;
    uint32_t unused;
} batch_uniform;

/* One dispatch, prepared. */
typedef struct operation {
    WGPUComputePipeline pipeline;
    WGPUBindGroup group;
    uint32_t x, y;
} operation;

static uint32_t epochs, hidden, batch, steps_per_epoch, training_steps, evaluation_steps;
static float rate;
static dataset train, test;
static layer first, second;
static WGPUBuffer parameters, gradients, batch_buffer, losses, loss_sum, predictions, correct;
static operation training[12], evaluation[4], total;
static uint32_t training_count, evaluation_count;

static uint32_t step; /* mini-batches done */
static float epoch_loss[largest_epochs];
static uint32_t order[largest_set];
static uint32_t chunk[16384];

/* Inputs. */

static _Noreturn void bad_input(const char *name, const char *why) {
    gwjob_failf("input %s: %s", name, why);
}

static uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Uploads an idx file of bytes of so many dimensions (1: labels, 3: images) and gives its count of elements. */
static WGPUBuffer upload(const char *name, unsigned dimensions, uint32_t *count) {
    uint32_t input = gwjob_input(name);
    uint8_t head[16];
    uint32_t head_size = 4 + 4 * dimensions;
    if (gw_input_read(input, 0, head, head_size) != head_size) bad_input(name, "too short for an idx file");
    if (big_endian(head) != 0x0800 + dimensions) bad_input(name, dimensions == 1 ? "not an idx file of labels" : "not an idx file of images");
    *count = big_endian(head + 4);
    if (*count == 0 || *count > largest_set) bad_input(name, "want 1 to 60000 elements");
    uint32_t element = 1;
    if (dimensions == 3) {
        if (big_endian(head + 8) != 28 || big_endian(head + 12) != 28) bad_input(name, "want images of 28 by 28 pixels");
        element = pixels;
    }
    uint64_t size = (uint64_t)*count * element;
    if (gw_input_len(input) != head_size + size) bad_input(name, "its length is not what its header says");

    WGPUBuffer buffer = gwjob_buffer(name, (size + 3) / 4 * 4, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst);
    for (uint64_t at = 0; at < size; at += sizeof chunk) {
        uint32_t n = gw_input_read(input, head_size + at, chunk, sizeof chunk);
        if (dimensions == 1) {
            for (uint32_t i = 0; i < n; i++) {
                if (((const uint8_t *)chunk)[i] >= classes) bad_input(name, "a label above 9");
            }
        }
        while (n % 4 != 0) ((uint8_t *)chunk)[n++] = 0;
        wgpuQueueWriteBuffer(gwjob_queue, buffer, at, chunk, n);
    }
    return buffer;
}

static dataset load(const char *images, const char *labels) {
    dataset set;
    uint32_t label_count;
    set.images = upload(images, 3, &set.count);
    set.labels = upload(labels, 1, &label_count);
    if (label_count != set.count) bad_input(labels, "not as many labels as images");
    set.order = gwjob_buffer("order", set.count * 4, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst);
    for (uint32_t i = 0; i < set.count; i++) order[i] = i;
    wgpuQueueWriteBuffer(gwjob_queue, set.order, 0, order, set.count * 4);
    return set;
}

/* Shuffles the training order for one epoch: Fisher-Yates on SplitMix64 (Steele et al. 2014) of seed and epoch. */
static void shuffle(uint32_t epoch) {
    uint64_t state = gw_seed() + ((uint64_t)epoch << 32);
    for (uint32_t i = train.count - 1; i > 0; i--) {
        state += 0x9E3779B97F4A7C15;
        uint64_t z = state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        z ^= z >> 31;
        uint32_t j = (uint32_t)((z >> 32) * (i + 1) >> 32); /* 0 to i */
        uint32_t t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    wgpuQueueWriteBuffer(gwjob_queue, train.order, 0, order, train.count * 4);
}

/* The network. */

static uint32_t align(uint32_t n) {
    return (n + alignment - 1) / alignment * alignment;
}

static layer place(uint32_t inputs, uint32_t outputs, uint32_t at) {
    layer l = {.inputs = inputs, .outputs = outputs, .weights = at, .weights_size = inputs * outputs * 4, .bias_size = outputs * 4};
    l.bias = align(l.weights + l.weights_size);
    l.shape = gwjob_buffer("shape", 8, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    wgpuQueueWriteBuffer(gwjob_queue, l.shape, 0, (uint32_t[]){inputs, outputs}, 8);
    return l;
}

static void initialise(const layer *l, uint32_t stream, float bound) {
    struct {
        uint64_t seed;
        uint32_t stream, count;
        float bound;
        uint32_t unused;
    } uniform = {.seed = gw_seed(), .stream = stream, .count = l->inputs * l->outputs, .bound = bound};
    WGPUBuffer buffer = gwjob_buffer("init", sizeof uniform, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    wgpuQueueWriteBuffer(gwjob_queue, buffer, 0, &uniform, sizeof uniform);
    WGPUComputePipeline pipeline = gwjob_pipeline(init_wgsl, "he_uniform", 0, NULL);
    WGPUBindGroup group = gwjob_bind(pipeline, 2,
                                     (gwjob_binding[]){
                                         {.binding = 0, .buffer = buffer},
                                         {.binding = 1, .buffer = parameters, .offset = l->weights, .size = l->weights_size},
                                     });
    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(gwjob_device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    gwjob_dispatch(pass, pipeline, group, (uniform.count + 63) / 64, 1, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    gwjob_submit(encoder);
    wgpuBindGroupRelease(group);
    wgpuComputePipelineRelease(pipeline);
    wgpuBufferRelease(buffer);
}

#define PREPARE(pipeline, x, y, ...) \
    prepare(pipeline, x, y, sizeof((gwjob_binding[]){__VA_ARGS__}) / sizeof(gwjob_binding), (gwjob_binding[]){__VA_ARGS__})

static operation prepare(WGPUComputePipeline pipeline, uint32_t x, uint32_t y, size_t count, const gwjob_binding *bindings) {
    return (operation){pipeline, gwjob_bind(pipeline, count, bindings), x, y};
}

static void build(void) {
    const WGPUBufferUsage storage = WGPUBufferUsage_Storage;
    first = place(pixels, hidden, 0);
    second = place(hidden, classes, align(first.bias + first.bias_size));
    uint32_t size = second.bias + second.bias_size;
    parameters = gwjob_buffer("parameters", size, storage | WGPUBufferUsage_CopySrc);
    gradients = gwjob_buffer("gradients", size, storage);
    batch_buffer = gwjob_buffer("batch", sizeof(batch_uniform), WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    losses = gwjob_buffer("losses", batch * 4, storage);
    loss_sum = gwjob_buffer("loss sum", 4, storage | WGPUBufferUsage_CopySrc);
    predictions = gwjob_buffer("predictions", test.count * 4, storage | WGPUBufferUsage_CopySrc);
    correct = gwjob_buffer("correct", 4, storage | WGPUBufferUsage_CopySrc);
    WGPUBuffer input = gwjob_buffer("input", batch * pixels * 4, storage);
    WGPUBuffer activation = gwjob_buffer("activation", batch * hidden * 4, storage);
    WGPUBuffer activation_gradient = gwjob_buffer("activation gradient", batch * hidden * 4, storage);
    WGPUBuffer logits = gwjob_buffer("logits", batch * classes * 4, storage);
    WGPUBuffer logits_gradient = gwjob_buffer("logits gradient", batch * classes * 4, storage);

    initialise(&first, 1, __builtin_sqrtf(6.0f / (float)first.inputs));
    initialise(&second, 2, __builtin_sqrtf(6.0f / (float)second.inputs));

    WGPUComputePipeline gather = gwjob_pipeline(gather_wgsl, "gather", 0, NULL);
    WGPUComputePipeline dense_relu = gwjob_pipeline(dense_wgsl, "dense", 1, (gwjob_constant[]){{"relu", 1}});
    WGPUComputePipeline dense = gwjob_pipeline(dense_wgsl, "dense", 0, NULL);
    WGPUComputePipeline loss = gwjob_pipeline(loss_wgsl, "softmax_cross_entropy", 0, NULL);
    WGPUComputePipeline weight_gradient = gwjob_pipeline(backward_wgsl, "weight_gradient", 0, NULL);
    WGPUComputePipeline bias_gradient = gwjob_pipeline(backward_wgsl, "bias_gradient", 0, NULL);
    WGPUComputePipeline relu_input_gradient = gwjob_pipeline(backward_wgsl, "relu_input_gradient", 0, NULL);
    WGPUComputePipeline sgd = gwjob_pipeline(sgd_wgsl, "sgd", 0, NULL);
    WGPUComputePipeline classify = gwjob_pipeline(evaluate_wgsl, "classify", 0, NULL);
    WGPUComputePipeline total_loss = gwjob_pipeline(loss_wgsl, "total", 0, NULL);

    const uint32_t hidden_groups = (hidden + 31) / 32, row_groups = (batch + 15) / 16, row_tiles = (batch + 3) / 4;
    const gwjob_binding b = {.binding = 0, .buffer = batch_buffer}, b1 = {.binding = 1, .buffer = batch_buffer};
    const gwjob_binding shape1 = {.binding = 0, .buffer = first.shape}, shape2 = {.binding = 0, .buffer = second.shape};

    /* input -> activation -> logits, the same in training and evaluation */
    operation layer1 = PREPARE(dense_relu, hidden_groups, row_tiles, shape1, {1, input, 0, 0},
                               {2, parameters, first.weights, first.weights_size},
                               {3, parameters, first.bias, first.bias_size}, {4, activation, 0, 0});
    operation layer2 = PREPARE(dense, 1, row_tiles, shape2, {1, activation, 0, 0},
                               {2, parameters, second.weights, second.weights_size},
                               {3, parameters, second.bias, second.bias_size}, {4, logits, 0, 0});

    operation *op = training;
    *op++ = PREPARE(gather, pixels / 112, batch, b, {1, train.order, 0, 0}, {2, train.images, 0, 0}, {3, input, 0, 0});
    *op++ = layer1;
    *op++ = layer2;
    *op++ = PREPARE(loss, row_groups, 1, b, {1, train.order, 0, 0}, {2, train.labels, 0, 0}, {3, logits, 0, 0},
                    {4, logits_gradient, 0, 0}, {5, losses, 0, 0});
    *op++ = PREPARE(weight_gradient, 1, (hidden + 3) / 4, shape2, b1, {2, activation, 0, 0}, {3, logits_gradient, 0, 0},
                    {4, gradients, second.weights, second.weights_size});
    *op++ = PREPARE(bias_gradient, 1, 1, shape2, b1, {3, logits_gradient, 0, 0},
                    {4, gradients, second.bias, second.bias_size});
    *op++ = PREPARE(relu_input_gradient, hidden_groups, batch, shape2, {2, activation, 0, 0}, {3, logits_gradient, 0, 0},
                    {4, activation_gradient, 0, 0}, {5, parameters, second.weights, second.weights_size});
    *op++ = PREPARE(weight_gradient, hidden_groups, pixels / 4, shape1, b1, {2, input, 0, 0}, {3, activation_gradient, 0, 0},
                    {4, gradients, first.weights, first.weights_size});
    *op++ = PREPARE(bias_gradient, hidden_groups, 1, shape1, b1, {3, activation_gradient, 0, 0},
                    {4, gradients, first.bias, first.bias_size});
    *op++ = PREPARE(sgd, (size / 4 + 63) / 64, 1, b, {1, gradients, 0, 0}, {2, parameters, 0, 0});
    training_count = (uint32_t)(op - training);

    op = evaluation;
    *op++ = PREPARE(gather, pixels / 112, batch, b, {1, test.order, 0, 0}, {2, test.images, 0, 0}, {3, input, 0, 0});
    *op++ = layer1;
    *op++ = layer2;
    *op++ = PREPARE(classify, row_groups, 1, b, {1, logits, 0, 0}, {2, test.labels, 0, 0}, {3, predictions, 0, 0},
                    {4, correct, 0, 0});
    evaluation_count = (uint32_t)(op - evaluation);

    total = PREPARE(total_loss, 1, 1, {5, losses, 0, 0}, {6, loss_sum, 0, 0});
}

static void run(const operation *operations, uint32_t count, batch_uniform now) {
    if (now.rows != 0) wgpuQueueWriteBuffer(gwjob_queue, batch_buffer, 0, &now, sizeof now);
    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(gwjob_device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    for (uint32_t i = 0; i < count; i++) gwjob_dispatch(pass, operations[i].pipeline, operations[i].group, operations[i].x, operations[i].y, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    gwjob_submit(encoder);
}

GW_EXPORT(gw_init) void gw_init(void) {
    epochs = gwjob_arg_u32("epochs", 4, 1, largest_epochs);
    hidden = gwjob_arg_u32("hidden", 32, 1, largest_hidden);
    batch = gwjob_arg_u32("batch", 50, 1, largest_batch);
    rate = gwjob_arg_f32("lr", 0.15f, 0, 100);

    gwjob_open();
    test = load("test-images", "test-labels");
    train = load("train-images", "train-labels"); /* last: order now holds 0 to train.count-1 */
    if (batch > train.count) gwjob_fail("argument batch is larger than the training set");

    /* Images that do not fill a mini-batch sit an epoch out; the order is another one in the next. */
    steps_per_epoch = train.count / batch;
    training_steps = gwjob_arg_u32("steps", epochs * steps_per_epoch, 0, epochs * steps_per_epoch);
    evaluation_steps = (test.count + batch - 1) / batch;
    build();
}

/* Reports. */

static void report(void) {
    gwjob_text text = {0};
    if (step < training_steps) {
        uint32_t done = step / steps_per_epoch; /* epochs */
        gwjob_add(&text, "epoch ");
        gwjob_add_u64(&text, done + 1);
        gwjob_add(&text, " of ");
        gwjob_add_u64(&text, epochs);
        if (done > 0) {
            gwjob_add(&text, ", last loss ");
            gwjob_add_decimal(&text, epoch_loss[done - 1], 4);
        }
    } else {
        gwjob_add(&text, "classifying the test images");
    }
    gw_progress((double)step / (training_steps + evaluation_steps), text.bytes, (uint32_t)text.length);
}

static void write_text(const char *name, uint32_t name_length, gwjob_text *text) {
    gw_output_write(name, name_length, text->bytes, (uint32_t)text->length);
    text->length = 0;
}

/* Appends size bytes of the parameters from offset to the output weights. */
static void write_weights(uint32_t offset, uint32_t size) {
    for (uint32_t at = 0; at < size; at += sizeof chunk) {
        uint32_t n = size - at < sizeof chunk ? size - at : sizeof chunk;
        gwjob_read(parameters, offset + at, chunk, n);
        gw_output_write("weights", 7, chunk, n);
    }
}

static void finish(void) {
    write_weights(first.weights, first.weights_size);
    write_weights(first.bias, first.bias_size);
    write_weights(second.weights, second.weights_size);
    write_weights(second.bias, second.bias_size);

    static uint8_t bytes[sizeof chunk / 4];
    for (uint32_t at = 0; at < test.count; at += sizeof bytes) {
        uint32_t n = test.count - at < sizeof bytes ? test.count - at : sizeof bytes;
        gwjob_read(predictions, at * 4, chunk, n * 4);
        for (uint32_t i = 0; i < n; i++) bytes[i] = (uint8_t)chunk[i];
        gw_output_write("predictions", 11, bytes, n);
    }

    uint32_t right;
    gwjob_read(correct, 0, &right, 4);
    gwjob_text text = {0};
    gwjob_add(&text, "{\"accuracy\": ");
    gwjob_add_decimal(&text, (double)right / test.count, 4);
    gwjob_add(&text, ", \"correct\": ");
    gwjob_add_u64(&text, right);
    gwjob_add(&text, ", \"test_images\": ");
    gwjob_add_u64(&text, test.count);
    gwjob_add(&text, ", \"training_images\": ");
    gwjob_add_u64(&text, train.count);
    gwjob_add(&text, ", \"training_steps\": ");
    gwjob_add_u64(&text, training_steps);
    gwjob_add(&text, ", \"epoch_loss\": [");
    for (uint32_t i = 0; i < training_steps / steps_per_epoch; i++) {
        if (i > 0) gwjob_add(&text, ", ");
        if (epoch_loss[i] - epoch_loss[i] == 0) {
            gwjob_add_decimal(&text, epoch_loss[i], 4);
        } else {
            gwjob_add(&text, "null"); /* JSON has no infinity and no NaN */
        }
        if (text.length > 400) write_text("metrics.json", 12, &text);
    }
    gwjob_add(&text, "]}\n");
    write_text("metrics.json", 12, &text);

    gwjob_add(&text, "accuracy ");
    gwjob_add_decimal(&text, 100.0 * right / test.count, 2);
    gwjob_add(&text, "% on ");
    gwjob_add_u64(&text, test.count);
    gwjob_add(&text, " test images");
    gw_progress(1, text.bytes, (uint32_t)text.length);
    gwjob_add(&text, "\n");
    gwjob_log(&text);
}

static void train_batch(void) {
    uint32_t at = step % steps_per_epoch;
    if (at == 0) shuffle(step / steps_per_epoch);
    /* The rate falls linearly to zero over the planned epochs. */
    float left = 1.0f - (float)step / (float)(epochs * steps_per_epoch);
    run(training, training_count, (batch_uniform){.first = at * batch, .rows = batch, .rate = rate * left});
    step++;
    if (at + 1 == steps_per_epoch) {
        run(&total, 1, (batch_uniform){0});
        float sum;
        gwjob_read(loss_sum, 0, &sum, 4);
        epoch_loss[step / steps_per_epoch - 1] = sum / (float)(steps_per_epoch * batch);
    }
}

static void evaluate_batch(void) {
    uint32_t at = (step - training_steps) * batch;
    uint32_t rows = test.count - at < batch ? test.count - at : batch;
    run(evaluation, evaluation_count, (batch_uniform){.first = at, .rows = rows});
    step++;
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    if (step < training_steps) {
        train_batch();
    } else {
        evaluate_batch();
    }
    if (step < training_steps + evaluation_steps) {
        report();
        return GW_AGAIN;
    }
    finish();
    return GW_DONE;
}
