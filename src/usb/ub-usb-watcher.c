/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-watcher.h"

#include "base/ub-error.h"
#include "usb/ub-usb-access.h"
#include "usb/ub-usb-cure.h"
#include "usb/ub-usb-rules.h"
#include "usb/ub-usb-ears.h"
#include "usb/ub-usb-faults.h"
#include "usb/ub-usb-link.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#define USB_FOLDER "/dev/bus/usb"
#define SYSFS_DEVICES "/sys/bus/usb/devices"
#define MS G_GINT64_CONSTANT (1000)

#define POLL_MS 1000       /* the safety net under inotify and udev */
#define SYSFS_SOON_MS 200  /* for the port of a thing that has just come */
#define SYSFS_WAIT_MS 2000 /* … on a computer that is busy */
#define UNKNOWN_MS 4000    /* then it is nothing we can ever place */
#define STRINGS_MS 300     /* the names of its interfaces come later than the node */
#define GRACE_MS 1000  /* permission comes later than the node, and where udev is not heard … */
#define CHANGED_MS 200 /* … the last change of it is not known to be the last */
#define SLOW_POLL_MS 20
#define PORTS_MS 250 /* between two looks at the ports */
#define RETRY_FAST_MS 2
#define RETRY_BUSY_MS 50
#define RETRY_SLOW_MS 500

/* something on the bus */
typedef struct
{
  guint       bus, number;
  UbUsbPlace *place;    /* (nullable): not known yet */
  guint64     identity; /* of the node's file: another one under the same number is another thing */
  gint64      since_us;
  gint64      grace_us; /* until then no permission is none yet */
  gint64      retry_us; /* not to be opened before */
  UbAccess    access;
  char       *holder; /* (nullable) */
  gboolean    holder_is_guess;
  gboolean    refused; /* to be opened, although its mode allows it: a container */
  gboolean    taken;
  gboolean    settled;  /* all it says of itself is known */
  gboolean    hopeless; /* not to be asked again */
  gboolean    seen;
} Node;

struct _UbUsbWatcher
{
  UbLinkSource parent_instance;

  GThread   *thread;
  UbUsbEars *ears; /* (nullable): while there is a thread */
  gint       stopping;

  GMutex     lock;
  GCond      changed;
  GPtrArray *nodes;   /* of Node; only the thread adds and removes */
  GArray    *own;     /* phones under their makers' own numbers that were closed to us, as in ub-usb-rules.h */
  gboolean   started; /* the thread's: it has looked once; what it saw then had been there before */
  UbUsbLog  *log;     /* (nullable): these are the thread's, too */
  UbUsbPorts  *ports;
  gboolean     ports_changed; /* there may be other hubs now */
  gint64       ports_us;      /* when the ports were last looked at */
  UbUsbFaults *faults;
  gboolean     again; /* the thread's: something came under a number that was taken */
};

G_DEFINE_TYPE (UbUsbWatcher, ub_usb_watcher, UB_TYPE_LINK_SOURCE)

static void
node_free (gpointer data)
{
  Node *self = data;

  g_clear_pointer (&self->place, ub_usb_place_free);
  g_free (self->holder);
  g_free (self);
}

/* with the lock held, unless in the thread */
static Node *
find_node (UbUsbWatcher *self, guint bus, guint number)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (self->nodes, i);

      if (node->bus == bus && node->number == number)
        return node;
    }
  return NULL;
}

static gboolean
is_told (const Node *node)
{
  return node->place != NULL && node->settled && node->place->kind != UB_SIGHTING_NOTHING;
}

/* with the lock held, or of what is in no list any more */
static void
tell (UbUsbWatcher *self, const Node *node, gboolean present)
{
  const UbSighting sighting = {
    .kind = node->place->kind,
    .access = node->access,
    .present = present,
    .vendor = node->place->vendor,
    .product = node->place->product,
    .port = node->place->port,
    .name = node->place->name,
    .holder = node->access == UB_ACCESS_BUSY ? node->holder : NULL,
    .holder_is_guess = node->access == UB_ACCESS_BUSY && node->holder_is_guess,
    .traits = node->place->traits,
    .time_us = g_get_monotonic_time (),
  };

  /* it may be gone again before anybody has read that it wants a rule */
  if (present && node->access == UB_ACCESS_DENIED && (sighting.traits & UB_TRAIT_OWN_IDS) != 0)
    ub_usb_rules_add_own (self->own, sighting.vendor, sighting.product);
  ub_link_source_tell (UB_LINK_SOURCE (self), &sighting);
}

