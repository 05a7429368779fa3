/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xml-messages.h"

#include "base/ub-error.h"

#include <stdarg.h>
#include <string.h>

#define MAX_DEPTH 8
#define MAX_ELEMENTS 8192
#define MAX_LEAF 1024
#define MAX_PARTS 512
#define MAX_NAME 64
#define MAX_DIGITS 32
#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>"

/* --- what we say --- */

char *
ub_da_xml_messages_command (const char *name, ...)
{
  GString    *text = g_string_new (HEAD "1.0</version>");
  va_list     arguments;
  const char *argument;
  gboolean    any = FALSE;

  g_string_append_printf (text, "<command>CMD:%s</command>", name);
  va_start (arguments, name);
  while ((argument = va_arg (arguments, const char *)) != NULL)
    {
      g_autofree char *value = g_markup_escape_text (va_arg (arguments, const char *), -1);

      g_string_append_printf (text, "%s<%s>%s</%s>", any ? "" : "<arg>", argument, value, argument);
      any = TRUE;
    }
  va_end (arguments);
  g_string_append (text, any ? "</arg></da>" : "</da>");
  return g_string_free (text, FALSE);
}

static const char *
battery_word (UbDaBattery battery)
{
  switch (battery)
    {
    case UB_DA_BATTERY_PRESENT:
      return "YES";
    case UB_DA_BATTERY_NONE:
      return "NO";
    case UB_DA_BATTERY_AUTO:
    default:
      return "AUTO-DETECT";
    }
}

char *
ub_da_xml_messages_runtime (UbDaBattery battery, gboolean with_second_block)
{
  return g_strconcat (HEAD,
                      with_second_block ? "1.1" : "1.0",
                      "</version><command>CMD:SET-RUNTIME-PARAMETER</command><arg>"
                      "<checksum_level>USB</checksum_level>"
                      "<battery_exist>",
                      battery_word (battery),
                      "</battery_exist>"
                      "<da_log_level>INFO</da_log_level>"
                      "<log_channel>UART</log_channel>"
                      "<system_os>WINDOWS</system_os></arg>",
                      with_second_block ? "<adv><initialize_dram>YES</initialize_dram></adv>" : "",
                      "</da>",
                      NULL);
}

const char *
ub_da_xml_messages_section (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
      return "EMMC-BOOT1";
    case UB_REGION_EMMC_BOOT2:
      return "EMMC-BOOT2";
    case UB_REGION_EMMC_GP1:
      return "EMMC-GP1";
    case UB_REGION_EMMC_GP2:
      return "EMMC-GP2";
    case UB_REGION_EMMC_GP3:
      return "EMMC-GP3";
    case UB_REGION_EMMC_GP4:
      return "EMMC-GP4";
    case UB_REGION_EMMC_USER:
      return "EMMC-USER";
    case UB_REGION_UFS_LU0:
      return "UFS-LUA0";
    case UB_REGION_UFS_LU1:
      return "UFS-LUA1";
    case UB_REGION_UFS_LU2:
      return "UFS-LUA2";
    default:
      return NULL;
    }
}

/* --- words --- */

gboolean
ub_da_xml_messages_parse_number (const char *text, guint64 *value)
{
  guint base = 10;
  gsize digits = 0;

  *value = 0;
  while (g_ascii_isspace (*text))
    text++;
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
      base = 16;
      text += 2;
    }
  for (; g_ascii_isxdigit (*text); text++, digits++)
    {
      const guint64 digit = (guint64) g_ascii_xdigit_value (*text);

      if (digit >= base || digits == MAX_DIGITS || *value > (G_MAXUINT64 - digit) / base)
        return FALSE;
      *value = *value * base + digit;
    }
  while (g_ascii_isspace (*text))
    text++;
  return digits > 0 && *text == '\0';
}

