/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xml.h"

#include "base/ub-error.h"
#include "da/ub-da-private.h"
#include "da/ub-da-xml-private.h"
#include "wire/ub-checksum.h"

#include <string.h>

/* how often one packet may come damaged before we give up */
#define RETRY_LIMIT 8
/* a READ-FLASH cannot be broken off, so it is asked for in pieces */
#define READ_PIECE (32 * (guint64) 0x100000)
/* nor can an ERASE-FLASH; a piece ends where whatever a storage erases as one ends, too */
#define ERASE_PIECE (256 * (guint64) 0x100000)

G_DEFINE_FINAL_TYPE (UbDaXml, ub_da_xml, UB_TYPE_DA)

static char *
dup_number (guint64 number)
{
  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", number);
}

static const char *
get_section (UbRegion region, GError **error)
{
  const char *section = ub_da_xml_messages_section (region);

  if (section == NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "%s cannot be addressed with this kind of agent",
                 ub_region_to_string (region));
  return section;
}

/* --- start --- */

static gboolean
ub_da_xml_start (UbDa            *da,
                 const UbDaSetup *setup,
                 UbDaReport      *report,
                 UbDaProgress     progress,
                 gpointer         user_data,
                 GCancellable    *cancellable,
                 GError         **error)
{
  return ub_da_xml_start_after_jump (UB_DA_XML (da),
                                     setup,
                                     report,
                                     progress,
                                     user_data,
                                     cancellable,
                                     error);
}

/* --- write --- */

typedef struct
{
  const char *section; /* (nullable): by range */
  guint64     offset;
  const char *name; /* (nullable): by name */
} Target;

static char *
write_command (const Target *target, const UbDaXmlJob *job)
{
  g_autofree char *offset = dup_number (target->offset + job->done);

  if (target->name != NULL)
    return ub_da_xml_messages_command ("WRITE-PARTITION",
                                       "partition",
                                       target->name,
                                       "source_file",
                                       job->source_file,
                                       "pre_erase",
                                       "NO",
                                       NULL);
  return ub_da_xml_messages_command ("WRITE-FLASH",
                                     "partition",
                                     target->section,
                                     "source_file",
                                     job->source_file,
                                     "offset",
                                     offset,
                                     NULL);
}

/* The name that WRITE-PARTITION has been seen to work with has an extension: two more names are made of it, which do not exist */
static char *
name_source (const Target *target, const UbDaXmlJob *job)
{
  return target->name != NULL ? g_strdup_printf ("%s.img", target->name)
                              : ub_da_xml_name_data (job->source_size - job->done);
}

/* one command, for what is not written yet */
static gboolean
write_rest (UbDaXml *self, const Target *target, UbDaXmlJob *job, GError **error)
{
  g_autofree char *name = name_source (target, job);
  g_autofree char *command = NULL;
  gboolean         ok;

  job->source_file = name;
  command = write_command (target, job);
  ok = ub_da_xml_run (self, job, command, error);
  job->source_file = NULL;
  return ok;
}

/* A packet that arrived damaged ends the command. The next one begins with that packet; by name there is no beginning in
 * the middle */
static gboolean
may_try_again (const Target *target, const UbDaXmlJob *job)
{
  return job->damaged && job->held.data != NULL && (target->name == NULL || job->done == 0) &&
         ub_da_private_check_begin (&job->held, NULL);
}

