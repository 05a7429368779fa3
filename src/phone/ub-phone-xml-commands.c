/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phone/ub-phone-xml.h"

#include <string.h>

/* commands of an XML agent that do not touch the storage, and the list of all: shared/protocol/xflash-and-xml.md §4.5 … §4.7, §4.10,
 * genuine-agents.md §5.2 */

#define DA1 1u
#define DA2 2u
#define DA2_ADDRESS 0x40000000
#define DA2_LIMIT 0x1000000
#define UNKNOWN_FILE_LIMIT 0x10000

static const char mismatch[] =
    "DA Hash mismatch. Check these: \r\n1. EMI setting cause DRAM is not stable.\r\n"
    "2. DRAM HW has some flaw.";

/* --- set-up --- */

/* words that it does not know leave things as they are */
static void
set_flag (gboolean *flag, const char *word, const char *off, const char *on)
{
  if (g_str_equal (word, on))
    *flag = TRUE;
  else if (g_str_equal (word, off))
    *flag = FALSE;
}

static void
set_sum (UbPhoneXml *xml, const char *level)
{
  if (g_str_equal (level, "USB") || g_str_equal (level, "USB-STORAGE"))
    xml->sum_usb = TRUE;
  else if (g_str_equal (level, "NONE") || g_str_equal (level, "STORAGE"))
    xml->sum_usb = FALSE;
}

/* from version 1.1 on it wants to be told about the DRAM */
static gboolean
is_advanced (UbPhoneXml *xml)
{
  const char *version = ub_phone_xml_reader_get (xml->command, "da/version");
  const char *point = strchr (version, '.');

  return point != NULL && g_ascii_strtoull (point + 1, NULL, 10) >= 1;
}

/* as the numbers of XFLASH agents */
static guint
read_battery (const char *word)
{
  if (g_str_equal (word, "YES"))
    return 0;
  return g_str_equal (word, "NO") ? 1 : 2;
}

static void
set_runtime_parameter (UbPracticePhone *self)
{
  static const char *const names[] = { "checksum_level",
                                       "battery_exist",
                                       "da_log_level",
                                       "log_channel",
                                       "system_os" };
  const char              *words[G_N_ELEMENTS (names)];
  UbPhoneXml              *xml = self->xml;
  const char              *dram = ub_phone_xml_reader_get (xml->command, "da/adv/initialize_dram");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((words[i] = ub_phone_xml_get_argument (self, names[i])) == NULL)
      return;
  if (dram == NULL && is_advanced (xml))
    {
      ub_phone_xml_fail (self, "Required XML node path not found. Check command string.");
      return;
    }
  if (ub_phone_mischief_at_battery (self, read_battery (words[1])))
    {
      ub_practice_phone_hang (self);
      return;
    }
  set_sum (xml, words[0]);
  set_flag (&xml->log_usb, words[3], "UART", "USB");
  set_flag (&xml->linux_host, words[4], "WINDOWS", "LINUX");
  if (dram != NULL)
    set_flag (&xml->initialize_dram, dram, "NO", "YES");
  ub_phone_xml_end (self);
}

static gboolean
initialise (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  if (!xml->in_da2 && xml->initialize_dram && !self->mischief.dram_fail)
    xml->dram = TRUE;
  return TRUE;
}

static void
notify_init_hw (UbPracticePhone *self)
{
  initialise (self);
  ub_phone_xml_talk_progress (self, "init-hw", NULL, ub_phone_xml_end);
}

/* --- BOOT-TO --- */

static gboolean
begin_da2 (UbPracticePhone *self)
{
  if (self->xml->left <= DA2_LIMIT)
    return TRUE;
  self->xml->error = g_strdup ("Data size bigger than partition max size.\r\n");
  return FALSE;
}

/* what lies in DRAM must be what DA1 was built with: all that came, so a signature must not be among it */
static gboolean
is_da2_mine (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  guint8        digest[32];
  gsize         length = sizeof digest, size;
  const guint8 *da1 = g_bytes_get_data (xml->da1, &size);

  if (!xml->dram || xml->file->len == 0)
    return FALSE;
  if (!xml->marked)
    return TRUE;
  g_checksum_update (sha256, xml->file->data, xml->file->len);
  g_checksum_get_digest (sha256, digest, &length);
  return memmem (da1, size, digest, sizeof digest) != NULL;
}

static void
jump (UbPracticePhone *self)
{
  self->xml->in_da2 = TRUE;
  if (self->xml->log_usb)
    ub_phone_frame_say_log (self, "\r\n***Enter 2nd-DA.***");
  ub_phone_xml_resume (self);
}

