// The few calls of libedit and of the terminal that the prompt needs, without variadic functions and mutable globals.
#ifndef CLIBEDIT_H
#define CLIBEDIT_H

/// Returns completion number `state` of what was typed up to the cursor, allocated with malloc, or NULL after the last.
/// `start` is where the word begins, in bytes, that libedit replaces; `ending` is set to what follows a completion that
/// is the only one, or to 0.
typedef char *(*qm_completion)(const char *typed, int start, int state, char *ending);

/// Sets up the line editor. `completion` is asked when Tab is pressed. A byte is written to `signals` for each Ctrl-C and
/// each signal that wants the process to end.
void qm_edit_start(qm_completion completion, int signals);

/// Shows a prompt and returns the line that was typed, to be freed; NULL at the end of the input or after a signal.
char *qm_edit_line(const char *prompt);

/// Returns whether Ctrl-C ended the last line, and forgets it.
int qm_edit_was_interrupted(void);

/// Returns whether the process was asked to end, as when its terminal is closed.
int qm_edit_was_ended(void);

/// Adds an entry to the history; at most `limit` are kept.
void qm_edit_remember(const char *entry, int limit);

/// Returns the width of the terminal in columns, or 0 when standard output is none.
int qm_terminal_width(void);

#endif
