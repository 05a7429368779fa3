/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bytes over the same link to the same phone, with the engine and without it. */
#pragma once

#include "engine/ub-session.h"
#include "firmware/ub-firmware.h"
#include "link/ub-link-source.h"
#include "phone/ub-practice-phone.h"

G_BEGIN_DECLS

/* Both return MB/s. @source is started here and stopped again; the phone comes by itself. */

/* The image of the partition "system" of @firmware through a whole session. @bytes: (out): how many
 * travelled. To be called in the thread of the main context. */
double wire_bench_run_engine (UbFirmware *firmware, UbLinkSource *source, guint64 *bytes);
/* The same commands and as many bytes, from memory, and the answer to each. In any thread. */
double wire_bench_run_bare (UbFirmware *firmware, UbLinkSource *source);

/* Reading @bytes of the user area: into a copy in a folder by a whole session, and by the same commands into nothing. MB/s
 * on the wire. @whole: (out): MB/s of the job from the first byte to the checked copy */
double wire_bench_read_engine (UbFirmware   *firmware,
                               UbLinkSource *source,
                               guint64       bytes,
                               double       *whole);
double wire_bench_read_bare (UbFirmware *firmware, UbLinkSource *source, guint64 bytes);
/* a session from begin to end, in the thread of the main context; its copies and notes of unfinished jobs go to @folder,
 * and away again with wire_bench_remove_folder(). @watch (nullable) is told of every change of state */
typedef void (*WireBenchWatch) (UbSession *session, GParamSpec *pspec, gpointer user_data);
void wire_bench_run_plan (UbPlan        *plan,
                          UbFirmware    *firmware,
                          UbLinkSource  *source,
                          const char    *folder,
                          WireBenchWatch watch,
                          gpointer       user_data);

/* one phone of each language, and of each storage */
typedef struct
{
  const char *name;
  const char *chip;
  UbStorage   storage;
  gboolean    sparse;
} WireBenchCase;

#define WIRE_BENCH_N_CASES 6
extern const WireBenchCase wire_bench_cases[WIRE_BENCH_N_CASES];
/* such a phone, with room for an image of @image bytes */
UbPracticePhoneOptions wire_bench_get_options (const WireBenchCase *self, guint64 image);

/* one line */
void wire_bench_print (const char *bench,
                       const char *name,
                       const char *link,
                       guint64     bytes,
                       double      engine,
                       double      bare);
/* a folder, with all that is in it */
void wire_bench_remove_folder (const char *folder);

G_END_DECLS