static void
da2_came (UbPracticePhone *self)
{
  if (!is_da2_mine (self))
    {
      ub_phone_xml_fail (self, "%s", mismatch);
      return;
    }
  self->xml->deferred = jump;
  ub_phone_xml_end (self);
}

static void
reset (UbPracticePhone *self)
{
  ub_practice_phone_leave (self, 30, 1000, UB_PHONE_PRELOADER);
}

static void
boot_to (UbPracticePhone *self)
{
  const char *at = ub_phone_xml_get_argument (self, "at_address");
  const char *entry = at != NULL ? ub_phone_xml_get_argument (self, "jmp_address") : NULL;
  const char *source = entry != NULL ? ub_phone_xml_get_argument (self, "source_file") : NULL;

  if (source == NULL)
    return;
  if (ub_phone_xml_parse_number (at) != DA2_ADDRESS ||
      ub_phone_xml_parse_number (entry) != DA2_ADDRESS)
    {
      ub_phone_xml_fail (self, "2nd DA address is invalid. reset.");
      reset (self);
      return;
    }
  ub_phone_xml_talk_download (self, "2nd-DA", source, begin_da2, da2_came);
}

/* --- information --- */

/* @text (transfer full), @nul: with the NUL behind it */
static void
send_document (UbPracticePhone *self, const char *info, char *text, gboolean nul)
{
  if (ub_phone_xml_get_argument (self, "target_file") == NULL)
    g_free (text);
  else
    ub_phone_xml_talk_upload (self,
                              info,
                              g_bytes_new_take (text, strlen (text) + (nul ? 1 : 0)),
                              ub_phone_xml_end);
}

static char *
to_hex (const guint8 *data, gsize size, gboolean capitals)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, capitals ? "%02X" : "%02x", data[i]);
  return g_string_free (hex, FALSE);
}

/* the words of the CID as they lie in memory */
static char *
make_cid (UbPracticePhone *self)
{
  guint8 id[16] = { 0 };

  for (guint i = 0; !self->mischief.nameless && i < sizeof id; i++)
    id[i] = self->cid[i ^ 3];
  return to_hex (id, sizeof id, TRUE);
}

static void
append_size (GString *text, const char *name, guint64 size)
{
  if (size == 0)
    g_string_append_printf (text, "<%s>0</%s>", name, name);
  else
    g_string_append_printf (text, "<%s>0x%" G_GINT64_MODIFIER "x</%s>", name, size, name);
}

static void
append_emmc (UbPracticePhone *self, GString *text)
{
  g_string_append (text, "<storage>EMMC</storage><emmc>");
  append_size (text, "block_size", ub_phone_storage_get_sector (self));
  append_size (text, "boot1_size", ub_flash_get_size (self->boot1));
  append_size (text, "boot2_size", ub_flash_get_size (self->boot2));
  append_size (text, "rpmb_size", ub_flash_get_size (self->rpmb));
  append_size (text, "user_size", ub_flash_get_size (self->user));
  for (guint i = 1; i <= 4; i++)
    g_string_append_printf (text, "<gp%u_size>0</gp%u_size>", i, i);
}

static void
append_ufs (UbPracticePhone *self, GString *text)
{
  g_string_append (text, "<storage>UFS</storage><ufs>");
  append_size (text, "block_size", ub_phone_storage_get_sector (self));
  append_size (text, "lua0_size", ub_flash_get_size (self->boot1));
  append_size (text, "lua1_size", ub_flash_get_size (self->boot2));
  append_size (text, "lua2_size", ub_flash_get_size (self->user));
  append_size (text, "lua3_size", 0);
}

/* the battery is looked at by DA2 alone */
static void
get_hw_info (UbPracticePhone *self)
{
  gboolean         ufs = self->options.storage == UB_STORAGE_UFS;
  GString         *text = g_string_new ("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                        "<da_hw_info><version>1.2</version>");
  guint8           id[16];
  g_autofree char *cid = make_cid (self);
  g_autofree char *random_id = NULL;

  ub_phone_storage_get_id (self, 0xe1, id, sizeof id);
  random_id = to_hex (id, sizeof id, FALSE);
  append_size (text, "ram_size", self->chip->ram_size);
  g_string_append_printf (text,
                          "<battery_voltage>%u</battery_voltage><random_id>%s</random_id>",
                          self->xml->in_da2 ? 3900 : 0,
                          random_id);
  if (ufs)
    append_ufs (self, text);
  else
    append_emmc (self, text);
  g_string_append_printf (text,
                          "<id>%s</id></%s><product_id></product_id></da_hw_info>",
                          cid,
                          ufs ? "ufs" : "emmc");
  send_document (self, "HW-INFO", g_string_free (text, FALSE), TRUE);
}

static void
get_da_info (UbPracticePhone *self)
{
  send_document (self,
                 "DA-INFO",
                 g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?><da_info><version>1.0"
                                  "</version><da_version>2021</da_version><build>Oct 31 %u:"
                                  "11:18:07</build></da_info>",
                                  self->options.build_year),
                 TRUE);
}

