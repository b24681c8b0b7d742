// Programs that BenchmarkOverhead times. Built by
//   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--max-memory=4194304 -o bench.wasm bench.c
// The first function is made longer by the benchmark, so that the machine code of the others comes to lie elsewhere.
typedef unsigned u32;
typedef unsigned char u8;
#define EXPORT(name) __attribute__((export_name(#name)))
#define NOINLINE __attribute__((noinline))

volatile u32 padding;
EXPORT(pad) void pad(void) { padding = 1; }

static u32 numbers[65536];
static u8 bytes[65536], packed[65536];

static void shuffle(u32 n) {
  for (u32 i = 0, s = 1; i < n; i++) {
    s = s * 1664525 + 1013904223;
    numbers[i] = s >> 8;
  }
}

// Numeric loops.

EXPORT(crc) u32 crc(u32 n) {
  static u32 table[256];
  if (!table[1])
    for (u32 i = 0; i < 256; i++) {
      u32 c = i;
      for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
  u32 c = ~0u;
  for (u32 i = 0; i < n; i++) c = table[(c ^ bytes[i & 65535]) & 255] ^ (c >> 8);
  return c;
}

static u32 turn(u32 x, int n) { return x >> n | x << (32 - n); }

EXPORT(sha) u32 sha(u32 n) {  // the shape of SHA-256's rounds
  static const u32 K[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b};
  u32 h[8] = {1, 2, 3, 4, 5, 6, 7, 8}, w[64];
  for (u32 r = 0; r < n; r++) {
    for (int i = 0; i < 16; i++) w[i] = h[i & 7] + i;
    for (int i = 16; i < 64; i++) {
      u32 a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
    u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (int i = 0; i < 64; i++) {
      u32 t = k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
      u32 u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      k = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + u;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += k;
  }
  return h[0];
}

EXPORT(matmul) float matmul(u32 n) {
  static float a[64 * 64], b[64 * 64], c[64 * 64];
  for (int i = 0; i < 4096; i++) a[i] = i * .001f, b[i] = (i ^ 5) * .002f;
  for (u32 r = 0; r < n; r++)
    for (int i = 0; i < 64; i++)
      for (int j = 0; j < 64; j++) {
        float s = 0;
        for (int k = 0; k < 64; k++) s += a[i * 64 + k] * b[k * 64 + j];
        c[i * 64 + j] = s;
      }
  return c[77];
}

EXPORT(mandelbrot) u32 mandelbrot(u32 n) {
  u32 count = 0;
  for (u32 y = 0; y < n; y++)
    for (u32 x = 0; x < n; x++) {
      double cr = 3.0 * x / n - 2, ci = 2.0 * y / n - 1, r = 0, i = 0;
      for (u32 k = 0; k < 100; k++, count++) {
        double r2 = r * r, i2 = i * i;
        if (r2 + i2 > 4) break;
        i = 2 * r * i + ci, r = r2 - i2 + cr;
      }
    }
  return count;
}

// Float loops that store what they compute.

EXPORT(blur) float blur(u32 n) {
  static float p[128 * 128], q[128 * 128];
  for (int i = 0; i < 16384; i++) p[i] = i & 255;
  for (u32 r = 0; r < n; r++)
    for (int y = 1; y < 127; y++)
      for (int x = 1; x < 127; x++) {
        int i = y * 128 + x;
        q[i] = .25f * p[i] + .125f * (p[i - 1] + p[i + 1] + p[i - 128] + p[i + 128]) +
               .0625f * (p[i - 129] + p[i - 127] + p[i + 127] + p[i + 129]);
      }
  return q[200];
}

EXPORT(nbody) double nbody(u32 n) {
  static double x[5], y[5], z[5], vx[5], vy[5], vz[5], mass[5];
  for (int i = 0; i < 5; i++) {
    x[i] = i * 1.5 + .1, y[i] = i * .7 - 1, z[i] = i * -.3;
    vx[i] = .1 * i, vy[i] = .05, vz[i] = -.02 * i, mass[i] = 1.0 / (i + 1);
  }
  for (u32 s = 0; s < n; s++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j], d2 = dx * dx + dy * dy + dz * dz;
        double m = .001 / (d2 * __builtin_sqrt(d2));
        vx[i] -= dx * mass[j] * m, vy[i] -= dy * mass[j] * m, vz[i] -= dz * mass[j] * m;
        vx[j] += dx * mass[i] * m, vy[j] += dy * mass[i] * m, vz[j] += dz * mass[i] * m;
      }
    for (int i = 0; i < 5; i++) x[i] += .001 * vx[i], y[i] += .001 * vy[i], z[i] += .001 * vz[i];
  }
  return x[0];
}

// Branches.

EXPORT(quicksort) u32 quicksort(u32 n) {
  struct { int low, high; } stack[64];
  shuffle(n);
  int top = 0;
  stack[top].low = 0, stack[top++].high = n - 1;
  while (top) {
    int low = stack[--top].low, high = stack[top].high;
    while (low < high) {
      u32 pivot = numbers[(low + high) >> 1];
      int i = low, j = high;
      while (i <= j) {
        while (numbers[i] < pivot) i++;
        while (numbers[j] > pivot) j--;
        if (i <= j) {
          u32 t = numbers[i];
          numbers[i++] = numbers[j], numbers[j--] = t;
        }
      }
      if (j - low < high - i) {
        if (i < high) stack[top].low = i, stack[top++].high = high;
        high = j;
      } else {
        if (low < j) stack[top].low = low, stack[top++].high = j;
        low = i;
      }
    }
  }
  return numbers[n / 2];
}

EXPORT(interpreter) u32 interpreter(u32 n) {
  static const u8 code[] = {0, 1, 2, 3, 4, 5, 1, 0, 6, 2, 7};
  static u32 memory[16];
  u32 acc = 1, x = 2, y = 3, pc = 0, rounds = 0;
  for (;;) switch (code[pc++]) {
      case 0: acc += x; break;
      case 1: acc ^= y; break;
      case 2: x = acc * 3; break;
      case 3: memory[acc & 15] = x; break;
      case 4: y += memory[x & 15]; break;
      case 5: if (acc & 1) x++; break;
      case 6: acc = turn(acc, 29); break;
      case 7:
        if (++rounds >= n) return acc;
        pc = 0;
    }
}

EXPORT(compress) u32 compress(u32 n) {
  static unsigned short seen[4096];
  for (u32 i = 0; i < 65536; i++) bytes[i] = (i * i >> 5) ^ (i >> 3);
  u32 h = 0, o = 0;
  for (u32 i = 0; i + 4 < n;) {
    u32 v = bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16, key = (v * 2654435761u) >> 20, p = seen[key], l = 0;
    seen[key] = i;
    if (p < i)
      while (l < 255 && i + l < n && bytes[p + l] == bytes[i + l]) l++;
    if (l >= 4) packed[o++ & 65535] = l, i += l;
    else packed[o++ & 65535] = bytes[i++];
    h = h * 31 + l;
  }
  return h + o;
}

EXPORT(queens) u32 queens(u32 n) {
  u32 all = (1u << n) - 1, count = 0, column[20], left[20], right[20], open[20];
  int d = 0;
  column[0] = left[0] = right[0] = 0, open[0] = all;
  while (d >= 0) {
    if (!open[d]) {
      d--;
      continue;
    }
    u32 b = open[d] & -open[d];
    open[d] ^= b;
    u32 c = column[d] | b, l = (left[d] | b) << 1, r = (right[d] | b) >> 1;
    if (c == all) {
      count++;
      continue;
    }
    d++;
    column[d] = c, left[d] = l, right[d] = r, open[d] = all & ~(c | l | r);
  }
  return count;
}

// Calls.

EXPORT(tak) int tak(int x, int y, int z) { return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)); }

