/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define READ_MAX (1024u * 1024) /* of one extent: a fill of 4 GiB teaches nothing */
#define EXTENTS_MAX 4096u

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
walk (UbImage *image)
{
  UbImageExtent extent;
  guint64       end = 0;
  guint8        bytes[4099];

  for (guint n = 0; n < EXTENTS_MAX && ub_image_next (image, &extent, NULL); n++)
    {
      g_assert_cmpuint (extent.offset, >=, end);
      end = extent.offset + extent.length;
      g_assert_cmpuint (end, <=, ub_image_get_size (image));
      for (guint64 at = 0; at < MIN (extent.length, READ_MAX); at += sizeof bytes)
        if (!ub_image_read (image, bytes, MIN (sizeof bytes, extent.length - at), NULL))
          return;
    }
}

static void
open_and_walk (const char *path)
{
  g_autoptr (UbImage) image = ub_image_open (path, NULL);

  if (image != NULL)
    walk (image);
}

static void
run_whole (const uint8_t *data, size_t size)
{
  int  fd = memfd_create ("fuzz-image", MFD_CLOEXEC);
  char path[64];

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (fd >= 0 && write (fd, data, size) == (ssize_t) size)
    open_and_walk (path);
  if (fd >= 0)
    close (fd);
}

/* where a second sparse image begins, else the middle */
static size_t
find_cut (const uint8_t *data, size_t size)
{
  for (size_t at = size - 4; at > 4; at--)
    if (memcmp (data + at, "\x3A\xFF\x26\xED", 4) == 0)
      return at;
  return size / 2;
}

static void
run_pieces (const uint8_t *data, size_t size)
{
  g_autofree char *folder = g_dir_make_tmp ("fuzz-image-XXXXXX", NULL);
  g_autofree char *first = g_build_filename (folder, "super.img_0", NULL);
  g_autofree char *second = g_build_filename (folder, "super.img_1", NULL);
  size_t           cut = find_cut (data, size);

  if (g_file_set_contents (first, (const char *) data, (gssize) cut, NULL) &&
      g_file_set_contents (second, (const char *) data + cut, (gssize) (size - cut), NULL))
    open_and_walk (first);
  g_unlink (first);
  g_unlink (second);
  g_rmdir (folder);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  run_whole (data, size);
  if (size > 8)
    run_pieces (data, size);
  return 0;
}