static void
parse_progress (const char *text, UbDaXmlWord *word)
{
  char  number[MAX_DIGITS] = "";
  gsize n = strcspn (text, "@");

  if (n < sizeof number)
    memcpy (number, text, n);
  word->kind = UB_DA_XML_WORD_PROGRESS;
  word->has_value = ub_da_xml_messages_parse_number (number, &word->value);
  word->value = MIN (word->value, 100);
}

void
ub_da_xml_messages_parse_word (const char *text, gsize size, UbDaXmlWord *word)
{
  static const char progress[] = "OK!PROGRESS@";
  /* longer than every word that means something */
  char buffer[64] = "";

  *word = (UbDaXmlWord){ .kind = UB_DA_XML_WORD_ERROR };
  memcpy (buffer, text, MIN (size, sizeof buffer - 1));
  if (g_str_has_prefix (buffer + strspn (buffer, " \t\r\n"), "<"))
    word->kind = UB_DA_XML_WORD_DOCUMENT;
  else if (g_str_has_prefix (buffer, progress))
    parse_progress (buffer + strlen (progress), word);
  else if (strcmp (buffer, "OK!EOT") == 0)
    word->kind = UB_DA_XML_WORD_EOT;
  else if (strcmp (buffer, "ERR!UNSUPPORTED") == 0)
    word->kind = UB_DA_XML_WORD_UNSUPPORTED;
  else if (strcmp (buffer, "OK") == 0)
    word->kind = UB_DA_XML_WORD_OK;
  else if (g_str_has_prefix (buffer, "OK@"))
    {
      word->kind = UB_DA_XML_WORD_OK;
      word->has_value = ub_da_xml_messages_parse_number (buffer + 3, &word->value);
    }
}

/* --- documents --- */

/* one element that has ended: "host/arg/result", its attribute `key`, its own text without the
 * spaces around it. An error breaks off */
typedef void (*Leaf) (const char *path,
                      const char *key,
                      const char *text,
                      gpointer    user_data,
                      GError    **error);

typedef struct
{
  Leaf     leaf;
  gpointer user_data;
  GString *path;
  GString *texts[MAX_DEPTH];
  char    *keys[MAX_DEPTH];
  guint    depth;
  guint    elements;
} Walk;

G_GNUC_PRINTF (2, 3)
static void
set_markup_error (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (UB_ERROR, UB_ERROR_PROTOCOL, format, arguments));
  va_end (arguments);
}

static void
on_begin (GMarkupParseContext *context,
          const char          *name,
          const char         **attributes,
          const char         **values,
          gpointer             user_data,
          GError             **error)
{
  Walk *walk = user_data;

  if (walk->depth == MAX_DEPTH || walk->elements == MAX_ELEMENTS || strlen (name) > MAX_NAME)
    {
      set_markup_error (error, "more elements than a phone has reason to send");
      return;
    }
  for (guint i = 0; attributes[i] != NULL; i++)
    if (strcmp (attributes[i], "key") == 0)
      {
        g_free (walk->keys[walk->depth]);
        walk->keys[walk->depth] = g_strndup (values[i], MAX_LEAF);
      }
  walk->texts[walk->depth] = g_string_new (NULL);
  g_string_append_printf (walk->path, "/%s", name);
  walk->depth++;
  walk->elements++;
}

static void
on_text (GMarkupParseContext *context,
         const char          *text,
         gsize                size,
         gpointer             user_data,
         GError             **error)
{
  Walk    *walk = user_data;
  GString *own;

  if (walk->depth == 0)
    return;
  own = walk->texts[walk->depth - 1];
  while (own->len == 0 && size > 0 && g_ascii_isspace (*text))
    {
      text++;
      size--;
    }
  if (own->len + size > MAX_LEAF)
    set_markup_error (error, "%s is longer than it has reason to be", walk->path->str + 1);
  else
    g_string_append_len (own, text, (gssize) size);
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Walk *walk = user_data;

  walk->depth--;
  walk->leaf (walk->path->str + 1,
              walk->keys[walk->depth],
              g_strstrip (walk->texts[walk->depth]->str),
              walk->user_data,
              error);
  g_string_free (walk->texts[walk->depth], TRUE);
  walk->texts[walk->depth] = NULL;
  g_clear_pointer (&walk->keys[walk->depth], g_free);
  g_string_truncate (walk->path, walk->path->len - strlen (name) - 1);
}

