/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom.h"

#include "base/ub-error.h"
#include "brom/ub-brom-wire.h"
#include "wire/ub-checksum.h"
#include "wire/ub-reader.h"

#include <glib/gi18n.h>

/* a multiple of every packet size; the phone takes it at its own pace */
#define UPLOAD_PIECE 8192

static gboolean
is_timeout (const GError *error)
{
  return g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

/* --- handshake --- */

/* what one attempt came to */
typedef enum
{
  ATTEMPT_DONE,
  ATTEMPT_AGAIN,
  ATTEMPT_ERROR, /* the link is gone */
} Attempt;

typedef struct
{
  UbLink  *link;
  guint64  strays; /* bytes that were no answer of ours */
  gboolean echoed; /* in this attempt A0 came back as A0 */
} Handshake;

/* waits for @expected until @wait_ms after now; others are counted and thrown away. With @strict
 * the first other byte (an echo apart) ends it: once the phone answered there is nobody else's byte
 * in front of its next answer */
static Attempt
wait_for_answer (Handshake *self, guint8 sent, guint wait_ms, gboolean strict, GError **error)
{
  const guint8 expected = (guint8) ~sent;
  const gint64 deadline = ub_link_now (self->link) + (gint64) wait_ms * 1000;
  guint8       byte = 0;

  for (guint n = 0; n < 1024; n++)
    {
      g_autoptr (GError) local = NULL;
      gint64 left_ms = (deadline - ub_link_now (self->link) + 999) / 1000;

      if (left_ms <= 0)
        return ATTEMPT_AGAIN;
      if (ub_link_receive_some (self->link, &byte, 1, (guint) left_ms, &local) < 0)
        {
          if (is_timeout (local))
            return ATTEMPT_AGAIN;
          g_propagate_error (error, g_steal_pointer (&local));
          return ATTEMPT_ERROR;
        }
      if (byte == expected)
        return ATTEMPT_DONE;
      self->strays++;
      self->echoed |= byte == sent;
      if (strict && byte != sent)
        return ATTEMPT_AGAIN;
    }
  return ATTEMPT_AGAIN;
}

static Attempt
attempt_handshake (Handshake *self, guint wait_ms, GError **error)
{
  self->echoed = FALSE;
  for (gsize i = 0; i < UB_BROM_HANDSHAKE_SIZE; i++)
    {
      g_autoptr (GError) local = NULL;
      const guint8 byte = ub_brom_messages_handshake[i];
      Attempt      attempt;

      if (!ub_link_send (self->link, &byte, 1, wait_ms, &local))
        {
          if (is_timeout (local))
            return ATTEMPT_AGAIN;
          g_propagate_error (error, g_steal_pointer (&local));
          return ATTEMPT_ERROR;
        }
      attempt = wait_for_answer (self, byte, wait_ms, i > 0, error);
      if (attempt != ATTEMPT_DONE)
        {
          /* an answer still on its way would be taken for the next attempt's */
          if (attempt == ATTEMPT_AGAIN && i > 0)
            self->strays += ub_link_drain (self->link, wait_ms);
          return attempt;
        }
    }
  return ATTEMPT_DONE;
}

/* a phone whose handshake was done before us is in its command loop, where A0 is an unknown command
 * and echoed: a known command tells */
static gboolean
is_in_command_loop (Handshake *self)
{
  const guint8 command = UB_BROM_GET_HW_CODE;
  guint8       answer[1 + UB_BROM_HW_CODE_SIZE];
  UbBromHwCode hw_code;

  ub_link_drain (self->link, 20);
  if (!ub_link_send (self->link, &command, 1, UB_BROM_OPTIONAL_TIMEOUT_MS, NULL) ||
      !ub_link_receive (self->link, answer, sizeof answer, UB_BROM_OPTIONAL_TIMEOUT_MS, NULL))
    return FALSE;
  hw_code = ub_brom_messages_parse_hw_code (answer + 1);
  return answer[0] == command && hw_code.status == 0 && hw_code.hw_code != 0;
}

gboolean
ub_brom_handshake (UbLink *link, GCancellable *cancellable, GError **error)
{
  /* first quick, for a preloader eats the first A0 and wants the rest within 300 ms; then slower,
   * for a phone (or a hub) that is. About five seconds in all */
  static const guint waits_ms[] = { 50,  50,  50,  100, 100, 200, 200, 300,
                                    500, 500, 500, 500, 500, 500, 500, 500 };
  Handshake          self = { .link = link };

  for (gsize i = 0; i < G_N_ELEMENTS (waits_ms); i++)
    {
      Attempt attempt;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      attempt = attempt_handshake (&self, waits_ms[i], error);
      if (attempt == ATTEMPT_ERROR)
        return FALSE;
      if (attempt == ATTEMPT_DONE || (self.echoed && is_in_command_loop (&self)))
        return TRUE;
    }
  if (self.strays == 0)
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_LINK_TIMEOUT,
                         "handshake: the phone does not answer");
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_PROTOCOL,
                 "handshake: %" G_GUINT64_FORMAT " bytes came, none of them the answer",
                 self.strays);
  return FALSE;
}

