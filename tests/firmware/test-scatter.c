/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-scatter.h"

#include "base/ub-error.h"

#include <stdlib.h>
#include <string.h>

static char *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "scatter", name, NULL);
  char            *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static UbScatter *
parse_bytes (const void *data, gsize size, const char *name, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  return ub_scatter_parse (bytes, name, error);
}

static UbScatter *
parse (const char *text, GError **error)
{
  return parse_bytes (text, strlen (text), "MT6580_test_scatter.txt", error);
}

static UbScatter *
parse_file (const char *name)
{
  g_autofree char *text = load (name);
  g_autoptr (GError) error = NULL;
  UbScatter *scatter = parse_bytes (text, strlen (text), name, &error);

  g_assert_no_error (error);
  g_assert_nonnull (scatter);
  return scatter;
}

static void
assert_refused (const char *text, UbError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbScatter) scatter = parse (text, &error);

  g_assert_null (scatter);
  g_assert_error (error, UB_ERROR, (int) code);
  if (words != NULL && strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_autoptr (GString) string = g_string_new (text);

  g_assert_cmpuint (g_string_replace (string, from, to, 0), >, 0);
  return g_strdup (string->str);
}

static const UbPartition *
find (UbScatter *scatter, UbStorage storage, const char *name)
{
  for (guint i = 0; i < scatter->partitions->len; i++)
    {
      const UbPartition *row = scatter->partitions->pdata[i];
      if (row->storage == storage && strcmp (row->name, name) == 0)
        return row;
    }
  g_error ("no %s", name);
}

static gboolean
has_note (UbScatter *scatter, const char *words)
{
  for (guint i = 0; i < scatter->notes->len; i++)
    if (strstr (scatter->notes->pdata[i], words) != NULL)
      return TRUE;
  return FALSE;
}

static void
assert_equal (UbScatter *a, UbScatter *b)
{
  g_assert_cmpuint (a->partitions->len, ==, b->partitions->len);
  for (guint i = 0; i < a->partitions->len; i++)
    {
      const UbPartition *x = a->partitions->pdata[i];
      const UbPartition *y = b->partitions->pdata[i];
      g_assert_cmpstr (x->name, ==, y->name);
      g_assert_cmpstr (x->file_name, ==, y->file_name);
      g_assert_cmpint (x->storage, ==, y->storage);
      g_assert_cmpint (x->region, ==, y->region);
      g_assert_cmphex (x->start, ==, y->start);
      g_assert_cmphex (x->size, ==, y->size);
      g_assert_cmpint (x->from_end, ==, y->from_end);
      g_assert_cmpint (x->is_download, ==, y->is_download);
      g_assert_cmpint (x->operation, ==, y->operation);
    }
}

static void
test_v1 (void)
{
  g_autoptr (UbScatter) scatter = parse_file ("v1.txt");

  g_assert_cmpstr (scatter->version, ==, "V1.1.2");
  g_assert_cmpstr (scatter->platform, ==, "MT6580");
  g_assert_cmpstr (scatter->project, ==, "demo_phone");
  g_assert_cmpuint (scatter->storages, ==, 1u << UB_STORAGE_EMMC);
  g_assert_cmpuint (scatter->block_size[UB_STORAGE_EMMC], ==, 0x20000);
  g_assert_cmpuint (scatter->partitions->len, ==, 11);
  g_assert_cmpuint (scatter->notes->len, ==, 0);
  g_assert_cmpuint (scatter->home_made, ==, 0);

  const UbPartition *boot = find (scatter, UB_STORAGE_EMMC, "boot");
  g_assert_cmpstr (boot->file_name, ==, "boot.img");
  g_assert_cmpstr (boot->type, ==, "NORMAL_ROM");
  g_assert_true (boot->is_download);
  g_assert_true (boot->boundary_check);
  g_assert_cmpint (boot->region, ==, UB_REGION_EMMC_USER);
  g_assert_cmphex (boot->start, ==, 0x8e0000);
  g_assert_cmphex (boot->size, ==, 0x1000000);
  g_assert_cmpint (boot->role, ==, UB_ROLE_START_UP);
  g_assert_cmpint (boot->operation, ==, UB_OPERATION_UPDATE);
  g_assert_cmpuint (boot->line, ==, 95);
  g_assert_null (find (scatter, UB_STORAGE_EMMC, "nvdata")->file_name);
  g_assert_cmpint (find (scatter, UB_STORAGE_EMMC, "nvdata")->role, ==, UB_ROLE_PROTECTED);
  g_assert_cmpint (find (scatter, UB_STORAGE_EMMC, "preloader")->region, ==, UB_REGION_EMMC_BOOT1);
}

