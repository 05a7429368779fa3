/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "link/ub-link.h"
#include "link/ub-permission.h"

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
  UB_SIGHTING_UNKNOWN,  /* a phone maker's device that we cannot place */
  UB_SIGHTING_RECOVERY, /* the small system for repairs: TWRP, sideload, "No command" */
  UB_SIGHTING_BROKEN,   /* something at a port that the computer cannot talk to: no node, no ids */
  UB_SIGHTING_LAST = UB_SIGHTING_BROKEN,
} UbSightingKind;

/* more of what is known of it; any number of them */
typedef enum
{
  UB_TRAIT_MTP = 1 << 0, /* offers files (MTP or PTP) */
  UB_TRAIT_ADB = 1 << 1,
  UB_TRAIT_STORAGE = 1 << 2,  /* is a disk */
  UB_TRAIT_TETHER = 1 << 3,   /* is a network card or modem */
  UB_TRAIT_CHARGING = 1 << 4, /* switched on, or charging while off, and offers nothing */
  UB_TRAIT_OWN_IDS = 1 << 5,  /* boot ROM or preloader under its maker's own numbers */
} UbSightingTraits;

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
  char          *port;      /* "1-2.4" */
  char          *name;      /* (nullable): what the thing calls itself */
  char          *holder;    /* (nullable): who holds it, where that can be known */
  gboolean holder_is_guess; /* … or only suspected: a program that runs and is known for it */
  char    *fault;           /* (nullable): why it is BROKEN, in the kernel's words */
  guint    traits;          /* UbSightingTraits */
  guint    appearances;     /* how often boot ROM or preloader came to this port so far */
  gint64   last_us;         /* how long the last such visit was; 0 while unknown */
  gint64   away_us; /* how long it was away before its present or last visit; 0 while unknown */
  gint64   time_us; /* monotonic time of this sighting */
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
  /* both optional: see ub_link_source_dup_permission() and ub_link_source_cure_async() */
  UbPermission *(*dup_permission) (UbLinkSource *self);
  gboolean (*cure) (UbLinkSource *self, GCancellable *cancellable, GError **error);
  /* optional: see ub_link_source_sees_broken() */
  gboolean (*sees_broken) (UbLinkSource *self);
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
/* (transfer full) (nullable): what lets us open phones that come from here, as things stand now; %NULL where nothing has to.
 * Reads a file or two */
UbPermission *ub_link_source_dup_permission (UbLinkSource *self);
/* Puts the rule in place; the computer asks for a password. Only where UbPermission.may_install. Phones that are plugged in are
 * opened to us, too, and a sighting tells it. G_IO_ERROR_CANCELLED if the person thought better of it */
void     ub_link_source_cure_async (UbLinkSource       *self,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gboolean ub_link_source_cure_finish (UbLinkSource *self, GAsyncResult *result, GError **error);
/* whether something at a port that the computer cannot talk to would be told as %UB_SIGHTING_BROKEN; many
 * systems hide it (an old kernel, and a kernel log that only the administrator may read) */
gboolean ub_link_source_sees_broken (UbLinkSource *self);
/* for implementations, from any thread: tells the subscribers. Counts appearances and durations
 * itself. */
void ub_link_source_tell (UbLinkSource *self, const UbSighting *sighting);

G_END_DECLS
