/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da.h"

#include "base/ub-error.h"
#include "da/ub-da-legacy.h"
#include "da/ub-da-xflash.h"
#include "da/ub-da-xml.h"

typedef struct
{
  UbLink    *link;
  UbDaReport report;
  gboolean   started;
  guint      n_retries;
} UbDaPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (UbDa, ub_da, G_TYPE_OBJECT)

enum
{
  PROP_LINK = 1,
};

static void
ub_da_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  UbDaPrivate *priv = ub_da_get_instance_private (UB_DA (object));

  if (id == PROP_LINK)
    priv->link = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ub_da_dispose (GObject *object)
{
  UbDaPrivate *priv = ub_da_get_instance_private (UB_DA (object));

  g_clear_object (&priv->link);
  G_OBJECT_CLASS (ub_da_parent_class)->dispose (object);
}

static void
ub_da_class_init (UbDaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = ub_da_set_property;
  object_class->dispose = ub_da_dispose;
  g_object_class_install_property (object_class,
                                   PROP_LINK,
                                   g_param_spec_object ("link",
                                                        NULL,
                                                        NULL,
                                                        UB_TYPE_LINK,
                                                        G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY |
                                                            G_PARAM_STATIC_STRINGS));
}

static void
ub_da_init (UbDa *self)
{
}

UbDa *
ub_da_new (UbProtocol protocol, UbLink *link, GError **error)
{
  if (protocol == UB_PROTOCOL_LEGACY)
    return ub_da_legacy_new (link);
  if (protocol == UB_PROTOCOL_XFLASH)
    return ub_da_xflash_new (link);
  if (protocol == UB_PROTOCOL_XML)
    return ub_da_xml_new (link);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_UNSUPPORTED,
               "this version does not speak %s, the language of this phone's agents yet",
               ub_protocol_to_string (protocol));
  return NULL;
}

static gboolean
check_setup (UbDa *self, const UbDaSetup *setup, GError **error)
{
  UbDaClass *klass = UB_DA_GET_CLASS (self);

  if (setup->chip == NULL)
    g_set_error_literal (error, UB_ERROR, UB_ERROR_UNKNOWN_CHIP, "the phone's chip is not known");
  else if (setup->da1 == NULL || setup->da2 == NULL ||
           g_bytes_get_size (setup->da2) <= setup->da2_signature ||
           g_bytes_get_size (setup->da2) > G_MAXUINT32)
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_BAD_AGENT,
                         "the agent lacks one of its two parts");
  else
    return klass->check_setup == NULL || klass->check_setup (self, setup, error);
  return FALSE;
}

/* where ub_brom_send_agent()'s progress goes on to: it knows of the first part alone */
typedef struct
{
  UbDaProgress progress;
  gpointer     user_data;
  guint64      total;
} Upload;

static void
tell_upload (guint64 done, guint64 total, gpointer user_data)
{
  const Upload *upload = user_data;

  if (upload->progress != NULL)
    upload->progress (done, upload->total, upload->user_data);
}

static gboolean
send_first_part (UbDa            *self,
                 const UbDaSetup *setup,
                 UbDaProgress     progress,
                 gpointer         user_data,
                 GCancellable    *cancellable,
                 GError         **error)
{
  UbLink *link = ub_da_get_link (self);
  Upload  upload = { progress,
                     user_data,
                     (guint64) g_bytes_get_size (setup->da1) + g_bytes_get_size (setup->da2) };

  return ub_brom_send_agent (link,
                             setup->da1_address,
                             setup->da1,
                             setup->da1_signature,
                             tell_upload,
                             &upload,
                             cancellable,
                             error) &&
         ub_brom_jump_agent (link, setup->da1_address, error);
}

/* silence anywhere between jump and report is the agent's: what is to be done about it is the same */
static gboolean
start_class (UbDa            *self,
             const UbDaSetup *setup,
             UbDaProgress     progress,
             gpointer         user_data,
             GCancellable    *cancellable,
             GError         **error)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);
  g_autoptr (GError) local = NULL;

  if (UB_DA_GET_CLASS (self)
          ->start (self, setup, &priv->report, progress, user_data, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    local->code = UB_ERROR_AGENT_SILENT;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
ub_da_start (UbDa            *self,
             const UbDaSetup *setup,
             UbDaReport      *report,
             UbDaProgress     progress,
             gpointer         user_data,
             GCancellable    *cancellable,
             GError         **error)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  priv->started = FALSE;
  priv->report = (UbDaReport){ 0 };
  if (!check_setup (self, setup, error) ||
      !send_first_part (self, setup, progress, user_data, cancellable, error) ||
      !start_class (self, setup, progress, user_data, cancellable, error))
    return FALSE;
  priv->started = TRUE;
  if (priv->report.sector_size == 0)
    priv->report.sector_size = UB_SECTOR;
  if (report != NULL)
    *report = priv->report;
  return TRUE;
}

const UbDaReport *
ub_da_get_report (UbDa *self)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  return &priv->report;
}

