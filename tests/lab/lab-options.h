/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kind of practice phone, as the command lines of the labs say it. */
#pragma once

#include "phone/ub-practice-phone.h"

G_BEGIN_DECLS

/* of the firmware that is made for it */
typedef struct
{
  guint64  image_size;
  gboolean sparse;
} LabFirmware;

typedef struct
{
  char *chip, *enter, *table, *user, *boot, *image, *storage, *slot; /* as given (nullable) */

  UbPracticePhoneOptions phone; /* its chip borrowed from above */
  LabFirmware            firmware;
} LabOptions;

void lab_options_add (LabOptions *self, GOptionContext *context);
/* after parsing: what the words mean */
gboolean lab_options_apply (LabOptions *self, GError **error);
void     lab_options_clear (LabOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabOptions, lab_options_clear)

G_END_DECLS
