/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logind's lock, from a logind of ours on a bus of ours. */
#include "config.h"

#include "console/ub-console-inhibit.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

static const char introspection[] =
    "<node><interface name='org.freedesktop.login1.Manager'><method name='Inhibit'>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' "
    "direction='in'/><arg type='s' direction='in'/>"
    "<arg type='h' direction='out'/></method></interface></node>";

/* lives in a thread of its own: who asks waits */
typedef struct
{
  GThread      *thread;
  GMainContext *context;
  GMainLoop    *loop;
  GMutex        lock;
  GCond         cond;
  gboolean      ready;
  gboolean      refuses;
  int           watch; /* the other end of the lock: closed when it is let go */
  char         *what, *who, *why, *mode;
} Logind;

static void
called_cb (GDBusConnection       *bus,
           const char            *sender,
           const char            *path,
           const char            *interface,
           const char            *method,
           GVariant              *parameters,
           GDBusMethodInvocation *invocation,
           gpointer               user_data)
{
  Logind *self = user_data;
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  int ends[2];

  if (self->refuses)
    {
      g_dbus_method_invocation_return_dbus_error (invocation,
                                                  "org.freedesktop.DBus.Error.AccessDenied",
                                                  "not from afar");
      return;
    }
  g_variant_get (parameters, "(ssss)", &self->what, &self->who, &self->why, &self->mode);
  g_assert_cmpint (pipe (ends), ==, 0);
  self->watch = ends[0];
  g_assert_cmpint (g_unix_fd_list_append (fds, ends[1], NULL), ==, 0);
  close (ends[1]);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                           g_variant_new ("(h)", 0),
                                                           fds);
}

static void
named_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Logind *self = user_data;

  g_mutex_lock (&self->lock);
  self->ready = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gpointer
run (gpointer user_data)
{
  static const GDBusInterfaceVTable table = { .method_call = called_cb };
  Logind                           *self = user_data;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_autoptr (GDBusConnection) bus = NULL;
  guint id;

  g_main_context_push_thread_default (self->context);
  bus = g_dbus_connection_new_for_address_sync (address,
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL,
                                                NULL,
                                                NULL);
  g_assert_nonnull (bus);
  g_assert_cmpuint (g_dbus_connection_register_object (bus,
                                                       "/org/freedesktop/login1",
                                                       node->interfaces[0],
                                                       &table,
                                                       self,
                                                       NULL,
                                                       NULL),
                    >,
                    0);
  id = g_bus_own_name_on_connection (bus,
                                     "org.freedesktop.login1",
                                     G_BUS_NAME_OWNER_FLAGS_NONE,
                                     named_cb,
                                     NULL,
                                     self,
                                     NULL);
  g_main_loop_run (self->loop);
  g_bus_unown_name (id);
  g_dbus_connection_close_sync (bus, NULL, NULL);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
start (Logind *self)
{
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->watch = -1;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("logind", run, self);
  g_mutex_lock (&self->lock);
  while (!self->ready)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
stop (Logind *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  if (self->watch >= 0)
    close (self->watch);
  g_free (self->what);
  g_free (self->who);
  g_free (self->why);
  g_free (self->mode);
}

static void
test_held (void)
{
  Logind            logind = { 0 };
  UbConsoleInhibit *inhibit;
  GPollFD           end;

  start (&logind);
  inhibit = ub_console_inhibit_new ("A phone is being written");
  g_assert_true (ub_console_inhibit_is_held (inhibit));
  g_assert_cmpstr (logind.what, ==, "sleep:shutdown:idle");
  g_assert_cmpstr (logind.who, ==, "Unbrick");
  g_assert_cmpstr (logind.why, ==, "A phone is being written");
  g_assert_cmpstr (logind.mode, ==, "block");
  end = (GPollFD){ .fd = logind.watch, .events = G_IO_IN };
  g_assert_cmpint (g_poll (&end, 1, 0), ==, 0);
  ub_console_inhibit_free (inhibit);
  /* let go of: the system sees the end of the pipe */
  g_assert_cmpint (g_poll (&end, 1, 10000), ==, 1);
  g_assert_cmpint (end.revents & G_IO_HUP, !=, 0);
  stop (&logind);
}

static void
test_refused (void)
{
  Logind            logind = { .refuses = TRUE };
  UbConsoleInhibit *inhibit;

  start (&logind);
  inhibit = ub_console_inhibit_new ("A phone is being written");
  g_assert_false (ub_console_inhibit_is_held (inhibit));
  ub_console_inhibit_free (inhibit);
  stop (&logind);
}

/* a bus, and nobody on it */
static void
test_nobody (void)
{
  UbConsoleInhibit *inhibit = ub_console_inhibit_new ("A phone is being written");

  g_assert_false (ub_console_inhibit_is_held (inhibit));
  ub_console_inhibit_free (inhibit);
  ub_console_inhibit_free (NULL);
}

/* not even a bus: in a process of its own, for a bus that was found is kept */
static void
test_no_bus (void)
{
  UbConsoleInhibit *inhibit;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  inhibit = ub_console_inhibit_new ("A phone is being written");
  g_assert_false (ub_console_inhibit_is_held (inhibit));
  ub_console_inhibit_free (inhibit);
}

int
main (int argc, char **argv)
{
  GTestDBus *bus;
  int        status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/console-inhibit/held", test_held);
  g_test_add_func ("/console-inhibit/refused", test_refused);
  g_test_add_func ("/console-inhibit/nobody", test_nobody);
  g_test_add_func ("/console-inhibit/no-bus", test_no_bus);
  if (g_test_subprocess ())
    return g_test_run ();
  /* a session bus of ours, taken for the system's */
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus), TRUE);
  status = g_test_run ();
  g_test_dbus_stop (bus);
  g_object_unref (bus);
  return status;
}