static gboolean
write_all (UbDaXml *self, const Target *target, UbDaXmlJob *job, GError **error)
{
  guint64 at = 0;
  guint   tries = 0;
  g_autoptr (GError) damage = NULL;

  /* before anything is said: the agent erases the range before it asks for data */
  if (!ub_da_xml_job_hold (job, error) || !ub_da_private_check_begin (&job->held, error))
    return FALSE;
  while (TRUE)
    {
      g_autoptr (GError) local = NULL;

      if (write_rest (self, target, job, &local))
        return TRUE;
      if (job->damaged)
        ub_da_add_retry (UB_DA (self));
      tries = job->done == at ? tries + 1 : 1;
      at = job->done;
      /* some are gone after it; the damage is what there is to tell */
      if (damage != NULL && !job->sent && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
        {
          g_propagate_error (error, g_steal_pointer (&damage));
          return FALSE;
        }
      if (!may_try_again (target, job) || tries == RETRY_LIMIT)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
        return FALSE;
      g_clear_error (&damage);
      damage = g_steal_pointer (&local);
    }
}

static gboolean
ub_da_xml_write (UbDa         *da,
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
  const Target target = { .section = get_section (region, error), .offset = offset };
  g_auto (UbDaXmlJob) job = { .what = "write",
                              .code = UB_ERROR_STORAGE_WRITE,
                              .timeout_ms = UB_DA_XML_DATA_TIMEOUT_MS,
                              .progress = progress,
                              .user_data = user_data,
                              .total = length,
                              .cancellable = cancellable,
                              .source_size = length,
                              .source = source,
                              .source_data = source_data };

  return target.section != NULL && write_all (UB_DA_XML (da), &target, &job, error);
}

static gboolean
ub_da_xml_write_part (UbDa         *da,
                      const char   *name,
                      guint64       length,
                      UbDaSource    source,
                      gpointer      source_data,
                      UbDaProgress  progress,
                      gpointer      user_data,
                      GCancellable *cancellable,
                      GError      **error)
{
  const Target target = { .name = name };
  g_auto (UbDaXmlJob) job = { .what = name,
                              .code = UB_ERROR_STORAGE_WRITE,
                              .timeout_ms = UB_DA_XML_DATA_TIMEOUT_MS,
                              .progress = progress,
                              .user_data = user_data,
                              .total = length,
                              .cancellable = cancellable,
                              .source_size = length,
                              .source = source,
                              .source_data = source_data };

  return write_all (UB_DA_XML (da), &target, &job, error);
}

/* --- read --- */

static gboolean
read_piece (UbDaXml *self, UbDaXmlJob *job, const char *section, guint64 offset, GError **error)
{
  g_autofree char *name = ub_da_xml_name_data (job->target_size);
  g_autofree char *start = dup_number (offset);
  g_autofree char *length = dup_number (job->target_size);
  g_autofree char *command = ub_da_xml_messages_command ("READ-FLASH",
                                                         "partition",
                                                         section,
                                                         "target_file",
                                                         name,
                                                         "offset",
                                                         start,
                                                         "length",
                                                         length,
                                                         NULL);
  gboolean         ok;

  job->target_file = name;
  ok = ub_da_xml_run (self, job, command, error);
  job->target_file = NULL;
  return ok;
}

static gboolean
ub_da_xml_read (UbDa         *da,
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
  const char *section = get_section (region, error);
  g_auto (UbDaXmlJob) job = { .what = "read",
                              .code = UB_ERROR_STORAGE_READ,
                              .timeout_ms = UB_DA_XML_DATA_TIMEOUT_MS,
                              .progress = progress,
                              .user_data = user_data,
                              .total = length,
                              .cancellable = cancellable,
                              .sink = sink,
                              .sink_data = sink_data };

  if (section == NULL)
    return FALSE;
  for (; job.before < length; job.before += job.target_size)
    {
      job.target_size = MIN (length - job.before, READ_PIECE);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !read_piece (UB_DA_XML (da), &job, section, offset + job.before, error))
        return FALSE;
    }
  return TRUE;
}

/* --- erase --- */

static gboolean
ub_da_xml_erase (UbDa         *da,
                 UbRegion      region,
                 guint64       offset,
                 guint64       length,
                 UbDaProgress  progress,
                 gpointer      user_data,
                 GCancellable *cancellable,
                 GError      **error)
{
  const char *section = get_section (region, error);
  g_auto (UbDaXmlJob) job = { .what = "erase",
                              .code = UB_ERROR_STORAGE_ERASE,
                              .timeout_ms = UB_DA_XML_ERASE_TIMEOUT_MS,
                              .progress = progress,
                              .user_data = user_data,
                              .total = length };

  if (section == NULL)
    return FALSE;
  for (; job.before < length; job.before += job.amount)
    {
      g_autofree char *start = dup_number (offset + job.before);
      g_autofree char *size =
          dup_number (job.amount = MIN (length - job.before,
                                        ERASE_PIECE - (offset + job.before) % ERASE_PIECE));
      g_autofree char *command = ub_da_xml_messages_command ("ERASE-FLASH",
                                                             "partition",
                                                             section,
                                                             "offset",
                                                             start,
                                                             "length",
                                                             size,
                                                             NULL);

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !ub_da_xml_run (UB_DA_XML (da), &job, command, error))
        return FALSE;
    }
  if (progress != NULL)
    progress (length, length, user_data);
  return TRUE;
}

/* --- what the agent knows --- */