/* a C string of what came: up to a NUL, and of valid characters */
static char *
dup_text (const char *text, gsize size)
{
  return g_utf8_make_valid (text, (gssize) strnlen (text, size));
}

static gboolean
walk_document (const char *text, gsize size, Leaf leaf, gpointer user_data, GError **error)
{
  static const GMarkupParser parser = { on_begin, on_end, on_text, NULL, NULL };
  Walk             walk = { .leaf = leaf, .user_data = user_data, .path = g_string_new (NULL) };
  g_autofree char *document = NULL;
  g_autoptr (GMarkupParseContext) context = NULL;
  g_autoptr (GError) local = NULL;

  if (size > UB_DA_XML_MESSAGES_LIMIT)
    set_markup_error (&local, "a document of %" G_GSIZE_FORMAT " bytes", size);
  else
    {
      document = dup_text (text, size);
      context = g_markup_parse_context_new (&parser, G_MARKUP_PREFIX_ERROR_POSITION, &walk, NULL);
      if (g_markup_parse_context_parse (context, document, -1, &local) &&
          !g_markup_parse_context_end_parse (context, &local))
        g_assert (local != NULL);
    }
  for (guint i = 0; i < MAX_DEPTH; i++)
    {
      if (walk.texts[i] != NULL)
        g_string_free (walk.texts[i], TRUE);
      g_free (walk.keys[i]);
    }
  g_string_free (walk.path, TRUE);
  if (local == NULL)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "the phone's text is not understood: %s",
               local->message);
  return FALSE;
}

/* --- requests --- */

/* an agent's free text as it can be shown and logged: printable, one line, no longer than @size */
static void
put_words (char *words, gsize size, const char *text, gsize length)
{
  gsize n = 0;

  for (gsize i = 0; i < length && text[i] != '\0' && n + 1 < size; i++)
    {
      const gboolean space = g_ascii_isspace (text[i]);

      if (space && (n == 0 || words[n - 1] == ' '))
        continue;
      words[n++] = space ? ' ' : g_ascii_isprint (text[i]) ? text[i] : '?';
    }
  while (n > 0 && words[n - 1] == ' ')
    n--;
  words[n] = '\0';
}

static void
take_request (const char *path,
              const char *key,
              const char *text,
              gpointer    user_data,
              GError    **error)
{
  UbDaXmlRequest *request = user_data;
  guint64         number = 0;

  if (strcmp (path, "host/command") == 0)
    g_strlcpy (request->command, text, sizeof request->command);
  else if (strcmp (path, "host/arg/result") == 0)
    request->result = strcmp (text, "OK") == 0                ? UB_DA_XML_RESULT_OK
                      : strcmp (text, "ERR!UNSUPPORTED") == 0 ? UB_DA_XML_RESULT_UNSUPPORTED
                                                              : UB_DA_XML_RESULT_ERROR;
  else if (strcmp (path, "host/arg/key") == 0)
    g_strlcpy (request->key, text, sizeof request->key);
  else if (strcmp (path, "host/arg/source_file") == 0 ||
           strcmp (path, "host/arg/target_file") == 0 || strcmp (path, "host/arg/file_path") == 0)
    g_strlcpy (request->file, text, sizeof request->file);
  else if (strcmp (path, "host/arg/packet_length") == 0 &&
           ub_da_xml_messages_parse_number (text, &number) && number <= G_MAXUINT32)
    request->packet_length = (guint32) number;
}

