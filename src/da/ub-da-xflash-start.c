/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xflash-private.h"

#include "base/ub-error.h"
#include "da/ub-da-frame.h"

#include <string.h>

#define HELLO 0xc0
#define HELLO_TIMEOUT_MS 5000
#define HELLO_STRAY_LIMIT 4096
#define LOOK_MS 250
#define READY_TIMEOUT_MS 30000
#define SECOND_TIMEOUT_MS 30000
#define REENUMERATE_TIMEOUT_MS 10000
/* the environment (§3.3). Level 1 can make memory training hang; log on USB would come between messages */
#define LOG_INFO 2
#define LOG_UART 1
/* Agents send 64 KiB at a time to a host that calls itself Linux, and 2 MiB to one that says Windows (genuine-agents.md §5.1). Each
 * such packet costs some thirty packets of one byte and a turn-around of the bus (§4), and 2 MiB is what most hosts in the field get */
#define OS_WINDOWS 0
#define RESET_KEYS_TWO 0x68
#define BATTERY_PRESENT 0
#define BATTERY_USB_POWER 1
#define BATTERY_AUTOMATIC 2
#define CHECK_USB 1
#define DA2_PIECE 0x10000
#define DEV_FW_SIZE 0x44
#define CHALLENGE_OFFSET 4
#define CHALLENGE_SIZE 16

/* one start under way */
typedef struct
{
  UbDaXflash      *da;
  UbLink          *link;
  const UbDaSetup *setup;
  UbDaReport      *report;
  UbDaProgress     progress;
  gpointer         user_data;
  GCancellable    *cancellable;
} Start;

/* a phone that is there and silent where an agent should speak: that is a trouble of its own (4001)
 */
