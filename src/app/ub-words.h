/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers as people read them; all (transfer full), translated. */

/* "256 KiB", "22 MiB": sizes of partitions, in powers of two as flash is made */
char *ub_words_format_part_size (guint64 bytes);
/* "0x400000" */
char *ub_words_format_hex (guint64 value);
/* "1.3 GB" and "18.4 MB/s": amounts that travel, 10⁶ to the MB */
char *ub_words_format_amount (guint64 bytes);
char *ub_words_format_speed (double bytes_per_second);
/* "0:44", "12:03", "1:02:03" */
char *ub_words_format_clock (gint64 us);
/* "about 2 minutes" */
char *ub_words_format_about (gint64 us);
/* "~/rom/z5"; never a path of the documents portal's */
char *ub_words_shorten_path (const char *path);

/* what a link says of its speed ("high", "super" …) in words; what is not known comes back as it is */
const char *ub_words_get_usb_speed (const char *speed);

G_END_DECLS