static void
tell_present (UbUsbWatcher *self, const Node *node)
{
  g_mutex_lock (&self->lock);
  tell (self, node, TRUE);
  g_mutex_unlock (&self->lock);
}

/* --- the thread: what cannot be talked to --- */

static const Node *
find_at_port (UbUsbWatcher *self, const char *port)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (self->nodes, i);

      if (is_told (node) && g_str_equal (node->place->port, port))
        return node;
    }
  return NULL;
}

/* What is open works, whatever the kernel says of its port. */
static void
fault_cb (const char *port, const char *words, gboolean present, gpointer user_data)
{
  UbUsbWatcher    *self = user_data;
  const Node      *node = find_at_port (self, port);
  const UbSighting sighting = {
    .kind = UB_SIGHTING_BROKEN,
    .present = present,
    .port = (char *) port,
    .fault = (char *) words,
    .time_us = g_get_monotonic_time (),
  };
  gboolean taken = FALSE;

  if (node != NULL)
    {
      g_mutex_lock (&self->lock);
      taken = node->taken;
      g_mutex_unlock (&self->lock);
    }
  if (!taken)
    ub_link_source_tell (UB_LINK_SOURCE (self), &sighting);
  if (!present && node != NULL && !taken)
    tell_present (self, node);
}

static void
port_cb (const char *port, UbUsbPortState state, const char *state_words, gpointer user_data)
{
  UbUsbWatcher *self = user_data;

  ub_usb_faults_take_port (self->faults, port, state, state_words, g_get_monotonic_time ());
}

/* Returns how long to wait, in ms. */
static int
look_for_faults (UbUsbWatcher *self)
{
  gint64       now = g_get_monotonic_time ();
  gint64       next;
  UbUsbLogLine line;

  while (self->log != NULL && ub_usb_log_read (self->log, &line))
    ub_usb_faults_take_line (self->faults, &line, now);
  if (now - self->ports_us >= PORTS_MS * MS)
    {
      ub_usb_ports_look (self->ports, port_cb, self);
      self->ports_us = now;
    }
  next = ub_usb_faults_tick (self->faults, now);
  return next == G_MAXINT64 ? POLL_MS : (int) CLAMP ((next - now) / MS, 1, PORTS_MS);
}

/* --- the thread: who is there --- */

static gboolean
is_number (const char *name, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (name, 10, 1, 999, &value, NULL))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

static Node *
add_node (UbUsbWatcher *self, guint bus, guint number)
{
  Node *node = g_new0 (Node, 1);

  node->bus = bus;
  node->number = number;
  node->since_us = g_get_monotonic_time ();
  node->grace_us = node->since_us + (self->started ? GRACE_MS : CHANGED_MS) * MS;
  self->ports_changed = TRUE;
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->nodes, node);
  g_mutex_unlock (&self->lock);
  return node;
}

/* One that went and came again under its number between two looks stays unseen, and goes first. */
static void
see_node (UbUsbWatcher *self, guint bus, guint number, guint64 identity)
{
  Node *node = find_node (self, bus, number);

  if (node == NULL)
    node = add_node (self, bus, number);
  if (node->identity == 0)
    node->identity = identity; /* just added, or heard of by udev before it was seen */
  node->seen = node->identity == identity;
  self->again |= !node->seen;
}

/* Watched before it is read, so nothing falls between. */
static DIR *
open_folder (UbUsbWatcher *self, const char *path)
{
  if (access (path, R_OK) != 0)
    return NULL;
  ub_usb_ears_add_folder (self->ears, path);
  return opendir (path);
}

static void
read_bus (UbUsbWatcher *self, guint bus, const char *path)
{
  DIR                 *dir = open_folder (self, path);
  const struct dirent *entry;
  guint                number;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (is_number (entry->d_name, &number))
      see_node (self, bus, number, entry->d_ino);
  if (dir != NULL)
    closedir (dir);
}

