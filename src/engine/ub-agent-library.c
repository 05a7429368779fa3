/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-agent-library.h"

#include "base/ub-error.h"
#include "chips/ub-chip.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-archive.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* an SP Flash Tool folder has some hundred files, three levels deep */
#define MAX_DEPTH 6
#define MAX_FILES 5000
#define HEAD_SIZE 0x100
#define MAX_CONTAINER (512 * 1024 * 1024)

struct _UbAgentLibrary
{
  GObject parent_instance;

  char      *folder; /* where the copies are */
  char      *index_path;
  GPtrArray *paths; /* of filename, in the order they came */
};

G_DEFINE_FINAL_TYPE (UbAgentLibrary, ub_agent_library, G_TYPE_OBJECT)

/* --- the index: one group for each copy, "source" where it came from --- */

static void
load_index (UbAgentLibrary *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, self->index_path, G_KEY_FILE_NONE, NULL))
    return;
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (self->folder, groups[i], NULL);

      /* a name, never a way out of our folder */
      if (strchr (groups[i], G_DIR_SEPARATOR) == NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (self->paths, g_steal_pointer (&path));
    }
}

static gboolean
save_to_index (UbAgentLibrary *self, const char *name, const char *source, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *shown = g_filename_display_name (source);
  g_autoptr (GError) error_local = NULL;

  g_key_file_load_from_file (file, self->index_path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  g_key_file_set_string (file, name, "source", shown);
  if (g_key_file_save_to_file (file, self->index_path, &error_local))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_FILE_WRITE,
               "%s: %s",
               self->index_path,
               error_local->message);
  return FALSE;
}

/* --- searching --- */

static gboolean
is_container (const char *path)
{
  guint8      head[HEAD_SIZE];
  struct stat st;
  gssize      n = 0;
  int         fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size <= MAX_CONTAINER)
    n = read (fd, head, sizeof head);
  close (fd);
  if (n <= 0 || !ub_agent_file_sniff (head, (gsize) n))
    return FALSE;
  {
    g_autoptr (UbAgentFile) file = ub_agent_file_open (path, NULL);

    return file != NULL;
  }
}

