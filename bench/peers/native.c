// The native limit: one training step of a dense net in C, written for nothing else. Large products go to OpenBLAS; small
// ones, where a BLAS call costs more than the product, to a 4 x 16 register tile here. Bias, activation and its derivative
// are fused into the rows while they are in cache, Adam is one sweep. The compiler vectorises exp and tanh (libmvec).
//
//   gcc -O3 -march=native -ffast-math native.c -o native -lopenblas -lm      OPENBLAS_NUM_THREADS=1 ./native DATA_FOLDER
//
// Commands and answers as in child.mjs; weights are [inputs][outputs] as in the data files.

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define DATA_ROWS 1024
#define MAX_LAYERS 8

typedef float lanes __attribute__((vector_size(32), aligned(4)));

typedef struct {
  int layers, tanh, softmax;
  int widths[MAX_LAYERS + 1];
  long size;                                      // parameters
  float *initial, *x, *y;                         // as read
  float *parameters, *gradients, *m, *v;          // | W0 | b0 | W1 | ... |
  float *outputs[MAX_LAYERS], *deltas[MAX_LAYERS]; // [rows][width] of layer l
  float *scratch;                                 // transposes for the small products
  long rows;                                      // of x and y
  long step;
  float loss;
} Net;

static const char *folder;

static float *floats(long n) {
  float *p = aligned_alloc(64, (n * sizeof(float) + 127) / 64 * 64);
  memset(p, 0, n * sizeof(float));
  return p;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void reset(Net *net) {
  memcpy(net->parameters, net->initial, net->size * sizeof(float));
  memset(net->m, 0, net->size * sizeof(float));
  memset(net->v, 0, net->size * sizeof(float));
  net->step = 0;
}

/** "784-128-10:relu:softmax" -> a net with its data. One net is kept: the runner asks for one at a time. */
static Net *load(const char *spec) {
  static char current[128];
  static Net *net;
  if (net && !strcmp(spec, current)) return net;
  if (net) {
    free(net->initial), free(net->parameters), free(net->gradients), free(net->m), free(net->v), free(net->scratch);
    for (int l = 0; l < net->layers; l++) free(net->outputs[l]), free(net->deltas[l]);
    free(net);
  }
  snprintf(current, sizeof current, "%s", spec);
  net = calloc(1, sizeof *net);
  char name[128], path[512];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(spec, ":"), spec);
  net->tanh = strstr(spec, ":tanh") != NULL;
  net->softmax = strstr(spec, ":softmax") != NULL;
  int n = 0, widest = 0;
  for (char *at = name; *at; at += *at == '-') net->widths[n++] = strtol(at, &at, 10);
  net->layers = n - 1;
  for (int l = 0; l < net->layers; l++) {
    net->size += (net->widths[l] + 1L) * net->widths[l + 1];
    net->outputs[l] = floats((long)DATA_ROWS * net->widths[l + 1]);
    net->deltas[l] = floats((long)DATA_ROWS * net->widths[l + 1]);
  }
  for (int l = 0; l < n; l++) widest = net->widths[l] > widest ? net->widths[l] : widest;
  net->scratch = floats((long)widest * (widest > DATA_ROWS ? widest : DATA_ROWS));
  long values = net->size + DATA_ROWS * (net->widths[0] + 1L);
  net->initial = floats(values);
  snprintf(path, sizeof path, "%s/%s.f32", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file || fread(net->initial, sizeof(float), values, file) != (size_t)values) exit(1);
  fclose(file);
  net->x = net->initial + net->size;
  net->y = net->x + DATA_ROWS * (long)net->widths[0];
  net->rows = DATA_ROWS;
  net->parameters = floats(net->size), net->gradients = floats(net->size), net->m = floats(net->size), net->v = floats(net->size);
  reset(net);
  return net;
}

// ---- products -----------------------------------------------------------------------------------------------------------

