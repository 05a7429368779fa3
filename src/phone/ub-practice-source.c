/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-practice-phone.h"

#include <string.h>

#include "base/ub-error.h"
#include "phone/ub-phone.h"

#define PORT "1-1"
#define VENDOR 0x0e8d
#define STEP_MS 10 /* of the clock, real or not */
#define LOOK_MS 20 /* how often a waiting thread looks at its cancellable */

/**
 * UbPracticeSource:
 *
 * A practice phone at the end of a wire within this process. The lock guards the phone and all
 * state; with a real clock a ticker thread lets the phone's time pass, else time passes only where
 * somebody waits.
 */
struct _UbPracticeSource
{
  UbLinkSource parent_instance;

  UbPracticePhone *phone; /* (borrowed) */
  gboolean         real_time;
  guint64          bytes_per_second;

  GMutex   lock;
  GCond    news;     /* output, or it came or went */
  gint64   begun_us; /* on the wall */
  gint64   now_us;
  gint64   plug_us;   /* -1: never by itself */
  guint    replug_ms; /* 0: never */
  gint64   debt_us;   /* time on the wire that is not yet a whole millisecond */
  guint    visit;     /* counts re-enumerations: a link belongs to one of them */
  gboolean seen;      /* as last told */
  guint16  seen_product;
  gboolean started;
  gboolean stopping;
  GThread *ticker;
};

G_DEFINE_FINAL_TYPE (UbPracticeSource, ub_practice_source, UB_TYPE_LINK_SOURCE)

#define UB_TYPE_PRACTICE_LINK (ub_practice_source_link_get_type ())
G_DECLARE_FINAL_TYPE (UbPracticeLink, ub_practice_source_link, UB, PRACTICE_LINK, GObject)

struct _UbPracticeLink
{
  GObject parent_instance;

  UbPracticeSource *source; /* (owned) */
  guint             visit;
  gboolean          closed;
  GBytes           *rest; /* (nullable): what is left of a transfer */
  gsize             offset;
};

static void link_iface_init (UbLinkInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UbPracticeLink,
                               ub_practice_source_link,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, link_iface_init))

/* --- the source's clock and eyes; all with the lock held --- */

static UbSightingKind
kind_of (guint16 product)
{
  switch (product)
    {
    case 0x0003:
      return UB_SIGHTING_BOOT_ROM;
    case 0x2000:
      return UB_SIGHTING_PRELOADER;
    case 0x2001:
      return UB_SIGHTING_AGENT;
    default:
      return UB_SIGHTING_ANDROID;
    }
}

/* others compare it with the clock on the wall: never behind that, and as far apart as the source's own clock has it */
static gint64
get_sighting_time (UbPracticeSource *self)
{
  gint64 now_us = g_get_monotonic_time ();

  return self->real_time ? now_us : MAX (now_us, self->begun_us + self->now_us);
}

static void
tell_sighting (UbPracticeSource *self, gboolean present, guint16 product)
{
  static char port[] = PORT, name[] = "Practice phone";
  UbSighting  sighting = { .kind = kind_of (product),
                           .present = present,
                           .vendor = VENDOR,
                           .product = product,
                           .port = port,
                           .name = name,
                           .time_us = get_sighting_time (self) };

  sighting.access = sighting.kind == UB_SIGHTING_ANDROID ? UB_ACCESS_UNKNOWN : UB_ACCESS_OK;
  ub_link_source_tell (UB_LINK_SOURCE (self), &sighting);
}

static void
look (UbPracticeSource *self)
{
  gboolean present = ub_practice_phone_is_present (self->phone);
  guint16  product = ub_practice_phone_get_product (self->phone);

  if (present == self->seen && (!present || product == self->seen_product))
    return;
  if (self->seen)
    tell_sighting (self, FALSE, self->seen_product);
  if (present)
    {
      self->visit++;
      tell_sighting (self, TRUE, product);
    }
  self->seen = present;
  self->seen_product = product;
}

static void
phone_news (UbPracticePhone *phone, gpointer user_data)
{
  UbPracticeSource *self = user_data;

  look (self);
  if (self->replug_ms != 0 && self->plug_us < 0 && self->phone->mode == UB_PHONE_OFF &&
      !self->phone->finished)
    self->plug_us = self->now_us + (gint64) self->replug_ms * 1000;
  g_cond_broadcast (&self->news);
}

