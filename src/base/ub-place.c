/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-place.h"

#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define HOST_PATH "user.document-portal.host-path"
#define MAX_ID 64
#define MAX_DEPTH 64

/* how to ask, and where */
typedef struct
{
  const char   *mount; /* (nullable): instead of the usual ones */
  UbPlaceReader reader;
  gpointer      user_data;
} Portal;

static gssize
read_attribute (const char *path, char *value, gsize size, gpointer user_data)
{
  return getxattr (path, HOST_PATH, value, size);
}

static const Portal real = { NULL, read_attribute, NULL };

/* --- where the mount is --- */

static gsize
skip_word (const char *text, const char *word)
{
  return g_str_has_prefix (text, word) ? strlen (word) : 0;
}

/* "/run/user/1000/doc/" */
static gsize
skip_usual_mount (const char *text)
{
  gsize at = skip_word (text, "/run/user/");
  gsize digits = 0;

  if (at == 0)
    return skip_word (text, "/run/flatpak/doc/");
  while (g_ascii_isdigit (text[at + digits]))
    digits++;
  if (digits == 0 || digits > 10 || !g_str_has_prefix (text + at + digits, "/doc/"))
    return 0;
  return at + digits + strlen ("/doc/");
}

static gsize
skip_own_mount (const char *text, const char *mount)
{
  gsize length = strlen (mount);

  return length > 1 && strncmp (text, mount, length) == 0 && text[length] == '/' ? length + 1 : 0;
}

/* bytes of @text up to behind the mount's last slash; 0: none begins here */
static gsize
skip_mount (const Portal *portal, const char *text)
{
  g_autofree char *own = NULL;
  gsize            at;

  if (*text != '/')
    return 0;
  if (portal->mount != NULL)
    return skip_own_mount (text, portal->mount);
  at = skip_usual_mount (text);
  if (at > 0)
    return at;
  own = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  return skip_own_mount (text, own);
}

static gsize
skip_id (const char *text)
{
  gsize length = 0;

  while (g_ascii_isalnum (text[length]) || text[length] == '-' || text[length] == '_')
    length++;
  return length <= MAX_ID ? length : 0;
}

/* up to behind the document's id, without the slash that may follow it */
static gsize
skip_document (const Portal *portal, const char *text)
{
  const gsize mount = skip_mount (portal, text);
  gsize       at = mount;
  gsize       id;

  if (mount == 0)
    return 0;
  /* as it looks from outside of a sandbox */
  if (g_str_has_prefix (text + at, "by-app/"))
    {
      at += strlen ("by-app/");
      while (text[at] != '/' && text[at] != '\0' && at - mount < NAME_MAX)
        at++;
      if (text[at] != '/')
        return 0;
      at++;
    }
  id = skip_id (text + at);
  return id > 0 ? at + id : 0;
}

/* --- what the portal says --- */

/* Nobody but the portal should have written it, but on older ones a file may bring it along: it is shown, and
 * never opened. (transfer full) (nullable) */
static char *
read_host_path (const Portal *portal, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *value = g_malloc (PATH_MAX + 1);
  g_autofree char *last = NULL;
  gssize           size = portal->reader (path, value, PATH_MAX, portal->user_data);

  if (size <= 0 || size > PATH_MAX)
    return NULL;
  if (value[size - 1] == '\0')
    size--;
  value[size] = '\0';
  if (value[0] != '/' || !g_utf8_validate (value, size, NULL))
    return NULL;
  for (const char *at = value; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return NULL;
  last = g_path_get_basename (value);
  return strcmp (last, name) == 0 ? g_steal_pointer (&value) : NULL;
}

/* of @path, or of the nearest folder above it that the portal knows, with the rest behind it.
 * @names: where the chosen name begins in @path */
static char *
find_host_path (const Portal *portal, const char *path, gsize names)
{
  g_autofree char *at = g_strdup (path);
  guint            depth = 0;

  while (strlen (at) > names && depth++ < MAX_DEPTH)
    {
      g_autofree char *host = read_host_path (portal, at);
      char            *slash;

      if (host != NULL)
        return g_strconcat (host, path + strlen (at), NULL);
      /* there may be several in a row */
      for (slash = strrchr (at, '/'); slash > at && *slash == '/'; slash--)
        *slash = '\0';
    }
  return NULL;
}

/* the one thing in a document's folder; (transfer full) (nullable) */
static char *
find_name (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  /* what somebody is just saving beside it is no name */
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.')
      return g_strdup (name);
  return NULL;
}

/* the document's own folder; (transfer full) (nullable) */
static char *
find_host_folder (const Portal *portal, const char *folder)
{
  g_autofree char *name = find_name (folder);
  g_autofree char *path = name != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autofree char *host = path != NULL ? read_host_path (portal, path) : NULL;

  return host != NULL ? g_path_get_dirname (host) : NULL;
}

static char *
dup_shown (const Portal *portal, const char *path)
{
  const gsize      id = skip_document (portal, path);
  g_autofree char *plain = NULL;
  char            *shown;

  if (id == 0 || (path[id] != '/' && path[id] != '\0'))
    return g_strdup (path);
  /* slashes at the end would be names of nothing */
  plain = g_strdup (path);
  for (gsize end = strlen (plain); end > id && plain[end - 1] == '/'; end--)
    plain[end - 1] = '\0';
  if (plain[id] == '\0')
    {
      shown = find_host_folder (portal, plain);
      return shown != NULL ? shown : find_name (plain);
    }
  shown = find_host_path (portal, plain, id + 1);
  return shown != NULL ? shown : g_strdup (plain + id + 1);
}

/* a document has one name: what stands before it says where that is, wherever the path ends */
static void
append_shown (const Portal *portal, GString *to, const char *text, gsize id, gsize *skipped)
{
  g_autofree char *document = g_strndup (text, id);
  g_autofree char *folder = find_host_folder (portal, document);

  /* the text may be JSON */
  if (folder != NULL && strpbrk (folder, "\"\\") != NULL)
    g_clear_pointer (&folder, g_free);
  *skipped = id;
  if (folder != NULL && text[id] == '/' && strcmp (folder, "/") == 0)
    return;
  if (folder != NULL)
    g_string_append (to, folder);
  else if (text[id] == '/')
    *skipped = id + 1;
  else
    {
      g_autofree char *name = find_name (document);

      g_string_append (to, name != NULL ? name : "");
    }
}

static char *
dup_shown_text (const Portal *portal, const char *text)
{
  GString *shown = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize id = skip_document (portal, text);
      gsize skipped = 1;

      if (id > 0)
        append_shown (portal, shown, text, id, &skipped);
      else
        g_string_append_c (shown, *text);
      text += skipped;
    }
  return g_string_free (shown, FALSE);
}

