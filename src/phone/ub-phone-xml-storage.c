/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xml.h"

#include <string.h>

/* reading, writing and erasing as an XML agent does it: shared/protocol/xflash-and-xml.md §4.6, §4.9, §5.1, genuine-agents.md §5.2 */

#define ENTRY 88 /* of ub_phone_tables_read() */
#define SBC 1
#define SIGNATURE_LIMIT 0x10000

/* the only ones that lead anywhere */
#define N_SECTIONS 3
static const char *const emmc_sections[N_SECTIONS] = { "EMMC-BOOT1", "EMMC-BOOT2", "EMMC-USER" };
static const char *const ufs_sections[N_SECTIONS] = { "UFS-LUA0", "UFS-LUA1", "UFS-LUA2" };

static const char *
section_name (UbPracticePhone *self, guint i)
{
  return self->options.storage == UB_STORAGE_UFS ? ufs_sections[i] : emmc_sections[i];
}

static UbFlash *
section_flash (UbPracticePhone *self, guint i)
{
  UbFlash *const areas[N_SECTIONS] = { self->boot1, self->boot2, self->user };

  return areas[i];
}

static UbFlash *
find_section (UbPracticePhone *self, const char *name)
{
  for (guint i = 0; i < N_SECTIONS; i++)
    if (g_str_equal (section_name (self, i), name))
      return section_flash (self, i);
  return NULL;
}

/* --- what a command is about --- */

/* "partition", a section, and "offset" in it; FALSE: the command has ended */
static gboolean
take_section (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  const char *name = ub_phone_xml_get_argument (self, "partition");
  const char *offset = name != NULL ? ub_phone_xml_get_argument (self, "offset") : NULL;

  if (offset == NULL)
    return FALSE;
  xml->name = g_strdup (name);
  xml->flash = find_section (self, name);
  if (xml->flash == NULL)
    {
      ub_phone_xml_fail (self, "Cannot find [%s] on current device storage.", name);
      return FALSE;
    }
  xml->start = ub_phone_xml_parse_number (offset);
  xml->room = ub_flash_get_size (xml->flash);
  if (xml->start <= xml->room)
    return TRUE;
  ub_phone_xml_fail (self, "base address is larger than partition max size.");
  return FALSE;
}

/* "partition", a name of the table; @missing: what to say where it is none */
static gboolean
take_part (UbPracticePhone *self, const char *missing)
{
  UbPhoneXml *xml = self->xml;
  const char *name = ub_phone_xml_get_argument (self, "partition");

  if (name == NULL)
    return FALSE;
  xml->name = g_strdup (name);
  if (ub_phone_storage_find_part (self, name, &xml->flash, &xml->start, &xml->room))
    return TRUE;
  ub_phone_xml_fail (self, "Cannot find [%s] %s", name, missing);
  return FALSE;
}

/* a number, or MAX: the rest of the section */
static gboolean
take_length (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  const char *length = ub_phone_xml_get_argument (self, "length");

  if (length == NULL)
    return FALSE;
  xml->size =
      g_str_equal (length, "MAX") ? xml->room - xml->start : ub_phone_xml_parse_number (length);
  return TRUE;
}

static gboolean
is_secure (UbPracticePhone *self)
{
  return (self->options.target_config & SBC) != 0;
}

/* a part that nobody may write or erase is in the range */
static gboolean
is_range_forbidden (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size)
{
  guint8 kind;
  g_autoptr (GByteArray) table = is_secure (self) && flash == self->user
                                     ? ub_phone_tables_read (self, &kind)
                                     : NULL;

  for (guint at = 0; table != NULL && at + ENTRY <= table->len; at += ENTRY)
    {
      const guint8    *entry = table->data + at;
      g_autofree char *name = g_strndup ((const char *) entry, 63);
      guint64          begin = ub_phone_le64 (entry + 0x40), length = ub_phone_le64 (entry + 0x48);

      if (ub_phone_storage_is_forbidden (name) &&
          (begin < start ? start - begin < length : begin - start < size))
        return TRUE;
    }
  return FALSE;
}

