/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a practice phone can be told and asked, whatever bus it is on. */
#pragma once

#include "lab/lab-options.h"

G_BEGIN_DECLS

/* @line: "mischief LINE", "counts", "state", "hash REGION OFFSET SIZE", "peek REGION OFFSET SIZE", "poke REGION OFFSET HEX",
 * "firmware FOLDER", "firmware-other FOLDER". Returns: (transfer full): the answer, often empty */
char *lab_commands_run (UbPracticePhone   *phone,
                        const LabFirmware *firmware,
                        const char        *line,
                        GError           **error);

G_END_DECLS
