/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-phone-info.h"

#include <glib/gi18n.h>

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
 * Returns: (transfer full): "open", or what the phone insists on; "" while unknown
 */
char *
ub_phone_info_dup_security_text (UbPhoneInfo *self)
{
  if (self->brom == NULL)
    return g_strdup ("");
  return ub_brom_describe_target_config (self->brom->target_config);
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
