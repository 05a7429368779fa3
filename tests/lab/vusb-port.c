/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says of a port where no device can be talked to: in sysfs and in its log. */
#include "config.h"

#include "lab/vusb-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HUB_INTERFACE VUSB_ROOT_HUB "/1-0:1.0"
#define LOG_SOCKET "kmsg"

/* ---- sysfs ------------------------------------------------------------- */

static char *
port_path (VusbBus *bus, guint port, const char *attribute)
{
  return g_strdup_printf ("%s/sys" HUB_INTERFACE "/usb1-port%u/%s", bus->root, port, attribute);
}

/* in its place, as those who have it open read it again */
static void
write_attribute (VusbBus *bus, guint port, const char *attribute, const char *value)
{
  g_autofree char *path = port_path (bus, port, attribute);
  g_autofree char *line = g_strconcat (value, "\n", NULL);
  int              fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

  if (fd < 0 || write (fd, line, strlen (line)) < 0 || ftruncate (fd, (off_t) strlen (line)) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
  close (fd);
}

void
vusb_ports_add (VusbBus *bus)
{
  g_autoptr (GError) error = NULL;

  if (!umockdev_testbed_add_from_string (bus->testbed,
                                         "P: " HUB_INTERFACE
                                         "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nE: "
                                         "PRODUCT=1d6b/2/601\nA: bInterfaceNumber=00\\n\n",
                                         &error))
    g_error ("umockdev: %s", error->message);
  for (guint i = 1; i <= VUSB_N_PORTS; i++)
    {
      g_autofree char *path = port_path (bus, i, "");

      g_mkdir_with_parents (path, 0755);
      write_attribute (bus, i, "connect_type", "hotplug");
      write_attribute (bus, i, "over_current_count", "0");
      write_attribute (bus, i, "state", "not attached");
    }
}

void
vusb_bus_set_port_state (VusbBus *bus, guint port, const char *state)
{
  g_autofree char *path = port_path (bus, port, "state");

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    write_attribute (bus, port, "state", state);
}

void
vusb_bus_forget_port_states (VusbBus *bus)
{
  for (guint i = 1; i <= VUSB_N_PORTS; i++)
    {
      g_autofree char *path = port_path (bus, i, "state");

      g_unlink (path);
    }
}

/* ---- /dev/kmsg --------------------------------------------------------- */

/* A socket, as each read() gives one record of it; see ub-lab-preload.c. */
static void
take_readers (VusbBus *bus)
{
  int reader;

  while ((reader = accept4 (bus->log, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    g_array_append_val (bus->readers, reader);
}

void
vusb_log_open (VusbBus *bus)
{
  bus->log = -1;
  bus->readers = g_array_new (FALSE, FALSE, sizeof (int));
}

void
vusb_bus_allow_log (VusbBus *bus)
{
  struct sockaddr_un place = { .sun_family = AF_UNIX };

  g_snprintf (place.sun_path, sizeof place.sun_path, "%s/" LOG_SOCKET, bus->root);
  bus->log = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bus->log < 0 || bind (bus->log, (struct sockaddr *) &place, sizeof place) != 0 ||
      listen (bus->log, 8) != 0)
    g_error ("cannot make a kernel's log: %s", g_strerror (errno));
}

void
vusb_bus_log (VusbBus *bus, guint priority, const char *text)
{
  g_autofree char *record = g_strdup_printf ("%u,%" G_GUINT64_FORMAT ",%" G_GINT64_FORMAT ",-;%s\n",
                                             priority,
                                             ++bus->logged,
                                             g_get_monotonic_time (),
                                             text);

  if (bus->log >= 0)
    take_readers (bus);
  for (guint i = 0; i < bus->readers->len; i++)
    send (g_array_index (bus->readers, int, i), record, strlen (record), MSG_NOSIGNAL);
}

void
vusb_log_close (VusbBus *bus)
{
  for (guint i = 0; i < bus->readers->len; i++)
    close (g_array_index (bus->readers, int, i));
  g_array_unref (bus->readers);
  if (bus->log >= 0)
    close (bus->log);
}