char *
ub_place_dup_shown (const char *path)
{
  char *shown = dup_shown (&real, path);

  return shown != NULL ? shown : g_strdup ("");
}

char *
ub_place_dup_shown_text (const char *text)
{
  return dup_shown_text (&real, text);
}

char *
ub_place_dup_shown_in (const char   *mount,
                       UbPlaceReader reader,
                       gpointer      user_data,
                       const char   *path)
{
  const Portal portal = { mount, reader, user_data };
  char        *shown = dup_shown (&portal, path);

  return shown != NULL ? shown : g_strdup ("");
}

char *
ub_place_dup_shown_text_in (const char   *mount,
                            UbPlaceReader reader,
                            gpointer      user_data,
                            const char   *text)
{
  const Portal portal = { mount, reader, user_data };

  return dup_shown_text (&portal, text);
}

char *
ub_place_dup_real (const char *path)
{
  g_autofree char *shown = dup_shown (&real, path);

  return shown != NULL && shown[0] == '/' ? g_steal_pointer (&shown) : NULL;
}

char *
ub_place_dup_real_folder (const char *path)
{
  g_autofree char *shown = ub_place_dup_real (path);

  return shown != NULL ? g_path_get_dirname (shown) : NULL;
}

gboolean
ub_place_is_document (const char *path)
{
  const gsize id = skip_document (&real, path);

  return id > 0 && (path[id] == '/' || path[id] == '\0');
}

/* --- what cannot be seen --- */

static gboolean
is_sandbox (const char *root)
{
  g_autofree char *info = g_build_filename (root, ".flatpak-info", NULL);

  return g_file_test (info, G_FILE_TEST_IS_REGULAR);
}

gboolean
ub_place_is_sandboxed (void)
{
  return is_sandbox ("/");
}

/* is it a folder of ours, where what is not there really is not? */
static gboolean
is_own (const char *path)
{
  const char *own[] = { g_get_user_data_dir (), g_get_user_cache_dir (), g_get_user_config_dir () };

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_str_has_prefix (path, own[i]) && path[strlen (own[i])] == '/')
      return TRUE;
  return FALSE;
}

gboolean
ub_place_is_hidden_below (const char *root, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *seen = g_build_filename (root, absolute, NULL);

  return is_sandbox (root) && !g_file_test (seen, G_FILE_TEST_EXISTS) &&
         !ub_place_is_document (absolute) && !is_own (absolute);
}

gboolean
ub_place_is_hidden (const char *path)
{
  return ub_place_is_hidden_below ("/", path);
}

/* the nearest folder that is there tells */
static gboolean
is_in_memory (const char *path)
{
  g_autofree char *at = g_strdup (path);
  struct statfs    info;

  while (statfs (at, &info) != 0)
    {
      char *above = g_path_get_dirname (at);

      g_free (at);
      at = above;
      if (at[0] != '/' || at[1] == '\0')
        break;
    }
  return statfs (at, &info) == 0 && info.f_type == TMPFS_MAGIC;
}

gboolean
ub_place_is_lost_in (const char *root, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return is_sandbox (root) && !ub_place_is_document (absolute) && !is_own (absolute) &&
         is_in_memory (absolute);
}

gboolean
ub_place_is_lost (const char *path)
{
  return ub_place_is_lost_in ("/", path);
}