static void
test_from_end (void)
{
  g_autoptr (UbScatter) scatter = parse_file ("v2.txt");
  const UbPartition *emmc = find (scatter, UB_STORAGE_EMMC, "flashinfo");
  const UbPartition *ufs = find (scatter, UB_STORAGE_UFS, "flashinfo");

  g_assert_true (emmc->from_end);
  g_assert_cmphex (emmc->start, ==, 0x84 * 0x20000);
  g_assert_cmphex (find (scatter, UB_STORAGE_EMMC, "sgpt")->start, ==, 4 * 0x20000);
  g_assert_cmphex (find (scatter, UB_STORAGE_UFS, "sgpt")->start, ==, 0x8000);
  g_assert_cmphex (ufs->start, ==, 0x20 * 0x80000 + 0x8000);
  g_assert_cmphex (ub_partition_resolve_start (ufs, G_GUINT64_CONSTANT (0x1000000000)),
                   ==,
                   G_GUINT64_CONSTANT (0x1000000000) - 0x1008000);
}

static void
test_from_end_64 (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *wide = replace (text, "0xFFFF0084", "0XFFFF000000000084");
  g_autoptr (UbScatter) scatter = parse (wide, NULL);
  g_autofree char *far = replace (text, "0xFFFF0084", "0xFFFFFFFFFFFFFFFF");

  g_assert_nonnull (scatter);
  g_assert_cmphex (find (scatter, UB_STORAGE_EMMC, "flashinfo")->start, ==, 0x84 * 0x20000);
  assert_refused (far, UB_ERROR_BAD_FIRMWARE, "beyond the end");
}

static void
test_v2 (void)
{
  g_autoptr (UbScatter) scatter = parse_file ("v2.txt");

  g_assert_cmpstr (scatter->version, ==, "V2.1.0");
  g_assert_cmpuint (scatter->storages, ==, 1u << UB_STORAGE_EMMC | 1u << UB_STORAGE_UFS);
  g_assert_cmpuint (scatter->partitions->len, ==, 22);
  g_assert_cmpuint (scatter->block_size[UB_STORAGE_EMMC], ==, 0x20000);
  g_assert_cmpuint (scatter->block_size[UB_STORAGE_UFS], ==, 0x80000);
  g_assert_cmpint (find (scatter, UB_STORAGE_UFS, "preloader")->region, ==, UB_REGION_UFS_LU0_LU1);
}

static void
test_xml (void)
{
  g_autoptr (UbScatter) v1 = parse_file ("v1.xml");
  g_autoptr (UbScatter) v2 = parse_file ("v2.xml");
  g_autoptr (UbScatter) text1 = parse_file ("v1.txt");
  g_autoptr (UbScatter) text2 = parse_file ("v2.txt");

  g_assert_cmpstr (v1->version, ==, "V1.1.8");
  g_assert_cmpstr (v1->platform, ==, "MT6768");
  g_assert_cmpuint (v2->block_size[UB_STORAGE_UFS], ==, 0x80000);
  assert_equal (v1, text1);
  assert_equal (v2, text2);
}

/* a newer file: one storage listed twice over, the UFS host, a logical part, LUs by
 * other names, and a last entry with fewer tags than the others */
static void
test_xml_odd (void)
{
  g_autoptr (UbScatter) scatter = parse_file ("v2-twice.xml");
  g_autofree char *text = load ("v2-twice.xml");
  g_autofree char *unequal = NULL;
  char            *second;

  g_assert_cmpstr (scatter->version, ==, "V2.2.0");
  g_assert_cmpstr (scatter->platform, ==, "MT6835");
  g_assert_cmpuint (scatter->storages, ==, 1u << UB_STORAGE_UFS);
  g_assert_cmpuint (scatter->partitions->len, ==, 6);
  g_assert_cmpuint (scatter->notes->len, ==, 1);
  g_assert_cmpint (find (scatter, UB_STORAGE_UFS, "preloader")->region, ==, UB_REGION_UFS_LU0);
  g_assert_cmpint (find (scatter, UB_STORAGE_UFS, "preloader_backup")->region,
                   ==,
                   UB_REGION_UFS_LU1);
  g_assert_cmpint (find (scatter, UB_STORAGE_UFS, "super")->region, ==, UB_REGION_UFS_LU2);
  g_assert_cmpint (find (scatter, UB_STORAGE_UFS, "system")->operation, ==, UB_OPERATION_LOGIC);
  g_assert_true (find (scatter, UB_STORAGE_UFS, "sgpt")->from_end);
  second = strstr (strstr (text, "<partition_name>boot_a") + 1, "<partition_name>boot_a");
  memcpy (strstr (second, "0x4000000"), "0x4000800", 9);
  unequal = g_steal_pointer (&text);
  assert_refused (unequal, UB_ERROR_BAD_FIRMWARE, "different values");
}

