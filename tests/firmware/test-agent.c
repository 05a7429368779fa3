/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-agent.h"

#include "base/ub-error.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEADER 0x6Cu

static void
put16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) value;
  at[1] = (guint8) (value >> 8);
}

static void
put32 (guint8 *at, guint32 value)
{
  put16 (at, (guint16) value);
  put16 (at + 2, (guint16) (value >> 16));
}

static guint8 *
new_file (gsize size, const char *id, guint32 n_entries)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data, "MTK_DOWNLOAD_AGENT", 18);
  memcpy (data + 0x20, id, strlen (id));
  put32 (data + 0x60, 4);
  put32 (data + 0x64, 0x22668899);
  put32 (data + 0x68, n_entries);
  return data;
}

/* three regions: a stub of 8 bytes, DA1 and DA2 of 32 */
static void
put_entry (guint8 *at, gboolean old, guint16 code, guint16 hw, guint16 sw, guint32 regions)
{
  guint8 *counts = at + (old ? 0x0C : 0x10);

  put16 (at, 0xDADA);
  put16 (at + 2, code);
  put16 (at + 4, 0x8A00);
  put16 (at + 6, hw);
  if (!old)
    put16 (at + 8, sw);
  put16 (counts, 0);
  put16 (counts + 2, 3);
  for (guint i = 0; i < 3; i++)
    {
      put32 (counts + 4 + 20 * i, regions + 32 * i);
      put32 (counts + 8 + 20 * i, i == 0 ? 8 : 32);
      put32 (counts + 12 + 20 * i, 0x200000 * i);
      put32 (counts + 16 + 20 * i, 16);
      put32 (counts + 20 + 20 * i, i == 0 ? 0 : 16);
    }
}

static UbAgentFile *
parse (guint8 *data, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);

  return ub_agent_file_parse (bytes, size, "agent.bin", error);
}

static UbAgentFile *
several (void)
{
  guint8 *data = new_file (4096, "MTK_AllInOne_DA_v3.3001.2019-02-01.10:54_466507", 4);

  put_entry (data + HEADER, FALSE, 0x6575, 0xCA00, 0xE100, 2000);
  put_entry (data + HEADER + 0xDC, FALSE, 0x6575, 0xCB00, 0xE201, 2100);
  put_entry (data + HEADER + 2 * 0xDC, FALSE, 0x6580, 0xCA00, 0, 2200);
  put_entry (data + HEADER + 3 * 0xDC, FALSE, 0x6735, 0xCA00, 0, 4090);
  for (guint i = 0; i < 32; i++)
    data[2232 + i] = (guint8) i;
  return parse (data, 4096, NULL);
}

