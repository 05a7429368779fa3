/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target over given files without a fuzzer: whole, and cut at several lengths. */
#include "config.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CUTS 24u

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* a copy of its own size, so that reading past the end is seen */
static void
run_cut (const char *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));

  memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
}

static guint
run_file (const char *path)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  guint runs = 0;

  if (!g_file_get_contents (path, &data, &size, &error))
    g_error ("%s", error->message);
  run_cut (data, size);
  for (guint i = 0; i < CUTS; i++, runs++)
    {
      run_cut (data, MIN (size, i * 7));
      run_cut (data, size * i / CUTS);
      run_cut (data, size - MIN (size, 1 + i * 3));
    }
  return 1 + 3 * runs;
}

static guint
run_path (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint       runs = 0;

  if (dir == NULL)
    return run_file (path);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      runs += run_path (child);
    }
  return runs;
}

int
main (int argc, char *argv[])
{
  guint runs = 0;

  for (int i = 1; i < argc; i++)
    runs += run_path (argv[i]);
  g_print ("%u runs\n", runs);
  return runs > 0 ? 0 : 1;
}