static void
test_legacy (void)
{
  g_autoptr (UbScatter) plain = parse_file ("legacy.txt");
  g_autoptr (UbScatter) zero = parse_file ("legacy-zero.txt");
  g_autoptr (UbScatter) same = parse_file ("legacy-copy.txt");

  assert_equal (plain, zero);
  assert_equal (plain, same);
  g_assert_cmphex (find (plain, UB_STORAGE_EMMC, "BOOTIMG")->start, ==, 0x600000);
  g_assert_cmphex (find (plain, UB_STORAGE_EMMC, "FAT")->size, ==, 0);
  g_assert_cmphex (find (plain, UB_STORAGE_EMMC, "BMTPOOL")->start, ==, 0xa8 * 0x20000);
  g_assert_true (has_note (zero, "physical addresses are not filled in"));
  g_assert_cmpuint (plain->notes->len, ==, 0);
}

static void
test_size_up_to_next (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *changed = replace (text, "partition_size: 0x2000000", "partition_size: 0x0");
  g_autoptr (UbScatter) scatter = parse (changed, NULL);

  g_assert_nonnull (scatter);
  g_assert_cmphex (find (scatter, UB_STORAGE_EMMC, "nvdata")->scatter_size, ==, 0);
  g_assert_cmphex (find (scatter, UB_STORAGE_EMMC, "nvdata")->size, ==, 0x4000000 - 0x18e0000);
}

static void
test_old (void)
{
  g_autoptr (UbScatter) emmc = parse_file ("old-emmc.txt");
  g_autoptr (UbScatter) nand = parse_file ("old-nand.txt");
  const UbPartition *boot = find (emmc, UB_STORAGE_EMMC, "BOOTIMG");
  const UbPartition *nvram = find (emmc, UB_STORAGE_EMMC, "NVRAM");

  g_assert_cmpstr (emmc->version, ==, "old");
  g_assert_cmpuint (emmc->storages, ==, 1u << UB_STORAGE_EMMC);
  g_assert_cmphex (boot->start, ==, 0x680000);
  g_assert_cmphex (boot->size, ==, 0x600000);
  g_assert_cmpstr (boot->file_name, ==, "boot.img");
  g_assert_true (boot->is_download);
  g_assert_false (nvram->is_download);
  g_assert_null (nvram->file_name);
  g_assert_cmpint (nvram->role, ==, UB_ROLE_PROTECTED);
  g_assert_cmpint (find (emmc, UB_STORAGE_EMMC, "PRELOADER")->region, ==, UB_REGION_EMMC_BOOT1);
  g_assert_cmpuint (nand->storages, ==, 1u << UB_STORAGE_NAND);
  g_assert_cmpint (find (nand, UB_STORAGE_NAND, "UBOOT")->region, ==, UB_REGION_NAND_WHOLE);
  g_assert_cmphex (find (nand, UB_STORAGE_NAND, "UBOOT")->start, ==, 0x420000);
  g_assert_true (find (nand, UB_STORAGE_NAND, "BMTPOOL")->from_end);
}

static void
test_old_broken (void)
{
  assert_refused ("MBR 0x1000\n{\n}\nEBR1 0x800\n{\n}\n", UB_ERROR_BAD_FIRMWARE, "line 4");
  assert_refused ("MBR 0x1000\n{\n}\nEBR1 0x", UB_ERROR_BAD_FIRMWARE, "line 4");
  assert_refused ("MBR 0x1000\n{\n}\nEBR1 0x2000\n{\n", UB_ERROR_BAD_FIRMWARE, "cut off");
  assert_refused ("MBR 0x1000\n{\n}\nEBR1 -1\n{\n}\n", UB_ERROR_BAD_FIRMWARE, "no number");
}

static void
test_line_ends (void)
{
  g_autoptr (UbScatter) plain = parse_file ("v1.txt");
  g_autofree char *text = load ("v1.txt");
  g_autofree char *crlf = replace (text, "\n", "\r\n");
  g_autofree char *cr = replace (text, "\n", "\r");
  g_autofree char *mixed = replace (crlf, "EMMC_USER\r\n", "EMMC_USER\r");
  g_autofree char *tabs = replace (text, "  ", "\t");
  g_autofree char *tabs_after = replace (text, ": ", ":\t ");
  g_autofree char *blanks = replace (text, "\n", "   \n");
  g_autofree char *ragged = replace (text, "  file_name", "       file_name");
  g_autofree char *no_end = g_strdup (text);
  const char      *variants[] = {
         crlf, cr, mixed, tabs, tabs_after, blanks, ragged, g_strchomp (no_end)
  };

  for (gsize i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbScatter) scatter = parse (variants[i], &error);
      g_assert_no_error (error);
      assert_equal (plain, scatter);
      g_assert_cmpuint (find (scatter, UB_STORAGE_EMMC, "boot")->line, ==, 95);
    }
}

