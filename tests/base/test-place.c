/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/ub-place.h"

#define ID "nbpeE9v4_ziUGiQ0-XBUw"

/* a portal's mount as it looks inside, with two documents: a folder and a file */
typedef struct
{
  char       *mount;
  GHashTable *says; /* path in the mount → GBytes */
} Portal;

static gssize
read_cb (const char *path, char *value, gsize size, gpointer user_data)
{
  Portal       *self = user_data;
  GBytes       *bytes = g_hash_table_lookup (self->says, path);
  gsize         length = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (bytes == NULL || length > size)
    return -1;
  if (length > 0)
    memcpy (value, data, length);
  return (gssize) length;
}

static void
say (Portal *self, const char *inside, const char *value, gsize size)
{
  g_hash_table_insert (self->says,
                       g_build_filename (self->mount, inside, NULL),
                       g_bytes_new (value, size));
}

static void
make_file (Portal *self, const char *inside)
{
  g_autofree char *path = g_build_filename (self->mount, inside, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
}

static void
set_up (Portal *self, gconstpointer data)
{
  self->mount = g_dir_make_tmp ("unbrick-place-XXXXXX", NULL);
  self->says =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  make_file (self, ID "/rom/boot.img");
  make_file (self, "1a2b3c4d/MT6580_scatter.txt");
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      remove_tree (below);
    }
  g_remove (path);
}

static void
tear_down (Portal *self, gconstpointer data)
{
  remove_tree (self->mount);
  g_free (self->mount);
  g_hash_table_unref (self->says);
}

