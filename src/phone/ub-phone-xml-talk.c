/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xml.h"

#include <string.h>

/* what an XML agent asks of the host while a command runs: shared/protocol/xflash-and-xml.md §4.4, genuine-agents.md §5.2 */

#define REPLY 64 /* no answer of the host is longer */
#define DA1_PACKET 0x1000
#define DA2_PACKET 0x200000
#define LINUX_PACKET 0x10000 /* to a host that says it is one */

static const char cancelled[] = "Host notice error or user canceled.";

void
ub_phone_xml_talk_say (UbPracticePhone *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list          arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ub_phone_frame_say (self, (const guint8 *) text, strlen (text) + 1);
}

/* @arguments: elements */
static void
request (UbPracticePhone *self, const char *command, const char *arguments)
{
  ub_phone_xml_talk_say (self,
                         "<?xml version=\"1.0\" encoding=\"utf-8\"?><host><version>1.0</version>"
                         "<command>CMD:%s</command><arg>%s</arg></host>",
                         command,
                         arguments);
}

static gboolean
is_ok (const guint8 *data, gsize size)
{
  return data != NULL && size >= 2 && memcmp (data, "OK", 2) == 0;
}

/* OK, or the command is over */
static gboolean
check_ok (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (is_ok (data, size))
    return TRUE;
  ub_phone_xml_fail (self, "%s", cancelled);
  return FALSE;
}

/* OK@value into xml->value; NULL where there is no value */
static gboolean
take_value (UbPracticePhone *self, const guint8 *data, gsize size)
{
  g_autofree char *text = is_ok (data, size) ? g_strndup ((const char *) data, size) : NULL;
  const char      *at = text != NULL ? strchr (text, '@') : NULL;

  g_free (self->xml->value);
  self->xml->value = at != NULL ? g_strndup (at + 1, strcspn (at + 1, "@")) : NULL;
  return text != NULL;
}

static guint64
value_number (UbPracticePhone *self)
{
  return self->xml->value != NULL ? ub_phone_xml_parse_number (self->xml->value) : 0;
}

/* --- FILE-SYS-OPERATION --- */

static void
asked_value_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (take_value (self, data, size))
    self->xml->next (self);
  else
    ub_phone_xml_fail (self, "%s", cancelled);
}

static void
asked_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (check_ok (self, data, size))
    ub_phone_frame_expect (self, REPLY, asked_value_cb);
}

void
ub_phone_xml_talk_ask (UbPracticePhone *self,
                       const char      *key,
                       const char      *path,
                       UbPhoneXmlStep   next)
{
  g_autofree char *escaped = ub_phone_xml_reader_escape (path);
  g_autofree char *arguments =
      g_strdup_printf ("<key>%s</key><file_path>%s</file_path>", key, escaped);

  self->xml->next = next;
  request (self, "FILE-SYS-OPERATION", arguments);
  ub_phone_frame_expect (self, REPLY, asked_cb);
}

/* --- PROGRESS-REPORT --- */

static void
end_taken_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (check_ok (self, data, size))
    self->xml->next (self);
}

static void
say_end (UbPracticePhone *self)
{
  ub_phone_xml_talk_say (self, "OK!EOT");
  ub_phone_frame_expect (self, REPLY, end_taken_cb);
}

static void
percent_taken_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (check_ok (self, data, size))
    say_end (self);
}

/* what fails is told of after the report's end */
static void
report_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;

  if (!check_ok (self, data, size))
    return;
  xml->worked = xml->work == NULL || xml->work (self);
  if (xml->work == NULL || !xml->worked)
    {
      say_end (self);
      return;
    }
  ub_phone_xml_talk_say (self, "OK!PROGRESS@100@");
  ub_phone_frame_expect (self, REPLY, percent_taken_cb);
}

void
ub_phone_xml_talk_progress (UbPracticePhone *self,
                            const char      *message,
                            UbPhoneXmlWork   work,
                            UbPhoneXmlStep   next)
{
  g_autofree char *escaped = ub_phone_xml_reader_escape (message);
  g_autofree char *arguments = g_strdup_printf ("<message>%s</message>", escaped);

  self->xml->work = work;
  self->xml->next = next;
  request (self, "PROGRESS-REPORT", arguments);
  ub_phone_frame_expect (self, REPLY, report_cb);
}

/* --- UPLOAD-FILE --- */

static guint32
upload_packet (UbPracticePhone *self)
{
  if (!self->xml->in_da2)
    return DA1_PACKET;
  return self->xml->linux_host ? LINUX_PACKET : DA2_PACKET;
}

static void next_upload (UbPracticePhone *self);

static void
uploaded_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (check_ok (self, data, size))
    next_upload (self);
}