static void
test_encodings (void)
{
  static const char *const names[] = { "v1.txt", "v1.xml", "old-emmc.txt" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (UbScatter) plain = parse_file (names[i]);
      g_autofree char *text = load (names[i]);
      g_autofree char *bom = g_strconcat ("\xef\xbb\xbf", text, NULL);
      g_autofree char *bom16 = g_strconcat ("\xef\xbb\xbf", text, NULL);
      gsize            size;
      g_autofree char *le = g_convert (bom16, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
      g_autofree char *be = g_convert (bom16, -1, "UTF-16BE", "UTF-8", NULL, &size, NULL);
      g_autoptr (UbScatter) utf8 = parse_bytes (bom, strlen (bom), names[i], NULL);
      g_autoptr (UbScatter) utf16le = parse_bytes (le, size, names[i], NULL);
      g_autoptr (UbScatter) utf16be = parse_bytes (be, size, names[i], NULL);
      assert_equal (plain, utf8);
      assert_equal (plain, utf16le);
      assert_equal (plain, utf16be);
      g_autoptr (GError) error = NULL;
      g_autoptr (UbScatter) odd = parse_bytes (le, size - 1, names[i], &error);
      g_assert_null (odd);
      g_assert_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE);
    }
}

static void
test_odd_bytes (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *file = replace (text, "boot.img", "b\xf6\xf6t \xe4.img");
  g_autofree char *project = replace (file, "demo_phone", "ph\xf6ne: @#1");
  g_autofree char *comment = g_strconcat ("# \xb9\xcc\xbc\xfe\n", project, NULL);
  g_autoptr (UbScatter) scatter = parse (comment, NULL);
  g_autofree char *xml_text = load ("v1.xml");
  g_autofree char *xml_file = replace (xml_text, "boot.img", "b\xf6\xf6t.img");
  g_autoptr (UbScatter) xml = parse (xml_file, NULL);

  g_assert_nonnull (scatter);
  g_assert_cmpstr (find (scatter, UB_STORAGE_EMMC, "boot")->file_name, ==, "b\xf6\xf6t \xe4.img");
  g_assert_true (g_utf8_validate (scatter->project, -1, NULL));
  g_assert_nonnull (xml);
  g_assert_cmpstr (find (xml, UB_STORAGE_EMMC, "boot")->file_name, ==, "b\xf6\xf6t.img");
}

static void
test_key_order (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autoptr (UbScatter) plain = parse (text, NULL);
  const char      *first = strstr (text, "- partition_index");
  g_autofree char *head = g_strndup (text, (gsize) (first - text));
  g_auto (GStrv) entries = g_strsplit (first, "\n\n", -1);
  g_autoptr (GString) shuffled = g_string_new (head);

  for (guint i = 0; entries[i] != NULL; i++)
    {
      g_auto (GStrv) lines = g_strsplit (g_strchomp (entries[i]), "\n", -1);
      guint n = g_strv_length (lines);
      for (guint k = 0; k < n; k++)
        {
          const char *line = lines[(k * 5 + 3 + i) % n];
          g_string_append_printf (shuffled, "%s%s\n", k == 0 ? "- " : "  ", line + 2);
        }
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (UbScatter) scatter = parse (shuffled->str, &error);
  g_assert_no_error (error);
  assert_equal (plain, scatter);
}

static void
test_missing_dashes (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autoptr (UbScatter) plain = parse (text, NULL);
  g_autofree char *bare = replace (text, "- partition_index", "  partition_index");
  g_autofree char *barer = replace (bare, "- ", "");
  g_autoptr (UbScatter) scatter = parse (bare, NULL);
  g_autoptr (UbScatter) again = parse (barer, NULL);

  g_assert_nonnull (scatter);
  g_assert_nonnull (again);
  assert_equal (plain, scatter);
  assert_equal (plain, again);
}

static void
test_unknown_keys (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *more =
      replace (text,
               "  reserve: 0x00",
               "  d_type: FALSE\n  host: 3\n  colour: {red}\n  empty:\n  reserve: 0x00");
  g_autoptr (UbScatter) plain = parse (text, NULL);
  g_autoptr (UbScatter) scatter = parse (more, NULL);

  g_assert_nonnull (scatter);
  assert_equal (plain, scatter);
}

static void
test_double_key (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *twice =
      replace (text, "  file_name: boot.img", "  file_name: boot.img\n  file_name: other.img");
  g_autoptr (UbScatter) scatter = parse (twice, NULL);

  g_assert_nonnull (scatter);
  g_assert_cmpstr (find (scatter, UB_STORAGE_EMMC, "boot")->file_name, ==, "other.img");
  g_assert_true (has_note (scatter, "given twice"));
}

/* whatever is left of the last entry: a map with fewer rows is never handed out as the whole */
static void
check_cuts (const char *name, const char *begin)
{
  g_autofree char *text = load (name);
  gsize            size = strlen (text);
  gsize            from = (gsize) (g_strrstr (text, begin) - text);

  for (gsize cut = from + 1; cut < size; cut++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbScatter) scatter = parse_bytes (text, cut, name, &error);
      g_assert_true ((scatter == NULL) == (error != NULL));
      if (scatter == NULL)
        g_assert_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE);
      else if (size - cut >= strlen (": 0x00\n\n"))
        g_error ("%s cut at %zu of %zu was taken", name, cut, size);
    }
}

