/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* conversations with XML agents, recorded or made up: lines of quoted text, from which messages with their headers are
 * made, or the bytes of a message. A line that begins with '=' behind its direction is raw bytes, for what is no message */

#include "da/ub-da-xml-private.h"
#include "link/ub-link-replay.h"
#include "tests/da/test-agent.h"

/* --- pieces of conversations --- */

#define D(text) "D>H '" text "\\x00'\n"
#define H(text) "H>D '" text "\\x00'\n"
#define XML_HOST                                                                                   \
  "<?xml version=\"1.0\" encoding=\"utf-8\"?><host><version>1.0</version><command>CMD:"
#define XML_DA "<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>1.0</version><command>CMD:"
#define D_REQUEST(name, arguments) D (XML_HOST name "</command><arg>" arguments "</arg></host>")
#define H_COMMAND(name, arguments) H (XML_DA name "</command><arg>" arguments "</arg></da>")
#define H_PLAIN_COMMAND(name) H (XML_DA name "</command></da>")
#define START D (XML_HOST "START</command></host>") H ("OK")
#define D_END(result, message)                                                                     \
  D_REQUEST ("END", "<result>" result "</result><message>" message "</message>")
#define END(result, message) D_END (result, message) H ("OK")
#define END_OK END ("OK", "")
#define UNSUPPORTED D ("ERR!UNSUPPORTED") END ("ERR!UNSUPPORTED", "Unsupported command.")
#define FILE_ARGUMENT(kind, name, packet)                                                          \
  "<checksum>CHK_NO</checksum><info>x</info><" kind ">" name "</" kind ">"                         \
  "<packet_length>" packet "</packet_length>"
#define D_DOWNLOAD(name, packet)                                                                   \
  D_REQUEST ("DOWNLOAD-FILE", FILE_ARGUMENT ("source_file", name, packet))
#define D_UPLOAD(name, packet)                                                                     \
  D_REQUEST ("UPLOAD-FILE", FILE_ARGUMENT ("target_file", name, packet))
#define PROGRESS                                                                                   \
  D_REQUEST ("PROGRESS-REPORT", "<message>x</message>")                                            \
  H ("OK") D ("OK!PROGRESS@100@") H ("OK") D ("OK!EOT") H ("OK")
#define DOCUMENT_NAME "MEM://0x0:0x80000"
/* @size: as the phone says it, NUL counted */
#define DOCUMENT(size, text)                                                                       \
  D_UPLOAD (DOCUMENT_NAME, "0x10000")                                                              \
  H ("OK") D ("OK@" size) H ("OK") D ("OK") H ("OK") D (text) H ("OK")
#define BLOCK(direction, size) direction " (" #size " bytes, sha256 -)\n"

/* --- from text to a recording --- */

static inline GByteArray *
test_xml_unquote (const char *text, const char *end)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *p = text; p < end; p++)
    {
      guint8 byte = (guint8) *p;

      if (p[0] == '\\' && p[1] == 'x')
        {
          byte = (guint8) (g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3]));
          p += 3;
        }
      else if (p[0] == '\\')
        {
          byte = p[1] == 'r' ? '\r' : p[1] == 'n' ? '\n' : (guint8) p[1];
          p++;
        }
      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static inline void
test_xml_put_header (GString *text, const char *direction, gsize size)
{
  g_string_append_printf (text,
                          "%.4sefeeeefe01000000%02x%02x%02x%02x\n",
                          direction,
                          (guint) (size & 0xff),
                          (guint) (size >> 8 & 0xff),
                          (guint) (size >> 16 & 0xff),
                          (guint) (size >> 24 & 0xff));
}

