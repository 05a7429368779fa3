/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"

G_BEGIN_DECLS

/* what a thing on the cable is (shared/protocol/brom-and-legacy.md §1.1) */
typedef enum
{
  UB_SIGHTING_NOTHING,
  UB_SIGHTING_BOOT_ROM,
  UB_SIGHTING_PRELOADER,
  UB_SIGHTING_AGENT,
  UB_SIGHTING_ANDROID, /* switched on: MTP, ADB, tethering, charging */
  UB_SIGHTING_FASTBOOT,
  UB_SIGHTING_META,
  UB_SIGHTING_UNKNOWN, /* a phone maker's device that we cannot place */
} UbSightingKind;

typedef enum
{
  UB_ACCESS_UNKNOWN, /* not tried: not something we talk to */
  UB_ACCESS_OK,
  UB_ACCESS_DENIED, /* no permission */
  UB_ACCESS_BUSY,   /* somebody else holds it */
} UbAccess;

/**
 * UbSighting:
 *
 * What is seen at one USB port at one moment. A value; ub_sighting_copy() makes another.
 */
typedef struct
{
  UbSightingKind kind;
  UbAccess       access;
  gboolean       present; /* FALSE: it has just gone */
  guint16        vendor;
  guint16        product;
  char          *port;        /* "1-2.4" */
  char          *name;        /* (nullable): what the thing calls itself */
  char          *holder;      /* (nullable): who holds it, where that can be known */
  guint          appearances; /* how often boot ROM or preloader came to this port so far */
  gint64         last_us;     /* how long the last such visit was; 0 while unknown */
  gint64         time_us;     /* monotonic time of this sighting */
} UbSighting;

UbSighting *ub_sighting_copy (const UbSighting *self);
void        ub_sighting_free (UbSighting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbSighting, ub_sighting_free)

#define UB_TYPE_LINK_SOURCE (ub_link_source_get_type ())
G_DECLARE_DERIVABLE_TYPE (UbLinkSource, ub_link_source, UB, LINK_SOURCE, GObject)

/**
 * UbLinkSource:
 *
 * Where phones come from: the USB bus, or the practice phone. Watches from ub_link_source_start()
 * on. Sightings are told to every subscriber in the subscriber's own main context; a wait blocks a
 * worker thread. Thread-safe.
 */
struct _UbLinkSourceClass
{
  GObjectClass parent_class;

  gboolean (*start) (UbLinkSource *self, GError **error);
  void (*stop) (UbLinkSource *self);
  /* (transfer full): see ub_link_source_wait() */
  UbLink *(*wait) (UbLinkSource *self,
                   const char   *port,
                   guint         timeout_ms,
                   GCancellable *cancellable,
                   GError      **error);
};

typedef void (*UbSightingFunc) (const UbSighting *sighting, gpointer user_data);

gboolean ub_link_source_start (UbLinkSource *self, GError **error);
void     ub_link_source_stop (UbLinkSource *self);
/**
 * ub_link_source_wait:
 * @port: (nullable): only a phone at this port; %NULL for any
 * @timeout_ms: 0 for ever
 *
 * Waits for a boot ROM, preloader or agent that can be opened. One that is already there counts.
 * Being too slow is never the caller's fault: the link is handed out open, configured, ready for
 * the first handshake byte. A phone that may not be opened is told by a sighting and waited past.
 *
 * Returns: (transfer full) (nullable): an open link; %UB_ERROR_NO_PHONE after the time given
 */
UbLink *ub_link_source_wait (UbLinkSource *self,
                             const char   *port,
                             guint         timeout_ms,
                             GCancellable *cancellable,
                             GError      **error);
/* @callback is called in @context (NULL: the default one); at once for what is there. Returns an id
 */
guint ub_link_source_subscribe (UbLinkSource  *self,
                                GMainContext  *context,
                                UbSightingFunc callback,
                                gpointer       user_data);
void  ub_link_source_unsubscribe (UbLinkSource *self, guint id);
/* for implementations, from any thread: tells the subscribers. Counts appearances and durations
 * itself. */
void ub_link_source_tell (UbLinkSource *self, const UbSighting *sighting);

G_END_DECLS