static void
test_cut (void)
{
  check_cuts ("v1.txt", "partition_index");
  check_cuts ("v2.txt", "partition_index");
  check_cuts ("v1.xml", "<partition_index");
  check_cuts ("v2.xml", "<partition_index");
  check_cuts ("old-emmc.txt", "__NODL_BMTPOOL");
}

static void
test_numbers (void)
{
  static const char *const bad[] = {
    "0x", "-0x1000", "0x10000000000000000", "36893488147419103232", "0x12g", "", "1 2", "+5"
  };
  static const char *const good[] = { "0X1000000",
                                      "0x01000000",
                                      "16777216",
                                      "\"0x1000000\"",
                                      "0x1000000 # sixteen" };
  g_autofree char         *text = load ("v1.txt");
  g_autoptr (UbScatter) plain = parse (text, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *line = g_strdup_printf ("partition_size: %s\n", bad[i]);
      g_autofree char *changed = replace (text, "partition_size: 0x60000\n", line);
      assert_refused (changed, UB_ERROR_BAD_FIRMWARE, "line 86: partition_size");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *line = g_strdup_printf ("partition_size: %s\n  region", good[i]);
      g_autofree char *changed = replace (text, "partition_size: 0x1000000\n  region", line);
      g_autoptr (UbScatter) scatter = parse (changed, NULL);
      g_assert_nonnull (scatter);
      assert_equal (plain, scatter);
    }
}

static void
test_upper_case (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *upper = replace (text, "0x8e0000", "0X8E0000");
  g_autoptr (UbScatter) plain = parse (text, NULL);
  g_autoptr (UbScatter) scatter = parse (upper, NULL);

  g_assert_nonnull (scatter);
  assert_equal (plain, scatter);
}

static char *
make_big (guint n)
{
  GString *text = g_string_new (
      "- general: MTK_PLATFORM_CFG\n  info: \n    - config_version: V1.1.2\n      platform: "
      "MT6580\n      project: big\n      storage: EMMC\n      block_size: 0x20000\n");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text,
        "- partition_index: SYS%u\n  partition_name: part%u\n  file_name: NONE\n  is_download: "
        "false\n  type: NORMAL_ROM\n  linear_start_addr: 0x%x\n  physical_start_addr: 0x%x\n  "
        "partition_size: 0x1000\n  region: EMMC_USER\n  storage: HW_STORAGE_EMMC\n  "
        "operation_type: UPDATE\n",
        i,
        i,
        i * 0x1000,
        i * 0x1000);
  return g_string_free (text, FALSE);
}

static void
test_many (void)
{
  g_autofree char *most = make_big (4096);
  g_autofree char *too_many = make_big (10000);
  g_autoptr (UbScatter) scatter = parse (most, NULL);

  g_assert_nonnull (scatter);
  g_assert_cmpuint (scatter->partitions->len, ==, 4096);
  assert_refused (too_many, UB_ERROR_BAD_FIRMWARE, "more than 4096");
}

static void
test_duplicates (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autoptr (UbScatter) plain = parse (text, NULL);
  const char      *list = strstr (text, "- partition_index");
  g_autofree char *twice = g_strconcat (text, "\n", list, NULL);
  g_autofree char *changed = replace (list, "0x8e0000", "0x8e1000");
  g_autofree char *unequal = g_strconcat (text, "\n", changed, NULL);
  g_autoptr (UbScatter) scatter = parse (twice, NULL);

  g_assert_nonnull (scatter);
  assert_equal (plain, scatter);
  g_assert_cmpuint (scatter->notes->len, ==, 1);
  g_assert_nonnull (
      strstr (scatter->notes->pdata[0], "listed twice, with equal values; so are 10 more"));
  assert_refused (unequal, UB_ERROR_BAD_FIRMWARE, "“boot” (line 95) and “boot” (line");
}

static void
test_overlap (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *lk = replace (text, "partition_size: 0x60000\n", "partition_size: 0x60001\n");
  g_autofree char *wide =
      replace (text, "partition_size: 0x500000\n", "partition_size: 0x50000000\n");
  g_autofree char *huge =
      replace (text, "partition_size: 0x60000\n", "partition_size: 0xfffffffffffffff0\n");
  g_autofree char *tail =
      replace (text,
               "linear_start_addr: 0xFFFF0084\n  physical_start_addr: 0xFFFF0084",
               "linear_start_addr: 0x44100000\n  physical_start_addr: 0x44100000");
  g_autoptr (UbScatter) stale = parse (tail, NULL);

  assert_refused (lk, UB_ERROR_BAD_FIRMWARE, "“lk” (line 80) and “boot” (line 95) overlap");
  assert_refused (wide, UB_ERROR_BAD_FIRMWARE, "“nvram” (line 65) and “lk” (line 80) overlap");
  assert_refused (huge, UB_ERROR_BAD_FIRMWARE, "“lk” lies beyond");
  g_assert_nonnull (stale);
  g_assert_true (has_note (stale, "another size of storage"));
}

