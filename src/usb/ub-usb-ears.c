/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-ears.h"

#include <errno.h>
#include <libudev.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define USB_MAJOR 189
#define NODES_PER_BUS 128

struct _UbUsbEars
{
  int                  wake;    /* eventfd */
  int                  inotify; /* -1: the computer has too many; the look every second must do */
  struct udev         *udev;
  struct udev_monitor *monitor; /* (nullable) */
};

/* udev says "add" when its rules have run, so when permission is there. It may be silent for ever.
 */
static struct udev_monitor *
open_monitor (struct udev *udev)
{
  struct udev_monitor *monitor = udev != NULL ? udev_monitor_new_from_netlink (udev, "udev") : NULL;

  if (monitor != NULL &&
      (udev_monitor_filter_add_match_subsystem_devtype (monitor, "usb", "usb_device") < 0 ||
       udev_monitor_enable_receiving (monitor) < 0))
    {
      udev_monitor_unref (monitor);
      return NULL;
    }
  return monitor;
}

UbUsbEars *
ub_usb_ears_new (void)
{
  UbUsbEars *self = g_new0 (UbUsbEars, 1);

  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  self->udev = udev_new ();
  self->monitor = open_monitor (self->udev);
  return self;
}

void
ub_usb_ears_free (UbUsbEars *self)
{
  if (self->monitor != NULL)
    udev_monitor_unref (self->monitor);
  if (self->udev != NULL)
    udev_unref (self->udev);
  if (self->inotify >= 0)
    close (self->inotify);
  if (self->wake >= 0)
    close (self->wake);
  g_free (self);
}

void
ub_usb_ears_wake (UbUsbEars *self)
{
  guint64 one = 1;

  if (write (self->wake, &one, sizeof one) != sizeof one)
    g_warning ("cannot wake the USB watcher: %s", g_strerror (errno));
}

void
ub_usb_ears_add_folder (UbUsbEars *self, const char *path)
{
  if (self->inotify >= 0)
    inotify_add_watch (self->inotify,
                       path,
                       IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM |
                           IN_ONLYDIR);
}

static void
take_device (struct udev_device *device, UbUsbEarsFunc func, gpointer user_data)
{
  dev_t id = udev_device_get_devnum (device);

  if (major (id) == USB_MAJOR && g_strcmp0 (udev_device_get_action (device), "remove") != 0)
    func (UB_USB_EARS_SETTLED,
          minor (id) / NODES_PER_BUS + 1,
          minor (id) % NODES_PER_BUS + 1,
          user_data);
}

static void
hear_udev (UbUsbEars *self, UbUsbEarsFunc func, gpointer user_data)
{
  struct udev_device *device;

  while ((device = udev_monitor_receive_device (self->monitor)) != NULL)
    {
      take_device (device, func, user_data);
      udev_device_unref (device);
    }
}

/* What there was, and that some of it was lost (IN_Q_OVERFLOW), is all the same: one looks anew. */
static void
hear_inotify (UbUsbEars *self, UbUsbEarsFunc func, gpointer user_data)
{
  _Alignas(struct inotify_event) char buffer[4096];
  gssize                              n;

  while ((n = read (self->inotify, buffer, sizeof buffer)) > 0)
    for (gssize i = 0; i < n;)
      {
        const struct inotify_event *event = (const void *) (buffer + i);
        guint64                     number;

        if ((event->mask & IN_ATTRIB) != 0 && event->len > 0 &&
            g_ascii_string_to_unsigned (event->name, 10, 1, NODES_PER_BUS, &number, NULL))
          func (UB_USB_EARS_CHANGED, 0, (guint) number, user_data);
        i += (gssize) (sizeof *event + event->len);
      }
}

gboolean
ub_usb_ears_wait (UbUsbEars    *self,
                  int           more_fd,
                  short        *more_events,
                  int           timeout_ms,
                  UbUsbEarsFunc func,
                  gpointer      user_data)
{
  guint64       count;
  struct pollfd fds[] = {
    { .fd = self->wake, .events = POLLIN },
    { .fd = self->inotify, .events = POLLIN },
    { .fd = self->monitor != NULL ? udev_monitor_get_fd (self->monitor) : -1, .events = POLLIN },
    { .fd = more_fd, .events = POLLIN },
  };
  int n = poll (fds, G_N_ELEMENTS (fds), timeout_ms);

  *more_events = n > 0 ? fds[3].revents : 0;
  if (n > 0 && fds[0].revents != 0 && read (self->wake, &count, sizeof count) < 0)
    return TRUE;
  if (n > 0 && fds[1].revents != 0)
    hear_inotify (self, func, user_data);
  if (n > 0 && fds[2].revents != 0)
    hear_udev (self, func, user_data);
  return n != 0;
}
