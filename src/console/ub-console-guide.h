/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-guide.h"

G_BEGIN_DECLS

/**
 * UbConsoleGuide:
 *
 * What a person should do with the phone, as lines for a terminal: said when it changes, and no line twice running. Main thread; a
 * timer of the default main context tells it when there is something new to say.
 */
typedef struct _UbConsoleGuide UbConsoleGuide;

/* @line: without its end */
typedef void (*UbConsoleGuideSay) (const char *line, gpointer user_data);

/* @title: (nullable): what the person was told before, in so many words */
UbConsoleGuide *ub_console_guide_new (const char *title, UbConsoleGuideSay say, gpointer user_data);
void            ub_console_guide_free (UbConsoleGuide *self);
/* watches @source by itself, until ub_console_guide_free(); else ub_console_guide_see() is for the caller. @port: (nullable): what
 * comes at other ports is no business of ours */
void ub_console_guide_set_source (UbConsoleGuide *self, UbLinkSource *source, const char *port);
/* as ub_guide_set_phone() */
void ub_console_guide_set_phone (UbConsoleGuide *self, const char *chip, const char *model);
void ub_console_guide_see (UbConsoleGuide *self, const UbSighting *sighting, gint64 now_us);
/* what a session asks for, and whether it waits for a phone */
void ub_console_guide_follow (UbConsoleGuide *self,
                              UbRequest       request,
                              gboolean        waiting,
                              gint64          now_us);
/* says what there is to say; the timer calls it, too */
void ub_console_guide_look (UbConsoleGuide *self, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbConsoleGuide, ub_console_guide_free)

G_END_DECLS
