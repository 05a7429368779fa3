/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-link.h"

#include "base/ub-error.h"
#include "usb/ub-usb-inbox.h"
#include "usb/ub-usb-outbox.h"

struct _UbUsbLink
{
  GObject parent_instance;

  UbUsbWatcher *watcher; /* (owned) */
  UbUsbPlace   *place;   /* (owned): where it is, or was last */
  const char   *speed;
  UbUsbPipe    *pipe; /* (owned) (nullable): NULL once closed, like the next two */
  UbUsbInbox   *inbox;
  UbUsbOutbox  *outbox;
};

static void link_iface_init (UbLinkInterface *iface);

G_DEFINE_TYPE_WITH_CODE (UbUsbLink,
                         ub_usb_link,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, link_iface_init))

static void
take_pipe (UbUsbLink *self, UbUsbPipe *pipe)
{
  g_clear_pointer (&self->place, ub_usb_place_free);
  self->place = ub_usb_place_copy (pipe->place);
  self->speed = ub_usb_pipe_get_speed (pipe);
  self->pipe = pipe;
  self->inbox = ub_usb_inbox_new (pipe);
  self->outbox = ub_usb_outbox_new (pipe, self->inbox);
  ub_usb_inbox_keep (self->inbox);
}

static gboolean
check_open (UbUsbLink *self, GError **error)
{
  if (self->pipe != NULL)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_LINK_LOST,
               "the link at port %s is closed",
               self->place->port);
  return FALSE;
}

static gboolean
usb_link_send (UbLink            *link,
               const UbLinkPiece *pieces,
               guint              n_pieces,
               guint              timeout_ms,
               GError           **error)
{
  UbUsbLink *self = UB_USB_LINK (link);

  return check_open (self, error) &&
         ub_usb_outbox_write (self->outbox, pieces, n_pieces, timeout_ms, error);
}

static gssize
usb_link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  UbUsbLink *self = UB_USB_LINK (link);

  return check_open (self, error) ? ub_usb_inbox_read (self->inbox, data, size, timeout_ms, error)
                                  : -1;
}

static void
usb_link_close (UbLink *link)
{
  UbUsbLink *self = UB_USB_LINK (link);

  if (self->pipe == NULL)
    return;
  g_clear_pointer (&self->outbox, ub_usb_outbox_free);
  g_clear_pointer (&self->inbox, ub_usb_inbox_free);
  g_clear_pointer (&self->pipe, ub_usb_pipe_free);
  ub_usb_watcher_give_back (self->watcher, self->place);
}

static gboolean
usb_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  UbUsbLink *self = UB_USB_LINK (link);
  UbUsbPipe *pipe;

  usb_link_close (link);
  pipe = ub_usb_watcher_take (self->watcher,
                              self->place->port,
                              self->place->number,
                              timeout_ms,
                              cancellable,
                              error);
  if (pipe == NULL)
    return FALSE;
  take_pipe (self, pipe);
  return TRUE;
}

static const char *
usb_link_get_port (UbLink *link)
{
  return UB_USB_LINK (link)->place->port;
}

static const char *
usb_link_get_speed (UbLink *link)
{
  return UB_USB_LINK (link)->speed;
}

static guint
usb_link_get_product (UbLink *link)
{
  const UbUsbPlace *place = UB_USB_LINK (link)->place;

  return (guint) place->vendor << 16 | place->product;
}

static void
link_iface_init (UbLinkInterface *iface)
{
  iface->send = usb_link_send;
  iface->receive_some = usb_link_receive_some;
  iface->reopen = usb_link_reopen;
  iface->close = usb_link_close;
  iface->get_port = usb_link_get_port;
  iface->get_speed = usb_link_get_speed;
  iface->get_product = usb_link_get_product;
}

static void
ub_usb_link_finalize (GObject *object)
{
  UbUsbLink *self = UB_USB_LINK (object);

  usb_link_close (UB_LINK (self));
  ub_usb_place_free (self->place);
  g_object_unref (self->watcher);
  G_OBJECT_CLASS (ub_usb_link_parent_class)->finalize (object);
}

static void
ub_usb_link_class_init (UbUsbLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_usb_link_finalize;
}

static void
ub_usb_link_init (UbUsbLink *self)
{
}

UbLink *
ub_usb_link_new (UbUsbPipe *pipe, UbUsbWatcher *watcher)
{
  UbUsbLink *self = g_object_new (UB_TYPE_USB_LINK, NULL);

  self->watcher = g_object_ref (watcher);
  take_pipe (self, pipe);
  return UB_LINK (self);
}