/* --- identification --- */

static gboolean
get_hw_code (UbLink *link, UbBromInfo *info, GError **error)
{
  guint8       data[UB_BROM_HW_CODE_SIZE];
  UbBromHwCode answer;

  if (!ub_brom_wire_send_command (link, UB_BROM_GET_HW_CODE, error) ||
      !ub_link_receive (link, data, sizeof data, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  answer = ub_brom_messages_parse_hw_code (data);
  if (answer.status >= UB_BROM_STATUS_ERROR)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_REFUSED,
                   "hardware code: status 0x%04x (%s)",
                   answer.status,
                   ub_brom_status_to_string (answer.status) ?: "unknown");
      return FALSE;
    }
  info->hw_code = answer.hw_code;
  return TRUE;
}

/* the first command after the handshake: leftovers of that are thrown away, then it is asked again
 */
static gboolean
get_hw_code_retrying (UbLink *link, UbBromInfo *info, GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) local = NULL;

      if (get_hw_code (link, info, &local))
        return TRUE;
      if (!g_error_matches (local, UB_ERROR, UB_ERROR_PROTOCOL))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      ub_link_drain (link, 50);
    }
  return get_hw_code (link, info, error);
}

/* the value that comes instead of an echo; FF from a preloader is the echo and means the same to
 * us: no version */
static gboolean
get_byte (UbLink *link, UbBromCommand command, guint8 *value, GError **error)
{
  const guint8 byte = (guint8) command;

  return ub_link_send (link, &byte, 1, UB_BROM_ECHO_TIMEOUT_MS, error) &&
         ub_link_receive (link, value, 1, UB_BROM_ECHO_TIMEOUT_MS, error);
}

/* a command the phone need not know. FALSE with @error: trouble; FALSE without: it has no answer to
 * give */
static gboolean
ask_optional (UbLink *link, UbBromCommand command, guint8 *data, gsize size, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!ub_brom_wire_send_command (link, command, error))
    return FALSE;
  if (ub_link_receive (link, data, size, UB_BROM_OPTIONAL_TIMEOUT_MS, &local))
    return TRUE;
  if (!is_timeout (local))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
