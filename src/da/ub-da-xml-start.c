/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xml-private.h"

#include "base/ub-error.h"

#include <string.h>

/* DA1 measures the memory, DA2 looks for the storage */
#define INIT_TIMEOUT_MS 60000
/* DA1 checks DA2's hash, and DA2 comes up */
#define JUMP_TIMEOUT_MS 30000
#define BATTERY_LIMIT_MV 30000
#define UFS_SECTOR 4096
#define CAPABILITIES                                                                               \
  "CMD:DOWNLOAD-FILE^1@CMD:FILE-SYS-OPERATION^1@CMD:PROGRESS-REPORT^1@CMD:UPLOAD-FILE^1@"

/* --- small commands --- */

/* a command without data */
static gboolean
run_plain (UbDaXml *self, const char *what, const char *command, GError **error)
{
  g_auto (UbDaXmlJob) job = { .what = what, .code = UB_ERROR_PROTOCOL };

  return ub_da_xml_run (self, &job, command, error);
}

/* one that an agent need not know */
static gboolean
run_optional (UbDaXml *self, const char *what, const char *command, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (run_plain (self, what, command, &local) ||
      g_error_matches (local, UB_ERROR, UB_ERROR_UNSUPPORTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Version 1.1 needs its second block, in which memory is switched on; what knows only 1.0 needs none */
static gboolean
set_runtime (UbDaXml *self, UbDaBattery battery, GError **error)
{
  g_autofree char *command = ub_da_xml_messages_runtime (battery, TRUE);
  g_autofree char *old_command = ub_da_xml_messages_runtime (battery, FALSE);
  g_autoptr (GError) local = NULL;

  if (run_plain (self, "set-up", command, &local))
    return TRUE;
  if (self->place != UB_DA_XML_BROKEN)
    {
      g_debug ("the agent does not take the set-up: %s", local->message);
      return run_plain (self, "set-up", old_command, error);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
say_what_we_can (UbDaXml *self, GError **error)
{
  g_autofree char *command =
      ub_da_xml_messages_command ("HOST-SUPPORTED-COMMANDS", "host_capability", CAPABILITIES, NULL);

  return run_optional (self, "capabilities", command, error);
}

static gboolean
say_who_we_are (UbDaXml *self, GError **error)
{
  g_autofree char *command = ub_da_xml_messages_command ("SET-HOST-INFO", "info", "Unbrick", NULL);

  return run_optional (self, "host", command, error);
}

static gboolean
init_hardware (UbDaXml *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *command = ub_da_xml_messages_command ("NOTIFY-INIT-HW", NULL);
  g_auto (UbDaXmlJob) job = { .what = "hardware",
                              .code = UB_ERROR_PROTOCOL,
                              .timeout_ms = INIT_TIMEOUT_MS,
                              .abort = cancellable };

  return ub_da_xml_run (self, &job, command, error);
}

/* --- DA1 --- */

static gboolean
mentions_memory (const GError *error)
{
  return strstr (error->message, "DRAM") != NULL || strstr (error->message, "EMI") != NULL;
}

/* DA1 brings its memory settings along. If they do not fit it says so, or nothing at all */
static gboolean
init_memory (UbDaXml *self, const UbDaSetup *setup, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (init_hardware (self, cancellable, &local))
    return TRUE;
  if ((setup->brom.is_boot_rom && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT)) ||
      (local->domain == UB_ERROR && mentions_memory (local)))
    local->code = UB_ERROR_DRAM;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

typedef struct
{
  const guint8 *data;
  gsize         size;
  UbDa         *da;
} Bytes;

static gboolean
give_bytes (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  Bytes *self = user_data;

  if (size > self->size)
    {
      g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "the agent's second part is short");
      return FALSE;
    }
  *packet = (UbDaPacket){ self->data, size, ub_da_checksum (self->da, self->data, size) };
  self->data += size;
  self->size -= size;
  return TRUE;
}

/* is the second part the one that the first knows by its hash? */
static gboolean
belong_together (const UbDaSetup *setup)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8        digest[32];
  gsize         digest_size = sizeof digest;
  gsize         size;
  const guint8 *first = g_bytes_get_data (setup->da1, &size);

  g_checksum_update (sum,
                     g_bytes_get_data (setup->da2, NULL),
                     (gssize) (g_bytes_get_size (setup->da2) - setup->da2_signature));
  g_checksum_get_digest (sum, digest, &digest_size);
  for (gsize i = 0; i + sizeof digest <= size; i++)
    if (memcmp (first + i, digest, sizeof digest) == 0)
      return TRUE;
  return FALSE;
}

/* What left us right and is wrong in the phone went wrong in its memory. Always FALSE */
static gboolean
set_not_booted (const UbDaSetup *setup, GError *why, GError **error)
{
  if (g_error_matches (why, UB_ERROR, UB_ERROR_BAD_AGENT) &&
      strstr (why->message, "DA Hash mismatch") != NULL && belong_together (setup))
    why->code = UB_ERROR_DRAM;
  g_propagate_error (error, why);
  return FALSE;
}

/* without its signature: DA1 knows its hash */
static gboolean
boot_second (UbDaXml         *self,
             const UbDaSetup *setup,
             UbDaProgress     progress,
             gpointer         user_data,
             GCancellable    *cancellable,
             GError         **error)
{
  const guint64    size = g_bytes_get_size (setup->da2) - setup->da2_signature;
  g_autofree char *name = ub_da_xml_name_data (size);
  g_autofree char *address = g_strdup_printf ("0x%x", setup->da2_address);
  g_autofree char *command = ub_da_xml_messages_command ("BOOT-TO",
                                                         "at_address",
                                                         address,
                                                         "jmp_address",
                                                         address,
                                                         "source_file",
                                                         name,
                                                         NULL);
  Bytes            bytes = { g_bytes_get_data (setup->da2, NULL), size, UB_DA (self) };
  g_auto (UbDaXmlJob) job = { .what = "second part",
                              .code = UB_ERROR_AGENT_REFUSED,
                              .timeout_ms = JUMP_TIMEOUT_MS,
                              .progress = progress,
                              .user_data = user_data,
                              .before = g_bytes_get_size (setup->da1),
                              .cancellable = cancellable,
                              .source_file = name,
                              .source_size = size,
                              .source = give_bytes,
                              .source_data = &bytes };
  g_autoptr (GError) local = NULL;

  job.total = job.before + g_bytes_get_size (setup->da2);
  if (!ub_da_xml_run (self, &job, command, &local))
    return set_not_booted (setup, g_steal_pointer (&local), error);
  if (progress != NULL)
    progress (job.total, job.total, user_data);
  return TRUE;
}

/* --- login (§4.10) --- */

/* what does not know the question wants none */
static gboolean
wants_login (UbDaXml *self, gboolean *wanted, GError **error)
{
  g_autofree char *command = ub_da_xml_messages_command ("GET-SYS-PROPERTY",
                                                         "key",
                                                         "DA.SLA",
                                                         "target_file",
                                                         ub_da_xml_document_name (),
                                                         NULL);
  g_autofree char *value = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) document = ub_da_xml_fetch (self, "login", command, &local);

  *wanted = FALSE;
  if (document != NULL)
    value = ub_da_xml_messages_parse_property (g_bytes_get_data (document, NULL),
                                               g_bytes_get_size (document),
                                               "DA.SLA",
                                               &local);
  else if (g_error_matches (local, UB_ERROR, UB_ERROR_UNSUPPORTED))
    return TRUE;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *wanted = g_strcmp0 (value, "ENABLED") == 0;
  return TRUE;
}

static gboolean
get_challenge (UbDaXml *self, guint8 challenge[16], GError **error)
{
  g_autofree char *command = ub_da_xml_messages_command ("SECURITY-GET-DEV-FW-INFO",
                                                         "target_file",
                                                         ub_da_xml_document_name (),
                                                         NULL);
  g_autoptr (GBytes) document = ub_da_xml_fetch (self, "login", command, error);

  return document != NULL && ub_da_xml_messages_parse_challenge (g_bytes_get_data (document, NULL),
                                                                 g_bytes_get_size (document),
                                                                 challenge,
                                                                 error);
}

static gboolean
send_login (UbDaXml *self, GBytes *answer, GError **error)
{
  const gsize      size = g_bytes_get_size (answer);
  g_autofree char *name = ub_da_xml_name_data (size);
  g_autofree char *command =
      ub_da_xml_messages_command ("SECURITY-SET-FLASH-POLICY", "source_file", name, NULL);
  Bytes bytes = { g_bytes_get_data (answer, NULL), size, UB_DA (self) };
  g_auto (UbDaXmlJob) job = { .what = "login",
                              .code = UB_ERROR_NEEDS_AUTH,
                              .source_file = name,
                              .source_size = size,
                              .source = give_bytes,
                              .source_data = &bytes };

  return ub_da_xml_run (self, &job, command, error);
}

static gboolean
log_in (UbDaXml *self, const UbDaSetup *setup, gboolean *done, GError **error)
{
  guint8 challenge[16];
  g_autoptr (GBytes) answer = NULL;

  if (!wants_login (self, done, error))
    return FALSE;
  if (!*done)
    return TRUE;
  if (setup->key == NULL)
    {
      g_set_error_literal (error,
                           UB_ERROR,
                           UB_ERROR_NEEDS_AUTH,
                           "the phone's agent wants its maker's login (DA.SLA), which only the "
                           "maker's own key can answer");
      return FALSE;
    }
  if (!get_challenge (self, challenge, error))
    return FALSE;
  answer = ub_key_answer_agent (setup->key, challenge, sizeof challenge, error);
  return answer != NULL && send_login (self, answer, error);
}

/* --- report --- */

/* one that an agent need not know, and that says nothing we need */
static gboolean
ask_agent (UbDaXml *self, UbDaReport *report, GError **error)
{
  g_autofree char *command =
      ub_da_xml_messages_command ("GET-DA-INFO", "target_file", ub_da_xml_document_name (), NULL);
  g_autofree char *words = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) document = ub_da_xml_fetch (self, "agent", command, &local);

  if (document == NULL && self->place == UB_DA_XML_BROKEN)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (document != NULL)
    words = ub_da_xml_messages_parse_agent (g_bytes_get_data (document, NULL),
                                            g_bytes_get_size (document));
  g_strlcpy (report->agent, words != NULL ? words : "", sizeof report->agent);
  return TRUE;
}

static gboolean
check_hardware (const UbDaXmlHardware *hardware, GError **error)
{
  if (hardware->storage == UB_STORAGE_NAND || hardware->storage == UB_STORAGE_NOR)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "the phone's storage is %s, which this version cannot write yet",
                 ub_storage_to_string (hardware->storage));
  else if ((hardware->storage != UB_STORAGE_EMMC && hardware->storage != UB_STORAGE_UFS) ||
           hardware->user_size == 0)
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_WRONG_STORAGE,
                         "the phone's agent found no storage");
  else
    return TRUE;
  return FALSE;
}