static void
read_folders (UbUsbWatcher *self)
{
  DIR                 *dir = open_folder (self, USB_FOLDER);
  const struct dirent *entry;
  guint                bus;

  for (guint i = 0; i < self->nodes->len; i++)
    ((Node *) g_ptr_array_index (self->nodes, i))->seen = FALSE;
  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (is_number (entry->d_name, &bus))
      {
        g_autofree char *path = g_build_filename (USB_FOLDER, entry->d_name, NULL);

        read_bus (self, bus, path);
      }
  if (dir != NULL)
    closedir (dir);
}

/* Before anything new is told: it may be the same phone at the same port. */
static void
drop_gone (UbUsbWatcher *self)
{
  for (guint i = self->nodes->len; i-- > 0;)
    {
      Node *node = g_ptr_array_index (self->nodes, i);

      if (node->seen)
        continue;
      g_mutex_lock (&self->lock);
      g_ptr_array_steal_index (self->nodes, i);
      g_cond_broadcast (&self->changed);
      g_mutex_unlock (&self->lock);
      if (is_told (node))
        tell (self, node, FALSE);
      node_free (node);
      self->ports_changed = TRUE;
    }
}

static UbAccess
judge_access (const Node *node, gint64 now)
{
  UbAccess access;

  if (!ub_usb_ids_is_ours (node->place->kind))
    return UB_ACCESS_UNKNOWN;
  access = ub_usb_access_check (node->place->node);
  if (access == UB_ACCESS_UNKNOWN)
    return node->access; /* it is just going */
  if (access == UB_ACCESS_OK && node->access == UB_ACCESS_BUSY)
    return UB_ACCESS_BUSY; /* only opening it tells */
  if (access == UB_ACCESS_OK && node->refused)
    access = UB_ACCESS_DENIED;
  if (access == UB_ACCESS_DENIED && now < node->grace_us)
    return UB_ACCESS_UNKNOWN;
  return access;
}

static void
publish (UbUsbWatcher *self, Node *node, UbUsbPlace *place, gint64 now)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&node->place, ub_usb_place_free);
  node->place = place;
  if (!node->taken)
    node->access = judge_access (node, now);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* What is listed as ours may be opened before anything else is read of it. */
static void
identify (UbUsbWatcher *self, Node *node, gint64 now)
{
  UbUsbPlace *place =
      ub_usb_place_new (node->bus, node->number, now - node->since_us < SYSFS_WAIT_MS * MS);

  if (place == NULL)
    node->hopeless = now - node->since_us > UNKNOWN_MS * MS;
  else if (ub_usb_ids_is_ours (place->kind))
    {
      publish (self, node, place, now);
      ub_usb_faults_end (self->faults, place->port);
    }
  else
    {
      ub_usb_faults_end (self->faults, place->port);
      node->settled = ub_usb_place_read_strings (place);
      publish (self, node, place, now);
      if (is_told (node))
        tell_present (self, node);
    }
}

static void
describe (UbUsbWatcher *self, Node *node, gint64 now)
{
  UbUsbPlace *place = ub_usb_place_copy (node->place);

  node->settled = ub_usb_place_read_strings (place) || now - node->since_us > STRINGS_MS * MS;
  publish (self, node, place, now);
  if (is_told (node))
    tell_present (self, node);
}

static void
refresh_access (UbUsbWatcher *self, Node *node, gint64 now)
{
  gboolean news;

  g_mutex_lock (&self->lock);
  if (node->taken)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  {
    UbAccess access = judge_access (node, now);

    news = access != node->access;
    node->access = access;
  }
  if (news && node->access == UB_ACCESS_OK)
    {
      node->retry_us = 0;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->lock);
  if (news)
    tell_present (self, node);
}

static void
look_at (UbUsbWatcher *self, Node *node)
{
  gint64 now = g_get_monotonic_time ();

  if (node->place == NULL && !node->hopeless)
    identify (self, node, now);
  if (node->place != NULL && !node->settled)
    describe (self, node, now);
  else if (node->place != NULL && ub_usb_ids_is_ours (node->place->kind))
    refresh_access (self, node, now);
}

