/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* what tests of XFLASH agents need: a cable that is as nasty as real ones, conversations to put together, content */

#include "da/ub-da-xflash-private.h"
#include "link/ub-link-replay.h"
#include "tests/da/test-agent.h"

/* --- a recorded conversation over a cable --- */

typedef struct
{
  GObject     parent_instance;
  UbLink     *inner;
  const char *speed;
  gboolean
      chop; /* short answers come byte by byte, long ones in 0xFC00 with an empty packet behind each */
  gboolean empty; /* one is due */
  gboolean
      babble; /* says @babble_size bytes of @babble_data for ever where @inner has nothing more to say */
  const guint8 *babble_data;
  gsize         babble_size;
  gsize         babble_at;
  guint         reopened;
  guint         sends; /* calls */
  gboolean      is_out;
} Cable;

typedef struct
{
  GObjectClass parent_class;
} CableClass;

static GType cable_get_type (void);

static gboolean
cable_is_out (Cable *self, GError **error)
{
  if (self->is_out)
    g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "the cable is out");
  return self->is_out;
}

static gboolean
cable_babbles (Cable *self)
{
  return self->babble && ub_link_replay_is_finished (UB_LINK_REPLAY (self->inner));
}

/* a header shares its transfer with nothing (genuine-agents.md §4) */
static gboolean
cable_send (UbLink            *link,
            const UbLinkPiece *pieces,
            guint              n_pieces,
            guint              timeout_ms,
            GError           **error)
{
  static const guint8 magic[] = { 0xef, 0xee, 0xee, 0xfe };
  Cable              *self = (Cable *) link;

  self->sends++;
  if (cable_is_out (self, error))
    return FALSE;
  for (guint i = 0; i < n_pieces; i++)
    if (pieces[i].size >= sizeof magic && memcmp (pieces[i].data, magic, sizeof magic) == 0)
      g_assert_cmpuint (pieces[i].size, ==, 12);
  if (cable_babbles (self))
    return TRUE;
  return ub_link_send_pieces (self->inner, pieces, n_pieces, timeout_ms, error);
}

static gssize
cable_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  Cable *self = (Cable *) link;
  gssize n;

  if (cable_is_out (self, error))
    return -1;
  if (cable_babbles (self))
    {
      *data = self->babble_data[self->babble_at++ % self->babble_size];
      return 1;
    }
  if (self->chop && self->empty)
    {
      self->empty = FALSE;
      return 0;
    }
  if (self->chop)
    size = size <= 12 ? 1 : MIN (size, 0xfc00);
  n = ub_link_receive_some (self->inner, data, size, timeout_ms, error);
  self->empty = n > 0 && n % 512 == 0;
  return n;
}

static gboolean
cable_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  ((Cable *) link)->reopened++;
  return TRUE;
}

static void
cable_sleep (UbLink *link, guint ms)
{
  ub_link_sleep (((Cable *) link)->inner, ms);
}

static gint64
cable_now (UbLink *link)
{
  return ub_link_now (((Cable *) link)->inner);
}

static const char *
cable_get_speed (UbLink *link)
{
  return ((Cable *) link)->speed;
}

static void
cable_iface_init (UbLinkInterface *iface)
{
  iface->send = cable_send;
  iface->receive_some = cable_receive_some;
  iface->reopen = cable_reopen;
  iface->sleep = cable_sleep;
  iface->now = cable_now;
  iface->get_speed = cable_get_speed;
}

G_DEFINE_TYPE_WITH_CODE (Cable,
                         cable,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, cable_iface_init))

static void
cable_finalize (GObject *object)
{
  g_object_unref (((Cable *) object)->inner);
  G_OBJECT_CLASS (cable_parent_class)->finalize (object);
}

static void
cable_class_init (CableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cable_finalize;
}

static void
cable_init (Cable *self)
{
}

/* --- a session --- */

typedef struct
{
  TestSetup     setup;
  Cable        *cable;
  UbDa         *da;
  UbDaXflash   *xflash; /* the same */
  UbDaReport    report;
  GError       *error;
  gboolean      started;
  GCancellable *cancellable;
} Session;

static inline void
session_clear (Session *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->cable);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

#define DA2_SIGNATURE 0x100

/* @text begins with the agent's C0 */
static inline void
session_open (Session *self, const char *text, gsize da2_size)
{
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *all = g_strconcat (upload, text, NULL);

  *self = (Session){ 0 };
  self->cable = g_object_new (cable_get_type (), NULL);
  self->cable->inner = ub_link_replay_new_from_text (all, &self->error);
  g_assert_no_error (self->error);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->cable->inner), TRUE);
  self->cable->speed = "high";
  self->cancellable = g_cancellable_new ();
  test_setup_init (&self->setup, 0x0766, 2020, da2_size + DA2_SIGNATURE, NULL);
  self->setup.setup.brom.is_boot_rom = TRUE;
  self->setup.setup.da2_address = 0x40000000;
  self->setup.setup.da2_signature = DA2_SIGNATURE;
  self->da = ub_da_new (UB_PROTOCOL_XFLASH, UB_LINK (self->cable), &self->error);
  g_assert_no_error (self->error);
  self->xflash = UB_DA_XFLASH (self->da);
}

static inline void
session_start (Session *self)
{
  self->started = ub_da_start (self->da,
                               &self->setup.setup,
                               &self->report,
                               NULL,
                               NULL,
                               self->cancellable,
                               &self->error);
}

static inline guint
session_line (Session *self)
{
  return ub_link_replay_get_line (UB_LINK_REPLAY (self->cable->inner));
}