static void
deny (UbPracticePhone *self)
{
  ub_phone_xml_fail (self, "Security deny for [%s].\r\n", self->xml->name);
}

/* --- reading --- */

void
ub_phone_xml_storage_read_table (UbPracticePhone *self)
{
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                "<partition_table version=\"1.0\">");
  UbFlash *flash;
  guint64  start, size;

  if (ub_phone_xml_get_argument (self, "target_file") == NULL)
    {
      g_string_free (text, TRUE);
      return;
    }
  ub_phone_storage_find_part (self, "", &flash, &start, &size); /* now it remembers its table */
  for (guint at = 0; self->table != NULL && at + ENTRY <= self->table->len; at += ENTRY)
    {
      const guint8    *entry = self->table->data + at;
      g_autofree char *name = g_strndup ((const char *) entry, 63);
      g_autofree char *escaped = ub_phone_xml_reader_escape (name);

      g_string_append_printf (text,
                              "<pt><name>%s</name><start>0x%" G_GINT64_MODIFIER
                              "x</start><size>0x%" G_GINT64_MODIFIER "x</size></pt>",
                              escaped,
                              ub_phone_le64 (entry + 0x40),
                              ub_phone_le64 (entry + 0x48));
    }
  g_string_append (text, "</partition_table>");
  ub_phone_xml_talk_upload (self,
                            "partition-table",
                            g_bytes_new (text->str, text->len + 1),
                            ub_phone_xml_end);
  g_string_free (text, TRUE);
}

static void
send_range (UbPracticePhone *self)
{
  if (ub_phone_xml_get_argument (self, "target_file") != NULL)
    ub_phone_xml_talk_upload_range (self, ub_phone_xml_end);
}

void
ub_phone_xml_storage_read_partition (UbPracticePhone *self)
{
  if (!take_part (self, "in partition table."))
    return;
  self->xml->size = self->xml->room;
  send_range (self);
}

void
ub_phone_xml_storage_read_flash (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (!take_section (self) || !take_length (self))
    return;
  if (xml->size > xml->room - xml->start)
    ub_phone_xml_fail (self,
                       "Read length[%" G_GINT64_MODIFIER
                       "x] is larger than partition max size[%" G_GINT64_MODIFIER "x]",
                       xml->size,
                       xml->room);
  else
    send_range (self);
}

/* --- erasing --- */

/* for what is about to be written: sectors as they are. Were a mischief's groups taken here, no range could be written at all */
static gboolean
clear_range (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  guint       sector = ub_phone_storage_get_sector (self);
  guint64     begin = xml->start - xml->start % sector;
  guint64     end = (xml->start + xml->size + sector - 1) / sector * sector;

  if (xml->size == 0)
    return FALSE;
  if (!self->forgetful)
    ub_flash_fill (xml->flash, begin, end - begin, 0);
  return TRUE;
}

static gboolean
erase_range (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml->size == 0)
    return FALSE;
  self->writes++;
  ub_phone_storage_erase (self, xml->flash, xml->start, xml->size);
  ub_phone_storage_note (self, xml->name);
  return TRUE;
}

static void
say_erase_failed (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  ub_phone_xml_fail (self,
                     "Erase %s failed at 0x%" G_GINT64_MODIFIER "x length 0x%" G_GINT64_MODIFIER
                     "x\r\n",
                     self->options.storage == UB_STORAGE_UFS ? "UFS" : "EMMC",
                     xml->start,
                     xml->size);
}

static void
erased (UbPracticePhone *self)
{
  if (self->xml->worked)
    ub_phone_xml_end (self);
  else
    say_erase_failed (self);
}