static void
test_home_made (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *project = replace (text, "demo_phone", "MTDTtest");
  g_autofree char *date = replace (text, "demo_phone", "2022.07.25.0");
  g_autofree char *marks = replace (text, "PROTECTED", "UPDATE");
  g_autofree char *no_marks = replace (marks, "BINREGION", "UPDATE");
  g_autofree char *writes = replace (no_marks, "is_download: false", "is_download: true");
  const struct
  {
    const char *text;
    guint       score;
  } cases[] = { { project, 1 }, { date, 1 }, { marks, 0 }, { no_marks, 1 }, { writes, 2 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (UbScatter) scatter = parse (cases[i].text, NULL);
      g_assert_nonnull (scatter);
      g_assert_cmpuint (scatter->home_made, ==, cases[i].score);
    }
}

static void
test_something_else (void)
{
  g_autofree char *ota = load ("ota.txt");
  g_autofree char *bomb = load ("entity-bomb.xml");

  assert_refused (ota, UB_ERROR_NOT_A_FIRMWARE, "update package");
  assert_refused (bomb, UB_ERROR_BAD_FIRMWARE, "entities");
  assert_refused ("<!DOCTYPE root SYSTEM \"file:///etc/passwd\">\n<root><partition_index/></root>",
                  UB_ERROR_BAD_FIRMWARE,
                  "entities");
  assert_refused ("", UB_ERROR_NOT_A_FIRMWARE, "empty");
  assert_refused (" \r\n\t\n", UB_ERROR_NOT_A_FIRMWARE, "empty");
  assert_refused ("Rar!\x1a\x07", UB_ERROR_NOT_A_FIRMWARE, "RAR");
  assert_refused ("PK\x03\x04zip", UB_ERROR_NOT_A_FIRMWARE, "ZIP");
  assert_refused ("Dear reader,\nplease extract it.\n",
                  UB_ERROR_NOT_A_FIRMWARE,
                  "text of another kind");
  assert_refused ("<!DOCTYPE html><html><body>404</body></html>",
                  UB_ERROR_NOT_A_FIRMWARE,
                  "web page");
  assert_refused ("<?xml version=\"1.0\"?><flash-tool><scatter>../x.xml</scatter></flash-tool>",
                  UB_ERROR_NOT_A_FIRMWARE,
                  "flash.xml");
  assert_refused ("<root><images><file name=\"a\" chk_method=\"ADD\"/></images></root>",
                  UB_ERROR_NOT_A_FIRMWARE,
                  "checksums");
  assert_refused ("- general: MTK_PLATFORM_CFG\n  info:\n    - config_version: V1.1.2\n",
                  UB_ERROR_BAD_FIRMWARE,
                  "no partitions");
}

static void
test_broken_yaml (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *garbage = replace (text, "  file_name: boot.img", "  file_name boot.img");
  g_autofree char *alias =
      replace (text, "- partition_index: SYS5", "- *other\n- partition_index: SYS5");
  g_autofree char *control = replace (text, "boot.img", "bo\x01t.img");

  assert_refused (garbage, UB_ERROR_BAD_FIRMWARE, "line 9");
  assert_refused (alias, UB_ERROR_BAD_FIRMWARE, "line 94");
  assert_refused (control, UB_ERROR_BAD_FIRMWARE, "line 96");
}

static void
test_broken_xml (void)
{
  g_autofree char *text = load ("v1.xml");
  g_autofree char *open = replace (text, "</partition_index>", "");
  g_autofree char *entity = replace (text, "boot.img", "&x;");
  g_autoptr (GString) deep = g_string_new ("<root><partition_index name=\"a\">");

  for (guint i = 0; i < 10000; i++)
    g_string_append (deep, "<a>");
  assert_refused (open, UB_ERROR_BAD_FIRMWARE, "line");
  assert_refused (entity, UB_ERROR_BAD_FIRMWARE, "line");
  assert_refused (deep->str, UB_ERROR_BAD_FIRMWARE, "too deep");
}

static void
test_long_values (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *name = g_strnfill (300, 'x');
  g_autofree char *long_file = replace (text, "boot.img", name);
  name[100] = '\0';
  g_autofree char *row = g_strconcat ("partition_name: ", name, NULL);
  g_autofree char *long_row = replace (text, "partition_name: boot", row);

  assert_refused (long_file, UB_ERROR_BAD_FIRMWARE, "too long");
  assert_refused (long_row, UB_ERROR_BAD_FIRMWARE, "too long");
}

static void
test_huge (void)
{
  gsize            size = 64 * 1024 * 1024;
  g_autofree char *data = g_malloc (size);
  g_autoptr (GError) error = NULL;

  memset (data, ' ', size);
  memcpy (data, "- partition_index: SYS0\n", 24);
  gint64 before = g_get_monotonic_time ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (UbScatter) scatter = ub_scatter_parse (bytes, "huge.txt", &error);
  g_assert_null (scatter);
  g_assert_error (error, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE);
  g_assert_cmpint (g_get_monotonic_time () - before, <, G_USEC_PER_SEC);
}

/* sizes at the end that add up to more than 64 bits */
static void
test_tail_sum (void)
{
  g_autofree char *head = load ("v1.txt");
  g_autoptr (GString) text = g_string_new (head);

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (
        text,
        "\n- partition_index: SYS%u\n  partition_name: tail%u\n  file_name: NONE\n  is_download: "
        "false\n  type: NORMAL_ROM\n  linear_start_addr: 0xFFFF%04x\n  physical_start_addr: 0x0\n  "
        "partition_size: 0xfffffffffffffff\n  region: EMMC_USER\n  storage: HW_STORAGE_EMMC\n  "
        "boundary_check: false\n  is_reserved: true\n  operation_type: RESERVED\n  reserve: 0x00\n",
        i,
        i,
        i);
  assert_refused (text->str, UB_ERROR_BAD_FIRMWARE, "beyond the end");
}

/* lines made to be read again and again */
static void
test_slow (void)
{
  static const char *const begins[] = { "- partition_index: S\n",
                                        "<root><partition_index name=\"a\">" };
  static const char *const bodies[] = { "- ",       "a: b\n", "\xff",      "partition_index",
                                        "<a>x</a>", "&lt;",   "A 0x0 { } " };

  for (gsize i = 0; i < G_N_ELEMENTS (begins) * G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GString) text = g_string_new (begins[i % 2]);
      while (text->len < 4000000)
        g_string_append (text, bodies[i / 2]);
      gint64 before = g_get_monotonic_time ();
      g_autoptr (UbScatter) scatter = parse (text->str, NULL);
      g_assert_null (scatter);
      g_assert_cmpint (g_get_monotonic_time () - before, <, 20 * G_USEC_PER_SEC);
    }
}

