/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-download-page.h"
#include "app/ub-history-page.h"
#include "app/ub-job-bar.h"
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
  GtkStack       *pages;
  UbDownloadPage *page;
  UbHistoryPage  *history_page;
  UbPhonePanel   *panel;
  UbJobBar       *bar;
  GMenu          *recent_menu;
  UbHistory      *history; /* (owned) */

  /* borrowed */
  UbApplication *application;

  /* owned; only while a job runs */
  UbSession    *session;
  GCancellable *cancellable;
  char        **agents;
  guint         inhibit_cookie;
  gboolean      close_when_done;
};

/* the class's actions and what they do (ub-window-actions.c) */
void ub_window_actions_init_class (GtkWidgetClass *widget_class);
/* which of them can be used now */
void ub_window_actions_update (UbWindow *self);

/* files and folders dropped on the window (ub-window-dnd.c) */
void ub_window_dnd_init (UbWindow *self);

/* ub-window.c */
void ub_window_start (UbWindow *self);
void ub_window_stop (UbWindow *self);
void ub_window_show_recent (UbWindow *self);

G_END_DECLS