static void
pass (UbPracticeSource *self, guint ms)
{
  self->now_us += (gint64) ms * 1000;
  if (self->plug_us >= 0 && self->now_us >= self->plug_us)
    {
      self->plug_us = -1;
      ub_practice_phone_plug (self->phone);
    }
  ub_practice_phone_advance (self->phone, ms);
}

/* @size bytes went over the wire: how long that took. Returns µs that a real clock has to sleep */
static gint64
charge (UbPracticeSource *self, gsize size)
{
  gint64 due;

  if (self->bytes_per_second == 0)
    return 0;
  self->debt_us += (gint64) (size * (double) G_USEC_PER_SEC / (double) self->bytes_per_second);
  if (self->debt_us < 1000)
    return 0;
  due = self->debt_us / 1000 * 1000;
  self->debt_us -= due;
  if (self->real_time)
    return due;
  pass (self, (guint) (due / 1000));
  return 0;
}

/* will anything ever happen if the clock goes on? */
static gboolean
may_change (UbPracticeSource *self)
{
  return self->plug_us >= 0 || ub_practice_phone_is_waiting (self->phone);
}

static gpointer
ticker_thread (gpointer data)
{
  UbPracticeSource *self = data;
  gint64            last = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      gint64 now;

      g_cond_wait_until (&self->news, &self->lock, last + STEP_MS * 1000);
      now = g_get_monotonic_time ();
      if (now - last < STEP_MS * 1000)
        continue;
      pass (self, (guint) ((now - last) / 1000));
      last += (now - last) / 1000 * 1000;
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* --- the link --- */

static gboolean
is_gone (UbPracticeLink *self, GError **error)
{
  UbPracticeSource *source = self->source;

  if (!self->closed && self->visit == source->visit && ub_practice_phone_is_present (source->phone))
    return FALSE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "the practice phone is gone");
  return TRUE;
}

static gboolean
link_send (UbLink            *link,
           const UbLinkPiece *pieces,
           guint              n_pieces,
           guint              timeout_ms,
           GError           **error)
{
  UbPracticeLink   *self = UB_PRACTICE_LINK (link);
  UbPracticeSource *source = self->source;
  gboolean          good = TRUE;
  gint64            due = 0;

  g_mutex_lock (&source->lock);
  for (guint i = 0; i < n_pieces && good; i++)
    {
      good = !is_gone (self, error);
      if (!good)
        break;
      ub_practice_phone_input (source->phone, pieces[i].data, pieces[i].size);
      due += charge (source, pieces[i].size);
    }
  g_mutex_unlock (&source->lock);
  if (due > 0)
    g_usleep ((gulong) due);
  return good;
}

/* lets time pass until there may be something new; FALSE when @deadline is over */
static gboolean
wait_for_news (UbPracticeSource *source, gint64 deadline)
{
  if (source->real_time)
    return g_cond_wait_until (&source->news, &source->lock, deadline);
  if (source->now_us >= deadline)
    return FALSE;
  pass (source, (guint) MIN (STEP_MS, (deadline - source->now_us + 999) / 1000));
  return TRUE;
}

static gint64
source_now (UbPracticeSource *source)
{
  return source->real_time ? g_get_monotonic_time () : source->now_us;
}

static gboolean
fetch (UbPracticeLink *self, guint timeout_ms, GError **error)
{
  gint64 deadline = source_now (self->source) + (gint64) timeout_ms * 1000;

  while (self->rest == NULL)
    {
      if (is_gone (self, error))
        return FALSE;
      self->rest = ub_practice_phone_output (self->source->phone);
      self->offset = 0;
      if (self->rest != NULL && g_bytes_get_size (self->rest) == 0)
        g_clear_pointer (&self->rest, g_bytes_unref);
      else if (self->rest == NULL && !wait_for_news (self->source, deadline))
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_LINK_TIMEOUT,
                       "the practice phone was silent for %u ms",
                       timeout_ms);
          return FALSE;
        }
    }
  return TRUE;
}

static gssize
link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  UbPracticeLink   *self = UB_PRACTICE_LINK (link);
  UbPracticeSource *source = self->source;
  gsize             n = 0, length;
  gint64            due = 0;

  g_mutex_lock (&source->lock);
  if (fetch (self, timeout_ms, error))
    {
      const guint8 *bytes = g_bytes_get_data (self->rest, &length);

      n = MIN (size, length - self->offset);
      memcpy (data, bytes + self->offset, n);
      self->offset += n;
      if (self->offset == length)
        g_clear_pointer (&self->rest, g_bytes_unref);
      due = charge (source, n);
    }
  g_mutex_unlock (&source->lock);
  if (due > 0)
    g_usleep ((gulong) due);
  return n > 0 ? (gssize) n : -1;
}

