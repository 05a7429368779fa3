/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/vusb-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define USBFS_MEMORY (16 * 1024 * 1024) /* the kernel's usbfs_memory_mb */
#define GONE_KEPT 8
#define PORT_BIT(port) (G_GUINT64_CONSTANT (1) << (port))
#define UMOCKDEV_PRELOAD "libumockdev-preload.so.0"
#define SYS_BUS VUSB_ROOT_HUB

/* ---- poll() on the node ------------------------------------------------ */

/* A pty's slave is writable unless its output is stopped (TCOOFF), and hung up
 * for good (POLLERR|POLLHUP) when the master is closed; just what usbfs shows
 * for "a URB can be reaped" and "disconnected".  A one-page FIFO is writable
 * when it is empty. */
static void
device_open_node (VusbDevice *dev)
{
  g_autofree char *path = g_build_filename (dev->bus->root, dev->node, NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  dev->path = g_strdup (path);
  dev->master = dev->slave = dev->fifo = -1;
  if (g_mkdir_with_parents (dir, 0755) != 0)
    g_error ("mkdir %s: %s", dir, g_strerror (errno));

  switch (dev->kind)
    {
    case VUSB_NODE_PTY:
      {
        struct termios tio;

        dev->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (dev->master < 0 || grantpt (dev->master) != 0 || unlockpt (dev->master) != 0)
          g_error ("cannot make a pty: %s", g_strerror (errno));
        dev->slave = open (ptsname (dev->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (dev->slave < 0)
          g_error ("cannot open pty: %s", g_strerror (errno));
        tcgetattr (dev->slave, &tio);
        cfmakeraw (&tio);
        tio.c_cflag |= CLOCAL;
        tcsetattr (dev->slave, TCSANOW, &tio);
        tcflow (dev->slave, TCOOFF);
        if (symlink (ptsname (dev->master), path) != 0)
          g_error ("symlink %s: %s", path, g_strerror (errno));
        break;
      }

    case VUSB_NODE_FIFO:
      if (mkfifo (path, 0644) != 0)
        g_error ("mkfifo %s: %s", path, g_strerror (errno));
      dev->fifo = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
      if (dev->fifo < 0 || fcntl (dev->fifo, F_SETPIPE_SZ, 4096) < 0 ||
          write (dev->fifo, "", 1) != 1)
        g_error ("cannot set up FIFO: %s", g_strerror (errno));
      break;

    case VUSB_NODE_REGULAR:
      g_file_set_contents (path, "", 0, NULL);
      break;
    }
}

/* ---- umockdev ---------------------------------------------------------- */

/* sysfs's link to the driver; it is not kept up to date by what libusb detaches */
static void
device_link_driver (VusbDevice *dev, guint interface, const char *driver)
{
  g_autofree char *path = g_strdup_printf ("%s%s/1-%s:1.%u/driver",
                                           dev->bus->root,
                                           dev->syspath,
                                           strrchr (dev->syspath, '-') + 1,
                                           interface);
  g_autofree char *target = g_strconcat ("../../../../../../bus/usb/drivers/", driver, NULL);

  g_unlink (path);
  if (driver != NULL && symlink (target, path) != 0)
    g_warning ("symlink %s: %s", path, g_strerror (errno));
}

static void
device_unref_locked (VusbDevice *dev)
{
  gboolean last = --dev->n_users == 0;

  g_mutex_unlock (&dev->lock);
  if (!last)
    return;
  for (guint i = 0; i < VUSB_N_EP; i++)
    {
      g_queue_clear_full (&dev->pending[i], (GDestroyNotify) vusb_usbfs_urb_free);
      g_queue_clear_full (&dev->in[i], (GDestroyNotify) vusb_usbfs_transfer_free);
    }
  for (guint i = 0; i < G_N_ELEMENTS (dev->driver); i++)
    g_free (dev->driver[i]);
  if (dev->slave >= 0)
    close (dev->slave);
  if (dev->fifo >= 0)
    close (dev->fifo);
  g_signal_handlers_disconnect_by_data (dev->handler, dev);
  g_object_unref (dev->handler);
  g_mutex_clear (&dev->lock);
  g_free (dev->node);
  g_free (dev->path);
  g_free (dev->syspath);
  g_free (dev);
}

/* umockdev ends a client that finds nobody at the other end of its ioctl, or of a connection that it has just made: so those that went last
 * go on saying ENODEV, as the kernel does, and those that are still open */
static void
forget_gone (VusbBus *bus, guint n_kept)
{
  for (GList *l = bus->gone.head, *next; l != NULL && bus->gone.length > n_kept; l = next)
    {
      VusbDevice *dev = l->data;
      gboolean    is_open;

      next = l->next;
      g_mutex_lock (&dev->lock);
      is_open = dev->n_users > 1;
      g_mutex_unlock (&dev->lock);
      if (is_open && n_kept > 0)
        continue;
      g_queue_delete_link (&bus->gone, l);
      umockdev_testbed_detach_ioctl (bus->testbed, dev->node, NULL);
      g_mutex_lock (&dev->lock);
      device_unref_locked (dev);
    }
}

static int
client_ioctl (UMockdevIoctlClient *client)
{
  VusbFile *file = g_object_get_data (G_OBJECT (client), "vusb-file");

  return vusb_usbfs_ioctl (file->dev,
                           file,
                           (guint32) umockdev_ioctl_client_get_request (client),
                           umockdev_ioctl_client_get_arg (client));
}

static gboolean
on_claim_again (gpointer data)
{
  UMockdevIoctlClient *client = data;
  VusbDevice          *dev = ((VusbFile *) g_object_get_data (G_OBJECT (client), "vusb-file"))->dev;
  int                  r;

  g_mutex_lock (&dev->lock);
  r = client_ioctl (client);
  umockdev_ioctl_client_complete (client, r < 0 ? -1 : r, r < 0 ? -r : 0);
  g_mutex_unlock (&dev->lock);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ioctl (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  guint32 request = (guint32) umockdev_ioctl_client_get_request (client);
  int     r;

  g_mutex_lock (&dev->lock);
  r = client_ioctl (client);
  if (r == -EBUSY && (request == (guint32) USBDEVFS_CLAIMINTERFACE ||
                      request == (guint32) USBDEVFS_DISCONNECT_CLAIM))
    {
      /* In the kernel close() releases what the file has claimed.  Here the
       * news of a close comes later than the next ioctl may: give it time. */
      g_autoptr (GSource) source = g_timeout_source_new (20);

      g_source_set_callback (source, on_claim_again, g_object_ref (client), g_object_unref);
      g_source_attach (source, g_main_context_get_thread_default ());
    }
  else
    umockdev_ioctl_client_complete (client, r < 0 ? -1 : r, r < 0 ? -r : 0);
  g_mutex_unlock (&dev->lock);
  return TRUE;
}

/* What a usbfs file reads as.  Every read starts at the beginning: enough for those who seek there
 * first. */
static gboolean
on_read (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg (client);
  gint               n = MIN (arg->data_len, (gint) dev->model->n_descriptors);

  umockdev_ioctl_data_update (arg, 0, (guint8 *) dev->model->descriptors, n);
  umockdev_ioctl_client_complete (client, n, 0);
  return TRUE;
}

/* The client has closed the file.  UMockdevIoctlClient:connected would say so,
 * but is never notified (GIOStream does not notify "closed"), nor is
 * client-vanished emitted; that the client object ends is what can be had. */
static void
file_closed (gpointer data)
{
  VusbFile   *file = data;
  VusbDevice *dev = file->dev;
  gint        n;

  g_mutex_lock (&dev->lock);
  vusb_usbfs_drain (dev, file, -ENOENT);
  dev->claimed &= ~file->claimed;
  n = g_queue_get_length (&file->completed);
  g_queue_clear_full (&file->completed, (GDestroyNotify) vusb_usbfs_urb_free);
  dev->n_completed -= n;
  if (n > 0 && dev->n_completed == 0 && !dev->gone)
    vusb_usbfs_set_ready (dev, FALSE);
  g_free (file);
  g_atomic_int_add (&dev->bus->n_files, -1);
  device_unref_locked (dev);
}

static void
on_connected (UMockdevIoctlBase *base, UMockdevIoctlClient *client, VusbDevice *dev)
{
  VusbFile *file = g_new0 (VusbFile, 1);

  file->dev = dev;
  g_atomic_int_inc (&dev->bus->n_files);
  g_object_set_data_full (G_OBJECT (client), "vusb-file", file, file_closed);
  g_mutex_lock (&dev->lock);
  dev->n_users++;
  dev->stats.opens++;
  if (dev->model->opened)
    dev->model->opened (dev, dev->user_data);
  g_mutex_unlock (&dev->lock);
}

static char *
hex (const guint8 *data, gsize len)
{
  GString *s = g_string_sized_new (2 * len);

  for (gsize i = 0; i < len; i++)
    g_string_append_printf (s, "%02X", data[i]);
  return g_string_free (s, FALSE);
}

static void
testbed_add (VusbBus *bus, const char *description)
{
  g_autoptr (GError) error = NULL;

  if (!umockdev_testbed_add_from_string (bus->testbed, description, &error))
    g_error ("umockdev: %s", error->message);
}

static const guint8 root_hub_descriptors[] = {
  18, 1, 0x00, 0x02, 9, 0, 1, 64, 0x6b, 0x1d, 0x02, 0x00, 0x01, 0x06, 0, 0, 0,    1, 9, 2, 25, 0,
  1,  1, 0,    0xe0, 0, 9, 4, 0,  0,    1,    9,    0,    0,    0,    7, 5, 0x81, 3, 4, 0, 12,
};

/* A sanitizer's runtime must stay first; ours comes before umockdev's, which it calls. */
void
vusb_exec_again (const char *preload, char **argv)
{
  const char      *present = g_getenv ("LD_PRELOAD");
  g_autofree char *value = NULL;
  g_autofree char *own = g_strdup_printf ("/proc/%d/", (int) getpid ());

  if (present != NULL && strstr (present, UMOCKDEV_PRELOAD) != NULL)
    return;
  value = g_strdup_printf ("%s%s%s:%s",
                           present != NULL ? present : "",
                           present != NULL && *present != '\0' ? ":" : "",
                           preload,
                           UMOCKDEV_PRELOAD);
  g_setenv ("LD_PRELOAD", value, TRUE);
  g_setenv ("UB_LAB", own, TRUE);
  /* the preload library sleeps for nothing after each ioctl, which takes the timer's slack of 50 us
   */
  prctl (PR_SET_TIMERSLACK, 1UL);
  execv ("/proc/self/exe", argv);
  g_error ("cannot run again: %s", g_strerror (errno));
}

VusbBus *
vusb_bus_new (void)
{
  VusbBus         *bus;
  g_autofree char *descriptors = hex (root_hub_descriptors, sizeof root_hub_descriptors);
  g_autofree char *description =
      g_strdup_printf ("P: " SYS_BUS "\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: "
                       "DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/001\n"
                       "E: BUSNUM=001\nE: DEVNUM=001\nE: MAJOR=189\nE: MINOR=0\nE: "
                       "PRODUCT=1d6b/2/601\nA: busnum=1\\n\nA: devnum=1\\n\n"
                       "A: dev=189:0\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: "
                       "speed=480\\n\nA: bConfigurationValue=1\\n\n"
                       "H: descriptors=%s\n",
                       descriptors);

  /* A session leader without a terminal (a test under "meson test") that opens
   * a pty node makes it its controlling terminal; the hang-up then comes as
   * SIGHUP.  Inherited by the programs under test. */
  signal (SIGHUP, SIG_IGN);
  bus = g_new0 (VusbBus, 1);
  g_queue_init (&bus->gone);
  bus->testbed = umockdev_testbed_new ();
  /* It looks at /sys once and remembers, so it may be asked only when there is a testbed. */
  if (!umockdev_in_mock_environment ())
    g_error ("vusb: this process must run under umockdev-wrapper");
  bus->root = umockdev_testbed_get_root_dir (bus->testbed);
  bus->last_devnum = 1;
  bus->memory = USBFS_MEMORY;
  testbed_add (bus, description);
  vusb_ports_add (bus);
  vusb_log_open (bus);
  return bus;
}

void
vusb_bus_free (VusbBus *bus)
{
  /* umockdev complains when it ends before it has seen its clients end. */
  for (guint i = 0; i < 1000 && g_atomic_int_get (&bus->n_files) > 0; i++)
    g_usleep (1000);
  vusb_log_close (bus);
  forget_gone (bus, 0);
  g_object_unref (bus->testbed);
  g_free (bus->root);
  g_free (bus);
}

const char *
vusb_bus_get_root_dir (VusbBus *bus)
{
  return bus->root;
}

/* interfaces and endpoints, from the descriptors */
static void
read_descriptors (VusbDevice *dev)
{
  const guint8 *d = dev->model->descriptors;
  gint8         interface = -1;

  for (gsize i = d[0]; i + 1 < dev->model->n_descriptors && d[i] >= 2; i += d[i])
    {
      if (d[i + 1] == USB_DT_INTERFACE)
        {
          interface = d[i + 2];
          dev->n_interfaces = MAX (dev->n_interfaces, (guint) interface + 1);
        }
      else if (d[i + 1] == USB_DT_ENDPOINT)
        {
          guint e = vusb_ep_index (d[i + 2]);

          dev->max_packet[e] = d[i + 4] | d[i + 5] << 8;
          dev->interface_of[e] = interface;
        }
    }
  for (guint i = 0; i < dev->n_interfaces; i++)
    dev->driver[i] = g_strdup (dev->model->kernel_driver);
}

static void
mark_denied (VusbDevice *dev)
{
  g_autofree char *mark = g_strconcat (dev->bus->root, dev->node, ".denied", NULL);
  g_autofree char *dir = g_path_get_dirname (mark);

  g_mkdir_with_parents (dir, 0755);
  g_file_set_contents (mark, "", 0, NULL);
}

/* node and handler come before the uevent: a client may open the node as soon as it has that */
static void
attach_node (VusbDevice *dev)
{
  g_autoptr (GError) error = NULL;

  device_open_node (dev);
  dev->handler = umockdev_ioctl_base_new ();
  g_signal_connect (dev->handler, "handle-ioctl", G_CALLBACK (on_ioctl), dev);
  g_signal_connect (dev->handler, "handle-read", G_CALLBACK (on_read), dev);
  g_signal_connect (dev->handler, "client-connected", G_CALLBACK (on_connected), dev);
  if (!umockdev_testbed_attach_ioctl (dev->bus->testbed, dev->node, dev->handler, &error))
    g_error ("umockdev: %s", error->message);
}

static void
append_attribute (GString *s, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (s, "A: %s=%s\\n\n", name, value);
}

/* sysfs and the uevent of the phone itself */
static void
announce_device (VusbDevice *dev)
{
  const guint8    *d = dev->model->descriptors;
  guint            vid = d[8] | d[9] << 8, pid = d[10] | d[11] << 8, bcd = d[12] | d[13] << 8;
  g_autofree char *descriptors = hex (d, dev->model->n_descriptors);
  g_autoptr (GString) s = g_string_new (NULL);

  g_string_append_printf (s,
                          "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=%s\nE: "
                          "BUSNUM=001\nE: DEVNUM=%03u\n"
                          "E: MAJOR=189\nE: MINOR=%u\nE: PRODUCT=%x/%x/%x\nE: TYPE=%d/%d/%d\nE: "
                          "ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\n",
                          dev->syspath + strlen ("/sys"),
                          dev->node,
                          dev->number,
                          dev->number - 1,
                          vid,
                          pid,
                          bcd,
                          d[4],
                          d[5],
                          d[6],
                          vid,
                          pid);
  g_string_append_printf (s,
                          "A: busnum=1\\n\nA: devnum=%u\\n\nA: dev=189:%u\nA: idVendor=%04x\\n\nA: "
                          "idProduct=%04x\\n\nA: speed=%d\\n\n"
                          "A: bConfigurationValue=1\\n\nA: bNumInterfaces=%2u\\n\n",
                          dev->number,
                          dev->number - 1,
                          vid,
                          pid,
                          dev->model->full_speed ? 12 : 480,
                          dev->n_interfaces);
  append_attribute (s, "manufacturer", dev->model->manufacturer);
  append_attribute (s, "product", dev->model->product);
  append_attribute (s, "serial", dev->model->serial);
  g_string_append_printf (s, "H: descriptors=%s\n", descriptors);
  testbed_add (dev->bus, s->str);
}

static void
announce_interface (VusbDevice *dev, guint port, guint i)
{
  const guint8    *d = dev->model->descriptors;
  g_autofree char *intf = g_strdup_printf ("P: %s/1-%u:1.%u\nE: SUBSYSTEM=usb\nE: "
                                           "DEVTYPE=usb_interface\nE: "
                                           "PRODUCT=%x/%x/%x\nA: bInterfaceNumber=%02x\\n\n",
                                           dev->syspath + strlen ("/sys"),
                                           port,
                                           i,
                                           d[8] | d[9] << 8,
                                           d[10] | d[11] << 8,
                                           d[12] | d[13] << 8,
                                           i);

  testbed_add (dev->bus, intf);
  device_link_driver (dev, i, (dev->claimed & 1u << i) ? "usbfs" : dev->model->kernel_driver);
}

void
vusb_bus_hold_port (VusbBus *bus, guint port, gboolean held)
{
  bus->held = held ? bus->held | PORT_BIT (port) : bus->held & ~PORT_BIT (port);
}

/* by another program, before anybody else sees it */
static void
claim_all (VusbDevice *dev)
{
  dev->claimed = (1u << dev->n_interfaces) - 1;
  for (guint i = 0; i < dev->n_interfaces; i++)
    vusb_usbfs_detach (dev, i);
}

VusbDevice *
vusb_device_plug (VusbBus         *bus,
                  guint            port,
                  VusbNodeKind     kind,
                  const VusbModel *model,
                  gboolean         denied,
                  gpointer         user_data)
{
  VusbDevice *dev = g_new0 (VusbDevice, 1);

  g_mutex_init (&dev->lock);
  dev->bus = bus;
  dev->model = model;
  dev->user_data = user_data;
  dev->kind = kind;
  dev->n_users = 1;
  dev->number = ++bus->last_devnum;
  dev->node = g_strdup_printf ("/dev/bus/usb/001/%03u", dev->number);
  dev->syspath = g_strdup_printf ("/sys" SYS_BUS "/1-%u", port);
  read_descriptors (dev);
  if ((bus->held & PORT_BIT (port)) != 0)
    claim_all (dev);
  if (denied)
    mark_denied (dev);
  vusb_bus_set_port_state (bus, port, "configured");
  attach_node (dev);
  announce_device (dev);
  for (guint i = 0; i < dev->n_interfaces; i++)
    announce_interface (dev, port, i);
  return dev;
}

void
vusb_device_unplug (VusbDevice *dev, int urb_status)
{
  VusbBus    *bus = dev->bus;
  const char *port = strrchr (dev->syspath, '-') + 1;

  /* 1. usbfs: URBs end, the file is dead. */
  g_mutex_lock (&dev->lock);
  vusb_usbfs_drain (dev, NULL, urb_status);
  dev->gone = TRUE;
  vusb_usbfs_set_ready (dev, TRUE);
  g_unlink (dev->path); /* before the hang-up, after which it would point nowhere */
  if (dev->master >= 0)
    close (dev->master); /* hang-up: POLLERR | POLLHUP */
  g_mutex_unlock (&dev->lock);

  /* 2. devtmpfs was first, as in the kernel; sysfs and udev.  umockdev sends no "remove" of its own before 0.18.4. */
  for (guint i = dev->n_interfaces; i-- > 0;)
    {
      g_autofree char *intf = g_strdup_printf ("%s/1-%s:1.%u", dev->syspath, port, i);

#ifndef UMOCKDEV_SENDS_REMOVE
      umockdev_testbed_uevent (bus->testbed, intf, "remove");
#endif
      device_link_driver (dev, i, NULL);
      umockdev_testbed_remove_device (bus->testbed, intf);
    }
#ifndef UMOCKDEV_SENDS_REMOVE
  umockdev_testbed_uevent (bus->testbed, dev->syspath, "remove");
#endif
  umockdev_testbed_remove_device (bus->testbed, dev->syspath);
  {
    g_autofree char *mark = g_strconcat (dev->path, ".denied", NULL);

    g_unlink (mark);
  }
  vusb_bus_set_port_state (bus, (guint) atoi (port), "not attached");
  g_queue_push_tail (&bus->gone, dev);
  forget_gone (bus, GONE_KEPT);
}

void
vusb_device_deny (VusbDevice *dev, gboolean denied)
{
  g_autofree char *mark = g_strconcat (dev->path, ".denied", NULL);

  if (denied)
    g_file_set_contents (mark, "", 0, NULL);
  else
    g_unlink (mark);
  /* IN_ATTRIB for the node itself, as udev's chmod gives */
  utimensat (AT_FDCWD, dev->path, NULL, AT_SYMLINK_NOFOLLOW);
}

void
vusb_device_hold (VusbDevice *dev, gboolean held)
{
  guint32 all = (1u << dev->n_interfaces) - 1;

  g_mutex_lock (&dev->lock);
  for (guint i = 0; i < dev->n_interfaces && held; i++)
    {
      vusb_usbfs_detach (dev, i);
      device_link_driver (dev, i, "usbfs");
    }
  dev->claimed = held ? dev->claimed | all : dev->claimed & ~all;
  g_mutex_unlock (&dev->lock);
}

void
vusb_bus_mute (VusbBus *bus)
{
  g_autoptr (GDir) dir = g_dir_open (bus->root, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "event"))
      {
        g_autofree char *path = g_build_filename (bus->root, name, NULL);

        g_unlink (path);
      }
}

void
vusb_bus_set_memory (VusbBus *bus, gsize bytes)
{
  bus->memory = bytes;
}

guint
vusb_bus_count_files (VusbBus *bus)
{
  return (guint) g_atomic_int_get (&bus->n_files);
}

const char *
vusb_device_get_node (VusbDevice *dev)
{
  return dev->node;
}

void
vusb_device_get_stats (VusbDevice *dev, VusbStats *out)
{
  g_mutex_lock (&dev->lock);
  *out = dev->stats;
  g_mutex_unlock (&dev->lock);
}

void
vusb_device_queue (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp)
{
  VusbTransfer *t = g_new0 (VusbTransfer, 1);

  t->bytes = g_bytes_new (data, len);
  t->zlp = zlp;
  g_queue_push_tail (&dev->in[vusb_ep_index (ep)], t);
}

void
vusb_device_send (VusbDevice *dev, guint8 ep, gconstpointer data, gsize len, gboolean zlp)
{
  vusb_device_queue (dev, ep, data, len, zlp);
  vusb_usbfs_run_in (dev, vusb_ep_index (ep));
}

void
vusb_device_send_queued (VusbDevice *dev, guint8 ep)
{
  vusb_usbfs_run_in (dev, vusb_ep_index (ep));
}

void
vusb_device_fail (VusbDevice *dev, guint8 ep, int status)
{
  VusbUrb *urb = g_queue_pop_head (&dev->pending[vusb_ep_index (ep)]);

  if (urb != NULL)
    vusb_usbfs_complete (dev, urb, status, urb->filled);
}

void
vusb_device_halt (VusbDevice *dev, guint8 ep, gboolean halted)
{
  dev->halted[vusb_ep_index (ep)] = halted;
  if (halted)
    vusb_usbfs_run_in (dev, vusb_ep_index (ep));
}

void
vusb_device_kick (VusbDevice *dev)
{
  g_mutex_lock (&dev->lock);
  for (guint i = 0; i < 16 && !dev->gone; i++)
    {
      vusb_usbfs_run_out (dev, i);
      vusb_usbfs_run_in (dev, i + 16);
    }
  g_mutex_unlock (&dev->lock);
}

void
vusb_device_lock (VusbDevice *dev)
{
  g_mutex_lock (&dev->lock);
}

void
vusb_device_unlock (VusbDevice *dev)
{
  g_mutex_unlock (&dev->lock);
}
