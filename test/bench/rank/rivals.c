/* Rank by plain C loops as GAP's `pr` has them, and by SuiteSparse:GraphBLAS as LAGraph's LAGr_PageRankGAP has it, both
 * with the mass of dangling particles given back to all. One thread, one warm-up, one measured run.
 *
 *   rivals FILE.csr ITERATIONS ENGINE RANKS.f64
 *
 * ENGINE: c-f32, c-f64, graphblas-f32, graphblas-f64 (the last two with -DWITH_GRAPHBLAS). Prints {"ms":…,"bytes":…}. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef WITH_GRAPHBLAS
#include <GraphBLAS.h>
#endif

#define DAMPING 0.85

typedef struct {
  uint32_t n, e;
  uint32_t *out_offsets, *targets;  /* by source */
  uint32_t *in_offsets, *sources;   /* by destination, ascending */
} graph_t;

static void *take(size_t bytes) {
  void *memory = calloc(bytes > 0 ? bytes : 1, 1);
  if (memory == NULL) { fprintf(stderr, "no memory for %zu bytes\n", bytes); exit(1); }
  return memory;
}

/* Processor time: what others do meanwhile does not count. */
static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static graph_t read_graph(const char *path) {
  FILE *file = fopen(path, "rb");
  uint32_t head[4];
  if (file == NULL || fread(head, 4, 4, file) != 4 || head[0] != 0x52534347) { fprintf(stderr, "no .csr: %s\n", path); exit(1); }
  graph_t g = { .n = head[2], .e = head[3] };
  g.out_offsets = take(4 * ((size_t)g.n + 1));
  g.targets = take(4 * (size_t)g.e);
  if (fread(g.out_offsets, 4, (size_t)g.n + 1, file) != (size_t)g.n + 1 || fread(g.targets, 4, g.e, file) != g.e) { fprintf(stderr, "short .csr\n"); exit(1); }
  fclose(file);
  g.in_offsets = take(4 * ((size_t)g.n + 1));
  g.sources = take(4 * (size_t)g.e);
  for (uint32_t at = 0; at < g.e; at++) g.in_offsets[g.targets[at] + 1]++;
  for (uint32_t i = 0; i < g.n; i++) g.in_offsets[i + 1] += g.in_offsets[i];
  uint32_t *cursors = take(4 * (size_t)g.n);
  memcpy(cursors, g.in_offsets, 4 * (size_t)g.n);
  for (uint32_t from = 0; from < g.n; from++)
    for (uint32_t at = g.out_offsets[from]; at < g.out_offsets[from + 1]; at++) g.sources[cursors[g.targets[at]]++] = from;
  free(cursors);
  return g;
}

/* One pull loop for both widths; sums of all ranks are doubles, as those of a million floats must be. */
#define PULL(name, real)                                                                        \
  static double name(const graph_t *g, int iterations, double *out) {                           \
    real *ranks = take(sizeof(real) * g->n), *given = take(sizeof(real) * g->n);                \
    double ms = 0;                                                                              \
    for (int round = 0; round < 2; round++) {                                                   \
      for (uint32_t i = 0; i < g->n; i++) ranks[i] = (real)1 / (real)g->n;                      \
      double begun = now_ms();                                                                  \
      for (int iteration = 0; iteration < iterations; iteration++) {                            \
        double dangling = 0;                                                                    \
        for (uint32_t i = 0; i < g->n; i++) {                                                   \
          uint32_t degree = g->out_offsets[i + 1] - g->out_offsets[i];                          \
          if (degree == 0) dangling += ranks[i];                                                \
          given[i] = degree == 0 ? 0 : ranks[i] / (real)degree;                                 \
        }                                                                                       \
        real base = (real)((1 - DAMPING + DAMPING * dangling) / g->n);                          \
        for (uint32_t i = 0; i < g->n; i++) {                                                   \
          real sum = 0;                                                                         \
          for (uint32_t at = g->in_offsets[i]; at < g->in_offsets[i + 1]; at++) sum += given[g->sources[at]]; \
          ranks[i] = base + (real)DAMPING * sum;                                                \
        }                                                                                       \
      }                                                                                         \
      ms = now_ms() - begun;                                                                    \
    }                                                                                           \
    for (uint32_t i = 0; i < g->n; i++) out[i] = ranks[i];                                      \
    return ms;                                                                                  \
  }
PULL(pull_f32, float)
PULL(pull_f64, double)

#ifdef WITH_GRAPHBLAS
#define TRY(call) do { GrB_Info info = (call); if (info != GrB_SUCCESS) { fprintf(stderr, "GraphBLAS: %d at line %d\n", info, __LINE__); exit(1); } } while (0)

/* Row j of it: the sources of particle j, all of one value, which takes no memory. */
static GrB_Matrix transposed(const graph_t *g) {
  GrB_Index *rows = take(8 * (size_t)g->e), *columns = take(8 * (size_t)g->e);
  for (uint32_t to = 0; to < g->n; to++)
    for (uint32_t at = g->in_offsets[to]; at < g->in_offsets[to + 1]; at++) { rows[at] = to; columns[at] = g->sources[at]; }
  GrB_Matrix matrix;
  GrB_Scalar one;
  TRY(GrB_Scalar_new(&one, GrB_BOOL));
  TRY(GrB_Scalar_setElement_BOOL(one, true));
  TRY(GrB_Matrix_new(&matrix, GrB_BOOL, g->n, g->n));
  TRY(GxB_Matrix_build_Scalar(matrix, rows, columns, one, g->e));
  TRY(GrB_Matrix_wait(matrix, GrB_MATERIALIZE));
  GrB_Scalar_free(&one);
  free(rows);
  free(columns);
  return matrix;
}

