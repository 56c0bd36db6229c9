#include "CLibedit.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <editline/readline.h>

static qm_completion generator;
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t ended;
static int told = -1;
/// What is being completed, and where libedit's word begins in it.
static char *typed;
static int word_start;

static void note_signal(int signal) {
  int before = errno;
  if (signal == SIGINT)
    interrupted = 1;
  else
    ended = 1;
  ssize_t done = write(told, "!", 1);
  (void)done;
  errno = before;
}

/// Sets what the signals do. While a line is typed, a read ends at once, so that the line is dropped; else calls go on.
static void watch_signals(int flags) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  for (size_t place = 0; place < sizeof signals / sizeof *signals; place++)
    sigaction(signals[place], &action, NULL);
}

static char *next_completion(const char *text, int state) {
  (void)text;
  char ending = 0;
  char *found = generator(typed, word_start, state, &ending);
  if (state == 0) rl_completion_append_character = ending;
  return found;
}

static char **complete(const char *text, int start, int end) {
  (void)start;
  (void)end;
  // Names of files are no completions here.
  rl_attempted_completion_over = 1;
  free(typed);
  size_t length = rl_line_buffer ? strlen(rl_line_buffer) : 0;
  if (rl_point >= 0 && (size_t)rl_point < length) length = (size_t)rl_point;
  typed = strndup(rl_line_buffer ? rl_line_buffer : "", length);
  if (!typed) return NULL;
  // Offsets that libedit gives count characters, where we count bytes.
  size_t word = strlen(text);
  word_start = (int)(length > word ? length - word : 0);
  return rl_completion_matches(text, next_completion);
}

void qm_edit_start(qm_completion completion, int signals) {
  static const char breaks[] = " \t\n\"'`$><=;|&{}()[],!+*%?:./";
  setlocale(LC_ALL, "");
  generator = completion;
  told = signals;
  rl_readline_name = "quartermaster";
  // The handlers are ours.
  rl_catch_signals = 0;
  rl_initialize();
  using_history();
  rl_attempted_completion_function = complete;
  rl_basic_word_break_characters = breaks;
  rl_completer_word_break_characters = (char *)breaks;
  watch_signals(SA_RESTART);
}

char *qm_edit_line(const char *prompt) {
  interrupted = 0;
  watch_signals(0);
  char *line = readline(prompt);
  watch_signals(SA_RESTART);
  return line;
}

int qm_edit_was_interrupted(void) {
  int was = interrupted;
  interrupted = 0;
  return was;
}

int qm_edit_was_ended(void) { return ended; }

void qm_edit_remember(const char *entry, int limit) {
  stifle_history(limit);
  add_history(entry);
}

int qm_terminal_width(void) {
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}