/* opens the phone if it is there and something to talk to */
static gboolean
try_open (UbPracticeSource *source, UbPracticeLink *link)
{
  if (!ub_practice_phone_is_present (source->phone) ||
      kind_of (ub_practice_phone_get_product (source->phone)) == UB_SIGHTING_ANDROID)
    return FALSE;
  link->visit = source->visit;
  g_clear_pointer (&link->rest, g_bytes_unref);
  ub_practice_phone_line_coding (source->phone);
  return ub_practice_phone_is_present (source->phone);
}

/* waits, with the lock held, until @link is open; @skip: a visit that does not count (0: none) */
static gboolean
wait_open (UbPracticeSource *source,
           UbPracticeLink   *link,
           guint             skip,
           guint             timeout_ms,
           GCancellable     *cancellable,
           GError          **error)
{
  gint64 deadline = source_now (source) + (gint64) timeout_ms * 1000;

  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      gboolean over = timeout_ms != 0 && source_now (source) >= deadline;

      look (source);
      if (source->visit != skip && try_open (source, link))
        return TRUE;
      if (over || (timeout_ms != 0 && !source->real_time && !may_change (source)))
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_NO_PHONE,
                       "no practice phone came within %u ms",
                       timeout_ms);
          return FALSE;
        }
      if (source->real_time || !may_change (source))
        g_cond_wait_until (&source->news, &source->lock, g_get_monotonic_time () + LOOK_MS * 1000);
      else
        pass (source, STEP_MS);
    }
  return FALSE;
}

/* the phone may not have left yet: what counts is the visit after ours */
static gboolean
link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  UbPracticeLink *self = UB_PRACTICE_LINK (link);
  gboolean        good;

  g_mutex_lock (&self->source->lock);
  good = wait_open (self->source, self, self->visit, MAX (timeout_ms, 1), cancellable, error);
  self->closed = self->closed && !good;
  g_mutex_unlock (&self->source->lock);
  return good;
}

static void
link_sleep (UbLink *link, guint ms)
{
  UbPracticeSource *source = UB_PRACTICE_LINK (link)->source;

  if (source->real_time)
    {
      g_usleep (ms * 1000UL);
      return;
    }
  g_mutex_lock (&source->lock);
  pass (source, ms);
  g_mutex_unlock (&source->lock);
}

static gint64
link_now (UbLink *link)
{
  UbPracticeSource *source = UB_PRACTICE_LINK (link)->source;
  gint64            now;

  g_mutex_lock (&source->lock);
  now = source_now (source);
  g_mutex_unlock (&source->lock);
  return now;
}

static void
link_close (UbLink *link)
{
  UbPracticeLink *self = UB_PRACTICE_LINK (link);

  g_mutex_lock (&self->source->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->source->lock);
}

static const char *
link_get_port (UbLink *link)
{
  return PORT;
}

static const char *
link_get_speed (UbLink *link)
{
  return "high";
}

static guint
link_get_product (UbLink *link)
{
  UbPracticeSource *source = UB_PRACTICE_LINK (link)->source;
  guint             product;

  g_mutex_lock (&source->lock);
  product = VENDOR << 16 | ub_practice_phone_get_product (source->phone);
  g_mutex_unlock (&source->lock);
  return product;
}

static void
link_iface_init (UbLinkInterface *iface)
{
  iface->send = link_send;
  iface->receive_some = link_receive_some;
  iface->reopen = link_reopen;
  iface->sleep = link_sleep;
  iface->now = link_now;
  iface->close = link_close;
  iface->get_port = link_get_port;
  iface->get_speed = link_get_speed;
  iface->get_product = link_get_product;
}

static void
ub_practice_source_link_finalize (GObject *object)
{
  UbPracticeLink *self = UB_PRACTICE_LINK (object);

  g_clear_pointer (&self->rest, g_bytes_unref);
  g_object_unref (self->source);
  G_OBJECT_CLASS (ub_practice_source_link_parent_class)->finalize (object);
}

static void
ub_practice_source_link_class_init (UbPracticeLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_practice_source_link_finalize;
}

static void
ub_practice_source_link_init (UbPracticeLink *self)
{
}

/* --- the source --- */

