/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/lab-commands.h"

#include <errno.h>
#include <string.h>

#define PEEK_MAX (64 * 1024)

/* what a command is given; the answer after "ok ", or an error */
typedef char *(*CommandFunc) (UbPracticePhone   *phone,
                              const LabFirmware *firmware,
                              const char        *rest,
                              GError           **error);

typedef struct
{
  const char *name;
  CommandFunc func;
} Command;

static char *
say_ok (void)
{
  return g_strdup ("");
}

static char *
command_mischief (UbPracticePhone   *phone,
                  const LabFirmware *firmware,
                  const char        *rest,
                  GError           **error)
{
  return ub_practice_phone_mischief (phone, rest, error) ? say_ok () : NULL;
}

static char *
command_counts (UbPracticePhone   *phone,
                const LabFirmware *firmware,
                const char        *rest,
                GError           **error)
{
  return g_strdup_printf ("messages=%" G_GUINT64_FORMAT " to-phone=%" G_GUINT64_FORMAT
                          " from-phone=%" G_GUINT64_FORMAT,
                          ub_practice_phone_get_input_messages (phone),
                          ub_practice_phone_get_input_bytes (phone),
                          ub_practice_phone_get_output_bytes (phone));
}

static char *
command_state (UbPracticePhone   *phone,
               const LabFirmware *firmware,
               const char        *rest,
               GError           **error)
{
  return g_strdup_printf (
      "present=%d product=%04x speed=%s writes=%u finished=%d memory=%" G_GUINT64_FORMAT,
      ub_practice_phone_is_present (phone),
      ub_practice_phone_get_product (phone),
      ub_practice_phone_is_high_speed (phone) ? "high" : "full",
      ub_practice_phone_get_writes (phone),
      ub_practice_phone_was_finished (phone),
      ub_practice_phone_get_memory (phone));
}

typedef struct
{
  UbRegion region;
  guint64  offset;
  char   **words;
} Place;

static void
place_clear (Place *self)
{
  g_strfreev (self->words);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static gboolean
parse_place (const char *rest, Place *place, GError **error)
{
  place->words = g_strsplit (rest, " ", 3);
  if (g_strv_length (place->words) == 3)
    {
      place->region = ub_region_from_string (place->words[0]);
      place->offset = g_ascii_strtoull (place->words[1], NULL, 0);
      if (place->region != UB_REGION_UNKNOWN)
        return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "not REGION OFFSET …: %s", rest);
  return FALSE;
}

/* outside of the phone's storage there is nothing */
static gboolean
check_place (UbPracticePhone *phone, const Place *place, guint64 size, GError **error)
{
  guint64 end = ub_practice_phone_get_size (phone, place->region);

  if (place->offset <= end && size <= end - place->offset)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_INVALID_ARGUMENT,
               "%s ends at 0x%" G_GINT64_MODIFIER "x",
               place->words[0],
               end);
  return FALSE;
}

static char *
command_hash (UbPracticePhone *phone, const LabFirmware *firmware, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  guint64 size;
  char   *answer = NULL;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = g_ascii_strtoull (place.words[2], NULL, 0);
  if (check_place (phone, &place, size, error))
    answer = ub_practice_phone_hash (phone, place.region, place.offset, size);
  return answer;
}

static char *
to_hex (const guint8 *data, gsize size)
{
  GString *text = g_string_sized_new (2 * size);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}

static char *
command_peek (UbPracticePhone *phone, const LabFirmware *firmware, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  g_autofree guint8 *data = NULL;
  gsize              size;
  char              *answer = NULL;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = MIN (g_ascii_strtoull (place.words[2], NULL, 0), PEEK_MAX);
  data = g_malloc (size + 1);
  if (check_place (phone, &place, size, error))
    {
      ub_practice_phone_peek (phone, place.region, place.offset, data, size);
      answer = to_hex (data, size);
    }
  return answer;
}

static char *
command_poke (UbPracticePhone *phone, const LabFirmware *firmware, const char *rest, GError **error)
{
  g_auto (Place) place = { 0 };
  g_autofree guint8 *data = NULL;
  gsize              size;
  gboolean           ok;

  if (!parse_place (rest, &place, error))
    return NULL;
  size = strlen (place.words[2]) / 2;
  data = g_malloc (size + 1);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (g_ascii_xdigit_value (place.words[2][2 * i]) << 4 |
                        g_ascii_xdigit_value (place.words[2][2 * i + 1]));
  ok = check_place (phone, &place, size, error);
  if (ok)
    ub_practice_phone_poke (phone, place.region, place.offset, data, size);
  return ok ? say_ok () : NULL;
}

typedef gboolean (*FirmwareFunc) (UbPracticePhone *phone,
                                  const char      *folder,
                                  guint64          image_size,
                                  gboolean         sparse,
                                  GError         **error);

static char *
write_firmware (UbPracticePhone   *phone,
                FirmwareFunc       write,
                const LabFirmware *firmware,
                const char        *folder,
                GError           **error)
{
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   g_io_error_from_errno (errno),
                   "%s: %s",
                   folder,
                   g_strerror (errno));
      return NULL;
    }
  return write (phone, folder, firmware->image_size, firmware->sparse, error) ? say_ok () : NULL;
}

static char *
command_firmware (UbPracticePhone   *phone,
                  const LabFirmware *firmware,
                  const char        *rest,
                  GError           **error)
{
  return write_firmware (phone, ub_practice_firmware_write, firmware, rest, error);
}

static char *
command_firmware_other (UbPracticePhone   *phone,
                        const LabFirmware *firmware,
                        const char        *rest,
                        GError           **error)
{
  return write_firmware (phone, ub_practice_firmware_write_other, firmware, rest, error);
}

static const Command commands[] = {
  { "mischief", command_mischief }, { "counts", command_counts },
  { "state", command_state },       { "hash", command_hash },
  { "peek", command_peek },         { "poke", command_poke },
  { "firmware", command_firmware }, { "firmware-other", command_firmware_other },
};

char *
lab_commands_run (UbPracticePhone   *phone,
                  const LabFirmware *firmware,
                  const char        *line,
                  GError           **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (words[0], commands[i].name) == 0)
      return commands[i].func (phone, firmware, words[1] != NULL ? words[1] : "", error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no such command: %s", line);
  return NULL;
}
