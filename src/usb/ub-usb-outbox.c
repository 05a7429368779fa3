/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-outbox.h"

#include "base/ub-error.h"

#define N_SLOTS 8
#define SIZE_MAX_FAST (1024 * 1024)
#define SIZE_MAX_SLOW (64 * 1024) /* full speed: so that a time-out sees bytes move */
#define SIZE_MIN (16 * 1024)
#define STALLS_MAX 1

typedef struct
{
  guint piece;
  gsize offset;
} Position;

typedef struct
{
  UbUsbOutbox            *outbox;
  struct libusb_transfer *transfer;
  Position                position;
  gboolean                active;
} Slot;

struct _UbUsbOutbox
{
  UbUsbPipe  *pipe;
  UbUsbInbox *inbox;
  gsize       size_max; /* of one transfer; less when the kernel is short of memory for transfers */
  Slot        slots[N_SLOTS];

  /* the write of this moment */
  const UbLinkPiece          *pieces;
  guint                       n_pieces;
  Position                    next; /* to be submitted */
  Position                    redo; /* the first that failed */
  guint                       n_active;
  gint64                      moved_us; /* when bytes last moved */
  gsize                       sent;
  gsize                       total;
  enum libusb_transfer_status failure;
};

static gboolean
is_before (Position a, Position b)
{
  return a.piece != b.piece ? a.piece < b.piece : a.offset < b.offset;
}