/* a key that it does not know is no item */
static void
get_sys_property (UbPracticePhone *self)
{
  const char *key = ub_phone_xml_get_argument (self, "key");
  gboolean    known;

  if (key == NULL)
    return;
  known = g_str_equal (key, "DA.SLA") || g_str_equal (key, "all");
  send_document (self,
                 "sys-prop",
                 g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                  "<sys_prop version=\"1.0\">%s%s%s</sys_prop>",
                                  known ? "<item key=\"DA.SLA\">" : "",
                                  !known                      ? ""
                                  : self->options.agent_login ? "ENABLED"
                                                              : "DISABLED",
                                  known ? "</item>" : ""),
                 FALSE);
}

/* nor does a function that it does not know bring anything but an end */
static void
emmc_control (UbPracticePhone *self)
{
  const char *function = ub_phone_xml_get_argument (self, "function");

  if (function == NULL)
    return;
  if (g_str_equal (function, "LIFE-CYCLE-STATUS"))
    send_document (self, function, g_strdup ("OK"), TRUE);
  else
    ub_phone_xml_end (self);
}

static void
get_feedback (UbPracticePhone *self)
{
  send_document (self,
                 "dev",
                 g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                  "<feedback version=\"1.0\">%s</feedback>",
                                  self->xml->feedback->str),
                 FALSE);
}

/* --- the maker's login --- */

static void
get_dev_fw_info (UbPracticePhone *self)
{
  guint8           soc_id[32], hrid[16];
  g_autofree char *rnd = to_hex (self->xml->challenge, sizeof self->xml->challenge, FALSE);
  g_autofree char *soc = NULL, *hr = NULL;

  ub_phone_storage_get_id (self, 0x17, soc_id, sizeof soc_id);
  ub_phone_storage_get_id (self, 0x33, hrid, sizeof hrid);
  soc = to_hex (soc_id, sizeof soc_id, FALSE);
  hr = to_hex (hrid, sizeof hrid, FALSE);
  send_document (self,
                 "DEV-FW-INFO",
                 g_strdup_printf ("<?xml version=\"1.0\" encoding=\"utf-8\"?><sla version=\"1.0\">"
                                  "<rnd>%s</rnd><hrid>%s</hrid><socid>%s</socid></sla>",
                                  rnd,
                                  hr,
                                  soc),
                 TRUE);
}

static gboolean
begin_policy (UbPracticePhone *self)
{
  if (self->xml->left <= UNKNOWN_FILE_LIMIT)
    return TRUE;
  self->xml->error = g_strdup ("Data size bigger than partition max size.\r\n");
  return FALSE;
}

static void
policy_came (UbPracticePhone *self)
{
  UbPhoneXml *xml = self->xml;

  xml->authenticated = ub_phone_storage_is_answer (xml->challenge,
                                                   sizeof xml->challenge,
                                                   xml->file->data,
                                                   xml->file->len);
  ub_phone_xml_challenge (self);
  if (xml->authenticated)
    ub_phone_xml_end (self);
  else
    ub_phone_xml_fail (self, "Server is not authenticated. Locked.");
}

static void
set_flash_policy (UbPracticePhone *self)
{
  const char *source = ub_phone_xml_get_argument (self, "source_file");

  if (source != NULL)
    ub_phone_xml_talk_download (self, "FLASH-POLICY", source, begin_policy, policy_came);
}

/* --- control --- */

/* kept for the next start, which nothing here looks at */
static void
set_boot_mode (UbPracticePhone *self)
{
  static const char *const modes[] = { "META", "FASTBOOT", "ANDROID-TEST-MODE" };
  const char              *mode = ub_phone_xml_get_argument (self, "mode");

  if (mode == NULL)
    return;
  if (g_str_equal (mode, modes[0]) && (ub_phone_xml_get_argument (self, "connect_type") == NULL ||
                                       ub_phone_xml_get_argument (self, "mobile_log") == NULL ||
                                       ub_phone_xml_get_argument (self, "adb") == NULL))
    return;
  for (guint8 i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (mode, modes[i]))
      {
        ub_phone_xml_end (self);
        return;
      }
  ub_phone_xml_fail (self, "Unknown boot mode: %s", mode);
}

