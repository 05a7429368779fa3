/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-session.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* what the hands should do, as a picture; ui/pictures has one for each */
typedef enum
{
  UB_GUIDE_AWAY,        /* phone and cable apart */
  UB_GUIDE_PLUGGED,     /* joined */
  UB_GUIDE_ON,          /* joined, and its screen is lit: switch it off */
  UB_GUIDE_POWER,       /* hold the power button */
  UB_GUIDE_VOLUME_DOWN, /* hold, then plug in: this and the next four */
  UB_GUIDE_VOLUME_UP,
  UB_GUIDE_VOLUME_BOTH,
  UB_GUIDE_VOLUME_DOWN_POWER,
  UB_GUIDE_VOLUME_UP_POWER,
  UB_GUIDE_LET_GO, /* of the keys */
  UB_GUIDE_BATTERY_OUT,
  UB_GUIDE_BATTERY_IN,
  UB_GUIDE_CABLE,  /* another cable, another port, a clean socket */
  UB_GUIDE_CHARGE, /* at a charger, for half an hour */
  UB_GUIDE_LOCKED, /* the computer does not let us */
  UB_GUIDE_TROUBLE,
  UB_GUIDE_DONE,
  UB_GUIDE_N_PICTURES,
} UbGuidePicture;

/* what can be said to the guide now; each is a button */
typedef enum
{
  UB_GUIDE_ACT_NEXT = 1 << 0,       /* "That did nothing": ub_guide_next() */
  UB_GUIDE_ACT_BATTERY = 1 << 1,    /* "Can the battery be taken out?": ub_guide_set_battery() */
  UB_GUIDE_ACT_PERMISSION = 1 << 2, /* what ub_link_source_dup_permission() says */
} UbGuideActs;

typedef enum
{
  UB_GUIDE_BATTERY_UNKNOWN,
  UB_GUIDE_BATTERY_REMOVABLE,
  UB_GUIDE_BATTERY_FIXED,
} UbGuideBattery;

/* words are translated; they belong to the guide, until its next ub_guide_get() or its end */
typedef struct
{
  UbGuidePicture picture;
  const char    *title; /* what is seen on the cable */
  const char    *text;  /* (nullable): what to do now, one thing */
  const char *
      verdict; /* (nullable): whether what was asked last worked: "Got it. Let go of the keys now." */
  guint acts; /* UbGuideActs */
} UbGuideAdvice;

/**
 * UbGuide:
 *
 * Leads a person's hands to a phone that is caught: from what is seen on the cable, what the session asks for and how long it has
 * lasted to the one thing to do next (shared/facts/troubles.md 1–5, 7–9, 12, 15). A state machine without clock or I/O: times are µs
 * of g_get_monotonic_time(). Window and console show the same. One thread.
 */
typedef struct _UbGuide UbGuide;

UbGuide *ub_guide_new (void);
void     ub_guide_free (UbGuide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbGuide, ub_guide_free)

/* What is known of the phone, which decides the order of the keys. @chip: (nullable): "MT6765"; @model: (nullable): project or model as the
 * firmware names it */
void ub_guide_set_phone (UbGuide *self, const char *chip, const char *model);
/* a wait for a phone begins; visits are counted from here. One that begins within 15 s of the last one's end goes on with it: the phone
 * was there and left before it could be talked to */
void ub_guide_begin (UbGuide *self, gint64 now_us);
/* nobody waits any more */
void ub_guide_end (UbGuide *self);
/* what the session asks for; UB_REQUEST_NONE: nothing */
void ub_guide_set_request (UbGuide *self, UbRequest request, gint64 now_us);
/* %NULL: the source was changed, nothing is known */
void ub_guide_see (UbGuide *self, const UbSighting *sighting);
/* the person says: that did nothing */
void ub_guide_next (UbGuide *self, gint64 now_us);
void ub_guide_set_battery (UbGuide *self, UbGuideBattery battery, gint64 now_us);
void ub_guide_get (UbGuide *self, gint64 now_us, UbGuideAdvice *advice);
/* when ub_guide_get() may say something else although nothing happened; G_MAXINT64: never */
gint64 ub_guide_get_next_change (UbGuide *self, gint64 now_us);
/* (transfer none): the keys that come first for this phone, and how: "Unplug the phone. Hold volume down, and plug it in …" */
const char *ub_guide_get_keys_text (UbGuide *self);
/* (transfer full) (nullable): "Seen 3 times, for 2.1 s, 3.0 s between" */
char *ub_guide_dup_count (UbGuide *self);

/* --- words for what is seen; for people, in one or two words: "preloader", "phone that is switched on (files, ADB)". (transfer full) --- */
char *ub_guide_dup_kind (const UbSighting *sighting);
/* "ub-volume-down": the picture's name in ui/pictures; and what is on it, for those who cannot see it (translated) */
const char *ub_guide_picture_get_name (UbGuidePicture picture);
const char *ub_guide_picture_get_text (UbGuidePicture picture);

G_END_DECLS