/* ms until @node is to be looked at again */
static int
choose_wait (const Node *node)
{
  gint64 now = g_get_monotonic_time ();

  if (node->hopeless)
    return POLL_MS;
  if (node->place == NULL)
    return now - node->since_us < SYSFS_SOON_MS * MS ? 1 : SLOW_POLL_MS;
  if (!node->settled)
    return SLOW_POLL_MS;
  return ub_usb_ids_is_ours (node->place->kind) && node->access == UB_ACCESS_UNKNOWN &&
                 now <= node->grace_us
             ? SLOW_POLL_MS
             : POLL_MS;
}

/* Looks at everything anew, which is cheap, rather than at what the messages say. Returns how long
 * to wait, in ms. */
static int
look (UbUsbWatcher *self)
{
  int wait = POLL_MS;

  read_folders (self);
  drop_gone (self);
  if (self->again)
    read_folders (self);
  self->again = FALSE;
  self->started = TRUE;
  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (self->nodes, i);

      look_at (self, node);
      wait = MIN (wait, choose_wait (node));
    }
  return MIN (wait, look_for_faults (self));
}

/* When udev's rules have run, there will be no more permission than there is now. */
static void
news_cb (UbUsbEarsNews news, guint bus, guint number, gpointer user_data)
{
  UbUsbWatcher *self = user_data;
  gint64        now = g_get_monotonic_time ();
  Node         *settled = news == UB_USB_EARS_SETTLED ? find_node (self, bus, number) : NULL;

  if (news == UB_USB_EARS_SETTLED && settled == NULL)
    settled = add_node (self, bus, number);
  if (settled != NULL)
    settled->grace_us = 0;
  for (guint i = 0; i < self->nodes->len && news == UB_USB_EARS_CHANGED; i++)
    {
      Node *node = g_ptr_array_index (self->nodes, i);

      if (node->number == number && node->grace_us > now)
        node->grace_us = MIN (now + CHANGED_MS * MS, node->since_us + GRACE_MS * MS);
    }
}

/* From here on nothing is missed. */
static void
open_all (UbUsbWatcher *self)
{
  self->ears = ub_usb_ears_new ();
  self->log = ub_usb_log_open ();
  self->ports = ub_usb_ports_new (SYSFS_DEVICES);
  self->faults = ub_usb_faults_new (fault_cb, self);
  self->ports_us = 0;
  self->started = FALSE;
}

static void
close_all (UbUsbWatcher *self)
{
  ub_usb_faults_end_all (self->faults);
  g_clear_pointer (&self->faults, ub_usb_faults_free);
  g_clear_pointer (&self->ports, ub_usb_ports_free);
  g_clear_pointer (&self->log, ub_usb_log_free);
  g_clear_pointer (&self->ears, ub_usb_ears_free);
}

static void
rest (UbUsbWatcher *self, int wait)
{
  int   log = self->log != NULL ? ub_usb_log_get_fd (self->log) : -1;
  short events;

  if (!ub_usb_ears_wait (self->ears, log, &events, wait, news_cb, self) && self->ports_changed)
    {
      self->ports_changed = FALSE;
      ub_usb_ports_find (self->ports);
    }
  if ((events & (POLLHUP | POLLNVAL)) != 0)
    g_clear_pointer (&self->log, ub_usb_log_free);
}

static gpointer
watch (gpointer data)
{
  UbUsbWatcher *self = data;

  while (!g_atomic_int_get (&self->stopping))
    rest (self, look (self));
  return NULL;
}

/* --- the waiting threads: opening --- */

/* with the lock held; %NULL if there is nothing to try now, with @next_us lowered to when there may
 * be */
static Node *
find_candidate (UbUsbWatcher *self,
                const char   *port,
                guint         left_number,
                gint64        left_until_us,
                gint64       *next_us)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node  *node = g_ptr_array_index (self->nodes, i);
      gint64 from = node->retry_us;

      if (node->place == NULL || !ub_usb_ids_is_ours (node->place->kind) || node->taken ||
          (port != NULL && !g_str_equal (port, node->place->port)))
        continue;
      if (node->number == left_number)
        from = MAX (from, left_until_us);
      if (from <= now)
        return node;
      *next_us = MIN (*next_us, from);
    }
  return NULL;
}