static GBytes *
cut_piece (UbPracticePhone *self, gsize size)
{
  UbPhoneXml *xml = self->xml;
  guint8     *bytes;

  if (xml->document != NULL)
    return g_bytes_new_from_bytes (xml->document, (gsize) xml->at, size);
  bytes = g_malloc (size);
  ub_flash_read (xml->flash, xml->start + xml->at, bytes, size);
  ub_phone_mischief_spoil (self, bytes, size);
  return g_bytes_new_take (bytes, size);
}

/* nobody looks at what the host says before a packet */
static void
piece_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;
  gsize       n = (gsize) MIN (xml->left, upload_packet (self));

  ub_phone_frame_say_bytes (self, cut_piece (self, n));
  xml->at += n;
  xml->left -= n;
  ub_phone_frame_expect (self, REPLY, uploaded_cb);
}

static gboolean
read_fails (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  return xml->document == NULL &&
         ub_phone_storage_read_fails (self,
                                      xml->flash,
                                      xml->start + xml->at,
                                      MIN (xml->left, upload_packet (self)));
}

static void
next_upload (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml->left == 0)
    {
      g_clear_pointer (&xml->document, g_bytes_unref);
      xml->next (self);
      return;
    }
  if (xml->log_usb)
    ub_phone_frame_say_log (self, "[DA] upload");
  if (read_fails (self))
    {
      ub_phone_xml_talk_say (self, "ERR");
      ub_phone_xml_fail (self, "Read [%s] Failed.", xml->name);
      return;
    }
  ub_phone_xml_talk_say (self, xml->document != NULL ? "OK" : "OK@0x0");
  ub_phone_frame_expect (self, REPLY, piece_cb);
}

/* nor at what it says of the length */
static void
length_taken_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  next_upload (self);
}

static void
upload_ready_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;

  if (!check_ok (self, data, size))
    return;
  if (xml->document != NULL)
    ub_phone_xml_talk_say (self, "OK@0x%" G_GINT64_MODIFIER "x", xml->left);
  else
    ub_phone_xml_talk_say (self, "OK@0x%016" G_GINT64_MODIFIER "X", xml->left);
  ub_phone_frame_expect (self, REPLY, length_taken_cb);
}

static void
upload (UbPracticePhone *self, const char *info, guint64 size, UbPhoneXmlStep next)
{
  const char      *target = ub_phone_xml_reader_get (self->xml->command, "da/arg/target_file");
  g_autofree char *escaped_info = ub_phone_xml_reader_escape (info);
  g_autofree char *escaped = ub_phone_xml_reader_escape (target);
  g_autofree char *arguments =
      g_strdup_printf ("<checksum>CHK_NO</checksum><info>%s</info><target_file>%s</target_file>"
                       "<packet_length>0x%x</packet_length>",
                       escaped_info,
                       escaped,
                       upload_packet (self));

  self->xml->at = 0;
  self->xml->left = size;
  self->xml->next = next;
  request (self, "UPLOAD-FILE", arguments);
  ub_phone_frame_expect (self, REPLY, upload_ready_cb);
}

void
ub_phone_xml_talk_upload (UbPracticePhone *self,
                          const char      *info,
                          GBytes          *document,
                          UbPhoneXmlStep   next)
{
  g_clear_pointer (&self->xml->document, g_bytes_unref);
  self->xml->document = document;
  upload (self, info, g_bytes_get_size (document), next);
}

void
ub_phone_xml_talk_upload_range (UbPracticePhone *self, UbPhoneXmlStep next)
{
  g_clear_pointer (&self->xml->document, g_bytes_unref);
  upload (self, self->xml->name, self->xml->size, next);
}

/* --- sums --- */

static void
sum_byte (UbPhoneXmlSum *sum, guint8 byte)
{
  sum->rest[sum->n_rest++] = byte;
  if (sum->n_rest < sizeof sum->rest)
    return;
  sum->words += ub_phone_le32 (sum->rest);
  sum->n_rest = 0;
}

typedef guint32 Lanes __attribute__ ((vector_size (32)));

/* eight words at a time, wherever they lie */
static guint32
sum_lanes (const guint8 *data, gsize size)
{
  Lanes   total = { 0 };
  guint32 sum = 0;

  for (; size >= sizeof total; size -= sizeof total, data += sizeof total)
    {
      Lanes lanes;

      memcpy (&lanes, data, sizeof lanes);
      total += lanes;
    }
  for (guint i = 0; i < sizeof total / 4; i++)
    sum += total[i];
  return sum;
}

static void
sum_bytes (UbPhoneXmlSum *sum, const guint8 *data, gsize size)
{
  for (; size > 0 && sum->n_rest > 0; size--)
    sum_byte (sum, *data++);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    {
      gsize n = size - size % sizeof (Lanes);

      sum->words += sum_lanes (data, n);
      data += n;
      size -= n;
    }
  for (; size > 0; size--)
    sum_byte (sum, *data++);
}

static guint32
sum_end (const UbPhoneXmlSum *sum)
{
  guint32 total = sum->words;

  for (guint i = 0; i < sum->n_rest; i++)
    total += sum->rest[i];
  return total;
}