static void
fill_emmc (const UbDaXmlHardware *hardware, UbDaReport *report)
{
  report->sector_size = UB_SECTOR;
  report->rpmb_size = hardware->rpmb_size;
  memcpy (report->gp_size, hardware->gp_size, sizeof report->gp_size);
  report->cid_is_unique = ub_da_xml_messages_parse_cid (hardware->id, report->cid);
  memcpy (report->memory_id, report->cid, sizeof report->cid);
}

static void
fill_ufs (const UbDaXmlHardware *hardware, UbDaReport *report)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize  size = sizeof digest;

  report->sector_size = UFS_SECTOR;
  report->cid_is_unique = hardware->has_serial;
  g_checksum_update (sum, (const guint8 *) hardware->identity, -1);
  g_checksum_get_digest (sum, digest, &size);
  if (hardware->identity[strspn (hardware->identity, "\n")] != '\0')
    memcpy (report->cid, digest, sizeof report->cid);
  memcpy (report->memory_id, hardware->id, MIN (strlen (hardware->id), sizeof report->memory_id));
}

static void
fill_report (UbDaXml *self, const UbDaXmlHardware *hardware, UbDaReport *report)
{
  const char *speed = ub_link_get_speed (ub_da_get_link (UB_DA (self)));

  report->storage = hardware->storage;
  report->boot1_size = hardware->boot1_size;
  report->boot2_size = hardware->boot2_size;
  report->user_size = hardware->user_size;
  report->ram_size = hardware->ram_size;
  report->high_speed = strcmp (speed, "high") == 0 || strcmp (speed, "super") == 0;
  memcpy (report->random_id, hardware->random_id, sizeof report->random_id);
  if (hardware->storage == UB_STORAGE_UFS)
    fill_ufs (hardware, report);
  else
    fill_emmc (hardware, report);
  if (hardware->battery_mv > 0 && hardware->battery_mv <= BATTERY_LIMIT_MV)
    self->battery_mv = (int) hardware->battery_mv;
}

