/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-firmware.h"

#include "base/ub-error.h"
#include "firmware/ub-checksum-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *root;
  char *folder; /* the package */
} Fixture;

static void
put_bytes (const char *folder, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
put (const char *folder, const char *name, const char *text)
{
  put_bytes (folder, name, text, strlen (text));
}

static char *
load_map (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "scatter", name, NULL);
  char            *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
put_map (const char *folder, const char *name, const char *from, const char *to)
{
  g_autofree char *text = load_map ("v1.txt");
  g_autoptr (GString) string = g_string_new (text);

  if (from != NULL)
    g_assert_cmpuint (g_string_replace (string, from, to, 0), >, 0);
  put (folder, name, string->str);
}

static void
put_images (const char *folder)
{
  put (folder, "preloader_demo.bin", "preloader");
  put (folder, "lk.bin", "little kernel");
  put (folder, "boot.img", "boot image");
  put (folder, "system.img", "system");
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
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *made = g_dir_make_tmp ("unbrick-XXXXXX", NULL);

  g_assert_nonnull (made);
  fixture->root = realpath (made, NULL);
  fixture->folder = g_build_filename (fixture->root, "package", NULL);
  put_map (fixture->folder, "MT6580_Android_scatter.txt", NULL, NULL);
  put_images (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_all (fixture->root);
  free (fixture->root);
  g_free (fixture->folder);
}

static UbFirmware *
open_at (const char *path, GError **error)
{
  return ub_firmware_open (path, NULL, NULL, NULL, NULL, error);
}

static UbFirmware *
open_in (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware = open_at (path, &error);

  g_assert_no_error (error);
  return firmware;
}

static void
assert_refused (const char *path, UbError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = open_at (path, &error);

  g_assert_null (firmware);
  g_assert_error (error, UB_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

static const UbPartition *
row (UbFirmware *firmware, const char *name)
{
  const UbPartition *found = ub_firmware_find_partition (firmware, UB_STORAGE_EMMC, name);

  g_assert_nonnull (found);
  return found;
}

static void
assert_image (UbFirmware *firmware, const char *name, const char *file)
{
  g_autofree char *path =
      file != NULL ? g_build_filename (ub_firmware_get_folder (firmware), file, NULL) : NULL;

  g_assert_cmpstr (row (firmware, name)->image_path, ==, path);
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

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  g_autofree char *path = g_build_filename (fixture->folder, "MT6580_Android_scatter.txt", NULL);

  g_assert_cmpstr (ub_firmware_get_path (firmware), ==, path);
  g_assert_cmpstr (ub_firmware_get_folder (firmware), ==, fixture->folder);
  g_assert_cmpstr (ub_firmware_get_platform (firmware), ==, "MT6580");
  g_assert_cmpstr (ub_firmware_get_project (firmware), ==, "demo_phone");
  g_assert_cmpstr (ub_firmware_get_version (firmware), ==, "V1.1.2");
  g_assert_cmpuint (ub_firmware_get_storages (firmware), ==, 1u << UB_STORAGE_EMMC);
  g_assert_cmpuint (ub_firmware_get_home_made (firmware), ==, 0);
  g_assert_cmpuint (ub_firmware_get_partitions (firmware)->len, ==, 11);
  g_assert_cmpuint (ub_firmware_get_agents (firmware)->len, ==, 0);
  assert_image (firmware, "boot", "boot.img");
  g_assert_cmpuint (row (firmware, "BOOT")->image_size, ==, strlen ("boot image"));
  g_assert_cmpuint (row (firmware, "boot")->image_file_size, ==, strlen ("boot image"));
  assert_image (firmware, "userdata", NULL);
  assert_image (firmware, "nvram", NULL);
  g_assert_null (ub_firmware_find_partition (firmware, UB_STORAGE_UFS, "boot"));
}

/* people do not know which file to open: every one leads to the same firmware */
static void
test_any_file (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "MT6580_Android_scatter.txt", "boot.img", "lk.bin", "readme.txt",
    "download_agent/flash.xml",   ".."
  };

  put (fixture->folder, "readme.txt", "extract the scarter");
  put (fixture->folder, "download_agent/flash.xml", "<flash-tool/>");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (UbFirmware) firmware = open_in (fixture, names[i]);
      g_autofree char *path =
          g_build_filename (fixture->folder, "MT6580_Android_scatter.txt", NULL);
      g_assert_cmpstr (ub_firmware_get_path (firmware), ==, path);
    }
}

static void
test_odd_paths (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longer = g_strnfill (200, 'x');
  const char *names[] = { "with blanks", "прошивка", "固件", "📱 rom", longer, "lat\xefn" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (fixture->root, "odd", names[i], names[i], NULL);
      put_map (folder, "MT6580_Android_scatter.txt", NULL, NULL);
      put_images (folder);
      g_autoptr (UbFirmware) firmware = open_at (folder, NULL);
      g_assert_nonnull (firmware);
      assert_image (firmware, "lk", "lk.bin");
    }
}

static void
test_depth (Fixture *fixture, gconstpointer data)
{
  g_autofree char *near = g_build_filename (fixture->root, "near", NULL);
  g_autofree char *far = g_build_filename (fixture->root, "far", NULL);

  put_map (near, "a/b/c/d/MT6580_Android_scatter.txt", NULL, NULL);
  put_map (far, "a/b/c/d/e/MT6580_Android_scatter.txt", NULL, NULL);
  g_autoptr (UbFirmware) firmware = open_at (near, NULL);
  g_assert_nonnull (firmware);
  assert_refused (far, UB_ERROR_NOT_A_FIRMWARE, "no scatter file");
}

static void
test_several (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->root, "other", NULL);
  g_autofree char *empty = g_build_filename (fixture->root, "no-images", NULL);
  g_autofree char *broken = g_build_filename (fixture->root, "broken", NULL);

  put_map (empty, "MT6580_Android_scatter.txt", NULL, NULL);
  put_map (broken, "MT6580_Android_scatter.txt", "0x60000", "0x");
  g_autoptr (UbFirmware) firmware = open_at (fixture->root, NULL);
  g_assert_nonnull (firmware);

  put_map (other, "MT6580_Android_scatter.txt", NULL, NULL);
  put (other, "boot.img", "boot");
  assert_refused (fixture->root, UB_ERROR_SEVERAL_FIRMWARES, "2 firmwares");
  g_autoptr (GPtrArray) found = ub_firmware_find (fixture->root, NULL, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_true (g_str_has_prefix (found->pdata[0], fixture->folder));
  g_assert_true (g_str_has_prefix (found->pdata[1], other));
}

/* an image stands for its folder, a list that is no map for itself */
static void
test_several_beside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *list = g_build_filename (fixture->folder, "update_scatter.txt", NULL);
  g_autofree char *image = g_build_filename (fixture->folder, "boot.img", NULL);

  put_map (fixture->folder, "MT6582_Android_scatter.txt", NULL, NULL);
  put (fixture->folder, "update_scatter.txt", "preloader 0x0\nlk 0x60000\nboot 0x80000\n");
  put (fixture->folder, "boot.img", "boot");
  assert_refused (list, UB_ERROR_NOT_A_FIRMWARE, "update package");
  assert_refused (image, UB_ERROR_SEVERAL_FIRMWARES, "2 firmwares");
}

static void
test_twins (Fixture *fixture, gconstpointer data)
{
  g_autofree char *xml = load_map ("v1.xml");

  put (fixture->folder, "MT6580_Android_scatter.xml", xml);
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  g_assert_true (g_str_has_suffix (ub_firmware_get_path (firmware), ".txt"));
  g_autoptr (UbFirmware) chosen = open_in (fixture, "MT6580_Android_scatter.xml");
  g_assert_true (g_str_has_suffix (ub_firmware_get_path (chosen), ".xml"));
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "photos", NULL);
  g_autofree char *photo = g_build_filename (folder, "cat.jpg", NULL);
  g_autofree char *ota = g_build_filename (folder, "update_scatter.txt", NULL);
  g_autofree char *missing = g_build_filename (folder, "dog.jpg", NULL);
  g_autofree char *pipe = g_build_filename (folder, "scatter.txt", NULL);
  g_autofree char *list = load_map ("ota.txt");
  g_autofree char *broken = g_build_filename (fixture->root, "broken", NULL);

  put_bytes (folder, "cat.jpg", "\xff\xd8\0\0", 4);
  put (folder, "update_scatter.txt", list);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  assert_refused (folder, UB_ERROR_NOT_A_FIRMWARE, "no scatter file");
  assert_refused (photo, UB_ERROR_NOT_A_FIRMWARE, "cat.jpg is a binary file");
  assert_refused (ota, UB_ERROR_NOT_A_FIRMWARE, "update package");
  assert_refused (missing, UB_ERROR_FILE_MISSING, "dog.jpg");
  assert_refused (pipe, UB_ERROR_NOT_A_FIRMWARE, "neither a file nor a folder");
  put_map (broken, "MT6580_Android_scatter.txt", "0x60000", "0x");
  assert_refused (broken, UB_ERROR_BAD_FIRMWARE, "line 86");
}

