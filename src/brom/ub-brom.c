/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom.h"

#include "base/ub-error.h"
#include "brom/ub-brom-wire.h"
#include "wire/ub-checksum.h"

#include <glib/gi18n.h>

/* a multiple of every packet size; the phone takes it at its own pace */
#define UPLOAD_PIECE 8192

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

  return ub_brom_wire_send_command (link, UB_BROM_SEND_DA, UB_BROM_ECHO_TIMEOUT_MS, error) &&
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

  return ub_brom_wire_send_command (link, UB_BROM_JUMP_DA, UB_BROM_ECHO_TIMEOUT_MS, error) &&
         ub_brom_wire_send_u32 (link, address, error) &&
         ub_brom_wire_receive_u16 (link, &status, UB_BROM_STATUS_TIMEOUT_MS, error) &&
         check_agent_status (link, "agent start", status, error);
}

/* --- signs --- */

UbBromSigns
ub_brom_get_signs (UbLink *link)
{
  return *ub_brom_wire_signs (link);
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
    /* Translators: protection of a phone: nothing is locked */
    g_string_append (text, _ ("open"));
  else
    /* Translators: what follows is a list such as "the loader must be signed (DAA)" */
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
