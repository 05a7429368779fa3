/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* What a thing on the bus and the kernel's words say of it. The first byte tells how the rest is read: descriptors and,
 * behind a line feed, what the thing says of itself; or a kernel log with lines of our own between that set the clock
 * ("+7": seven tenths of a second) and the ports' states ("=1-2.4 2 default"); or a rule file. */

#include "usb/ub-usb-faults.h"
#include "usb/ub-usb-ids.h"
#include "usb/ub-usb-rules.h"

#include <stdio.h>
#include <string.h>

#define LINES_MAX 2000
#define FAULTS_MAX 256

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* --- descriptors --- */

static void
check_layout (const guint8 *descriptors, gsize size)
{
  UbUsbLayout layout;

  if (!ub_usb_ids_find_layout (descriptors, size, &layout))
    return;
  g_assert (layout.data >= 0 && layout.data <= 255 && layout.control >= -1 &&
            layout.control <= 255);
  g_assert (layout.data != layout.control);
  g_assert ((layout.in & 0x80) != 0 && (layout.out & 0x80) == 0);
  g_assert (layout.in_packet > 0 && layout.out_packet > 0); /* they are divided by */
}

static void
try_descriptors (const guint8 *data, gsize size)
{
  const guint8    *end = memchr (data, '\n', size);
  gsize            length = end != NULL ? (gsize) (end - data) : size;
  g_autofree void *descriptors = length > 0 ? g_memdup2 (data, length) : NULL;
  g_autofree char *text =
      end != NULL ? g_strndup ((const char *) end + 1, size - length - 1) : NULL;
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", "\n", 6);
  guint              n = g_strv_length (words), traits, again;
  const UbUsbStrings strings = { n > 0 ? words[0] : NULL,
                                 n > 1 ? words[1] : NULL,
                                 n > 2 ? (const char *const *) words + 2 : NULL };
  UbSightingKind kind = ub_usb_ids_identify (descriptors, length, &strings, &traits);

  g_assert (kind <= UB_SIGHTING_BROKEN && kind != UB_SIGHTING_BROKEN);
  (void) ub_usb_ids_identify (descriptors, length, NULL, &again);
  if (ub_usb_ids_is_listed (descriptors, length))
    g_assert (length < 18 || ((const guint8 *) descriptors)[1] != 1 || ub_usb_ids_is_ours (kind));
  check_layout (descriptors, length);
}

/* --- the kernel's words --- */

static void
fault_cb (const char *port, const char *words, gboolean present, gpointer user_data)
{
  GHashTable *told = user_data;

  g_assert (g_utf8_validate (words, -1, NULL) && g_utf8_validate (port, -1, NULL));
  g_assert (strlen (port) < UB_USB_LOG_PORT_SIZE);
  if (present)
    g_hash_table_add (told, g_strdup (port));
  else
    g_assert (g_hash_table_remove (told, port)); /* only what was told can be over */
  g_assert (g_hash_table_size (told) <= FAULTS_MAX);
}

static void
take_line (UbUsbFaults *faults, const char *text, gint64 *now)
{
  UbUsbLogLine line;
  char         port[UB_USB_LOG_PORT_SIZE], state[16];
  guint        kind;

  if (text[0] == '+')
    *now += (gint64) g_ascii_strtoull (text + 1, NULL, 10) % 1000 * 100000;
  else if (sscanf (text, "=%31[0-9.-] %u %15[a-z ]", port, &kind, state) == 3)
    ub_usb_faults_take_port (faults, port, kind % (UB_USB_PORT_OVER_CURRENT + 1), state, *now);
  else
    {
      ub_usb_log_parse (text, &line);
      g_assert (memchr (line.port, '\0', sizeof line.port) != NULL);
      if (line.kind != UB_USB_LOG_NOTHING)
        g_assert (line.words >= text && line.words + line.length <= text + strlen (text));
      ub_usb_faults_take_line (faults, &line, *now);
    }
  g_assert (ub_usb_faults_tick (faults, *now) > *now); /* never a busy loop */
}

static void
try_log (const char *text)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  UbUsbFaults *faults = ub_usb_faults_new (fault_cb, told);
  g_auto (GStrv) lines = g_strsplit (text, "\n", LINES_MAX);
  gint64 now = 1;

  for (guint i = 0; lines[i] != NULL; i++)
    take_line (faults, lines[i], &now);
  ub_usb_faults_end_all (faults);
  g_assert (g_hash_table_size (told) == 0);
  ub_usb_faults_free (faults);
}

/* what a rule names beside our table is named again by the rule that is made of it */
static void
check_own (const char *text)
{
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *made = NULL;
  g_auto (GStrv) words = g_strsplit (text, "\n", 50);

  for (guint i = 0; words[i] != NULL; i++)
    (void) ub_usb_rules_parse_own (own, words[i]);
  ub_usb_rules_find_own (own, text);
  g_assert (own->len <= UB_USB_RULES_MOST_OWN);
  made = ub_usb_rules_dup_text (own);
  g_assert (ub_usb_rules_are_in (made, own));
}

static void
try_rules (const char *text)
{
  g_autofree char *ours = ub_usb_rules_dup_text (NULL);
  g_autofree char *both = g_strconcat (text, "\n", ours, NULL);

  (void) ub_usb_rules_are_in (text, NULL);
  g_assert (strchr (text, '"') != NULL || ub_usb_rules_are_in (both, NULL));
  check_own (text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = NULL;

  if (size == 0)
    return 0;
  text = g_strndup ((const char *) data + 1, size - 1);
  switch (data[0] % 3)
    {
    case 0:
      try_descriptors (data + 1, size - 1);
      break;
    case 1:
      try_log (text);
      break;
    default:
      try_rules (text);
    }
  return 0;
}
