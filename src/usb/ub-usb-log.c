/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LOG "/dev/kmsg"
#define RECORD_MAX 8192  /* the kernel's CONSOLE_EXT_LOG_MAX */
#define RECORDS_MAX 1000 /* at a time: a log that never ends must not keep us */

struct _UbUsbLog
{
  int   fd;
  guint n_read;
  char  record[RECORD_MAX + 1];
};

/* Where a message begins so, and has the second part where there is one. From the kernel's
 * drivers/usb/core/hub.c, message.c, config.c and generic.c; the older ones are of before 3.12. */
static const struct
{
  const char  *start;
  const char  *within; /* (nullable) */
  UbUsbLogKind kind;
} messages[] = {
  { "device descriptor read/", "error", UB_USB_LOG_DOUBT },
  { "device not accepting address", "error", UB_USB_LOG_DOUBT },
  { "Device not responding to", NULL, UB_USB_LOG_DOUBT },
  { "unable to enumerate USB device", NULL, UB_USB_LOG_FAULT },
  { "attempt power cycle", NULL, UB_USB_LOG_DOUBT },
  { "Cannot enable. Maybe the USB cable is bad?", NULL, UB_USB_LOG_DOUBT },
  { "cannot reset", "err", UB_USB_LOG_DOUBT },
  { "hub failed to enable device", NULL, UB_USB_LOG_DOUBT },
  { "Invalid ep0 maxpacket", NULL, UB_USB_LOG_FAULT },
  { "can't set config", "error", UB_USB_LOG_UNUSABLE },
  { "can't read configurations", "error", UB_USB_LOG_FAULT },
  { "unable to read config index", NULL, UB_USB_LOG_DOUBT },
  { "rejected ", "insufficient available bus power", UB_USB_LOG_UNUSABLE },
  { "over-current condition", NULL, UB_USB_LOG_FAULT },
  { "over-current change", NULL, UB_USB_LOG_FAULT },
  { "New USB device found", NULL, UB_USB_LOG_COME },
  { "USB disconnect", NULL, UB_USB_LOG_GONE },
};

static gsize
skip_digits (const char *s)
{
  return strspn (s, "0123456789");
}

/* "1-2.4", "1-0": how long it is, 0 if it is none */
static gsize
measure_name (const char *s)
{
  gsize n = skip_digits (s), more;

  if (n == 0 || s[n] != '-')
    return 0;
  do
    {
      more = skip_digits (s + n + 1);
      if (more == 0)
        return 0;
      n += 1 + more;
    }
  while (s[n] == '.');
  return n;
}

static gboolean
set_port (UbUsbLogLine *line, const char *hub, gsize length, const char *port)
{
  int  n;
  char separator = memchr (hub, '-', length) != NULL ? '.' : '-';

  n = g_snprintf (line->port,
                  sizeof line->port,
                  "%.*s%c%.*s",
                  (int) length,
                  hub,
                  separator,
                  (int) skip_digits (port),
                  port);
  return skip_digits (port) > 0 && n > 0 && (gsize) n < sizeof line->port;
}

/* "usb 1-2.4: ", "usb usb1-port2: ", "usb 1-2-port4: " and before 6.0 "hub 1-0:1.0: … on port 2".
 * Returns what is behind it, NULL if it is not of USB. */
static const char *
take_name (const char *s, UbUsbLogLine *line)
{
  gboolean is_root;
  gsize    n;

  if (!g_str_has_prefix (s, "usb "))
    return NULL;
  s += strlen ("usb ");
  is_root = g_str_has_prefix (s, "usb");
  if (is_root)
    s += strlen ("usb");
  n = is_root ? skip_digits (s) : measure_name (s);
  if (n == 0 || n >= sizeof line->port)
    return NULL;
  if (g_str_has_prefix (s + n, "-port"))
    {
      const char *port = s + n + strlen ("-port");

      if (!set_port (line, s, n, port))
        return NULL;
      s = port + skip_digits (port);
    }
  else if (is_root)
    return NULL; /* a hub of the computer's own */
  else
    {
      memcpy (line->port, s, n);
      line->port[n] = '\0';
      s += n;
    }
  return g_str_has_prefix (s, ": ") ? s + 2 : NULL;
}

static const char *
take_old_name (const char *s, UbUsbLogLine *line)
{
  const char *at = strstr (s, " on port ");
  const char *message;
  gsize       n;

  if (!g_str_has_prefix (s, "hub ") || at == NULL)
    return NULL;
  s += strlen ("hub ");
  n = measure_name (s);
  message = strstr (s, ": ");
  if (n == 0 || s[n] != ':' || message == NULL || message > at)
    return NULL;
  if (n > 2 && s[n - 1] == '0' && s[n - 2] == '-')
    n -= 2; /* the root hub's interface is "1-0:1.0" */
  return set_port (line, s, n, at + strlen (" on port ")) ? message + 2 : NULL;
}

/* What comes before the message in /dev/kmsg ("6,1234,5678901,-;") and in dmesg ("[   12.345678] "). */
static const char *
skip_head (const char *s)
{
  if (g_ascii_isdigit (*s))
    {
      const char *end = strchr (s, ';');

      return end != NULL ? end + 1 : s + strlen (s);
    }
  if (*s == '[')
    {
      const char *end = strchr (s, ']');

      return end != NULL && end[1] == ' ' ? end + 2 : s + strlen (s);
    }
  return s;
}

void
ub_usb_log_parse (const char *record, UbUsbLogLine *line)
{
  const char *message = skip_head (record);
  const char *words;

  *line = (UbUsbLogLine){ .kind = UB_USB_LOG_NOTHING };
  words = take_name (message, line);
  if (words == NULL)
    words = take_old_name (message, line);
  for (guint i = 0; words != NULL && i < G_N_ELEMENTS (messages); i++)
    {
      gsize       length = strcspn (words, "\n");
      const char *within = messages[i].within;

      if (!g_str_has_prefix (words, messages[i].start) ||
          (within != NULL && g_strstr_len (words, (gssize) length, within) == NULL))
        continue;
      line->kind = messages[i].kind;
      line->words = words;
      line->length = length;
      return;
    }
}

UbUsbLog *
ub_usb_log_open (void)
{
  int       fd = open (LOG, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  UbUsbLog *self;

  if (fd < 0)
    return NULL;
  lseek (fd, 0, SEEK_END); /* what happened before us is over */
  self = g_new0 (UbUsbLog, 1);
  self->fd = fd;
  return self;
}

void
ub_usb_log_free (UbUsbLog *self)
{
  close (self->fd);
  g_free (self);
}

int
ub_usb_log_get_fd (UbUsbLog *self)
{
  return self->fd;
}

/* A read gives one record; EPIPE says that some were overwritten before we came. */
gboolean
ub_usb_log_read (UbUsbLog *self, UbUsbLogLine *line)
{
  while (self->n_read < RECORDS_MAX)
    {
      gssize n = read (self->fd, self->record, RECORD_MAX);

      if (n <= 0 && !(n < 0 && (errno == EPIPE || errno == EINTR || errno == EINVAL)))
        break;
      self->n_read++;
      if (n <= 0)
        continue;
      self->record[n] = '\0';
      ub_usb_log_parse (self->record, line);
      if (line->kind != UB_USB_LOG_NOTHING)
        return TRUE;
    }
  self->n_read = 0;
  return FALSE;
}
