/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ub-stamp: when a node under /dev/bus/usb came, was given to somebody (its mode or list of users changed) and was opened, on the
 * wall's clock, which usbmon goes by, too. In the emulated computer, so without any library.
 *
 *   1795260000.123456 create 2 5        bus, number */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/dev/bus/usb"
#define N_BUSES 32

typedef struct
{
  int inotify;
  int watches[N_BUSES]; /* by the bus's number */
} Stamp;

static void
watch_buses (Stamp *self)
{
  DIR           *dir = opendir (FOLDER);
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    {
      long bus = strtol (entry->d_name, NULL, 10);
      char path[300];

      if (bus < 1 || bus >= N_BUSES)
        continue;
      snprintf (path, sizeof path, FOLDER "/%s", entry->d_name);
      self->watches[bus] =
          inotify_add_watch (self->inotify, path, IN_CREATE | IN_ATTRIB | IN_OPEN | IN_DELETE);
    }
  if (dir != NULL)
    closedir (dir);
}

static const char *
get_name (unsigned mask)
{
  if (mask & IN_CREATE)
    return "create";
  if (mask & IN_ATTRIB)
    return "attrib";
  return mask & IN_OPEN ? "open" : "delete";
}

static void
print_event (const Stamp *self, const struct inotify_event *event)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  for (int bus = 1; bus < N_BUSES && event->len > 0; bus++)
    if (self->watches[bus] == event->wd)
      printf ("%lld.%06ld %s %d %ld\n",
              (long long) now.tv_sec,
              now.tv_nsec / 1000,
              get_name (event->mask),
              bus,
              strtol (event->name, NULL, 10));
  fflush (stdout);
}

int
main (void)
{
  _Alignas(struct inotify_event) char buffer[4096];
  Stamp                               self = { .inotify = inotify_init1 (IN_CLOEXEC) };
  ssize_t                             n;

  memset (self.watches, -1, sizeof self.watches);
  watch_buses (&self);
  while ((n = read (self.inotify, buffer, sizeof buffer)) > 0)
    for (char *at = buffer; at < buffer + n;)
      {
        const struct inotify_event *event = (const struct inotify_event *) at;

        print_event (&self, event);
        at += sizeof *event + event->len;
      }
  return 1;
}
