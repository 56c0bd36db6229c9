// The few calls of libedit that the prompt needs, without variadic functions and mutable globals.
#ifndef CLIBEDIT_H
#define CLIBEDIT_H

/// Returns the completion number `state` of `text`, allocated with malloc, or NULL after the last.
typedef char *(*qm_completion)(const char *text, int state);

/// Sets up the line editor. `completion` is asked when Tab is pressed.
void qm_edit_start(qm_completion completion);

/// Shows a prompt and returns the line that was typed, to be freed; NULL at the end of the input or after Ctrl-C.
char *qm_edit_line(const char *prompt);

/// Returns the line that is being typed, up to the cursor; valid until the next call.
const char *qm_edit_text(void);

/// Returns whether Ctrl-C ended the last line, and forgets it.
int qm_edit_was_interrupted(void);

/// Adds an entry to the history.
void qm_edit_remember(const char *entry);

/// Reads the history from a file. Returns 0 when that worked.
int qm_edit_read_history(const char *path);

/// Writes at most `limit` entries of the history to a file that only its owner may read. Returns 0 when that worked.
int qm_edit_write_history(const char *path, int limit);

/// Returns the width of the terminal in columns, or 0 when standard output is none.
int qm_terminal_width(void);

#endif