/* headers are made anew, for what was changed in the text has another length */
static inline void
test_xml_put_line (GString *text, const char *line)
{
  const char *end = strrchr (line, '\'');

  if (line[4] == '=')
    g_string_append_printf (text, "%.4s%s\n", line, line + 5);
  else if (line[4] == '(')
    {
      test_xml_put_header (text, line, (gsize) g_ascii_strtoull (line + 5, NULL, 10));
      g_string_append_printf (text, "%s\n", line);
    }
  else if (g_ascii_isxdigit (line[4]) && strncmp (line + 4, "efeeeefe", 8) != 0)
    {
      test_xml_put_header (text, line, strspn (line + 4, "0123456789abcdef") / 2);
      g_string_append_printf (text, "%s\n", line);
    }
  else if (line[4] == '\'')
    {
      g_autoptr (GByteArray) bytes = test_xml_unquote (line + 5, end);

      test_xml_put_header (text, line, bytes->len);
      g_string_append_len (text, line, 4);
      for (guint i = 0; i < bytes->len; i++)
        g_string_append_printf (text, "%02x", bytes->data[i]);
      g_string_append_c (text, '\n');
    }
}

static inline char *
test_xml_to_recording (const char *conversation)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (conversation, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "H>D ") || g_str_has_prefix (lines[i], "D>H "))
      test_xml_put_line (text, lines[i]);
  return g_string_free (text, FALSE);
}

/* --- a wire that can be looked at --- */

typedef struct
{
  GObject  parent_instance;
  UbLink  *inner;
  GArray  *pieces;  /* sizes of what was sent, each transfer */
  gboolean crumbs;  /* gives one byte at a time */
  guint    lost_at; /* counted receives until the cable is out; 0: never */
  guint    receives;
} TestWire;

typedef struct
{
  GObjectClass parent_class;
} TestWireClass;

static GType test_wire_get_type (void);

static gboolean
test_wire_send (UbLink            *link,
                const UbLinkPiece *pieces,
                guint              n_pieces,
                guint              timeout_ms,
                GError           **error)
{
  TestWire *self = (TestWire *) link;

  for (guint i = 0; i < n_pieces; i++)
    {
      guint size = (guint) pieces[i].size;

      g_array_append_val (self->pieces, size);
    }
  return ub_link_send_pieces (self->inner, pieces, n_pieces, timeout_ms, error);
}

static gssize
test_wire_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  TestWire *self = (TestWire *) link;

  if (++self->receives == self->lost_at)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "the cable is out");
      return -1;
    }
  return ub_link_receive_some (self->inner, data, self->crumbs ? 1 : size, timeout_ms, error);
}

static gint64
test_wire_now (UbLink *link)
{
  return ub_link_now (((TestWire *) link)->inner);
}

static void
test_wire_iface_init (UbLinkInterface *iface)
{
  iface->send = test_wire_send;
  iface->receive_some = test_wire_receive_some;
  iface->now = test_wire_now;
}

G_DEFINE_TYPE_WITH_CODE (TestWire,
                         test_wire,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, test_wire_iface_init))

static void
test_wire_finalize (GObject *object)
{
  TestWire *self = (TestWire *) object;

  g_object_unref (self->inner);
  g_array_unref (self->pieces);
  G_OBJECT_CLASS (test_wire_parent_class)->finalize (object);
}

static void
test_wire_class_init (TestWireClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_wire_finalize;
}

static void
test_wire_init (TestWire *self)
{
  self->pieces = g_array_new (FALSE, FALSE, sizeof (guint));
}

/* --- content: byte i is seed + step × i, in packets of any size --- */

typedef struct
{
  guint8       *buffer;
  guint8        seed, step;
  guint64       position;
  guint         calls;
  guint32       lie;          /* added to the sum */
  GCancellable *cancel_after; /* cancelled with the call number @cancel_call */
  guint         cancel_call;
  gboolean      fail;
} TestContent;

static inline gboolean
test_content_give (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  TestContent *self = user_data;

  if (self->fail)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_FILE_READ, "the file is gone");
      return FALSE;
    }
  self->buffer = g_realloc (self->buffer, size);
  for (gsize i = 0; i < size; i++)
    self->buffer[i] = (guint8) (self->seed + self->step * (self->position + i));
  self->position += size;
  if (++self->calls == self->cancel_call)
    g_cancellable_cancel (self->cancel_after);
  *packet = (UbDaPacket){ self->buffer, size, ub_checksum_add32 (self->buffer, size) + self->lie };
  return TRUE;
}