static void
assert_shown (Portal *self, const char *inside, const char *expected)
{
  g_autofree char *path = g_strconcat (self->mount, "/", inside, NULL);
  g_autofree char *shown = ub_place_dup_shown_in (self->mount, read_cb, self, path);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_host_path (Portal *self, gconstpointer data)
{
  /* some portals count the NUL at the end */
  say (self, ID "/rom", "/home/ada/Phones/rom", sizeof "/home/ada/Phones/rom");
  say (self, "1a2b3c4d/MT6580_scatter.txt", "/srv/MT6580_scatter.txt", 23);
  assert_shown (self, ID "/rom", "/home/ada/Phones/rom");
  assert_shown (self, ID "/rom/", "/home/ada/Phones/rom");
  assert_shown (self, ID "/rom/boot.img", "/home/ada/Phones/rom/boot.img");
  say (self, ID "/rom/", "/home/ada/Phones/rom", 20);
  assert_shown (self, ID "/rom//new.img", "/home/ada/Phones/rom//new.img");
  assert_shown (self, ID "/rom/not there/yet.img", "/home/ada/Phones/rom/not there/yet.img");
  assert_shown (self, "1a2b3c4d/MT6580_scatter.txt", "/srv/MT6580_scatter.txt");
  /* the document's own folder: where the one file in it is */
  assert_shown (self, "1a2b3c4d", "/srv");
  assert_shown (self, "1a2b3c4d/", "/srv");
  assert_shown (self, ID, "/home/ada/Phones");
  /* as it looks from outside */
  assert_shown (self, "by-app/org.some.App/" ID, "");
  say (self, "by-app/org.some.App/" ID "/rom", "/home/ada/Phones/rom", 20);
  assert_shown (self, "by-app/org.some.App/" ID "/rom/a", "/home/ada/Phones/rom/a");
  /* the nearest one that is told counts */
  say (self, ID "/rom/boot.img", "/elsewhere/boot.img", 19);
  assert_shown (self, ID "/rom/boot.img", "/elsewhere/boot.img");
}

static void
test_silent (Portal *self, gconstpointer data)
{
  assert_shown (self, ID "/rom", "rom");
  assert_shown (self, ID "/rom/boot.img", "rom/boot.img");
  assert_shown (self, ID "/rom/", "rom");
  assert_shown (self, ID, "rom");
  assert_shown (self, "gone", "");
  assert_shown (self, "gone/a/b", "a/b");
}

static void
test_hostile (Portal *self, gconstpointer data)
{
  static const char *const bad[] = {
    "rom",
    "../rom",
    "",
    "/",
    "/etc/passwd",
    "/home/\x1b[31m/rom",
    "/home/a\nb/rom",
    "/home/\xff/rom",
    "file:///rom",
  };
  g_autofree char *huge = g_strnfill (8192, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      say (self, ID "/rom", bad[i], strlen (bad[i]));
      assert_shown (self, ID "/rom/boot.img", "rom/boot.img");
    }
  huge[0] = '/';
  say (self, ID "/rom", huge, 8192);
  assert_shown (self, ID "/rom", "rom");
  say (self, ID "/rom", "/a\0/rom", 7);
  assert_shown (self, ID "/rom", "rom");
  say (self, ID "/rom", "\0", 1);
  assert_shown (self, ID "/rom", "rom");
}

static void
test_other (Portal *self, gconstpointer data)
{
  static const char *const others[] = {
    "/home/ada/rom",
    "/run/user/1000/document",
    "/run/user/1000/doc",
    "/run/user//doc/1a/rom",
    "/run/user/x/doc/1a/rom",
    "/run/flatpak",
    "relative/rom",
    "",
    "/run/user/1000/doc//rom",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *shown = ub_place_dup_shown (others[i]);

      g_assert_cmpstr (shown, ==, others[i]);
      g_assert_false (ub_place_is_document (others[i]));
    }
}

/* the usual mounts, which are not there */
static void
test_usual (void)
{
  static const char *const places[][2] = {
    { "/run/user/99999/doc/1a2b/rom/boot.img", "rom/boot.img" },
    { "/run/flatpak/doc/1a2b/rom", "rom" },
    { "/run/user/99999/doc/" ID "/a", "a" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *shown = ub_place_dup_shown (places[i][0]);
      g_autofree char *text = ub_place_dup_shown_text (places[i][0]);

      g_assert_cmpstr (shown, ==, places[i][1]);
      g_assert_cmpstr (text, ==, places[i][1]);
      g_assert_true (ub_place_is_document (places[i][0]));
      g_assert_null (ub_place_dup_real_folder (places[i][0]));
    }
}

static void
assert_text (Portal *self, const char *format, const char *expected)
{
  g_autoptr (GString) text = g_string_new (format);
  g_autofree char *shown = NULL;

  g_string_replace (text, "MOUNT", self->mount, 0);
  shown = ub_place_dup_shown_text_in (self->mount, read_cb, self, text->str);
  g_assert_cmpstr (shown, ==, expected);
}

static void
test_text (Portal *self, gconstpointer data)
{
  assert_text (self, "", "");
  assert_text (self, "MOUNT/" ID "/rom/a b.img: no such file", "rom/a b.img: no such file");
  say (self, ID "/rom", "/home/ada/rom", 13);
  say (self, "1a2b3c4d/MT6580_scatter.txt", "/MT6580_scatter.txt", 19);
  assert_text (self,
               "the folder MOUNT/" ID "/rom/a b.img cannot be read, MOUNT/" ID "/rom",
               "the folder /home/ada/rom/a b.img cannot be read, /home/ada/rom");
  assert_text (self, "“MOUNT/1a2b3c4d/MT6580_scatter.txt”", "“/MT6580_scatter.txt”");
  assert_text (self, "in MOUNT/" ID ": no", "in /home/ada: no");
  assert_text (self, "MOUNT", self->mount);
  /* what would end a string of JSON is left out */
  say (self, ID "/rom", "/home/\"ada/rom", 14);
  assert_text (self, "{\"a\":\"MOUNT/" ID "/rom/b\"}", "{\"a\":\"rom/b\"}");
}

/* what the real portal does, where the file system lets us do it */
static void
test_attribute (void)
{
  g_autofree char *doc = g_build_filename (g_get_user_runtime_dir (), "doc", "ab12", "rom", NULL);
  g_autofree char *shown = NULL;
  g_autofree char *real = NULL;
  const char      *host = "/home/ada/rom";

  g_assert_cmpint (g_mkdir_with_parents (doc, 0700), ==, 0);
  if (setxattr (doc, "user.document-portal.host-path", host, strlen (host) + 1, 0) != 0)
    {
      g_test_skip ("no attributes here");
      return;
    }
  shown = ub_place_dup_shown (doc);
  real = ub_place_dup_real_folder (doc);
  g_assert_cmpstr (shown, ==, host);
  g_assert_cmpstr (real, ==, "/home/ada");
  g_assert_true (ub_place_is_document (doc));
}

static void
test_hidden (void)
{
  g_autofree char *root = g_dir_make_tmp ("unbrick-place-XXXXXX", NULL);
  g_autofree char *info = g_build_filename (root, ".flatpak-info", NULL);
  g_autofree char *there = g_build_filename (root, "there", NULL);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "unbrick", "gone", NULL);

  g_assert_cmpint (g_mkdir (there, 0700), ==, 0);
  g_assert_false (ub_place_is_hidden_below (root, "/gone"));
  g_assert_true (g_file_set_contents (info, "", 0, NULL));
  g_assert_true (ub_place_is_hidden_below (root, "/gone"));
  g_assert_false (ub_place_is_hidden_below (root, "/there"));
  /* what is in a folder of ours, or was chosen, is really not there */
  g_assert_false (ub_place_is_hidden_below (root, own));
  g_assert_false (ub_place_is_hidden_below (root, "/run/user/1000/doc/1a2b/gone"));
  remove_tree (root);
}

/* memory that is a file system here, too */
static void
test_lost (void)
{
  g_autofree char *root = g_dir_make_tmp ("unbrick-place-XXXXXX", NULL);
  g_autofree char *info = g_build_filename (root, ".flatpak-info", NULL);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "unbrick", "copy", NULL);
  const char      *memory = "/dev/shm/unbrick-not-there/copy";
  struct statfs    status;

  g_assert_false (ub_place_is_lost_in (root, memory));
  g_assert_true (g_file_set_contents (info, "", 0, NULL));
  g_assert_false (ub_place_is_lost_in (root, own));
  g_assert_false (ub_place_is_lost_in (root, "/run/user/1000/doc/1a2b/rom"));
  if (statfs ("/dev/shm", &status) != 0 || status.f_type != TMPFS_MAGIC)
    g_test_skip ("/dev/shm is not in memory");
  else
    g_assert_true (ub_place_is_lost_in (root, memory));
  if (statfs ("/proc", &status) == 0 && status.f_type == PROC_SUPER_MAGIC)
    g_assert_false (ub_place_is_lost_in (root, "/proc/copy"));
  remove_tree (root);
}

int
main (int argc, char **argv)
{
  g_autofree char *runtime = g_dir_make_tmp ("unbrick-place-XXXXXX", NULL);
  g_autofree char *own = g_build_filename (runtime, "unbrick-test-place", NULL);
  int              status;

  g_setenv ("XDG_RUNTIME_DIR", own, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/place/host-path", Portal, NULL, set_up, test_host_path, tear_down);
  g_test_add ("/place/silent", Portal, NULL, set_up, test_silent, tear_down);
  g_test_add ("/place/hostile", Portal, NULL, set_up, test_hostile, tear_down);
  g_test_add ("/place/other", Portal, NULL, set_up, test_other, tear_down);
  g_test_add ("/place/text", Portal, NULL, set_up, test_text, tear_down);
  g_test_add_func ("/place/usual", test_usual);
  g_test_add_func ("/place/attribute", test_attribute);
  g_test_add_func ("/place/hidden", test_hidden);
  g_test_add_func ("/place/lost", test_lost);
  status = g_test_run ();
  remove_tree (runtime);
  return status;
}