/* w = t ./ d where d = degree / damping; then r = base + AT plus.second w. */
#define GRAPHBLAS(name, real, TYPE)                                                              \
  static double name(const graph_t *g, GrB_Matrix at, int iterations, double *out) {             \
    GrB_Vector ranks, given, degrees, sinks, sunk;                                               \
    TRY(GrB_Vector_new(&ranks, GrB_##TYPE, g->n));                                               \
    TRY(GrB_Vector_new(&given, GrB_##TYPE, g->n));                                               \
    TRY(GrB_Vector_new(&sunk, GrB_##TYPE, g->n));                                                \
    TRY(GrB_Vector_new(&degrees, GrB_##TYPE, g->n));                                             \
    TRY(GrB_Vector_new(&sinks, GrB_BOOL, g->n));                                                 \
    for (uint32_t i = 0; i < g->n; i++) {                                                        \
      uint32_t degree = g->out_offsets[i + 1] - g->out_offsets[i];                               \
      /* as LAGraph: a degree of one keeps the vector full; a sink's rank is read by no link */  \
      TRY(GrB_Vector_setElement_##TYPE(degrees, (real)((degree == 0 ? 1 : degree) / DAMPING), i)); \
      if (degree == 0) TRY(GrB_Vector_setElement_BOOL(sinks, true, i));                          \
    }                                                                                            \
    TRY(GrB_Vector_wait(degrees, GrB_MATERIALIZE));                                              \
    TRY(GrB_Vector_wait(sinks, GrB_MATERIALIZE));                                                \
    double ms = 0;                                                                               \
    for (int round = 0; round < 2; round++) {                                                    \
      TRY(GrB_Vector_assign_##TYPE(ranks, NULL, NULL, (real)1 / (real)g->n, GrB_ALL, g->n, NULL)); \
      double begun = now_ms();                                                                   \
      for (int iteration = 0; iteration < iterations; iteration++) {                             \
        double dangling = 0;                                                                     \
        TRY(GrB_Vector_clear(sunk));                                                             \
        TRY(GrB_Vector_assign(sunk, sinks, NULL, ranks, GrB_ALL, g->n, GrB_DESC_S));             \
        TRY(GrB_Vector_reduce_FP64(&dangling, NULL, GrB_PLUS_MONOID_FP64, sunk, NULL));          \
        TRY(GrB_Vector_eWiseMult_BinaryOp(given, NULL, NULL, GrB_DIV_##TYPE, ranks, degrees, NULL)); \
        real base = (real)((1 - DAMPING + DAMPING * dangling) / g->n);                           \
        TRY(GrB_Vector_assign_##TYPE(ranks, NULL, NULL, base, GrB_ALL, g->n, NULL));             \
        TRY(GrB_mxv(ranks, NULL, GrB_PLUS_##TYPE, GxB_PLUS_SECOND_##TYPE, at, given, NULL));     \
        TRY(GrB_Vector_wait(ranks, GrB_MATERIALIZE));                                            \
      }                                                                                          \
      ms = now_ms() - begun;                                                                     \
    }                                                                                            \
    for (uint32_t i = 0; i < g->n; i++) {                                                        \
      real value;                                                                                \
      TRY(GrB_Vector_extractElement_##TYPE(&value, ranks, i));                                   \
      out[i] = value;                                                                            \
    }                                                                                            \
    return ms;                                                                                   \
  }
GRAPHBLAS(graphblas_f32, float, FP32)
GRAPHBLAS(graphblas_f64, double, FP64)
#endif

int main(int count, char **args) {
  if (count != 5) { fprintf(stderr, "rivals FILE.csr ITERATIONS ENGINE RANKS.f64\n"); return 2; }
  graph_t g = read_graph(args[1]);
  int iterations = atoi(args[2]);
  const char *engine = args[3];
  double *out = take(8 * (size_t)g.n), ms;
  size_t bytes = 4 * ((size_t)g.e + 2 * ((size_t)g.n + 1));
  if (strcmp(engine, "c-f32") == 0) { ms = pull_f32(&g, iterations, out); bytes += 8 * (size_t)g.n; }
  else if (strcmp(engine, "c-f64") == 0) { ms = pull_f64(&g, iterations, out); bytes += 16 * (size_t)g.n; }
#ifdef WITH_GRAPHBLAS
  else if (strncmp(engine, "graphblas-", 10) == 0) {
    TRY(GrB_init(GrB_NONBLOCKING));
    TRY(GxB_Global_Option_set(GxB_GLOBAL_NTHREADS, 1));
    GrB_Matrix at = transposed(&g);
    TRY(GxB_Matrix_memoryUsage(&bytes, at));
    int is_wide = strcmp(engine, "graphblas-f64") == 0;
    ms = is_wide ? graphblas_f64(&g, at, iterations, out) : graphblas_f32(&g, at, iterations, out);
    bytes += (is_wide ? 8 : 4) * 4 * (size_t)g.n;
  }
#endif
  else { fprintf(stderr, "no engine %s\n", engine); return 2; }
  FILE *file = fopen(args[4], "wb");
  if (file == NULL || fwrite(out, 8, g.n, file) != g.n || fclose(file) != 0) { fprintf(stderr, "cannot write %s\n", args[4]); return 1; }
  printf("{\"ms\":%.3f,\"bytes\":%zu}\n", ms, bytes);
  return 0;
}
