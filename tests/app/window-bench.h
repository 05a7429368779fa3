/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window in this process, with the practice phone. Needs a display, GTK_A11Y=test. */
#pragma once

#include <gtk/gtk.h>

#include "app/ub-application.h"
#include "app/ub-window.h"
#include "phone/ub-practice-phone.h"

/* what a test begins with */
typedef struct
{
  gboolean open;  /* with a firmware */
  gboolean real;  /* as with a real phone: jobs are kept in the history */
  guint64  speed; /* bytes/s, by the clock on the wall; 0: a clock that costs nothing */
} WindowSetup;

typedef struct
{
  char            *folder; /* the firmware */
  char            *data;
  UbPracticePhone *phone;
  UbLinkSource    *source;
  UbAgentLibrary  *agents;
  UbApplication   *application;
  UbWindow        *window; /* (weak): gone once it was closed */
} WindowBench;

void window_bench_set_up (WindowBench *self, gconstpointer setup);
void window_bench_tear_down (WindowBench *self, gconstpointer setup);

GtkWidget *window_bench_find (GtkWidget *widget, GType type);
/* a label of @widget that can be seen begins with @text */
gboolean window_bench_shows (GtkWidget *widget, const char *text);
/* turns the main loop until the window shows @text */
void window_bench_wait (WindowBench *self, const char *text);
/* the row's tick; the cell is only there once the table was laid out */
GtkWidget *window_bench_find_tick (GtkWidget *widget, const char *name);
GtkWidget *window_bench_get_tick (WindowBench *self, const char *name);
/* the session ends: as if the program were told to quit */
void       window_bench_quit (WindowBench *self);
gboolean   window_bench_can (WindowBench *self, const char *action);
void       window_bench_do (WindowBench *self, const char *action);
GtkWidget *window_bench_find_button (GtkWidget *widget, const char *label);
/* another window that shows @text; waits for it */
GtkWidget *window_bench_get_dialog (WindowBench *self, const char *text);
gboolean   window_bench_has_dialog (WindowBench *self, const char *text);
/* of the other windows' dialogs: what the button that says yes says */
const char *window_bench_get_yes (GtkWidget *dialog);
/* a button of the window that can be seen; waits for it */
GtkWidget *window_bench_wait_button (WindowBench *self, const char *label);
/* presses @label there, and waits until it is gone */
void window_bench_answer (WindowBench *self, const char *text, const char *label);
