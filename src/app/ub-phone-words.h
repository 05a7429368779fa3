/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* What is seen on the cable, in a person's words (shared/facts/troubles.md 1–9). Pure; all texts
 * translated and static unless said otherwise. */

/* one line: "The phone is switched on" */
const char *ub_phone_words_get_headline (const UbSighting *sighting);
/* what to do about it; %NULL if nothing has to be done */
const char *ub_phone_words_get_cure (const UbSighting *sighting);
/* what to try when a wait has lasted @seconds: changes at 15, 30 and 60 s, and after the third
 * visit that came to nothing; "" before */
const char *ub_phone_words_get_hint (guint seconds, guint appearances);
/* what the phone did in the @seconds since it was written, @visits: how often boot ROM or preloader
 * came back since (shared/facts/troubles.md 30). @hint: (out) (nullable): the fitting next step */
const char *ub_phone_words_get_after (const UbSighting *sighting,
                                      guint             seconds,
                                      guint             visits,
                                      const char      **hint);
/* (transfer full) (nullable): "Seen 3 times, 2.1 s" */
char *ub_phone_words_format_count (const UbSighting *sighting);

G_END_DECLS
