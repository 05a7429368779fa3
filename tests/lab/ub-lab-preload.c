/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node of umockdev's cannot do by itself: be sought to its beginning as usbfs can (it is a
 * pty), be closed to root, and be known for itself in /proc. A kernel's log of the bus's own. And what umockdev does not survive: a listener that ends while it is
 * told of a device. Loaded before umockdev's preload library, which does the rest. */
#include "config.h"

/* open() and open64() are two functions here */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NODES "/dev/bus/usb/"
#define LOG "/dev/kmsg"
#define NODES_MAX 127 /* of a bus */
#define SLOW_MS 100

int     access (const char *path, int mode);
off_t   lseek (int fd, off_t offset, int whence);
int     open (const char *path, int flags, ...);
int     open64 (const char *path, int flags, ...);
int     __open_2 (const char *path, int flags);
int     __open64_2 (const char *path, int flags);
int     connect (int fd, __CONST_SOCKADDR_ARG address, socklen_t size);
ssize_t sendmsg (int fd, const struct msghdr *message, int flags);

/* The next library's function of that name. */
#define NEXT(name) ((__typeof__ (&(name))) dlsym (RTLD_NEXT, #name))

static int
is_denied (const char *path)
{
  const char *root = getenv ("UMOCKDEV_DIR");
  char        mark[4096];
  struct stat info;
  int         before = errno, n;

  if (root == NULL || strncmp (path, NODES, strlen (NODES)) != 0)
    return 0;
  n = snprintf (mark, sizeof mark, "%s%s.denied", root, path);
  if (n < 0 || (size_t) n >= sizeof mark || stat (mark, &info) != 0)
    {
      errno = before;
      return 0;
    }
  errno = EACCES;
  return 1;
}

/* Each record of it is one read(), so it is a socket of vusb-port.c's. Where there is none the log is
 * closed, as to most people. */
static int
open_log (int flags)
{
  struct sockaddr_un place = { .sun_family = AF_UNIX };
  int                fd;

  snprintf (place.sun_path, sizeof place.sun_path, "%s/kmsg", getenv ("UMOCKDEV_DIR"));
  fd = socket (AF_UNIX,
               SOCK_SEQPACKET | ((flags & O_CLOEXEC) != 0 ? SOCK_CLOEXEC : 0) |
                   ((flags & O_NONBLOCK) != 0 ? SOCK_NONBLOCK : 0),
               0);
  if (fd >= 0 && NEXT (connect) (fd, (const struct sockaddr *) &place, sizeof place) != 0)
    {
      close (fd);
      fd = -1;
      errno = EPERM;
    }
  return fd;
}

static int
is_log (const char *path)
{
  return getenv ("UMOCKDEV_DIR") != NULL && strcmp (path, LOG) == 0;
}

static mode_t
take_mode (int flags, va_list arguments)
{
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg (arguments, mode_t)
                                                                    : 0;
}

int
access (const char *path, int mode)
{
  return (mode & (R_OK | W_OK)) != 0 && is_denied (path) ? -1 : NEXT (access) (path, mode);
}

