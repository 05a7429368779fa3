/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-report.h"

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "engine/ub-session.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <string.h>

struct _UbReport
{
  GObject parent_instance;

  UbResult     result;
  UbPlan      *plan;  /* (nullable) */
  UbPhoneInfo *phone; /* (nullable) */
  GError      *error; /* (nullable) */
  int          state;
  guint        n_steps_done;
  guint64      bytes;
  gint64       duration_us;
  char        *failed_partition; /* (nullable) */
  char        *trace;            /* (nullable) */
  UbPhoneInfo *last;             /* (nullable): whose traffic it is */
  GDateTime   *time;

  gboolean knows_written;
  gboolean written;
  guint    n_drops;
  char    *after;     /* (nullable) */
  char    *copy;      /* (nullable) */
  char    *can_go_on; /* (nullable) */
  GStrv    findings;  /* (nullable) */
};

G_DEFINE_FINAL_TYPE (UbReport, ub_report, G_TYPE_OBJECT)

/**
 * ub_report_set_last_phone:
 * @self: a report that nobody has seen yet
 * @phone: whose traffic was recorded last
 *
 * Its ids are hidden, and nothing else of it is told.
 */
void
ub_report_set_last_phone (UbReport *self, UbPhoneInfo *phone)
{
  g_set_object (&self->last, phone);
}

/**
 * ub_report_new:
 * @result: what came of it
 * @plan: (nullable): what was planned, as far as it was checked
 * @phone: (nullable): what was known of the phone
 * @error: (nullable): why not; copied
 * @state: the #UbSessionState it ended in
 * @n_steps_done: steps of the plan that are whole on the phone
 * @bytes: bytes written
 * @duration_us: from the phone's arrival to the end
 * @failed_partition: (nullable): what was being written or read back when it failed
 * @trace: (nullable): the tail of the traffic
 *
 * Returns: (transfer full): a report
 */
UbReport *
ub_report_new (UbResult      result,
               UbPlan       *plan,
               UbPhoneInfo  *phone,
               const GError *error,
               int           state,
               guint         n_steps_done,
               guint64       bytes,
               gint64        duration_us,
               const char   *failed_partition,
               const char   *trace)
{
  UbReport *self = g_object_new (UB_TYPE_REPORT, NULL);

  self->result = result;
  self->plan = plan != NULL ? g_object_ref (plan) : NULL;
  self->phone = phone != NULL ? g_object_ref (phone) : NULL;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->state = state;
  self->n_steps_done = n_steps_done;
  self->bytes = bytes;
  self->duration_us = duration_us;
  self->failed_partition = g_strdup (failed_partition);
  self->trace = g_strdup (trace);
  self->time = g_date_time_new_now_utc ();
  return self;
}

UbResult
ub_report_get_result (UbReport *self)
{
  return self->result;
}

const GError *
ub_report_get_error (UbReport *self)
{
  return self->error;
}

int
ub_report_get_state (UbReport *self)
{
  return self->state;
}

const char *
ub_report_get_failed_partition (UbReport *self)
{
  return self->failed_partition;
}

UbPhoneInfo *
ub_report_get_phone (UbReport *self)
{
  return self->phone;
}

UbPlan *
ub_report_get_plan (UbReport *self)
{
  return self->plan;
}

guint
ub_report_get_n_steps_done (UbReport *self)
{
  return self->n_steps_done;
}

guint64
ub_report_get_bytes (UbReport *self)
{
  return self->bytes;
}

gint64
ub_report_get_duration (UbReport *self)
{
  return self->duration_us;
}

gboolean
ub_report_was_written (UbReport *self)
{
  if (self->knows_written)
    return self->written;
  return self->n_steps_done > 0 || self->bytes > 0 || self->failed_partition != NULL;
}

void
ub_report_set_written (UbReport *self, gboolean written)
{
  self->knows_written = TRUE;
  self->written = written;
}

void
ub_report_set_n_drops (UbReport *self, guint n_drops)
{
  self->n_drops = n_drops;
}

guint
ub_report_get_n_drops (UbReport *self)
{
  return self->n_drops;
}

void
ub_report_set_after (UbReport *self, const char *after)
{
  g_free (self->after);
  self->after = g_strdup (after);
}

const char *
ub_report_get_after (UbReport *self)
{
  return self->after;
}

void
ub_report_set_copy (UbReport *self, const char *folder)
{
  g_free (self->copy);
  self->copy = g_strdup (folder);
}

const char *
ub_report_get_copy (UbReport *self)
{
  return self->copy;
}

void
ub_report_set_can_go_on (UbReport *self, const char *journal)
{
  g_free (self->can_go_on);
  self->can_go_on = g_strdup (journal);
}

const char *
ub_report_get_can_go_on (UbReport *self)
{
  return self->can_go_on;
}

