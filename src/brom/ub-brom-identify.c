/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-identify.h"

#include "base/ub-error.h"
#include "brom/ub-brom-wire.h"
#include "brom/ub-brom.h"
#include "wire/ub-reader.h"
#include "wire/ub-writer.h"

#include <string.h>

/* so often the whole conversation is begun, if all that failed did so quickly: a boot ROM that gets no command
 * restarts after ten seconds */
#define ROUNDS 6
#define PATIENCE_US (5 * (gint64) G_USEC_PER_SEC)
/* silence after which nothing is under way any more */
#define REST_MS 50

/* what is too many at the very end comes at once */
#define LAST_MS 2

/* one round of questions: in it every answer has to be in its place. None of the commands but the watchdog's
 * takes parameters, so whatever went wrong the phone waits for a command when it has said all */
typedef struct
{
  UbLink      *link;
  UbBromSigns *signs;
  UbBromInfo  *info;
} Round;

static gboolean
is_timeout (const GError *error)
{
  return g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

/* may be somebody else's bytes, or some that got lost */
static gboolean
is_out_of_step (const GError *error)
{
  return is_timeout (error) || g_error_matches (error, UB_ERROR, UB_ERROR_PROTOCOL) ||
         g_error_matches (error, UB_ERROR, UB_ERROR_REFUSED);
}

/* --- which chip --- */

gboolean
ub_brom_identify_ask_chip (UbLink *link, UbBromHwCode *answer, guint timeout_ms, GError **error)
{
  guint8 data[UB_BROM_HW_CODE_SIZE];

  if (!ub_brom_wire_send_command (link, UB_BROM_GET_HW_CODE, timeout_ms, error) ||
      !ub_link_receive (link, data, sizeof data, timeout_ms, error))
    return FALSE;
  *answer = ub_brom_messages_parse_hw_code (data);
  return TRUE;
}

static gboolean
ask_chip (Round *self, guint16 *hw_code, GError **error)
{
  UbBromHwCode answer;

  if (!ub_brom_identify_ask_chip (self->link, &answer, UB_BROM_GREETING_TIMEOUT_MS, error))
    return FALSE;
  self->signs->answered = TRUE;
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
  *hw_code = answer.hw_code;
  return TRUE;
}

/* A byte lost and another one too many make a wrong code that looks like a right one; they do not do so twice */
static gboolean
confirm_chip (Round *self, GError **error)
{
  guint16 again;

  if (!ask_chip (self, &again, error))
    return FALSE;
  if (again == self->info->hw_code)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "hardware code: 0x%04x, and 0x%04x when asked again",
               self->info->hw_code,
               again);
  return FALSE;
}

/* --- the watchdog --- */

/* Sends one piece of the command. Once begun it is told to the end, whatever comes back: the phone heard it,
 * and takes what we say next for the rest of it. @in_step becomes FALSE at the first echo that is none */