static NOINLINE void sort(int low, int high) {
  if (low >= high) return;
  u32 pivot = numbers[(low + high) >> 1];
  int i = low, j = high;
  while (i <= j) {
    while (numbers[i] < pivot) i++;
    while (numbers[j] > pivot) j--;
    if (i <= j) {
      u32 t = numbers[i];
      numbers[i++] = numbers[j], numbers[j--] = t;
    }
  }
  sort(low, j);
  sort(i, high);
}

EXPORT(recursive) u32 recursive(u32 n) {
  shuffle(n);
  sort(0, n - 1);
  return numbers[n / 2];
}

static NOINLINE u32 f0(u32 a, u32 b) { return a + b; }
static NOINLINE u32 f1(u32 a, u32 b) { return a ^ b * 3; }
static NOINLINE u32 f2(u32 a, u32 b) { return a - b; }
static NOINLINE u32 f3(u32 a, u32 b) { return a * b + 1; }
static u32 (*volatile functions[4])(u32, u32) = {f0, f1, f2, f3};

EXPORT(indirect) u32 indirect(u32 n) {
  u32 s = 1;
  for (u32 i = 0; i < n; i++) s = functions[i & 3](s, i);
  return s;
}

struct node { struct node *left, *right; u32 key; };
static struct node nodes[4096];
static u32 used;

static NOINLINE struct node *insert(struct node *t, u32 key) {
  if (!t) {
    t = &nodes[used++ & 4095];
    t->left = t->right = 0, t->key = key;
  } else if (key < t->key) t->left = insert(t->left, key);
  else if (key > t->key) t->right = insert(t->right, key);
  return t;
}

EXPORT(tree) u32 tree(u32 n) {
  struct node *root = 0;
  used = 0;
  for (u32 i = 0, s = 7; i < n; i++) root = insert(root, (s = s * 1664525 + 1013904223) >> 4);
  return root->key + used;
}
