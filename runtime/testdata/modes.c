/* What a job can do wrong, chosen by its first argument. */
#include <gw.h>

static int depth(int n) {
    volatile int keep[4] = {n, 0, 0, 0};
    return n == 0 ? 0 : depth(n - 1) + keep[0];
}

static int is(const char *a, uint32_t n, const char *b) {
    uint32_t i = 0;
    for (; b[i]; i++)
        if (i >= n || a[i] != b[i]) return 0;
    return i == n;
}

static volatile int zero;
static int steps;
static void (*volatile wrong)(void) = (void (*)(void))depth;

GW_EXPORT(gw_step) int gw_step(void) {
    char a[32];
    uint32_t n = gw_arg_read(0, a, sizeof a);
    steps++;
    gw_log("in step", 7);
    if (is(a, n, "finish")) return steps < 3;
    if (is(a, n, "again")) return 1;
    if (is(a, n, "return")) return 5;
    if (is(a, n, "loop")) for (;;) zero++;
    if (is(a, n, "busy")) for (;;) depth(3);
    if (is(a, n, "recurse")) return depth(1 << 30);
    if (is(a, n, "deep")) return depth(8000) < 0;
    if (is(a, n, "unreachable")) __builtin_trap();
    if (is(a, n, "divide")) return steps / zero;
    if (is(a, n, "outside")) return *(volatile int *)0xfffffff0;
    if (is(a, n, "call")) wrong();
    if (is(a, n, "pointer")) gw_log((const char *)0xfffffff0, 64);
    if (is(a, n, "input")) gw_input_len(9);
    if (is(a, n, "output")) for (;;) gw_output_write("o", 1, a, sizeof a);
    if (is(a, n, "log")) for (;;) gw_log(a, n);
    if (is(a, n, "grow")) {
        while (__builtin_wasm_memory_grow(0, 1) != (__SIZE_TYPE__)-1) steps++;
        gw_output_write("pages", 5, &steps, 4);
        return 0;
    }
    return 6;
}