/* links are not followed, so there is no way round in circles */
static gboolean
find_containers (const char   *folder,
                 guint         depth,
                 guint        *n_files,
                 GPtrArray    *found,
                 GCancellable *cancellable,
                 GError      **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat      st;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (++*n_files > MAX_FILES || lstat (path, &st) != 0)
        continue;
      if (S_ISREG (st.st_mode) && is_container (path))
        g_ptr_array_add (found, g_steal_pointer (&path));
      else if (S_ISDIR (st.st_mode) && depth < MAX_DEPTH &&
               !find_containers (path, depth + 1, n_files, found, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static void
remove_tree (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat      st;

      if (lstat (path, &st) == 0 && S_ISDIR (st.st_mode))
        remove_tree (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

/* --- copying --- */

/* the begin of the SHA-256 of a file, hex */
static char *
hash_file (const char *path, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) error_local = NULL;

  file = g_mapped_file_new (path, FALSE, &error_local);
  if (file == NULL)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", path, error_local->message);
      return NULL;
    }
  g_checksum_update (checksum,
                     (const guchar *) g_mapped_file_get_contents (file),
                     (gssize) g_mapped_file_get_length (file));
  return g_strndup (g_checksum_get_string (checksum), 12);
}

static gboolean
copy_file (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);
  g_autoptr (GError) error_local = NULL;

  if (g_file_copy (source,
                   target,
                   G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS,
                   cancellable,
                   NULL,
                   NULL,
                   &error_local))
    return TRUE;
  if (g_error_matches (error_local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&error_local));
  else
    g_set_error (error,
                 UB_ERROR,
                 g_error_matches (error_local, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
                     ? UB_ERROR_NO_SPACE
                     : UB_ERROR_FILE_WRITE,
                 "%s: %s",
                 to,
                 error_local->message);
  return FALSE;
}

/* a name that tells the content: the same container from two places is kept once */
static gboolean
keep_container (UbAgentLibrary *self,
                const char     *path,
                const char     *source,
                GCancellable   *cancellable,
                GError        **error)
{
  g_autofree char *hash = hash_file (path, error);
  g_autofree char *name = NULL;
  g_autofree char *copy = NULL;

  if (hash == NULL)
    return FALSE;
  name = g_strdup_printf ("%s.bin", hash);
  copy = g_build_filename (self->folder, name, NULL);
  if (g_ptr_array_find_with_equal_func (self->paths, copy, g_str_equal, NULL))
    return TRUE;
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_FILE_WRITE,
                   "%s: %s",
                   self->folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (!copy_file (path, copy, cancellable, error) || !save_to_index (self, name, source, error))
    return FALSE;
  g_ptr_array_add (self->paths, g_steal_pointer (&copy));
  return TRUE;
}

/* (transfer full): where an archive was unpacked to */
static char *
unpack (UbAgentLibrary *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_build_filename (self->folder, "unpacking-XXXXXX", NULL);

  if (g_mkdir_with_parents (self->folder, 0700) != 0 || g_mkdtemp (folder) == NULL)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_FILE_WRITE,
                   "%s: %s",
                   self->folder,
                   g_strerror (errno));
      return NULL;
    }
  if (ub_archive_unpack (path, folder, NULL, NULL, cancellable, error))
    return g_steal_pointer (&folder);
  remove_tree (folder);
  return NULL;
}

static gboolean
find_in (const char *path, GPtrArray *found, GCancellable *cancellable, GError **error)
{
  guint n_files = 0;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return find_containers (path, 0, &n_files, found, cancellable, error);
  if (is_container (path))
    g_ptr_array_add (found, g_strdup (path));
  return TRUE;
}

static guint
keep_all (UbAgentLibrary *self,
          GPtrArray      *found,
          const char     *source,
          GCancellable   *cancellable,
          GError        **error)
{
  if (found->len == 0)
    g_set_error (error, UB_ERROR, UB_ERROR_NO_AGENT, "%s: no agent container in it", source);
  for (guint i = 0; i < found->len; i++)
    if (!keep_container (self, g_ptr_array_index (found, i), source, cancellable, error))
      return 0;
  return found->len;
}

/**
 * ub_agent_library_add:
 * @self: a library
 * @path: a container, a folder or an archive
 * @cancellable: (nullable): stops it
 * @error: NO_AGENT if there is none in it; the errors of ub_archive_unpack()
 *
 * Copies what it finds, so that the source may go away.
 *
 * Returns: how many containers were found
 */
guint
ub_agent_library_add (UbAgentLibrary *self,
                      const char     *path,
                      GCancellable   *cancellable,
                      GError        **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *unpacked = NULL;
  guint            n = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_MISSING, "%s: is not there", path);
      return 0;
    }
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && !is_container (path) &&
      ub_archive_is_archive (path))
    {
      unpacked = unpack (self, path, cancellable, error);
      if (unpacked == NULL)
        return 0;
    }
  if (find_in (unpacked != NULL ? unpacked : path, found, cancellable, error))
    n = keep_all (self, found, path, cancellable, error);
  if (unpacked != NULL)
    remove_tree (unpacked);
  return n;
}

/* --- choosing --- */

/* what @chip is called in @file. Containers of XML agents count by what the phone answers, others by what is printed on the chip; a chip
 * whose usual agents speak XML has that number in its name */
static guint16
get_code (UbAgentFile *file, const UbChip *chip)
{
  if (ub_agent_file_is_v6 (file))
    return chip->hw_code;
  if (chip->protocol == UB_PROTOCOL_XML && g_str_has_prefix (chip->name, "MT"))
    return (guint16) g_ascii_strtoull (chip->name + 2, NULL, 16);
  return chip->agent_code;
}

static gboolean
has_agent_for (UbAgentFile *file, const UbChip *chip)
{
  const guint16 code = get_code (file, chip);

  for (guint i = 0; i < ub_agent_file_get_n_entries (file); i++)
    if (ub_agent_file_get_entry (file, i)->hw_code == code)
      return TRUE;
  return FALSE;
}