/** y[rows][n] += x[rows][k] . w[k][n], for R rows and 16 columns at a time, then 8, then 1. */
#define TILE(R)                                                                                              \
  static inline void tile##R(float *y, const float *x, const float *w, int k, int n) {                       \
    int j = 0;                                                                                               \
    for (; j + 16 <= n; j += 16) {                                                                           \
      lanes a[R], b[R];                                                                                      \
      for (int i = 0; i < R; i++) a[i] = *(lanes *)(y + i * n + j), b[i] = *(lanes *)(y + i * n + j + 8);    \
      for (int p = 0; p < k; p++) {                                                                          \
        lanes w0 = *(lanes *)(w + p * n + j), w1 = *(lanes *)(w + p * n + j + 8);                            \
        for (int i = 0; i < R; i++) a[i] += x[i * k + p] * w0, b[i] += x[i * k + p] * w1;                    \
      }                                                                                                      \
      for (int i = 0; i < R; i++) *(lanes *)(y + i * n + j) = a[i], *(lanes *)(y + i * n + j + 8) = b[i];    \
    }                                                                                                        \
    for (; j + 8 <= n; j += 8) {                                                                             \
      lanes a[R];                                                                                            \
      for (int i = 0; i < R; i++) a[i] = *(lanes *)(y + i * n + j);                                          \
      for (int p = 0; p < k; p++)                                                                            \
        for (int i = 0; i < R; i++) a[i] += x[i * k + p] * *(lanes *)(w + p * n + j);                        \
      for (int i = 0; i < R; i++) *(lanes *)(y + i * n + j) = a[i];                                          \
    }                                                                                                        \
    for (; j < n; j++)                                                                                       \
      for (int i = 0; i < R; i++) {                                                                          \
        float sum = y[i * n + j];                                                                            \
        if (n == 1) for (int p = 0; p < k; p++) sum += x[i * k + p] * w[p];                                  \
        else for (int p = 0; p < k; p++) sum += x[i * k + p] * w[p * n + j];                                 \
        y[i * n + j] = sum;                                                                                  \
      }                                                                                                      \
  }
TILE(4)
TILE(1)

static void small(float *y, const float *x, const float *w, int rows, int k, int n) {
  int i = 0;
  for (; i + 4 <= rows; i += 4) tile4(y + i * n, x + i * k, w, k, n);
  for (; i < rows; i++) tile1(y + i * n, x + i * k, w, k, n);
}

static void transpose(float *out, const float *in, int rows, int columns) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) out[j * rows + i] = in[i * columns + j];
}

static int is_small(int k, int n) { return k * n <= 32 * 32; }

/** y += x . w */
static void product(float *y, const float *x, const float *w, int rows, int k, int n) {
  if (is_small(k, n)) small(y, x, w, rows, k, n);
  else if (rows == 1) cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1, w, n, x, 1, 1, y, 1);
  else cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n, k, 1, x, k, w, n, 1, y, n);
}

// ---- forward, backward, update ---------------------------------------------------------------------------------------------

static void forward(Net *net, const float *x, int rows) {
  const float *p = net->parameters;
  for (int l = 0; l < net->layers; l++) {
    int k = net->widths[l], n = net->widths[l + 1];
    const float *w = p, *b = p + (long)k * n;
    float *y = net->outputs[l];
    for (int i = 0; i < rows; i++) memcpy(y + (long)i * n, b, n * sizeof(float));
    product(y, x, w, rows, k, n);
    long count = (long)rows * n;
    if (l < net->layers - 1) {
      if (net->tanh) for (long i = 0; i < count; i++) y[i] = tanhf(y[i]);
      else for (long i = 0; i < count; i++) y[i] = y[i] > 0 ? y[i] : 0;
    } else if (net->softmax) {
      for (int i = 0; i < rows; i++) {
        float *row = y + (long)i * n, max = row[0], sum = 0;
        for (int j = 1; j < n; j++) max = row[j] > max ? row[j] : max;
        for (int j = 0; j < n; j++) sum += row[j] = expf(row[j] - max);
        for (int j = 0; j < n; j++) row[j] /= sum;
      }
    }
    x = y;
    p = b + n;
  }
}

