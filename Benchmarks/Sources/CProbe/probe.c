#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#ifdef __linux__
#include <malloc.h>
#endif
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec * 1e-6; }

double probe_user(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime);
}

double probe_wall(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Not ru_maxrss: that of the parent is handed on to the child. */
static long peak(int process) {
  char path[64], line[256];
  long kib = 0;
  snprintf(path, sizeof path, "/proc/%d/status", process);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &kib);
  if (file) fclose(file);
  return kib;
}

long probe_peak(void) { return peak(getpid()); }

void probe_trim(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

int probe_run(char *const arguments[], const char *folder, const char *output, ProbeChild *child) {
  double started = probe_wall();
  pid_t process = fork();
  if (process < 0) return -1;
  if (process == 0) {
    int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || dup2(file, 1) < 0 || chdir(folder) != 0) _exit(127);
    execvp(arguments[0], arguments);
    _exit(127);
  }
  /* A child that has ended but was not waited for has no memory to be asked of, so it is asked while it runs. */
  struct rusage usage;
  int status;
  child->peak = 0;
  while (1) {
    pid_t ended = wait4(process, &status, WNOHANG, &usage);
    if (ended < 0) return -1;
    if (ended == process) break;
    long now = peak(process);
    if (now > child->peak) child->peak = now;
    usleep(20000);
  }
  child->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  child->user = seconds(usage.ru_utime);
  child->wall = probe_wall() - started;
  return 0;
}

char *probe_rows(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  size_t length = 0;
  FILE *out = NULL;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) goto end;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) goto end;
  out = open_memstream(&text, &length);
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int k = 0; k < sqlite3_column_count(statement); k++) {
      const unsigned char *field = sqlite3_column_text(statement, k);
      fprintf(out, "%s%s", k ? "|" : "", field ? (const char *)field : "");
    }
    fputc('\n', out);
  }
  fclose(out);
  if (code != SQLITE_DONE) {
    free(text);
    text = NULL;
  }
end:
  if (!text) fprintf(stderr, "%s: %s\n", path, db ? sqlite3_errmsg(db) : "cannot be opened");
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return text;
}
