#ifndef FLOOR_H
#define FLOOR_H

#include <stdint.h>

/* A record as a C program would have it. */
enum { FLOOR_ITEMS = 20 };
typedef struct { int64_t qty; char sku[12]; } FloorItem;
typedef struct {
  int64_t quantity, threshold, qty;
  int active;
  char category[4];
  double price;
  FloorItem items[FLOOR_ITEMS];
} FloorRecord;

/* Fills record number k as W2 has it. */
void floor_fill(FloorRecord *record, int k);

/* Evaluates condition 0, 1 or 2 on records one after the other, `times` times each; returns how often it held. */
int64_t floor_run(int condition, const FloorRecord *records, int count, int64_t times);

/* How often memory was asked for since the program began. */
int64_t floor_allocations(void);

/* User time of this process in seconds. */
double floor_seconds(void);

#endif