static inline void
test_content_clear (TestContent *self)
{
  g_free (self->buffer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestContent, test_content_clear)

/* --- one conversation --- */

typedef struct
{
  UbLink       *replay;
  TestWire     *wire;
  UbDa         *da;
  UbDaClass    *klass;
  GError       *error;
  TestContent   content;
  GCancellable *cancellable;
  GByteArray   *taken;
  guint64       told, total;
} Talk;

static inline void
talk_clear (Talk *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->wire);
  g_clear_object (&self->replay);
  g_clear_error (&self->error);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->taken, g_byte_array_unref);
  test_content_clear (&self->content);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Talk, talk_clear)

static inline void
talk_open_recording (Talk *self, const char *recording)
{
  *self = (Talk){ 0 };
  self->replay = ub_link_replay_new_from_text (recording, &self->error);
  g_assert_no_error (self->error);
  self->wire = g_object_new (test_wire_get_type (), NULL);
  self->wire->inner = g_object_ref (self->replay);
  self->da = ub_da_new (UB_PROTOCOL_XML, UB_LINK (self->wire), &self->error);
  g_assert_no_error (self->error);
  self->klass = UB_DA_GET_CLASS (self->da);
  self->cancellable = g_cancellable_new ();
  self->taken = g_byte_array_new ();
  self->content = (TestContent){ .seed = 3, .step = 7, .cancel_after = self->cancellable };
}

static inline void
talk_open (Talk *self, const char *conversation)
{
  g_autofree char *recording = test_xml_to_recording (conversation);

  talk_open_recording (self, recording);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->replay), TRUE);
}

static inline void
talk_tell (guint64 done, guint64 total, gpointer user_data)
{
  Talk *self = user_data;

  g_assert_cmpuint (done, >=, self->told);
  g_assert_cmpuint (done, <=, total);
  self->told = done;
  self->total = total;
}

static inline gboolean
talk_write (Talk *self, guint64 offset, guint64 length)
{
  g_clear_error (&self->error);
  self->told = 0;
  return self->klass->write (self->da,
                             UB_REGION_EMMC_USER,
                             offset,
                             length,
                             test_content_give,
                             &self->content,
                             talk_tell,
                             self,
                             self->cancellable,
                             &self->error);
}

static inline gboolean
talk_write_part (Talk *self, const char *name, guint64 length)
{
  g_clear_error (&self->error);
  self->told = 0;
  return self->klass->write_part (self->da,
                                  name,
                                  length,
                                  test_content_give,
                                  &self->content,
                                  talk_tell,
                                  self,
                                  self->cancellable,
                                  &self->error);
}

static inline gboolean
talk_read (Talk *self, UbRegion region, guint64 offset, guint64 length)
{
  g_clear_error (&self->error);
  self->told = 0;
  return self->klass->read (self->da,
                            region,
                            offset,
                            length,
                            test_sink_take,
                            self->taken,
                            talk_tell,
                            self,
                            self->cancellable,
                            &self->error);
}

static inline gboolean
talk_erase (Talk *self, guint64 offset, guint64 length)
{
  g_clear_error (&self->error);
  self->told = 0;
  return self->klass
      ->erase (self->da, UB_REGION_EMMC_USER, offset, length, talk_tell, self, NULL, &self->error);
}

static inline gboolean
talk_finish (Talk *self, UbDaFinish how)
{
  g_clear_error (&self->error);
  return self->klass->finish (self->da, how, &self->error);
}

/* everything was said, and nothing else */
static inline void
talk_check (Talk *self, gboolean ok)
{
  g_assert_no_error (self->error);
  g_assert_true (ok);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (self->replay)));
}

static inline void
talk_check_failed (Talk *self, gboolean ok, int code, const char *words)
{
  g_assert_false (ok);
  g_assert_error (self->error, UB_ERROR, code);
  if (strstr (self->error->message, words) == NULL)
    g_error ("\"%s\" is not in: %s", words, self->error->message);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (self->replay)));
}