get_target_config (UbLink *link, UbBromInfo *info, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint8       data[UB_BROM_TARGET_SIZE];
  UbBromTarget answer;

  if (ask_optional (link, UB_BROM_GET_TARGET_CONFIG, data, sizeof data, &local))
    {
      answer = ub_brom_messages_parse_target (data);
      if (answer.status < UB_BROM_STATUS_ERROR)
        info->target_config = answer.config;
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
get_versions (UbLink *link, UbBromInfo *info, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint8         data[UB_BROM_VERSIONS_SIZE];
  UbBromVersions answer;

  if (ask_optional (link, UB_BROM_GET_HW_SW_VER, data, sizeof data, &local))
    {
      answer = ub_brom_messages_parse_versions (data);
      if (answer.status < UB_BROM_STATUS_ERROR)
        {
          info->hw_sub_code = answer.hw_sub_code;
          info->hw_version = answer.hw_version;
          info->sw_version = answer.sw_version;
        }
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* GET_ME_ID and GET_SOC_ID: u32 length, bytes, u16 status */
static gboolean
get_id (UbLink *link, UbBromCommand command, guint8 id[64], gsize *id_size, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint8  data[4];
  guint32 size;
  guint16 status = 0;

  *id_size = 0;
  if (!ask_optional (link, command, data, sizeof data, &local))
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  UbReader reader = UB_READER_INIT (data, sizeof data);
  size = ub_reader_u32_be (&reader);
  if (size > 64)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_PROTOCOL,
                   "command 0x%02x: an id of %u bytes is too long",
                   command,
                   size);
      return FALSE;
    }
  if (!ub_link_receive (link, id, size, UB_BROM_STATUS_TIMEOUT_MS, error) ||
      !ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  *id_size = status < UB_BROM_STATUS_ERROR ? size : 0;
  return TRUE;
}

/* one WRITE16 or WRITE32 (§2.3). A refusal is no error: a preloader that guards its registers has
 * had its own way with the watchdog */
static gboolean
write_register (UbLink *link, const UbChipWatchdog *watchdog, GError **error)
{
  const gboolean wide = watchdog->width == 32;
  guint16        status = 0;

  if (!ub_brom_wire_send_command (link, wide ? UB_BROM_WRITE32 : UB_BROM_WRITE16, error) ||
      !ub_brom_wire_send_u32 (link, watchdog->address, error) ||
      !ub_brom_wire_send_u32 (link, 1, error) ||
      !ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  if (status >= UB_BROM_STATUS_ERROR)
    return TRUE;
  if (!(wide ? ub_brom_wire_send_u32 (link, watchdog->value, error)
             : ub_brom_wire_send_u16 (link, (guint16) watchdog->value, error)))
    return FALSE;
  return ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error);
}

static gboolean
disable_watchdog (UbLink *link, const UbChip *chip, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (chip->watchdog); i++)
    if (chip->watchdog[i].width != 0 && !write_register (link, &chip->watchdog[i], error))
      {
        g_prefix_error (error, "watchdog: ");
        return FALSE;
      }
  return TRUE;
}

gboolean
ub_brom_identify (UbLink *link, UbBromInfo *info, GCancellable *cancellable, GError **error)
{
  *info = (UbBromInfo){ .brom_version = 0xff };
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !get_hw_code_retrying (link, info, error))
    return FALSE;
  info->chip = ub_chip_find (info->hw_code);
  if (info->chip != NULL && !disable_watchdog (link, info->chip, error))
    return FALSE;
  if (!get_target_config (link, info, error) ||
      !get_byte (link, UB_BROM_GET_BL_VER, &info->bl_version, error) ||
      !get_byte (link, UB_BROM_GET_VERSION, &info->brom_version, error) ||
      !get_versions (link, info, error))
    return FALSE;
  info->is_boot_rom = info->bl_version == UB_BROM_GET_BL_VER;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* preloaders before XFLASH do not know the ids (§2.4) */
  if (!info->is_boot_rom && info->bl_version <= 2)
    return TRUE;
  return get_id (link, UB_BROM_GET_ME_ID, info->me_id, &info->me_id_size, error) &&
         get_id (link, UB_BROM_GET_SOC_ID, info->soc_id, &info->soc_id_size, error);
}

/* --- the agent --- */

/* the last refusal, kept with the link it came over */
static GQuark
refusal_quark (void)
{
  return g_quark_from_static_string ("ub-brom-refusal");
}

guint16
ub_brom_get_refusal (UbLink *link)
{
  return (guint16) GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (link), refusal_quark ()));
}

static void
set_refusal (UbLink *link, guint16 status)
{
  g_object_set_qdata (G_OBJECT (link), refusal_quark (), GUINT_TO_POINTER (status));
}

static gboolean
check_agent_status (UbLink *link, const char *step, guint16 status, GError **error)
{
  const char *name = ub_brom_status_to_string (status);

  if (status < UB_BROM_STATUS_ERROR)
    return TRUE;
  set_refusal (link, status);
  g_set_error (error,
               UB_ERROR,
               ub_brom_messages_status_needs_auth (status) ? UB_ERROR_NEEDS_AUTH
                                                           : UB_ERROR_AGENT_REFUSED,
               "%s: status 0x%04x (%s)",
               step,
               status,
               name != NULL ? name : "unknown");
  return FALSE;
}

static gboolean
send_agent_header (UbLink  *link,
                   guint32  address,
                   guint32  length,
                   guint32  signature_length,
                   GError **error)
{
  guint16 status = 0;

  return ub_brom_wire_send_command (link, UB_BROM_SEND_DA, error) &&
         ub_brom_wire_send_u32 (link, address, error) &&
         ub_brom_wire_send_u32 (link, length, error) &&
         ub_brom_wire_send_u32 (link, signature_length, error) &&
         ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error) &&
         check_agent_status (link, "agent header", status, error);
}