static void
test_unknown_region (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *changed = replace (text, "region: EMMC_BOOT_1", "region: EMMC_MOON");
  g_autoptr (UbScatter) scatter = parse (changed, NULL);

  g_assert_nonnull (scatter);
  g_assert_cmpuint (scatter->partitions->len, ==, 10);
  g_assert_true (has_note (scatter, "EMMC_MOON"));
}

static void
test_no_platform (void)
{
  g_autofree char *text = load ("v1.txt");
  g_autofree char *changed = replace (text, "platform: MT6580", "platform: ");
  g_autoptr (UbScatter) scatter =
                 parse_bytes (changed, strlen (changed), "my_MT6737M_Android_scatter.txt", NULL);
  g_autoptr (UbScatter) nameless = parse_bytes (changed, strlen (changed), "scatter.txt", NULL);

  g_assert_nonnull (scatter);
  g_assert_cmpstr (scatter->platform, ==, "MT6737M");
  g_assert_cmpstr (nameless->platform, ==, "");
}

static void
test_sniff (void)
{
  static const char *const yes[] = { "v1.txt", "v2.txt",       "v1.xml",
                                     "v2.xml", "old-emmc.txt", "old-nand.txt" };
  g_autofree char         *ota = load ("ota.txt");

  for (gsize i = 0; i < G_N_ELEMENTS (yes); i++)
    {
      g_autofree char *text = load (yes[i]);
      g_assert_true (ub_scatter_sniff ((const guint8 *) text, strlen (text)));
    }
  g_assert_false (ub_scatter_sniff ((const guint8 *) ota, strlen (ota)));
  g_assert_false (ub_scatter_sniff ((const guint8 *) "\0\0", 2));
  g_assert_false (ub_scatter_sniff (NULL, 0));
}

/* -- the real files
 * ------------------------------------------------------------------------------------------ */

static const char *
refusal_expected (const char *file)
{
  if (strcmp (file, "MT6735_your-device.txt") == 0 || strcmp (file, "MT6765_s96116ra1.txt") == 0)
    return "overlap";
  return strcmp (file, "update_scatter_ttefke.txt") == 0 ? "update package" : NULL;
}

static guint
count_storages (const char *column)
{
  guint storages = 0;

  if (strstr (column, "EMMC") != NULL)
    storages |= 1u << UB_STORAGE_EMMC;
  if (strstr (column, "UFS") != NULL)
    storages |= 1u << UB_STORAGE_UFS;
  return storages;
}

