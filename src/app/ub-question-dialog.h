/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/ub-session.h"

G_BEGIN_DECLS

#define UB_TYPE_QUESTION_DIALOG (ub_question_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UbQuestionDialog, ub_question_dialog, UB, QUESTION_DIALOG, GtkWindow)

/**
 * UbQuestionDialog:
 *
 * What a session asks while the phone waits on the cable. No is the default, and what Escape says;
 * where a word has to be typed, yes is dead until it is there. Answers the session by itself, and
 * goes away when the session does not ask any more.
 */
/* shows the question @session has now; (transfer none): the window owns itself, closing it says no */
UbQuestionDialog *ub_question_dialog_present (GtkWindow *parent, UbSession *session);

G_END_DECLS
