#include "CLibedit.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <editline/readline.h>

static qm_completion generator;
static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

static char **complete(const char *text, int start, int end) {
  (void)start;
  (void)end;
  // Names of files are no completions here.
  rl_attempted_completion_over = 1;
  return rl_completion_matches(text, generator);
}

void qm_edit_start(qm_completion completion) {
  static char breaks[] = " \t\n\"'`@$><=;|&{}()[],!+-*/%?:";
  setlocale(LC_ALL, "");
  generator = completion;
  rl_readline_name = "quartermaster";
  rl_initialize();
  using_history();
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = breaks;
}

char *qm_edit_line(const char *prompt) {
  // Without SA_RESTART the read ends, readline gives NULL, and the line that was begun is dropped.
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_interrupt;
  sigemptyset(&action.sa_mask);
  interrupted = 0;
  sigaction(SIGINT, &action, &before);
  char *line = readline(prompt);
  sigaction(SIGINT, &before, NULL);
  return line;
}

const char *qm_edit_text(void) {
  static char *copy;
  free(copy);
  size_t length = rl_line_buffer ? strlen(rl_line_buffer) : 0;
  if (rl_point >= 0 && (size_t)rl_point < length) length = (size_t)rl_point;
  copy = strndup(rl_line_buffer ? rl_line_buffer : "", length);
  return copy ? copy : "";
}

int qm_edit_was_interrupted(void) {
  int was = interrupted;
  interrupted = 0;
  return was;
}

void qm_edit_remember(const char *entry) { add_history(entry); }

int qm_edit_read_history(const char *path) { return read_history(path); }

int qm_edit_write_history(const char *path, int limit) {
  mode_t before = umask(077);
  stifle_history(limit);
  int result = write_history(path);
  umask(before);
  return result;
}

int qm_terminal_width(void) {
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}