static void
check_real_file (const char *folder, char **columns)
{
  g_autofree char *path = g_build_filename (folder, columns[1], NULL);
  g_autofree char *text = NULL;
  gsize            size;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  g_autoptr (UbScatter) scatter = parse_bytes (text, size, columns[1], &error);
  if (refusal_expected (columns[1]) != NULL)
    {
      g_assert_null (scatter);
      g_assert_nonnull (strstr (error->message, refusal_expected (columns[1])));
      return;
    }
  g_assert_no_error (error);
  guint left_out = has_note (scatter, "without a name") ? 1 : 0;
  g_assert_cmpuint (scatter->partitions->len + left_out, ==, (guint) atoi (columns[6]));
  if (strcmp (columns[3], "None") != 0)
    {
      g_assert_cmpstr (scatter->platform, ==, columns[3]);
      g_assert_cmpstr (scatter->project, ==, columns[4]);
      g_assert_true (g_str_has_suffix (columns[2], scatter->version));
    }
  if (*columns[5] != '\0')
    g_assert_cmpuint (scatter->storages, ==, count_storages (columns[5]));
  if (strstr (columns[1], "NAND") != NULL)
    g_assert_cmpuint (scatter->storages, ==, 1u << UB_STORAGE_NAND);
}

static void
test_corpus (void)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *folder =
      g_build_filename (shared != NULL ? shared : "../shared", "corpus", "scatter", NULL);
  g_autofree char *index = g_build_filename (folder, "INDEX.md", NULL);
  g_autofree char *text = NULL;
  guint            checked = 0;

  if (!g_file_get_contents (index, &text, NULL, NULL))
    {
      g_test_skip ("no real scatter files here");
      return;
    }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) columns = g_strsplit (lines[i], "|", -1);
      if (g_strv_length (columns) < 8)
        continue;
      for (guint k = 0; columns[k] != NULL; k++)
        g_strstrip (columns[k]);
      if (!g_str_has_suffix (columns[1], ".txt") && !g_str_has_suffix (columns[1], ".xml"))
        continue;
      check_real_file (folder, columns);
      checked++;
    }
  g_assert_cmpuint (checked, >=, 57);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware/scatter/v1", test_v1);
  g_test_add_func ("/firmware/scatter/v2", test_v2);
  g_test_add_func ("/firmware/scatter/xml", test_xml);
  g_test_add_func ("/firmware/scatter/xml-odd", test_xml_odd);
  g_test_add_func ("/firmware/scatter/from-end", test_from_end);
  g_test_add_func ("/firmware/scatter/from-end-64", test_from_end_64);
  g_test_add_func ("/firmware/scatter/legacy", test_legacy);
  g_test_add_func ("/firmware/scatter/size-up-to-next", test_size_up_to_next);
  g_test_add_func ("/firmware/scatter/old", test_old);
  g_test_add_func ("/firmware/scatter/old-broken", test_old_broken);
  g_test_add_func ("/firmware/scatter/line-ends", test_line_ends);
  g_test_add_func ("/firmware/scatter/encodings", test_encodings);
  g_test_add_func ("/firmware/scatter/odd-bytes", test_odd_bytes);
  g_test_add_func ("/firmware/scatter/key-order", test_key_order);
  g_test_add_func ("/firmware/scatter/missing-dashes", test_missing_dashes);
  g_test_add_func ("/firmware/scatter/unknown-keys", test_unknown_keys);
  g_test_add_func ("/firmware/scatter/double-key", test_double_key);
  g_test_add_func ("/firmware/scatter/cut", test_cut);
  g_test_add_func ("/firmware/scatter/numbers", test_numbers);
  g_test_add_func ("/firmware/scatter/upper-case", test_upper_case);
  g_test_add_func ("/firmware/scatter/many", test_many);
  g_test_add_func ("/firmware/scatter/duplicates", test_duplicates);
  g_test_add_func ("/firmware/scatter/overlap", test_overlap);
  g_test_add_func ("/firmware/scatter/home-made", test_home_made);
  g_test_add_func ("/firmware/scatter/something-else", test_something_else);
  g_test_add_func ("/firmware/scatter/broken-yaml", test_broken_yaml);
  g_test_add_func ("/firmware/scatter/broken-xml", test_broken_xml);
  g_test_add_func ("/firmware/scatter/long-values", test_long_values);
  g_test_add_func ("/firmware/scatter/huge", test_huge);
  g_test_add_func ("/firmware/scatter/tail-sum", test_tail_sum);
  g_test_add_func ("/firmware/scatter/slow", test_slow);
  g_test_add_func ("/firmware/scatter/unknown-region", test_unknown_region);
  g_test_add_func ("/firmware/scatter/no-platform", test_no_platform);
  g_test_add_func ("/firmware/scatter/sniff", test_sniff);
  g_test_add_func ("/firmware/scatter/corpus", test_corpus);
  return g_test_run ();
}