void
ub_phone_xml_storage_erase_partition (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  ub_practice_phone_ask_guard (self, "format");
  if (!take_part (self, "in partition table."))
    return;
  xml->size = xml->room;
  if (is_secure (self) && ub_phone_storage_is_forbidden (xml->name))
    deny (self);
  else
    ub_phone_xml_talk_progress (self, xml->name, erase_range, erased);
}

/* one after another, each with its own report */
static void
erase_next (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml->erased == N_SECTIONS)
    {
      ub_phone_xml_end (self);
      return;
    }
  g_free (xml->name);
  xml->name = g_strdup (section_name (self, xml->erased));
  xml->flash = section_flash (self, xml->erased++);
  xml->start = 0;
  xml->size = ub_flash_get_size (xml->flash);
  ub_phone_xml_talk_progress (self, xml->name, erase_range, erase_next);
}

static void
erase_all (UbPracticePhone *self)
{
  self->xml->name = g_strdup ("ALL");
  if (is_range_forbidden (self, self->user, 0, ub_flash_get_size (self->user)))
    deny (self);
  else
    erase_next (self);
}

void
ub_phone_xml_storage_erase_flash (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  const char *name = ub_phone_xml_get_argument (self, "partition");

  ub_practice_phone_ask_guard (self, "format");
  if (name == NULL)
    return;
  if (g_str_equal (name, "ALL"))
    {
      erase_all (self);
      return;
    }
  if (!take_section (self) || !take_length (self))
    return;
  if (xml->size > xml->room - xml->start)
    ub_phone_xml_fail (self, "erase length is larger than partition max size.");
  else if (is_range_forbidden (self, xml->flash, xml->start, xml->size))
    deny (self);
  else
    ub_phone_xml_talk_progress (self, xml->name, erase_range, erased);
}

/* --- WRITE-FLASH --- */

static gboolean
too_large (UbPracticePhone *self)
{
  g_free (self->xml->error);
  self->xml->error = g_strdup ("Data size bigger than partition max size.\r\n");
  return FALSE;
}

/* the range was looked at before; what begins as a sparse image is expanded here, too */
static gboolean
begin_range (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  guint32     status;

  xml->counts = TRUE;
  if (xml->left > xml->size)
    return too_large (self);
  xml->writer = ub_phone_writer_open_range (self, xml->flash, xml->start, xml->size, &status);
  if (xml->writer == NULL)
    return too_large (self);
  ub_phone_writer_expand (xml->writer, xml->room - xml->start);
  return TRUE;
}

static void
range_cleared (UbPracticePhone *self)
{
  if (self->xml->worked)
    ub_phone_xml_talk_download (self,
                                self->xml->name,
                                self->xml->source,
                                begin_range,
                                ub_phone_xml_end);
  else
    say_erase_failed (self);
}

static void
range_sized (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml->value == NULL)
    {
      ub_phone_xml_fail (self, "Get host file size failed.");
      return;
    }
  xml->size = ub_phone_xml_parse_number (xml->value);
  if (xml->size > xml->room - xml->start)
    ub_phone_xml_fail (self,
                       "Host file size[%" G_GINT64_MODIFIER
                       "x] is larger than max partition available size[%" G_GINT64_MODIFIER "x]",
                       xml->size,
                       xml->room - xml->start);
  else if (ub_phone_storage_is_locked (self, xml->flash, xml->start, xml->size))
    deny (self);
  else
    ub_phone_xml_talk_progress (self, xml->name, clear_range, range_cleared);
}

void
ub_phone_xml_storage_write_flash (UbPracticePhone *self)
{
  const char *source = ub_phone_xml_get_argument (self, "source_file");

  ub_practice_phone_ask_guard (self, "write");
  if (source == NULL)
    return;
  self->xml->source = g_strdup (source);
  if (take_section (self))
    ub_phone_xml_talk_ask (self, "FILE-SIZE", source, range_sized);
}

/* --- WRITE-PARTITION --- */