static UbDaXmlRequestKind
request_kind (const char *command)
{
  static const char *const names[] = { "CMD:START",           "CMD:END",
                                       "CMD:DOWNLOAD-FILE",   "CMD:UPLOAD-FILE",
                                       "CMD:PROGRESS-REPORT", "CMD:FILE-SYS-OPERATION" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], command) == 0)
      return (UbDaXmlRequestKind) i;
  return UB_DA_XML_UNKNOWN;
}

/* The message of an END is free text that nobody promised to escape. It is taken out before the rest is looked at */
gboolean
ub_da_xml_messages_parse_request (const char     *text,
                                  gsize           size,
                                  UbDaXmlRequest *request,
                                  GError        **error)
{
  const gsize      length = strnlen (text, size);
  const char      *begin = g_strstr_len (text, (gssize) length, "<message>");
  const char      *end = g_strrstr_len (text, (gssize) length, "</message>");
  g_autofree char *document = NULL;

  *request = (UbDaXmlRequest){ .result = UB_DA_XML_RESULT_ERROR };
  if (begin != NULL)
    begin += strlen ("<message>");
  if (begin != NULL && end != NULL && begin <= end)
    {
      put_words (request->message, sizeof request->message, begin, (gsize) (end - begin));
      document = g_strdup_printf ("%.*s%.*s",
                                  (int) (begin - text),
                                  text,
                                  (int) (text + length - end),
                                  end);
    }
  if (!walk_document (document != NULL ? document : text,
                      document != NULL ? strlen (document) : length,
                      take_request,
                      request,
                      error))
    return FALSE;
  request->kind = request_kind (request->command);
  return TRUE;
}

gboolean
ub_da_xml_messages_is_checksum (const char *message)
{
  g_autofree char *lower = g_ascii_strdown (message, -1);

  return strstr (lower, "checksum") != NULL;
}

int
ub_da_xml_messages_error (const char *message, int code)
{
  static const struct
  {
    const char *text;
    int         code;
  } texts[] = {
    { "Server is not authenticated", UB_ERROR_NEEDS_AUTH },
    { "Security deny", UB_ERROR_REFUSED },
    { "is not allowed", UB_ERROR_REFUSED },
    { "DA Hash mismatch", UB_ERROR_BAD_AGENT },
    { "Invalid DA Version", UB_ERROR_BAD_AGENT },
    { "DA version is invalid", UB_ERROR_BAD_AGENT },
    { "2nd DA address is invalid", UB_ERROR_BAD_AGENT },
    { "GPT layout change", UB_ERROR_WRONG_LAYOUT },
    { "cannot find GPT", UB_ERROR_WRONG_LAYOUT },
    { "protected partition size changed", UB_ERROR_WRONG_LAYOUT },
    { "bigger than partition max size", UB_ERROR_IMAGE_TOO_BIG },
    { "larger than max partition available size", UB_ERROR_IMAGE_TOO_BIG },
    { "Required XML node path not found", UB_ERROR_INTERNAL },
    { "XML parser exception", UB_ERROR_INTERNAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strstr (message, texts[i].text) != NULL)
      return texts[i].code;
  return code;
}

/* --- hardware --- */

/* "00ff…": as many bytes as fit; FALSE if it is not all of @size */
static gboolean
parse_hex (const char *text, guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      if (!g_ascii_isxdigit (text[2 * i]) || !g_ascii_isxdigit (text[2 * i + 1]))
        return FALSE;
      bytes[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 |
                           g_ascii_xdigit_value (text[2 * i + 1]));
    }
  return text[2 * size] == '\0';
}

gboolean
ub_da_xml_messages_parse_cid (const char *id, guint8 cid[16])
{
  guint8 bytes[16];

  if (!parse_hex (id, bytes, sizeof bytes))
    return FALSE;
  for (guint i = 0; i < sizeof bytes; i++)
    cid[i] = bytes[i ^ 3];
  return TRUE;
}