static void
test_regions (void)
{
  g_autoptr (UbAgentFile) file = several ();
  const UbAgentEntry *entry = ub_agent_file_select (file, 0x6580, 0, 0xCA01, 0);
  g_autoptr (GBytes) da1 = ub_agent_file_load (file, entry, 1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (ub_agent_file_get_n_entries (file), ==, 4);
  g_assert_cmpuint (entry->regions[1].load_address, ==, 0x200000);
  g_assert_cmpuint (entry->regions[1].signature_length, ==, 16);
  g_assert_cmpuint (g_bytes_get_size (da1), ==, 32);
  g_assert_cmpuint (((const guint8 *) g_bytes_get_data (da1, NULL))[31], ==, 31);
  g_assert_null (ub_agent_file_load (file, entry, 3, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
  g_clear_error (&error);
  g_assert_null (ub_agent_file_load (file, entry, G_MAXUINT, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
  g_clear_error (&error);
  g_assert_null (ub_agent_file_load (file, ub_agent_file_get_entry (file, 3), 1, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
}

static void
test_select (void)
{
  g_autoptr (UbAgentFile) file = several ();

  g_assert_cmpuint (ub_agent_file_select (file, 0x6575, 0x8A00, 0xCA00, 0xE100)->sw_version,
                    ==,
                    0xE100);
  g_assert_cmpuint (ub_agent_file_select (file, 0x6575, 0, 0xCB00, 0xE201)->sw_version, ==, 0xE201);
  g_assert_cmpuint (ub_agent_file_select (file, 0x6575, 0, 0xCB01, 0xE300)->sw_version, ==, 0xE201);
  g_assert_cmpuint (ub_agent_file_select (file, 0x6575, 0, 0xCA01, 0xE300)->sw_version, ==, 0xE100);
  g_assert_cmpuint (ub_agent_file_select (file, 0x6575, 0, 0, 0)->sw_version, ==, 0xE201);
  g_assert_null (ub_agent_file_select (file, 0x6575, 0, 0xC900, 0xE300));
  g_assert_null (ub_agent_file_select (file, 0x6572, 0, 0xCA00, 0));
}

static void
test_old_stride (gconstpointer data)
{
  guint   n = GPOINTER_TO_UINT (data);
  guint8 *bytes = new_file (4096, "MTK_AllInOne_DA_v2.0", n);
  g_autoptr (UbAgentFile) file = NULL;

  for (guint i = 0; i < n; i++)
    put_entry (bytes + HEADER + i * 0xD8,
               TRUE,
               (guint16) (0x6573 + 2 * i),
               0xCA00,
               0,
               2000 + 100 * i);
  file = parse (bytes, 4096, NULL);
  g_assert_nonnull (file);
  g_assert_cmpuint (ub_agent_file_get_n_entries (file), ==, n);
  g_assert_cmpuint (ub_agent_file_get_entry (file, n - 1)->hw_code, ==, 0x6573 + 2 * (n - 1));
  g_assert_cmpuint (ub_agent_file_get_entry (file, n - 1)->regions[2].file_offset,
                    ==,
                    2000 + 100 * (n - 1) + 64);
}

/* the entry ends after three regions, where the data begin */
static void
test_single_v6 (void)
{
  guint8 *bytes = new_file (0xBC + 96, "MTK_DA_v6_2022-04-02 23:43:58", 1);
  g_autoptr (UbAgentFile) file = NULL;
  g_autoptr (GBytes) da2 = NULL;

  put_entry (bytes + HEADER, FALSE, 0x1172, 0xCA00, 0, 0xBC);
  file = parse (bytes, 0xBC + 96, NULL);
  g_assert_nonnull (file);
  g_assert_true (ub_agent_file_is_v6 (file));
  da2 = ub_agent_file_load (file, ub_agent_file_get_entry (file, 0), 2, NULL);
  g_assert_cmpuint (g_bytes_get_size (da2), ==, 32);
}

static void
test_from_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ub-agent-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "agent.bin", NULL);
  const gsize      size = 1024 * 1024;
  guint8          *bytes = new_file (size, "MTK_AllInOne_DA_v7.1420.00.000", 1);
  g_autoptr (UbAgentFile) file = NULL;
  g_autoptr (GBytes) da1 = NULL;
  g_autoptr (GError) error = NULL;

  put_entry (bytes + HEADER, FALSE, 0x6582, 0xCA00, 0, (guint32) size - 96);
  bytes[size - 64] = 0x77;
  g_assert_true (g_file_set_contents (path, (char *) bytes, (gssize) size, NULL));
  g_free (bytes);
  file = ub_agent_file_open (path, &error);
  g_assert_no_error (error);
  da1 = ub_agent_file_load (file, ub_agent_file_get_entry (file, 0), 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (((const guint8 *) g_bytes_get_data (da1, NULL))[0], ==, 0x77);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (ub_agent_file_load (file, ub_agent_file_get_entry (file, 0), 1, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_unlink (path);
  g_clear_error (&error);
  g_assert_null (ub_agent_file_open (path, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_READ);
  g_rmdir (folder);
}

static const struct
{
  const char *id;
  guint       year;
} years[] = {
  { "MTK_AllInOne_DA_v7.1420.00.000", 2014 },
  { "MTK_AllInOne_DA_v7.1504.00.00", 2015 },
  { "MTK_AllInOne_DA_v3.3001.2019-02-01.10:54_466507", 2019 },
  { "MTK_AllInOne_DA_v3.3001.2018/08/21.13:52_448808", 2018 },
  { "MTK_AllInOne_DA_v3.3001.11/28/2021.05:21_580390", 2021 },
  { "MTK_DA_v6_2025-03-25 10:22:17 DA_02 KEY_02", 2025 },
  { "MTK_AllInOne_DA_v2.7.3.00", 0 },
  { "MTK_AllInOne_DA_v7.", 0 },
  { "", 0 },
};

static void
test_years (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (years); i++)
    {
      guint8 *bytes = new_file (1024, years[i].id, 1);
      g_autoptr (UbAgentFile) file = NULL;

      put_entry (bytes + HEADER, FALSE, 0x6582, 0xCA00, 0, 512);
      file = parse (bytes, 1024, NULL);
      g_assert_cmpstr (ub_agent_file_get_id (file), ==, years[i].id);
      g_assert_cmpuint (ub_agent_file_get_year (file), ==, years[i].year);
    }
}

static const struct
{
  gsize   offset;
  guint32 value;
  gsize   size; /* of the file */
} damages[] = {
  { 0x00, 0x41414141, 1024 },
  { 0x64, 0, 1024 },
  { 0x68, 0, 1024 },
  { 0x68, 0xFFFFFFFF, 1024 },
  { 0x68, 2, 1024 },
  { 0x68, 1, 0x60 },
  { HEADER, 0, 1024 },
  { HEADER + 0x10, 0, 1024 },
  { HEADER + 0x10, 11u << 16, 1024 },
  { HEADER + 0x10, 3u << 16, HEADER + 0x40 },
};

static void
test_damage (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      guint8 *data = new_file (1024, "MTK_AllInOne_DA_v7.1420", 1);
      g_autoptr (GError) error = NULL;

      put_entry (data + HEADER, FALSE, 0x6582, 0xCA00, 0, 512);
      put32 (data + damages[i].offset, damages[i].value);
      g_assert_null (parse (data, damages[i].size, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
    }
}

/* offsets and lengths that wrap around, a signature longer than its region */
static void
test_hostile_regions (void)
{
  static const guint32 values[][3] = {
    { 0xFFFFFFFF, 32, 0 }, { 512, 0xFFFFFFFF, 0 }, { 512, 0, 0 }, { 512, 32, 33 }, { 1024, 1, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      guint8 *data = new_file (1024, "MTK_AllInOne_DA_v7.1420", 1);
      g_autoptr (UbAgentFile) file = NULL;
      g_autoptr (GError) error = NULL;

      put_entry (data + HEADER, FALSE, 0x6582, 0xCA00, 0, 512);
      put32 (data + HEADER + 0x14 + 20, values[i][0]);
      put32 (data + HEADER + 0x18 + 20, values[i][1]);
      put32 (data + HEADER + 0x24 + 20, values[i][2]);
      file = parse (data, 1024, NULL);
      g_assert_null (ub_agent_file_load (file, ub_agent_file_get_entry (file, 0), 1, &error));
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_AGENT);
    }
}

/* all regions of @file lie in a file of its size, and region 1 and 2 are signed as §3.1 says */
static void
assert_regions_inside (UbAgentFile *file, guint64 full_size)
{
  for (guint i = 0; i < ub_agent_file_get_n_entries (file); i++)
    {
      const UbAgentEntry *entry = ub_agent_file_get_entry (file, i);

      g_assert_cmpuint (entry->n_regions, >=, 3);
      for (guint r = 0; r < entry->n_regions; r++)
        {
          g_assert_cmpuint ((guint64) entry->regions[r].file_offset + entry->regions[r].length,
                            <=,
                            full_size);
          g_assert_cmpuint (entry->regions[r].signature_length, <=, entry->regions[r].length);
        }
    }
}

/* one row of INDEX.md: file, id, entries, entry size, full size, chips */
static void
check_row (const char *folder, char **cells)
{
  g_autofree char *path = g_build_filename (folder, g_strstrip (cells[1]), NULL);
  g_auto (GStrv) chips = g_strsplit (g_strstrip (cells[6]), ", ", -1);
  guint64 full_size = g_ascii_strtoull (g_strstrip (cells[5]), NULL, 10);
  g_autoptr (UbAgentFile) file = NULL;
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  head = g_bytes_new_take (data, size);
  file = ub_agent_file_parse (head, full_size, path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ub_agent_file_get_id (file), ==, g_strstrip (cells[2]));
  g_assert_cmpuint (ub_agent_file_get_n_entries (file),
                    ==,
                    g_ascii_strtoull (g_strstrip (cells[3]), NULL, 10));
  g_assert_cmpuint (g_strv_length (chips), ==, ub_agent_file_get_n_entries (file));
  for (guint i = 0; chips[i] != NULL; i++)
    g_assert_cmpuint (ub_agent_file_get_entry (file, i)->hw_code,
                      ==,
                      g_ascii_strtoull (chips[i], NULL, 16));
  assert_regions_inside (file, full_size);
  g_assert_cmpint (ub_agent_file_is_v6 (file), ==, strstr (cells[2], "_v6_") != NULL);
  if (strstr (cells[2], "v3.3001") != NULL || strstr (cells[2], "_v6_") != NULL)
    g_assert_cmpuint (ub_agent_file_get_year (file), >=, 2015);
}

static void
test_corpus (void)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *folder =
      g_build_filename (shared != NULL ? shared : "../shared", "corpus", "da", NULL);
  g_autofree char *index = g_build_filename (folder, "INDEX.md", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (index, &text, NULL, NULL))
    {
      g_test_skip ("no corpus of agents here");
      return;
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i], "|", -1);

      if (g_strv_length (cells) < 8 || strstr (cells[1], ".head") == NULL)
        continue;
      check_row (folder, cells);
      n++;
    }
  g_assert_cmpuint (n, ==, 20);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agent/regions", test_regions);
  g_test_add_func ("/agent/select", test_select);
  g_test_add_data_func ("/agent/old-stride/one", GUINT_TO_POINTER (1), test_old_stride);
  g_test_add_data_func ("/agent/old-stride/three", GUINT_TO_POINTER (3), test_old_stride);
  g_test_add_func ("/agent/single-v6", test_single_v6);
  g_test_add_func ("/agent/from-file", test_from_file);
  g_test_add_func ("/agent/years", test_years);
  g_test_add_func ("/agent/damage", test_damage);
  g_test_add_func ("/agent/hostile-regions", test_hostile_regions);
  g_test_add_func ("/agent/corpus", test_corpus);
  return g_test_run ();
}
