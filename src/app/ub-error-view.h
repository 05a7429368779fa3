/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define UB_TYPE_ERROR_VIEW (ub_error_view_get_type ())
G_DECLARE_FINAL_TYPE (UbErrorView, ub_error_view, UB, ERROR_VIEW, GtkWidget)

/**
 * UbErrorView:
 *
 * Something went wrong: title, what happened, numbered things to try, a button for the most likely
 * one, and a folded part for support with the number SP Flash Tool would have shown.
 */
/* @written: a write command had left us. @details: (nullable): more for support, ids masked */
void ub_error_view_set (UbErrorView  *self,
                        const GError *error,
                        gboolean      written,
                        const char   *details);
/* @journal: path of the unfinished job that can go on: that is the button then, where nothing is missing for it. After
 * ub_error_view_set() */
void ub_error_view_set_go_on (UbErrorView *self, const char *journal);
/* what was missing is there now: the button goes on with the unfinished job, or tries again. After ub_error_view_set() */
void ub_error_view_set_again (UbErrorView *self);
/* is "Go On" what its button says? */
gboolean    ub_error_view_goes_on (UbErrorView *self);
const char *ub_error_view_get_title (UbErrorView *self);
/* all of it as text, for the clipboard; (transfer full) */
char *ub_error_view_dup_text (UbErrorView *self);

G_END_DECLS