typedef struct
{
  UbDaXmlHardware *hardware;
  gboolean         is_one;
} Hardware;

static void
take_size (const char *path, const char *text, UbDaXmlHardware *hardware, GError **error)
{
  const struct
  {
    const char *path;
    guint64    *value;
  } sizes[] = {
    { "ram_size", &hardware->ram_size },          { "battery_voltage", &hardware->battery_mv },
    { "emmc/block_size", &hardware->block_size }, { "emmc/boot1_size", &hardware->boot1_size },
    { "emmc/boot2_size", &hardware->boot2_size }, { "emmc/rpmb_size", &hardware->rpmb_size },
    { "emmc/user_size", &hardware->user_size },   { "emmc/gp1_size", &hardware->gp_size[0] },
    { "emmc/gp2_size", &hardware->gp_size[1] },   { "emmc/gp3_size", &hardware->gp_size[2] },
    { "emmc/gp4_size", &hardware->gp_size[3] },   { "ufs/block_size", &hardware->block_size },
    { "ufs/lua0_size", &hardware->boot1_size },   { "ufs/lua1_size", &hardware->boot2_size },
    { "ufs/lua2_size", &hardware->user_size },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      if (strcmp (sizes[i].path, path) != 0)
        continue;
      if (ub_da_xml_messages_parse_number (text, sizes[i].value) && *sizes[i].value <= G_MAXINT64)
        return;
      set_markup_error (error, "%s is no number that can be: \"%.32s\"", path, text);
      return;
    }
}

/* what a storage says of itself; each maker's agents have their own names for it */
static void
take_identity (const char *path, const char *text, UbDaXmlHardware *hardware)
{
  static const char *const paths[] = { "ufs/id",      "ufs/vid",           "ufs/ufs_vendor_id",
                                       "ufs/ufs_cid", "ufs/serial_number", "ufs/sn" };
  char                     words[128];

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      if (strcmp (paths[i], path) != 0)
        continue;
      put_words (words, sizeof words, text, strlen (text));
      g_strlcat (hardware->identity, words, sizeof hardware->identity);
      g_strlcat (hardware->identity, "\n", sizeof hardware->identity);
      hardware->has_serial = hardware->has_serial || (i >= 4 && words[0] != '\0');
    }
  if (strcmp (path, "emmc/id") == 0 || strcmp (path, "ufs/id") == 0 ||
      (strcmp (path, "ufs/ufs_cid") == 0 && hardware->id[0] == '\0'))
    put_words (hardware->id, sizeof hardware->id, text, strlen (text));
}

static void
take_hardware (const char *path,
               const char *key,
               const char *text,
               gpointer    user_data,
               GError    **error)
{
  static const char prefix[] = "da_hw_info";
  Hardware         *self = user_data;

  if (!g_str_has_prefix (path, prefix))
    return;
  self->is_one = TRUE;
  path += strlen (prefix);
  path += *path == '/';
  if (strcmp (path, "storage") == 0)
    self->hardware->storage = ub_storage_from_string (text);
  else if (strcmp (path, "random_id") == 0)
    {
      if (!parse_hex (text, self->hardware->random_id, sizeof self->hardware->random_id))
        memset (self->hardware->random_id, 0, sizeof self->hardware->random_id);
    }
  else
    take_identity (path, text, self->hardware);
  take_size (path, text, self->hardware, error);
}

gboolean
ub_da_xml_messages_parse_hardware (const char      *text,
                                   gsize            size,
                                   UbDaXmlHardware *hardware,
                                   GError         **error)
{
  Hardware self = { .hardware = hardware };

  *hardware = (UbDaXmlHardware){ 0 };
  if (!walk_document (text, size, take_hardware, &self, error))
    return FALSE;
  if (!self.is_one)
    set_markup_error (error, "the phone's text is not about its hardware");
  return self.is_one;
}

/* --- partition table --- */