static gint64
choose_retry_ms (const Node *node, const GError *error, gint64 now)
{
  if (g_error_matches (error, UB_ERROR, UB_ERROR_UNSUPPORTED))
    return G_MAXINT;
  if (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_BUSY))
    return RETRY_BUSY_MS;
  return now - node->since_us < GRACE_MS * MS ? RETRY_FAST_MS : RETRY_SLOW_MS;
}

/* with the lock held; returns whether that is news worth telling */
static gboolean
note_failure (Node *node, const GError *error, const char *holder, gboolean is_guess)
{
  gint64   now = g_get_monotonic_time ();
  UbAccess access = node->access;

  node->taken = FALSE;
  node->retry_us = now + choose_retry_ms (node, error, now) * MS;
  if (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_BUSY))
    node->access = UB_ACCESS_BUSY;
  if (g_error_matches (error, UB_ERROR, UB_ERROR_NO_PERMISSION))
    node->refused = ub_usb_access_check (node->place->node) == UB_ACCESS_OK;
  if (holder != NULL)
    {
      g_free (node->holder);
      node->holder = g_strdup (holder);
      node->holder_is_guess = is_guess;
    }
  return node->access != access;
}

/* Opens @node, whose lock is held before and after, but not while it is done. */
static UbUsbPipe *
try_open (UbUsbWatcher *self, Node *node)
{
  g_autoptr (UbUsbPlace) place = ub_usb_place_copy (node->place);
  g_autoptr (GError) error = NULL;
  g_autofree char *holder = NULL;
  const guint64    identity = node->identity;
  gboolean         was_busy = node->access == UB_ACCESS_BUSY;
  gboolean         news = FALSE, is_guess = FALSE;
  UbUsbPipe       *pipe;

  node->taken = TRUE;
  g_mutex_unlock (&self->lock);
  pipe = ub_usb_pipe_open (place, &error);
  if (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_BUSY) && !was_busy)
    holder = ub_usb_access_find_holder (place->node, place->syspath, &is_guess);
  g_mutex_lock (&self->lock);
  node = find_node (self, place->bus, place->number);
  /* gone meanwhile, or another thing has its number now: who uses the pipe will find out */
  if (node == NULL || node->identity != identity)
    return pipe;
  node->refused = FALSE;
  if (pipe == NULL)
    news = note_failure (node, error, holder, is_guess);
  else if (node->access != UB_ACCESS_OK)
    {
      node->access = UB_ACCESS_OK;
      news = TRUE;
    }
  if (news)
    tell (self, node, TRUE);
  return pipe;
}

static void
wake_cb (GCancellable *cancellable, gpointer user_data)
{
  UbUsbWatcher *self = user_data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
may_wait (UbUsbWatcher *self,
          gint64        end,
          GCancellable *cancellable,
          const char   *port,
          GError      **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self->thread == NULL || g_atomic_int_get (&self->stopping))
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_PHONE, "the USB bus is not being watched");
      return FALSE;
    }
  if (g_get_monotonic_time () < end)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NO_PHONE,
               "no phone came %s%s",
               port != NULL ? "to port " : "in time",
               port != NULL ? port : "");
  return FALSE;
}

/**
 * ub_usb_watcher_take:
 * @timeout_ms: 0 for ever
 *
 * The thing under @left_number is not taken for the phone that is to come back, until so much time
 * has passed that it does not seem to leave.
 */
UbUsbPipe *
ub_usb_watcher_take (UbUsbWatcher *self,
                     const char   *port,
                     guint         left_number,
                     guint         timeout_ms,
                     GCancellable *cancellable,
                     GError      **error)
{
  gint64     start = g_get_monotonic_time ();
  gint64     end = timeout_ms > 0 ? start + timeout_ms * MS : G_MAXINT64;
  gint64     left_until = start + MIN (timeout_ms > 0 ? timeout_ms / 2 : G_MAXUINT, 3000) * MS;
  UbUsbPipe *pipe = NULL;
  gulong     id = 0;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), self, NULL);
  g_mutex_lock (&self->lock);
  while (pipe == NULL && may_wait (self, end, cancellable, port, error))
    {
      gint64 next = end;
      Node  *node = find_candidate (self, port, left_number, left_until, &next);

      if (node != NULL)
        pipe = try_open (self, node);
      else if (next == G_MAXINT64)
        g_cond_wait (&self->changed, &self->lock);
      else
        g_cond_wait_until (&self->changed, &self->lock, next);
    }
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, id);
  return pipe;
}