static gboolean
tell (Round *self, const guint8 *data, gsize size, gboolean *in_step, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (*in_step)
    *in_step =
        ub_brom_wire_send_echoed (self->link, data, size, UB_BROM_GREETING_TIMEOUT_MS, &local);
  else
    (void) !ub_link_send (self->link, data, size, UB_BROM_GREETING_TIMEOUT_MS, &local);
  if (local != NULL && !is_out_of_step (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!*in_step)
    self->signs->strays += ub_brom_wire_hush (self->link, REST_MS);
  return TRUE;
}

static gboolean
tell_number (Round *self, guint32 value, guint width, gboolean *in_step, GError **error)
{
  UbWriter writer = UB_WRITER_INIT;

  if (width == 32)
    ub_writer_u32_be (&writer, value);
  else
    ub_writer_u16_be (&writer, (guint16) value);
  return tell (self, writer.data, writer.size, in_step, error);
}

static gboolean
hear_status (Round *self, guint16 *status, gboolean *in_step, GError **error)
{
  g_autoptr (GError) local = NULL;

  *status = 0;
  if (!*in_step ||
      ub_brom_wire_receive_u16 (self->link, status, UB_BROM_GREETING_TIMEOUT_MS, &local))
    return TRUE;
  *in_step = FALSE;
  if (is_out_of_step (local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* one word into one register (D4, D2): a status after the address and the count, one after the value. A
 * phone that guards its registers says so at the first and wants no value */
static gboolean
write_register (Round *self, const UbChipWatchdog *watchdog, GError **error)
{
  const guint8 command = watchdog->width == 32 ? UB_BROM_WRITE32 : UB_BROM_WRITE16;
  gboolean     in_step = TRUE;
  guint16      status = 0;

  if (!tell (self, &command, 1, &in_step, error) ||
      !tell_number (self, watchdog->address, 32, &in_step, error) ||
      !tell_number (self, 1, 32, &in_step, error) || !hear_status (self, &status, &in_step, error))
    return FALSE;
  /* a refusal is all that comes; with more behind it, it was none */
  if (status >= UB_BROM_STATUS_ERROR && ub_brom_wire_hush (self->link, LAST_MS) == 0)
    return TRUE;
  in_step = in_step && status < UB_BROM_STATUS_ERROR;
  if (!tell_number (self, watchdog->value, watchdog->width, &in_step, error) ||
      !hear_status (self, &status, &in_step, error))
    return FALSE;
  if (in_step)
    return TRUE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_PROTOCOL, "an answer was out of its place");
  return FALSE;
}

static gboolean
disable_watchdog (Round *self, GError **error)
{
  const UbChip *chip = self->info->chip;

  for (gsize i = 0; chip != NULL && i < G_N_ELEMENTS (chip->watchdog); i++)
    if (chip->watchdog[i].width != 0 && !write_register (self, &chip->watchdog[i], error))
      {
        g_prefix_error (error, "watchdog: ");
        return FALSE;
      }
  return TRUE;
}

/* --- what else it tells --- */

/* the value that comes instead of an echo; FF from a preloader is the echo and means the same to
 * us: no version */
static gboolean
get_byte (Round *self, UbBromCommand command, guint8 *value, GError **error)
{
  const guint8 byte = (guint8) command;

  return ub_link_send (self->link, &byte, 1, UB_BROM_GREETING_TIMEOUT_MS, error) &&
         ub_link_receive (self->link, value, 1, UB_BROM_GREETING_TIMEOUT_MS, error);
}

/* A command the phone need not know; @told FALSE: it has no answer to give. What comes after all is not
 * taken for the next one's */
static gboolean
ask_optional (Round        *self,
              UbBromCommand command,
              guint8       *data,
              gsize         size,
              gboolean     *told,
              GError      **error)
{
  g_autoptr (GError) local = NULL;

  if (!ub_brom_wire_send_command (self->link, command, UB_BROM_GREETING_TIMEOUT_MS, error))
    return FALSE;
  *told = ub_link_receive (self->link, data, size, UB_BROM_OPTIONAL_TIMEOUT_MS, &local);
  if (*told)
    return TRUE;
  if (!is_timeout (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  self->signs->strays += ub_brom_wire_hush (self->link, REST_MS);
  return TRUE;
}

static gboolean
ask_target_config (Round *self, guint32 *config, GError **error)
{
  guint8       data[UB_BROM_TARGET_SIZE];
  UbBromTarget answer;
  gboolean     told = FALSE;

  *config = 0;
  if (!ask_optional (self, UB_BROM_GET_TARGET_CONFIG, data, sizeof data, &told, error))
    return FALSE;
  if (!told)
    return TRUE;
  answer = ub_brom_messages_parse_target (data);
  if (answer.status < UB_BROM_STATUS_ERROR)
    *config = answer.config;
  return TRUE;
}

/* a phone that says it is locked says so twice: nobody shall be sent for files because of a stray byte */
static gboolean
get_target_config (Round *self, GError **error)
{
  guint32 again;

  if (!ask_target_config (self, &self->info->target_config, error))
    return FALSE;
  if (self->info->target_config == 0)
    return TRUE;
  if (!ask_target_config (self, &again, error))
    return FALSE;
  if (again == self->info->target_config)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "target config: 0x%08x, and 0x%08x when asked again",
               self->info->target_config,
               again);
  return FALSE;
}

static gboolean
get_versions (Round *self, GError **error)
{
  guint8         data[UB_BROM_VERSIONS_SIZE];
  UbBromVersions answer;
  gboolean       told = FALSE;

  if (!ask_optional (self, UB_BROM_GET_HW_SW_VER, data, sizeof data, &told, error))
    return FALSE;
  if (!told)
    return TRUE;
  answer = ub_brom_messages_parse_versions (data);
  if (answer.status >= UB_BROM_STATUS_ERROR)
    return TRUE;
  self->info->hw_sub_code = answer.hw_sub_code;
  self->info->hw_version = answer.hw_version;
  self->info->sw_version = answer.sw_version;
  return TRUE;
}

/* GET_ME_ID and GET_SOC_ID: u32 length, bytes, u16 status */
static gboolean
get_id (Round *self, UbBromCommand command, guint8 id[64], gsize *id_size, GError **error)
{
  guint8   data[4];
  guint32  size;
  guint16  status = 0;
  gboolean told = FALSE;

  if (!ask_optional (self, command, data, sizeof data, &told, error))
    return FALSE;
  if (!told)
    return TRUE;
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
  if (!ub_link_receive (self->link, id, size, UB_BROM_GREETING_TIMEOUT_MS, error) ||
      !ub_brom_wire_receive_u16 (self->link, &status, UB_BROM_GREETING_TIMEOUT_MS, error))
    return FALSE;
  if (status < UB_BROM_STATUS_ERROR)
    *id_size = size;
  return TRUE;
}

/* --- all of it --- */

/* FE has no echo: nothing says that the byte was its answer, so it has to be so twice */
static gboolean
confirm_bl_version (Round *self, GError **error)
{
  guint8 again = 0;

  if (!get_byte (self, UB_BROM_GET_BL_VER, &again, error))
    return FALSE;
  if (again == self->info->bl_version)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "version of the start-up code: 0x%02x, and 0x%02x when asked again",
               self->info->bl_version,
               again);
  return FALSE;
}

/* Told twice: a byte too many before the length's last one makes an id longer, and nothing else is out of its place */
static gboolean
get_sure_id (Round *self, UbBromCommand command, guint8 id[64], gsize *id_size, GError **error)
{
  guint8 again[64] = { 0 };
  gsize  again_size = 0;

  if (!get_id (self, command, id, id_size, error))
    return FALSE;
  if (*id_size == 0)
    return TRUE;
  if (!get_id (self, command, again, &again_size, error))
    return FALSE;
  if (again_size == *id_size && memcmp (again, id, again_size) == 0)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "command 0x%02x: another id when asked again",
               command);
  return FALSE;
}

/* preloaders before XFLASH do not know the ids (§2.4) */
static gboolean
get_ids (Round *self, GError **error)
{
  UbBromInfo *info = self->info;

  if (!info->is_boot_rom && info->bl_version <= 2)
    return TRUE;
  return get_sure_id (self, UB_BROM_GET_ME_ID, info->me_id, &info->me_id_size, error) &&
         get_sure_id (self, UB_BROM_GET_SOC_ID, info->soc_id, &info->soc_id_size, error);
}

static gboolean
run_round (Round *self, GError **error)
{
  UbBromInfo *info = self->info;

  *info = (UbBromInfo){ .brom_version = 0xff };
  if (!ask_chip (self, &info->hw_code, error) || !confirm_chip (self, error))
    return FALSE;
  info->chip = ub_chip_find (info->hw_code);
  if (!disable_watchdog (self, error) || !get_target_config (self, error) ||
      !get_byte (self, UB_BROM_GET_BL_VER, &info->bl_version, error) ||
      !get_byte (self, UB_BROM_GET_VERSION, &info->brom_version, error) ||
      !get_versions (self, error) || !confirm_bl_version (self, error))
    return FALSE;
  info->is_boot_rom = info->bl_version == UB_BROM_GET_BL_VER;
  /* the last question's echo says that all before was in its place */
  return get_ids (self, error) && confirm_chip (self, error);
}

gboolean
ub_brom_identify (UbLink *link, UbBromInfo *info, GCancellable *cancellable, GError **error)
{
  const gint64 deadline = ub_link_now (link) + PATIENCE_US;
  Round        self = { .link = link, .signs = ub_brom_wire_signs (link), .info = info };

  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (run_round (&self, &local))
        {
          self.signs->strays += ub_brom_wire_hush (link, LAST_MS);
          return TRUE;
        }
      if (i == ROUNDS || ub_link_now (link) >= deadline || !is_out_of_step (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      self.signs->retries++;
      self.signs->strays += ub_brom_wire_hush (link, REST_MS);
    }
}