int
open (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t  mode;

  va_start (arguments, flags);
  mode = take_mode (flags, arguments);
  va_end (arguments);
  if (is_log (path))
    return open_log (flags);
  return is_denied (path) ? -1 : NEXT (open) (path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t  mode;

  va_start (arguments, flags);
  mode = take_mode (flags, arguments);
  va_end (arguments);
  if (is_log (path))
    return open_log (flags);
  return is_denied (path) ? -1 : NEXT (open64) (path, flags, mode);
}

int
__open_2 (const char *path, int flags)
{
  if (is_log (path))
    return open_log (flags);
  return is_denied (path) ? -1 : NEXT (__open_2) (path, flags);
}

int
__open64_2 (const char *path, int flags)
{
  if (is_log (path))
    return open_log (flags);
  return is_denied (path) ? -1 : NEXT (__open64_2) (path, flags);
}

/* not isatty(), which is umockdev's own affair */
static int
is_terminal (int fd)
{
  char    link[64], target[64];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = NEXT (readlink) (link, target, sizeof target);
  return n > 9 && strncmp (target, "/dev/pts/", 9) == 0;
}

/* the log of ours */
static int
is_record_socket (int fd)
{
  int       type = 0;
  socklen_t size = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

off_t
lseek (int fd, off_t offset, int whence)
{
  off_t r = NEXT (lseek) (fd, offset, whence);

  if (r >= 0 || errno != ESPIPE || offset != 0)
    return r;
  if ((whence == SEEK_SET && is_terminal (fd)) || is_record_socket (fd))
    return 0;
  errno = ESPIPE;
  return r;
}

/* whether that is where a listener of umockdev's hears of devices */
static int
is_listener (const struct sockaddr *address, socklen_t size)
{
  const struct sockaddr_un *place = (const struct sockaddr_un *) (const void *) address;
  const char               *root = getenv ("UMOCKDEV_DIR");
  size_t                    n = root != NULL ? strlen (root) : 0;

  return n > 0 && place != NULL && size > offsetof (struct sockaddr_un, sun_path) + n + 6 &&
         place->sun_family == AF_UNIX && strncmp (place->sun_path, root, n) == 0 &&
         strncmp (place->sun_path + n, "/event", 6) == 0;
}

/* umockdev counts on a socket's place to be there until it is told that nobody listens, and ends the
 * program otherwise. A listener takes it away when it ends. */
int
connect (int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
  int r = NEXT (connect) (fd, address, size);

  if (r < 0 && is_listener (address.__sockaddr__, size))
    errno = ECONNREFUSED;
  return r;
}

/* Our sockets of this kind are listeners' alone. One that reads too slowly loses messages, as the
 * kernel's would; one that has just gone loses nothing. */
static int
is_local_datagram (int fd)
{
  int       domain = 0, type = 0;
  socklen_t size = sizeof domain;

  if (getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
    return 0;
  size = sizeof type;
  return domain == AF_UNIX && getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_DGRAM;
}

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  struct pollfd room = { .fd = fd, .events = POLLOUT };
  ssize_t       n = NEXT (sendmsg) (fd, message, flags);

  if (n >= 0 || !is_local_datagram (fd))
    return n;
  if (errno == EAGAIN && poll (&room, 1, SLOW_MS) == 1)
    n = NEXT (sendmsg) (fd, message, flags);
  if (n >= 0 || (errno != EAGAIN && errno != ECONNREFUSED && errno != ENOTCONN))
    return n;
  n = 0;
  for (size_t i = 0; i < message->msg_iovlen; i++)
    n += (ssize_t) message->msg_iov[i].iov_len;
  return n;
}

/* the node that leads to the terminal @target, of @length bytes; 0: none */
static int
find_node (const char *target, ssize_t length, char *node, size_t size)
{
  const char *root = getenv ("UMOCKDEV_DIR");
  char        link[4096], found[64];

  for (int i = 1; root != NULL && i <= NODES_MAX; i++)
    {
      snprintf (node, size, NODES "001/%03d", i);
      snprintf (link, sizeof link, "%s%s", root, node);
      if (NEXT (readlink) (link, found, sizeof found) == length &&
          memcmp (found, target, (size_t) length) == 0)
        return 1;
    }
  return 0;
}

/* the program that makes the bus has all nodes open, which nobody needs to know */
static int
is_lab (const char *path)
{
  const char *lab = getenv ("UB_LAB");

  return lab != NULL && strncmp (path, lab, strlen (lab)) == 0;
}

/* who has a node open is seen in /proc */
ssize_t
readlink (const char *path, char *buffer, size_t size)
{
  ssize_t n = NEXT (readlink) (path, buffer, size);
  char    node[64];

  if (n > 9 && strncmp (path, "/proc/", 6) == 0 && strstr (path, "/fd/") != NULL &&
      !is_lab (path) && memcmp (buffer, "/dev/pts/", 9) == 0 &&
      find_node (buffer, n, node, sizeof node))
    {
      n = (ssize_t) (strlen (node) < size ? strlen (node) : size);
      memcpy (buffer, node, (size_t) n);
    }
  return n;
}
