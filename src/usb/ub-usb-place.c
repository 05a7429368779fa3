/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-place.h"

#include "usb/ub-usb-ids.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <unistd.h>

#define SYSFS_DEVICES "/sys/bus/usb/devices"
#define SYSFS_NODES "/sys/dev/char"
#define USB_MAJOR 189
#define DESCRIPTORS_MAX 4096 /* more than any phone has */
#define DEVICE_SIZE 18

/* a device's directory is "1-2.4" or "usb1"; "1-2.4:1.0" is one of its interfaces */
static gboolean
is_device_name (const char *name)
{
  return strchr (name, ':') == NULL;
}

static guint64
read_number (const char *syspath, const char *attribute)
{
  g_autofree char *path = g_build_filename (syspath, attribute, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoull (text, NULL, 10) : 0;
}

static char *
read_text (const char *syspath, const char *attribute)
{
  g_autofree char *path = g_build_filename (syspath, attribute, NULL);
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  valid = g_utf8_make_valid (g_strstrip (text), -1);
  return *valid != '\0' ? g_steal_pointer (&valid) : NULL;
}

/* Of the kernel since 2.6.27. Its target is only a name here: nothing is looked up. */
static char *
find_syspath_by_node (guint bus, guint number)
{
  g_autofree char *link =
      g_strdup_printf (SYSFS_NODES "/%d:%u", USB_MAJOR, (bus - 1) * 128 + number - 1);
  g_autofree char *target = g_file_read_link (link, NULL);
  g_autofree char *port = target != NULL ? g_path_get_basename (target) : NULL;

  return port != NULL && is_device_name (port) ? g_build_filename (SYSFS_DEVICES, port, NULL)
                                               : NULL;
}

static char *
find_syspath_by_search (guint bus, guint number)
{
  g_autoptr (GDir) dir = g_dir_open (SYSFS_DEVICES, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *syspath = NULL;

      if (!is_device_name (name))
        continue;
      syspath = g_build_filename (SYSFS_DEVICES, name, NULL);
      if (read_number (syspath, "devnum") == number && read_number (syspath, "busnum") == bus)
        return g_steal_pointer (&syspath);
    }
  return NULL;
}

/* whether the computer shows us /sys/bus/usb at all */
static gboolean
has_sysfs (void)
{
  g_autoptr (GDir) dir = g_dir_open (SYSFS_DEVICES, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) != NULL;
}

/* A node without write permission can still be read. */
static GBytes *
read_node (const char *node)
{
  g_autofree guint8 *data = NULL;
  gssize             n;
  int                fd;

  if (access (node, R_OK) != 0)
    return NULL;
  fd = open (node, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return NULL;
  data = g_malloc (DESCRIPTORS_MAX);
  do
    n = read (fd, data, DESCRIPTORS_MAX);
  while (n < 0 && errno == EINTR);
  close (fd);
  return n >= DEVICE_SIZE ? g_bytes_new (data, (gsize) n) : NULL;
}

static GBytes *
read_descriptors (const char *syspath)
{
  g_autofree char *path = g_build_filename (syspath, "descriptors", NULL);
  char            *data;
  gsize            size;

  if (!g_file_get_contents (path, &data, &size, NULL))
    return NULL;
  if (size < DEVICE_SIZE)
    {
      g_free (data);
      return NULL;
    }
  return g_bytes_new_take (data, MIN (size, DESCRIPTORS_MAX));
}

char *
ub_usb_place_dup_node (guint bus, guint number)
{
  return g_strdup_printf ("/dev/bus/usb/%03u/%03u", bus, number);
}

/**
 * ub_usb_place_new:
 *
 * Finds out what is at a bus number. sysfs knows the port and does not wake the thing up; the node
 * itself serves where there is no sysfs. The kernel makes sysfs first, then the node.
 */
UbUsbPlace *
ub_usb_place_new (guint bus, guint number, gboolean patient)
{
  g_autofree char *node = ub_usb_place_dup_node (bus, number);
  g_autofree char *by_node = find_syspath_by_node (bus, number);
  g_autofree char *syspath =
      by_node != NULL ? g_steal_pointer (&by_node) : find_syspath_by_search (bus, number);
  g_autoptr (GBytes) descriptors = syspath != NULL ? read_descriptors (syspath) : NULL;
  const guint8 *d;
  gsize         size;
  UbUsbPlace   *self;

  if (descriptors == NULL && (!patient || !has_sysfs ()))
    descriptors = read_node (node);
  if (descriptors == NULL)
    return NULL;
  d = g_bytes_get_data (descriptors, &size);
  self = g_new0 (UbUsbPlace, 1);
  self->bus = bus;
  self->number = number;
  self->node = g_steal_pointer (&node);
  self->port =
      syspath != NULL ? g_path_get_basename (syspath) : g_strdup_printf ("%03u-%03u", bus, number);
  self->syspath = g_steal_pointer (&syspath);
  self->kind = ub_usb_ids_identify (d, size, NULL, &self->traits);
  self->vendor = (guint16) (d[8] | d[9] << 8);
  self->product = (guint16) (d[10] | d[11] << 8);
  self->descriptors = g_steal_pointer (&descriptors);
  return self;
}

/* The names of interfaces; how many interfaces there are is told in @n. */
static GStrv
read_interfaces (const UbUsbPlace *self, guint *n)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GDir) dir = g_dir_open (self->syspath, 0, NULL);
  g_autofree char *prefix = g_strconcat (self->port, ":", NULL);
  const char      *entry;

  *n = 0;
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = NULL;
      g_autofree char *text = NULL;

      if (!g_str_has_prefix (entry, prefix))
        continue;
      path = g_build_filename (self->syspath, entry, NULL);
      text = read_text (path, "interface");
      if (text != NULL)
        g_strv_builder_add (builder, text);
      (*n)++;
    }
  return g_strv_builder_end (builder);
}