static void
test_big_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "big", NULL);
  g_autofree char *path = g_build_filename (folder, "MT6580_Android_scatter.txt", NULL);

  put_map (folder, "MT6580_Android_scatter.txt", NULL, NULL);
  g_assert_cmpint (truncate (path, (off_t) 1 << 30), ==, 0);
  gint64 before = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbFirmware) firmware = open_at (path, &error);
  g_assert_null (firmware);
  g_assert_nonnull (error);
  g_assert_cmpint (g_get_monotonic_time () - before, <, G_USEC_PER_SEC);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->root, "names", NULL);

  put_map (folder, "MT6580_Android_scatter.txt", NULL, NULL);
  put (folder, "Boot.IMG", "1");
  put (folder, "lk-verified.bin", "22");
  put (folder, "system-sign.img", "333");
  put (folder, "userdata-sign.img", "wrong");
  put (folder, "USERDATA.img", "4444");
  g_autoptr (UbFirmware) firmware = open_at (folder, NULL);
  assert_image (firmware, "boot", "Boot.IMG");
  assert_image (firmware, "lk", "lk-verified.bin");
  assert_image (firmware, "system", "system-sign.img");
  assert_image (firmware, "userdata", "USERDATA.img");
  g_assert_cmpuint (row (firmware, "userdata")->image_size, ==, 4);
}

