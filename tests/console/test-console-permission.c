/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal says of the permission, on a source that lets a test decide. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "base/ub-error.h"
#include "console/ub-console.h"

#define COMMAND "unbrick --print-udev-rules | sudo and so on"

#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, UbLinkSource)

struct _TestSource
{
  UbLinkSource parent_instance;

  UbPermissionState state;
  gboolean          needs_none;
};

G_DEFINE_FINAL_TYPE (TestSource, test_source, UB_TYPE_LINK_SOURCE)

static UbPermission *
test_source_dup_permission (UbLinkSource *source)
{
  TestSource   *self = TEST_SOURCE (source);
  UbPermission *permission = g_new0 (UbPermission, 1);

  if (self->needs_none)
    g_clear_pointer (&permission, ub_permission_free);
  else
    {
      permission->state = self->state;
      permission->path = g_strdup ("/etc/udev/rules.d/60-unbrick.rules");
      permission->command = g_strdup (COMMAND);
    }
  return permission;
}

/* two phones that may not be opened */
static gboolean
test_source_start (UbLinkSource *source, GError **error)
{
  UbSighting sighting = { .kind = UB_SIGHTING_PRELOADER,
                          .access = UB_ACCESS_DENIED,
                          .present = TRUE,
                          .vendor = 0x0e8d,
                          .product = 0x2000,
                          .port = (char *) "1-2" };

  ub_link_source_tell (source, &sighting);
  sighting.port = (char *) "1-3";
  ub_link_source_tell (source, &sighting);
  return TRUE;
}

/* waits for a phone that can be opened, and so for nothing */
static UbLink *
test_source_wait (UbLinkSource *source,
                  const char   *port,
                  guint         timeout_ms,
                  GCancellable *cancellable,
                  GError      **error)
{
  GPollFD fd;

  if (g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_poll (&fd, 1, timeout_ms > 0 ? (int) timeout_ms : -1);
      g_cancellable_release_fd (cancellable);
    }
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_PHONE, "no phone came");
  return NULL;
}

static void
test_source_class_init (TestSourceClass *klass)
{
  UB_LINK_SOURCE_CLASS (klass)->start = test_source_start;
  UB_LINK_SOURCE_CLASS (klass)->wait = test_source_wait;
  UB_LINK_SOURCE_CLASS (klass)->dup_permission = test_source_dup_permission;
}

static void
test_source_init (TestSource *self)
{
}

/* --- what is called, in a process of its own --- */

typedef struct
{
  const char       *name;
  UbPermissionState state;
  gboolean          needs_none;
  const char       *arguments[4];
  int               status;
  const char       *out;   /* (nullable): pattern */
  const char       *err;   /* (nullable): pattern */
  const char       *never; /* (nullable): pattern of what must not be in either */
} Case;

static const Case cases[] = {
  { "fine",
    UB_PERMISSION_FINE,
    FALSE,
    { "permission" },
    0,
    "This computer lets*",
    NULL,
    "*" COMMAND "*" },
  { "missing",
    UB_PERMISSION_MISSING,
    FALSE,
    { "permission" },
    4,
    "This computer does not let*\n*\nRun this line*\n" COMMAND "\n",
    NULL,
    NULL },
  { "outdated",
    UB_PERMISSION_OUTDATED,
    FALSE,
    { "permission" },
    4,
    "*another version*\n" COMMAND "\n",
    NULL,
    NULL },
  { "unknown",
    UB_PERMISSION_UNKNOWN,
    FALSE,
    { "permission" },
    1,
    "*sandbox*\n" COMMAND "\n",
    NULL,
    NULL },
  { "practice",
    UB_PERMISSION_FINE,
    TRUE,
    { "permission" },
    0,
    "*practice phone*",
    NULL,
    "*" COMMAND "*" },
  { "json",
    UB_PERMISSION_MISSING,
    FALSE,
    { "permission", "--json" },
    4,
    "{*\"state\" : \"missing\"*\"command\" : \"" COMMAND "\"*}\n",
    NULL,
    NULL },
  { "json-fine",
    UB_PERMISSION_FINE,
    FALSE,
    { "permission", "--json" },
    0,
    "{*\"state\" : \"fine\"*\"command\" : null*}\n",
    NULL,
    NULL },
  { "json-practice",
    UB_PERMISSION_FINE,
    TRUE,
    { "permission", "--json" },
    0,
    "{*\"state\" : \"not-needed\"*\"path\" : null*}\n",
    NULL,
    NULL },
  { "too-much", UB_PERMISSION_FINE, FALSE, { "permission", "x" }, 2, NULL, "*", NULL },
  /* once, although two phones are there */
  { "watch",
    UB_PERMISSION_MISSING,
    FALSE,
    { "watch", "--for", "1" },
    0,
    "*1-2*1-3*",
    "*" COMMAND "\n*",
    "*" COMMAND "*" COMMAND "*" },
  { "watch-fine",
    UB_PERMISSION_FINE,
    FALSE,
    { "watch", "--for", "1" },
    0,
    "*1-2*1-3*",
    "*still closed*",
    "*" COMMAND "*" },
  { "watch-practice",
    UB_PERMISSION_FINE,
    TRUE,
    { "watch", "--for", "1" },
    0,
    "*1-2*",
    NULL,
    "*still closed*" },
  { "job",
    UB_PERMISSION_MISSING,
    FALSE,
    { "info", "--wait", "1" },
    4,
    NULL,
    "*" COMMAND "\n*",
    "*" COMMAND "*" COMMAND "*" },
};

static int
run (const Case *c)
{
  g_autoptr (TestSource) source = g_object_new (TEST_TYPE_SOURCE, NULL);
  g_autofree char *folder = g_dir_make_tmp ("unbrick-permission-XXXXXX", NULL);
  g_autoptr (UbAgentLibrary) agents = ub_agent_library_new (folder);
  UbConsoleSetup setup = { .source = UB_LINK_SOURCE (source),
                           .agents = agents,
                           .data_folder = folder };
  int            status;

  source->state = c->state;
  source->needs_none = c->needs_none;
  status =
      ub_console_run ((int) g_strv_length ((char **) c->arguments), (char **) c->arguments, &setup);
  g_rmdir (folder);
  return status;
}

static void
assert_matches (const char *pattern, const char *text)
{
  if (pattern != NULL && !g_pattern_match_simple (pattern, text))
    g_error ("“%s” is not like “%s”", text, pattern);
}

static void
test_case (gconstpointer data)
{
  const Case      *c = data;
  g_autofree char *number = g_strdup_printf ("%d", (int) (c - cases));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
                 g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                   &error,
                                   "/proc/self/exe",
                                   "--run",
                                   number,
                                   NULL);
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  g_test_message ("%s\n%s", out, err);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, c->status);
  assert_matches (c->out, out);
  assert_matches (c->err, err);
  g_assert_false (c->never != NULL && (g_pattern_match_simple (c->never, out) ||
                                       g_pattern_match_simple (c->never, err)));
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--run"))
    return run (&cases[atoi (argv[2])]);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/console/permission/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