const UbAgentEntry *
ub_agent_library_select (UbAgentFile *file, const UbBromInfo *brom, UbProtocol *protocol)
{
  if (ub_agent_file_is_v6 (file))
    *protocol = UB_PROTOCOL_XML;
  else if (brom->chip->protocol == UB_PROTOCOL_XML)
    *protocol = UB_PROTOCOL_XFLASH;
  else
    *protocol = brom->chip->protocol;
  return ub_agent_file_select (file,
                               get_code (file, brom->chip),
                               brom->hw_sub_code,
                               brom->hw_version,
                               brom->sw_version);
}

static gboolean
is_named_for (const char *path, const UbChip *chip)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_ascii_strup (base, -1);

  if (strstr (name, chip->name) != NULL)
    return TRUE;
  for (gsize i = 0; chip->aliases != NULL && chip->aliases[i] != NULL; i++)
    if (strstr (name, chip->aliases[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
ub_agent_library_is_special (const char *path, const UbChip *chip)
{
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, NULL);
  const guint n = file != NULL ? ub_agent_file_get_n_entries (file) : 0;

  if (n == 0 || !has_agent_for (file, chip))
    return FALSE;
  if (is_named_for (path, chip))
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (ub_agent_file_get_entry (file, i)->hw_code != get_code (file, chip))
      return FALSE;
  return TRUE;
}

/* the year of its build; -1 if it is of no use for @chip */
static int
usefulness (const char *path, const UbChip *chip)
{
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, NULL);

  if (file == NULL || (chip != NULL && !has_agent_for (file, chip)))
    return -1;
  return (int) ub_agent_file_get_year (file);
}

typedef struct
{
  const char *path;
  int         year;
} Candidate;

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  return ((const Candidate *) b)->year - ((const Candidate *) a)->year;
}

/* g_array_sort() is stable: what came first stays first among equals */
static void
add_useful (GPtrArray *useful, GPtrArray *paths, const UbChip *chip)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      Candidate candidate = { g_ptr_array_index (paths, i), -1 };

      candidate.year = usefulness (candidate.path, chip);
      if (candidate.year >= 0)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add (useful, g_strdup (g_array_index (candidates, Candidate, i).path));
}

GPtrArray *
ub_agent_library_find (UbAgentLibrary *self, UbFirmware *firmware)
{
  const UbChip *chip = ub_chip_find_by_platform (ub_firmware_get_platform (firmware));
  GPtrArray    *useful = g_ptr_array_new_with_free_func (g_free);

  add_useful (useful, ub_firmware_get_agents (firmware), chip);
  add_useful (useful, self->paths, chip);
  return useful;
}

GPtrArray *
ub_agent_library_list (UbAgentLibrary *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->paths->len; i++)
    g_ptr_array_add (paths, g_strdup (g_ptr_array_index (self->paths, i)));
  return paths;
}

static void
ub_agent_library_finalize (GObject *object)
{
  UbAgentLibrary *self = UB_AGENT_LIBRARY (object);

  g_free (self->folder);
  g_free (self->index_path);
  g_ptr_array_unref (self->paths);

  G_OBJECT_CLASS (ub_agent_library_parent_class)->finalize (object);
}

static void
ub_agent_library_class_init (UbAgentLibraryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_agent_library_finalize;
}

static void
ub_agent_library_init (UbAgentLibrary *self)
{
  self->paths = g_ptr_array_new_with_free_func (g_free);
}

UbAgentLibrary *
ub_agent_library_new (const char *data_dir)
{
  UbAgentLibrary  *self = g_object_new (UB_TYPE_AGENT_LIBRARY, NULL);
  g_autofree char *base = data_dir != NULL
                              ? g_strdup (data_dir)
                              : g_build_filename (g_get_user_data_dir (), "unbrick", NULL);

  self->folder = g_build_filename (base, "agents", NULL);
  self->index_path = g_build_filename (self->folder, "index.ini", NULL);
  load_index (self);
  return self;
}
