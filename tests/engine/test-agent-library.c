/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "engine/ub-agent-library.h"
#include "phone/ub-practice-phone.h"
#include "tests/engine/test-firmware.h"

/* a practice firmware brings an honest container */
typedef struct
{
  char            *folder;
  char            *data;
  UbPracticePhone *phone;
  UbFirmware      *firmware;
  UbAgentLibrary  *library;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const UbPracticePhoneOptions options = { .chip = "MT6580" };
  g_autoptr (GError) error = NULL;

  fixture->folder = test_firmware_new_folder ();
  fixture->data = test_firmware_new_folder ();
  fixture->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  ub_practice_firmware_write (fixture->phone, fixture->folder, 1024 * 1024, FALSE, &error);
  g_assert_no_error (error);
  fixture->firmware = test_firmware_open (fixture->folder);
  fixture->library = ub_agent_library_new (fixture->data);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->library);
  g_clear_object (&fixture->firmware);
  ub_practice_phone_free (fixture->phone);
  test_firmware_remove (fixture->folder);
  test_firmware_remove (fixture->data);
  g_free (fixture->folder);
  g_free (fixture->data);
}

static guint
list_length (UbAgentLibrary *library)
{
  g_autoptr (GPtrArray) paths = ub_agent_library_list (library);

  return paths->len;
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbAgentLibrary) again = NULL;

  g_assert_cmpuint (list_length (fixture->library), ==, 0);
  g_assert_cmpuint (ub_agent_library_add (fixture->library, fixture->folder, NULL, &error), ==, 1);
  g_assert_no_error (error);
  /* the same one once more is found, but kept once */
  g_assert_cmpuint (ub_agent_library_add (fixture->library, fixture->folder, NULL, &error), ==, 1);
  g_assert_cmpuint (list_length (fixture->library), ==, 1);
  again = ub_agent_library_new (fixture->data);
  g_assert_cmpuint (list_length (again), ==, 1);
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *container = g_ptr_array_index (ub_firmware_get_agents (fixture->firmware), 0);
  g_autoptr (GPtrArray) paths = NULL;

  g_assert_cmpuint (ub_agent_library_add (fixture->library, container, NULL, &error), ==, 1);
  g_assert_no_error (error);
  paths = ub_agent_library_list (fixture->library);
  /* a copy: the source may go away */
  g_assert_true (g_str_has_prefix (g_ptr_array_index (paths, 0), fixture->data));
}

static void
test_archive (Fixture *fixture, gconstpointer data)
{
  g_autofree char  *archive = g_build_filename (fixture->data, "tool.tar.gz", NULL);
  const char *const argv[] = { "tar", "-C", fixture->folder, "-czf", archive, ".", NULL };
  g_autoptr (GError) error = NULL;
  int status = 1;

  if (!g_spawn_sync (NULL,
                     (char **) argv,
                     NULL,
                     G_SPAWN_SEARCH_PATH,
                     NULL,
                     NULL,
                     NULL,
                     NULL,
                     &status,
                     NULL) ||
      status != 0)
    {
      g_test_skip ("no tar");
      return;
    }
  g_assert_cmpuint (ub_agent_library_add (fixture->library, archive, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (list_length (fixture->library), ==, 1);
  {
    g_autofree char *agents = g_build_filename (fixture->data, "agents", NULL);
    g_autoptr (GDir) dir = g_dir_open (agents, 0, NULL);
    guint n = 0;

    /* the copy and the index; nothing else of the archive stays */
    while (g_dir_read_name (dir) != NULL)
      n++;
    g_assert_cmpuint (n, ==, 2);
  }
}

static void
test_nothing_there (Fixture *fixture, gconstpointer data)
{
  g_autofree char *empty = test_firmware_new_folder ();
  g_autofree char *text = g_build_filename (empty, "readme.txt", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (ub_agent_library_add (fixture->library, empty, NULL, &error), ==, 0);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_AGENT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (text, "no agent", -1, NULL));
  g_assert_cmpuint (ub_agent_library_add (fixture->library, text, NULL, &error), ==, 0);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_AGENT);
  g_clear_error (&error);
  g_assert_cmpuint (ub_agent_library_add (fixture->library, "/nonexistent/x", NULL, &error), ==, 0);
  g_assert_error (error, UB_ERROR, UB_ERROR_FILE_MISSING);
  test_firmware_remove (empty);
}

/* a link to the folder it is in must not lead round in circles, nor out of it */
static void
test_links (Fixture *fixture, gconstpointer data)
{
  g_autofree char *outer = test_firmware_new_folder ();
  g_autofree char *round = g_build_filename (outer, "round", NULL);
  g_autofree char *away = g_build_filename (outer, "away", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (outer, round), ==, 0);
  g_assert_cmpint (symlink (fixture->folder, away), ==, 0);
  g_assert_cmpuint (ub_agent_library_add (fixture->library, outer, NULL, &error), ==, 0);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_AGENT);
  g_unlink (round);
  g_unlink (away);
  test_firmware_remove (outer);
}

