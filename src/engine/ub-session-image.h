/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-pipe.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

/**
 * UbSessionImage:
 *
 * What one step sends, or what it compares with: that its file is still the one that was planned, what it
 * really sends, and, for a preloader, the bytes with the storage header in front.
 */
typedef struct _UbSessionImage UbSessionImage;

/* the files of @plan as they are now, for ub_session_image_list(); (transfer full) */
GHashTable *ub_session_image_look (UbPlan *plan);
/* the step whose content a VERIFY reads back; the step itself for all others */
guint ub_session_image_find_source (UbPlan *plan, guint i);
/* (transfer full) (element-type UbSessionImage): one for each step of @plan */
GPtrArray *ub_session_image_list (UbPlan *plan, GHashTable *seen);
typedef enum
{
  UB_SESSION_IMAGE_PADDED, /* the last sector is filled up with zeros */
  UB_SESSION_IMAGE_EXACT,  /* not filled up */
  UB_SESSION_IMAGE_BY_NAME, /* as an agent takes a whole part by its name: in one run, not filled up; gaps are zeros */
} UbSessionImageForm;

/* opens it once, for a phone with sectors of @sector bytes. FILE_READ if it is not the file it was, IMAGE_TOO_BIG, BAD_IMAGE */
gboolean ub_session_image_prepare (UbSessionImage *self,
                                   const UbStep   *step,
                                   guint           sector,
                                   GError        **error);
gboolean ub_session_image_is_sparse (UbSessionImage *self); /* after prepare */
guint64  ub_session_image_get_bytes (UbSessionImage *self); /* that travel; after prepare */
/* what lies in [@begin, @end) of it; @end 0: all from @begin on. NULL with an error, also for a step that sends nothing */
UbPipe *ub_session_image_open_pipe (UbSessionImage    *self,
                                    UbSessionImageForm form,
                                    guint64            begin,
                                    guint64            end,
                                    gsize              packet_size,
                                    UbPipeChecksum     checksum,
                                    gpointer           user_data,
                                    GError           **error);

G_END_DECLS
