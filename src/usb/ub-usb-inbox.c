/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-inbox.h"

#include "base/ub-error.h"

#include <string.h>

/* Transfers of one packet end with every packet, whatever the phone does about empty packets at the
 * end. A larger one could wait for ever for the rest of what never comes, so larger ones are posted
 * only as far as the reader has asked for bytes that must come. */
#define N_SMALL 4
#define N_SLOTS 8
#define BIG_MAX (256 * 1024)
#define BIG_MIN (16 * 1024)
#define KEPT_MAX (64 * 1024) /* unasked; then the phone has to wait */
#define STALLS_MAX 1

typedef struct
{
  UbUsbInbox             *inbox;
  struct libusb_transfer *transfer;
  guint8                 *buffer; /* (owned) */
  gsize                   capacity;
} Slot;

struct _UbUsbInbox
{
  UbUsbPipe *pipe;
  gsize      packet;
  gsize      big_max; /* less when the kernel is short of memory for transfers */
  Slot       slots[N_SLOTS];
  GQueue     idle;   /* of Slot */
  GQueue     posted; /* of Slot, in the order of posting */
  gsize      n_posted_bytes;

  GByteArray *kept; /* nobody has asked for yet, from kept_start on */
  gsize       kept_start;
  guint8     *target; /* where the reader of this moment wants bytes; may be NULL */
  gsize       target_size;
  gsize       target_filled;

  gboolean                    stalled;
  guint                       stalls; /* since bytes last came */
  enum libusb_transfer_status failure;
};

static gsize
get_kept (const UbUsbInbox *self)
{
  return self->kept->len - self->kept_start;
}

static void
take_kept (UbUsbInbox *self)
{
  gsize n = MIN (get_kept (self), self->target_size - self->target_filled);

  if (n == 0)
    return;
  memcpy (self->target + self->target_filled, self->kept->data + self->kept_start, n);
  self->target_filled += n;
  self->kept_start += n;
  if (self->kept_start < self->kept->len)
    return;
  g_byte_array_set_size (self->kept, 0);
  self->kept_start = 0;
}

static void
take_bytes (UbUsbInbox *self, const guint8 *data, gsize size)
{
  gsize direct = 0;

  if (size == 0)
    return;
  self->stalls = 0;
  if (get_kept (self) == 0)
    direct = MIN (size, self->target_size - self->target_filled);
  if (direct > 0)
    memcpy (self->target + self->target_filled, data, direct);
  self->target_filled += direct;
  if (size > direct)
    g_byte_array_append (self->kept, data + direct, (guint) (size - direct));
}

static void LIBUSB_CALL
transfer_cb (struct libusb_transfer *transfer)
{
  Slot       *slot = transfer->user_data;
  UbUsbInbox *self = slot->inbox;

  g_queue_remove (&self->posted, slot);
  g_queue_push_tail (&self->idle, slot);
  self->n_posted_bytes -= (gsize) transfer->length;
  take_bytes (self, transfer->buffer, (gsize) MAX (transfer->actual_length, 0));
  if (transfer->status == LIBUSB_TRANSFER_STALL)
    self->stalled = TRUE;
  else if (transfer->status != LIBUSB_TRANSFER_COMPLETED &&
           transfer->status != LIBUSB_TRANSFER_CANCELLED &&
           self->failure == LIBUSB_TRANSFER_COMPLETED)
    self->failure = transfer->status;
}

static int
submit (UbUsbInbox *self, gsize size)
{
  Slot *slot = g_queue_peek_head (&self->idle);
  int   r;

  if (slot->capacity < size)
    {
      g_free (slot->buffer);
      slot->buffer = g_malloc (size);
      slot->capacity = size;
    }
  libusb_fill_bulk_transfer (slot->transfer,
                             self->pipe->handle,
                             self->pipe->layout.in,
                             slot->buffer,
                             (int) size,
                             transfer_cb,
                             slot,
                             0);
  r = libusb_submit_transfer (slot->transfer);
  if (r != 0)
    return r;
  g_queue_pop_head (&self->idle);
  g_queue_push_tail (&self->posted, slot);
  self->n_posted_bytes += size;
  return 0;
}

static gsize
round_up (const UbUsbInbox *self, gsize size)
{
  return (size + self->packet - 1) / self->packet * self->packet;
}

/* how large the next transfer is to be, 0 for none */
static gsize
choose_size (const UbUsbInbox *self, gsize wanted)
{
  if (self->failure != LIBUSB_TRANSFER_COMPLETED || self->stalled || self->idle.length == 0 ||
      get_kept (self) >= KEPT_MAX)
    return 0;
  if (wanted > self->n_posted_bytes + N_SMALL * self->packet)
    return MIN (self->big_max, round_up (self, wanted - self->n_posted_bytes));
  return self->posted.length < N_SMALL ? self->packet : 0;
}

