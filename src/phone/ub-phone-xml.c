/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xml.h"

#include <string.h>

/* the loop of an XML agent, DA1 and DA2 alike: shared/protocol/xflash-and-xml.md §4.1 … §4.3, genuine-agents.md §5.2 */

#define REPLY 64
#define COMMAND 0x80000
#define FEEDBACK_LIMIT 0x2000
#define DOCUMENT "<?xml version=\"1.0\" encoding=\"utf-8\"?><host><version>1.0</version>"

static const char marker[] = "UNBRICK PRACTICE DA1";

static void say_start (UbPracticePhone *self);

/* what a command leaves behind; END's message is not among it */
static void
drop_command (UbPhoneXml *xml)
{
  g_clear_pointer (&xml->command, ub_phone_xml_reader_free);
  g_clear_pointer (&xml->error, g_free);
  g_clear_pointer (&xml->value, g_free);
  g_clear_pointer (&xml->document, g_bytes_unref);
  g_clear_pointer (&xml->writer, ub_phone_writer_free);
  g_clear_pointer (&xml->name, g_free);
  g_clear_pointer (&xml->source, g_free);
  g_byte_array_set_size (xml->file, 0);
  xml->deferred = NULL;
  xml->counts = FALSE;
  xml->erased = 0;
}

void
ub_phone_xml_clear (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (xml == NULL)
    return;
  drop_command (xml);
  g_bytes_unref (xml->da1);
  g_byte_array_unref (xml->file);
  g_string_free (xml->feedback, TRUE);
  g_free (xml->message);
  g_clear_pointer (&self->xml, g_free);
  ub_phone_frame_clear (self);
}

guint64
ub_phone_xml_parse_number (const char *text)
{
  return g_ascii_strtoull (text, NULL, g_ascii_strncasecmp (text, "0x", 2) == 0 ? 16 : 10);
}

/* --- the end of a command --- */

/* after an error some agents go on and some are gone; a command that is not known is no error to either */
static void
ended_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml    *xml = self->xml;
  UbPhoneXmlStep deferred = xml->deferred;
  gboolean       gone = xml->failed && self->chip->end_is_end;

  drop_command (xml);
  if (gone)
    ub_practice_phone_hang (self);
  else if (deferred != NULL)
    deferred (self);
  else
    say_start (self);
}

static void
say_end (UbPracticePhone *self, const char *result)
{
  g_autofree char *escaped = ub_phone_xml_reader_escape (self->xml->message);

  ub_phone_xml_talk_say (self,
                         DOCUMENT "<command>CMD:END</command><arg><result>%s</result>"
                                  "<message>%s</message></arg></host>",
                         result,
                         escaped);
  ub_phone_frame_expect (self, REPLY, ended_cb);
}

/* what was to be written, and the sum of the sums the host told */
static void
note_image (UbPhoneXml *xml)
{
  g_autofree char *name = NULL, *source = NULL;

  if (!xml->counts || xml->feedback->len > FEEDBACK_LIMIT)
    return;
  name = ub_phone_xml_reader_escape (xml->name);
  source = ub_phone_xml_reader_escape (xml->source);
  g_string_append_printf (xml->feedback,
                          "<item pt=\"%s\" image_chksum=\"0x%x\" file=\"%s\"/>",
                          name,
                          xml->told_all,
                          source);
}

static void
set_message (UbPhoneXml *xml, const char *text)
{
  g_free (xml->message);
  xml->message = g_strdup (text);
}

void
ub_phone_xml_end (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  note_image (xml);
  xml->failed = xml->error != NULL;
  if (xml->failed)
    {
      xml->deferred = NULL;
      set_message (xml, xml->error);
    }
  say_end (self, xml->failed ? "ERR" : "OK");
}

void
ub_phone_xml_fail (UbPracticePhone *self, const char *format, ...)
{
  va_list arguments;
  char   *error;

  va_start (arguments, format);
  error = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_free (self->xml->error);
  self->xml->error = error;
  ub_phone_xml_end (self);
}

const char *
ub_phone_xml_get_argument (UbPracticePhone *self, const char *name)
{
  g_autofree char *path = g_strconcat ("da/arg/", name, NULL);
  const char      *text = ub_phone_xml_reader_get (self->xml->command, path);

  if (text == NULL)
    ub_phone_xml_fail (self, "Required XML node path not found. Check command string.");
  return text;
}

