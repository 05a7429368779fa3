/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * UbAdvice:
 *
 * An error in a person's words (design/window.md 7). Translated; static.
 */
typedef struct
{
  const char *title;       /* "The phone stopped answering" */
  const char *explanation; /* what happened and what it means */
  const char *actions[6];  /* things to try, most likely first, NULL-terminated */
  const char
      *spft; /* (nullable): what SP Flash Tool would have shown: "4001 S_FT_DA_NO_RESPONSE" */
} UbAdvice;

/* @written: a write command had left us: says what state the phone is in. Never NULL; unknown errors get honest general words */
const UbAdvice *ub_advice_for_error (const GError *error, gboolean written);
const UbAdvice *ub_advice_for_code (int code, gboolean written);

G_END_DECLS
