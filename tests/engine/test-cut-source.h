/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-error.h"
#include "link/ub-link-source.h"

/* A source around another one whose links count what is sent: they stop the job after so many
 * bytes, or are lost at once, or never answer. So a test says exactly where something happens,
 * whatever the clock does. */

#define TEST_TYPE_CUT_LINK (test_cut_link_get_type ())
G_DECLARE_FINAL_TYPE (TestCutLink, test_cut_link, TEST, CUT_LINK, GObject)
#define TEST_TYPE_CUT_SOURCE (test_cut_source_get_type ())
G_DECLARE_FINAL_TYPE (TestCutSource, test_cut_source, TEST, CUT_SOURCE, UbLinkSource)

struct _TestCutSource
{
  UbLinkSource parent_instance;

  UbLinkSource *inner;
  UbLinkSource *other; /* (nullable) (unowned): gives the link number @other_at */
  guint         other_at;
  guint         n_lost;    /* the first links are lost at once */
  guint         n_silent;  /* the next ones never answer */
  guint64       cancel_at; /* bytes sent; 0: never */
  guint         max_waits; /* the job is cancelled when it waits more often; 0: no limit */
  gboolean      is_empty;  /* no phone ever; until @cancellable */
  GCancellable *cancellable;
  guint64       n_sent;
  guint         n_waits;
};

struct _TestCutLink
{
  GObject parent_instance;

  TestCutSource *source;
  UbLink        *inner;
  gboolean       is_lost;
  gboolean       is_silent;
};

static inline gboolean
test_cut_link_send (UbLink            *link,
                    const UbLinkPiece *pieces,
                    guint              n_pieces,
                    guint              timeout_ms,
                    GError           **error)
{
  TestCutLink *self = TEST_CUT_LINK (link);

  if (self->is_lost)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "lost");
      return FALSE;
    }
  if (self->is_silent)
    return TRUE;
  for (guint i = 0; i < n_pieces; i++)
    self->source->n_sent += pieces[i].size;
  if (self->source->cancel_at != 0 && self->source->n_sent >= self->source->cancel_at)
    g_cancellable_cancel (self->source->cancellable);
  return ub_link_send_pieces (self->inner, pieces, n_pieces, timeout_ms, error);
}

static inline gssize
test_cut_link_receive_some (UbLink  *link,
                            guint8  *data,
                            gsize    size,
                            guint    timeout_ms,
                            GError **error)
{
  TestCutLink *self = TEST_CUT_LINK (link);

  if (!self->is_lost && !self->is_silent)
    return ub_link_receive_some (self->inner, data, size, timeout_ms, error);
  g_set_error_literal (error,
                       UB_ERROR,
                       self->is_lost ? UB_ERROR_LINK_LOST : UB_ERROR_LINK_TIMEOUT,
                       "cut");
  return -1;
}

static inline gboolean
test_cut_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  return ub_link_reopen (TEST_CUT_LINK (link)->inner, timeout_ms, cancellable, error);
}

static inline void
test_cut_link_sleep (UbLink *link, guint ms)
{
  ub_link_sleep (TEST_CUT_LINK (link)->inner, ms);
}

static inline gint64
test_cut_link_now (UbLink *link)
{
  return ub_link_now (TEST_CUT_LINK (link)->inner);
}

static inline void
test_cut_link_close (UbLink *link)
{
  ub_link_close (TEST_CUT_LINK (link)->inner);
}

static inline const char *
test_cut_link_get_port (UbLink *link)
{
  return ub_link_get_port (TEST_CUT_LINK (link)->inner);
}

static inline const char *
test_cut_link_get_speed (UbLink *link)
{
  return ub_link_get_speed (TEST_CUT_LINK (link)->inner);
}

static inline guint
test_cut_link_get_product (UbLink *link)
{
  return ub_link_get_product (TEST_CUT_LINK (link)->inner);
}

static inline void
test_cut_link_iface_init (UbLinkInterface *iface)
{
  iface->send = test_cut_link_send;
  iface->receive_some = test_cut_link_receive_some;
  iface->reopen = test_cut_link_reopen;
  iface->sleep = test_cut_link_sleep;
  iface->now = test_cut_link_now;
  iface->close = test_cut_link_close;
  iface->get_port = test_cut_link_get_port;
  iface->get_speed = test_cut_link_get_speed;
  iface->get_product = test_cut_link_get_product;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestCutLink,
                               test_cut_link,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, test_cut_link_iface_init))

static void
test_cut_link_finalize (GObject *object)
{
  TestCutLink *self = TEST_CUT_LINK (object);

  g_clear_object (&self->source);
  g_clear_object (&self->inner);
  G_OBJECT_CLASS (test_cut_link_parent_class)->finalize (object);
}

static void
test_cut_link_class_init (TestCutLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_cut_link_finalize;
}

static void
test_cut_link_init (TestCutLink *self)
{
}

G_DEFINE_FINAL_TYPE (TestCutSource, test_cut_source, UB_TYPE_LINK_SOURCE)

static UbLink *
test_cut_source_wait (UbLinkSource *source,
                      const char   *port,
                      guint         timeout_ms,
                      GCancellable *cancellable,
                      GError      **error)
{
  TestCutSource *self = TEST_CUT_SOURCE (source);
  UbLink        *inner;
  TestCutLink   *link;

  if (self->max_waits != 0 && self->n_waits >= self->max_waits)
    g_cancellable_cancel (self->cancellable);
  if (self->is_empty)
    {
      GPollFD poll;

      g_assert_true (g_cancellable_make_pollfd (cancellable, &poll));
      g_poll (&poll, 1, -1);
      g_cancellable_release_fd (cancellable);
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  inner = ub_link_source_wait (self->other != NULL && self->n_waits == self->other_at ? self->other
                                                                                      : self->inner,
                               port,
                               timeout_ms,
                               cancellable,
                               error);
  if (inner == NULL)
    return NULL;
  link = g_object_new (TEST_TYPE_CUT_LINK, NULL);
  link->source = g_object_ref (self);
  link->inner = inner;
  link->is_lost = self->n_waits < self->n_lost;
  link->is_silent = !link->is_lost && self->n_waits < self->n_lost + self->n_silent;
  self->n_waits++;
  return UB_LINK (link);
}

static gboolean
test_cut_source_start (UbLinkSource *source, GError **error)
{
  return TRUE;
}

static void
test_cut_source_stop (UbLinkSource *source)
{
}

static void
test_cut_source_finalize (GObject *object)
{
  TestCutSource *self = TEST_CUT_SOURCE (object);

  g_clear_object (&self->inner);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (test_cut_source_parent_class)->finalize (object);
}

static void
test_cut_source_class_init (TestCutSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_cut_source_finalize;
  klass->parent_class.wait = test_cut_source_wait;
  klass->parent_class.start = test_cut_source_start;
  klass->parent_class.stop = test_cut_source_stop;
}

static void
test_cut_source_init (TestCutSource *self)
{
}

static inline TestCutSource *
test_cut_source_new (UbLinkSource *inner, GCancellable *cancellable)
{
  TestCutSource *self = g_object_new (TEST_TYPE_CUT_SOURCE, NULL);

  self->inner = g_object_ref (inner);
  self->cancellable = g_object_ref (cancellable);
  return self;
}