static void train_step(Net *net, int rows) {
  int batch = net->step++ % (net->rows / rows), last = net->layers - 1, outputs = net->widths[net->layers];
  const float *x = net->x + (long)batch * rows * net->widths[0], *y = net->y + batch * rows;
  forward(net, x, rows);
  float *p = net->outputs[last], *d = net->deltas[last], loss = 0;
  if (net->softmax) {
    float scale = 1.0f / rows;
    for (int i = 0; i < rows; i++) {
      loss -= logf(p[i * outputs + (int)y[i]]);
      for (int j = 0; j < outputs; j++) d[i * outputs + j] = p[i * outputs + j] * scale;
      d[i * outputs + (int)y[i]] -= scale;
    }
  } else {
    for (int i = 0; i < rows; i++) {
      float error = p[i] - y[i];
      loss += error * error;
      d[i] = 2 * error / rows;
    }
  }
  net->loss = loss / rows;

  long at = net->size;
  for (int l = last; l >= 0; l--) {
    int k = net->widths[l], n = net->widths[l + 1];
    at -= (k + 1L) * n;
    const float *below = l ? net->outputs[l - 1] : x, *w = net->parameters + at, *dy = net->deltas[l];
    float *dw = net->gradients + at, *db = dw + (long)k * n;
    memset(db, 0, n * sizeof(float));
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < n; j++) db[j] += dy[(long)i * n + j];
    if (is_small(k, n)) {
      memset(dw, 0, (long)k * n * sizeof(float));
      transpose(net->scratch, below, rows, k);
      small(dw, net->scratch, dy, k, rows, n);
    } else {
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, n, rows, 1, below, k, dy, n, 0, dw, n);
    }
    if (!l) break;
    float *dx = net->deltas[l - 1];
    long count = (long)rows * k;
    if (is_small(k, n)) {
      memset(dx, 0, count * sizeof(float));
      transpose(net->scratch, w, k, n);
      small(dx, dy, net->scratch, rows, n, k);
    } else {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, k, n, 1, dy, n, w, n, 0, dx, k);
    }
    if (net->tanh) for (long i = 0; i < count; i++) dx[i] *= 1 - below[i] * below[i];
    else for (long i = 0; i < count; i++) dx[i] = below[i] > 0 ? dx[i] : 0;
  }

  float rate = 1e-3 / (1 - pow(0.9, net->step)), correction = 1 / (1 - pow(0.999, net->step));
  float *restrict w = net->parameters, *restrict g = net->gradients, *restrict m = net->m, *restrict v = net->v;
  for (long i = 0; i < net->size; i++) {
    m[i] = 0.9f * m[i] + 0.1f * g[i];
    v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
    w[i] -= rate * m[i] / (sqrtf(v[i] * correction) + 1e-8f);
  }
}

// ---- commands ---------------------------------------------------------------------------------------------------------------

static float *left, *right, *square;

static void squares(int n) {
  if (left) return;
  left = floats(2L * n * n), right = left + (long)n * n, square = floats((long)n * n);
  char path[512];
  snprintf(path, sizeof path, "%s/square.f32", folder);
  FILE *file = fopen(path, "rb");
  if (!file || fread(left, sizeof(float), 2L * n * n, file) != (size_t)(2L * n * n)) exit(1);
  fclose(file);
}

static void run_product(Net *net, int n) {
  (void)net;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, left, n, right, n, 0, square, n);
}

static void run_forward(Net *net, int rows) { forward(net, net->x, rows); }

static void run_row(Net *net, int unused) {
  (void)unused;
  forward(net, net->x + (net->step++ % DATA_ROWS) * net->widths[0], 1);
}

static void timed(void (*run)(Net *, int), Net *net, int rows, double ms, long limit) {
  run(net, rows);
  long count = 0;
  double us = 0;
  for (long chunk = 1; count < limit && us < ms * 1000;) {
    if (chunk > limit - count) chunk = limit - count;
    double start = now();
    for (long i = 0; i < chunk; i++) run(net, rows);
    double elapsed = now() - start;
    us += elapsed, count += chunk;
    if (elapsed < ms * 100) chunk *= 2;
  }
  printf("{\"us\":%.6g,\"count\":%ld", us / count, count);
}

static void list(const char *name, const float *values, int n) {
  printf("\"%s\":[", name);
  for (int i = 0; i < n; i++) printf("%s%.9g", i ? "," : "", values[i]);
  printf("]");
}

/** One epoch over mnist.f32. */
static void mnist(Net *net, int rows) {
  const long count = 60000;
  char path[512];
  snprintf(path, sizeof path, "%s/mnist.f32", folder);
  float *values = floats(count * 785), *x = net->x, *y = net->y;
  FILE *file = fopen(path, "rb");
  if (!file || fread(values, sizeof(float), count * 785, file) != (size_t)count * 785) exit(1);
  fclose(file);
  reset(net);
  net->x = values, net->y = values + count * 784, net->rows = count;
  double start = now(), loss = 0;
  for (long i = 0, steps = count / rows; i < steps; i++) {
    train_step(net, rows);
    if (i >= steps - 100) loss += net->loss / 100;
  }
  printf("{\"seconds\":%.6g,\"loss\":%.6g", (now() - start) / 1e6, loss);
  net->x = x, net->y = y, net->rows = DATA_ROWS;
  reset(net);
  free(values);
}

