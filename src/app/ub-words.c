/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-words.h"

#include <glib/gi18n.h>

#include "base/ub-place.h"

char *
ub_words_format_part_size (guint64 bytes)
{
  /* small and odd sizes exactly, the rest with at most one digit after the point */
  if (bytes < 1024)
    return g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  if (bytes < 1024 * 1024)
    return g_strdup_printf (_ ("%u KiB"), (guint) (bytes / 1024));
  if (bytes % (1024 * 1024) == 0 && bytes < G_GUINT64_CONSTANT (10240) * 1024 * 1024)
    return g_strdup_printf (_ ("%u MiB"), (guint) (bytes / (1024 * 1024)));
  return g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
}

char *
ub_words_format_hex (guint64 value)
{
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", value);
}

char *
ub_words_format_amount (guint64 bytes)
{
  return g_format_size (bytes);
}

char *
ub_words_format_speed (double bytes_per_second)
{
  g_autofree char *amount = g_format_size ((guint64) MAX (bytes_per_second, 0));

  /* Translators: a speed: "18.4 MB/s" */
  return g_strdup_printf (_ ("%s/s"), amount);
}

char *
ub_words_format_clock (gint64 us)
{
  gint64 seconds = (MAX (us, 0) + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;

  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d",
                            (int) (seconds / 3600),
                            (int) (seconds / 60 % 60),
                            (int) (seconds % 60));
  return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
}

char *
ub_words_format_about (gint64 us)
{
  int seconds = (int) (MAX (us, 0) / G_USEC_PER_SEC);
  int minutes = (seconds + 30) / 60;

  if (seconds < 10)
    return g_strdup (_ ("a few seconds"));
  if (minutes < 1)
    return g_strdup (_ ("less than a minute"));
  return g_strdup_printf (ngettext ("about %d minute", "about %d minutes", (gulong) minutes),
                          minutes);
}

char *
ub_words_shorten_path (const char *path)
{
  const char      *home = g_get_home_dir ();
  gsize            length = home != NULL ? strlen (home) : 0;
  g_autofree char *shown = ub_place_dup_shown (path);

  if (length > 1 && g_str_has_prefix (shown, home) &&
      (shown[length] == '/' || shown[length] == '\0'))
    {
      g_autofree char *shortened = g_strconcat ("~", shown + length, NULL);

      return g_filename_display_name (shortened);
    }
  return g_filename_display_name (shown);
}

const char *
ub_words_get_usb_speed (const char *speed)
{
  if (g_strcmp0 (speed, "high") == 0)
    return _ ("USB 2 high speed");
  if (g_strcmp0 (speed, "full") == 0)
    return _ ("USB 1 full speed");
  if (g_strcmp0 (speed, "super") == 0)
    return _ ("USB 3 super speed");
  return speed;
}