/* where the name's extension begins, or its end */
static gsize
find_extension (const char *file)
{
  const char *folder = strrchr (file, '/');
  const char *point = strrchr (folder != NULL ? folder : file, '.');

  return point != NULL ? (gsize) (point - file) : strlen (file);
}

static gboolean
is_preloader (const char *name)
{
  return g_ascii_strncasecmp (name, "preloader", strlen ("preloader")) == 0;
}

static gboolean
begin_part (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  guint32     status;

  xml->counts = TRUE;
  if (xml->left == 0)
    {
      xml->error = g_strdup ("Get host file size failed.");
      return FALSE;
    }
  if (xml->left > xml->room)
    return too_large (self);
  xml->writer = ub_phone_writer_open_part (self, xml->name, xml->left, &status);
  if (xml->writer != NULL)
    return TRUE;
  xml->error = g_strdup_printf ("Security deny for [%s].\r\n", xml->name);
  return FALSE;
}

static void
download_part (UbPracticePhone *self)
{
  ub_phone_xml_talk_download (self,
                              self->xml->name,
                              self->xml->source,
                              begin_part,
                              ub_phone_xml_end);
}

/* a file of the host's that was verified is taken in its place */
static void
verified_answered (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (g_strcmp0 (xml->value, "EXISTS") == 0)
    {
      gsize            n = find_extension (xml->source);
      g_autofree char *name = g_steal_pointer (&xml->source);

      xml->source = g_strdup_printf ("%.*s-verified%s", (int) n, name, name + n);
    }
  download_part (self);
}

static void
ask_verified (UbPracticePhone *self)
{
  const char      *source = self->xml->source;
  gsize            n = find_extension (source);
  g_autofree char *name = g_strdup_printf ("%.*s-verified%s", (int) n, source, source + n);

  ub_phone_xml_talk_ask (self, "EXISTS", name, verified_answered);
}

static gboolean
begin_signature (UbPracticePhone *self)
{
  return self->xml->left <= SIGNATURE_LIMIT || too_large (self);
}

static void
signature_answered (UbPracticePhone *self)
{
  UbPhoneXml      *xml = self->xml;
  g_autofree char *name =
      g_strdup_printf ("%.*s.sig", (int) find_extension (xml->source), xml->source);

  if (g_strcmp0 (xml->value, "EXISTS") == 0)
    ub_phone_xml_talk_download (self, ".sig", name, begin_signature, ask_verified);
  else
    ask_verified (self);
}

/* only a file with an extension can have a signature beside it */
static void
ask_signature (UbPracticePhone *self)
{
  const char      *source = self->xml->source;
  gsize            n = find_extension (source);
  g_autofree char *name = g_strdup_printf ("%.*s.sig", (int) n, source);

  if (source[n] == '.')
    ub_phone_xml_talk_ask (self, "EXISTS", name, signature_answered);
  else
    ask_verified (self);
}

static void
part_cleared (UbPracticePhone *self)
{
  if (self->xml->worked)
    ask_signature (self);
  else
    say_erase_failed (self);
}

/* what stands in the part is gone before anyone knows whether the image is good */
void
ub_phone_xml_storage_write_partition (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  const char *source = ub_phone_xml_get_argument (self, "source_file");
  const char *pre_erase = ub_phone_xml_reader_get (xml->command, "da/arg/pre_erase");

  if (source == NULL)
    return;
  xml->source = g_strdup (source);
  if (!take_part (self, "info from partition table.\r\n"))
    return;
  ub_practice_phone_ask_guard (self, "write-image");
  xml->size = xml->room;
  if (is_secure (self) && ub_phone_storage_is_forbidden (xml->name))
    deny (self);
  else if (is_preloader (xml->name) || (pre_erase != NULL && !g_str_equal (pre_erase, "YES")))
    ask_signature (self);
  else
    ub_phone_xml_talk_progress (self, xml->name, clear_range, part_cleared);
}