static inline gboolean
session_is_finished (Session *self)
{
  return ub_link_replay_is_finished (UB_LINK_REPLAY (self->cable->inner));
}

/* settings of version @version for the memory test_cid (@match 0) or others; a block of @size zeros */
static inline UbEmi *
xflash_emi_new (const char *origin, guint n, guint match, gsize size)
{
  UbEmi *emi = test_emi_new (35, 0xa0, n, match);

  g_free (emi->origin);
  emi->origin = g_strdup (origin);
  emi->block = g_bytes_new_take (g_malloc0 (size), size);
  return emi;
}

/* --- content --- */

typedef struct
{
  UbDa         *da;
  guint8       *buffer;
  guint8        seed; /* byte i of the content is seed + step × i */
  guint8        step;
  int           last;   /* its last byte; -1: as the others */
  gboolean      sparse; /* begins like a sparse image */
  guint64       length;
  guint64       position;
  guint         asked;
  GCancellable *cancel_after; /* cancelled with the first packet */
  guint         fail_at;      /* the so-manyth packet cannot be read; 0: all can */
} Content;

static inline gboolean
content_give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  Content *self = user_data;

  self->asked++;
  if (self->asked == self->fail_at)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_FILE_READ, "the file is gone");
      return FALSE;
    }
  self->buffer = g_realloc (self->buffer, size);
  for (gsize i = 0; i < size; i++)
    self->buffer[i] = (guint8) (self->seed + self->step * (self->position + i));
  if (self->sparse && self->position == 0)
    memcpy (self->buffer, "\x3a\xff\x26\xed", 4);
  self->position += size;
  if (self->position == self->length && self->last >= 0)
    self->buffer[size - 1] = (guint8) self->last;
  if (self->cancel_after != NULL)
    g_cancellable_cancel (self->cancel_after);
  *packet = (UbDaPacket){ self->buffer, size, ub_da_checksum (self->da, self->buffer, size) };
  return TRUE;
}

static inline void
content_clear (Content *self)
{
  g_free (self->buffer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Content, content_clear)

#define CONTENT_INIT(session_, step_, length_)                                                     \
  {                                                                                                \
    .da = (session_)->da, .step = (step_), .last = -1, .length = (length_)                         \
  }

/* past the range check of ub_da_write() */
static inline gboolean
write_raw (Session *self, Content *content, UbRegion region, guint64 offset)
{
  return UB_DA_GET_CLASS (self->da)->write (self->da,
                                            region,
                                            offset,
                                            content->length,
                                            content_give,
                                            content,
                                            NULL,
                                            NULL,
                                            self->cancellable,
                                            &self->error);
}

static inline gboolean
write_name (Session *self, Content *content, const char *name)
{
  return ub_da_write_part (self->da,
                           name,
                           UB_REGION_EMMC_USER,
                           0,
                           content->length,
                           content_give,
                           content,
                           NULL,
                           NULL,
                           self->cancellable,
                           &self->error);
}

/* bytes read; G_MAXSIZE with an error */
static inline gsize
read_raw (Session *self, UbRegion region, guint64 offset, guint64 length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  return UB_DA_GET_CLASS (self->da)->read (self->da,
                                           region,
                                           offset,
                                           length,
                                           test_sink_take,
                                           bytes,
                                           NULL,
                                           NULL,
                                           self->cancellable,
                                           &self->error)
             ? bytes->len
             : G_MAXSIZE;
}

/* --- conversations, message by message --- */

static inline void
add_message (GString *text, const char *who, const char *hex)
{
  const gsize size = strlen (hex) / 2;

  g_string_append_printf (text,
                          "%s efeeeefe01000000%02x%02x0000\n%s %s\n",
                          who,
                          (guint) (size & 0xff),
                          (guint) (size >> 8),
                          who,
                          hex);
}

static inline char *
dup_le32 (guint32 value)
{
  return g_strdup_printf ("%08x", GUINT32_SWAP_LE_BE (value));
}

static inline void
host (GString *text, const char *hex)
{
  add_message (text, "H>D", hex);
}

static inline void
phone (GString *text, const char *hex)
{
  add_message (text, "D>H", hex);
}

static inline void
host32 (GString *text, guint32 value)
{
  g_autofree char *hex = dup_le32 (value);

  host (text, hex);
}

static inline void
phone32 (GString *text, guint32 value)
{
  g_autofree char *hex = dup_le32 (value);

  phone (text, hex);
}

static inline void
command (GString *text, guint32 code, guint32 status)
{
  host32 (text, code);
  phone32 (text, status);
}

/* @reply NULL: the agent does not know it */
static inline void
control_get (GString *text, guint32 code, const char *reply)
{
  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, code, reply != NULL ? 0 : 0xc0010004);
  if (reply == NULL)
    return;
  phone (text, reply);
  phone32 (text, 0);
}

static inline void
control_set (GString *text, guint32 code, guint32 value)
{
  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, code, 0);
  command (text, value, 0);
}

static inline void
control_act (GString *text, guint32 code, guint32 status)
{
  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, code, 0);
  phone32 (text, status);
}

/* 0x38 bytes */
static inline void
range (GString *text, guint32 storage, guint32 section, guint64 offset, guint64 length)
{
  g_autofree char *hex =
      g_strdup_printf ("%08x%08x%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x%064x",
                       GUINT32_SWAP_LE_BE (storage),
                       GUINT32_SWAP_LE_BE (section),
                       GUINT64_SWAP_LE_BE (offset),
                       GUINT64_SWAP_LE_BE (length),
                       0);

  host (text, hex);
}