static void
test_find (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  const char *own = g_ptr_array_index (ub_firmware_get_agents (fixture->firmware), 0);

  ub_agent_library_add (fixture->library, fixture->folder, NULL, &error);
  g_assert_no_error (error);
  paths = ub_agent_library_find (fixture->library, fixture->firmware);
  g_assert_cmpuint (paths->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (paths, 0), ==, own);
}

static void
test_other_chip (Fixture *fixture, gconstpointer data)
{
  const UbPracticePhoneOptions options = { .chip = "MT6572" };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPracticePhone) other = ub_practice_phone_new (&options, &error);
  g_autofree char *folder = test_firmware_new_folder ();
  g_autoptr (UbFirmware) firmware = NULL;
  g_autoptr (GPtrArray) paths = NULL;

  ub_practice_firmware_write (other, folder, 1024 * 1024, FALSE, &error);
  g_assert_no_error (error);
  firmware = test_firmware_open (folder);
  ub_agent_library_add (fixture->library, fixture->folder, NULL, &error);
  g_assert_no_error (error);
  paths = ub_agent_library_find (fixture->library, firmware);
  g_assert_cmpuint (paths->len, >=, 1);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (paths, 0), folder));
  test_firmware_remove (folder);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (ub_agent_library_add (fixture->library, fixture->folder, cancellable, &error),
                    ==,
                    0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (list_length (fixture->library), ==, 0);
}

/* somebody's index that names files outside of our folder */
static void
test_hostile_index (Fixture *fixture, gconstpointer data)
{
  g_autofree char *agents = g_build_filename (fixture->data, "agents", NULL);
  g_autofree char *index = g_build_filename (agents, "index.ini", NULL);
  g_autoptr (UbAgentLibrary) library = NULL;

  g_assert_cmpint (g_mkdir_with_parents (agents, 0700), ==, 0);
  g_assert_true (g_file_set_contents (index,
                                      "[../../../etc/passwd]\nsource=x\n[gone.bin]\nsource=y\n",
                                      -1,
                                      NULL));
  library = ub_agent_library_new (fixture->data);
  g_assert_cmpuint (list_length (library), ==, 0);
}

/* --- which agent, and in which language --- */

static void
put16 (GByteArray *file, guint at, guint16 value)
{
  file->data[at] = (guint8) value;
  file->data[at + 1] = (guint8) (value >> 8);
}

/* a container with one entry for each of @codes (shared/protocol/xflash-and-xml.md §1.1) */
static GBytes *
make_container (const char *id, const guint16 *codes, guint n)
{
  GByteArray *file = g_byte_array_new ();

  g_byte_array_set_size (file, 0x6c + n * 0xdc + 0x100);
  memset (file->data, 0, file->len);
  memcpy (file->data, "MTK_DOWNLOAD_AGENT", 18);
  memcpy (file->data + 0x20, id, strlen (id));
  put16 (file, 0x60, 4);
  memcpy (file->data + 0x64, "\x99\x88\x66\x22", 4);
  put16 (file, 0x68, (guint16) n);
  for (guint i = 0; i < n; i++)
    {
      const guint at = 0x6c + i * 0xdc;

      put16 (file, at, 0xdada);
      put16 (file, at + 2, codes[i]);
      put16 (file, at + 0x12, 3);
      for (guint r = 0; r < 3; r++)
        {
          put16 (file, at + 0x14 + r * 20, (guint16) (0x6c + n * 0xdc));
          put16 (file, at + 0x18 + r * 20, 0x100);
        }
    }
  return g_byte_array_free_to_bytes (file);
}