static void
post (UbUsbInbox *self, gsize wanted)
{
  gsize size;

  while ((size = choose_size (self, wanted)) > 0)
    {
      int r = submit (self, size);

      if (r == LIBUSB_ERROR_NO_MEM && self->big_max > BIG_MIN && size > self->packet)
        self->big_max =
            self->big_max / 2 / self->packet *
            self->packet; /* usbfs gives 16 MiB to all of the computer's USB things together */
      else if (r == LIBUSB_ERROR_NO_MEM && self->posted.length > 0)
        return;
      else if (r != 0)
        self->failure = ub_usb_pipe_to_status (r);
    }
}

/* In order, so that what came meanwhile stays in order. */
static void
cancel_all (UbUsbInbox *self)
{
  for (GList *l = self->posted.head; l != NULL; l = l->next)
    libusb_cancel_transfer (((Slot *) l->data)->transfer);
  while (self->posted.length > 0)
    ub_usb_pipe_handle_events (self->pipe, g_get_monotonic_time () + 100 * 1000);
}

/* bytes that are posted up to the last transfer of more than one packet */
static gsize
get_reach (const UbUsbInbox *self)
{
  gsize sum = 0, reach = 0;

  for (const GList *l = self->posted.head; l != NULL; l = l->next)
    {
      gsize length = (gsize) ((const Slot *) l->data)->transfer->length;

      sum += length;
      if (length > self->packet)
        reach = sum;
    }
  return reach;
}

static void
clear_stall (UbUsbInbox *self)
{
  int r;

  cancel_all (self);
  self->stalled = FALSE;
  if (self->stalls++ >= STALLS_MAX)
    {
      self->failure = LIBUSB_TRANSFER_STALL;
      return;
    }
  r = libusb_clear_halt (self->pipe->handle, self->pipe->layout.in);
  if (r != 0)
    self->failure = ub_usb_pipe_to_status (r);
}

/**
 * ub_usb_inbox_read:
 *
 * @size says how much is expected to come; asking for more than that only costs speed.
 *
 * Returns: 1…@size, or -1 with %UB_ERROR_LINK_TIMEOUT, %UB_ERROR_LINK_LOST or %UB_ERROR_PROTOCOL
 */
gssize
ub_usb_inbox_read (UbUsbInbox *self, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  gint64   end = g_get_monotonic_time () + timeout_ms * G_GINT64_CONSTANT (1000);
  gboolean late = FALSE;
  gsize    filled;

  if (size == 0)
    return 0;
  self->target = data;
  self->target_size = size;
  self->target_filled = 0;
  take_kept (self);
  if (get_reach (self) > round_up (self, size - self->target_filled))
    cancel_all (self); /* the last reader had asked for more than came */
  while (self->target_filled == 0 && self->failure == LIBUSB_TRANSFER_COMPLETED && !late)
    {
      if (self->stalled)
        clear_stall (self);
      post (self, size);
      /* with nothing posted there is nothing that could wake us before the end */
      if (self->failure == LIBUSB_TRANSFER_COMPLETED)
        ub_usb_pipe_handle_events (self->pipe, end);
      late = g_get_monotonic_time () >= end;
    }
  if (self->target_filled == 0 && get_reach (self) > 0)
    cancel_all (self); /* whole packets without an end may sit in there */
  filled = self->target_filled;
  post (self, size - filled);
  self->target = NULL;
  self->target_size = self->target_filled = 0;
  if (filled > 0)
    return (gssize) filled;
  if (self->failure != LIBUSB_TRANSFER_COMPLETED)
    ub_usb_pipe_set_error (self->pipe, self->failure, "receiving", error);
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_LINK_TIMEOUT,
                 "the phone at port %s said nothing for %u ms",
                 self->pipe->place->port,
                 timeout_ms);
  return -1;
}

void
ub_usb_inbox_keep (UbUsbInbox *self)
{
  post (self, 0);
}

enum libusb_transfer_status
ub_usb_inbox_get_failure (UbUsbInbox *self)
{
  return self->failure;
}

UbUsbInbox *
ub_usb_inbox_new (UbUsbPipe *pipe)
{
  UbUsbInbox *self = g_new0 (UbUsbInbox, 1);

  self->pipe = pipe;
  self->packet = pipe->layout.in_packet;
  self->big_max = BIG_MAX / self->packet * self->packet;
  self->failure = LIBUSB_TRANSFER_COMPLETED;
  self->kept = g_byte_array_new ();
  for (guint i = 0; i < N_SLOTS; i++)
    {
      self->slots[i].inbox = self;
      self->slots[i].transfer = libusb_alloc_transfer (0);
      g_queue_push_tail (&self->idle, &self->slots[i]);
    }
  return self;
}

void
ub_usb_inbox_free (UbUsbInbox *self)
{
  cancel_all (self);
  for (guint i = 0; i < N_SLOTS; i++)
    {
      libusb_free_transfer (self->slots[i].transfer);
      g_free (self->slots[i].buffer);
    }
  g_queue_clear (&self->idle);
  g_byte_array_unref (self->kept);
  g_free (self);
}
