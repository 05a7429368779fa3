/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware.h"

#include "base/ub-error.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What else lies in a package: flash.xml, agents in a folder of their own, images in pieces, the
 * maker's files; and what is no package at all. */

typedef struct
{
  char *root;
  char *folder;
  char *agents;
} Fixture;

static void
put (const char *folder, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
put_text (const char *folder, const char *name, const char *text)
{
  put (folder, name, text, strlen (text));
}

static void
put_map (const char *folder, const char *name, const char *from)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "scatter", from, NULL);
  g_autofree char *text = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  put (folder, name, text, size);
}

static void
put_agent (const char *folder, const char *name, const char *id)
{
  guint8 data[1024] = "MTK_DOWNLOAD_AGENT";

  memcpy (data + 0x20, id, strlen (id));
  put (folder, name, data, sizeof data);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *made = g_dir_make_tmp ("ub-package-XXXXXX", NULL);

  fixture->root = realpath (made, NULL);
  fixture->folder = g_build_filename (fixture->root, "images", NULL);
  fixture->agents = g_build_filename (fixture->folder, "download_agent", NULL);
}

static void
remove_all (const char *path)
{
  GStatBuf status;

  if (g_lstat (path, &status) == 0 && S_ISDIR (status.st_mode))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *inner = g_build_filename (path, name, NULL);
          remove_all (inner);
        }
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_all (fixture->root);
  free (fixture->root);
  g_free (fixture->folder);
  g_free (fixture->agents);
}

static UbFirmware *
open_at (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware = ub_firmware_open (path, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return firmware;
}

static void
assert_refused (const char *path, const char *cache, UbError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = ub_firmware_open (path, cache, NULL, NULL, NULL, &error);

  g_assert_null (firmware);
  g_assert_error (error, UB_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

static gboolean
has_note (UbFirmware *firmware, const char *words)
{
  GPtrArray *notes = ub_firmware_get_notes (firmware);

  for (guint i = 0; i < notes->len; i++)
    if (strstr (notes->pdata[i], words) != NULL)
      return TRUE;
  return FALSE;
}

#define FLASH_XML                                                                                  \
  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<flash>\n  <project>demo</project>\n"               \
  "  <dagent>DA_BR.bin</dagent>\n  <scatter>../MT6893_Android_scatter.xml</scatter>\n</flash>\n"

/* whatever of it people open */
static void
test_entry (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "flash.xml", "DA_BR.bin", "flash.xsd",
                                       ".",         "..",        "../MT6893_Android_scatter.xml" };

  put_map (fixture->folder, "MT6893_Android_scatter.xml", "v2.xml");
  put_text (fixture->folder, "boot.img", "boot");
  put_text (fixture->agents, "flash.xml", FLASH_XML);
  put_text (fixture->agents, "flash.xsd", "<xs:schema/>");
  put_agent (fixture->agents, "AA_other.bin", "MTK_AllInOne_DA_v3.3001.2020");
  put_agent (fixture->agents, "DA_BR.bin", "MTK_DA_v6_2024-10-31 11:18:15");
  put_text (fixture->agents, "no_agent.bin", "something else");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (UbFirmware) firmware = open_at (fixture->agents, names[i]);
      GPtrArray *agents = ub_firmware_get_agents (firmware);

      g_assert_cmpstr (ub_firmware_get_folder (firmware), ==, fixture->folder);
      g_assert_cmpuint (agents->len, ==, 2);
      /* the one that flash.xml names comes first */
      g_assert_true (g_str_has_suffix (agents->pdata[0], "/DA_BR.bin"));
      g_assert_true (g_str_has_suffix (agents->pdata[1], "/AA_other.bin"));
    }
}

/* with several maps the one it names is meant */
static void
test_entry_chooses (Fixture *fixture, gconstpointer data)
{
  put_map (fixture->folder, "MT6893_Android_scatter.xml", "v2.xml");
  put_map (fixture->folder, "MT6580_Android_scatter.txt", "v1.txt");
  put_text (fixture->agents, "2-flash.xml", FLASH_XML);
  g_autoptr (UbFirmware) firmware = open_at (fixture->agents, "2-flash.xml");
  g_assert_cmpstr (ub_firmware_get_version (firmware), ==, "V2.1.0");
  assert_refused (fixture->agents, NULL, UB_ERROR_SEVERAL_FIRMWARES, "2 firmwares");
}

/* what a flash.xml may not do */
static void
test_entry_hostile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  static const char *const texts[] = {
    "",
    "<",
    "<a><scatter>../../../../etc/MT6893_scatter.xml</scatter></a>",
    "<a><scatter>..</scatter></a>",
    "<a><scatter>C:\\evil\\scatter.xml</scatter></a>",
    "<a b='scatter.xml'/>",
    "<!DOCTYPE a [<!ENTITY b \"scatter.xml\">]><a><scatter>&b;</scatter></a>"
  };
  g_autofree char *path = g_build_filename (fixture->agents, "flash.xml", NULL);

  /* a map outside of the package is none of its business */
  put_map (fixture->root, "MT6893_scatter.xml", "v2.xml");
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      put_text (fixture->agents, "flash.xml", texts[i]);
      assert_refused (path, NULL, UB_ERROR_NOT_A_FIRMWARE, "flash.xml is");
    }
  for (guint i = 0; i < 10000; i++)
    g_string_append (deep, "<a>");
  put_text (fixture->agents, "flash.xml", deep->str);
  assert_refused (path, NULL, UB_ERROR_NOT_A_FIRMWARE, "flash.xml is");
}