static void
test_shared_file (Fixture *fixture, gconstpointer data)
{
  put_map (fixture->folder,
           "MT6580_Android_scatter.txt",
           "file_name: boot.img",
           "file_name: lk.bin");
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  assert_image (firmware, "boot", "lk.bin");
  assert_image (firmware, "lk", "lk.bin");
  g_assert_cmpuint (row (firmware, "boot")->image_size, ==, strlen ("little kernel"));
}

static void
test_hostile_names (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "../boot.img", "/etc/passwd", "C:\\rom\\boot.img", "sub/boot.img", "..", ".", "/",
    "sub",         "pipe",        "out.img",           "inside.img"
  };
  g_autofree char *pipe = g_build_filename (fixture->folder, "pipe", NULL);
  g_autofree char *out = g_build_filename (fixture->folder, "out.img", NULL);
  g_autofree char *inside = g_build_filename (fixture->folder, "inside.img", NULL);

  put (fixture->root, "boot.img", "outside");
  put (fixture->folder, "sub/boot.img", "below");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", out), ==, 0);
  g_assert_cmpint (symlink ("boot.img", inside), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *line = g_strconcat ("file_name: ", names[i], NULL);
      gboolean         usable = g_str_has_suffix (names[i], "boot.img");
      put_map (fixture->folder, "MT6580_Android_scatter.txt", "file_name: boot.img", line);
      g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
      if (strcmp (names[i], "inside.img") == 0)
        assert_image (firmware, "boot", "inside.img");
      else
        assert_image (firmware, "boot", usable ? "boot.img" : NULL);
      if (strpbrk (names[i], "/\\") != NULL)
        g_assert_true (has_note (firmware, "elsewhere"));
    }
}

static void
test_preloaders (Fixture *fixture, gconstpointer data)
{
  put (fixture->folder, "preloader_hynix.bin", "hynix");
  put (fixture->folder, "PRELOADER_samsung.BIN", "samsung");
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  GPtrArray *list = ub_firmware_get_preloaders (firmware);
  g_assert_cmpuint (list->len, ==, 3);
  g_assert_true (g_str_has_suffix (list->pdata[0], "/preloader_demo.bin"));
  assert_image (firmware, "preloader", "preloader_demo.bin");
}

static void
test_only_preloader (Fixture *fixture, gconstpointer data)
{
  g_autofree char *named = g_build_filename (fixture->folder, "preloader_demo.bin", NULL);

  g_remove (named);
  put (fixture->folder, "preloader_hynix.bin", "hynix");
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  assert_image (firmware, "preloader", "preloader_hynix.bin");
  g_assert_true (has_note (firmware, "only preloader"));

  put (fixture->folder, "preloader_samsung.bin", "samsung");
  g_autoptr (UbFirmware) several = open_in (fixture, ".");
  assert_image (several, "preloader", NULL);
  g_assert_cmpuint (ub_firmware_get_preloaders (several)->len, ==, 2);
}