/** GFLOP/s of multiply-adds that never leave the registers: twelve chains of 256 or 128 bits. */
#define PEAK(NAME, BYTES)                                                                                    \
  static double NAME(double ms) {                                                                            \
    typedef float vector __attribute__((vector_size(BYTES)));                                                \
    vector c[12] = {0}, a = {0}, b = {0};                                                                    \
    a += 0.999f, b += 0.001f;                                                                                \
    double best = 0;                                                                                         \
    for (double end = now() + ms * 1000; now() < end;) {                                                     \
      double start = now();                                                                                  \
      for (int turn = 0; turn < 100000; turn++)                                                              \
        for (int i = 0; i < 12; i++) {                                                                       \
          c[i] = c[i] * a + b;                                                                               \
          __asm__ volatile("" : "+x"(c[i]));                                                                 \
        }                                                                                                    \
      double rate = 100000.0 * 12 * BYTES / 4 * 2 / (now() - start) / 1e3;                                   \
      if (rate > best) best = rate;                                                                          \
    }                                                                                                        \
    return best;                                                                                             \
  }
PEAK(peak128, 16)
PEAK(peak256, 32)

int main(int argc, char **argv) {
  (void)argc;
  folder = argv[1];
  char line[512], command[32], spec[128];
  while (fgets(line, sizeof line, stdin)) {
    double ms = 0;
    int rows = 0;
    long limit = 0;
    sscanf(line, "%31s", command);
    if (!strcmp(command, "about")) {
      printf("{\"version\":\"%s, %s\"", openblas_get_config(), openblas_get_corename());
    } else if (!strcmp(command, "check")) {
      sscanf(line, "%*s %127s %d %ld", spec, &rows, &limit);
      Net *net = load(spec);
      reset(net);
      printf("{\"losses\":[");
      for (long i = 0; i < limit; i++) {
        train_step(net, rows);
        printf("%s%.9g", i ? "," : "", net->loss);
      }
      forward(net, net->x, rows);
      printf("],");
      list("predictions", net->outputs[net->layers - 1], 4 * net->widths[net->layers]);
      reset(net);
    } else if (!strcmp(command, "train")) {
      sscanf(line, "%*s %127s %d %lf %ld", spec, &rows, &ms, &limit);
      Net *net = load(spec);
      reset(net);
      timed(train_step, net, rows, ms, limit);
      reset(net);
    } else if (!strcmp(command, "forward")) {
      sscanf(line, "%*s %127s %d %lf %ld", spec, &rows, &ms, &limit);
      Net *net = load(spec);
      timed(run_forward, net, rows, ms, limit);
      printf(",");
      list("predictions", net->outputs[net->layers - 1], 4 * net->widths[net->layers]);
    } else if (!strcmp(command, "predict") || !strcmp(command, "first")) {
      int first = !strcmp(command, "first");
      double start = now();
      if (sscanf(line, "%*s %127s %lf %ld", spec, &ms, &limit) < 3) limit = 1;
      Net *net = load(spec);
      float values[64];
      int n = net->widths[net->layers];
      for (int i = 0; i < (first ? 1 : 4); i++) {
        forward(net, net->x + (long)i * net->widths[0], 1);
        memcpy(values + i * n, net->outputs[net->layers - 1], n * sizeof(float));
      }
      if (first) printf("{\"ms\":%.6g", (now() - start) / 1000);
      else timed(run_row, net, 1, ms, limit), net->step = 0;
      printf(",");
      list("predictions", values, (first ? 1 : 4) * n);
    } else if (!strcmp(command, "product")) {
      sscanf(line, "%*s %d %lf %ld", &rows, &ms, &limit);
      squares(rows);
      timed(run_product, NULL, rows, ms, limit);
      printf(",");
      list("sample", square, 4);
    } else if (!strcmp(command, "memory")) {
      sscanf(line, "%*s %127s %d %ld", spec, &rows, &limit);
      Net *net = load(spec);
      for (long i = 0; i < limit; i++) train_step(net, rows);
      struct rusage usage;
      getrusage(RUSAGE_SELF, &usage);
      printf("{\"bytes\":%ld", usage.ru_maxrss * 1024L);
    } else if (!strcmp(command, "mnist")) {
      sscanf(line, "%*s %127s %d", spec, &rows);
      mnist(load(spec), rows);
    } else if (!strcmp(command, "peak")) {
      sscanf(line, "%*s %lf", &ms);
      printf("{\"bits128\":%.6g,\"bits256\":%.6g", peak128(ms), peak256(ms));
    } else {
      printf("{\"unsupported\":true");
    }
    printf("}\n");
    fflush(stdout);
  }
  return 0;
}