static guint64
get_emmc_capacity (const UbDaReport *report, UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
      return report->boot1_size;
    case UB_REGION_EMMC_BOOT2:
      return report->boot2_size;
    case UB_REGION_EMMC_BOOT1_BOOT2:
      return MIN (report->boot1_size, report->boot2_size);
    case UB_REGION_EMMC_RPMB:
      return report->rpmb_size;
    case UB_REGION_EMMC_GP1:
    case UB_REGION_EMMC_GP2:
    case UB_REGION_EMMC_GP3:
    case UB_REGION_EMMC_GP4:
      return report->gp_size[region - UB_REGION_EMMC_GP1];
    case UB_REGION_EMMC_USER:
      return report->user_size;
    default:
      return 0;
    }
}

static guint64
get_ufs_capacity (const UbDaReport *report, UbRegion region)
{
  switch (region)
    {
    case UB_REGION_UFS_LU0:
      return report->boot1_size;
    case UB_REGION_UFS_LU1:
      return report->boot2_size;
    case UB_REGION_UFS_LU0_LU1:
      return MIN (report->boot1_size, report->boot2_size);
    case UB_REGION_UFS_LU2:
      return report->user_size;
    default:
      return 0;
    }
}

guint64
ub_da_report_get_capacity (const UbDaReport *report, UbRegion region)
{
  switch (report->storage)
    {
    case UB_STORAGE_EMMC:
    case UB_STORAGE_SDMMC:
      return get_emmc_capacity (report, region);
    case UB_STORAGE_UFS:
      return get_ufs_capacity (report, region);
    case UB_STORAGE_NAND:
    case UB_STORAGE_NOR:
      return region == UB_REGION_NAND_WHOLE ? report->user_size : 0;
    default:
      return 0;
    }
}

guint64
ub_da_get_capacity (UbDa *self, UbRegion region)
{
  return ub_da_report_get_capacity (ub_da_get_report (self), region);
}

/* genuine agents write where they are told to: nothing leaves here that does not fit the storage */
static gboolean
check_range (UbDa       *self,
             const char *what,
             UbRegion    region,
             guint64     offset,
             guint64     length,
             GError    **error)
{
  UbDaPrivate  *priv = ub_da_get_instance_private (self);
  const guint64 capacity = ub_da_get_capacity (self, region);
  const guint32 sector = priv->report.sector_size;

  if (!priv->started)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "%s: no agent is running", what);
      return FALSE;
    }
  if (region == UB_REGION_EMMC_BOOT1_BOOT2 || region == UB_REGION_UFS_LU0_LU1 ||
      region == UB_REGION_EMMC_RPMB)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNSUPPORTED,
                   "%s: %s is no area that can be addressed",
                   what,
                   ub_region_to_string (region));
      return FALSE;
    }
  if (offset % sector != 0 || length % sector != 0)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_INTERNAL,
                   "%s: 0x%" G_GINT64_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER
                   "x are not whole sectors",
                   what,
                   length,
                   offset);
      return FALSE;
    }
  if (length > capacity || offset > capacity - length)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_WRONG_STORAGE,
                   "%s: 0x%" G_GINT64_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER
                   "x end outside of %s, which has 0x%" G_GINT64_MODIFIER "x bytes",
                   what,
                   length,
                   offset,
                   ub_region_to_string (region),
                   capacity);
      return FALSE;
    }
  return TRUE;
}

gboolean
ub_da_write (UbDa         *self,
             UbRegion      region,
             guint64       offset,
             guint64       length,
             UbDaSource    source,
             gpointer      source_data,
             UbDaProgress  progress,
             gpointer      user_data,
             GCancellable *cancellable,
             GError      **error)
{
  if (!check_range (self, "write", region, offset, length, error))
    return FALSE;
  return length == 0 || UB_DA_GET_CLASS (self)->write (self,
                                                       region,
                                                       offset,
                                                       length,
                                                       source,
                                                       source_data,
                                                       progress,
                                                       user_data,
                                                       cancellable,
                                                       error);
}