static gboolean
source_start (UbLinkSource *source, GError **error)
{
  UbPracticeSource *self = UB_PRACTICE_SOURCE (source);

  g_mutex_lock (&self->lock);
  if (!self->started && self->plug_us >= 0)
    pass (self, 0);
  look (self);
  if (self->real_time && self->ticker == NULL)
    {
      self->stopping = FALSE;
      self->ticker = g_thread_new ("practice-phone", ticker_thread, self);
    }
  self->started = TRUE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
source_stop (UbLinkSource *source)
{
  UbPracticeSource *self = UB_PRACTICE_SOURCE (source);
  GThread          *ticker;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  ticker = g_steal_pointer (&self->ticker);
  g_cond_broadcast (&self->news);
  g_mutex_unlock (&self->lock);
  if (ticker != NULL)
    g_thread_join (ticker);
}

static UbLink *
source_wait (UbLinkSource *source,
             const char   *port,
             guint         timeout_ms,
             GCancellable *cancellable,
             GError      **error)
{
  UbPracticeSource *self = UB_PRACTICE_SOURCE (source);
  g_autoptr (UbPracticeLink) link = g_object_new (UB_TYPE_PRACTICE_LINK, NULL);
  gboolean good;

  link->source = g_object_ref (self);
  if (port != NULL && !g_str_equal (port, PORT))
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NO_PHONE,
                   "the practice phone is at port %s, not at %s",
                   PORT,
                   port);
      return NULL;
    }
  g_mutex_lock (&self->lock);
  good = wait_open (self, link, 0, timeout_ms, cancellable, error);
  g_mutex_unlock (&self->lock);
  return good ? UB_LINK (g_steal_pointer (&link)) : NULL;
}

void
ub_practice_source_plug (UbPracticeSource *self)
{
  g_return_if_fail (UB_IS_PRACTICE_SOURCE (self));

  g_mutex_lock (&self->lock);
  if (ub_practice_phone_is_present (self->phone))
    ub_practice_phone_unplug (self->phone);
  self->plug_us = -1; /* nobody need plug it in once more */
  ub_practice_phone_plug (self->phone);
  g_mutex_unlock (&self->lock);
}

void
ub_practice_source_pass (UbPracticeSource *self, guint ms)
{
  g_return_if_fail (UB_IS_PRACTICE_SOURCE (self) && !self->real_time);

  g_mutex_lock (&self->lock);
  for (guint done = 0; done < ms; done += STEP_MS)
    pass (self, MIN (STEP_MS, ms - done));
  g_mutex_unlock (&self->lock);
}

void
ub_practice_source_unplug (UbPracticeSource *self)
{
  g_return_if_fail (UB_IS_PRACTICE_SOURCE (self));

  g_mutex_lock (&self->lock);
  ub_practice_phone_unplug (self->phone);
  g_mutex_unlock (&self->lock);
}

void
ub_practice_source_set_replug (UbPracticeSource *self, guint ms)
{
  g_return_if_fail (UB_IS_PRACTICE_SOURCE (self));

  g_mutex_lock (&self->lock);
  self->replug_ms = ms;
  g_mutex_unlock (&self->lock);
}

UbLinkSource *
ub_practice_source_new (UbPracticePhone *phone,
                        gboolean         real_time,
                        guint64          bytes_per_second,
                        guint            plug_after_ms)
{
  UbPracticeSource *self = g_object_new (UB_TYPE_PRACTICE_SOURCE, NULL);

  self->phone = phone;
  self->real_time = real_time;
  self->begun_us = g_get_monotonic_time ();
  self->bytes_per_second = bytes_per_second;
  self->plug_us = plug_after_ms == G_MAXUINT ? -1 : (gint64) plug_after_ms * 1000;
  ub_practice_phone_set_notify (phone, phone_news, self);
  return UB_LINK_SOURCE (self);
}

static void
ub_practice_source_finalize (GObject *object)
{
  UbPracticeSource *self = UB_PRACTICE_SOURCE (object);

  source_stop (UB_LINK_SOURCE (self));
  if (self->phone->notify_data == self) /* not if another source has it by now */
    ub_practice_phone_set_notify (self->phone, NULL, NULL);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->news);
  G_OBJECT_CLASS (ub_practice_source_parent_class)->finalize (object);
}

static void
ub_practice_source_class_init (UbPracticeSourceClass *klass)
{
  UbLinkSourceClass *source_class = UB_LINK_SOURCE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ub_practice_source_finalize;
  source_class->start = source_start;
  source_class->stop = source_stop;
  source_class->wait = source_wait;
}

static void
ub_practice_source_init (UbPracticeSource *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->news);
}
