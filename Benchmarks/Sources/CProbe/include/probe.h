#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

/* What this process has used: user CPU and wall seconds, and the most memory it ever had, in KiB. */
double probe_user(void);
double probe_wall(void);
long probe_peak(void);

/* Gives memory back that was freed, so that what is resident is what is held. */
void probe_trim(void);

/* What a child used, once it has ended. */
typedef struct { int status; double user, wall; long peak; } ProbeChild;

/* Runs a program to its end in a folder, its output into a file; -1 where it cannot be started. */
int probe_run(char *const arguments[], const char *folder, const char *output, ProbeChild *child);

/* The rows of a query on a SQLite file, fields joined by |, lines ended by \n; null on an error. Free it. */
char *probe_rows(const char *path, const char *sql);

#endif