void
ub_usb_watcher_give_back (UbUsbWatcher *self, const UbUsbPlace *place)
{
  Node *node;

  g_mutex_lock (&self->lock);
  node = find_node (self, place->bus, place->number);
  if (node != NULL)
    node->taken = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static UbLink *
usb_watcher_wait (UbLinkSource *source,
                  const char   *port,
                  guint         timeout_ms,
                  GCancellable *cancellable,
                  GError      **error)
{
  UbUsbWatcher *self = UB_USB_WATCHER (source);
  UbUsbPipe    *pipe = ub_usb_watcher_take (self, port, 0, timeout_ms, cancellable, error);

  return pipe != NULL ? ub_usb_link_new (pipe, self) : NULL;
}

static gboolean
usb_watcher_start (UbLinkSource *source, GError **error)
{
  UbUsbWatcher *self = UB_USB_WATCHER (source);

  if (self->thread != NULL)
    return TRUE;
  g_atomic_int_set (&self->stopping, 0);
  open_all (self);
  self->thread = g_thread_try_new ("usb-watcher", watch, self, error);
  if (self->thread == NULL)
    close_all (self);
  return self->thread != NULL;
}

static void
usb_watcher_stop (UbLinkSource *source)
{
  UbUsbWatcher *self = UB_USB_WATCHER (source);

  if (self->thread == NULL)
    return;
  g_atomic_int_set (&self->stopping, 1);
  ub_usb_ears_wake (self->ears);
  wake_cb (NULL, self);
  g_clear_pointer (&self->thread, g_thread_join);
  close_all (self);
}

static void
ub_usb_watcher_finalize (GObject *object)
{
  UbUsbWatcher *self = UB_USB_WATCHER (object);

  usb_watcher_stop (UB_LINK_SOURCE (self));
  g_ptr_array_unref (self->nodes);
  g_array_unref (self->own);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (ub_usb_watcher_parent_class)->finalize (object);
}

static GArray *
dup_own (UbUsbWatcher *self)
{
  GArray *own;

  g_mutex_lock (&self->lock);
  own = g_array_copy (self->own);
  g_mutex_unlock (&self->lock);
  return own;
}

static UbPermission *
usb_watcher_dup_permission (UbLinkSource *source)
{
  g_autoptr (GArray) own = dup_own (UB_USB_WATCHER (source));

  return ub_usb_cure_dup_permission (own);
}

static gboolean
usb_watcher_cure (UbLinkSource *source, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) own = dup_own (UB_USB_WATCHER (source));

  return ub_usb_cure_install (own, cancellable, error);
}

static gboolean
usb_watcher_sees_broken (UbLinkSource *source)
{
  g_autoptr (UbUsbPorts) ports = ub_usb_ports_new (SYSFS_DEVICES);
  g_autoptr (UbUsbLog) log = ub_usb_log_open ();

  return log != NULL || ub_usb_ports_have_states (ports);
}

static void
ub_usb_watcher_class_init (UbUsbWatcherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_usb_watcher_finalize;
  UB_LINK_SOURCE_CLASS (klass)->start = usb_watcher_start;
  UB_LINK_SOURCE_CLASS (klass)->stop = usb_watcher_stop;
  UB_LINK_SOURCE_CLASS (klass)->wait = usb_watcher_wait;
  UB_LINK_SOURCE_CLASS (klass)->sees_broken = usb_watcher_sees_broken;
  UB_LINK_SOURCE_CLASS (klass)->dup_permission = usb_watcher_dup_permission;
  UB_LINK_SOURCE_CLASS (klass)->cure = usb_watcher_cure;
}

static void
ub_usb_watcher_init (UbUsbWatcher *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->own = g_array_new (FALSE, FALSE, sizeof (guint32));
}

UbLinkSource *
ub_usb_watcher_new (void)
{
  return g_object_new (UB_TYPE_USB_WATCHER, NULL);
}