static gboolean
ask_hardware (UbDaXml *self, UbDaReport *report, GError **error)
{
  g_autofree char *command =
      ub_da_xml_messages_command ("GET-HW-INFO", "target_file", ub_da_xml_document_name (), NULL);
  UbDaXmlHardware hardware;
  g_autoptr (GBytes) document = ub_da_xml_fetch (self, "hardware", command, error);

  if (document == NULL ||
      !ub_da_xml_messages_parse_hardware (g_bytes_get_data (document, NULL),
                                          g_bytes_get_size (document),
                                          &hardware,
                                          error) ||
      !check_hardware (&hardware, error))
    return FALSE;
  fill_report (self, &hardware, report);
  return TRUE;
}

/* --- the whole --- */

/* a part of an agent that does not come up is silent */
static gboolean
await_part (UbDaXml      *self,
            const char   *what,
            guint         timeout_ms,
            GCancellable *cancellable,
            GError      **error)
{
  g_autoptr (GError) local = NULL;

  if (ub_da_xml_await_start (self, timeout_ms, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    local->code = UB_ERROR_AGENT_SILENT;
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", what);
  return FALSE;
}

gboolean
ub_da_xml_start_after_jump (UbDaXml         *self,
                            const UbDaSetup *setup,
                            UbDaReport      *report,
                            UbDaProgress     progress,
                            gpointer         user_data,
                            GCancellable    *cancellable,
                            GError         **error)
{
  if (g_bytes_get_size (setup->da2) <= setup->da2_signature)
    {
      g_set_error_literal (error,
                           UB_ERROR,
                           UB_ERROR_BAD_AGENT,
                           "the agent's second part is nothing but a signature");
      return FALSE;
    }
  return await_part (self, "agent", UB_DA_XML_START_TIMEOUT_MS, cancellable, error) &&
         set_runtime (self, setup->battery, error) && say_what_we_can (self, error) &&
         say_who_we_are (self, error) && init_memory (self, setup, cancellable, error) &&
         boot_second (self, setup, progress, user_data, cancellable, error) &&
         await_part (self, "agent's second part", JUMP_TIMEOUT_MS, cancellable, error) &&
         say_what_we_can (self, error) && init_hardware (self, cancellable, error) &&
         log_in (self, setup, &report->login_done, error) && ask_agent (self, report, error) &&
         ask_hardware (self, report, error);
}
