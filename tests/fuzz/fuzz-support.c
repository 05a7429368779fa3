/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* any text, on its way to support */

#include "engine/ub-support-mask.h"
#include "engine/ub-support-report.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* an IMEI that stands alone is never let through, whatever is around it */
static void
check_imei (const char *around)
{
  const UbSupportSecrets secrets = { .home = "/home/anna", .user = "anna", .host = "annas-pc" };
  g_autofree char       *text = g_strconcat (around, "\nIMEI: 352099001761481\n", around, NULL);
  g_autofree char       *masked = ub_support_mask_apply (text, &secrets);

  g_assert_true (g_utf8_validate (masked, -1, NULL));
  g_assert_null (strstr (masked, "352099001761481\n"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *own = g_strdup (text);
  g_autoptr (GString) report = g_string_new (NULL);
  g_autofree char *masked = NULL;

  if (size > 65536)
    return 0;
  /* one that brings the number itself proves nothing */
  if (strstr (own, "352099001761481") == NULL)
    check_imei (own);
  masked = ub_support_mask_apply (own, NULL);
  g_assert_true (g_utf8_validate (masked, -1, NULL));
  ub_support_report_append (report, own);
  return 0;
}