static void
test_pieces (Fixture *fixture, gconstpointer data)
{
  put_map (fixture->folder, "MT6580_Android_scatter.txt", "v1.txt");
  put_text (fixture->folder, "system.img_0", "sys");
  put_text (fixture->folder, "system.img_1", "tem");
  put_text (fixture->folder, "system.img_2", "!");
  g_autoptr (UbFirmware) firmware = open_at (fixture->folder, ".");
  const UbPartition *system = ub_firmware_find_partition (firmware, UB_STORAGE_EMMC, "system");

  g_assert_true (g_str_has_suffix (system->image_path, "/system.img_0"));
  g_assert_cmpuint (system->image_size, ==, 7);
  g_assert_cmpuint (system->image_file_size, ==, 7);
  g_assert_null (system->image_trouble);
  put_text (fixture->folder, "system.img_4", "!");
  g_autoptr (UbFirmware) broken = open_at (fixture->folder, ".");
  system = ub_firmware_find_partition (broken, UB_STORAGE_EMMC, "system");
  g_assert_nonnull (strstr (system->image_trouble, "system.img_3 is not there"));
  g_assert_true (has_note (broken, "system.img_3"));
}

/* sums of pieces, and the two ways in which sums are said to be made */
static void
test_sums (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);

  put_map (fixture->folder, "MT6580_Android_scatter.txt", "v1.txt");
  put_text (fixture->folder, "system.img_0", "sys");
  put_text (fixture->folder, "system.img_1", "tem");
  put_text (fixture->folder, "boot.img", "boot!");
  put_text (fixture->folder, "lk.bin", "lk");
  /* 's' + 'y' + 's' + FF; one wrong; 'b' + 'o' + 'o' + 't' + '!' + FF; 'l' + 'k' */
  put_text (fixture->folder,
            "scatter_checksum.xml",
            "<root><images><file name=\"system.img_0\" chk_method=\"ADD\" checksum=\"0x25e\"/>"
            "<file name=\"system.img_1\" chk_method=\"ADD\" checksum=\"0x1\"/>"
            "<file name=\"boot.img\" chk_method=\"ADD\" checksum=\"0x2d4\"/>"
            "<file name=\"lk.bin\" chk_method=\"ADD\" checksum=\"0xd7\"/></images></root>");
  g_autoptr (UbFirmware) firmware = open_at (fixture->folder, ".");
  g_assert_true (ub_firmware_check_sums (firmware, failed, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (failed->len, ==, 1);
  g_assert_cmpstr (failed->pdata[0], ==, "system.img_1");
}

static void
test_maker_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (70000, 'x');
  g_autoptr (UbFirmware) none = NULL;

  put_map (fixture->folder, "MT6580_Android_scatter.txt", "v1.txt");
  put_text (fixture->folder, "huge.auth", large);
  put_text (fixture->folder, "nothing.cert", "");
  none = open_at (fixture->folder, ".");
  g_assert_null (ub_firmware_get_auth_file (none));
  g_assert_null (ub_firmware_get_cert_file (none));

  put_text (fixture->agents, "auth_sv5.AUTH", "authorisation");
  put_text (fixture->folder, "root.cert", "certificate");
  g_autoptr (UbFirmware) one = open_at (fixture->folder, ".");
  g_assert_true (
      g_str_has_suffix (ub_firmware_get_auth_file (one), "download_agent/auth_sv5.AUTH"));
  g_assert_true (g_str_has_suffix (ub_firmware_get_cert_file (one), "/root.cert"));
  g_autoptr (UbFirmware) copy = ub_firmware_with_image (one, UB_STORAGE_EMMC, "boot", NULL, NULL);
  g_assert_cmpstr (ub_firmware_get_auth_file (copy), ==, ub_firmware_get_auth_file (one));

  put_text (fixture->folder, "copy.auth", "authorisation");
  g_autoptr (UbFirmware) twins = open_at (fixture->folder, ".");
  g_assert_true (g_str_has_suffix (ub_firmware_get_auth_file (twins), "/copy.auth"));
  put_text (fixture->folder, "da.auth", "another");
  g_autoptr (UbFirmware) several = open_at (fixture->folder, ".");
  g_assert_null (ub_firmware_get_auth_file (several));
  g_assert_true (has_note (several, "several authorisation files"));
}