typedef struct
{
  UbLayout *layout;
  UbRegion  region;
  gboolean  is_one;
  char      name[MAX_NAME + 1];
  guint64   start;
  guint64   size;
  guint     fields; /* of the present part */
} Table;

static void
take_part (Table *self, GError **error)
{
  if (self->fields != 7 || self->name[0] == '\0' || self->start > G_MAXINT64 ||
      self->size > G_MAXINT64 || self->layout->entries->len == MAX_PARTS)
    {
      set_markup_error (error, "partition %u makes no sense", self->layout->entries->len + 1);
      return;
    }
  ub_layout_add (self->layout, self->name, self->region, self->start, self->size);
  self->fields = 0;
}

static void
take_table (const char *path, const char *key, const char *text, gpointer user_data, GError **error)
{
  Table *self = user_data;

  self->is_one = self->is_one || strcmp (path, "partition_table") == 0;
  if (strcmp (path, "partition_table/pt") == 0)
    take_part (self, error);
  else if (strcmp (path, "partition_table/pt/name") == 0)
    {
      put_words (self->name, sizeof self->name, text, strlen (text));
      self->fields |= 1;
    }
  else if (strcmp (path, "partition_table/pt/start") == 0)
    self->fields |= ub_da_xml_messages_parse_number (text, &self->start) ? 2 : 0;
  else if (strcmp (path, "partition_table/pt/size") == 0)
    self->fields |= ub_da_xml_messages_parse_number (text, &self->size) ? 4 : 0;
}

UbLayout *
ub_da_xml_messages_parse_table (const char *text, gsize size, UbRegion region, GError **error)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);
  Table self = { .layout = layout, .region = region };

  if (!walk_document (text, size, take_table, &self, error))
    return NULL;
  if (!self.is_one)
    {
      set_markup_error (error, "the phone's text is no partition table");
      return NULL;
    }
  return g_steal_pointer (&layout);
}

/* --- small ones --- */

typedef struct
{
  const char *key;
  char       *value;
} Property;

static void
take_property (const char *path,
               const char *key,
               const char *text,
               gpointer    user_data,
               GError    **error)
{
  Property *self = user_data;

  if (strcmp (path, "sys_prop/item") == 0 && g_strcmp0 (key, self->key) == 0 && self->value == NULL)
    self->value = g_strdup (text);
}

char *
ub_da_xml_messages_parse_property (const char *text, gsize size, const char *key, GError **error)
{
  Property self = { .key = key };

  if (!walk_document (text, size, take_property, &self, error))
    g_clear_pointer (&self.value, g_free);
  return self.value;
}

static void
take_agent (const char *path, const char *key, const char *text, gpointer user_data, GError **error)
{
  GString *line = user_data;

  if (strcmp (path, "da_info/da_version") == 0 || strcmp (path, "da_info/build") == 0)
    g_string_append_printf (line, "%s%s", line->len > 0 ? ", " : "", text);
}

char *
ub_da_xml_messages_parse_agent (const char *text, gsize size)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char words[256];

  if (!walk_document (text, size, take_agent, line, NULL))
    return g_strdup ("");
  put_words (words, sizeof words, line->str, line->len);
  return g_strdup (words);
}

typedef struct
{
  guint8  *challenge;
  gboolean found;
} Challenge;

static void
take_challenge (const char *path,
                const char *key,
                const char *text,
                gpointer    user_data,
                GError    **error)
{
  Challenge *self = user_data;

  if (strcmp (path, "sla/rnd") == 0)
    self->found = parse_hex (text, self->challenge, 16);
}

gboolean
ub_da_xml_messages_parse_challenge (const char *text,
                                    gsize       size,
                                    guint8      challenge[16],
                                    GError    **error)
{
  Challenge self = { .challenge = challenge };

  if (!walk_document (text, size, take_challenge, &self, error))
    return FALSE;
  if (!self.found)
    set_markup_error (error, "the phone's text has no challenge of 16 bytes in it");
  return self.found;
}