/**
 * ub_usb_place_read_strings:
 *
 * The kernel has asked for the strings of the device when its node comes, and for those of its
 * interfaces a moment later.
 */
gboolean
ub_usb_place_read_strings (UbUsbPlace *self)
{
  gsize            size;
  const guint8    *d = g_bytes_get_data (self->descriptors, &size);
  g_autofree char *manufacturer = NULL;
  g_auto (GStrv) interfaces = NULL;
  UbUsbStrings strings;
  guint        n;

  /* the kernel keeps a hub's strings locked while it talks to what is at one of its ports: a minute and more, if that is broken */
  if (self->syspath == NULL || d[4] == USB_CLASS_HUB)
    return TRUE;
  g_free (self->name);
  self->name = read_text (self->syspath, "product");
  if (ub_usb_ids_is_listed (d, size))
    return TRUE;
  manufacturer = read_text (self->syspath, "manufacturer");
  interfaces = read_interfaces (self, &n);
  strings = (UbUsbStrings){ manufacturer, self->name, (const char *const *) interfaces };
  self->kind = ub_usb_ids_identify (d, size, &strings, &self->traits);
  return ub_usb_ids_is_ours (self->kind) || size < DEVICE_SIZE + 5 || n >= d[DEVICE_SIZE + 4];
}

UbUsbPlace *
ub_usb_place_copy (const UbUsbPlace *self)
{
  UbUsbPlace *copy = g_memdup2 (self, sizeof *self);

  copy->node = g_strdup (self->node);
  copy->syspath = g_strdup (self->syspath);
  copy->port = g_strdup (self->port);
  copy->name = g_strdup (self->name);
  copy->descriptors = g_bytes_ref (self->descriptors);
  return copy;
}

void
ub_usb_place_free (UbUsbPlace *self)
{
  g_free (self->node);
  g_free (self->syspath);
  g_free (self->port);
  g_free (self->name);
  g_bytes_unref (self->descriptors);
  g_free (self);
}
