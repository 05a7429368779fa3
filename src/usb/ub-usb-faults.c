/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-faults.h"

#include <string.h>

#define S G_GINT64_CONSTANT (1000000)
#define DOUBT_US                                                                                   \
  (3 * S / 2) /* the kernel's first error on a plug that is just going in is often the last */
#define TRYING_US (2 * S)   /* no port takes so long to be in use */
#define EMPTY_US (1 * S)    /* between two of the kernel's tries a port looks empty, too */
#define SILENCE_US (30 * S) /* the kernel says nothing when what it gave up is pulled out */
#define DOUBT_SILENCE_US (10 * S)
#define PORTS_MAX 256

typedef struct
{
  char    *port;
  char    *words;
  gint64   first_us;
  gint64   last_us;  /* of the log */
  gint64   tried_us; /* since when sysfs says that it is tried, 0: not */
  gint64   empty_us; /* since when sysfs says that it is empty, 0: not */
  gboolean logged;
  gboolean certain;
  gboolean unusable;
  gboolean told;
} Fault;

struct _UbUsbFaults
{
  UbUsbFaultFunc func;
  gpointer       user_data;
  GPtrArray     *faults; /* of Fault */
};

static void
fault_free (gpointer data)
{
  Fault *self = data;

  g_free (self->port);
  g_free (self->words);
  g_free (self);
}

static Fault *
find (UbUsbFaults *self, const char *port)
{
  for (guint i = 0; i < self->faults->len; i++)
    {
      Fault *fault = g_ptr_array_index (self->faults, i);

      if (g_str_equal (fault->port, port))
        return fault;
    }
  return NULL;
}

static Fault *
find_or_add (UbUsbFaults *self, const char *port, gint64 now)
{
  Fault *fault = find (self, port);

  if (fault != NULL || self->faults->len >= PORTS_MAX)
    return fault;
  fault = g_new0 (Fault, 1);
  fault->port = g_strdup (port);
  fault->first_us = now;
  g_ptr_array_add (self->faults, fault);
  return fault;
}

static void
tell (UbUsbFaults *self, Fault *fault, gboolean present)
{
  fault->told = present;
  self->func (fault->port, fault->words, present, self->user_data);
}

static void
end (UbUsbFaults *self, Fault *fault)
{
  if (fault->told)
    tell (self, fault, FALSE);
  g_ptr_array_remove_fast (self->faults, fault);
}

/* The error itself says more than that there was one. */
static gboolean
is_better (const char *old, const char *new)
{
  return old == NULL || !(g_str_has_prefix (new, "unable to enumerate") ||
                          g_str_has_prefix (new, "attempt power cycle"));
}

/* (transfer full) */
static void
set_words (UbUsbFaults *self, Fault *fault, char *words)
{
  if (!is_better (fault->words, words) || g_strcmp0 (fault->words, words) == 0)
    {
      g_free (words);
      return;
    }
  g_free (fault->words);
  fault->words = words;
  if (fault->told)
    tell (self, fault, TRUE);
}

static void
update (UbUsbFaults *self, Fault *fault, gint64 now)
{
  gboolean doubtful = fault->logged && now - fault->first_us >= DOUBT_US;
  gboolean stuck = fault->tried_us > 0 && now - fault->tried_us >= TRYING_US;

  if (!fault->told && fault->words != NULL && (fault->certain || doubtful || stuck))
    tell (self, fault, TRUE);
}

void
ub_usb_faults_take_line (UbUsbFaults *self, const UbUsbLogLine *line, gint64 now_us)
{
  g_autofree char *words = NULL;
  Fault           *fault;

  if (line->kind == UB_USB_LOG_COME || line->kind == UB_USB_LOG_GONE)
    {
      fault = find (self, line->port);
      if (fault != NULL)
        end (self, fault);
      return;
    }
  if (line->kind == UB_USB_LOG_NOTHING || (fault = find_or_add (self, line->port, now_us)) == NULL)
    return;
  words = g_strndup (line->words, line->length);
  fault->logged = TRUE;
  fault->last_us = now_us;
  fault->certain |= line->kind != UB_USB_LOG_DOUBT;
  fault->unusable |= line->kind == UB_USB_LOG_UNUSABLE;
  set_words (self, fault, g_utf8_make_valid (words, -1));
  update (self, fault, now_us);
}

static void
take_over_current (UbUsbFaults *self, Fault *fault, gint64 now)
{
  fault->logged = fault->certain = TRUE;
  fault->last_us = now;
  set_words (self, fault, g_strdup ("over-current condition"));
  update (self, fault, now);
}

void
ub_usb_faults_take_port (UbUsbFaults   *self,
                         const char    *port,
                         UbUsbPortState state,
                         const char    *state_words,
                         gint64         now_us)
{
  Fault *fault = state == UB_USB_PORT_TRYING || state == UB_USB_PORT_OVER_CURRENT
                     ? find_or_add (self, port, now_us)
                     : find (self, port);

  if (fault == NULL)
    return;
  if (state == UB_USB_PORT_OVER_CURRENT)
    take_over_current (self, fault, now_us);
  else if (state == UB_USB_PORT_TRYING)
    {
      if (fault->tried_us == 0)
        fault->tried_us = now_us;
      fault->empty_us = 0;
      if (!fault->logged)
        set_words (self, fault, g_strdup_printf ("port state \"%s\"", state_words));
      update (self, fault, now_us);
    }
  else if (state == UB_USB_PORT_USED)
    end (self, fault);
  else if (fault->empty_us == 0)
    fault->empty_us = now_us;
}

/* What cannot be used has been talked to. */
void
ub_usb_faults_end (UbUsbFaults *self, const char *port)
{
  Fault *fault = find (self, port);

  if (fault != NULL && !fault->unusable)
    end (self, fault);
}

void
ub_usb_faults_end_all (UbUsbFaults *self)
{
  while (self->faults->len > 0)
    end (self, g_ptr_array_index (self->faults, 0));
}

/* when it is over if nothing more is heard of it */
static gint64
get_end (const Fault *fault)
{
  gint64 silence = fault->certain ? SILENCE_US : DOUBT_SILENCE_US;
  gint64 until = fault->logged ? fault->last_us + silence : G_MAXINT64;

  if (fault->tried_us == 0)
    return until;
  if (fault->empty_us == 0)
    return G_MAXINT64; /* it is still there */
  return fault->logged ? until : fault->empty_us + EMPTY_US;
}

gint64
ub_usb_faults_tick (UbUsbFaults *self, gint64 now_us)
{
  gint64 next = G_MAXINT64;

  for (guint i = self->faults->len; i-- > 0;)
    {
      Fault *fault = g_ptr_array_index (self->faults, i);

      if (now_us >= get_end (fault))
        {
          end (self, fault);
          continue;
        }
      update (self, fault, now_us);
      next = MIN (next, get_end (fault));
      if (!fault->told && fault->logged)
        next = MIN (next, fault->first_us + DOUBT_US);
      if (!fault->told && fault->tried_us > 0)
        next = MIN (next, fault->tried_us + TRYING_US);
    }
  return next;
}

UbUsbFaults *
ub_usb_faults_new (UbUsbFaultFunc func, gpointer user_data)
{
  UbUsbFaults *self = g_new0 (UbUsbFaults, 1);

  self->func = func;
  self->user_data = user_data;
  self->faults = g_ptr_array_new_with_free_func (fault_free);
  return self;
}

void
ub_usb_faults_free (UbUsbFaults *self)
{
  g_ptr_array_unref (self->faults);
  g_free (self);
}