static UbLayout *
ub_da_xml_read_layout (UbDa *da, GError **error)
{
  const UbRegion region =
      ub_da_get_report (da)->storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;
  g_autofree char *command = ub_da_xml_messages_command ("READ-PARTITION-TABLE",
                                                         "target_file",
                                                         ub_da_xml_document_name (),
                                                         NULL);
  g_autoptr (GBytes) document = ub_da_xml_fetch (UB_DA_XML (da), "partition table", command, error);

  if (document == NULL)
    return NULL;
  return ub_da_xml_messages_parse_table (g_bytes_get_data (document, NULL),
                                         g_bytes_get_size (document),
                                         region,
                                         error);
}

/* "OK", "WARNING", "EXHAUSTED"; -1 for anything else */
static int
parse_life_cycle (GBytes *document)
{
  static const char *const words[] = { "OK", "WARNING", "EXHAUSTED" };
  gsize                    size;
  const char              *data = g_bytes_get_data (document, &size);
  g_autofree char         *word = g_strndup (data != NULL ? data : "", size);

  g_strstrip (word);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i], word) == 0)
      return (int) i + 1;
  return -1;
}

/* The wear is asked of eMMC only: a question that is refused may cost the agent (§4.2) */
static void
ub_da_xml_read_health (UbDa *da, UbDaHealth *health)
{
  UbDaXml         *self = UB_DA_XML (da);
  g_autofree char *command = ub_da_xml_messages_command ("EMMC-CONTROL",
                                                         "function",
                                                         "LIFE-CYCLE-STATUS",
                                                         "target_file",
                                                         ub_da_xml_document_name (),
                                                         NULL);
  g_autoptr (GBytes) document = NULL;
  g_autoptr (GError) error = NULL;

  health->battery_mv = self->battery_mv;
  if (ub_da_get_report (da)->storage != UB_STORAGE_EMMC)
    return;
  document = ub_da_xml_fetch (self, "wear", command, &error);
  if (document != NULL)
    health->pre_eol = parse_life_cycle (document);
  else
    g_debug ("the agent does not tell the wear of the storage: %s", error->message);
}

/* --- end --- */

/* There is no switching off: an agent can let go of the cable. A phone that is gone before its last word has done what it
 * was told */
static gboolean
ub_da_xml_finish (UbDa *da, UbDaFinish how, GError **error)
{
  g_autofree char *command =
      ub_da_xml_messages_command ("REBOOT",
                                  "action",
                                  how == UB_DA_FINISH_REBOOT ? "IMMEDIATE" : "DISCONNECT",
                                  NULL);
  g_auto (UbDaXmlJob) job = { .what = "finish", .code = UB_ERROR_REFUSED };
  g_autoptr (GError) local = NULL;

  if (ub_da_xml_run (UB_DA_XML (da), &job, command, &local) ||
      (job.sent && g_error_matches (local, UB_ERROR, UB_ERROR_LINK_LOST)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static guint32
ub_da_xml_checksum (UbDa *da, const guint8 *data, gsize size)
{
  return ub_checksum_add32 (data, size);
}

static gsize
ub_da_xml_get_packet_size (UbDa *da)
{
  return UB_DA_XML_PACKET;
}

static void
ub_da_xml_finalize (GObject *object)
{
  UbDaXml *self = UB_DA_XML (object);

  g_clear_error (&self->broken_by);
  g_byte_array_unref (self->text);
  g_free (self->buffer);
  G_OBJECT_CLASS (ub_da_xml_parent_class)->finalize (object);
}

static void
ub_da_xml_class_init (UbDaXmlClass *klass)
{
  UbDaClass *da_class = UB_DA_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ub_da_xml_finalize;
  da_class->start = ub_da_xml_start;
  da_class->write = ub_da_xml_write;
  da_class->write_part = ub_da_xml_write_part;
  da_class->read = ub_da_xml_read;
  da_class->erase = ub_da_xml_erase;
  da_class->read_layout = ub_da_xml_read_layout;
  da_class->read_health = ub_da_xml_read_health;
  da_class->finish = ub_da_xml_finish;
  da_class->checksum = ub_da_xml_checksum;
  da_class->get_packet_size = ub_da_xml_get_packet_size;
}

static void
ub_da_xml_init (UbDaXml *self)
{
  self->place = UB_DA_XML_BEFORE_START;
  self->text = g_byte_array_new ();
  self->battery_mv = -1;
}

UbDa *
ub_da_xml_new (UbLink *link)
{
  return g_object_new (UB_TYPE_DA_XML, "link", link, NULL);
}