static void
test_agents (Fixture *fixture, gconstpointer data)
{
  put (fixture->folder, "MTK_AllInOne_DA.bin", "MTK_DOWNLOAD_AGENT and so on");
  put (fixture->folder, "download_agent/DA_BR.bin", "MTK_DOWNLOAD_AGENT v6");
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  GPtrArray *agents = ub_firmware_get_agents (firmware);
  g_assert_cmpuint (agents->len, ==, 2);
  g_assert_true (g_str_has_suffix (agents->pdata[0], "/MTK_AllInOne_DA.bin"));
  g_assert_true (g_str_has_suffix (agents->pdata[1], "/DA_BR.bin"));
}

static void
test_with_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  g_autofree char *path = g_build_filename (fixture->root, "twrp.img", NULL);
  g_autoptr (GError) error = NULL;

  put (fixture->root, "twrp.img", "another");
  g_autoptr (UbFirmware) changed =
                 ub_firmware_with_image (firmware, UB_STORAGE_EMMC, "boot", path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (row (changed, "boot")->image_path, ==, path);
  g_assert_cmpuint (row (changed, "boot")->image_size, ==, strlen ("another"));
  assert_image (firmware, "boot", "boot.img");
  g_autoptr (UbFirmware) without =
                 ub_firmware_with_image (changed, UB_STORAGE_EMMC, "boot", NULL, NULL);
  g_assert_null (row (without, "boot")->image_path);
  g_assert_cmpuint (row (without, "boot")->image_size, ==, 0);
  g_assert_null (ub_firmware_with_image (firmware, UB_STORAGE_UFS, "boot", path, NULL));
  g_assert_null (
      ub_firmware_with_image (firmware, UB_STORAGE_EMMC, "boot", "/nowhere.img", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (ub_firmware_open (fixture->folder, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
add_member (GByteArray *tar, const char *name, const char *data, gsize size)
{
  char  header[512] = { 0 };
  guint sum = 0;

  g_strlcpy (header, name, 100);
  g_snprintf (header + 100, 8, "0000644");
  g_snprintf (header + 124, 12, "%011o", (guint) size);
  g_snprintf (header + 136, 12, "%011o", 0u);
  memset (header + 148, ' ', 8);
  header[156] = '0';
  memcpy (header + 257, "ustar\00000", 8);
  for (gsize i = 0; i < sizeof header; i++)
    sum += (guint8) header[i];
  g_snprintf (header + 148, 8, "%06o", sum);
  g_byte_array_append (tar, (const guint8 *) header, sizeof header);
  g_byte_array_append (tar, (const guint8 *) data, (guint) size);
  g_byte_array_set_size (tar, (tar->len + 511) / 512 * 512);
}

static GByteArray *
make_tar (void)
{
  GByteArray      *tar = g_byte_array_new ();
  g_autofree char *map = load_map ("v1.txt");

  add_member (tar, "rom/MT6580_Android_scatter.txt", map, strlen (map));
  add_member (tar, "rom/boot.img", "boot", 4);
  g_byte_array_append (tar, (const guint8[1024]){ 0 }, 1024);
  return tar;
}

/* an archive, a folder with nothing but an archive, and an archive in an archive */
static void
test_archive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) tar = make_tar ();
  g_autoptr (GByteArray) outer = g_byte_array_new ();
  g_autofree char *folder = g_build_filename (fixture->root, "downloads", NULL);
  g_autofree char *cache = g_build_filename (fixture->root, "cache", NULL);
  g_autofree char *nested = g_build_filename (fixture->root, "nested.tar", NULL);
  const char      *paths[] = { folder, nested };

  put_bytes (folder, "rom.tar", tar->data, tar->len);
  add_member (outer, "rom.tar", (const char *) tar->data, tar->len);
  g_byte_array_append (outer, (const guint8[1024]){ 0 }, 1024);
  put_bytes (fixture->root, "nested.tar", outer->data, outer->len);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbFirmware) firmware =
                     ub_firmware_open (paths[i], cache, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix (ub_firmware_get_path (firmware), cache));
      assert_image (firmware, "boot", "boot.img");
    }
}

static void
test_archive_without (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  g_autofree char *path = g_build_filename (fixture->root, "photos.tar", NULL);
  g_autofree char *cache = g_build_filename (fixture->root, "cache", NULL);
  g_autoptr (GError) error = NULL;

  add_member (tar, "cat.jpg", "meow", 4);
  g_byte_array_append (tar, (const guint8[1024]){ 0 }, 1024);
  put_bytes (fixture->root, "photos.tar", tar->data, tar->len);
  g_assert_null (ub_firmware_open (path, cache, NULL, NULL, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NOT_A_FIRMWARE);
  g_assert_nonnull (strstr (error->message, "photos.tar"));
}

static void
count_progress (const char *what, double fraction, gpointer user_data)
{
  guint *count = user_data;

  g_assert_cmpfloat (fraction, >=, 0.0);
  g_assert_cmpfloat (fraction, <=, 1.0);
  *count += 1;
}

static void
test_sums (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, "system", -1);
  g_autofree char *ini =
      g_strdup_printf ("[CheckSum]\r\nCheckSum_Switch=1\r\npreloader=0x03BE;\r\nlk=0x1234\r\nboot="
                       "0x0\r\nsystem=0x1\r\n[CHECKSUM_V2]\r\nsystem=%s\r\n",
                       md5);
  guint progress = 0;

  put (fixture->folder, "Checksum.ini", ini);
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  g_autoptr (GError) error = NULL;
  g_assert_true (
      ub_firmware_check_sums (firmware, failed, count_progress, &progress, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (failed->len, ==, 1);
  g_assert_cmpstr (failed->pdata[0], ==, "lk.bin");
  g_assert_cmpuint (progress, >, 0);

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (ub_firmware_check_sums (firmware, failed, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_sums_xml (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);

  /* "boot" + " ima" as little-endian words, then 'g' and 'e' */
  put (fixture->folder,
       "scatter_checksum.xml",
       "<root><images><file name=\"boot.img\" chk_method=\"ADD\" checksum=\"0xd5dcd94e\"/><file "
       "name=\"LK.bin\" chk_method=\"ADD\" checksum=\"0x1\"/></images></root>");
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");
  g_assert_true (ub_firmware_check_sums (firmware, failed, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (failed->len, ==, 1);
  g_assert_cmpstr (failed->pdata[0], ==, "lk.bin");

  g_autofree char *custom = g_build_filename (fixture->root, "custom.bin", NULL);
  put (fixture->root, "custom.bin", "my own");
  g_autoptr (UbFirmware) changed =
                 ub_firmware_with_image (firmware, UB_STORAGE_EMMC, "lk", custom, NULL);
  g_ptr_array_set_size (failed, 0);
  g_assert_true (ub_firmware_check_sums (changed, failed, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (failed->len, ==, 0);
}

static void
test_no_sums (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) failed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (UbFirmware) firmware = open_in (fixture, ".");

  g_assert_true (ub_firmware_check_sums (firmware, failed, NULL, NULL, NULL, NULL));
  g_assert_cmpuint (failed->len, ==, 0);
}

static void
test_broken_sums (void)
{
  static const char *const texts[] = { "",          "=",    "[CheckSum",   "a=",     "a=0x",
                                       "a=0x10000", "=0x1", "a=zz\n\n\r=", "# a=0x1" };
  g_autoptr (GBytes) xml = g_bytes_new_static ("<root><images>", 14);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GPtrArray) entries = ub_checksum_file_parse (bytes, "Checksum.ini", NULL);
      g_assert_nonnull (entries);
      for (guint k = 0; k < entries->len; k++)
        g_assert_false (((UbChecksumEntry *) entries->pdata[k])->has_sum16);
    }
  g_assert_null (ub_checksum_file_parse (xml, "scatter_checksum.xml", &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_BAD_FIRMWARE);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/firmware/firmware/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("folder", test_folder);
  ADD ("any-file", test_any_file);
  ADD ("odd-paths", test_odd_paths);
  ADD ("depth", test_depth);
  ADD ("several", test_several);
  ADD ("several-beside", test_several_beside);
  ADD ("twins", test_twins);
  ADD ("nothing", test_nothing);
  ADD ("big-file", test_big_file);
  ADD ("names", test_names);
  ADD ("shared-file", test_shared_file);
  ADD ("hostile-names", test_hostile_names);
  ADD ("preloaders", test_preloaders);
  ADD ("only-preloader", test_only_preloader);
  ADD ("agents", test_agents);
  ADD ("with-image", test_with_image);
  ADD ("archive", test_archive);
  ADD ("archive-without", test_archive_without);
  ADD ("cancel", test_cancel);
  ADD ("sums", test_sums);
  ADD ("sums-xml", test_sums_xml);
  ADD ("no-sums", test_no_sums);
  g_test_add_func ("/firmware/firmware/broken-sums", test_broken_sums);
  return g_test_run ();
}