/* --- its begin --- */

/* a command is known by its name and by the version before the point */
static const UbPhoneXmlCommand *
find_command (UbPracticePhone *self)
{
  UbPhoneXmlReader *reader = self->xml->command;
  const char       *name = reader != NULL ? ub_phone_xml_reader_get (reader, "da/command") : NULL;
  const char *version = reader != NULL ? ub_phone_xml_reader_get (reader, "da/version") : NULL;

  if (name == NULL || version == NULL || g_ascii_strtoull (version, NULL, 10) != 1)
    return NULL;
  return ub_phone_xml_commands_find (self, name);
}

static void
refuse_unknown (UbPracticePhone *self)
{
  self->xml->failed = FALSE;
  set_message (self->xml, "Unsupported command.");
  ub_phone_xml_talk_say (self, "ERR!UNSUPPORTED");
  say_end (self, "ERR!UNSUPPORTED");
}

/* a reboot is what legacy agents call DB, to let go of the phone D9 */
static guint8
get_op (UbPracticePhone *self, const UbPhoneXmlCommand *command)
{
  const char *action = ub_phone_xml_reader_get (self->xml->command, "da/arg/action");

  return command->op == 0xdb && g_strcmp0 (action, "DISCONNECT") == 0 ? 0xd9 : command->op;
}

static void
command_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  UbPhoneXml              *xml = self->xml;
  const UbPhoneXmlCommand *command;

  xml->command = data != NULL ? ub_phone_xml_reader_new (data, size) : NULL;
  command = find_command (self);
  if (command == NULL)
    {
      refuse_unknown (self);
      return;
    }
  if (command->op != 0 && ub_phone_mischief_at_command (self, get_op (self, command), 'a'))
    return;
  if (!command->keeps)
    set_message (xml, "");
  if (xml->log_usb)
    ub_phone_frame_say_log (self, command->name);
  ub_phone_xml_talk_say (self, "OK");
  if (command->gated && self->options.agent_login && !xml->authenticated)
    ub_phone_xml_fail (self, "Server is not authenticated. Locked.");
  else
    command->run (self);
}

static void
started_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  if (data != NULL && size >= 2 && memcmp (data, "OK", 2) == 0)
    ub_phone_frame_expect (self, COMMAND, command_cb);
  else
    say_start (self);
}

static void
say_start (UbPracticePhone *self)
{
  ub_phone_xml_talk_say (self, DOCUMENT "<command>CMD:START</command></host>");
  ub_phone_frame_expect (self, REPLY, started_cb);
}

/* --- the agent --- */

/* a practice DA1 says for what chip it was made: marker, u16 agent code, u16 year, both little-endian. NULL: it says nothing */
static const guint8 *
find_marker (GBytes *da1)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (da1, &size);
  const guint8 *mark = memmem (data, size, marker, sizeof marker);

  return mark != NULL && data + size - mark >= (gssize) sizeof marker + 4 ? mark + sizeof marker
                                                                          : NULL;
}

void
ub_phone_xml_challenge (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  xml->n_challenges++;
  for (guint i = 0; i < sizeof xml->challenge; i++)
    xml->challenge[i] = (guint8) (0x5b * xml->n_challenges + 0x49 * i * i + self->options.serial);
}

void
ub_phone_xml_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom)
{
  const guint8 *words = find_marker (da1);

  ub_phone_xml_clear (self);
  ub_phone_storage_forget_table (self);
  self->xml = g_new0 (UbPhoneXml, 1);
  self->xml->da1 = da1;
  self->xml->marked = words != NULL;
  self->xml->from_brom = from_brom;
  self->xml->initialize_dram = TRUE;
  self->xml->dram = !from_brom;
  self->xml->message = g_strdup ("");
  self->xml->file = g_byte_array_new ();
  self->xml->feedback = g_string_new (NULL);
  ub_phone_xml_challenge (self);
  /* another chip's runs into nothing */
  if (words != NULL && ub_phone_le16 (words) != self->chip->agent_code)
    {
      ub_practice_phone_hang (self);
      return;
    }
  ub_phone_xml_resume (self);
}

void
ub_phone_xml_resume (UbPracticePhone *self)
{
  ub_phone_frame_open (self, UB_PHONE_WIRE_EXACT, self->mischief.full_speed ? 64 : 512);
  say_start (self);
}