gboolean
ub_da_has_names (UbDa *self)
{
  return UB_DA_GET_CLASS (self)->write_part != NULL;
}

gboolean
ub_da_write_part (UbDa         *self,
                  const char   *name,
                  UbRegion      region,
                  guint64       offset,
                  guint64       length,
                  UbDaSource    source,
                  gpointer      source_data,
                  UbDaProgress  progress,
                  gpointer      user_data,
                  GCancellable *cancellable,
                  GError      **error)
{
  UbDaPrivate  *priv = ub_da_get_instance_private (self);
  const guint32 sector = MAX (priv->report.sector_size, 1);
  guint64       whole;

  if (!ub_da_has_names (self))
    return ub_da_write (self,
                        region,
                        offset,
                        length,
                        source,
                        source_data,
                        progress,
                        user_data,
                        cancellable,
                        error);
  /* an image signed by its maker must arrive as it is: its last sector is the agent's to fill up */
  whole = length > G_MAXUINT64 - sector ? length : (length + sector - 1) / sector * sector;
  if (!check_range (self, name, region, offset, whole, error))
    return FALSE;
  return length == 0 || UB_DA_GET_CLASS (self)->write_part (self,
                                                            name,
                                                            length,
                                                            source,
                                                            source_data,
                                                            progress,
                                                            user_data,
                                                            cancellable,
                                                            error);
}

gboolean
ub_da_read (UbDa         *self,
            UbRegion      region,
            guint64       offset,
            guint64       length,
            UbDaSink      sink,
            gpointer      sink_data,
            UbDaProgress  progress,
            gpointer      user_data,
            GCancellable *cancellable,
            GError      **error)
{
  if (!check_range (self, "read", region, offset, length, error))
    return FALSE;
  return length == 0 || UB_DA_GET_CLASS (self)->read (self,
                                                      region,
                                                      offset,
                                                      length,
                                                      sink,
                                                      sink_data,
                                                      progress,
                                                      user_data,
                                                      cancellable,
                                                      error);
}

gboolean
ub_da_erase (UbDa         *self,
             UbRegion      region,
             guint64       offset,
             guint64       length,
             UbDaProgress  progress,
             gpointer      user_data,
             GCancellable *cancellable,
             GError      **error)
{
  if (!check_range (self, "erase", region, offset, length, error))
    return FALSE;
  return length == 0 ||
         UB_DA_GET_CLASS (self)
             ->erase (self, region, offset, length, progress, user_data, cancellable, error);
}

UbLayout *
ub_da_read_layout (UbDa *self, GError **error)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  if (priv->started)
    return UB_DA_GET_CLASS (self)->read_layout (self, error);
  g_set_error_literal (error, UB_ERROR, UB_ERROR_INTERNAL, "partition table: no agent is running");
  return NULL;
}

gboolean
ub_da_write_layout (UbDa *self, const UbLayout *layout, GError **error)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);
  UbDaClass   *klass = UB_DA_GET_CLASS (self);

  if (priv->started && klass->write_layout != NULL)
    return klass->write_layout (self, layout, error);
  g_set_error_literal (error,
                       UB_ERROR,
                       priv->started ? UB_ERROR_UNSUPPORTED : UB_ERROR_INTERNAL,
                       priv->started ? "partition table: this kind of agent writes none"
                                     : "partition table: no agent is running");
  return FALSE;
}

void
ub_da_read_health (UbDa *self, UbDaHealth *health)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);
  UbDaClass   *klass = UB_DA_GET_CLASS (self);

  *health = (UbDaHealth){ -1, -1, -1, -1 };
  if (priv->started && klass->read_health != NULL)
    klass->read_health (self, health);
}

gboolean
ub_da_finish (UbDa *self, UbDaFinish how, GError **error)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  priv->started = FALSE;
  return UB_DA_GET_CLASS (self)->finish (self, how, error);
}

guint32
ub_da_checksum (UbDa *self, const guint8 *data, gsize size)
{
  return UB_DA_GET_CLASS (self)->checksum (self, data, size);
}

gsize
ub_da_get_packet_size (UbDa *self)
{
  return UB_DA_GET_CLASS (self)->get_packet_size (self);
}

UbLink *
ub_da_get_link (UbDa *self)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  return priv->link;
}

guint
ub_da_get_n_retries (UbDa *self)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  return priv->n_retries;
}

void
ub_da_add_retry (UbDa *self)
{
  UbDaPrivate *priv = ub_da_get_instance_private (self);

  priv->n_retries++;
}