void
ub_report_take_findings (UbReport *self, GStrv findings)
{
  g_strfreev (self->findings);
  self->findings = findings;
}

const char *const *
ub_report_get_findings (UbReport *self)
{
  static const char *const none[] = { NULL };

  return self->findings != NULL ? (const char *const *) self->findings : none;
}

/* --- JSON --- */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid == NULL)
    json_builder_add_null_value (builder);
  else
    json_builder_add_string_value (builder, valid);
}

/* JSON numbers of common readers end at 2^53; sizes of phones do not come near */
static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

/* an id tells one phone from all others, so only its begin goes into a report people send around */
static void
add_masked (JsonBuilder *builder, const char *name, const guint8 *id, gsize size)
{
  g_autofree char *text = NULL;

  if (size < 2)
    return;
  text = g_strdup_printf ("%02x%02x… (%" G_GSIZE_FORMAT " bytes)", id[0], id[1], size);
  add_string (builder, name, text);
}

static void
add_brom (JsonBuilder *builder, const UbBromInfo *brom)
{
  g_autofree char *hw_code = g_strdup_printf ("0x%04x", brom->hw_code);
  g_autofree char *config = g_strdup_printf ("0x%08x", brom->target_config);

  add_string (builder, "hw_code", hw_code);
  add_string (builder, "entered_by", brom->is_boot_rom ? "boot-rom" : "preloader");
  add_string (builder, "target_config", config);
  add_number (builder, "hw_sub_code", brom->hw_sub_code);
  add_number (builder, "hw_version", brom->hw_version);
  add_number (builder, "sw_version", brom->sw_version);
  add_masked (builder, "me_id", brom->me_id, brom->me_id_size);
  add_masked (builder, "soc_id", brom->soc_id, brom->soc_id_size);
}

static void
add_agent_report (JsonBuilder *builder, const UbDaReport *report)
{
  add_string (builder, "storage", ub_storage_to_string (report->storage));
  add_number (builder, "boot1_size", report->boot1_size);
  add_number (builder, "boot2_size", report->boot2_size);
  add_number (builder, "user_size", report->user_size);
  add_number (builder, "ram_size", report->ram_size);
  add_masked (builder, "cid", report->cid, sizeof report->cid);
  if (report->dram_by_us)
    {
      g_autofree char *origin = g_strndup (report->emi_origin, sizeof report->emi_origin);

      add_string (builder, "memory_settings", origin);
    }
}