static gboolean
silence_is (const char *what, GError **error)
{
  if (error != NULL && g_error_matches (*error, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    {
      g_autoptr (GError) silence = g_steal_pointer (error);

      g_set_error (error, UB_ERROR, UB_ERROR_AGENT_SILENT, "%s: %s", what, silence->message);
    }
  return FALSE;
}

/* --- hello (§3.2) --- */

static gboolean
await_hello (Start *self, GError **error)
{
  const gint64 deadline = ub_link_now (self->link) + HELLO_TIMEOUT_MS * 1000;

  for (guint n = 0; n < HELLO_STRAY_LIMIT && ub_link_now (self->link) < deadline; n++)
    {
      g_autoptr (GError) local = NULL;
      guint8 byte = 0;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (ub_link_receive (self->link, &byte, 1, LOOK_MS, &local))
        {
          if (byte == HELLO)
            return TRUE;
          continue;
        }
      if (g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_set_error_literal (error,
                       UB_ERROR,
                       UB_ERROR_AGENT_SILENT,
                       "the agent was started and does not answer");
  return FALSE;
}

/* "ready", after all it brings up first */
static gboolean
await_sync (Start *self, const char *what, guint timeout_ms, GError **error)
{
  guint32 status = 0;

  if (!ub_da_xflash_control_receive_status (self->da,
                                            &status,
                                            timeout_ms,
                                            self->cancellable,
                                            error))
    return silence_is (what, error);
  return status == UB_DA_XFLASH_SYNC || !ub_da_xflash_status_is_failure (status) ||
         ub_da_xflash_status_set (what, status, UB_ERROR_AGENT_REFUSED, error);
}

/* neither of these two commands has a status of its own */
static gboolean
send_environment (Start *self, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  ub_writer_u32_le (&writer, LOG_INFO);
  ub_writer_u32_le (&writer, LOG_UART);
  ub_writer_u32_le (&writer, OS_WINDOWS);
  ub_writer_u32_le (&writer, 0); /* UFS is never provisioned */
  ub_writer_u32_le (&writer, 0);
  return ub_da_xflash_control_send_u32 (self->da, UB_DA_XFLASH_SYNC, error) &&
         ub_da_xflash_control_send_u32 (self->da, UB_DA_XFLASH_SETUP_ENVIRONMENT, error) &&
         ub_da_xflash_control_send (self->da, writer.data, writer.size, error) &&
         ub_da_xflash_control_expect (self->da,
                                      "the agent's environment",
                                      UB_ERROR_AGENT_REFUSED,
                                      READY_TIMEOUT_MS,
                                      error) &&
         ub_da_xflash_control_send_u32 (self->da, UB_DA_XFLASH_SETUP_HW_INIT, error) &&
         ub_da_xflash_control_send_u32 (self->da, 0, error) &&
         ub_da_xflash_control_expect (self->da,
                                      "the phone's hardware",
                                      UB_ERROR_AGENT_REFUSED,
                                      READY_TIMEOUT_MS,
                                      error);
}

static gboolean
say_hello (Start *self, GError **error)
{
  if (!await_hello (self, error))
    return FALSE;
  if (!send_environment (self, error))
    return silence_is ("the agent fell silent while it was set up", error);
  return await_sync (self, "the agent does not get ready", READY_TIMEOUT_MS, error);
}

/* --- questions an agent may not know --- */

/* FALSE only if the phone is gone or out of step: not knowing, or not wanting, is an answer */
static gboolean
is_tolerable (Start *self, GError *local, GError **error)
{
  if (local == NULL || !self->da->in_doubt)
    {
      if (local != NULL)
        g_debug ("%s", local->message);
      g_clear_error (&local);
      return TRUE;
    }
  g_propagate_error (error, local);
  return silence_is ("the agent fell silent", error);
}

/* (transfer full): NULL in @bytes if it does not tell */
static gboolean
ask (Start *self, UbDaXflashControl control, const char *what, GBytes **bytes, GError **error)
{
  GError *local = NULL;

  g_clear_pointer (bytes, g_bytes_unref);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  *bytes = ub_da_xflash_control_get (self->da, control, what, &local);
  return is_tolerable (self, local, error);
}

static gboolean
tell (Start *self, UbDaXflashControl control, const char *what, guint32 value, GError **error)
{
  GError *local = NULL;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  return ub_da_xflash_control_set_u32 (self->da, control, what, value, &local) ||
         is_tolerable (self, local, error);
}

static gboolean
says (GBytes *bytes, const char *text)
{
  return bytes != NULL && g_bytes_get_size (bytes) >= strlen (text) &&
         memcmp (g_bytes_get_data (bytes, NULL), text, strlen (text)) == 0;
}

/* --- what DA1 knows --- */

static gboolean
find_storage (Start *self, UbDaXflashEmmc *emmc, UbDaXflashUfs *ufs, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  *emmc = (UbDaXflashEmmc){ 0 };
  *ufs = (UbDaXflashUfs){ 0 };
  if (!ask (self, UB_DA_XFLASH_GET_EMMC_INFO, "eMMC information", &bytes, error) ||
      (bytes != NULL && !ub_da_xflash_messages_parse_emmc (bytes, emmc, error)) ||
      !ask (self, UB_DA_XFLASH_GET_UFS_INFO, "UFS information", &bytes, error) ||
      (bytes != NULL && !ub_da_xflash_messages_parse_ufs (bytes, ufs, error)))
    return FALSE;
  if (emmc->type != 0 && emmc->user == 0 && ufs->type != 0)
    emmc->type = 0;
  self->da->storage = emmc->type != 0 ? emmc->type : ufs->type;
  return TRUE;
}

static void
take_memory_id (UbDaReport *report, const UbDaXflashEmmc *emmc, const UbDaXflashUfs *ufs)
{
  if (emmc->type != 0)
    memcpy (report->memory_id, emmc->cid, sizeof report->memory_id);
  else if (ufs->type != 0)
    memcpy (report->memory_id, ufs->product, sizeof report->memory_id);
}

static gboolean
switch_memory_on (Start *self, GError **error)
{
  UbDaXflashDram dram = { .da = self->da,
                          .setup = self->setup,
                          .report = self->report,
                          .cancellable = self->cancellable };

  if (!find_storage (self, &dram.emmc, &dram.ufs, error))
    return FALSE;
  take_memory_id (self->report, &dram.emmc, &dram.ufs);
  return ub_da_xflash_dram_switch_on (&dram, error) || silence_is ("the agent fell silent", error);
}

/* "brom": memory is off; "preloader": it is on. An agent that does not say goes by what we spoke to before it */
static gboolean
bring_memory_up (Start *self, GError **error)
{
  g_autoptr (GBytes) agent = NULL;
  gboolean off;

  if (!ask (self, UB_DA_XFLASH_GET_CONNECTION_AGENT, "connection agent", &agent, error))
    return FALSE;
  off = agent != NULL ? says (agent, "brom") : self->setup->brom.is_boot_rom;
  return !off || switch_memory_on (self, error);
}

/* --- USB speed (§3.20) --- */

static gboolean
ask_usb_speed (Start *self, gboolean *slow, GError **error)
{
  g_autoptr (GBytes) speed = NULL;
  const char *cable = ub_link_get_speed (self->link);

  if (!ask (self, UB_DA_XFLASH_GET_USB_SPEED, "USB speed", &speed, error))
    return FALSE;
  self->report->high_speed = says (speed, "high-speed") || says (speed, "hyper-speed") ||
                             g_str_equal (cable, "high") || g_str_equal (cable, "super");
  *slow = says (speed, "full-speed") && g_str_equal (cable, "full");
  return TRUE;
}

static gboolean
raise_usb_speed (Start *self, GError **error)
{
  GError  *local = NULL;
  gboolean slow = FALSE;

  if (!ub_da_xflash_control_begin (self->da, UB_DA_XFLASH_SWITCH_USB_SPEED, "USB speed", &local) ||
      !ub_da_xflash_control_send_u32 (self->da, 0, &local))
    return is_tolerable (self, local, error);
  /* the answer may be lost with the old connection */
  if (!ub_da_xflash_control_expect (self->da,
                                    "USB speed",
                                    UB_ERROR_REFUSED,
                                    UB_DA_XFLASH_TIMEOUT_MS,
                                    &local) &&
      !g_error_matches (local, UB_ERROR, UB_ERROR_LINK_LOST) &&
      !g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    return is_tolerable (self, local, error);
  g_clear_error (&local);
  self->da->in_doubt = FALSE;
  return ub_link_reopen (self->link, REENUMERATE_TIMEOUT_MS, self->cancellable, error) &&
         ask_usb_speed (self, &slow, error);
}

static gboolean
settle_usb_speed (Start *self, GError **error)
{
  gboolean slow = FALSE;

  return ask_usb_speed (self, &slow, error) && (!slow || raise_usb_speed (self, error));
}

/* --- DA2 (§3.11) --- */

static void
tell_progress (Start *self, gsize done)
{
  const gsize da1 = g_bytes_get_size (self->setup->da1);

  if (self->progress != NULL)
    self->progress (da1 + done, da1 + g_bytes_get_size (self->setup->da2), self->user_data);
}

/* one message, in pieces so that it can be watched */
static gboolean
send_da2_data (Start *self, const guint8 *data, gsize size, GError **error)
{
  guint8 header[UB_DA_FRAME_HEADER];

  ub_da_frame_put_header (header, (guint32) size);
  if (!ub_link_send (self->link, header, sizeof header, UB_DA_FRAME_SEND_TIMEOUT_MS, error))
    return FALSE;
  for (gsize offset = 0; offset < size; offset += MIN (size - offset, DA2_PIECE))
    {
      const gsize n = MIN (size - offset, DA2_PIECE);

      if (!ub_link_send (self->link, data + offset, n, UB_DA_FRAME_SEND_TIMEOUT_MS, error))
        return FALSE;
      tell_progress (self, offset + n);
    }
  return TRUE;
}

/* without its signature: DA1 knows its DA2's hash */
static gboolean
upload_da2 (Start *self, guint32 *status, GError **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (self->setup->da2, &size);
  UbWriter      writer = UB_WRITER_INIT;

  if (size <= self->setup->da2_signature)
    {
      g_set_error_literal (error,
                           UB_ERROR,
                           UB_ERROR_BAD_AGENT,
                           "the agent's second part is all signature");
      return FALSE;
    }
  size -= self->setup->da2_signature;
  ub_writer_u64_le (&writer, self->setup->da2_address);
  ub_writer_u64_le (&writer, size);
  return ub_da_xflash_control_begin (self->da,
                                     UB_DA_XFLASH_BOOT_TO,
                                     "the agent's second part",
                                     error) &&
         ub_da_xflash_control_send (self->da, writer.data, writer.size, error) &&
         send_da2_data (self, data, size, error) &&
         ub_da_xflash_control_receive_status (self->da,
                                              status,
                                              SECOND_TIMEOUT_MS,
                                              self->cancellable,
                                              error);
}

static gboolean
start_da2 (Start *self, GError **error)
{
  static const char *const silent = "the second part of the agent was loaded and does not answer";
  guint32                  status = 0;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (!upload_da2 (self, &status, error))
    return silence_is (silent, error);
  if (status == UB_DA_XFLASH_SYNC)
    return TRUE;
  if (ub_da_xflash_status_is_failure (status))
    return ub_da_xflash_status_set ("the agent's second part",
                                    status,
                                    UB_ERROR_AGENT_REFUSED,
                                    error);
  return await_sync (self, silent, SECOND_TIMEOUT_MS, error);
}

/* --- login (§3.21) --- */

static gboolean
set_needs_auth (const char *why, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NEEDS_AUTH,
               "this phone's agent wants its maker's login (DA SLA), %s",
               why);
  return FALSE;
}

static gboolean
answer_challenge (Start *self, GBytes *challenge, GError **error)
{
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) local = NULL;
  const guint8 *data = g_bytes_get_data (challenge, NULL);
  gsize         size;

  answer = ub_key_answer_agent (self->setup->key, data + CHALLENGE_OFFSET, CHALLENGE_SIZE, error);
  if (answer == NULL)
    return FALSE;
  data = g_bytes_get_data (answer, &size);
  if (ub_da_xflash_control_set (self->da,
                                UB_DA_XFLASH_SET_REMOTE_SEC_POLICY,
                                "login",
                                data,
                                size,
                                &local))
    {
      self->report->login_done = TRUE;
      return TRUE;
    }
  if (!self->da->in_doubt)
    {
      g_autofree char *why = g_strdup_printf ("and does not take this key's: %s", local->message);

      return set_needs_auth (why, error);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return silence_is ("the agent fell silent at its login", error);
}

static gboolean
log_in (Start *self, GError **error)
{
  g_autoptr (GBytes) wanted = NULL;
  g_autoptr (GBytes) challenge = NULL;

  if (!ask (self, UB_DA_XFLASH_GET_SLA_STATUS, "login status", &wanted, error))
    return FALSE;
  if (wanted == NULL || ub_da_xflash_messages_get_u32 (wanted, 0) == 0)
    return TRUE;
  if (self->setup->key == NULL)
    return set_needs_auth ("and there is no key for it", error);
  if (!ask (self, UB_DA_XFLASH_GET_DEV_FW_INFO, "challenge", &challenge, error))
    return FALSE;
  if (challenge == NULL || g_bytes_get_size (challenge) < DEV_FW_SIZE)
    return set_needs_auth ("and does not say how", error);
  return answer_challenge (self, challenge, error);
}

/* --- report (§3.9) --- */

static void
take_emmc (Start *self, const UbDaXflashEmmc *emmc)
{
  UbDaReport *report = self->report;

  report->storage = UB_STORAGE_EMMC;
  report->sector_size = UB_SECTOR;
  report->boot1_size = emmc->boot1;
  report->boot2_size = emmc->boot2;
  report->rpmb_size = emmc->rpmb;
  memcpy (report->gp_size, emmc->gp, sizeof report->gp_size);
  report->user_size = emmc->user / UB_SECTOR * UB_SECTOR;
  memcpy (report->cid, emmc->cid, sizeof report->cid);
  report->cid_is_unique = TRUE;
  self->da->pre_eol = emmc->pre_eol;
  memcpy (self->da->life, emmc->life, sizeof self->da->life);
}

static void
take_ufs (Start *self, const UbDaXflashUfs *ufs)
{
  UbDaReport *report = self->report;

  report->storage = UB_STORAGE_UFS;
  report->sector_size = UB_DA_XFLASH_UFS_SECTOR;
  report->boot1_size = ufs->lu[0];
  report->boot2_size = ufs->lu[1];
  report->user_size = ufs->lu[2] / UB_DA_XFLASH_UFS_SECTOR * UB_DA_XFLASH_UFS_SECTOR;
  memcpy (report->cid, ufs->identity, sizeof report->cid);
  report->cid_is_unique = ufs->has_serial;
}

/* neither eMMC nor UFS: what is it? */
static gboolean
set_no_storage_error (Start *self, GError **error)
{
  g_autoptr (GBytes) nand = NULL;
  g_autoptr (GBytes) nor = NULL;

  if (!ask (self, UB_DA_XFLASH_GET_NAND_INFO, "NAND information", &nand, error) ||
      !ask (self, UB_DA_XFLASH_GET_NOR_INFO, "NOR information", &nor, error))
    return FALSE;
  if ((nand != NULL && ub_da_xflash_messages_get_u32 (nand, 0) != 0) ||
      (nor != NULL && ub_da_xflash_messages_get_u32 (nor, 0) != 0))
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "the phone's storage is %s, which this version cannot work on",
                 nand != NULL && ub_da_xflash_messages_get_u32 (nand, 0) != 0 ? "NAND" : "NOR");
  else
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_WRONG_STORAGE,
                         "the agent finds no storage in the phone");
  return FALSE;
}

static gboolean
take_storage (Start *self, GError **error)
{
  UbDaXflashEmmc emmc;
  UbDaXflashUfs  ufs;

  if (!find_storage (self, &emmc, &ufs, error))
    return FALSE;
  take_memory_id (self->report, &emmc, &ufs);
  if (emmc.type != 0)
    take_emmc (self, &emmc);
  else if (ufs.type != 0)
    take_ufs (self, &ufs);
  return self->report->user_size != 0 || set_no_storage_error (self, error);
}

static gboolean
take_packet_length (Start *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  guint32 length;

  if (!ask (self, UB_DA_XFLASH_GET_PACKET_LENGTH, "packet length", &bytes, error))
    return FALSE;
  length = bytes != NULL ? ub_da_xflash_messages_get_u32 (bytes, 0) : 0;
  length = CLAMP (length, UB_DA_XFLASH_PACKET_MIN, UB_DA_XFLASH_PACKET_LIMIT);
  self->da->write_packet = length / UB_DA_XFLASH_PACKET_MIN * UB_DA_XFLASH_PACKET_MIN;
  return TRUE;
}

/* "1.0", and no NUL */
static void
take_version (Start *self, GBytes *bytes)
{
  gsize       size;
  const char *text = g_bytes_get_data (bytes, &size);
  UbDaReport *report = self->report;
  const char *dot;

  size = MIN (size, sizeof report->agent - 1);
  for (gsize i = 0; i < size && text[i] != '\0'; i++)
    report->agent[i] = g_ascii_isprint (text[i]) ? text[i] : '?';
  report->version_major = (guint8) MIN (g_ascii_strtoull (report->agent, NULL, 10), 255);
  dot = strchr (report->agent, '.');
  if (dot != NULL)
    report->version_minor = (guint8) MIN (g_ascii_strtoull (dot + 1, NULL, 10), 255);
}

static gboolean
take_words (Start *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!ask (self, UB_DA_XFLASH_GET_RAM_INFO, "memory information", &bytes, error))
    return FALSE;
  if (bytes != NULL)
    self->report->ram_size = ub_da_xflash_messages_parse_ram (bytes);
  if (!ask (self, UB_DA_XFLASH_GET_RANDOM_ID, "random id", &bytes, error))
    return FALSE;
  if (bytes != NULL && g_bytes_get_size (bytes) >= sizeof self->report->random_id)
    memcpy (self->report->random_id,
            g_bytes_get_data (bytes, NULL),
            sizeof self->report->random_id);
  if (!ask (self, UB_DA_XFLASH_GET_DA_VERSION, "agent's version", &bytes, error))
    return FALSE;
  if (bytes != NULL)
    take_version (self, bytes);
  return TRUE;
}

gboolean
ub_da_xflash_start_in_second (UbDaXflash      *self,
                              const UbDaSetup *setup,
                              UbDaReport      *report,
                              GCancellable    *cancellable,
                              GError         **error)
{
  Start start = { .da = self,
                  .link = ub_da_get_link (UB_DA (self)),
                  .setup = setup,
                  .report = report,
                  .cancellable = cancellable };

  return log_in (&start, error) && take_storage (&start, error) && take_words (&start, error) &&
         take_packet_length (&start, error);
}

static guint32
battery_option (UbDaBattery battery)
{
  switch (battery)
    {
    case UB_DA_BATTERY_PRESENT:
      return BATTERY_PRESENT;
    case UB_DA_BATTERY_NONE:
      return BATTERY_USB_POWER;
    case UB_DA_BATTERY_AUTO:
    default:
      return BATTERY_AUTOMATIC;
    }
}

/* what only DA1 knows (genuine-agents.md §5.1); DA2 inherits it */
static gboolean
tell_choices (Start *self, GError **error)
{
  return tell (self, UB_DA_XFLASH_SET_RESET_KEY, "reset key", RESET_KEYS_TWO, error) &&
         tell (self,
               UB_DA_XFLASH_SET_BATTERY_OPT,
               "battery",
               battery_option (self->setup->battery),
               error) &&
         tell (self, UB_DA_XFLASH_SET_CHECKSUM_LEVEL, "checksum", CHECK_USB, error);
}

gboolean
ub_da_xflash_start_after_jump (UbDaXflash      *self,
                               const UbDaSetup *setup,
                               UbDaReport      *report,
                               UbDaProgress     progress,
                               gpointer         user_data,
                               GCancellable    *cancellable,
                               GError         **error)
{
  Start start = { .da = self,
                  .link = ub_da_get_link (UB_DA (self)),
                  .setup = setup,
                  .report = report,
                  .progress = progress,
                  .user_data = user_data,
                  .cancellable = cancellable };

  self->in_doubt = FALSE;
  self->storage = 0;
  self->write_packet = UB_DA_XFLASH_PACKET_MIN;
  return say_hello (&start, error) && tell_choices (&start, error) &&
         bring_memory_up (&start, error) && settle_usb_speed (&start, error) &&
         start_da2 (&start, error) &&
         ub_da_xflash_start_in_second (self, setup, report, cancellable, error);
}
