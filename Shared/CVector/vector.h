// The two inner loops that Swift cannot compile for several processor targets at once: a matrix product, and the products of one
// row with many.
#ifndef FRONTDESK_CVECTOR_H
#define FRONTDESK_CVECTOR_H

#include <stdint.h>
#include <string.h>

// Columns that are computed together. A matrix is packed in panels of this many columns: all rows of one panel, then the next.
enum { VECTOR_PANEL_COLUMNS = 32 };

// result[row][column] = start[column] + the sum over k of left[row][k] * right[k][column], for `depth` values of k.
//
// Row r of `left` begins at left_starts[r], and of the result at result_starts[r], both counted in floats: rows may overlap, which
// implements a sliding window over a text. `right` is packed. `columns` is a multiple of VECTOR_PANEL_COLUMNS. Each row's sums are
// computed in the same order whatever the other rows are, so a text gets the same numbers in every batch.
#define VECTOR_DEFINE_MULTIPLY(NAME, ATTRIBUTES, LANES, ROWS)                                                              \
  ATTRIBUTES static inline void NAME(                                                                                      \
      const float *left, const int64_t *left_starts, int64_t rows, const float *right, int64_t depth, int64_t columns,     \
      const float *start, float *result, const int64_t *result_starts) {                                                   \
    typedef float lanes __attribute__((vector_size(LANES * 4), aligned(4)));                                               \
    enum { VECTORS = VECTOR_PANEL_COLUMNS / LANES };                                                                       \
    for (int64_t column = 0; column < columns; column += VECTOR_PANEL_COLUMNS) {                                           \
      const float *panel = right + column * depth;                                                                         \
      for (int64_t first = 0; first < rows; first += ROWS) {                                                               \
        const float *from[ROWS];                                                                                           \
        for (int row = 0; row < ROWS; row++) {                                                                             \
          /* Beyond the last row the last one is computed again and discarded.   */                                        \
          int64_t place = first + row < rows ? first + row : rows - 1;                                                     \
          from[row] = left + left_starts[place];                                                                           \
        }                                                                                                                  \
        lanes sums[ROWS][VECTORS];                                                                                         \
        _Pragma("clang loop unroll(full)") for (int row = 0; row < ROWS; row++) {                                          \
          _Pragma("clang loop unroll(full)") for (int part = 0; part < VECTORS; part++) {                                  \
            memcpy(&sums[row][part], start + column + part * LANES, sizeof(lanes));                                        \
          }                                                                                                                \
        }                                                                                                                  \
        for (int64_t k = 0; k < depth; k++) {                                                                              \
          const lanes *values = (const lanes *)(panel + k * VECTOR_PANEL_COLUMNS);                                         \
          _Pragma("clang loop unroll(full)") for (int row = 0; row < ROWS; row++) {                                        \
            float factor = from[row][k];                                                                                   \
            _Pragma("clang loop unroll(full)") for (int part = 0; part < VECTORS; part++) {                                \
              sums[row][part] += factor * values[part];                                                                    \
            }                                                                                                              \
          }                                                                                                                \
        }                                                                                                                  \
        _Pragma("clang loop unroll(full)") for (int row = 0; row < ROWS; row++) {                                          \
          if (first + row >= rows) break;                                                                                  \
          memcpy(result + result_starts[first + row] + column, sums[row], sizeof(sums[row]));                              \
        }                                                                                                                  \
      }                                                                                                                    \
    }                                                                                                                      \
  }

#if defined(__x86_64__)
VECTOR_DEFINE_MULTIPLY(vector_multiply_512, __attribute__((target("avx512f"))), 16, 8)
VECTOR_DEFINE_MULTIPLY(vector_multiply_256, __attribute__((target("avx2,fma"))), 8, 3)
#endif
VECTOR_DEFINE_MULTIPLY(vector_multiply_128, , 4, 2)

// result[row] = scales[row] * the sum over k of left[k] * rows[row * depth + k], for `count` rows. `depth` is a multiple of
// VECTOR_PANEL_COLUMNS. The rows are bytes because reading them dominates the time.
#define VECTOR_DEFINE_PRODUCTS(NAME, ATTRIBUTES, LANES)                                                                    \
  ATTRIBUTES static inline void NAME(                                                                                      \
      const float *left, const int8_t *rows, const float *scales, int64_t count, int64_t depth, float *result) {           \
    typedef float lanes __attribute__((vector_size(LANES * 4), aligned(4)));                                               \
    typedef int8_t steps __attribute__((vector_size(LANES), aligned(1)));                                                  \
    for (int64_t row = 0; row < count; row++) {                                                                            \
      const int8_t *from = rows + row * depth;                                                                             \
      lanes sums[2] = {{0}, {0}};                                                                                          \
      for (int64_t k = 0; k < depth; k += 2 * LANES) {                                                                     \
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 2; part++) {                                          \
          lanes factors;                                                                                                   \
          steps values;                                                                                                    \
          memcpy(&factors, left + k + part * LANES, sizeof(factors));                                                      \
          memcpy(&values, from + k + part * LANES, sizeof(values));                                                        \
          sums[part] += factors * __builtin_convertvector(values, lanes);                                                  \
        }                                                                                                                  \
      }                                                                                                                    \
      lanes both = sums[0] + sums[1];                                                                                      \
      float sum = 0;                                                                                                       \
      for (int lane = 0; lane < LANES; lane++) sum += both[lane];                                                          \
      result[row] = sum * scales[row];                                                                                     \
    }                                                                                                                      \
  }

#if defined(__x86_64__)
VECTOR_DEFINE_PRODUCTS(vector_products_512, __attribute__((target("avx512f"))), 16)
VECTOR_DEFINE_PRODUCTS(vector_products_256, __attribute__((target("avx2,fma"))), 8)
#endif
VECTOR_DEFINE_PRODUCTS(vector_products_128, , 4)

// The number of floats per vector instruction on this processor: 16, 8 or 4.
static inline int vector_lanes(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return 16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
  return 4;
}

#endif