static void
add_layout (JsonBuilder *builder, const UbLayout *layout)
{
  add_string (builder, "table", ub_layout_kind_to_string (layout->kind));
  json_builder_set_member_name (builder, "layout");
  json_builder_begin_array (builder);
  for (guint i = 0; i < layout->entries->len; i++)
    {
      const UbLayoutEntry *entry = g_ptr_array_index (layout->entries, i);

      json_builder_begin_object (builder);
      add_string (builder, "name", entry->name);
      add_string (builder, "region", ub_region_to_string (entry->region));
      add_number (builder, "start", entry->start);
      add_number (builder, "size", entry->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_phone (JsonBuilder *builder, UbPhoneInfo *phone)
{
  g_autofree char *chip = ub_phone_info_dup_chip_text (phone);

  json_builder_set_member_name (builder, "phone");
  json_builder_begin_object (builder);
  add_string (builder, "port", ub_phone_info_get_port (phone));
  add_string (builder, "speed", ub_phone_info_get_speed (phone));
  add_string (builder, "chip", chip);
  if (ub_phone_info_get_brom (phone) != NULL)
    add_brom (builder, ub_phone_info_get_brom (phone));
  if (ub_phone_info_get_report (phone) != NULL)
    add_agent_report (builder, ub_phone_info_get_report (phone));
  if (ub_phone_info_get_layout (phone) != NULL)
    add_layout (builder, ub_phone_info_get_layout (phone));
  json_builder_end_object (builder);
}

static const char *
level_to_string (UbIssueLevel level)
{
  static const char *const names[] = { "note", "warning", "danger", "blocker" };

  return (guint) level < G_N_ELEMENTS (names) ? names[level] : "unknown";
}

/* the name of the one who sits here is nobody's business; the part behind it opens the file again */
static char *
dup_short_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize       length = strlen (home);

  if (length > 1 && g_str_has_prefix (path, home) && path[length] == '/')
    return g_strconcat ("~", path + length, NULL);
  return g_strdup (path);
}

/* the same for every path in a sentence, which is only read */
static char *
dup_short_text (const char *text)
{
  g_autofree char *home = g_strconcat (g_get_home_dir (), "/", NULL);
  g_autofree char *shown = ub_place_dup_shown_text (text);
  g_autoptr (GString) shortened = g_string_new (shown);

  if (strlen (home) > 2)
    g_string_replace (shortened, home, "~/", 0);
  return g_string_free (g_steal_pointer (&shortened), FALSE);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *shortened = dup_short_text (text);

  add_string (builder, name, shortened);
}

static void
add_path (JsonBuilder *builder, const char *name, const char *path)
{
  g_autofree char *text = path != NULL ? dup_short_path (path) : NULL;

  add_string (builder, name, text);
}

static const char *
step_kind_to_string (UbStepKind kind)
{
  static const char *const names[] = { "save",  "erase",  "table", "restore",
                                       "write", "verify", "test" };

  return (guint) kind < G_N_ELEMENTS (names) ? names[kind] : "unknown";
}

static void
add_steps (JsonBuilder *builder, GPtrArray *steps)
{
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep    *step = g_ptr_array_index (steps, i);
      g_autofree char *file =
          step->image_path != NULL ? g_filename_display_basename (step->image_path) : NULL;

      json_builder_begin_object (builder);
      add_string (builder, "kind", step_kind_to_string (step->kind));
      add_string (builder, "name", step->name);
      add_string (builder, "region", ub_region_to_string (step->region));
      add_number (builder, "offset", step->offset);
      add_number (builder, "length", step->length);
      add_string (builder, "file", file);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_issues (JsonBuilder *builder, GPtrArray *issues)
{
  json_builder_set_member_name (builder, "issues");
  json_builder_begin_array (builder);
  for (guint i = 0; i < issues->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (issues, i);

      json_builder_begin_object (builder);
      add_string (builder, "level", level_to_string (issue->level));
      add_string (builder, "code", ub_error_to_string ((UbError) issue->code));
      add_string (builder, "partition", issue->partition);
      add_text (builder, "text", issue->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_plan (JsonBuilder *builder, UbPlan *plan)
{
  UbFirmware *firmware = ub_plan_get_firmware (plan);

  json_builder_set_member_name (builder, "plan");
  json_builder_begin_object (builder);
  add_string (builder, "mode", ub_mode_to_string (ub_plan_get_mode (plan)));
  add_string (builder, "title", ub_plan_get_title (plan));
  if (firmware != NULL)
    {
      g_autofree char *scatter = g_filename_display_basename (ub_firmware_get_path (firmware));

      add_string (builder, "platform", ub_firmware_get_platform (firmware));
      add_string (builder, "project", ub_firmware_get_project (firmware));
      add_string (builder, "map", scatter);
      add_path (builder, "firmware", ub_firmware_get_path (firmware));
    }
  add_string (builder, "storage", ub_storage_to_string (ub_plan_get_storage (plan)));
  add_number (builder, "bytes", ub_plan_get_bytes (plan));
  add_steps (builder, ub_plan_get_steps (plan));
  add_issues (builder, ub_plan_get_issues (plan));
  json_builder_end_object (builder);
}

static void
add_error (JsonBuilder *builder, const GError *error)
{
  const char *code = "unknown";

  if (error->domain == UB_ERROR)
    code = ub_error_to_string ((UbError) error->code);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    code = "cancelled";
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  add_string (builder, "code", code);
  add_text (builder, "message", error->message);
  json_builder_end_object (builder);
}

/* --- the ids in the traffic --- */

static void
mask_text (char *text, const char *hex)
{
  gsize length = strlen (hex);

  for (char *at = strcasestr (text, hex); at != NULL; at = strcasestr (at + length, hex))
    memset (at, 'x', length);
}

static void
mask_phone (char *text, UbPhoneInfo *phone)
{
  g_auto (GStrv) ids = phone != NULL ? ub_phone_info_dup_ids (phone) : NULL;

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    mask_text (text, ids[i]);
}

/* what is asked for with the last byte of what we said: GET_ME_ID, GET_SOC_ID. (nullable) */
static const char *
find_id_question (const char *line, const char *end)
{
  if (!g_str_has_prefix (line, "H>D ") || end - line < 6)
    return NULL;
  return g_str_has_prefix (end - 2, "e1") || g_str_has_prefix (end - 2, "e7") ? end - 2 : NULL;
}

/* They are answered with an echo, u32 length and the id. A phone that does not get any further has told it
 * as well, and no UbPhoneInfo knows it (shared/protocol/brom-and-legacy.md) */
static void
mask_answers (char *trace)
{
  const gsize plain = 2 * (1 + 4);
  const char *question = NULL;
  gsize       seen = 0;

  for (char *line = trace, *end; *line != '\0'; line = *end != '\0' ? end + 1 : end)
    {
      end = strchrnul (line, '\n');
      if (!g_str_has_prefix (line, "D>H "))
        {
          question = find_id_question (line, end);
          seen = 0;
          continue;
        }
      line += strlen ("D>H ");
      if (question == NULL || (seen == 0 && strncmp (line, question, 2) != 0))
        continue;
      for (; line < end; line++, seen++)
        if (seen >= plain)
          *line = 'x';
    }
}

static char *
dup_masked (UbReport *self, const char *text)
{
  char *masked = g_strdup (text);

  mask_phone (masked, self->phone);
  mask_phone (masked, self->last);
  return masked;
}

static void
add_findings (UbReport *self, JsonBuilder *builder)
{
  const char *const *findings = ub_report_get_findings (self);

  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (gsize i = 0; findings[i] != NULL; i++)
    {
      g_autofree char *masked = dup_masked (self, findings[i]);
      g_autofree char *valid = g_utf8_make_valid (masked, -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
}

static const char *
result_to_string (UbResult result)
{
  static const char *const names[] = { "done", "failed", "cancelled" };

  return (guint) result < G_N_ELEMENTS (names) ? names[result] : "unknown";
}

static void
build (UbReport *self, JsonBuilder *builder)
{
  g_autofree char *time = g_date_time_format_iso8601 (self->time);

  json_builder_begin_object (builder);
  add_string (builder, "program", "unbrick " PACKAGE_VERSION);
  add_string (builder, "time", time);
  add_string (builder, "result", result_to_string (self->result));
  add_string (builder, "state", ub_session_state_to_string ((UbSessionState) self->state));
  add_number (builder, "steps_done", self->n_steps_done);
  add_number (builder, "bytes", self->bytes);
  add_number (builder, "duration_us", (guint64) MAX (self->duration_us, 0));
  json_builder_set_member_name (builder, "written");
  json_builder_add_boolean_value (builder, ub_report_was_written (self));
  add_string (builder, "failed_partition", self->failed_partition);
  add_number (builder, "drops", self->n_drops);
  add_string (builder, "after", self->after);
  add_path (builder, "copy", self->copy);
  add_path (builder, "can_go_on", self->can_go_on);
  add_findings (self, builder);
  if (self->error != NULL)
    add_error (builder, self->error);
  if (self->phone != NULL)
    add_phone (builder, self->phone);
  if (self->plan != NULL)
    add_plan (builder, self->plan);
  if (self->trace != NULL)
    {
      g_autofree char *trace = dup_masked (self, self->trace);

      mask_answers (trace);
      add_string (builder, "trace", trace);
    }
  json_builder_end_object (builder);
}

static char *
dup_json (UbReport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  build (self, builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

/**
 * ub_report_to_json:
 * @self: a report
 *
 * Returns: (transfer full): the report as JSON, fit to be sent around: ids masked, the home folder not named
 */
char *
ub_report_to_json (UbReport *self)
{
  g_autofree char *json = dup_json (self);

  return ub_report_dup_sendable (json);
}

/**
 * ub_report_dup_sendable:
 * @json: a saved report, whose paths open again
 *
 * Returns: (transfer full): the same for people, who know a file by another path than a sandbox does
 */
char *
ub_report_dup_sendable (const char *json)
{
  return dup_short_text (json);
}

/**
 * ub_report_save:
 * @self: a report
 * @folder: where to; made if need be
 * @path: (out) (optional): the file
 * @error: FILE_WRITE
 *
 * Saves the report under a name made of time and port, so that several phones at once do not
 * collide.
 */
gboolean
ub_report_save (UbReport *self, const char *folder, char **path, GError **error)
{
  g_autofree char *json = dup_json (self);
  g_autofree char *stamp = g_date_time_format (self->time, "%Y%m%d-%H%M%S");
  g_autofree char *name = NULL;
  g_autofree char *file = NULL;
  g_autoptr (GError) error_local = NULL;

  name = g_strdup_printf ("%s-%06d-%s.json",
                          stamp,
                          g_date_time_get_microsecond (self->time),
                          self->phone != NULL ? ub_phone_info_get_port (self->phone) : "");
  g_strdelimit (name, "/", '_');
  file = g_build_filename (folder, name, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_WRITE, "%s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  if (!g_file_set_contents (file, json, -1, &error_local))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_FILE_WRITE, "%s: %s", file, error_local->message);
      return FALSE;
    }
  if (path != NULL)
    *path = g_steal_pointer (&file);
  return TRUE;
}

static void
ub_report_finalize (GObject *object)
{
  UbReport *self = UB_REPORT (object);

  g_clear_object (&self->plan);
  g_clear_object (&self->phone);
  g_clear_error (&self->error);
  g_free (self->failed_partition);
  g_free (self->trace);
  g_clear_object (&self->last);
  g_free (self->after);
  g_free (self->copy);
  g_free (self->can_go_on);
  g_strfreev (self->findings);
  g_date_time_unref (self->time);

  G_OBJECT_CLASS (ub_report_parent_class)->finalize (object);
}

static void
ub_report_class_init (UbReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_report_finalize;
}

static void
ub_report_init (UbReport *self)
{
}
