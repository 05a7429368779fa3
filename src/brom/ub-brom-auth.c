/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-auth.h"

#include "base/ub-error.h"
#include "brom/ub-brom-wire.h"
#include "wire/ub-checksum.h"

/* shared/protocol/brom-and-legacy.md §2.7 */
#define SETTLE_MS 35
/* longer than any key's answer: a phone that asks for more is not asking for a login */
#define MAX_CHALLENGE 1024

static gboolean
refuse (const char *what, guint16 status, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_NEEDS_AUTH,
               "%s: the phone does not take it, status 0x%04x (%s)",
               what,
               status,
               ub_brom_status_to_string (status) ?: "unknown");
  return FALSE;
}

/* --- files --- */

/* once the phone was promised so many bytes it waits for all of them */
static gboolean
send_content (UbLink *link, const guint8 *data, gsize size, GError **error)
{
  const gsize packet = ub_brom_wire_get_packet_size (link);

  for (gsize offset = 0; offset < size; offset += packet)
    if (!ub_link_send (link,
                       data + offset,
                       MIN (size - offset, packet),
                       UB_BROM_UPLOAD_TIMEOUT_MS,
                       error))
      return FALSE;
  if (!ub_link_send_empty (link, UB_BROM_UPLOAD_TIMEOUT_MS, error))
    return FALSE;
  ub_link_sleep (link, SETTLE_MS);
  return TRUE;
}

static gboolean
receive_verdict (UbLink *link, const char *what, guint16 checksum, GError **error)
{
  guint16 came_back = 0;
  guint16 status = 0;

  if (!ub_brom_wire_receive_u16 (link, &came_back, UB_BROM_STATUS_TIMEOUT_MS, error) ||
      !ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  if (came_back != checksum)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_CHECKSUM,
                   "%s: checksum 0x%04x came back instead of 0x%04x",
                   what,
                   came_back,
                   checksum);
      return FALSE;
    }
  return status < UB_BROM_STATUS_ERROR || refuse (what, status, error);
}

static gboolean
send_file (UbLink *link, UbBromCommand command, const char *what, GBytes *file, GError **error)
{
  gsize         size = 0;
  const guint8 *data = g_bytes_get_data (file, &size);
  guint16       status = 0;

  if (size == 0 || size > G_MAXUINT32)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_NEEDS_AUTH,
                   "%s: %" G_GSIZE_FORMAT " bytes cannot be one",
                   what,
                   size);
      return FALSE;
    }
  if (!ub_brom_wire_send_command (link, command, UB_BROM_ECHO_TIMEOUT_MS, error) ||
      !ub_brom_wire_send_u32 (link, (guint32) size, error) ||
      !ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  if (status == UB_BROM_STATUS_AUTH_NOT_NEEDED)
    return TRUE;
  if (status >= UB_BROM_STATUS_ERROR)
    return refuse (what, status, error);
  return send_content (link, data, size, error) &&
         receive_verdict (link, what, ub_checksum_xor16 (data, size), error);
}

/* --- login --- */

/* (transfer full) (nullable): what the phone asks. NULL without @error: it asks nothing */
static GBytes *
receive_challenge (UbLink *link, gboolean is_boot_rom, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree guint8 *challenge = NULL;
  guint32            size = 0;
  guint16            status = 0;

  if (!ub_brom_wire_send_command (link, UB_BROM_SLA, UB_BROM_ECHO_TIMEOUT_MS, error))
    return NULL;
  if (!ub_brom_wire_receive_u16 (link,
                                 &status,
                                 is_boot_rom ? UB_BROM_STATUS_TIMEOUT_MS
                                             : UB_BROM_OPTIONAL_TIMEOUT_MS,
                                 &local))
    {
      /* a preloader that does not know the command has echoed it, and that was all */
      if (is_boot_rom || !g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (status == UB_BROM_STATUS_LOGIN_DONE)
    return NULL;
  if (status >= UB_BROM_STATUS_ERROR)
    {
      refuse ("login", status, error);
      return NULL;
    }
  if (!ub_brom_wire_receive_u32 (link, &size, UB_BROM_STATUS_TIMEOUT_MS, error) || size == 0)
    return NULL;
  if (size > MAX_CHALLENGE || size % 2 != 0)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_PROTOCOL, "login: a challenge of %u bytes", size);
      return NULL;
    }
  challenge = g_malloc (size);
  if (!ub_link_receive (link, challenge, size, UB_BROM_STATUS_TIMEOUT_MS, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&challenge), size);
}

static gboolean
send_answer (UbLink *link, GBytes *answer, GError **error)
{
  gsize         size = 0;
  const guint8 *data = g_bytes_get_data (answer, &size);
  guint16       status = 0;

  if (!ub_brom_wire_send_u32 (link, (guint32) size, error) ||
      !ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error))
    return FALSE;
  if (status >= UB_BROM_STATUS_ERROR)
    return refuse ("an answer of this key's length", status, error);
  return ub_link_send (link, data, size, UB_BROM_UPLOAD_TIMEOUT_MS, error) &&
         ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error) &&
         (status < UB_BROM_STATUS_ERROR || refuse ("the answer made with this key", status, error));
}

static gboolean
log_in (UbLink *link, gboolean is_boot_rom, const UbKey *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) challenge = receive_challenge (link, is_boot_rom, &local);

  if (challenge == NULL)
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  answer = ub_key_answer_boot_rom (key,
                                   g_bytes_get_data (challenge, NULL),
                                   g_bytes_get_size (challenge),
                                   error);
  return answer != NULL && send_answer (link, answer, error);
}

gboolean
ub_brom_auth_run (UbLink           *link,
                  const UbBromInfo *info,
                  const UbBromAuth *auth,
                  GCancellable     *cancellable,
                  GError          **error)
{
  /* preloaders that check agents at all do it by signature alone; most do not know these two commands (§2.7) */
  const gboolean wants_files = info->is_boot_rom && (info->target_config & UB_TARGET_DAA) != 0;
  const gboolean wants_login = (info->target_config & UB_TARGET_SLA) != 0;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (wants_files && auth->auth != NULL &&
      !send_file (link, UB_BROM_SEND_AUTH, "authorisation file", auth->auth, error))
    return FALSE;
  if (wants_files && auth->cert != NULL &&
      !send_file (link, UB_BROM_SEND_CERT, "certificate", auth->cert, error))
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return !wants_login || auth->key == NULL || log_in (link, info->is_boot_rom, auth->key, error);
}