static void
reboot_now (UbPracticePhone *self)
{
  self->finished = TRUE;
  reset (self);
}

static void
let_go (UbPracticePhone *self)
{
  self->finished = TRUE;
  ub_practice_phone_leave (self, 30, 0, UB_PHONE_OFF);
}

static void
reboot (UbPracticePhone *self)
{
  const char *action = ub_phone_xml_get_argument (self, "action");

  if (action == NULL)
    return;
  if (g_str_equal (action, "DISCONNECT"))
    self->xml->deferred = let_go;
  else if (g_str_equal (action, "IMMEDIATE") || g_str_equal (action, "WARM-RESET") ||
           g_str_equal (action, "COLD-RESET"))
    self->xml->deferred = reboot_now;
  else
    {
      ub_phone_xml_fail (self, "Unknown reboot action: %s", action);
      return;
    }
  ub_phone_xml_end (self);
}

/* --- all of them --- */

/* clang-format off */
static const UbPhoneXmlCommand commands[] = {
  { "CMD:SET-RUNTIME-PARAMETER", 0, DA1, FALSE, TRUE, set_runtime_parameter },
  { "CMD:HOST-SUPPORTED-COMMANDS", 0, DA1, FALSE, FALSE, ub_phone_xml_end },
  { "CMD:BOOT-TO", 0, DA1, FALSE, FALSE, boot_to },
  { "CMD:NOTIFY-INIT-HW", 0, DA1 | DA2, FALSE, TRUE, notify_init_hw },
  { "CMD:SET-HOST-INFO", 0, DA1 | DA2, FALSE, FALSE, ub_phone_xml_end },
  { "CMD:GET-HW-INFO", 0, DA1 | DA2, FALSE, FALSE, get_hw_info },
  { "CMD:REBOOT", 0xdb, DA1 | DA2, FALSE, FALSE, reboot },
  { "CMD:GET-DA-INFO", 0, DA2, FALSE, FALSE, get_da_info },
  { "CMD:GET-SYS-PROPERTY", 0, DA2, FALSE, FALSE, get_sys_property },
  { "CMD:GET-DOWNLOADED-IMAGE-FEEDBACK", 0, DA2, FALSE, FALSE, get_feedback },
  { "CMD:EMMC-CONTROL", 0, DA2, TRUE, FALSE, emmc_control },
  { "CMD:READ-PARTITION-TABLE", 0xa5, DA2, TRUE, FALSE, ub_phone_xml_storage_read_table },
  { "CMD:READ-PARTITION", 0xd6, DA2, TRUE, FALSE, ub_phone_xml_storage_read_partition },
  { "CMD:READ-FLASH", 0xd6, DA2, TRUE, FALSE, ub_phone_xml_storage_read_flash },
  { "CMD:WRITE-PARTITION", 0x61, DA2, TRUE, FALSE, ub_phone_xml_storage_write_partition },
  { "CMD:WRITE-FLASH", 0x62, DA2, TRUE, FALSE, ub_phone_xml_storage_write_flash },
  { "CMD:ERASE-PARTITION", 0xd4, DA2, TRUE, FALSE, ub_phone_xml_storage_erase_partition },
  { "CMD:ERASE-FLASH", 0xd4, DA2, TRUE, FALSE, ub_phone_xml_storage_erase_flash },
  { "CMD:SET-BOOT-MODE", 0, DA2, TRUE, FALSE, set_boot_mode },
};

/* only agents that want a login know these */
static const UbPhoneXmlCommand login_commands[] = {
  { "CMD:SECURITY-GET-DEV-FW-INFO", 0, DA2, FALSE, FALSE, get_dev_fw_info },
  { "CMD:SECURITY-SET-FLASH-POLICY", 0, DA2, FALSE, FALSE, set_flash_policy },
};
/* clang-format on */

static const UbPhoneXmlCommand *
find_in (const UbPhoneXmlCommand *list, gsize n, const char *name, guint stage)
{
  for (gsize i = 0; i < n; i++)
    if ((list[i].stages & stage) != 0 && g_str_equal (list[i].name, name))
      return &list[i];
  return NULL;
}

const UbPhoneXmlCommand *
ub_phone_xml_commands_find (UbPracticePhone *self, const char *name)
{
  guint                    stage = self->xml->in_da2 ? DA2 : DA1;
  const UbPhoneXmlCommand *command = find_in (commands, G_N_ELEMENTS (commands), name, stage);

  if (command == NULL && self->options.agent_login)
    command = find_in (login_commands, G_N_ELEMENTS (login_commands), name, stage);
  return command;
}