/* no look at a cancellable here: a phone that was promised so many bytes waits for them */
static gboolean
send_agent_data (UbLink        *link,
                 const guint8  *data,
                 gsize          size,
                 UbBromProgress progress,
                 gpointer       user_data,
                 GError       **error)
{
  const gsize packet = ub_brom_wire_get_packet_size (link);

  for (gsize offset = 0; offset < size; offset += UPLOAD_PIECE)
    {
      gsize piece = MIN (size - offset, UPLOAD_PIECE);

      if (!ub_link_send (link, data + offset, piece, UB_BROM_UPLOAD_TIMEOUT_MS, error))
        {
          g_prefix_error (error,
                          "agent, byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ": ",
                          offset,
                          size);
          return FALSE;
        }
      if (progress != NULL)
        progress (offset + piece, size, user_data);
    }
  /* ends a transfer that ends with a full packet (§1.4) */
  return size % packet != 0 || ub_link_send_empty (link, UB_BROM_UPLOAD_TIMEOUT_MS, error);
}

gboolean
ub_brom_send_agent (UbLink        *link,
                    guint32        address,
                    GBytes        *agent,
                    guint32        signature_length,
                    UbBromProgress progress,
                    gpointer       user_data,
                    GCancellable  *cancellable,
                    GError       **error)
{
  gsize         size;
  const guint8 *data = g_bytes_get_data (agent, &size);
  const guint16 checksum = ub_checksum_xor16 (data, size);
  guint8        reply[UB_BROM_UPLOAD_SIZE];
  UbBromUpload  answer;

  set_refusal (link, 0);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (size == 0 || size > G_MAXUINT32 || signature_length > size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_BAD_AGENT,
                   "an agent of %" G_GSIZE_FORMAT " bytes with %u bytes of signature",
                   size,
                   signature_length);
      return FALSE;
    }
  if (!send_agent_header (link, address, (guint32) size, signature_length, error) ||
      !send_agent_data (link, data, size, progress, user_data, error) ||
      !ub_link_receive (link, reply, sizeof reply, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  answer = ub_brom_messages_parse_upload (reply);
  if (!check_agent_status (link, "agent", answer.status, error))
    return FALSE;
  if (answer.checksum != checksum)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_CHECKSUM,
                   "agent: checksum 0x%04x came back instead of 0x%04x",
                   answer.checksum,
                   checksum);
      return FALSE;
    }
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
ub_brom_jump_agent (UbLink *link, guint32 address, GError **error)
{
  guint16 status = 0;

  return ub_brom_wire_send_command (link, UB_BROM_JUMP_DA, error) &&
         ub_brom_wire_send_u32 (link, address, error) &&
         ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error) &&
         check_agent_status (link, "agent start", status, error);
}

/* --- words --- */

typedef struct
{
  guint32     bit;
  const char *words;
} Meaning;

/* the maker's locks: what they mean for somebody who wants to write the phone */
static const Meaning locks[] = {
  { UB_TARGET_SBC, N_ ("start-up code must be signed (SBC)") },
  { UB_TARGET_SLA, N_ ("a login is asked for (SLA)") },
  { UB_TARGET_DAA, N_ ("the loader must be signed (DAA)") },
  { UB_TARGET_ROOT_CERT, N_ ("a certificate is asked for") },
};

/* these lock nobody out */
static const Meaning peculiarities[] = {
  { UB_TARGET_EPP, N_ ("extra boot parameters") },
  { UB_TARGET_READ_AUTH, N_ ("memory read needs permission") },
  { UB_TARGET_WRITE_AUTH, N_ ("memory write needs permission") },
  { UB_TARGET_C8_BLOCKED, N_ ("cache command blocked") },
};

static char *
list_meanings (const Meaning *meanings, gsize n, guint32 target_config)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    if (target_config & meanings[i].bit)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", _ (meanings[i].words));
  return g_string_free (text, FALSE);
}

char *
ub_brom_describe_target_config (guint32 target_config)
{
  g_autofree char *locked = list_meanings (locks, G_N_ELEMENTS (locks), target_config);
  g_autofree char *others =
      list_meanings (peculiarities, G_N_ELEMENTS (peculiarities), target_config);
  g_autoptr (GString) text = g_string_new (NULL);

  if (*locked == '\0')
    g_string_append (text, _ ("open"));
  else
    /* TRANSLATORS: what follows is a list such as "the loader must be signed (DAA)" */
    g_string_append_printf (text, _ ("secured by its maker: %s"), locked);
  if (*others != '\0')
    g_string_append_printf (text, " (%s)", others);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

const char *
ub_brom_status_to_string (guint16 status)
{
  return ub_brom_messages_status_name (status);
}
