/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-image.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int  fd = memfd_create ("fuzz-image", MFD_CLOEXEC);
  char path[64];
  g_autoptr (UbImage) image = NULL;

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (fd >= 0 && write (fd, data, size) == (ssize_t) size)
    image = ub_image_open (path, NULL);
  if (image != NULL)
    walk (image);
  if (fd >= 0)
    close (fd);
  return 0;
}