/* --- DOWNLOAD-FILE --- */

static guint32
download_packet (UbPracticePhone *self)
{
  return self->xml->in_da2 ? DA2_PACKET : DA1_PACKET;
}

static void next_download (UbPracticePhone *self);

static void
packet_sink (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;

  if (xml->sum_usb)
    sum_bytes (&xml->sum, data, size);
  if (xml->writer != NULL)
    ub_phone_writer_put (xml->writer, data, size);
  else
    g_byte_array_append (xml->file, data, (guint) size);
}

/* how an error of the writer reads in this language */
static void
say_write_error (UbPracticePhone *self, guint32 status)
{
  const char *name = self->xml->name;

  if (status >> 16 == 0xc002)
    ub_phone_xml_fail (self, "Security deny [%s] Signature(Entity) invalid.\r\n", name);
  else if (status == 0xc0040004)
    ub_phone_xml_fail (self, "Data size bigger than partition max size.\r\n");
  else
    ub_phone_xml_fail (self, "Write [%s] Failed.\r\n", name);
}

static gboolean
is_damaged (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml->writer != NULL && self->mischief.bad_sum != 0 && --self->mischief.bad_sum == 0)
    return TRUE;
  return xml->sum_usb && sum_end (&xml->sum) != xml->told;
}

/* a wrong sum ends the command: no answer to the packet, and nothing said about why */
static void
packet_done_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;
  guint32     status;

  if (size == UB_PHONE_FRAME_BAD || size == 0 || is_damaged (self))
    {
      ub_phone_xml_fail (self, "%s", "");
      return;
    }
  xml->told_all += xml->told;
  xml->left -= MIN (xml->left, size);
  status = xml->writer != NULL ? ub_phone_writer_end_packet (xml->writer) : 0;
  if (status != 0)
    {
      ub_phone_xml_talk_say (self, "ERR");
      say_write_error (self, status);
      return;
    }
  ub_phone_xml_talk_say (self, xml->writer != NULL ? "OK@0x0" : "OK");
  next_download (self);
}

static void
packet_sum_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;

  if (!take_value (self, data, size))
    {
      ub_phone_xml_fail (self, "%s", cancelled);
      return;
    }
  xml->told = (guint32) value_number (self);
  memset (&xml->sum, 0, sizeof xml->sum);
  if (xml->writer != NULL)
    ub_phone_writer_begin_packet (xml->writer);
  if (xml->log_usb)
    ub_phone_frame_say_log (self, "[DA] download");
  ub_phone_xml_talk_say (self, "OK");
  ub_phone_frame_stream (self,
                         (gsize) MIN (xml->left, download_packet (self)),
                         packet_sink,
                         packet_done_cb);
}

static void
finish_download (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  guint32     status;

  if (xml->writer == NULL)
    {
      xml->next (self);
      return;
    }
  status = ub_phone_writer_finish (xml->writer);
  if (status != 0)
    say_write_error (self, status);
  else
    xml->next (self);
}

static void
next_download (UbPracticePhone *self)
{
  if (self->xml->left > 0)
    ub_phone_frame_expect (self, REPLY, packet_sum_cb);
  else
    finish_download (self);
}

static void
download_length_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml *xml = self->xml;

  if (!take_value (self, data, size))
    {
      ub_phone_xml_fail (self, "Host notice error.\r\n");
      return;
    }
  xml->left = value_number (self);
  if (!xml->work (self))
    {
      ub_phone_xml_talk_say (self, "ERR");
      ub_phone_xml_end (self);
      return;
    }
  ub_phone_xml_talk_say (self, "OK");
  next_download (self);
}

static void
download_ready_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (is_ok (data, size))
    ub_phone_frame_expect (self, REPLY, download_length_cb);
  else
    ub_phone_xml_fail (self, "Host notice error.\r\n");
}

void
ub_phone_xml_talk_download (UbPracticePhone *self,
                            const char      *info,
                            const char      *source,
                            UbPhoneXmlWork   begin,
                            UbPhoneXmlStep   next)
{
  UbPhoneXml      *xml = self->xml;
  g_autofree char *escaped_info = ub_phone_xml_reader_escape (info);
  g_autofree char *escaped = ub_phone_xml_reader_escape (source);
  g_autofree char *arguments =
      g_strdup_printf ("<checksum>%s</checksum><info>%s</info><source_file>%s</source_file>"
                       "<packet_length>0x%x</packet_length>",
                       xml->sum_usb ? "CHK_ADD" : "CHK_NO",
                       escaped_info,
                       escaped,
                       download_packet (self));

  xml->work = begin;
  xml->next = next;
  xml->told_all = 0;
  g_byte_array_set_size (xml->file, 0);
  request (self, "DOWNLOAD-FILE", arguments);
  ub_phone_frame_expect (self, REPLY, download_ready_cb);
}