typedef struct
{
  const char *label;
  const char *names[5];
  const char *words;
} Other;

static const Other others[] = {
  { "payload",
    { "payload.bin", "payload_properties.txt", "META-INF/com/android/metadata" },
    "(OTA)" },
  { "block-based", { "system.new.dat.br", "system.transfer.list", "boot.img" }, "(OTA)" },
  { "script", { "META-INF/com/google/android/updater-script", "boot.img" }, "(OTA)" },
  { "images", { "boot.img", "super.img_0", "super.img_1" }, "images of Android" },
  { "container", { "CPH2239export_11.ofp" }, "OPPO" },
};

static void
test_other_folder (Fixture *fixture, gconstpointer data)
{
  const Other *other = data;

  for (guint i = 0; other->names[i] != NULL; i++)
    put_text (fixture->folder, other->names[i], "data");
  assert_refused (fixture->folder, NULL, UB_ERROR_NOT_A_FIRMWARE, other->words);
  assert_refused (fixture->folder, NULL, UB_ERROR_NOT_A_FIRMWARE, "Android_scatter.txt");
  g_autofree char *first = g_build_filename (fixture->folder, other->names[0], NULL);
  if (strstr (other->names[0], "META-INF") == NULL)
    assert_refused (first, NULL, UB_ERROR_NOT_A_FIRMWARE, other->words);
}

static void
put_zip (const char *path, const char *const *names)
{
  struct archive *archive = archive_write_new ();

  g_assert_cmpint (archive_write_set_format_zip (archive), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  for (guint i = 0; names[i] != NULL; i++)
    {
      struct archive_entry *entry = archive_entry_new ();

      archive_entry_set_pathname (entry, names[i]);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_size (entry, 4);
      g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
      g_assert_cmpint (archive_write_data (archive, "data", 4), ==, 4);
      archive_entry_free (entry);
    }
  g_assert_cmpint (archive_write_free (archive), ==, ARCHIVE_OK);
}

static void
test_other_zip (Fixture *fixture, gconstpointer data)
{
  const Other     *other = data;
  gboolean         update = g_str_equal (other->words, "(OTA)");
  g_autofree char *path = g_build_filename (fixture->root, "update.zip", NULL);
  g_autofree char *cache = g_build_filename (fixture->root, "cache", NULL);

  put_zip (path, other->names);
  assert_refused (path, cache, UB_ERROR_NOT_A_FIRMWARE, other->words);
  assert_refused (path, cache, UB_ERROR_NOT_A_FIRMWARE, "update.zip");
  /* gigabytes are not unpacked to find that out */
  g_assert_cmpint (g_file_test (cache, G_FILE_TEST_EXISTS), ==, !update);
}

/* a firmware that happens to have such a file, too, is one */
static void
test_firmware_with_script (Fixture *fixture, gconstpointer data)
{
  put_map (fixture->folder, "MT6580_Android_scatter.txt", "v1.txt");
  put_text (fixture->folder, "payload.bin", "data");
  put_text (fixture->folder, "boot.img", "boot");
  g_autoptr (UbFirmware) firmware = open_at (fixture->folder, "payload.bin");
  g_assert_nonnull (firmware);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func) g_test_add ("/package/" name, Fixture, data, set_up, func, tear_down)
  ADD ("entry/opens", NULL, test_entry);
  ADD ("entry/chooses", NULL, test_entry_chooses);
  ADD ("entry/hostile", NULL, test_entry_hostile);
  ADD ("pieces", NULL, test_pieces);
  ADD ("sums", NULL, test_sums);
  ADD ("maker-files", NULL, test_maker_files);
  ADD ("firmware-with-script", NULL, test_firmware_with_script);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *folder = g_strconcat ("/package/other/folder/", others[i].label, NULL);
      g_autofree char *zip = g_strconcat ("/package/other/zip/", others[i].label, NULL);

      g_test_add (folder, Fixture, &others[i], set_up, test_other_folder, tear_down);
      g_test_add (zip, Fixture, &others[i], set_up, test_other_zip, tear_down);
    }
  return g_test_run ();
}
