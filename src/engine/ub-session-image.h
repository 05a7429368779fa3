/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-pipe.h"
#include "engine/ub-plan.h"

G_BEGIN_DECLS

/**
 * UbSessionImage:
 *
 * The file of one step while a session lasts: that it is still the file that was planned, what it
 * really sends, and, for a preloader, the bytes with the storage header in front. Main thread makes
 * it, the worker uses it.
 */
typedef struct _UbSessionImage UbSessionImage;

/* (transfer full) (element-type UbSessionImage): one for each step of @plan; remembers the files as
 * they are now */
GPtrArray *ub_session_image_list (UbPlan *plan);
/* opens it once. FILE_READ if it is not the file it was, IMAGE_TOO_BIG, BAD_IMAGE */
gboolean ub_session_image_prepare (UbSessionImage *self, const UbStep *step, GError **error);
guint64  ub_session_image_get_bytes (UbSessionImage *self); /* that travel; after prepare */
UbPipe  *ub_session_image_open_pipe (UbSessionImage *self,
                                     gsize           packet_size,
                                     UbPipeChecksum  checksum,
                                     gpointer        user_data,
                                     GError        **error);

G_END_DECLS
