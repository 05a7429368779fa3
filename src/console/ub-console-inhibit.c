/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-inhibit.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#define PATIENCE_MS 1000

struct _UbConsoleInhibit
{
  int fd; /* -1: none */
};

/* a bus that gives no answer is one without logind */
static GVariant *
call (GDBusConnection *bus, const char *why, GUnixFDList **fds, GError **error)
{
  return g_dbus_connection_call_with_unix_fd_list_sync (
      bus,
      "org.freedesktop.login1",
      "/org/freedesktop/login1",
      "org.freedesktop.login1.Manager",
      "Inhibit",
      g_variant_new ("(ssss)", "sleep:shutdown:idle", "Unbrick", why, "block"),
      G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NONE,
      PATIENCE_MS,
      NULL,
      fds,
      NULL,
      error);
}

static int
take (const char *why, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) answer = NULL;
  gint32 handle = -1;

  if (!bus)
    return -1;
  /* when the bus goes away, the job does not */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  answer = call (bus, why, &fds, error);
  if (!answer || !fds)
    return -1;
  g_variant_get (answer, "(h)", &handle);

  return g_unix_fd_list_get (fds, handle, error);
}

UbConsoleInhibit *
ub_console_inhibit_new (const char *why)
{
  UbConsoleInhibit *self = g_new0 (UbConsoleInhibit, 1);
  g_autoptr (GError) error = NULL;

  self->fd = take (why, &error);
  if (self->fd < 0)
    g_info ("the computer may go to sleep: %s", error ? error->message : "no lock was handed out");

  return self;
}

void
ub_console_inhibit_free (UbConsoleInhibit *self)
{
  if (!self)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

gboolean
ub_console_inhibit_is_held (UbConsoleInhibit *self)
{
  return self->fd >= 0;
}
