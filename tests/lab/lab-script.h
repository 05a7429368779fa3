/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes to a port and goes, when, and what of it is heard: by people's commands, on any bus. */
#pragma once

#include "lab/lab-things.h"
#include "phone/ub-practice-phone.h"

G_BEGIN_DECLS

/* the bus. All but lock and unlock are called in the thread of the script's main context */
typedef struct
{
  UbPracticePhone *(*lock) (gpointer stage);
  void (*unlock) (gpointer stage);
  /* @thing: (nullable): NULL: the practice phone as itself. What was there goes before. Returns: (transfer full): words for an
   * answer, often empty; NULL if the bus cannot show that */
  char *(*plug) (gpointer stage, const LabThing *thing, GError **error);
  void (*unplug) (gpointer stage);
} LabStage;

typedef struct _LabScript LabScript;

/* its clock runs in the default main context. @stage: (not copied) */
LabScript *lab_script_new (const LabStage *stage, gpointer user_data);
void       lab_script_free (LabScript *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabScript, lab_script_free)

/* for the bus, from any thread: something has come, just before anybody can see it; bytes of a bulk OUT transfer came */
void lab_script_came (LabScript *self);
void lab_script_heard (LabScript *self, gsize size);

/* @line:
 *   plug [bootrom|preloader|THING]   a thing by its name in lab-things.c; nothing: the phone as it was entered last
 *   unplug
 *   cycle N ON_MS OFF_MS [WHAT]      it comes and goes N times; one that is spoken to (a start command's length) stays
 *   cycle                            how many comings are left
 *   afterlife WHAT [MS]              what a phone does so long after it was let go: started, charging, recovery, fastboot, meta, bootrom, broken,
 *                                    loops, nothing; none: what it does by itself
 *   first-byte                       µs from the last coming to the first byte to it, or "none"
 *   visits                           that of all comings since the last plug, cycle or afterlife, and how many bytes: "1520/4 none/0"
 * Returns: (transfer full): the answer; NULL with G_IO_ERROR_NOT_FOUND if it is none of these */
char *lab_script_run (LabScript *self, const char *line, GError **error);

G_END_DECLS
