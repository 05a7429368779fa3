/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-rules.h"

#include "usb/ub-usb-ids.h"

#include <string.h>

static const char head[] =
    /* in two, as reuse(1) would read it as this file's own */
    "# SPDX-License-"
    "Identifier: GPL-3.0-or-later\n"
    "# Lets the person at the computer flash phones, and keeps modem managers and media players "
    "away from their ports.\n"
    "# Made by Unbrick from its table of phones. Goes to /etc/udev/rules.d; the name must come "
    "before 71, where access is given.\n"
    "# Single products, not the whole vendor: real modems carry MediaTek's id, too.\n"
    "ACTION==\"remove\", GOTO=\"unbrick_end\"\n"
    "SUBSYSTEM!=\"usb\", GOTO=\"unbrick_end\"\n"
    "ENV{DEVTYPE}!=\"usb_device\", GOTO=\"unbrick_end\"\n";

static const char tail[] = "LABEL=\"unbrick_end\"\n";

#define LINE                                                                                       \
  "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\", "                        \
  "ENV{ID_MM_DEVICE_IGNORE}=\"1\", ENV{MTP_NO_PROBE}=\"1\"\n"

/* --- phones of no table --- */

static gboolean
is_in_table (guint16 vendor, guint16 product)
{
  guint16 v, p;

  for (guint i = 0; ub_usb_ids_get_flashable (i, &v, &p); i++)
    if (v == vendor && p == product)
      return TRUE;
  return FALSE;
}

gboolean
ub_usb_rules_add_own (GArray *own, guint16 vendor, guint16 product)
{
  const guint32 id = (guint32) vendor << 16 | product;

  if (is_in_table (vendor, product))
    return TRUE;
  for (guint i = 0; i < own->len; i++)
    if (g_array_index (own, guint32, i) == id)
      return TRUE;
  if (own->len >= UB_USB_RULES_MOST_OWN)
    return FALSE;
  g_array_append_val (own, id);
  return TRUE;
}

/* four hex digits, and no sign or blank as sscanf() would have it */
static gboolean
read_number (const char *text, guint16 *number)
{
  guint value = 0;

  for (guint i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return FALSE;
      value = value << 4 | (guint) g_ascii_xdigit_value (text[i]);
    }
  *number = (guint16) value;
  return TRUE;
}

gboolean
ub_usb_rules_parse_own (GArray *own, const char *word)
{
  guint16 vendor, product;

  return strlen (word) == 9 && word[4] == ':' && read_number (word, &vendor) &&
         read_number (word + 5, &product) && ub_usb_rules_add_own (own, vendor, product);
}

void
ub_usb_rules_find_own (GArray *own, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      static const char start[] = "ATTR{idVendor}==\"", middle[] = "\", ATTR{idProduct}==\"";
      const gsize       at = strlen (start), next = at + 4 + strlen (middle);
      guint16           vendor, product;
      g_autofree char  *line = NULL;

      if (strlen (lines[i]) < next + 4 || !read_number (lines[i] + at, &vendor) ||
          !read_number (lines[i] + next, &product))
        continue;
      /* only our very own line; what others wrote there is not ours to carry on */
      line = g_strdup_printf (LINE, vendor, product);
      line[strlen (line) - 1] = '\0';
      if (g_str_equal (line, lines[i]))
        ub_usb_rules_add_own (own, vendor, product);
    }
}

/* --- the rule --- */

/**
 * ub_usb_rules_dup_text:
 *
 * The udev rule: for each product of the id table that we talk to, access for whoever sits at the computer, and no probing by
 * ModemManager and libmtp; and the same for what is in @own.
 */
char *
ub_usb_rules_dup_text (const GArray *own)
{
  GString *text = g_string_new (head);
  guint16  vendor, product;

  for (guint i = 0; ub_usb_ids_get_flashable (i, &vendor, &product); i++)
    g_string_append_printf (text, LINE, vendor, product);
  for (guint i = 0; own != NULL && i < own->len; i++)
    g_string_append_printf (text,
                            LINE,
                            g_array_index (own, guint32, i) >> 16,
                            g_array_index (own, guint32, i) & 0xffff);
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

static gboolean
is_table_in (const char *text)
{
  g_autofree char *ours = ub_usb_rules_dup_text (NULL);
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

/**
 * ub_usb_rules_are_in:
 *
 * Every line of ours has to be there, in our order. A newer version's file, which knows more phones, is as good as ours.
 */
gboolean
ub_usb_rules_are_in (const char *text, const GArray *own)
{
  g_autoptr (GArray) there = g_array_new (FALSE, FALSE, sizeof (guint32));

  if (!is_table_in (text))
    return FALSE;
  ub_usb_rules_find_own (there, text);
  for (guint i = 0; own != NULL && i < own->len; i++)
    {
      const guint   before = there->len;
      const guint32 id = g_array_index (own, guint32, i);

      if (!ub_usb_rules_add_own (there, (guint16) (id >> 16), (guint16) id) || there->len != before)
        return FALSE;
    }
  return TRUE;
}