static void LIBUSB_CALL
transfer_cb (struct libusb_transfer *transfer)
{
  Slot        *slot = transfer->user_data;
  UbUsbOutbox *self = slot->outbox;
  gsize        moved = (gsize) MAX (transfer->actual_length, 0);
  Position     stopped = { slot->position.piece, slot->position.offset + moved };

  slot->active = FALSE;
  self->n_active--;
  self->sent += moved;
  if (moved > 0 || transfer->status == LIBUSB_TRANSFER_COMPLETED)
    self->moved_us = g_get_monotonic_time ();
  if (transfer->status == LIBUSB_TRANSFER_COMPLETED && transfer->actual_length == transfer->length)
    return;
  if (is_before (stopped, self->redo))
    self->redo = stopped;
  if (transfer->status == LIBUSB_TRANSFER_CANCELLED)
    return;
  if (self->failure == LIBUSB_TRANSFER_COMPLETED || transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
    self->failure =
        transfer->status == LIBUSB_TRANSFER_COMPLETED ? LIBUSB_TRANSFER_ERROR : transfer->status;
}

static Slot *
find_idle (UbUsbOutbox *self)
{
  for (guint i = 0; i < N_SLOTS; i++)
    if (!self->slots[i].active)
      return &self->slots[i];
  return NULL;
}

static int
submit (UbUsbOutbox *self, Slot *slot)
{
  const UbLinkPiece *piece = &self->pieces[self->next.piece];
  gsize              size = MIN (piece->size - self->next.offset, self->size_max);
  int                r;

  /* libusb only reads what goes out, but has one kind of transfer for both ways */
  libusb_fill_bulk_transfer (slot->transfer,
                             self->pipe->handle,
                             self->pipe->layout.out,
                             (guint8 *) piece->data + self->next.offset,
                             (int) size,
                             transfer_cb,
                             slot,
                             0);
  r = libusb_submit_transfer (slot->transfer);
  if (r != 0)
    return r;
  slot->position = self->next;
  slot->active = TRUE;
  self->n_active++;
  self->next.offset += size;
  if (self->next.offset >= piece->size)
    self->next = (Position){ self->next.piece + 1, 0 };
  return 0;
}

static void
fill (UbUsbOutbox *self)
{
  Slot *slot;

  while (self->failure == LIBUSB_TRANSFER_COMPLETED && self->next.piece < self->n_pieces &&
         (slot = find_idle (self)) != NULL)
    {
      int r = submit (self, slot);

      if (r == LIBUSB_ERROR_NO_MEM && self->size_max > SIZE_MIN)
        self->size_max /= 2; /* usbfs gives 16 MiB to all of the computer's USB things together */
      else if (r == LIBUSB_ERROR_NO_MEM && self->n_active > 0)
        return;
      else if (r != 0)
        {
          self->failure = ub_usb_pipe_to_status (r);
          self->redo = is_before (self->next, self->redo) ? self->next : self->redo;
        }
    }
}

static void
cancel_all (UbUsbOutbox *self)
{
  for (guint i = 0; i < N_SLOTS; i++)
    if (self->slots[i].active)
      libusb_cancel_transfer (self->slots[i].transfer);
  while (self->n_active > 0)
    ub_usb_pipe_handle_events (self->pipe, g_get_monotonic_time () + 100 * 1000);
}

/* Returns FALSE on time-out. */
static gboolean
run (UbUsbOutbox *self, guint timeout_ms)
{
  for (;;)
    {
      gint64 end = self->moved_us + timeout_ms * G_GINT64_CONSTANT (1000);

      fill (self);
      if (self->n_active == 0)
        return TRUE;
      if (self->failure == LIBUSB_TRANSFER_COMPLETED)
        ub_usb_pipe_handle_events (self->pipe, end);
      ub_usb_inbox_keep (self->inbox);
      if (self->failure == LIBUSB_TRANSFER_COMPLETED)
        self->failure = ub_usb_inbox_get_failure (self->inbox);
      if (self->failure != LIBUSB_TRANSFER_COMPLETED)
        {
          cancel_all (self);
          return TRUE;
        }
      if (g_get_monotonic_time () >= self->moved_us + timeout_ms * G_GINT64_CONSTANT (1000))
        {
          cancel_all (self);
          return FALSE;
        }
    }
}

/* Goes on where a stalled endpoint stopped. */
static gboolean
recover (UbUsbOutbox *self)
{
  int r = libusb_clear_halt (self->pipe->handle, self->pipe->layout.out);

  if (r != 0)
    {
      self->failure = ub_usb_pipe_to_status (r);
      return FALSE;
    }
  self->next = self->redo;
  if (self->next.offset > 0 && self->next.offset >= self->pieces[self->next.piece].size)
    self->next = (Position){ self->next.piece + 1, 0 };
  self->redo = (Position){ G_MAXUINT, 0 };
  self->failure = LIBUSB_TRANSFER_COMPLETED;
  self->moved_us = g_get_monotonic_time ();
  return TRUE;
}

static gsize
sum_up (const UbLinkPiece *pieces, guint n_pieces)
{
  gsize sum = 0;

  for (guint i = 0; i < n_pieces; i++)
    sum += pieces[i].size;
  return sum;
}

/**
 * ub_usb_outbox_write:
 *
 * Sends all pieces in order, each as at least one transfer; a piece of no bytes is an empty
 * transfer, and there are no other empty ones. The phone has acknowledged everything when this
 * returns %TRUE.
 */
gboolean
ub_usb_outbox_write (UbUsbOutbox       *self,
                     const UbLinkPiece *pieces,
                     guint              n_pieces,
                     guint              timeout_ms,
                     GError           **error)
{
  gboolean in_time = TRUE;

  self->pieces = pieces;
  self->n_pieces = n_pieces;
  self->next = (Position){ 0, 0 };
  self->redo = (Position){ G_MAXUINT, 0 };
  self->sent = 0;
  self->total = sum_up (pieces, n_pieces);
  self->moved_us = g_get_monotonic_time ();
  self->failure = ub_usb_inbox_get_failure (self->inbox);
  ub_usb_inbox_keep (self->inbox);
  for (guint stalls = 0; in_time && self->failure == LIBUSB_TRANSFER_COMPLETED; stalls++)
    {
      in_time = run (self, timeout_ms);
      if (self->failure != LIBUSB_TRANSFER_STALL || stalls >= STALLS_MAX || !recover (self))
        break;
    }
  if (self->failure != LIBUSB_TRANSFER_COMPLETED)
    {
      ub_usb_pipe_set_error (self->pipe, self->failure, "sending", error);
      return FALSE;
    }
  if (in_time)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_LINK_TIMEOUT,
               "the phone at port %s took %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
               " bytes, then nothing for %u ms",
               self->pipe->place->port,
               self->sent,
               self->total,
               timeout_ms);
  return FALSE;
}

UbUsbOutbox *
ub_usb_outbox_new (UbUsbPipe *pipe, UbUsbInbox *inbox)
{
  UbUsbOutbox *self = g_new0 (UbUsbOutbox, 1);

  self->pipe = pipe;
  self->inbox = inbox;
  self->size_max =
      g_str_equal (ub_usb_pipe_get_speed (pipe), "full") ? SIZE_MAX_SLOW : SIZE_MAX_FAST;
  for (guint i = 0; i < N_SLOTS; i++)
    {
      self->slots[i].outbox = self;
      self->slots[i].transfer = libusb_alloc_transfer (0);
    }
  return self;
}

/* nothing is in flight outside of a write */
void
ub_usb_outbox_free (UbUsbOutbox *self)
{
  for (guint i = 0; i < N_SLOTS; i++)
    libusb_free_transfer (self->slots[i].transfer);
  g_free (self);
}
