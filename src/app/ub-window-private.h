/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-done-view.h"
#include "app/ub-download-page.h"
#include "app/ub-error-view.h"
#include "app/ub-history-page.h"
#include "app/ub-job-bar.h"
#include "app/ub-journal-bar.h"
#include "app/ub-phone-panel.h"
#include "app/ub-window.h"

G_BEGIN_DECLS

struct _UbWindow
{
  GtkApplicationWindow parent_instance;

  /* template */
  GtkWidget      *practice_banner;
  GtkWidget      *source_banner;
  GtkLabel       *source_label;
  GtkWidget      *offer_banner;
  GtkLabel       *offer_label;
  UbJournalBar   *journal_bar;
  GtkStack       *ends; /* "pages", or over them how the last job ended: "done", "trouble" */
  GtkStack       *pages;
  UbDownloadPage *page;
  UbDoneView     *done_view;
  UbErrorView    *error_view;
  UbPhonePanel   *panel;
  UbJobBar       *bar;

  UbHistoryPage *history_page;
  GMenu         *recent_menu;
  UbHistory     *history;  /* (owned) */
  GPtrArray     *journals; /* (owned) (nullable) (element-type UbJournal): newest first */

  char *offered; /* (nullable): what somebody wanted opened while we were busy */

  /* borrowed */
  UbApplication *application;

  /* owned; only while a job runs or is made ready */
  UbSession    *session;
  GCancellable *cancellable;
  char        **agents;
  guint         inhibit_cookie;
  gboolean      begun; /* a phone was there, whether it is now or not */
  gboolean      close_when_done;
  gboolean      asks_to_close; /* the question is open */

  /* owned; of the last job */
  UbPlan     *plan;     /* (nullable): as it was asked for */
  UbReport   *report;   /* (nullable) */
  char       *job_page; /* (nullable): where it was begun, and how it ended is shown */
  const char *end;      /* (nullable): a child of @ends */
  char       *end_words;
  char       *end_details;
};

/* the class's actions and what they do (ub-window-actions.c) */
void ub_window_actions_init_class (GtkWidgetClass *widget_class);
/* which of them can be used now */
void ub_window_actions_update (UbWindow *self);

/* from page to page by keyboard (ub-window-pages.c) */
void ub_window_pages_init_class (GtkWidgetClass *widget_class);

/* files and folders dropped on the window (ub-window-dnd.c) */
void ub_window_dnd_init (UbWindow *self);
/* @files: (element-type GFile): which of them is opened; (transfer full) (nullable) (type filename) */
char *ub_window_dnd_choose (GSList *files);

/* what is opened, and how it is chosen (ub-window-open.c) */
void ub_window_open_init_class (GtkWidgetClass *widget_class);
/* @path was opened, but nothing beside it can be seen: asks for its folder. @error (nullable): it cannot be
 * used without */
void ub_window_open_alone (UbWindow *self, const char *path, const GError *error);
/* the folder was chosen: the file of @path's name in it */
void ub_window_open_in (UbWindow *self, const char *folder, const char *path);

/* ub-window.c */
void ub_window_start (UbWindow *self);
void ub_window_show_recent (UbWindow *self);
/* @end (nullable): over the page where the job began; @words (nullable) and @details (nullable) stay
 * in the bar until something else is chosen */
void ub_window_set_end (UbWindow *self, const char *end, const char *words, const char *details);
/* the bar above the pages needs no button that the page of what went wrong has, too */
void ub_window_show_go_on (UbWindow *self);

/* reports saved to a place of one's own (ub-window-save.c) */
void ub_window_save_init_class (GtkWidgetClass *widget_class);
/* asks where to; @json: a report, @time: of its job */
void ub_window_save_report (GtkWindow *window, const char *json, GDateTime *time);
/* without asking */
void ub_window_save_report_to (GtkWindow *window, const char *json, GFile *file);

/* a job from begin to end (ub-window-job.c) */
/* begins at once; @journal (nullable): goes on with that one */
void ub_window_job_start (UbWindow *self, UbPlan *plan, UbJournal *journal);
void ub_window_job_stop (UbWindow *self);
/* makes a plan in a thread (a #UbPlan, transfer full), then begins with it. @journal (nullable) */
void ub_window_job_prepare (UbWindow       *self,
                            UbJournal      *journal,
                            GTaskThreadFunc make_plan,
                            gpointer        data,
                            GDestroyNotify  destroy);
/* what was on the phone before the last job */
void ub_window_job_put_back (UbWindow *self);
/* what became of the phone of the last job: a #UbAftermathKind */
void ub_window_job_set_outcome (UbWindow *self, int kind);
void ub_window_job_show_trouble (UbWindow *self, const GError *error);

/* manners (ub-window-manners.c) */
void ub_window_manners_init (UbWindow *self);
/* only while the person looks elsewhere; goes away by itself when the window is looked at, or the next job begins */
void ub_window_manners_notify (UbWindow *self, const char *title, const char *body, gboolean urgent);
void ub_window_manners_withdraw (UbWindow *self);
/* where the preferences say so */
void ub_window_manners_sound (UbWindow *self, gboolean good);
/* the job that begins: keeps the computer awake, tells what it needs */
void ub_window_manners_follow (UbWindow *self);
void ub_window_manners_uninhibit (UbWindow *self);
/* what was offered, above the pages; anew when a job has begun or ended */
void ub_window_manners_show_offer (UbWindow *self);
/* opens it, or forgets it */
void ub_window_manners_open_offered (UbWindow *self, gboolean open);
/* copies and shows it. @report: path of one of the history; "": of the last job */
void ub_window_manners_support (UbWindow *self, const char *report);

/* jobs that were not finished (ub-window-journal.c) */
/* looks for them anew; @forget: there can be none, removes what is left of them */
void ub_window_journal_show (UbWindow *self, gboolean forget);
void ub_window_journal_go_on (UbWindow *self, const char *path);
void ub_window_journal_give_up (UbWindow *self, const char *path);

G_END_DECLS
