#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

void floor_fill(FloorRecord *r, int k) {
  r->quantity = k % 26; r->threshold = 25; r->qty = 100 + k; r->active = 1;
  r->category[0] = "abcdefghijklmnopqrstuvw"[k % 23]; r->category[1] = 0;
  r->price = 10.5 + k;
  for (int j = 0; j < FLOOR_ITEMS - 1; j++) {
    r->items[j].qty = (7 * j + k) % 21;
    snprintf(r->items[j].sku, sizeof r->items[j].sku, "B%04d", 20 * k + j);
  }
  r->items[19].qty = 12 + k % 5;
  snprintf(r->items[19].sku, sizeof r->items[19].sku, "A%04d", 20 * k + 19);
}

typedef int (*Condition)(const FloorRecord *);

__attribute__((noinline)) static int first(const FloorRecord *r) { return r->quantity <= r->threshold; }

__attribute__((noinline)) static int second(const FloorRecord *r) {
  return r->quantity <= r->threshold && r->active &&
         !(!strcmp(r->category, "x") || !strcmp(r->category, "y") || !strcmp(r->category, "z")) &&
         r->price * (double)r->qty > 1000.0;
}

__attribute__((noinline)) static int third(const FloorRecord *r) {
  for (int i = 0; i < FLOOR_ITEMS; i++)
    if (r->items[i].qty > 10 && !strncmp(r->items[i].sku, "A", 1)) return 1;
  return 0;
}

static Condition volatile conditions[3] = {first, second, third};

int64_t floor_run(int condition, const FloorRecord *records, int count, int64_t times) {
  int64_t hits = 0;
  for (int64_t i = 0; i < times; i++)
    for (int k = 0; k < count; k++) hits += conditions[condition](records + k);
  return hits;
}

double floor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec * 1e-6;
}

static int64_t allocations;
int64_t floor_allocations(void) { return allocations; }

#ifdef __GLIBC__
/* The C library lets a program have its own allocator; this one counts and passes on. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { allocations++; return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { allocations++; return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { allocations++; return __libc_memalign(alignment, size); }
int posix_memalign(void **place, size_t alignment, size_t size) {
  allocations++;
  *place = __libc_memalign(alignment, size);
  return *place ? 0 : 12;
}
#endif
