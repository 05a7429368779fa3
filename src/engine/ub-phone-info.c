/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-phone-info.h"

#include <glib/gi18n.h>
#include <string.h>

struct _UbPhoneInfo
{
  GObject parent_instance;

  char       *port;
  char       *speed;
  UbBromInfo *brom;   /* (nullable) */
  UbDaReport *report; /* (nullable) */
  UbLayout   *layout; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (UbPhoneInfo, ub_phone_info, G_TYPE_OBJECT)

/**
 * ub_phone_info_new:
 * @port: (nullable): the USB port, "1-2.4"
 * @speed: (nullable): "high", "full" …
 * @brom: (nullable): what boot ROM or preloader said; copied
 * @report: (nullable): what the agent said; copied
 * @layout: (nullable): the phone's partition table; copied
 *
 * Returns: (transfer full): what is known of the phone
 */
UbPhoneInfo *
ub_phone_info_new (const char       *port,
                   const char       *speed,
                   const UbBromInfo *brom,
                   const UbDaReport *report,
                   const UbLayout   *layout)
{
  UbPhoneInfo *self = g_object_new (UB_TYPE_PHONE_INFO, NULL);

  self->port = g_strdup (port != NULL ? port : "");
  self->speed = g_strdup (speed != NULL ? speed : "");
  self->brom = g_memdup2 (brom, sizeof *brom);
  self->report = g_memdup2 (report, sizeof *report);
  self->layout = layout != NULL ? ub_layout_copy (layout) : NULL;
  return self;
}

const char *
ub_phone_info_get_port (UbPhoneInfo *self)
{
  return self->port;
}

const char *
ub_phone_info_get_speed (UbPhoneInfo *self)
{
  return self->speed;
}

const UbBromInfo *
ub_phone_info_get_brom (UbPhoneInfo *self)
{
  return self->brom;
}

const UbDaReport *
ub_phone_info_get_report (UbPhoneInfo *self)
{
  return self->report;
}

const UbLayout *
ub_phone_info_get_layout (UbPhoneInfo *self)
{
  return self->layout;
}

/**
 * ub_phone_info_dup_chip_text:
 * @self: a phone
 *
 * Returns: (transfer full): "MT6580 (0x6580)"; "" while unknown
 */
char *
ub_phone_info_dup_chip_text (UbPhoneInfo *self)
{
  if (self->brom == NULL)
    return g_strdup ("");
  if (self->brom->chip == NULL)
    return g_strdup_printf (_ ("unknown (0x%04x)"), self->brom->hw_code);
  return g_strdup_printf ("%s (0x%04x)", self->brom->chip->name, self->brom->hw_code);
}

/**
 * ub_phone_info_dup_storage_text:
 * @self: a phone
 *
 * Returns: (transfer full): "eMMC 7.8 GB" (10⁹ bytes, as it is sold); "" while unknown
 */
char *
ub_phone_info_dup_storage_text (UbPhoneInfo *self)
{
  g_autofree char *size = NULL;

  if (self->report == NULL)
    return g_strdup ("");
  size = g_format_size (self->report->user_size);
  return g_strdup_printf ("%s %s", ub_storage_to_string (self->report->storage), size);
}

/**
 * ub_phone_info_dup_security_text:
 * @self: a phone
 *
 * Returns: (transfer full): "open", or what the phone insists on, and whether its maker's login was
 *   done; "" while unknown
 */
char *
ub_phone_info_dup_security_text (UbPhoneInfo *self)
{
  g_autofree char *config = NULL;

  if (self->brom == NULL)
    return g_strdup ("");
  config = ub_brom_describe_target_config (self->brom->target_config);
  if (self->report == NULL || !self->report->login_done)
    return g_steal_pointer (&config);
  /* Translators: "open; the loader wanted its maker's login, and got it" */
  return g_strdup_printf (_ ("%s; the loader wanted its maker's login, and got it"), config);
}

/**
 * ub_phone_info_dup_entered_text:
 * @self: a phone
 *
 * Returns: (transfer full): how we came in, translated; "" while unknown
 */
char *
ub_phone_info_dup_entered_text (UbPhoneInfo *self)
{
  if (self->brom == NULL)
    return g_strdup ("");
  return g_strdup (self->brom->is_boot_rom ? _ ("boot ROM") : _ ("preloader"));
}

/* an id a phone does not tell comes as zeros or as FF */
static gboolean
is_told (const guint8 *id, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (id[i] != id[0] || (id[0] != 0x00 && id[0] != 0xff))
      return TRUE;
  return FALSE;
}

/* what nobody but both can tell says nothing: boot ROM tells the me_id, a preloader does not */
static UbSamePhone
compare_ids (const guint8 *one, gsize one_size, const guint8 *other, gsize other_size)
{
  if (!is_told (one, one_size) || !is_told (other, other_size))
    return UB_SAME_PHONE_UNKNOWN;
  if (one_size != other_size || memcmp (one, other, one_size) != 0)
    return UB_SAME_PHONE_NO;
  return UB_SAME_PHONE_YES;
}

static UbSamePhone
join (UbSamePhone a, UbSamePhone b)
{
  if (a == UB_SAME_PHONE_NO || b == UB_SAME_PHONE_NO)
    return UB_SAME_PHONE_NO;
  return a == UB_SAME_PHONE_YES ? a : b;
}

static UbSamePhone
compare_brom (const UbBromInfo *a, const UbBromInfo *b)
{
  if (a == NULL || b == NULL)
    return UB_SAME_PHONE_UNKNOWN;
  if (a->hw_code != b->hw_code)
    return UB_SAME_PHONE_NO;
  return join (compare_ids (a->me_id,
                            MIN (a->me_id_size, sizeof a->me_id),
                            b->me_id,
                            MIN (b->me_id_size, sizeof b->me_id)),
               compare_ids (a->soc_id,
                            MIN (a->soc_id_size, sizeof a->soc_id),
                            b->soc_id,
                            MIN (b->soc_id_size, sizeof b->soc_id)));
}

/* an eMMC's CID has a serial number in it */
static gboolean
is_cid_unique (const UbDaReport *report)
{
  return report->cid_is_unique || report->storage == UB_STORAGE_EMMC;
}

/* all phones of one model may have the same storage, as far as it tells */
static UbSamePhone
compare_cids (const UbDaReport *a, const UbDaReport *b)
{
  const UbSamePhone same = compare_ids (a->cid, sizeof a->cid, b->cid, sizeof b->cid);

  if (same == UB_SAME_PHONE_YES && (!is_cid_unique (a) || !is_cid_unique (b)))
    return UB_SAME_PHONE_UNKNOWN;
  return same;
}

static UbSamePhone
compare_reports (const UbDaReport *a, const UbDaReport *b)
{
  if (a == NULL || b == NULL)
    return UB_SAME_PHONE_UNKNOWN;
  return join (compare_cids (a, b),
               compare_ids (a->random_id, sizeof a->random_id, b->random_id, sizeof b->random_id));
}

/**
 * ub_phone_info_compare:
 * @self: a phone
 * @other: perhaps the same one, entered in another way
 *
 * Returns: %UB_SAME_PHONE_NO if anything both tell differs, %UB_SAME_PHONE_YES if an id that is
 *   unique to a phone is equal, else %UB_SAME_PHONE_UNKNOWN
 */
UbSamePhone
ub_phone_info_compare (UbPhoneInfo *self, UbPhoneInfo *other)
{
  return join (compare_brom (self->brom, other->brom),
               compare_reports (self->report, other->report));
}

/**
 * ub_phone_info_dup_key:
 * @self: a phone
 *
 * Of what boot ROM and preloader both tell: the chip and the storage's serial number (its random id
 * where there is none, or none in it).
 *
 * Returns: (transfer full): "mt6580-5f0c…", 16 hex digits; "" while chip or storage are not known
 */
char *
ub_phone_info_dup_key (UbPhoneInfo *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *chip = NULL;
  g_autofree char *hash = NULL;
  guint8           hw_code[2];

  if (self->brom == NULL || self->report == NULL)
    return g_strdup ("");
  hw_code[0] = (guint8) (self->brom->hw_code >> 8);
  hw_code[1] = (guint8) self->brom->hw_code;
  g_checksum_update (sum, hw_code, sizeof hw_code);
  g_checksum_update (sum, self->report->cid, sizeof self->report->cid);
  if (!is_told (self->report->cid, sizeof self->report->cid) || !is_cid_unique (self->report))
    g_checksum_update (sum, self->report->random_id, sizeof self->report->random_id);
  chip = self->brom->chip != NULL ? g_ascii_strdown (self->brom->chip->name, -1)
                                  : g_strdup_printf ("%04x", self->brom->hw_code);
  hash = g_strndup (g_checksum_get_string (sum), 16);
  return g_strdup_printf ("%s-%s", chip, hash);
}

static void
ub_phone_info_finalize (GObject *object)
{
  UbPhoneInfo *self = UB_PHONE_INFO (object);

  g_free (self->port);
  g_free (self->speed);
  g_free (self->brom);
  g_free (self->report);
  g_clear_pointer (&self->layout, ub_layout_free);

  G_OBJECT_CLASS (ub_phone_info_parent_class)->finalize (object);
}

static void
ub_phone_info_class_init (UbPhoneInfoClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_phone_info_finalize;
}

static void
ub_phone_info_init (UbPhoneInfo *self)
{
}

/* --- what is hidden from others --- */

static void
add_id (GStrvBuilder *ids, const guint8 *id, gsize size)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) swapped = g_string_new (NULL);
  gboolean told = FALSE;

  for (gsize i = 0; i < size; i++)
    {
      told = told || (id[i] != 0 && id[i] != 0xff);
      g_string_append_printf (plain, "%02x", id[i]);
      if ((i | 3) < size)
        g_string_append_printf (swapped, "%02x", id[(i & ~(gsize) 3) + (3 - (i & 3))]);
    }
  if (!told || size < 4)
    return;
  g_strv_builder_add (ids, plain->str);
  if (swapped->len > 0)
    g_strv_builder_add (ids, swapped->str);
}

char **
ub_phone_info_dup_ids (UbPhoneInfo *self)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  const UbBromInfo *brom = ub_phone_info_get_brom (self);
  const UbDaReport *report = ub_phone_info_get_report (self);

  if (brom != NULL)
    {
      add_id (ids, brom->me_id, MIN (brom->me_id_size, sizeof brom->me_id));
      add_id (ids, brom->soc_id, MIN (brom->soc_id_size, sizeof brom->soc_id));
    }
  if (report != NULL)
    {
      add_id (ids, report->cid, sizeof report->cid);
      add_id (ids, report->random_id, sizeof report->random_id);
    }
  return g_strv_builder_end (ids);
}
