/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-rules.h"

#include "usb/ub-usb-ids.h"

#include <string.h>

static const char head[] =
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# Lets the person at the computer flash phones, and keeps modem managers and media players "
    "away from their ports.\n"
    "# Made by Unbrick from its table of phones. Goes to /etc/udev/rules.d; the name must come "
    "before 71, where access is given.\n"
    "# Single products, not the whole vendor: real modems carry MediaTek's id, too.\n"
    "ACTION==\"remove\", GOTO=\"unbrick_end\"\n"
    "SUBSYSTEM!=\"usb\", GOTO=\"unbrick_end\"\n"
    "ENV{DEVTYPE}!=\"usb_device\", GOTO=\"unbrick_end\"\n";

static const char tail[] = "LABEL=\"unbrick_end\"\n";

/**
 * ub_usb_rules_dup_text:
 *
 * The udev rule: for each product of the id table that we talk to, access for whoever sits at the computer, and no probing by
 * ModemManager and libmtp.
 */
char *
ub_usb_rules_dup_text (void)
{
  GString *text = g_string_new (head);
  guint16  vendor, product;

  for (guint i = 0; ub_usb_ids_get_flashable (i, &vendor, &product); i++)
    g_string_append_printf (
        text,
        "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\", "
        "ENV{ID_MM_DEVICE_IGNORE}=\"1\", ENV{MTP_NO_PROBE}=\"1\"\n",
        vendor,
        product);
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}

/* the next line that is neither empty nor a comment, without blanks outside of quotes; NULL at the end. (transfer full) */
static char *
dup_next_line (const char **text)
{
  g_autoptr (GString) line = g_string_new (NULL);

  while (**text != '\0' && (line->len == 0 || *line->str == '#'))
    {
      const char *end = strchrnul (*text, '\n');
      gboolean    quoted = FALSE;

      g_string_truncate (line, 0);
      for (const char *p = *text; p < end; p++)
        {
          quoted ^= *p == '"';
          if (quoted || !g_ascii_isspace (*p))
            g_string_append_c (line, *p);
        }
      *text = *end == '\0' ? end : end + 1;
    }
  return line->len == 0 || *line->str == '#' ? NULL : g_strdup (line->str);
}

/**
 * ub_usb_rules_are_in:
 *
 * Every line of ours has to be there, in our order. A newer version's file, which knows more phones, is as good as ours.
 */
gboolean
ub_usb_rules_are_in (const char *text)
{
  g_autofree char *ours = ub_usb_rules_dup_text ();
  const char      *rest = ours;
  g_autofree char *wanted = dup_next_line (&rest);

  while (wanted != NULL)
    {
      g_autofree char *line = dup_next_line (&text);

      if (line == NULL)
        return FALSE;
      if (!g_str_equal (line, wanted))
        continue;
      g_free (wanted);
      wanted = dup_next_line (&rest);
    }
  return TRUE;
}