static void
check_select (const char *id, guint16 code, guint16 hw_code, int protocol)
{
  g_autoptr (GBytes) bytes = make_container (id, &code, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbAgentFile) file =
                 ub_agent_file_parse (bytes, g_bytes_get_size (bytes), "test", &error);
  const UbBromInfo brom = { .hw_code = hw_code, .chip = ub_chip_find (hw_code) };
  UbProtocol       found = UB_PROTOCOL_UNKNOWN;

  g_assert_no_error (error);
  g_assert_nonnull (brom.chip);
  if (protocol < 0)
    g_assert_null (ub_agent_library_select (file, &brom, &found));
  else
    {
      g_assert_nonnull (ub_agent_library_select (file, &brom, &found));
      g_assert_cmpint (found, ==, protocol);
    }
}

/* the container has the last word, whatever is usual for the chip */
static void
test_languages (void)
{
  check_select ("MTK_AllInOne_DA_v3.3001.2019", 0x6580, 0x6580, UB_PROTOCOL_LEGACY);
  check_select ("MTK_AllInOne_DA_v3.3001.2021", 0x6768, 0x0707, UB_PROTOCOL_XFLASH);
  check_select ("MTK_DA_v6", 0x0707, 0x0707, UB_PROTOCOL_XML);
  check_select ("MTK_DA_v6", 0x6768, 0x0707, -1);
  check_select ("MTK_DA_v6", 0x1208, 0x1208, UB_PROTOCOL_XML);
  check_select ("MTK_AllInOne_DA_v3.3001.2021", 0x6789, 0x1208, UB_PROTOCOL_XFLASH);
  check_select ("MTK_AllInOne_DA_v3.3001.2021", 0x1208, 0x1208, -1);
}

static gboolean
is_special (Fixture *fixture, const char *name, const guint16 *codes, guint n)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GBytes) bytes = make_container ("MTK_AllInOne_DA_v3.3001.2021", codes, n);

  g_assert_true (g_file_set_contents (path,
                                      g_bytes_get_data (bytes, NULL),
                                      (gssize) g_bytes_get_size (bytes),
                                      NULL));
  return ub_agent_library_is_special (path, ub_chip_find (0x0707));
}

static void
test_special (Fixture *fixture, gconstpointer data)
{
  static const guint16 alone[] = { 0x6768 };
  static const guint16 twice[] = { 0x6768, 0x6768 };
  static const guint16 many[] = { 0x6765, 0x6768 };
  static const guint16 others[] = { 0x6765 };

  g_assert_true (is_special (fixture, "a.bin", alone, 1));
  g_assert_true (is_special (fixture, "b.bin", twice, 2));
  g_assert_false (is_special (fixture, "c.bin", many, 2));
  g_assert_true (is_special (fixture, "da_mt6768_signed.bin", many, 2));
  g_assert_true (is_special (fixture, "DA_MT6769.bin", many, 2));
  /* a name is no promise */
  g_assert_false (is_special (fixture, "DA_MT6768.bin", others, 1));
  g_assert_false (ub_agent_library_is_special ("/nonexistent", ub_chip_find (0x0707)));
}

#define ADD(path, func)                                                                            \
  g_test_add ("/engine/agent-library/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("folder", test_folder);
  ADD ("file", test_file);
  ADD ("archive", test_archive);
  ADD ("nothing-there", test_nothing_there);
  ADD ("links", test_links);
  ADD ("find", test_find);
  ADD ("other-chip", test_other_chip);
  ADD ("cancel", test_cancel);
  ADD ("hostile-index", test_hostile_index);
  ADD ("special", test_special);
  g_test_add_func ("/engine/agent-library/languages", test_languages);
  return g_test_run ();
}
